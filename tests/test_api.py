from __future__ import annotations

import threading

import pytest
from tests.store.unprivileged import refuse_to_commit

from ares import Ares
from ares.errors import AresError, StoreError, UsageError


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


RULE = "- {id: mine, answer: deny, reason: r, when: {capability: [notes.add]}}\n"


@pytest.mark.parametrize("before", ["", "rules:\n"])
def test_a_rule_that_cannot_be_recorded_is_not_in_force(before: str) -> None:
    with Ares.open() as me:
        file = me.paths.policy_d / "mine.yaml"
        if before:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(before)
        refuse_to_commit(me.store.ledger)
        with pytest.raises(StoreError):
            me.write_rules(file, RULE, ref="notes")
        assert (file.read_text() if file.exists() else "") == before
        assert list(me.ledger.records(kind="policy")) == []
