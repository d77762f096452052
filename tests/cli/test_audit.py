"""``ares audit`` shows and verifies the record and adds nothing; what was cut off is said at a start."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.console import Console, ares, records
from tests.cli.test_interrupted import QUESTION, slow

from ares.cli.commands.audit import LONGEST
from ares.paths import Paths

__all__ = ["slow"]

READING = [("audit", "verify"), ("audit", "show"), ("audit", "head"), ("doctor",)]


def kinds() -> list[str]:
    """The kind of each record, read without ARES, which would end what was cut off."""
    with closing(sqlite3.connect(Paths.find().ledger_db)) as connection:
        return [kind for (kind,) in connection.execute("SELECT kind FROM records ORDER BY seq")]


@pytest.fixture
def killed(slow: Path) -> int:
    """The number of the intent of an action that was killed at work."""
    with Console("run", "slow.work", "at=run") as console:
        console.answer(QUESTION, "yes")
        console.expect("<run>")
        console.kill(signal.SIGKILL)
        console.finish()
    return kinds().index("intent") + 1


def list_as_unfinished(kind: str) -> None:
    """Put the newest record of a kind on the list of unfinished actions, behind the back of ARES."""
    with closing(sqlite3.connect(Paths.find().ledger_db, isolation_level=None)) as connection:
        changed = connection.execute(
            "INSERT INTO unfinished SELECT ref, max(seq) FROM records WHERE kind = ?", (kind,)
        )
        assert changed.rowcount == 1


@pytest.mark.parametrize("command", READING)
def test_what_reads_the_record_does_not_end_what_was_cut_off(killed: int, command: tuple[str, ...]) -> None:
    before = kinds()
    assert ares(*command).err == ""
    assert kinds() == before
    assert before[-2:] == ["intent", "kept"]


def test_what_was_cut_off_is_said_once_at_the_next_start(killed: int) -> None:
    done = ares("status", "--json")
    assert done.json["unfinished"] == []
    assert done.err.startswith("ares: slow.work of 20")
    assert "UTC was cut off and nobody can tell how far it came" in done.err
    assert f"see `ares audit show {killed}`; `ares undo a" in done.err
    assert len(done.err.splitlines()) == 1
    assert "unknown: the process ended" in ares("audit", "show", str(killed)).out
    assert ares("status").err == ""
    assert ares("audit", "verify").code == 0


@pytest.mark.parametrize(
    ("call", "kind"), [("clock.now", "intent"), ("clock.now", "outcome"), ("notes.add text=x", "proposal")]
)
def test_no_start_ends_an_action_that_is_only_said_to_be_unfinished(call: str, kind: str) -> None:
    assert ares("run", *call.split()).code == (0 if call == "clock.now" else 4)
    list_as_unfinished(kind)
    before = kinds()
    done = ares("audit", "verify")
    assert done.code != 0
    assert "list of unfinished actions is wrong" in done.err
    assert ares("status").err == ""
    assert kinds() == before
    assert ares("audit", "verify").err == done.err


def test_an_action_that_was_killed_at_the_question_is_shown_as_one_that_did_not_run(slow: Path) -> None:
    with Console("run", "slow.work", "at=none") as console:
        console.expect(QUESTION)
        console.kill(signal.SIGKILL)
        console.finish()
    assert ares("status").err == ""
    (proposal,) = records("proposal")
    assert "It did not run: it was only shown" in ares("audit", "show", proposal["ref"]).out
    assert ares("run", "clock.now").code == 0
    assert "It did not run" not in ares("audit", "show", records("proposal")[-1]["ref"]).out


def test_the_list_shortens_what_is_long_and_one_action_is_shown_whole() -> None:
    text = "milk " * 1000
    assert ares("run", "notes.add", f"text={text}").code == 4
    (proposal,) = records("proposal")
    (line,) = [line for line in ares("audit", "show").out.splitlines() if text[:50] in line]
    assert len(line) < 3 * LONGEST
    assert "… (5012 characters)" in line
    assert text.strip() in ares("audit", "show", str(proposal["seq"])).out
    assert text in ares("audit", "show", "--json").out
