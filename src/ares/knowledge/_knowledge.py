"""The knowledge base: rows of all files, and which of them a text names."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from ares.errors import ConfigError, NotFoundError
from ares.knowledge._rows import AntiPattern, DecisionNote, Directive, Entry, Matches, Pattern, Technology
from ares.knowledge._words import heard, names_any
from ares.textfile import exists, read_text

KINDS: Final = ("patterns", "anti-patterns", "technologies", "decisions", "directives")
"""What rows there are."""
_NEEDED: Final = ("patterns", "anti-patterns", "technologies")
_AREA: Final = "knowledge"
# Part of the stamp: rows that an older reader accepted are read again after its rules change.
_FORMAT: Final = "2"

_Rows = tuple[str, list[Mapping[str, Any]]]


def require_kind(kind: str) -> None:
    """Raise :class:`~ares.errors.NotFoundError` for a kind that there is not."""
    if kind not in KINDS:
        raise NotFoundError(f"there is no knowledge of kind {kind!r}; the kinds are {', '.join(KINDS)}")


class Knowledge:
    """What is known. ``warnings`` says what could not be found."""

    def __init__(self, folders: Sequence[Path], cache: sqlite3.Connection | None, own: Path | None) -> None:
        self._folders = tuple(folders)
        self._own = own
        self._cache = _Cache(cache)
        self.reload()

    @classmethod
    def open(
        cls, folders: Sequence[Path], cache: sqlite3.Connection | None = None, own: Path | None = None
    ) -> Knowledge:
        """Read every ``*.md`` file of ``folders``; a row of a later folder replaces one of the same id.

        ``cache`` is a connection to a database with ARES's ``cache`` table; a file whose content is in it is
        not parsed again. Raises :class:`ConfigError`, with file and line, for a file that is not a knowledge
        file. A folder or kind that is missing is a warning; ``own``, the last folder, may be missing.
        """
        return cls(folders, cache, own)

    def reload(self) -> None:
        """Read the files again; whoever holds this object then sees what they say now."""
        entries: dict[str, dict[str, Entry]] = {kind: {} for kind in KINDS}
        folders = [*self._folders, *([self._own] if self._own else [])]
        for folder in folders:
            if exists(folder) and not folder.is_dir():
                raise ConfigError(f"{folder}: not a folder; move it away, knowledge lies in files below it")
        there = [folder for folder in folders if folder.is_dir()]
        for file in (file for folder in there for file in sorted(folder.glob("*.md"))):
            kind, rows = self._cache.rows(file)
            entries[kind].update({str(row["id"]): Entry(kind, file, row) for row in rows})
        missing = [f"there is no knowledge folder {each}" for each in self._folders if each not in there]
        missing += [f"no knowledge of kind {kind} was found" for kind in _NEEDED if not entries[kind]]
        for kind in KINDS:
            self.__dict__.pop(kind.replace("-", "_"), None)
        self._entries = entries
        self.warnings = tuple(missing)

    def entries(self, kind: str = "") -> tuple[Entry, ...]:
        """Return the rows of one kind, or all of them, in the order of their files.

        Raises :class:`~ares.errors.NotFoundError` for a kind that there is not.
        """
        if kind:
            require_kind(kind)
        return tuple(entry for each in KINDS if kind in ("", each) for entry in self._entries[each].values())

    def named(self, row_id: str) -> tuple[Entry, ...]:
        """Return the rows with this id: none, one, or one of several kinds."""
        return tuple(rows[row_id] for rows in self._entries.values() if row_id in rows)

    def _rows(self, kind: str) -> Iterator[Mapping[str, Any]]:
        return (entry.row for entry in self._entries[kind].values())

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """All patterns, best tier and success rate first."""
        found = [
            Pattern(**{**row, **_tuples(row, "applies_to", "evidence")}) for row in self._rows("patterns")
        ]
        return tuple(sorted(found, key=lambda pattern: (pattern.tier, -pattern.success, pattern.id)))

    @cached_property
    def anti_patterns(self) -> tuple[AntiPattern, ...]:
        """All anti-patterns."""
        return tuple(
            AntiPattern(
                **{
                    **row,
                    **_tuples(row, "instead"),
                    "signs": tuple(tuple(group) for group in row["signs"]),
                }
            )
            for row in self._rows("anti-patterns")
        )

    @cached_property
    def technologies(self) -> tuple[Technology, ...]:
        """The rows of the technology matrix."""
        return tuple(Technology(**{**row, **_tuples(row, "words")}) for row in self._rows("technologies"))

    @cached_property
    def decisions(self) -> tuple[DecisionNote, ...]:
        """Why things are as they are."""
        return tuple(DecisionNote(**{**row, **_tuples(row, "reasons")}) for row in self._rows("decisions"))

    @cached_property
    def directives(self) -> tuple[Directive, ...]:
        """The rules of conduct."""
        return tuple(Directive(**row) for row in self._rows("directives"))

    def matching(self, text: str) -> Matches:
        """Return the rows that ``text`` names, by whole words only.

        Give it words of the owner: what somebody else wrote is no evidence for anything.
        """
        words = heard(text)
        return Matches(
            patterns=tuple(each for each in self.patterns if names_any(words, each.applies_to)),
            technologies=tuple(each for each in self.technologies if names_any(words, each.words)),
            anti_patterns=tuple(
                each for each in self.anti_patterns if all(names_any(words, group) for group in each.signs)
            ),
        )


def _tuples(row: Mapping[str, Any], *names: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(row[name]) for name in names if name in row}


class _Cache:
    """Parsed rows by file, good as long as the file's content is the same."""

    def __init__(self, connection: sqlite3.Connection | None) -> None:
        self._connection = connection

    def rows(self, file: Path) -> _Rows:
        text = read_text(file)
        stamp = hashlib.sha256((_FORMAT + text).encode()).hexdigest()
        found = self._get(str(file), stamp)
        if found is None:
            found = _parse(file, text)
            self._put(str(file), stamp, found)
        return found

    def _get(self, key: str, stamp: str) -> _Rows | None:
        if self._connection is None:
            return None
        try:
            row = self._connection.execute(
                "SELECT value FROM cache WHERE area = ? AND key = ? AND stamp = ?", (_AREA, key, stamp)
            ).fetchone()
        except sqlite3.Error:
            # Parsing again is always possible; whatever is wrong with the database shows where it matters.
            return None
        try:
            kind, rows = json.loads(row[0]) if row is not None else ("", [])
        except ValueError:
            return None
        return (kind, rows) if kind in KINDS else None

    def _put(self, key: str, stamp: str, rows: _Rows) -> None:
        if self._connection is None:
            return
        try:
            self._connection.execute(
                "INSERT OR REPLACE INTO cache (area, key, stamp, value) VALUES (?, ?, ?, ?)",
                (_AREA, key, stamp, json.dumps(rows)),
            )
        except sqlite3.Error:
            # A read-only or busy database costs time at the next start and nothing else.
            return


def _parse(file: Path, text: str) -> _Rows:
    from ares.knowledge._file import parse_file

    parsed = parse_file(text, str(file))
    return parsed.kind, list(parsed.rows)
