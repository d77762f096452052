"""The terminal itself: what is asked here is answered by the person in front of it, or not at all."""

from __future__ import annotations

import os
import select
import shutil
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final

from ares.errors import DeniedError
from ares.interrupts import TERMINAL_CLOSED

PASTE_SECONDS: Final = 0.05
"""Lines that follow one another faster than this are not typed."""


class Terminal:
    """An open controlling terminal. Use :meth:`find`; close it, or use it in a ``with`` statement.

    Showing something or asking raises :class:`~ares.errors.DeniedError` once the terminal is gone: nobody can
    say yes there any more.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def find(cls) -> Terminal | None:
        """Return the terminal when somebody can be asked in it, else None.

        Nobody can when there is none, when it belongs to another job (asking would stop this process until
        somebody notices), and when stdin is redirected: who writes ``</dev/null`` wants no questions, and
        what comes through a pipe is no answer of a person.
        """
        try:
            if not os.isatty(sys.stdin.fileno()):
                return None
            descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        except (OSError, ValueError, AttributeError):
            return None
        if os.tcgetpgrp(descriptor) != os.getpgrp():
            os.close(descriptor)
            return None
        return cls(descriptor)

    def close(self) -> None:
        """Close it."""
        os.close(self._descriptor)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def width(self) -> int:
        """How many columns there are."""
        try:
            columns = os.get_terminal_size(self._descriptor).columns
        except OSError:
            columns = 0
        # A pseudo-terminal that nobody gave a size says 0.
        return max(columns or shutil.get_terminal_size().columns, 20)

    def write(self, text: str) -> None:
        """Write text, which must hold nothing but plain characters and line ends."""
        data = text.encode("utf-8", "backslashreplace")
        with _there():
            while data:
                data = data[os.write(self._descriptor, data) :]

    def ask(self, question: str) -> str | None:
        """Ask and return what is typed from now on, up to Enter; None at the end of input without it.

        What was typed before the question stood there is thrown away: it answers something else. Lines that
        come together, as when they are pasted, are one answer of several lines.
        """
        with _there():
            termios.tcflush(self._descriptor, termios.TCIFLUSH)
            self.write(question)
            return self._typed()

    def _typed(self) -> str | None:
        line = b""
        while not line.endswith(b"\n") or self._has_more(PASTE_SECONDS):
            # Not one long wait: a Ctrl-C that comes right before it would be heard after it.
            while not self._has_more(1.0):
                pass
            # A terminal hands over a line at a time, however long the read may be.
            piece = os.read(self._descriptor, 65536)
            if not piece:
                self.write("\n")
                return None
            line += piece
        return line.decode("utf-8", "replace").removesuffix("\n")

    def _has_more(self, seconds: float) -> bool:
        """Wait for something to read; whether there is."""
        return bool(select.select([self._descriptor], [], [], seconds)[0])


@contextmanager
def _there() -> Iterator[None]:
    try:
        yield
    except (OSError, termios.error) as error:
        raise DeniedError(f"{TERMINAL_CLOSED} ({os.strerror(error.args[0])}), so nothing was done") from error
