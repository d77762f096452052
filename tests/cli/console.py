"""The real command line for tests: in a subprocess, or in a pseudo-terminal with somebody in front of it."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from ares import Ares

ARES = (sys.executable, "-m", "ares")
PATIENCE = 60.0
"""Seconds after which a command that says nothing counts as stuck."""


@dataclass(frozen=True)
class Done:
    """What a command left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """stdout as the one JSON document it has to be."""
        return json.loads(self.out)


def environment() -> dict[str, str]:
    """Return this process's environment without what would hide that something was never flushed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


def ares(*arguments: str, stdin: str = "", environ: Mapping[str, str] | None = None) -> Done:
    """Run ``ares`` without a terminal, with ``stdin`` as its input."""
    done = subprocess.run(
        [*ARES, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env={**environment(), **(environ or {})},
        timeout=PATIENCE,
        start_new_session=True,
    )
    return Done(done.returncode, done.stdout, done.stderr)


class Console:
    """A command in a pseudo-terminal of its own."""

    def __init__(
        self,
        *arguments: str,
        command: Sequence[str] = ARES,
        columns: int = 80,
        stdin: Path | None = None,
        stdout: Path | None = None,
    ) -> None:
        self.text = ""
        self._end = 0
        self._code: int | None = None
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            _become([*command, *arguments], stdin, stdout)
        self.resize(columns)

    def __enter__(self) -> Console:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._code is None:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        if self._terminal >= 0:
            os.close(self._terminal)

    def expect(self, words: str) -> str:
        """Wait until ``words`` are on the screen after those expected before; return what led up to them."""
        while (found := self.text.find(words, self._end)) < 0:
            assert self._read(), f"{words!r} never came; the screen says:\n{self.text}"
        before, self._end = self.text[self._end : found], found + len(words)
        return before

    def send(self, keys: str) -> None:
        """Type ``keys``."""
        os.write(self._terminal, keys.encode())

    def resize(self, columns: int) -> None:
        """Make the window so wide."""
        termios.tcsetwinsize(self._terminal, (24, columns))

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to the command alone."""
        os.kill(self._pid, number)

    def hang_up(self) -> None:
        """Close the window."""
        os.close(self._terminal)
        self._terminal = -1

    def answer(self, question: str, line: str) -> str:
        """Wait for a question and answer it with a line; return what was shown before it."""
        shown = self.expect(question)
        self.send(line + "\n")
        return shown

    def finish(self) -> int:
        """Wait for the end and return the exit code."""
        while self._terminal >= 0 and self._read():
            pass
        _, status = os.waitpid(self._pid, 0)
        self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def _read(self) -> bool:
        """Read what comes next; False at the end."""
        ready, _, _ = select.select([self._terminal], [], [], PATIENCE)
        assert ready, f"the command is stuck; the screen says:\n{self.text}"
        try:
            data = os.read(self._terminal, 65536)
        except OSError:
            # Linux says so when the last process on the other side is gone.
            return False
        self.text += data.decode().replace("\r\n", "\n")
        return bool(data)


def _become(command: Sequence[str], stdin: Path | None, stdout: Path | None) -> None:
    """In the child: redirect and run the command. Does not return."""
    try:
        if stdin is not None:
            os.dup2(os.open(stdin, os.O_RDONLY), 0)
        if stdout is not None:
            os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)
        os.execve(command[0], list(command), environment())
    finally:
        os._exit(127)


def unwrapped(screen: str, label: str) -> str:
    """Return the text that follows ``label`` on a screen, with the line breaks of a hanging indent undone."""
    lines = screen.split("\n")
    first = next(index for index, line in enumerate(lines) if re.match(rf" *{re.escape(label)}  ", line))
    start = re.match(rf" *{re.escape(label)} +", lines[first])
    assert start is not None
    indent = start.end()
    text = lines[first][indent:]
    for line in lines[first + 1 :]:
        if line[:indent].strip() or not line[indent:]:
            break
        text += line[indent:]
    return text


def records(kind: str = "", capability: str = "") -> list[dict[str, Any]]:
    """Return the ledger's records, of one kind or one capability."""
    with Ares.open() as me:
        return [record._asdict() for record in me.ledger.records(kind=kind, capability=capability)]
