from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.gate.helpers import allow, content, field, kinds, no, put, records, yes

from ares import Ares
from ares.core import Action, Answer, Approval, Json, Origin, Provenance, Source, Status
from ares.errors import ArgumentError, GrantError, NotFoundError, UsageError
from ares.gate import (
    Executed,
    NeedApproval,
    NeedExecute,
    NeedStart,
    Passage,
    Proposal,
    _drive,
    abandon,
    drive,
)
from ares.interrupts import held_back
from ares.runtime import Runtime


def test_the_five_steps_are_on_record_before_anybody_is_asked(me: Ares) -> None:
    seen: list[Json] = []

    def look(proposal: Proposal) -> bool:
        seen.extend(record.payload for record in records(me, proposal.action.id))
        return False

    me.perform("probe.set", text="x", approve=look)
    assert len(seen) == 1
    steps = field(seen[0], "verdict", "steps")
    assert isinstance(steps, list)
    assert [field(step, "name") for step in steps] == [
        "challenge",
        "simplify",
        "validate",
        "explain",
        "confidence",
    ]


def test_a_denied_action_is_judged_and_recorded_too(me: Ares) -> None:
    outcome = me.perform("files.read", path=str(me.paths.ledger_db))
    assert outcome.status is Status.DENIED
    assert kinds(me, outcome.action.id) == ["proposal", "outcome"]
    proposal = records(me, outcome.action.id)[0].payload
    assert field(proposal, "decision", "answer") == "deny"
    assert len(field(proposal, "verdict", "steps")) == 5  # type: ignore[arg-type]


def test_a_yes_runs_it_once_and_reads_it_back(me: Ares) -> None:
    outcome = me.perform("probe.set", text="hello", approve=yes)
    assert (outcome.status, outcome.verified, outcome.summary) == (Status.OK, True, "it says hello")
    assert content(me) == "hello"
    assert kinds(me, outcome.action.id) == ["proposal", "approval", "intent", "kept", "outcome"]


def test_a_no_changes_nothing_and_is_on_record(me: Ares) -> None:
    put(me, "before")
    outcome = me.perform("probe.set", text="after", approve=no)
    assert outcome.status is Status.DENIED
    assert content(me) == "before"
    assert kinds(me, outcome.action.id) == ["proposal", "approval", "outcome"]


def test_nobody_there_is_a_no(me: Ares) -> None:
    outcome = me.perform("probe.set", text="x")
    assert outcome.status is Status.DENIED
    assert "nobody can be asked" in outcome.error
    assert content(me) is None


def test_an_allow_rule_lets_a_reversible_write_run_unasked_once_it_has_a_record(me: Ares) -> None:
    allow(me)
    first = me.perform("probe.set", text="1")
    assert first.status is Status.DENIED
    for text in ("2", "3", "4", "5"):
        put(me, text)
    assert me.perform("probe.set", text="6").ok


def test_destroying_asks_whatever_the_rules_and_the_record_say(me: Ares) -> None:
    allow(me)
    for _ in range(6):
        put(me, "x")
        assert me.perform("probe.destroy", approve=yes).ok
    put(me, "precious")
    asked: list[Proposal] = []

    def refuse(proposal: Proposal) -> bool:
        asked.append(proposal)
        return False

    outcome = me.perform("probe.destroy", approve=refuse)
    assert [proposal.decision.answer for proposal in asked] == [Answer.ALLOW]
    assert (outcome.status, content(me)) == (Status.DENIED, "precious")


def test_a_lie_is_a_failure(me: Ares) -> None:
    put(me, "truth")
    outcome = me.perform("probe.lie", text="something else", approve=yes)
    assert (outcome.status, outcome.verified) == (Status.FAILED, False)
    assert "reading back shows otherwise: the file says it (truth)" in outcome.error


def test_what_a_module_raises_is_a_failed_outcome_in_one_line(me: Ares) -> None:
    outcome = me.perform("probe.crash", approve=yes)
    assert outcome.status is Status.FAILED
    assert "two" in outcome.error
    assert "\n" not in outcome.error


