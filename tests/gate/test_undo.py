"""Undo is an action like any other, and takes back each action once."""

from __future__ import annotations

import pytest
from tests.gate.helpers import content, kinds, no, put, yes

from ares import Ares
from ares.core import Approval, Origin, Status
from ares.errors import NotFoundError, UsageError
from ares.gate import NeedExecute


def test_undo_takes_back_the_last_action_through_the_same_gate(me: Ares) -> None:
    put(me, "one")
    put(me, "two")
    outcome = me.undo(approve=yes)
    assert outcome.ok
    assert content(me) == "one"
    assert kinds(me, outcome.action.id) == ["proposal", "approval", "intent", "kept", "outcome"]


def test_undo_is_asked_about_like_everything_else(me: Ares) -> None:
    put(me, "one")
    put(me, "two")
    assert me.undo(approve=no).status is Status.DENIED
    assert content(me) == "two"


def test_an_action_is_taken_back_once(me: Ares) -> None:
    put(me, "one")
    outcome = me.perform("probe.set", text="two", approve=yes)
    assert me.undo(outcome.action.id, approve=yes).ok
    with pytest.raises(UsageError, match="taken back already"):
        me.undo(outcome.action.id, approve=yes)


def test_of_two_undos_asked_about_at_once_one_runs(me: Ares) -> None:
    put(me, "one")
    outcome = me.perform("probe.set", text="two", approve=yes)
    first, second = (me.enter(me.undoing(outcome.action.id), interactive=True) for _ in range(2))
    for passage in (first, second):
        passage.answer(Approval(True, "test"))
    # The first is at work, and what it does is not done yet.
    first.answer(Approval(True, "order"))
    assert isinstance(first.need, NeedExecute)
    (refused,) = me.drive([second], None)
    assert refused.status is Status.DENIED
    assert f"action {outcome.action.id} was taken back already, or is about to be" in refused.error
    assert "intent" not in kinds(me, refused.action.id)
    (done,) = me.drive([first], None)
    assert (done.status, content(me)) == (Status.OK, "one")


def test_an_undo_that_was_asked_about_before_another_was_done_does_not_run(me: Ares) -> None:
    put(me, "one")
    outcome = me.perform("probe.set", text="two", approve=yes)
    late = me.enter(me.undoing(outcome.action.id), interactive=True)
    assert me.undo(outcome.action.id, approve=yes).ok
    put(me, "three")
    (refused,) = me.drive([late], lambda needs: [Approval(True, "test")])
    assert (refused.status, content(me)) == (Status.DENIED, "three")
    assert "was taken back already" in refused.error


def test_an_undo_that_failed_or_was_taken_back_can_be_done_again(me: Ares) -> None:
    put(me, "one")
    outcome = me.perform("probe.set", text="two", approve=yes)
    assert me.undo(outcome.action.id, approve=no).status is Status.DENIED
    undone = me.undo(outcome.action.id, approve=yes)
    assert me.undo(undone.action.id, approve=yes).ok
    assert content(me) == "two"
    assert me.undo(outcome.action.id, approve=yes).ok
    assert content(me) == "one"


def test_there_may_be_nothing_to_undo(me: Ares) -> None:
    with pytest.raises(NotFoundError, match="nothing can be taken back"):
        me.undo(approve=yes)


def test_an_edited_undo_is_an_action_of_its_own(me: Ares) -> None:
    from ares.api import with_arguments

    put(me, "one")
    edited = with_arguments(me.undoing(), {"text": "other"})
    assert (edited.undoes, edited.origin) == ("", Origin.COMMAND)
