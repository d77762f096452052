"""Finding capabilities by words: stems, beginnings, and spellings one error away."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ares.core import Capability

_WORD: Final = re.compile(r"[^\W_]+")
_SLOT: Final = re.compile(r"\{[^{}]*\}")
_MOST_WORDS: Final = 64
_SHORTEST_MISSPELT: Final = 4
_SHORTEST_BEGINNING: Final = 3
_LONGEST: Final = 40

_RANKED: Final = (
    "SELECT c.*, m.name AS module, -bm25(capability_words, 4.0, 2.0, 1.0) AS score"
    " FROM capability_words JOIN capabilities c ON c.id = capability_words.rowid"
    " JOIN modules m ON m.id = c.module_id"
    " WHERE capability_words MATCH ? AND m.active = 1 AND m.enabled = 1 AND c.offered >= ?"
    " ORDER BY score DESC, c.id LIMIT ?"
)


def index(connection: sqlite3.Connection, capability_id: int, capability: Capability) -> None:
    """Put the words of a capability into the index; the slots of its examples are no words."""
    examples = _SLOT.sub(" ", "\n".join(capability.examples))
    texts = (f"{capability.module} {capability.name.replace('_', ' ')}", capability.description, examples)
    connection.execute(
        "INSERT INTO capability_words (rowid, name, description, examples) VALUES (?, ?, ?, ?)",
        (capability_id, *texts),
    )
    pairs = [(variant, word) for word in words_of(" ".join(texts)) for variant in _variants(word)]
    connection.executemany("INSERT OR IGNORE INTO spellings VALUES (?, ?)", pairs)


def unindex(connection: sqlite3.Connection, module_id: int) -> None:
    """Take the words of a module's capabilities out of the index."""
    connection.execute(
        "DELETE FROM capability_words WHERE rowid IN (SELECT id FROM capabilities WHERE module_id = ?)",
        (module_id,),
    )


def ranked(connection: sqlite3.Connection, query: str, limit: int, offered: bool) -> list[sqlite3.Row]:
    """Return rows of capabilities, best first, with their ``score``. Any text will do as a query."""
    words = words_of(query)[:_MOST_WORDS]
    if not words or limit < 1:
        return []
    terms = [f'"{word}"' for word in [*words, *_respelt(connection, words)]]
    terms += [f'"{word}"*' for word in words if len(word) >= _SHORTEST_BEGINNING]
    return connection.execute(_RANKED, (" OR ".join(terms), int(offered), limit)).fetchall()


def words_of(text: str) -> list[str]:
    """Return the distinct words of a text in lower case, in their order. Parts of absurd length are cut."""
    return list(dict.fromkeys(word[:_LONGEST] for word in _WORD.findall(text.lower())))


def _variants(word: str) -> Iterable[str]:
    """Return the word and, unless it is short, every spelling of it that lacks one letter."""
    if len(word) < _SHORTEST_MISSPELT:
        return (word,)
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _respelt(connection: sqlite3.Connection, words: Iterable[str]) -> list[str]:
    """Return known words that are one typing error away from those that are not known."""
    found: list[str] = []
    for word in words:
        known = connection.execute(
            "SELECT 1 FROM spellings WHERE variant = ? AND word = ?", (word, word)
        ).fetchone()
        if known or len(word) < _SHORTEST_MISSPELT:
            continue
        variants = tuple(_variants(word))
        marks = ", ".join("?" * len(variants))
        rows = connection.execute(f"SELECT DISTINCT word FROM spellings WHERE variant IN ({marks})", variants)
        found += [row["word"] for row in rows]
    return found
