"""Several actions at once, and where values come from: with somebody who answers from a list."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.cli.console import unwrapped

from ares import Ares
from ares.cli import _session
from ares.cli._approval import Settled, settle
from ares.cli._session import act, exit_code, strictest
from ares.cli._terminal import Terminal
from ares.core import Action, Json, Origin, Outcome, Provenance, Source, Status
from ares.errors import DeniedError
from ares.gate import Passage
from ares.interrupts import Ended


class Scripted:
    """Somebody who reads everything and answers from a list; what is an exception there is raised."""

    width = 100

    def __init__(self, *answers: str | BaseException | None) -> None:
        self.answers = list(answers)
        self.seen = ""

    def write(self, text: str) -> None:
        self.seen += text

    def ask(self, question: str) -> str | None:
        self.seen += question
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
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


UPTIME: tuple[str, dict[str, Json]] = ("system.uptime", {})
SHUT = ("files.read", {"path": "ares/ledger.db"})
"""Denied by the policy: it belongs to ARES itself."""


def note(text: str) -> tuple[str, dict[str, Json]]:
    return "notes.add", {"text": text}


def sentence(me: Ares, *calls: tuple[str, Mapping[str, Json]]) -> list[Passage]:
    """Bring calls to the gate as those of one sentence."""
    os.chdir(me.paths.home.parent)
    actions = [me.action(name, arguments, origin=Origin.COMMAND) for name, arguments in calls]
    return me.enter_all(actions, interactive=True)


@pytest.mark.parametrize(
    ("answers", "statuses"),
    [
        (["all"], ["ok", "ok", "ok"]),
        (["none"], ["denied"] * 3),
        ([""], ["denied"] * 3),
        ([None], ["denied"] * 3),
        (["what", "yes", "sure"], ["denied"] * 3),
        (["one by one", "yes"], ["ok", "ok", "ok"]),
        (["one by one", "no"], ["ok", "denied", "ok"]),
    ],
)
@pytest.mark.parametrize("on_failure", ["stop", "continue"])
def test_what_runs_unasked_is_shown_with_what_is_asked_and_wanted_or_not_with_it(
    me: Ares, answers: list[str | None], statuses: list[str], on_failure: str
) -> None:
    person = Scripted(*answers)
    settled = settle(sentence(me, UPTIME, note("one"), UPTIME), person, me, on_failure=on_failure)
    outcomes = me.drive(settled.passages, settled.approve, on_failure=on_failure)
    assert [outcome.status for outcome in outcomes] == statuses
    assert not person.answers
    shown = person.seen[: person.seen.index("Do these 3? all / none / one by one [none]")]
    order = ["1. system.uptime", "unasked", "2. notes.add", "asked", "3. system.uptime", "unasked"]
    places = [shown.index(order[0])]
    for word in order[1:]:
        places.append(shown.index(word, places[-1] + 1))
    assert "runs without a question: " in shown


def test_what_none_leaves_undone_is_recorded_so(me: Ares) -> None:
    settled = settle(sentence(me, UPTIME, note("one")), Scripted("none"), me)
    assert [each.outcome.error for each in settled.passages if each.outcome] == ["none of them"] * 2
    assert [record.payload for record in me.ledger.records(kind="approval")] == [
        {"yes": False, "by": "terminal", "note": "none of them"}
    ]
    assert not list(me.ledger.records(kind="intent"))


def test_a_sentence_of_which_nothing_needs_asking_is_not_shown(me: Ares) -> None:
    person = Scripted()
    settled = settle(sentence(me, UPTIME, SHUT, UPTIME), person, me)
    assert person.seen == ""
    outcomes = me.drive(settled.passages, settled.approve)
    assert [outcome.status for outcome in outcomes] == ["ok", "denied", "denied"]


def test_what_is_denied_is_shown_in_its_place_with_the_reason(me: Ares) -> None:
    person = Scripted("all")
    person.width = 1000
    settled = settle(sentence(me, note("one"), SHUT, note("two")), person, me, on_failure="continue")
    shown = person.seen[: person.seen.index("Do these 2? all / none / one by one [none]")]
    assert shown.index("1. notes.add") < shown.index("2. files.read") < shown.index("3. notes.add")
    denied = shown[shown.index("2. files.read") : shown.index("3. notes.add")]
    assert "belongs to ARES itself" in unwrapped(denied, "denied")
    assert [outcome.status for outcome in driven(me, settled)] == ["ok", "denied", "ok"]


def test_what_cannot_be_reached_is_not_asked_about(me: Ares) -> None:
    person = Scripted("yes")
    settled = settle(sentence(me, note("one"), SHUT, note("two")), person, me)
    shown = person.seen[: person.seen.index("Do it? ")]
    assert "Do these" not in person.seen
    assert re.search(r"3\. notes.add(.|\n)*\n  denied  +not reached: files.read before it was denied", shown)
    outcomes = me.drive(settled.passages, settled.approve)
    assert [outcome.status for outcome in outcomes] == ["ok", "denied", "denied"]
    assert outcomes[2].error == "not reached: files.read before it was denied"
    answers = {each.ref: each.payload for each in me.ledger.records(kind="approval")}
    assert answers[outcomes[2].action.id] == {"yes": False, "by": "nobody", "note": outcomes[2].error}


def test_nothing_is_asked_after_a_denied_action_that_comes_first(me: Ares) -> None:
    person = Scripted()
    settled = settle(sentence(me, SHUT, note("one"), UPTIME), person, me)
    assert person.seen == ""
    assert [each.outcome.error for each in settled.passages[1:] if each.outcome] == [
        "not reached: files.read before it was denied"
    ] * 2


def test_what_an_edit_keeps_from_being_reached_is_not_asked_about(me: Ares) -> None:
    Path("mine.txt").write_text("mine")
    delete = ("files.delete", {"path": str(Path.cwd() / "mine.txt")})
    person = Scripted("one by one", "edit", str(me.paths.ledger_db))
    settled = settle(sentence(me, delete, note("one")), person, me)
    assert [each.outcome.status for each in settled.passages if each.outcome] == ["denied"] * 2
    assert not person.answers


@pytest.mark.parametrize(
    ("error", "raised", "note"),
    [
        (KeyboardInterrupt(), KeyboardInterrupt, "interrupted with Ctrl-C"),
        (Ended("told to end"), Ended, "told to end"),
        (DeniedError("the terminal was closed"), DeniedError, "the terminal was closed"),
        (RuntimeError("no idea"), RuntimeError, "asking failed: no idea"),
    ],
)
def test_what_ends_the_asking_half_way_is_a_no_to_all_of_them(
    me: Ares, error: BaseException, raised: type[BaseException], note: str
) -> None:
    passages = [me.enter(me.action("system.uptime", {})), *two_notes(me)]
    with pytest.raises(raised):
        settle(passages, Scripted("one by one", "yes", error), me)
    assert [passage.outcome.status for passage in passages if passage.outcome] == ["denied"] * 3
    answers = [record.payload for record in me.ledger.records(kind="approval")]
    assert answers == [{"yes": False, "by": "terminal", "note": note}] * 2
    assert not list(me.ledger.records(kind="intent"))


class Closing(Scripted):
    """A terminal in which Ctrl-C is pressed when everything is answered."""

    def __enter__(self) -> Closing:
        return self

    def __exit__(self, *error: object) -> None:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("error", "why"), [(Ended("told to end"), "interrupted"), (OSError("no room"), "not reached: no room")]
)
def test_what_stops_the_showing_is_a_recorded_no(
    me: Ares, monkeypatch: pytest.MonkeyPatch, error: BaseException, why: str
) -> None:
    def show(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(Terminal, "find", lambda: None)
    monkeypatch.setattr(_session, "show_work", show)
    with pytest.raises(type(error)):
        act(me, [me.action("system.uptime", {}), me.action("system.uptime", {})])
    ends = [record.payload for record in me.ledger.records(kind="outcome")]
    assert [(end["status"], end["error"]) for end in ends if isinstance(end, dict)] == [("denied", why)] * 2


def test_ctrl_c_right_after_the_answers_is_a_recorded_no(me: Ares, monkeypatch: pytest.MonkeyPatch) -> None:
    person = Closing("one by one", "edit", "three", "yes", "yes")
    monkeypatch.setattr(Terminal, "find", lambda: person)
    with pytest.raises(KeyboardInterrupt):
        act(me, [me.action("notes.add", {"text": text}, origin=Origin.COMMAND) for text in ("one", "two")])
    assert not person.answers
    ends = [record.payload for record in me.ledger.records(kind="outcome")]
    assert [end["status"] for end in ends if isinstance(end, dict)] == ["denied"] * 3
    assert not list(me.ledger.records(kind="intent"))


def test_an_edit_that_was_cut_short_leaves_no_action_without_an_end(me: Ares) -> None:
    with pytest.raises(KeyboardInterrupt):
        settle(two_notes(me), Scripted("one by one", "edit", "three", KeyboardInterrupt()), me)
    outcomes = [record.payload for record in me.ledger.records(kind="outcome")]
    assert len(outcomes) == len(list(me.ledger.records(kind="proposal"))) == 3
    assert {outcome["status"] for outcome in outcomes if isinstance(outcome, dict)} == {"denied"}


def test_a_rule_that_cannot_be_written_is_told_and_leaves_the_question_open(me: Ares) -> None:
    person = Scripted("always", "yes", "no")
    passages = [me.enter(me.action("notes.add", {"text": "one"}, origin=Origin.COMMAND), interactive=True)]
    me.paths.policy_d.mkdir(parents=True)
    (me.paths.policy_d / "always.yaml").write_text("rules: [what is this]\n")
    settled = settle(passages, person, me)
    assert "always.yaml" in person.seen
    assert [answer.yes for answer in settled.answers.values()] == [False]


@pytest.mark.parametrize("spoilt", ["policy.d", "record"])
def test_a_rule_that_is_not_written_is_no_closed_terminal(me: Ares, spoilt: str) -> None:
    person = Scripted("always", "yes", "no")
    passages = [me.enter(me.action("notes.add", {"text": "one"}, origin=Origin.COMMAND), interactive=True)]
    file = me.paths.policy_d / "always.yaml"
    if spoilt == "record":
        me.store.ledger.execute(
            "CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.records WHEN new.kind = 'policy'"
            " BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    else:
        shutil.rmtree(me.paths.policy_d, ignore_errors=True)
        me.paths.policy_d.symlink_to("/proc/self/fdinfo")
    settled = settle(passages, person, me)
    assert ("no rule was written" if spoilt == "policy.d" else "ledger.db") in person.seen
    assert [(answer.yes, answer.note) for answer in settled.answers.values()] == [(False, "")]
    assert not file.exists()


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
