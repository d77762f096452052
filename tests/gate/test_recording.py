"""What is said when something was done and the record of it cannot be written."""

from __future__ import annotations

import pytest
from tests.gate.helpers import content, field, kinds, records

from ares import Ares
from ares.core import Approval, Json
from ares.errors import StoreError
from ares.gate import Executed, NeedExecute, _drive
from ares.runtime import Runtime


def fill_the_disk(me: Ares, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the ledger no room from when something was run."""
    real = _drive.execute

    def executing(need: NeedExecute, executor: Runtime) -> Executed:
        done = real(need, executor)
        if need.step == "run":
            (pages,) = me.store.ledger.execute("PRAGMA page_count").fetchone()
            me.store.ledger.execute(f"PRAGMA max_page_count = {pages}")
        return done

    monkeypatch.setattr(_drive, "execute", executing)


def refuse_to_record(me: Ares, *unwanted: str) -> None:
    me.store.ledger.execute(
        f"CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.records WHEN new.kind IN {(*unwanted, '')}"
        " BEGIN SELECT RAISE(ABORT, 'no'); END"
    )


def test_what_was_run_and_cannot_be_recorded_is_not_taken_for_undone(
    me: Ares, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "a" * 50_000
    passages = [me.enter(me.action("probe.set", {"text": each}), interactive=True) for each in (text, "b")]
    fill_the_disk(me, monkeypatch)
    with pytest.raises(StoreError) as caught:
        me.drive(passages, lambda needs: [Approval(True, "test")] * len(needs))
    said = str(caught.value)
    assert said.startswith("probe.set was run, and what came of it could not be recorded: ")
    assert "ledger.db cannot grow: the disk is full; free some space; look at what it did before you" in said
    assert said.endswith("`ares status` will show it as unknown")
    assert "\n" not in said
    assert content(me) == text
    first, second = (passage.proposal.action.id for passage in passages)
    assert kinds(me, first) == ["proposal", "approval", "intent", "kept"]
    assert field(records(me, second)[-1].payload, "error") == f"not reached: {said}"
    assert [left.action_id for left in me.ledger.unfinished()] == [first]


@pytest.mark.parametrize(
    ("capability", "arguments", "unwanted", "said"),
    [
        (
            "probe.set",
            {"text": "x"},
            ["outcome"],
            r"^probe\.set was run, and what came of it could not be rec",
        ),
        ("probe.crash", {}, ["outcome"], r"^probe\.crash may have been run, and what came"),
        ("probe.crash", {"how": "interrupt"}, ["outcome"], r"^probe\.crash may have been run, and what came"),
        ("probe.set", {"text": "x"}, ["kept", "outcome"], r"^\S+/ledger\.db: no$"),
        ("probe.set", {"text": "x"}, ["intent", "outcome"], r"^\S+/ledger\.db: no$"),
    ],
)
def test_what_cannot_be_recorded_is_called_run_only_when_it_may_have_been(
    me: Ares, capability: str, arguments: dict[str, Json], unwanted: list[str], said: str
) -> None:
    calls = ((capability, arguments), ("probe.set", {"text": "later"}))
    passages = [me.enter(me.action(*call), interactive=True) for call in calls]
    refuse_to_record(me, *unwanted)
    with pytest.raises(StoreError, match=said):
        me.drive(passages, lambda needs: [Approval(True, "test")] * len(needs))
    assert content(me) == ("x" if "was run" in said else None)
