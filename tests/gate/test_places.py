"""Places: what a path, and what stands for one, leads to is what is judged, shown and gone to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.gate.helpers import field, records, yes

import ares.gate
from ares import Ares
from ares.core import Answer, Approval, Origin, Status
from ares.errors import NotFoundError, UsageError
from ares.gate import (
    NeedExecute,
    execute,
)
from ares.paths import shipped


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


@pytest.mark.parametrize("capability", ["files.copy", "files.move", "files.delete"])
def test_a_rule_about_a_folder_holds_for_acting_on_the_folder_around_it(me: Ares, capability: str) -> None:
    secret = Path.cwd() / "vault" / "secret"
    secret.mkdir(parents=True)
    (secret / "key").write_text("bytes")
    forbid(me, secret)
    arguments = {"path": "vault"} if capability == "files.delete" else {"source": "vault", "destination": "b"}
    outcome = me.perform(capability, approve=yes, **arguments)
    wanted = f"{secret.parent} holds {secret}, which rule not-there denies: nothing is put there"
    assert (outcome.status, outcome.error) == (Status.DENIED, wanted)
    assert os.listdir() == ["vault"]
    assert me.perform("files.list", path="vault", approve=yes).ok


def test_a_rule_about_a_folder_holds_for_the_folder_around_it_that_comes_back(me: Ares) -> None:
    secret = Path.cwd() / "vault" / "secret"
    secret.mkdir(parents=True)
    assert me.perform("files.delete", path="vault", approve=yes).ok
    forbid(me, secret)
    assert "which rule not-there denies" in me.undo(approve=yes).error
    assert os.listdir() == []


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


def test_changing_the_program_itself_is_asked_about_whatever_a_rule_allows(me: Ares) -> None:
    me.paths.policy_d.mkdir(parents=True)
    (me.paths.policy_d / "all.yaml").write_text(
        "rules:\n  - {id: all, answer: allow, reason: all of it, when: {capability: [files.write]},\n"
        "     match: [{capability: files.write, effect: write}], not_match: [{capability: files.move}]}\n"
    )
    for part in (
        shipped("config") / "policy.yaml",
        Path(ares.gate.__file__),
        shipped("modules") / "notes/x.py",
    ):
        action = me.action("files.write", {"path": str(part), "text": "x"})
        proposal = me.enter(action, interactive=False).proposal
        assert proposal.decision.answer is Answer.ASK
        assert "is part of ARES itself" in proposal.decision.reason
    elsewhere = me.enter(me.action("files.write", {"path": "x", "text": "x"}), interactive=False).proposal
    assert elsewhere.decision.answer is Answer.ALLOW
