from __future__ import annotations

import signal
import threading

import pytest

from ares.interrupts import held_back


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
