"""The knowledge base: rows of all files, and which of them a text names."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from ares.errors import ConfigError
from ares.knowledge._rows import AntiPattern, DecisionNote, Directive, Matches, Pattern, Technology
from ares.knowledge._words import names_any, spread

_KINDS: Final = ("patterns", "anti-patterns", "technologies", "decisions", "directives")
_NEEDED: Final = ("patterns", "anti-patterns", "technologies")
_AREA: Final = "knowledge"
# Part of the stamp: rows that an older reader accepted are read again after its rules change.
_FORMAT: Final = "1"

_Rows = tuple[str, list[Mapping[str, Any]]]


class Knowledge:
    """What is known. ``warnings`` says what could not be found."""

    def __init__(
        self, rows: Mapping[str, Mapping[str, Mapping[str, Any]]], warnings: tuple[str, ...]
    ) -> None:
        self._rows = rows
        self.warnings = warnings

    @classmethod
    def open(cls, folders: Sequence[Path], cache: sqlite3.Connection | None = None) -> Knowledge:
        """Read every ``*.md`` file of ``folders``; a row of a later folder replaces one of the same id.

        ``cache`` is a connection to a database with ARES's ``cache`` table; a file whose content is in it is
        not parsed again. Raises :class:`ConfigError`, with file and line, for a file that is not a knowledge
        file. A folder or kind that is missing is a warning.
        """
        rows: dict[str, dict[str, Mapping[str, Any]]] = {kind: {} for kind in _KINDS}
        warnings = [f"there is no knowledge folder {each}" for each in folders if not each.is_dir()]
        files = [file for folder in folders if folder.is_dir() for file in sorted(folder.glob("*.md"))]
        kept = _Cache(cache)
        for file in files:
            kind, found = kept.rows(file)
            rows[kind].update({str(row["id"]): row for row in found})
        warnings += [f"no knowledge of kind {kind} was found" for kind in _NEEDED if not rows[kind]]
        return cls(rows, tuple(warnings))

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """All patterns, best tier and success rate first."""
        found = [
            Pattern(**{**row, **_tuples(row, "applies_to", "evidence")})
            for row in self._rows["patterns"].values()
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
            for row in self._rows["anti-patterns"].values()
        )

    @cached_property
    def technologies(self) -> tuple[Technology, ...]:
        """The rows of the technology matrix."""
        return tuple(
            Technology(**{**row, **_tuples(row, "words")}) for row in self._rows["technologies"].values()
        )

    @cached_property
    def decisions(self) -> tuple[DecisionNote, ...]:
        """Why things are as they are."""
        return tuple(
            DecisionNote(**{**row, **_tuples(row, "reasons")}) for row in self._rows["decisions"].values()
        )

    @cached_property
    def directives(self) -> tuple[Directive, ...]:
        """The rules of conduct."""
        return tuple(Directive(**row) for row in self._rows["directives"].values())

    def matching(self, text: str) -> Matches:
        """Return the rows that ``text`` names, by whole words only.

        Give it words of the owner: what somebody else wrote is no evidence for anything.
        """
        words = spread(text)
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
        try:
            content = file.read_bytes()
        except OSError as error:
            raise ConfigError(f"{file}: cannot be read ({error})") from error
        stamp = hashlib.sha256(_FORMAT.encode() + content).hexdigest()
        found = self._get(str(file), stamp)
        if found is None:
            found = _parse(file, content)
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
        return (kind, rows) if kind in _KINDS else None

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


def _parse(file: Path, content: bytes) -> _Rows:
    from ares.knowledge._file import parse_file

    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: cannot be read as UTF-8 text ({error})") from error
    parsed = parse_file(text, str(file))
    return parsed.kind, list(parsed.rows)
