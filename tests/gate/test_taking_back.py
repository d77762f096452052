"""Undoing changes to files: only what was left there is taken back, and nothing newer is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.gate.helpers import field, yes

from ares import Ares
from ares.core import Status
from ares.errors import NotFoundError


def test_a_move_is_taken_back_only_for_what_was_moved(me: Ares) -> None:
    Path("m.txt").write_text("mine")
    assert me.perform("files.move", source="m.txt", destination="n.txt", approve=yes).ok
    os.rename("n.txt", "away")
    Path("n.txt").write_text("else")
    outcome = me.undo(approve=yes)
    assert outcome.status is Status.FAILED
    assert f"{Path.cwd() / 'n.txt'} is not what was moved there; it changed since" in outcome.error
    assert sorted(os.listdir()) == ["away", "n.txt"]
    os.replace("away", "n.txt")
    assert me.undo(approve=yes).ok
    assert Path("m.txt").read_text() == "mine"


def test_a_row_of_changes_is_taken_back_one_by_one(me: Ares) -> None:
    Path("a").mkdir()
    Path("a/x").write_text("old")
    before = Path("a/x").stat().st_mtime_ns
    for capability, arguments in (
        ("files.move", {"source": "a", "destination": "b"}),
        ("files.write", {"path": "b/x", "text": "new"}),
        ("files.write", {"path": "b/x", "text": "newer"}),
        ("files.move", {"source": "b", "destination": "c"}),
        ("files.delete", {"path": "c"}),
    ):
        assert me.perform(capability, approve=yes, **arguments).ok
    for _ in range(5):
        outcome = me.undo(approve=yes)
        assert outcome.ok, outcome.error
    assert (Path("a/x").read_text(), Path("a/x").stat().st_mtime_ns) == ("old", before)


def test_newer_text_is_not_replaced_by_the_undo_of_an_older_write(me: Ares) -> None:
    path = Path.cwd() / "n.txt"
    path.write_text("old")
    done = me.perform("files.write", path="n.txt", text="written", approve=yes)
    path.write_text("newer")
    outcome = me.undo(approve=yes)
    assert (outcome.status, path.read_text()) == (Status.FAILED, "newer")
    assert f"{path} does not hold what was written; it changed since" in outcome.error
    assert done.undo is not None
    kept = done.undo[1]["kept"]
    assert f"`ares run files.revert kept={kept}`" in outcome.error
    assert me.perform("files.revert", kept=kept, approve=yes).ok
    assert path.read_text() == "old"
    assert me.undo(approve=yes).ok
    assert path.read_text() == "newer"


def test_a_file_that_is_gone_comes_back_by_the_undo_of_the_write(me: Ares) -> None:
    Path("n.txt").write_text("old")
    assert me.perform("files.write", path="n.txt", text="written", approve=yes).ok
    Path("n.txt").unlink()
    assert me.undo(approve=yes).ok
    assert Path("n.txt").read_text() == "old"


@pytest.mark.parametrize(
    ("capability", "arguments"),
    [
        ("files.delete", {"path": "a"}),
        ("files.copy", {"source": "a", "destination": "b"}),
        ("notes.add", {"text": "milk"}),
    ],
)
def test_what_is_taken_back_and_done_again_can_be_taken_back_again(
    me: Ares, capability: str, arguments: dict[str, str]
) -> None:
    Path("a").write_text("text")
    assert me.perform(capability, approve=yes, **arguments).ok
    after = sorted(os.listdir())
    for _ in range(3):
        back = me.undo(approve=yes)
        assert back.ok, back.error
        assert Path("a").read_text() == "text"
        assert not Path("b").exists()
        again = me.undo(back.action.id, approve=yes)
        assert again.ok, again.error
        assert sorted(os.listdir()) == after


KILLED = """
import os, signal, sys
from ares import Ares
from ares.runtime import Runtime

step = sys.argv[1]
real = getattr(Runtime, step)

def until_killed(self, *arguments):
    if sys.argv[2] == "after":
        real(self, *arguments)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(Runtime, step, until_killed)
Ares.open().perform("files.write", path="n.txt", text="new", approve=lambda proposal: True)
"""


@pytest.mark.parametrize(
    ("step", "when", "text"), [("run", "before", "old"), ("run", "after", "new"), ("verify", "before", "new")]
)
def test_a_write_that_was_killed_is_unknown_and_taken_back(step: str, when: str, text: str) -> None:
    Path("n.txt").write_text("old")
    before = Path("n.txt").stat().st_mtime_ns
    assert subprocess.run([sys.executable, "-c", KILLED, step, when]).returncode == -signal.SIGKILL
    assert Path("n.txt").read_text() == text
    with Ares.open() as me:
        (cut,) = me.cut_off
        assert cut.began
        outcome = me.ledger.outcome(cut.left.action_id)
        assert outcome is not None
        assert field(outcome.payload, "status") == "unknown"
        assert me.undo(approve=yes).ok
    assert (Path("n.txt").read_text(), Path("n.txt").stat().st_mtime_ns) == ("old", before)


def test_what_was_killed_before_anything_ran_is_a_failure_with_nothing_to_undo() -> None:
    Path("n.txt").write_text("old")
    assert subprocess.run([sys.executable, "-c", KILLED, "keep", "after"]).returncode == -signal.SIGKILL
    with Ares.open() as me:
        (cut,) = me.cut_off
        assert (cut.began, cut.way_back) == (False, None)
        outcome = me.ledger.outcome(cut.left.action_id)
        assert outcome is not None
        assert field(outcome.payload, "status") == "failed"
        assert field(outcome.payload, "error") == "the process ended before anything was changed"
        with pytest.raises(NotFoundError):
            me.undo(approve=yes)


def test_a_crash_whose_way_back_was_erased_is_unknown_and_stops_no_start() -> None:
    Path("n.txt").write_text("old")
    assert subprocess.run([sys.executable, "-c", KILLED, "run", "after"]).returncode == -signal.SIGKILL
    with Ares.open(heal=False) as me:
        (kept,) = me.ledger.records(kind="kept")
        me.ledger.erase(kept.seq)
    with Ares.open() as me:
        (cut,) = me.cut_off
        assert (cut.began, cut.way_back) == (True, None)
        assert me.ledger.verify().ok