def test_an_interrupt_while_running_leaves_the_action_unknown(me: Ares) -> None:
    action = me.action("probe.crash", {"how": "interrupt"})
    passage = me.enter(action, interactive=True)
    with pytest.raises(KeyboardInterrupt):
        me.drive([passage], lambda needs: [Approval(True, "test")] * len(needs))
    assert passage.outcome is not None
    assert passage.outcome.status is Status.UNKNOWN
    assert kinds(me, action.id)[-1] == "outcome"


@pytest.mark.parametrize(
    ("at", "after", "status", "error"),
    [
        ("judge", "intent", Status.FAILED, "keep: interrupted"),
        ("keep", "begun", Status.FAILED, "keep: interrupted"),
        ("keep", "done", Status.FAILED, "interrupted"),
        ("run", "begun", Status.UNKNOWN, "interrupted"),
        ("run", "done", Status.UNKNOWN, "verify: interrupted"),
        ("verify", "begun", Status.UNKNOWN, "verify: interrupted"),
        ("verify", "done", Status.OK, ""),
    ],
)
def test_ctrl_c_around_each_step_leaves_an_outcome_that_says_how_far_it_came(
    me: Ares, monkeypatch: pytest.MonkeyPatch, at: str, after: str, status: Status, error: str
) -> None:
    put(me, "before")
    passage = me.enter(me.action("probe.set", {"text": "after"}), interactive=True)
    _stop_at(monkeypatch, passage, at, after)
    with pytest.raises(KeyboardInterrupt):
        me.drive([passage], lambda needs: [Approval(True, "test")] * len(needs))
    outcome = passage.outcome
    assert outcome is not None
    assert (outcome.status, outcome.error) == (status, error)
    kept = ["kept"] if at in ("run", "verify") or (at, after) == ("keep", "done") else []
    assert kinds(me, passage.proposal.action.id) == ["proposal", "approval", "intent", *kept, "outcome"]
    ran = at == "verify" or (at, after) == ("run", "done")
    assert content(me) == ("after" if ran else "before")
    can_be_undone = ran or status is Status.UNKNOWN
    assert outcome.undo == (("probe.set", {"text": "before"}) if can_be_undone else None)
    assert outcome.result == ({"text": "after"} if ran else None)


def _stop_at(monkeypatch: pytest.MonkeyPatch, passage: Passage, at: str, after: str) -> None:
    """Send Ctrl-C when a step was begun, or while the passage takes the answer to it."""
    real_execute, real_advance = _drive.execute, Passage._advance

    def executing(need: NeedExecute, executor: Runtime) -> Executed:
        if (need.step, "begun") == (at, after):
            signal.raise_signal(signal.SIGINT)
        return real_execute(need, executor)

    def advancing(self: Passage, answer: Approval | Executed | None) -> None:
        need = self.need
        step = need.step if isinstance(need, NeedExecute) else "judge"
        now = step == at and after != "begun" and not isinstance(need, NeedApproval)
        with held_back():
            if now:
                signal.raise_signal(signal.SIGINT)
            real_advance(self, answer)

    monkeypatch.setattr(_drive, "execute", executing)
    monkeypatch.setattr(Passage, "_advance", advancing)


def test_ctrl_c_before_a_step_that_keeps_nothing_is_a_failure(
    me: Ares, monkeypatch: pytest.MonkeyPatch
) -> None:
    passage = me.enter(me.action("probe.crash", {}), interactive=True)
    _stop_at(monkeypatch, passage, "judge", "intent")
    with pytest.raises(KeyboardInterrupt):
        me.drive([passage], lambda needs: [Approval(True, "test")] * len(needs))
    assert passage.outcome is not None
    assert (passage.outcome.status, passage.outcome.error) == (Status.FAILED, "interrupted")


