from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ares import Ares
from ares.core import Action, Answer, Approval, Json, Origin, Provenance, Source, Status
from ares.errors import ArgumentError, GrantError, NotFoundError, UsageError
from ares.gate import NeedApproval, NeedExecute, NeedStart, Proposal, drive, execute
from ares.ledger import Record

ALLOW = """
rules:
  - id: probe
    answer: allow
    reason: the tests say so
    when: {capability: ["probe.*"]}
    match: [{capability: probe.look}]
    not_match: [{capability: files.list}]
"""


def yes(proposal: Proposal) -> bool:
    return True


def no(proposal: Proposal) -> bool:
    return False


@pytest.fixture
def me(tmp_path: Path) -> Iterator[Ares]:
    folder = tmp_path / "probe"
    shutil.copytree(Path(__file__).parent / "probe", folder)
    with Ares.open() as opened:
        opened.modules.register(folder)
        yield opened


def content(me: Ares) -> str | None:
    file = me.paths.data / "probe" / "it"
    return file.read_text() if file.exists() else None


def put(me: Ares, text: str) -> None:
    assert me.perform("probe.set", text=text, approve=yes).ok


def allow(me: Ares) -> None:
    me.paths.policy_d.mkdir(parents=True, exist_ok=True)
    (me.paths.policy_d / "tests.yaml").write_text(ALLOW)


def records(me: Ares, ref: str) -> list[Record]:
    return list(me.ledger.records(ref=ref))


def kinds(me: Ares, ref: str) -> list[str]:
    return [record.kind for record in records(me, ref)]


def field(payload: Json, *names: str) -> Json:
    for name in names:
        assert isinstance(payload, dict)
        payload = payload[name]
    return payload


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
    assert kinds(me, outcome.action.id) == ["proposal", "approval", "intent", "outcome"]


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
    from ares.gate import Executed

    passage = me.propose("probe.set", text="x")
    with pytest.raises(RuntimeError, match="does not answer"):
        passage.answer(Executed())
    assert content(me) is None


def test_driving_needs_an_answer_for_every_question(me: Ares) -> None:
    passages = [me.enter(me.action("probe.set", {"text": text}), interactive=True) for text in "ab"]
    with pytest.raises(RuntimeError, match="2 questions, 1 answers"):
        drive(passages, me.runtime, lambda needs: [Approval(True, "test")])
    assert content(me) is None


def test_undo_takes_back_the_last_action_through_the_same_gate(me: Ares) -> None:
    put(me, "one")
    put(me, "two")
    outcome = me.undo(approve=yes)
    assert outcome.ok
    assert content(me) == "one"
    assert kinds(me, outcome.action.id) == ["proposal", "approval", "intent", "outcome"]


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


def test_there_may_be_nothing_to_undo(me: Ares) -> None:
    with pytest.raises(NotFoundError, match="nothing can be taken back"):
        me.undo(approve=yes)


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


def test_a_place_that_changed_since_it_was_judged_is_not_gone_to(me: Ares) -> None:
    secret = Path.home() / ".ssh"
    secret.mkdir()
    (secret / "key").write_text("KEY")
    Path("lnk").symlink_to(secret)
    passages = me.enter_all(
        [
            me.action("files.copy", {"source": "lnk", "destination": "dst"}),
            me.action("files.read", {"path": "dst/key"}),
        ],
        interactive=True,
    )
    outcomes = me.drive(passages, lambda needs: [Approval(True, "test")] * len(needs))
    assert outcomes[0].ok
    assert outcomes[1].status is Status.DENIED
    assert "leads somewhere else" in outcomes[1].error


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


def test_actions_before_a_refused_one_are_denied_in_the_record(me: Ares) -> None:
    with pytest.raises(NotFoundError):
        me.enter_all([me.action("probe.set", {"text": "a"}), me.action("no.such", {})], interactive=True)
    (proposal,) = me.ledger.records(kind="proposal")
    assert kinds(me, proposal.ref)[-1] == "outcome"
    assert content(me) is None


def test_an_argument_that_is_not_unicode_is_refused_by_name_and_on_record(me: Ares) -> None:
    with pytest.raises(ArgumentError, match=r"^text: is not text"):
        me.perform("probe.set", text="\ud800", approve=yes)
    (refused,) = me.ledger.records(kind="event", capability="probe.set")
    assert "ud800" in str(field(refused.payload, "asked"))


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
    me._close_abandoned()
    assert kinds(me, outcome.action.id).count("outcome") == 1


def test_an_edited_undo_is_an_action_of_its_own(me: Ares) -> None:
    from ares.api import with_arguments

    put(me, "one")
    edited = with_arguments(me.undoing(), {"text": "other"})
    assert (edited.undoes, edited.origin) == ("", Origin.COMMAND)


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


def forbid(me: Ares, folder: Path) -> None:
    me.paths.policy_d.mkdir(parents=True, exist_ok=True)
    (me.paths.policy_d / "forbid.yaml").write_text(
        "rules:\n  - {id: not-there, answer: deny, reason: nothing is put there,"
        f" when: {{capability: [files.*], some_place: [{folder}]}}}}\n"
    )


def deleted(me: Ares, path: Path) -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_text("bytes")
    outcome = me.perform("files.delete", path=str(path), approve=yes)
    return str(field(outcome.result, "item"))


