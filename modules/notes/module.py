"""Short notes in a database of their own. A deleted note stays in it, marked, until it is restored."""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from ares.core import Value
from ares.errors import ModuleError, NotFoundError
from ares.runtime import Arguments, Context, Operation, Result, Seen
from ares.runtime.hookspecs import hookimpl

FILE: Final = "notes.db"
# `deleted` is when a note was deleted. `batch` names the state it is in by the change that brought it there:
# taking that back brings it to the state before, so that either can be done again under the same name.
NOTES: Final = """
CREATE TABLE IF NOT EXISTS notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    text TEXT NOT NULL,
    created TEXT NOT NULL,
    batch INTEGER,
    deleted TEXT
) STRICT
"""
CHANGES: Final = """
CREATE TABLE IF NOT EXISTS changes (
    batch INTEGER NOT NULL,
    note INTEGER NOT NULL,
    before INTEGER,
    after INTEGER,
    PRIMARY KEY (batch, note)
) STRICT
"""
BELONGS: Final = (
    "(batch = ?1 OR EXISTS (SELECT 1 FROM changes WHERE batch = ?1 AND note = id AND after IS notes.batch))"
)
LIVE: Final = "deleted IS NULL"
GONE: Final = "deleted IS NOT NULL"


@hookimpl
def ares_operations() -> Mapping[str, Operation]:
    """Offer the five capabilities."""
    return {
        "add": Operation(add, keep=keep_batch, verify=verify_add),
        "list": Operation(list_notes),
        "search": Operation(search),
        "delete": Operation(delete, keep=keep_batch, verify=verify_delete),
        "restore": Operation(restore, keep=keep_batch, verify=verify_restore),
    }


@hookimpl
def ares_values(source: str, context: Context) -> list[Value] | None:
    """Offer the numbers of the notes there are, or of the deleted ones, the newest first."""
    where = {"notes.live": LIVE, "notes.deleted": GONE}.get(source)
    if where is None:
        return None
    with _reading(context) as database:
        return [Value(str(row["id"]), label=row["text"]) for row in reversed(_rows(database, where))]


def keep_batch(arguments: Arguments, context: Context) -> Result:
    """Choose the batch number of what follows: whatever becomes of it, its notes can be told by that."""
    return {"batch": f"batch-{secrets.randbits(48)}"}


def add(arguments: Arguments, context: Context) -> Result:
    """Write a note down."""
    created = context.now().isoformat(timespec="seconds")
    with _writing(context) as database:
        cursor = database.execute(
            "INSERT INTO notes (text, created, batch) VALUES (?, ?, ?)",
            (arguments["text"], created, _batch(context)),
        )
        return {"id": str(cursor.lastrowid), "text": arguments["text"]}


def list_notes(arguments: Arguments, context: Context) -> Result:
    """List all notes, the oldest first."""
    with _reading(context) as database:
        return {"notes": [_shown(row) for row in _rows(database, LIVE)]}


def search(arguments: Arguments, context: Context) -> Result:
    """List the notes in which every word of the query occurs, also as part of a longer word."""
    wanted = arguments["query"].casefold().split()
    with _reading(context) as database:
        found = [
            row for row in _rows(database, LIVE) if all(word in row["text"].casefold() for word in wanted)
        ]
    return {"notes": [_shown(row) for row in found]}


def delete(arguments: Arguments, context: Context) -> Result:
    """Delete the note of a number, or every note that contains all the words."""
    with _writing(context) as database:
        now = context.now().isoformat(timespec="seconds")
        return _marked(database, LIVE, arguments["note"], _batch(context), now)


def restore(arguments: Arguments, context: Context) -> Result:
    """Bring deleted notes back, chosen in the same way."""
    with _writing(context) as database:
        return _marked(database, GONE, arguments["note"], _batch(context), None)


def verify_add(arguments: Arguments, result: Result, context: Context) -> Sequence[Seen]:
    """Read the note back."""
    return [_read_back(context, {"id": result["id"], "text": arguments["text"]}, LIVE, "is there")]


def verify_delete(arguments: Arguments, result: Result, context: Context) -> Sequence[Seen]:
    """Look that each note is no longer listed, and still there to be restored."""
    return [_read_back(context, note, GONE, "is deleted and kept") for note in result["notes"]]