def test_ctrl_c_again_while_the_rest_is_refused_leaves_none_without_an_end(me: Ares) -> None:
    passages = [me.enter(me.action("probe.set", {"text": text}), interactive=True) for text in "abc"]

    def each() -> Iterator[Passage]:
        for passage in passages:
            signal.raise_signal(signal.SIGINT)
            yield passage

    with pytest.raises(KeyboardInterrupt):
        abandon(each(), "interrupted")
    assert [passage.outcome.status for passage in passages if passage.outcome] == [Status.DENIED] * 3


def test_an_interrupt_while_asking_is_a_no_to_all_that_wait(me: Ares) -> None:
    passages = [me.enter(me.action("probe.set", {"text": text}), interactive=True) for text in "ab"]

    def interrupt(needs: Sequence[NeedApproval]) -> list[Approval]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        me.drive(passages, interrupt)
    for passage in passages:
        assert passage.outcome is not None
        assert passage.outcome.status is Status.DENIED
        assert kinds(me, passage.outcome.action.id) == ["proposal", "approval", "outcome"]
    assert content(me) is None


def test_a_process_killed_while_running_leaves_unknown_at_the_next_start(me: Ares) -> None:
    script = "import ares; ares.Ares.open().perform('probe.crash', how='kill', approve=lambda p: True)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == -9
    (left,) = me.ledger.unfinished()
    assert me.ledger.outcome(left.action_id) is None
    with Ares.open() as again:
        outcome = again.ledger.outcome(left.action_id)
        assert outcome is not None
        assert field(outcome.payload, "status") == "unknown"
        assert again.ledger.unfinished() == []
        assert again.ledger.verify().ok


def test_an_action_of_a_process_that_lives_is_left_alone(me: Ares) -> None:
    passage = me.enter(me.action("probe.set", {"text": "x"}), interactive=True)
    passage.answer(Approval(True, "test"))
    passage.answer(Approval(True, "order"))
    assert isinstance(passage.need, NeedExecute)
    with Ares.open() as other:
        assert [left.action_id for left in other.ledger.unfinished()] == [passage.proposal.action.id]


def test_a_grant_works_once(me: Ares) -> None:
    passage = me.enter(me.action("probe.set", {"text": "x"}), interactive=True)
    passage.answer(Approval(True, "test"))
    passage.answer(Approval(True, "order"))
    need = passage.need
    assert isinstance(need, NeedExecute)
    me.runtime.run(need.action, need.capability, need.grant, None)
    with pytest.raises(GrantError):
        me.runtime.run(need.action, need.capability, need.grant, None)


@pytest.mark.parametrize("forge", ["nonce", "binds", "arguments"])
def test_a_forged_grant_runs_nothing(me: Ares, forge: str) -> None:
    from dataclasses import replace

    passage = me.enter(me.action("probe.set", {"text": "mine"}), interactive=True)
    passage.answer(Approval(True, "test"))
    passage.answer(Approval(True, "order"))
    need = passage.need
    assert isinstance(need, NeedExecute)
    action, grant = need.action, need.grant
    if forge == "nonce":
        grant = replace(grant, nonce="0" * 32)
    elif forge == "binds":
        grant = replace(grant, binds="0" * 64)
    else:
        action = replace(action, arguments={"text": "theirs"})
    with pytest.raises(GrantError):
        me.runtime.run(action, need.capability, grant, None)
    assert content(me) is None


def test_code_that_changes_after_the_yes_is_not_run(me: Ares) -> None:
    passage = me.enter(me.action("probe.set", {"text": "x"}), interactive=True)
    passage.answer(Approval(True, "test"))
    source = Path(me.registry.module("probe").source) / "module.py"
    source.write_text(source.read_text() + "\n# changed\n")
    outcomes = me.drive([passage], None)
    assert outcomes[0].status is not Status.OK
    assert content(me) is None


