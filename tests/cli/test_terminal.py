"""The terminal that questions are asked in."""

from __future__ import annotations

import os
import pty
import termios

import pytest

from ares.cli._terminal import Terminal


def test_a_terminal_that_nobody_gave_a_size_is_as_wide_as_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    master, mine = pty.openpty()
    try:
        assert Terminal(mine).width == 100
        termios.tcsetwinsize(mine, (24, 72))
        assert Terminal(mine).width == 72
    finally:
        os.close(master)
        os.close(mine)
