"""Undoing changes to files: only what was left there is taken back, and nothing newer is lost."""

from __future__ import annotations

import os
from pathlib import Path

from tests.gate.helpers import yes

from ares import Ares
from ares.core import Status


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