def test_what_a_grant_binds_is_compared_again_after_the_yes(
    me: Ares, monkeypatch: pytest.MonkeyPatch
) -> None:
    passage = me.enter(me.action("probe.set", {"text": "x"}), interactive=True)
    monkeypatch.setattr(Runtime, "binding", lambda *arguments: "0" * 64)
    (outcome,) = me.drive([passage], lambda needs: [Approval(True, "test")])
    assert (outcome.status, content(me)) == (Status.DENIED, None)
    assert outcome.error.startswith(
        "the code of module probe or where a path leads changed while this waited"
    )
    assert "intent" not in kinds(me, outcome.action.id)


def test_a_rule_written_while_an_action_waits_counts(me: Ares) -> None:
    passage = me.enter(me.action("probe.set", {"text": "x"}), interactive=True)
    me.paths.policy_d.mkdir(parents=True)
    (me.paths.policy_d / "stop.yaml").write_text(
        "rules:\n  - {id: stop, answer: deny, reason: stop it, when: {capability: [probe.set]}}\n"
    )
    passage.answer(Approval(True, "test"))
    (outcome,) = me.drive([passage], None)
    assert (outcome.status, content(me)) == (Status.DENIED, None)
    assert "stop it" in outcome.error


def test_a_policy_that_does_not_load_denies_everything_and_says_where(me: Ares) -> None:
    me.paths.config.mkdir(parents=True, exist_ok=True)
    me.paths.user_policy.write_text("rules:\n  - id: x\n    answr: allow\n")
    outcome = me.perform("system.uptime")
    assert outcome.status is Status.DENIED
    assert "policy.yaml:3" in outcome.error


def test_what_does_not_fit_the_schema_never_becomes_an_action(me: Ares) -> None:
    with pytest.raises(ArgumentError, match=r"probe\.set: .*txt"):
        me.perform("probe.set", text="x", txt="y", approve=yes)
    with pytest.raises(NotFoundError, match="probe"):
        me.perform("probe.sett", text="x")
    refused = [
        record for record in me.ledger.records(kind="event") if field(record.payload, "event") == "refused"
    ]
    assert len(refused) == 2
    assert not list(me.ledger.records(kind="proposal"))


def test_a_tainted_write_is_asked_in_spite_of_a_rule(me: Ares) -> None:
    allow(me)
    for text in "12345":
        put(me, text)
    action = Action(
        capability="probe.set",
        arguments={"text": "from a web page"},
        origin=Origin.SENTENCE,
        provenance={"text": Provenance(Source.FOREIGN)},
    )
    (outcome,) = me.drive([me.enter(action)], None)
    assert outcome.status is Status.DENIED
    assert me.perform("probe.set", text="mine").ok


def test_several_actions_stop_at_the_first_failure(me: Ares) -> None:
    calls: list[tuple[str, dict[str, Json]]] = [("probe.lie", {"text": "a"}), ("probe.set", {"text": "b"})]
    passages = [me.enter(me.action(name, arguments), interactive=True) for name, arguments in calls]
    outcomes = me.drive(passages, lambda needs: [Approval(True, "test")] * len(needs))
    assert [outcome.status for outcome in outcomes] == [Status.FAILED, Status.DENIED]
    assert "not reached" in outcomes[1].error
    assert "intent" not in kinds(me, outcomes[1].action.id)


def test_nobody_is_asked_about_what_comes_after_a_denied_action(me: Ares) -> None:
    calls: list[tuple[str, dict[str, Json]]] = [
        ("files.read", {"path": str(me.paths.ledger_db)}),
        ("probe.set", {"text": "b"}),
    ]

    def ask(needs: Sequence[NeedApproval]) -> list[Approval]:
        pytest.fail("asked")

    passages = [me.enter(me.action(name, arguments), interactive=True) for name, arguments in calls]
    outcomes = me.drive(passages, ask)
    assert [outcome.status for outcome in outcomes] == [Status.DENIED] * 2
    assert outcomes[1].error == "not reached: files.read before it was denied"


