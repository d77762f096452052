"""Standard output, kept for what ARES answers."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_kept: Final[list[bool]] = []


def keep_stdout() -> None:
    """Keep the standard output of this process for ARES: it is a program of its own, and nobody else's."""
    _kept.append(True)


@contextmanager
def stdout_apart() -> Iterator[None]:
    """While foreign code runs, lead what is written to the descriptor of standard output, as child processes
    do, to standard error. In a process that is not ARES's own, and beside the main thread, it does nothing:
    the descriptor is everybody's.
    """
    if not _kept or threading.current_thread() is not threading.main_thread():
        yield
        return
    kept = -1
    try:
        # Inside, for Ctrl-C may come between any two lines.
        with suppress(OSError):
            kept = os.dup(1)
            os.dup2(2, 1)
        yield
    finally:
        if kept >= 0:
            os.dup2(kept, 1)
            os.close(kept)
