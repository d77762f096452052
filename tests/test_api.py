from __future__ import annotations

import threading

from ares import Ares
from ares.errors import AresError, UsageError


def test_closing_from_another_thread_is_refused_and_takes_nothing_apart() -> None:
    with Ares.open() as me:
        raised: list[AresError] = []

        def close() -> None:
            try:
                me.close()
            except AresError as error:
                raised.append(error)

        thread = threading.Thread(target=close)
        thread.start()
        thread.join()
        assert [type(error) for error in raised] == [UsageError]
        assert "call ares.Ares.open() in each thread" in str(raised[0])
        store = me.store
        assert me.perform("system.uptime").ok
        assert me.store is store
    me.close()