def test_several_actions_go_on_after_a_failure_when_told_to(me: Ares) -> None:
    calls: list[tuple[str, dict[str, Json]]] = [("probe.lie", {"text": "a"}), ("probe.set", {"text": "b"})]
    passages = [me.enter(me.action(name, arguments), interactive=True) for name, arguments in calls]
    outcomes = me.drive(passages, lambda needs: [Approval(True, "test")] * len(needs), on_failure="continue")
    assert [outcome.status for outcome in outcomes] == [Status.FAILED, Status.OK]


def test_a_dry_run_leaves_a_proposal_and_nothing_else(me: Ares) -> None:
    passage = me.propose("probe.look")
    assert isinstance(passage.need, NeedStart | NeedApproval)
    assert kinds(me, passage.proposal.action.id) == ["proposal"]


def test_an_answer_that_does_not_fit_the_need_is_refused(me: Ares) -> None:
    passage = me.propose("probe.set", text="x")
    with pytest.raises(RuntimeError, match="does not answer"):
        passage.answer(Executed())
    assert content(me) is None


def test_driving_needs_an_answer_for_every_question(me: Ares) -> None:
    passages = [me.enter(me.action("probe.set", {"text": text}), interactive=True) for text in "ab"]
    with pytest.raises(RuntimeError, match="2 questions, 1 answers"):
        drive(passages, me.runtime, lambda needs: [Approval(True, "test")])
    assert content(me) is None


def test_always_writes_exactly_the_rule_it_shows(me: Ares) -> None:
    passage = me.enter(me.action("probe.set", {"text": "x"}, origin=Origin.COMMAND), interactive=True)
    shown = me.always_text(passage.proposal)
    file = me.write_always(passage.proposal)
    assert shown.rstrip("\n") in file.read_text()
    again = me.enter(me.action("probe.set", {"text": "x"}, origin=Origin.COMMAND), interactive=True)
    assert again.proposal.decision.answer is Answer.ALLOW
    other = me.enter(me.action("probe.set", {"text": "y"}, origin=Origin.COMMAND), interactive=True)
    assert other.proposal.decision.answer is Answer.ASK
    assert any(record.kind == "policy" for record in me.ledger.records())


def test_two_processes_at_once_both_work(me: Ares) -> None:
    script = "import ares; print(ares.Ares.open().perform('system.uptime').status)"
    running = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert [process.communicate()[0].strip() for process in running] == ["ok"] * 4
    assert me.ledger.verify().ok


def test_a_no_to_one_action_takes_nothing_from_a_yes_to_another(me: Ares) -> None:
    passages = [me.enter(me.action("probe.set", {"text": text}), interactive=True) for text in "ab"]
    outcomes = me.drive(passages, lambda needs: [Approval(False, "terminal"), Approval(True, "terminal")])
    assert [outcome.status for outcome in outcomes] == [Status.DENIED, Status.OK]
    assert content(me) == "b"


def test_an_approver_that_raises_leaves_no_action_without_an_end(me: Ares) -> None:
    def fail(proposal: Proposal) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        me.perform("probe.set", text="x", approve=fail)
    (proposal,) = me.ledger.records(kind="proposal")
    assert kinds(me, proposal.ref) == ["proposal", "approval", "outcome"]


async def not_awaited(proposal: Proposal) -> bool:
    return False


@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
@pytest.mark.parametrize(
    "approve", [not_awaited, lambda proposal: "no", lambda proposal: 1, lambda proposal: None]
)
def test_an_approver_that_says_neither_true_nor_false_is_an_error_and_a_no(me: Ares, approve: Any) -> None:
    with pytest.raises(UsageError, match="an answer is True or False and nothing else, not "):
        me.perform("probe.set", text="x", approve=approve)
    (proposal,) = me.ledger.records(kind="proposal")
    assert kinds(me, proposal.ref) == ["proposal", "approval", "outcome"]
    assert field(records(me, proposal.ref)[-1].payload, "status") == "denied"
    assert content(me) is None