def test_rules_about_places_hold_for_what_comes_back_from_the_trash(me: Ares) -> None:
    path = Path.cwd() / "closed" / "a"
    item = deleted(me, path)
    forbid(me, path.parent)
    outcome = me.perform("files.restore", item=item, approve=yes)
    assert (outcome.status, outcome.error) == (Status.DENIED, "nothing is put there")
    assert not path.exists()
    assert me.undo(approve=yes).status is Status.DENIED


def test_rules_about_places_hold_for_the_undo_of_writing(me: Ares) -> None:
    path = Path.cwd() / "closed" / "a"
    path.parent.mkdir()
    assert me.perform("files.write", path=str(path), text="new", approve=yes).ok
    forbid(me, path.parent)
    outcome = me.undo(approve=yes)
    assert (outcome.action.capability, outcome.status) == ("files.revert", Status.DENIED)
    assert path.read_text() == "new"


@pytest.mark.parametrize(("place", "inside"), [("a", "cwd"), (".config/a", "hidden"), ("../b", "system")])
def test_what_stands_for_a_path_is_judged_and_shown_as_that_path(me: Ares, place: str, inside: str) -> None:
    from ares.cli._show import action_lines

    path = Path(os.path.normpath(Path.cwd() / place))
    proposal = me.propose("files.restore", item=deleted(me, path)).proposal
    assert [(each.argument, each.resolved, each.inside) for each in proposal.places] == [
        ("item", str(path), inside)
    ]
    assert str(path) in "".join(line.strip() for line in action_lines(proposal, 500))
    (record,) = records(me, proposal.action.id)
    assert field(record.payload, "places") == [{"argument": "item", "path": str(path)}]


def test_always_holds_for_the_path_that_was_shown_and_no_other(me: Ares) -> None:
    path = Path.cwd() / "a"
    item = deleted(me, path)
    action = me.action("files.restore", {"item": "a"}, origin=Origin.COMMAND)
    me.write_always(me.enter(action, interactive=True).proposal)
    again = me.enter(me.action("files.restore", {"item": "a"}, origin=Origin.COMMAND), interactive=True)
    assert again.proposal.decision.answer is Answer.ALLOW
    assert me.perform("files.restore", item=item, approve=yes).ok
    deleted(me, Path.cwd() / "other" / "a")
    elsewhere = me.enter(me.action("files.restore", {"item": "a"}, origin=Origin.COMMAND), interactive=True)
    assert elsewhere.proposal.decision.answer is Answer.ASK


def test_the_state_of_ares_is_closed_to_what_stands_for_a_path_too(me: Ares) -> None:
    path = Path.cwd() / "inner" / "a"
    item = deleted(me, path)
    path.parent.rmdir()
    path.parent.symlink_to(me.paths.data)
    with pytest.raises(UsageError, match="belongs to ARES itself"):
        me.perform("files.restore", item=item, approve=yes)
    assert not (me.paths.data / "a").exists()


def test_what_the_module_cannot_place_is_refused_before_anybody_is_asked(me: Ares) -> None:
    with pytest.raises(NotFoundError, match="nothing in the trash is called 'never'"):
        me.perform("files.restore", item="never", approve=lambda proposal: pytest.fail("asked"))
    (refused,) = me.ledger.records(kind="event", capability="files.restore")
    assert field(refused.payload, "event") == "refused"


def test_a_place_behind_an_argument_that_changed_since_is_not_gone_to(me: Ares) -> None:
    path = Path.cwd() / "inner" / "a"
    item = deleted(me, path)
    passage = me.enter(me.action("files.restore", {"item": item}), interactive=True)
    (Path.cwd() / "other").mkdir()
    path.parent.rmdir()
    path.parent.symlink_to("other")
    (outcome,) = me.drive([passage], lambda needs: [Approval(True, "test")])
    assert outcome.status is Status.DENIED
    assert "leads somewhere else" in outcome.error
    assert not path.exists()


def test_a_link_that_is_turned_between_keeping_and_writing_is_not_written_through(me: Ares) -> None:
    for name in ("mine", "theirs"):
        Path(name).write_text(name)
    Path("link").symlink_to("mine")
    action = me.action("files.write", {"path": "link", "text": "new"})
    passage = me.enter(action, interactive=True)
    passage.answer(Approval(True, "test"))
    passage.answer(Approval(True, "order"))
    need = passage.need
    assert isinstance(need, NeedExecute)
    assert need.step == "keep"
    passage.answer(execute(need, me.runtime))
    assert passage.outcome is None, "keeping failed"
    Path("link").unlink()
    Path("link").symlink_to("theirs")
    (outcome,) = me.drive([passage], None)
    assert outcome.status is Status.FAILED
    assert "other places; ask again" in outcome.error
    assert (Path("mine").read_text(), Path("theirs").read_text()) == ("mine", "theirs")


def test_a_link_that_an_argument_stands_for_lies_where_it_is_and_where_it_leads(tmp_path: Path) -> None:
    from ares.gate import Surroundings
    from ares.gate._normalise import places_of

    (tmp_path / "link").symlink_to("/srv/x")
    where = Surroundings(cwd=tmp_path, home=tmp_path, state=())
    found = places_of({"item": str(tmp_path / "link")}, where)
    assert [(each.resolved, each.inside) for each in found] == [
        (str(tmp_path / "link"), "system"),
        ("/srv/x", "system"),
    ]
