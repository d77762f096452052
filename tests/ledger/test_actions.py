"""What the ledger says happened to actions: how they ended, what is unfinished, what can be taken back."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.ledger.acting import act

from ares.core import Action, Json, Origin, Outcome, Status
from ares.errors import TamperError
from ares.ledger import Ledger, Statistics
from ares.store import Store


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return Ledger(store)


def test_statistics_count_how_actions_ended(ledger: Ledger) -> None:
    for status in (Status.OK, Status.OK, Status.OK, Status.FAILED, Status.UNKNOWN, Status.DENIED):
        last = act(ledger, status=status)
    act(ledger, "notes.delete", undoes=last)
    act(ledger, "files.read")
    assert ledger.statistics("notes.add") == Statistics(runs=5, ok=3, failed=1, unknown=1, denied=1, undone=1)
    assert ledger.statistics("files.read").runs == 1
    assert ledger.statistics("never.heard") == Statistics(0, 0, 0, 0, 0, 0)


def test_a_denial_because_nobody_could_be_asked_is_no_no_of_a_person(ledger: Ledger) -> None:
    action = Action(capability="notes.add", arguments={"text": "milk"}, origin=Origin.PYTHON)
    ledger.append("proposal", action.id, {"action": action.describe()})
    ledger.append("approval", action.id, {"yes": False, "by": "nobody", "note": "no terminal"})
    ledger.append("outcome", action.id, Outcome(action=action, status=Status.DENIED).describe())
    assert ledger.statistics("notes.add") == Statistics(0, 0, 0, 0, 0, 0)


def test_only_undos_that_worked_count_and_each_action_once(ledger: Ledger) -> None:
    first = act(ledger)
    act(ledger, "notes.delete", undoes=first, status=Status.FAILED)
    assert ledger.statistics("notes.add").undone == 0
    act(ledger, "notes.delete", undoes=first)
    act(ledger, "notes.delete", undoes=first)
    assert ledger.statistics("notes.add").undone == 1


@pytest.mark.parametrize("event", ["registered", "updated", "used"])
def test_what_ran_before_the_code_changed_is_not_counted_but_a_no_is(ledger: Ledger, event: str) -> None:
    first = act(ledger)
    act(ledger, status=Status.FAILED)
    act(ledger, status=Status.DENIED)
    act(ledger, "notes.delete", undoes=first)
    for module, other in (("notes", "configured"), ("files", event)):
        ledger.append("event", module, {"event": other})
    assert ledger.statistics("notes.add") == Statistics(runs=2, ok=1, failed=1, unknown=0, denied=1, undone=1)
    ledger.append("event", "notes", {"event": event})
    assert ledger.statistics("notes.add") == Statistics(runs=0, ok=0, failed=0, unknown=0, denied=1, undone=0)
    act(ledger)
    assert ledger.statistics("notes.add").ok == 1


def test_statistics_are_answered_from_an_index(store: Store, ledger: Ledger) -> None:
    asked: list[str] = []
    store.ledger.set_trace_callback(asked.append)
    ledger.statistics("notes.add")
    store.ledger.set_trace_callback(None)
    assert len(asked) == 3
    plan = [row["detail"] for query in asked for row in store.ledger.execute(f"EXPLAIN QUERY PLAN {query}")]
    assert any("USING COVERING INDEX idx_records_capability" in detail for detail in plan)
    assert not any(detail.startswith("SCAN") and "INDEX" not in detail for detail in plan)


def test_an_intent_without_an_outcome_is_unfinished(ledger: Ledger) -> None:
    act(ledger)
    ledger.append("intent", "a1", {"action": "a1", "pid": 42, "started": "99"})
    ledger.append("intent", "a2", {"action": "a2"})
    assert [(each.action_id, each.pid, each.started) for each in ledger.unfinished()] == [
        ("a1", 42, "99"),
        ("a2", 0, ""),
    ]
    ledger.append("outcome", "a1", {"status": "unknown"})
    assert [each.action_id for each in ledger.unfinished()] == ["a2"]
    ledger.erase(ledger.head().seq - 1)
    assert [each.pid for each in ledger.unfinished()] == [0]


def test_the_outcome_of_an_action_is_found_by_its_id(ledger: Ledger) -> None:
    action_id = act(ledger)
    outcome = ledger.outcome(action_id)
    assert outcome is not None
    assert isinstance(outcome.payload, dict)
    assert outcome.payload["status"] == "ok"
    assert ledger.outcome("a0") is None


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"pid":"x"}', b'{"pid":null}'])
def test_a_spoilt_intent_does_not_keep_anybody_from_starting(
    store: Store, ledger: Ledger, body: bytes
) -> None:
    ledger.append("intent", "a1", {"pid": 42, "started": "99"})
    store.ledger.execute("UPDATE payloads SET body = ?", (body,))
    assert [(each.action_id, each.pid) for each in ledger.unfinished()] == [("a1", 0)]


def test_reading_a_spoilt_payload_is_one_error_that_names_the_record(store: Store, ledger: Ledger) -> None:
    for _ in range(2):
        ledger.append("event", "m", {})
    store.ledger.execute("UPDATE payloads SET body = x'7b' WHERE seq = 2")
    records = ledger.records()
    assert next(records).seq == 1
    with pytest.raises(TamperError, match="record 2"):
        next(records)


UNDO: tuple[str, Mapping[str, Json]] = ("notes.delete", {"note": "1"})


def test_undoing_walks_back_over_what_can_be_taken_back(ledger: Ledger) -> None:
    assert ledger.undoable() is None
    first, second = act(ledger, undo=UNDO), act(ledger, undo=UNDO)
    act(ledger, "files.read")
    found = ledger.undoable()
    assert found is not None
    assert (found.action_id, found.capability, found.arguments) == (second, "notes.delete", {"note": "1"})
    assert (found.undone, found.summary) == (False, "done")
    undo = act(ledger, "notes.delete", undo=("notes.restore", {}), undoes=second)
    assert [each.action_id for each in ledger.undoables()] == [first]
    again = ledger.undoable(second)
    assert again is not None
    assert again.undone
    # Taking the undo back makes the action itself one that can be taken back again.
    act(ledger, "notes.restore", undoes=undo)
    assert [each.action_id for each in ledger.undoables()] == [second, first]
    assert [each.action_id for each in ledger.undoables(limit=1)] == [second]


def test_an_undo_that_failed_leaves_the_action_to_be_taken_back(ledger: Ledger) -> None:
    first = act(ledger, undo=UNDO)
    act(ledger, "notes.delete", undoes=first, status=Status.FAILED)
    assert [each.action_id for each in ledger.undoables()] == [first]


def test_an_action_that_says_it_undoes_itself_is_an_undo_like_any_other(ledger: Ledger) -> None:
    ledger.append("proposal", "a1", {"action": {"capability": "x", "undoes": "a1"}})
    ledger.append("outcome", "a1", {"status": "ok", "undo": {"capability": "x", "arguments": {}}})
    assert ledger.undoables() == []
    found = ledger.undoable("a1")
    assert found is not None
    assert not found.undone


def test_an_undo_without_arguments_is_none(ledger: Ledger) -> None:
    ledger.append("outcome", "a1", {"status": "ok", "undo": {"capability": "x"}})
    assert ledger.undoable("a1") is None


def test_what_cannot_be_taken_back_is_none(ledger: Ledger) -> None:
    assert ledger.undoable(act(ledger)) is None
    assert ledger.undoable("a0") is None
    erased = act(ledger, undo=UNDO)
    ledger.erase(ledger.head().seq)
    assert ledger.undoable(erased) is None
    assert ledger.undoables() == []


def test_many_undone_actions_do_not_hide_an_older_one(store: Store, ledger: Ledger) -> None:
    first = act(ledger, undo=UNDO)
    with ledger.batch() as batch:
        for number in range(600):
            batch.append(
                "outcome", f"b{number}", {"status": "ok", "undo": {"capability": "x", "arguments": {}}}
            )
            batch.append("proposal", f"u{number}", {"action": {"capability": "x", "undoes": f"b{number}"}})
            batch.append("outcome", f"u{number}", {"status": "ok"})
    found = ledger.undoable()
    assert found is not None
    assert found.action_id == first