def test_no_yes_counts_when_another_answer_is_neither_true_nor_false(me: Ares) -> None:
    wrong: Any = "no"
    passages = [me.enter(me.action("probe.set", {"text": text}), interactive=True) for text in "ab"]
    with pytest.raises(UsageError):
        me.drive(passages, lambda needs: [Approval(True, "test"), Approval(wrong, "test")])
    assert [passage.outcome.status for passage in passages if passage.outcome] == [Status.DENIED] * 2
    assert content(me) is None


def test_actions_before_a_refused_one_are_denied_in_the_record(me: Ares) -> None:
    with pytest.raises(NotFoundError):
        me.enter_all([me.action("probe.set", {"text": "a"}), me.action("no.such", {})], interactive=True)
    (proposal,) = me.ledger.records(kind="proposal")
    assert kinds(me, proposal.ref)[-1] == "outcome"
    assert content(me) is None


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (KeyboardInterrupt(), "interrupted"),
        (NotFoundError("no such"), "another action of the same request was refused"),
    ],
)
def test_the_record_says_why_actions_before_the_last_were_not_done(
    me: Ares, monkeypatch: pytest.MonkeyPatch, error: BaseException, why: str
) -> None:
    real = me.enter

    def enter(action: Action, *, interactive: bool) -> Passage:
        if action.arguments["text"] == "c":
            raise error
        return real(action, interactive=interactive)

    monkeypatch.setattr(me, "enter", enter)
    with pytest.raises(type(error)):
        me.enter_all([me.action("probe.set", {"text": text}) for text in "abc"], interactive=True)
    ends = [field(record.payload, "error") for record in me.ledger.records(kind="outcome")]
    assert ends == [why] * 2


def test_an_argument_that_is_not_unicode_is_refused_by_name_and_on_record(me: Ares) -> None:
    with pytest.raises(ArgumentError, match=r"^text: has bytes that are not UTF-8 text"):
        me.perform("probe.set", text="\ud800", approve=yes)
    (refused,) = me.ledger.records(kind="event", capability="probe.set")
    assert "ud800" in str(field(refused.payload, "asked"))


@pytest.mark.parametrize("digits", [True, False])
def test_what_nobody_could_write_down_is_refused_by_name_and_on_record(me: Ares, digits: bool) -> None:
    deep: Json = "x"
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(ArgumentError, match=r"^text: is nothing that can be recorded"):
        me.perform("probe.set", approve=yes, text=10**5000 if digits else deep)
    (refused,) = me.ledger.records(kind="event", capability="probe.set")
    assert field(refused.payload, "asked") == "probe.set text"


@pytest.mark.parametrize("wrong", ["deny.yml", "note.txt"])
def test_what_lies_among_the_rules_and_is_no_rule_file_denies_everything(me: Ares, wrong: str) -> None:
    me.paths.policy_d.mkdir(parents=True)
    (me.paths.policy_d / wrong).write_text("rules: []")
    outcome = me.perform("system.uptime")
    assert outcome.status is Status.DENIED
    assert wrong in outcome.error


def test_an_outcome_that_came_meanwhile_is_not_called_unknown(me: Ares) -> None:
    passage = me.enter(me.action("probe.set", {"text": "x"}), interactive=True)
    passage.answer(Approval(True, "test"))
    (outcome,) = me.drive([passage], None)
    assert outcome.ok
    me._close_cut_off()
    assert kinds(me, outcome.action.id).count("outcome") == 1


def test_a_module_that_lacks_something_is_refused_before_anybody_is_asked(me: Ares, tmp_path: Path) -> None:
    from ares.errors import DependencyError

    folder = tmp_path / "needy"
    shutil.copytree(tmp_path / "probe", folder)
    manifest = (folder / "module.yaml").read_text().replace("name: probe", "name: needy", 1)
    manifest = manifest.replace("probe.set", "needy.set")
    (folder / "module.yaml").write_text(manifest + 'dependencies:\n  system: ["no-such-program-xyz"]\n')
    me.modules.register(folder)
    with pytest.raises(DependencyError, match="no-such-program-xyz"):
        me.perform("needy.look", approve=lambda proposal: pytest.fail("asked"))
