"""Whether a database still has the tables, indexes and views that ARES made, and nothing else."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from functools import cache
from typing import Final

from ares.store._create import schema, statements
from ares.store._store import Database

# What is quoted comes first: a comment cannot begin in it.
_COMMENT: Final = re.compile(r"""('[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\])|--[^\n]*|/\*.*?(?:\*/|\Z)""", re.DOTALL)


def altered(connection: sqlite3.Connection, database: Database) -> Iterator[str]:
    """Yield what :meth:`ares.store.Store.altered` says about ``database`` behind ``connection``."""
    made = _shipped(database)
    found = {
        (kind, name): _squeezed(sql)
        for kind, name, sql in connection.execute(
            "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid"
        )
    }
    for kind, name in sorted(found.keys() - made.keys()):
        yield f"the {kind} {name!r} was added to the database; ARES did not make it"
    for (kind, name), sql in made.items():
        if (kind, name) not in found:
            yield f"the {kind} {name!r} is gone from the database"
        elif found[kind, name] != sql:
            yield f"the {kind} {name!r} of the database was changed; it is not the one that ARES made"


@cache
def _shipped(database: Database) -> dict[tuple[str, str], str]:
    """Return what schema.sql makes, as SQLite notes it."""
    connection = sqlite3.connect(":memory:")
    for statement in statements(schema(database)):
        connection.execute(statement)
    rows = connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {(kind, name): _squeezed(sql) for kind, name, sql in rows}


def _squeezed(sql: str) -> str:
    """Return a statement without what means nothing in it: SQLite keeps comments and spacing."""
    return " ".join(_COMMENT.sub(lambda found: found[1] or " ", sql).split())