def verify_restore(arguments: Arguments, result: Result, context: Context) -> Sequence[Seen]:
    """Read each note back."""
    return [_read_back(context, note, LIVE, "is there") for note in result["notes"]]


def _read_back(context: Context, note: Mapping[str, Any], where: str, claim: str) -> Seen:
    with _reading(context) as database:
        rows = _rows(database, f"{where} AND id = ?", int(note["id"]))
    holds = [(str(row["id"]), row["text"]) for row in rows] == [(note["id"], note["text"])]
    return (f"note {note['id']} {claim}", holds, rows[0]["text"] if rows else "no such note")


def _chosen(database: sqlite3.Connection, where: str, note: str) -> list[sqlite3.Row]:
    """Return the notes that ``note`` means: a number, a batch such as ``batch-3``, or words they contain.

    Raises :class:`NotFoundError` when it means none: digits are always a number, never a word in a note.
    """
    kind = "deleted note" if where == GONE else "note"
    words = _words(note)
    if number := re.fullmatch(r"\s*#?(\d{1,18})\s*", note):
        found, missing = (
            _rows(database, f"{where} AND id = ?", int(number[1])),
            f"{kind} has the number {number[1]}",
        )
    elif batch := _named_batch(note):
        found = _rows(database, f"{where} AND {BELONGS}", batch)
        missing = f"{kind} belongs to {note}"
    else:
        found = [row for row in _rows(database, where) if words and words <= _words(row["text"])]
        missing = f"{kind} contains {' and '.join(sorted(words)) or repr(note)}"
    if not found:
        raise NotFoundError(f"no {missing}")
    return found


def _named_batch(note: str) -> int | None:
    named = re.fullmatch(r"batch-(\d{1,18})", note)
    return int(named[1]) if named else None


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _batch(context: Context) -> int:
    kept = context.kept
    if not isinstance(kept, dict):
        raise ModuleError("no batch was chosen for this action; nothing was changed")
    return int(kept["batch"].removeprefix("batch-"))


def _marked(database: sqlite3.Connection, where: str, note: str, batch: int, deleted: str | None) -> Result:
    """Mark the notes that ``note`` means as deleted at a time, or as not deleted, under a batch number."""
    rows, taken_back = _chosen(database, where, note), _named_batch(note)
    for row in rows:
        after = batch if taken_back is None else _before(database, taken_back, row["id"])
        database.execute("INSERT INTO changes VALUES (?, ?, ?, ?)", (batch, row["id"], row["batch"], after))
        database.execute("UPDATE notes SET batch = ?, deleted = ? WHERE id = ?", (after, deleted, row["id"]))
    return {"batch": f"batch-{batch}", "notes": [{"id": str(row["id"]), "text": row["text"]} for row in rows]}


def _before(database: sqlite3.Connection, batch: int, note: int) -> int | None:
    """Return the state a note was in before a change; None for one that was only then written down."""
    query = "SELECT before FROM changes WHERE batch = ? AND note = ?"
    found = database.execute(query, (batch, note)).fetchone()
    return None if found is None else found["before"]


def _rows(database: sqlite3.Connection, where: str, *values: int) -> list[sqlite3.Row]:
    query = f"SELECT id, text, created, batch FROM notes WHERE {where} ORDER BY id"
    return list(database.execute(query, values))


def _shown(row: sqlite3.Row) -> dict[str, str]:
    return {"id": str(row["id"]), "text": row["text"], "created": row["created"]}


@contextmanager
def _reading(context: Context) -> Iterator[sqlite3.Connection]:
    file = context.data / FILE
    try:
        database = sqlite3.connect(file, timeout=10, isolation_level=None)
        try:
            database.row_factory = sqlite3.Row
            database.execute(NOTES)
            database.execute(CHANGES)
            yield database
        finally:
            database.close()
    except sqlite3.Error as error:
        raise ModuleError(f"{file}: {error}") from error


@contextmanager
def _writing(context: Context) -> Iterator[sqlite3.Connection]:
    """Open the database for one transaction: committed at the end, rolled back when anything is raised."""
    with _reading(context) as database:
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
        except BaseException:
            database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")
