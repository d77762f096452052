"""Notes: a number, a batch or words choose exactly what is meant."""

from __future__ import annotations

import sqlite3

import pytest
from tests.modules.desk import Desk

from ares.errors import ModuleError, NotFoundError
from ares.inference.values import slots

TEXTS = ("buy milk", "Milk the goat, twice", "milkshake for two", "call the plumber 7")


@pytest.fixture
def noted(desk: Desk) -> Desk:
    for text in TEXTS:
        desk.do("notes.add", text=text)
    return desk


def left(desk: Desk) -> list[str]:
    return [note["text"] for note in desk.do("notes.list").result["notes"]]


def test_notes_are_listed_as_they_were_written_with_number_and_time(noted: Desk) -> None:
    notes = noted.do("notes.list").result["notes"]
    assert [note["text"] for note in notes] == list(TEXTS)
    assert [note["id"] for note in notes] == ["1", "2", "3", "4"]
    assert {note["created"] for note in notes} == {"2026-11-21T10:00:00+01:00"}


def test_notes_are_offered_by_number_the_newest_first_and_deleted_ones_apart(noted: Desk) -> None:
    noted.do("notes.delete", note="2")
    live, deleted = noted.runtime.values("notes.live"), noted.runtime.values("notes.deleted")
    assert [(each.value, each.label) for each in live] == [("4", TEXTS[3]), ("3", TEXTS[2]), ("1", TEXTS[0])]
    assert [(each.value, each.label) for each in deleted] == [("2", TEXTS[1])]
    assert noted.runtime.values("notes.other") == ()


def test_what_is_only_offered_leaves_an_argument_open_to_any_words(desk: Desk) -> None:
    """A sentence says words in a note, not its number."""
    (slot,) = slots(desk.registry.capability("notes.delete"))
    assert (slot.kind, slot.source) == ("text", "")


@pytest.mark.parametrize(
    ("words", "gone"),
    [
        ("milk", [0, 1]),
        ("MILK", [0, 1]),
        ("goat milk", [1]),
        ("twice", [1]),
        ("3", [2]),
        ("#1", [0]),
        ("the", [1, 3]),
    ],
)
def test_deleting_takes_a_number_or_the_notes_with_all_the_words(
    noted: Desk, words: str, gone: list[int]
) -> None:
    done = noted.do("notes.delete", note=words)
    assert [note["text"] for note in done.result["notes"]] == [TEXTS[index] for index in gone]
    assert left(noted) == [text for index, text in enumerate(TEXTS) if index not in gone]


@pytest.mark.parametrize(
    "words", ["bread", "milk bread", "9", "7", "ilk", "batch-1", "?!", "99999999999999999999"]
)
def test_deleting_what_matches_nothing_is_refused(noted: Desk, words: str) -> None:
    with pytest.raises(NotFoundError, match=r"^notes\.delete: no note "):
        noted.do("notes.delete", note=words)
    assert left(noted) == list(TEXTS)


def test_restoring_a_batch_brings_back_that_deletion_and_no_other(noted: Desk) -> None:
    noted.do("notes.delete", note="plumber")
    done = noted.do("notes.delete", note="milk")
    noted.undo(done)
    assert left(noted) == list(TEXTS[:3])
    assert noted.do("notes.restore", note="plumber").result["notes"] == [{"id": "4", "text": TEXTS[3]}]


def test_undoing_brings_back_only_what_nothing_else_changed_since(noted: Desk) -> None:
    both = noted.do("notes.delete", note="milk")
    noted.do("notes.restore", note="1")
    again = noted.do("notes.delete", note="1")
    noted.undo(both)
    assert left(noted) == list(TEXTS[1:])
    noted.undo(again)
    assert left(noted) == list(TEXTS)


def test_a_change_from_before_changes_were_noted_can_be_undone(noted: Desk) -> None:
    done = noted.do("notes.delete", note="milk")
    with sqlite3.connect(noted.paths.data / "notes" / "notes.db") as database:
        database.execute("DELETE FROM changes")
    database.close()
    noted.undo(noted.undo(noted.undo(done)))
    assert left(noted) == list(TEXTS)


def test_numbers_of_deleted_notes_are_not_used_again(noted: Desk) -> None:
    noted.do("notes.delete", note="4")
    assert noted.do("notes.add", text="new").result["id"] == "5"


def test_searching_finds_every_word_also_inside_longer_ones(noted: Desk) -> None:
    found = noted.do("notes.search", query="Milk TWO").result["notes"]
    assert [note["text"] for note in found] == ["milkshake for two"]


def test_a_deleted_note_is_not_found(noted: Desk) -> None:
    noted.do("notes.delete", note="1")
    assert len(noted.do("notes.search", query="milk").result["notes"]) == 2


def test_a_damaged_database_is_one_line(noted: Desk) -> None:
    (noted.paths.data / "notes" / "notes.db").write_bytes(b"not a database at all, but long enough" * 100)
    with pytest.raises(ModuleError, match=r"^notes\.list: .*notes\.db: file is not a database$"):
        noted.do("notes.list")


def test_a_note_that_cannot_be_written_leaves_the_others(noted: Desk) -> None:
    file = noted.paths.data / "notes" / "notes.db"
    with sqlite3.connect(file, isolation_level=None) as database:
        database.execute(
            "CREATE TRIGGER no BEFORE UPDATE ON notes WHEN OLD.id = 2 BEGIN SELECT raise(ABORT, 'no'); END"
        )
    database.close()
    with pytest.raises(ModuleError, match="no"):
        noted.do("notes.delete", note="milk")
    assert left(noted) == list(TEXTS)
