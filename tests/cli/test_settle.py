"""Several actions at once, and where values come from: with somebody who answers from a list."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ares import Ares
from ares.cli._approval import Settled, settle
from ares.cli._session import exit_code, strictest
from ares.core import Action, Origin, Outcome, Provenance, Source, Status
from ares.gate import Passage


class Scripted:
    """Somebody who reads everything and answers from a list; Ctrl-C where the list says so."""

    width = 100

    def __init__(self, *answers: str | type[KeyboardInterrupt] | None) -> None:
        self.answers = list(answers)
        self.seen = ""

    def write(self, text: str) -> None:
        self.seen += text

    def ask(self, question: str) -> str | None:
        self.seen += question
        answer = self.answers.pop(0)
        if isinstance(answer, type):
            raise answer
        return answer


@pytest.fixture
def me() -> Iterator[Ares]:
    with Ares.open() as opened:
        yield opened


def two_notes(me: Ares) -> list[Passage]:
    return [
        me.enter(me.action("notes.add", {"text": text}, origin=Origin.COMMAND), interactive=True)
        for text in ("one", "two")
    ]


def driven(me: Ares, settled: Settled) -> list[Outcome]:
    assert not settled.interrupted
    return me.drive(settled.passages, settled.approve, on_failure="continue")


@pytest.mark.parametrize(
    ("answers", "statuses"),
    [
        (["all"], ["ok", "ok"]),
        (["none"], ["denied", "denied"]),
        ([""], ["denied", "denied"]),
        ([None], ["denied", "denied"]),
        (["yes", "y", "what"], ["denied", "denied"]),
        (["one by one", "yes", "no"], ["ok", "denied"]),
        (["o", "no", "yes"], ["denied", "ok"]),
    ],
)
def test_several_actions_are_approved_together_or_one_by_one(
    me: Ares, answers: list[str | None], statuses: list[str]
) -> None:
    person = Scripted(*answers)
    outcomes = driven(me, settle(two_notes(me), person, me))
    assert [outcome.status for outcome in outcomes] == statuses
    assert not person.answers


def test_several_actions_are_shown_together_and_numbered_before_the_question(me: Ares) -> None:
    person = Scripted("none")
    settle(two_notes(me), person, me)
    before = person.seen[: person.seen.index("Do these 2? all / none / one by one [none]")]
    assert before.index("1. notes.add") < before.index('"one"') < before.index("2. notes.add")
    assert before.index("2. notes.add") < before.index('"two"')


def test_ctrl_c_half_way_keeps_no_yes_for_what_was_not_answered(me: Ares) -> None:
    settled = settle(two_notes(me), Scripted("one by one", "yes", KeyboardInterrupt), me)
    assert settled.interrupted
    assert [answer.yes for answer in settled.answers.values()] == [True, False]


def test_an_edited_action_keeps_its_place_among_the_others(me: Ares) -> None:
    person = Scripted("one by one", "edit", "three", "yes", "yes")
    outcomes = driven(me, settle(two_notes(me), person, me))
    assert [outcome.action.arguments["text"] for outcome in outcomes] == ["three", "two"]


@pytest.mark.parametrize(
    ("provenance", "words"),
    [
        (Provenance(Source.OWNER), None),
        (Provenance(Source.OWNER, said="milk"), None),
        (Provenance(Source.OWNER, said="half an hour"), 'read from "half an hour"'),
        (Provenance(Source.REGISTRY, said="my nas box"), 'resolved from "my nas box"'),
        (Provenance(Source.DEFAULT), "the default"),
        (Provenance(Source.MODEL), "the model's own value: you did not say it"),
        (Provenance(Source.FOREIGN, said="x\u202ey"), 'from text that is not yours from "x\\u202ey"'),
    ],
)
def test_a_value_says_where_it_comes_from_unless_it_was_said(
    me: Ares, provenance: Provenance, words: str | None
) -> None:
    action = Action(
        capability="notes.add",
        arguments={"text": "milk"},
        origin=Origin.SENTENCE,
        provenance={"text": provenance},
    )
    person = Scripted("no")
    settle([me.enter(action, interactive=True)], person, me)
    lines = [line.strip() for line in person.seen.split("\n")]
    after = lines[next(index for index, line in enumerate(lines) if line.startswith("text")) + 1]
    assert after == words if words else after.startswith("effect")


def test_a_capability_that_the_model_chose_says_so(me: Ares) -> None:
    action = Action(
        capability="notes.add",
        arguments={"text": "milk"},
        origin=Origin.SENTENCE,
        provenance={"text": Provenance(Source.OWNER)},
        choice=Source.MODEL,
    )
    person = Scripted("no")
    settle([me.enter(action, interactive=True)], person, me)
    assert "by the model, not by your words" in person.seen


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        ([], 0),
        (["ok", "ok"], 0),
        (["ok", "denied"], 11),
        (["failed", "ok"], 11),
        (["denied", "denied"], 4),
        (["failed", "denied"], 6),
        (["unknown"], 6),
    ],
)
def test_outcomes_come_to_one_exit_code(statuses: list[str], code: int) -> None:
    action = Action(capability="m.c", arguments={}, origin=Origin.COMMAND)
    assert exit_code([Outcome(action=action, status=Status(status)) for status in statuses]) == code


def test_the_strictest_decision_and_the_least_sure_verdict_stand_for_several(me: Ares) -> None:
    passages = [
        me.enter(me.action(name, arguments, origin=Origin.COMMAND), interactive=True)
        for name, arguments in (("system.uptime", {}), ("notes.add", {"text": "x"}))
    ]
    verdict, decision = strictest(passages)
    assert isinstance(verdict, dict)
    assert isinstance(decision, dict)
    assert decision["answer"] == "ask"
    assert verdict["confidence"] == min(each.proposal.verdict.confidence for each in passages)
    assert strictest([]) == (None, None)
