"""Being stopped: by Ctrl-C, by somebody who ends the process, by a terminal that is closed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

TERMINAL_CLOSED: Final = "the terminal was closed"

_MOMENT: Final = 0.2
"""Seconds that nobody takes for being stuck."""

_ENDINGS: Final = {signal.SIGTERM: "told to end", signal.SIGHUP: TERMINAL_CLOSED}


class Ended(KeyboardInterrupt):
    """Stop as after Ctrl-C, and ask or show nothing more. The text says why."""


def heed_endings() -> None:
    """From now on raise :class:`Ended` when this process is told to end, unless it was told not to mind."""
    for number in _ENDINGS:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    # Once is enough: a terminal that closes says so more than once, and finishing the record takes a moment.
    for each in _ENDINGS:
        signal.signal(each, signal.SIG_IGN)
    raise Ended(_ENDINGS[signal.Signals(number)])


@contextmanager
def held_back() -> Iterator[Callable[[], bool]]:
    """Hold back what would stop the process; give what says whether something did.

    For what must not be left half done, and for C code that calls back into Python, where an exception would
    be lost. What came is handled at the end, as if it came then. Other threads than the main one are never
    stopped.
    """
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)

    # What has no handler in Python ends the process or does nothing, whatever runs.
    found = {number: signal.getsignal(number) for number in (signal.SIGINT, *_ENDINGS)}
    mine = threading.current_thread() is threading.main_thread()
    before = {number: handler for number, handler in found.items() if mine and callable(handler)}
    try:
        for number in before:
            signal.signal(number, note)
        yield lambda: bool(came)
    finally:
        # Ctrl-C last: another one, handled as soon as it can be, would leave the rest as it is.
        for number, handler in reversed(before.items()):
            # An ending that was heeded meanwhile is to be ignored from then on.
            if signal.getsignal(number) is note:
                signal.signal(number, handler)
        # Endings first: what they raise says more than Ctrl-C does, and is the last that counts.
        for one in sorted(dict.fromkeys(came), key=_ENDINGS.__contains__, reverse=True):
            signal.raise_signal(one)


@contextmanager
def heard_soon() -> Iterator[None]:
    """See to it that what stops the process is heard soon, also while C code waits for somebody to type.

    Python handles a signal when the system call that waits is cut short. One that came right before the call
    is heard only after it, so here an alarm cuts it short again and again. For the main thread alone.
    """
    before = signal.signal(signal.SIGALRM, lambda number, frame: None)
    try:
        signal.setitimer(signal.ITIMER_REAL, _MOMENT, _MOMENT)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
