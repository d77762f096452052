from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ares.interrupts import Ended, heard_soon, heed_endings, held_back

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def heeded() -> Iterator[list[Any]]:
    """What handles each of ``STOPS`` in a process that heeds its endings."""
    before = [signal.getsignal(number) for number in STOPS]
    heed_endings()
    yield [signal.getsignal(number) for number in STOPS]
    for number, handler in zip(STOPS, before, strict=True):
        signal.signal(number, handler)


@contextmanager
def setting(number: signal.Signals, coming: list[signal.Signals]) -> Iterator[None]:
    """Let the next of ``coming`` come each time the handler of ``number`` is set."""
    real = signal.signal

    def strike(which: int, handler: Any) -> Any:
        before = real(which, handler)
        if which == number and coming:
            signal.raise_signal(coming.pop())
        return before

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signal, "signal", strike)
        yield


def test_what_came_meanwhile_is_handled_at_the_end() -> None:
    seen = []

    def work() -> None:
        with held_back() as stopped:
            seen.append(stopped())
            signal.raise_signal(signal.SIGINT)
            seen.append(stopped())

    with pytest.raises(KeyboardInterrupt):
        work()
    assert seen == [False, True]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_ends_the_process_or_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with held_back() as stopped:
            signal.raise_signal(signal.SIGHUP)
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
            assert not stopped()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_another_thread_can_load_a_model_too() -> None:
    done: list[bool] = []

    def work() -> None:
        with held_back() as stopped:
            done.append(stopped())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [False]


@pytest.mark.parametrize("came", [(signal.SIGINT, signal.SIGTERM), (signal.SIGTERM, signal.SIGINT)])
def test_an_ending_counts_more_than_ctrl_c(heeded: list[Any], came: tuple[signal.Signals, ...]) -> None:
    def work() -> None:
        with held_back():
            for number in came:
                signal.raise_signal(number)

    with pytest.raises(Ended, match="told to end"):
        work()


def test_everything_that_came_is_handed_to_handlers_that_return() -> None:
    seen: list[int] = []
    before = [signal.signal(number, lambda which, frame: seen.append(which)) for number in STOPS]
    try:
        with held_back():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.raise_signal(number)
            assert not seen
    finally:
        for number, handler in zip(STOPS, before, strict=True):
            signal.signal(number, handler)
    assert seen == [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]


def test_ctrl_c_at_the_very_end_leaves_no_ending_held_back(heeded: list[Any]) -> None:
    def work() -> None:
        # One comes when Ctrl-C is held back, the other as soon as it is not any more.
        with setting(signal.SIGINT, [signal.SIGINT, signal.SIGINT]), held_back():
            pass

    with pytest.raises(KeyboardInterrupt):
        work()
    assert [signal.getsignal(number) for number in STOPS] == heeded


def test_an_ending_at_the_very_beginning_is_heeded_once_and_holds_nothing_back(heeded: list[Any]) -> None:
    def work() -> None:
        with setting(signal.SIGINT, [signal.SIGHUP]), held_back():
            pytest.fail("it began")

    with pytest.raises(Ended):
        work()
    expected = [signal.default_int_handler, signal.SIG_IGN, signal.SIG_IGN]
    assert [signal.getsignal(number) for number in STOPS] == expected


WAITING = """
import ctypes, select, signal
from functools import partial
from ares.interrupts import heard_soon

class Input:
    # Asked for its number right before the wait, it sends Ctrl-C and says 0, which is stdin.
    fileno = partial(ctypes.CDLL(None)["raise"], signal.SIGINT)

with heard_soon():
    select.select([Input()], [], [])
"""


def test_ctrl_c_right_before_c_code_waits_is_heard() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            assert process.wait(20) == -signal.SIGINT
        finally:
            process.kill()


def test_nothing_rings_after_the_wait() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with heard_soon():
        assert signal.getitimer(signal.ITIMER_REAL)[1] > 0
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) is before
