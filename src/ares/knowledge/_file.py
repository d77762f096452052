"""A knowledge file: YAML front matter with a kind and rows for machines, Markdown below it for people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ares.config import Document, parse_yaml
from ares.errors import ConfigError

_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class _Field:
    """What a member of a row must be: ``text``, ``line`` (text in one line), ``percent``, ``count``,
    ``tier``, ``words`` (a list of text) or ``groups`` (a list of those)."""

    shape: str
    required: bool = True


_LINE: Final = _Field("line")
_OPTIONAL: Final = _Field("text", required=False)
_COMMON: Final[Mapping[str, _Field]] = {"id": _LINE, "dated": _Field("line", required=False)}

KINDS: Final[Mapping[str, Mapping[str, _Field]]] = {
    "patterns": {
        **_COMMON,
        "tier": _Field("tier"),
        "name": _LINE,
        "description": _Field("text"),
        "success": _Field("percent"),
        "uses": _Field("count"),
        "category": _LINE,
        "applies_to": _Field("words"),
        "evidence": _Field("words", required=False),
        "trade_offs": _OPTIONAL,
    },
    "anti-patterns": {
        **_COMMON,
        "name": _LINE,
        "why": _Field("text"),
        "better": _Field("text"),
        "signs": _Field("groups"),
        "evidence": _OPTIONAL,
        "instead": _Field("words", required=False),
    },
    "technologies": {
        **_COMMON,
        "name": _LINE,
        "success": _Field("rate"),
        "usage": _LINE,
        "words": _Field("words"),
        "works": _OPTIONAL,
        "when": _OPTIONAL,
        "when_not": _OPTIONAL,
    },
    "decisions": {
        **_COMMON,
        "question": _LINE,
        "decision": _Field("text"),
        "reasons": _Field("words"),
        "trade_off": _Field("text"),
        "evidence": _OPTIONAL,
        "benefit": _OPTIONAL,
        "lesson": _OPTIONAL,
    },
    "directives": {**_COMMON, "title": _LINE, "text": _Field("text")},
}
"""The kinds of files and the members of their rows."""

TIER_1_USES: Final = 5
"""How many recorded uses the first tier takes."""


@dataclass(frozen=True, slots=True)
class KnowledgeFile:
    """One file: its kind, its rows as plain data, and the Markdown below them."""

    kind: str
    rows: tuple[Mapping[str, Any], ...]
    body: str


def parse_file(text: str, where: str) -> KnowledgeFile:
    """Read the content of a knowledge file. Raises :class:`ConfigError` with ``where:line``."""
    lines = text.splitlines(keepends=True)
    if not lines or lines[0].rstrip() != "---":
        raise ConfigError(f"{where}:1: a knowledge file starts with a line --- and YAML below it")
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        raise ConfigError(f"{where}:1: the YAML at the top is not closed with a line ---")
    # An empty first line stands for the opening ---, so that lines count as in the file.
    document = parse_yaml("\n" + "".join(lines[1:end]), where)
    return KnowledgeFile(*_checked(document), body="".join(lines[end + 1 :]))


def _checked(document: Document) -> tuple[str, tuple[Mapping[str, Any], ...]]:
    data = document.data
    if not isinstance(data, Mapping) or set(data) != {"kind", "rows"}:
        raise ConfigError(
            f"{document.where}:{document.line()}: the YAML at the top has two keys, kind and rows"
        )
    kind = data["kind"]
    if not isinstance(kind, str) or kind not in KINDS:
        raise ConfigError(f"{document.where}:{document.line('kind')}: kind is one of {', '.join(KINDS)}")
    rows = [] if data["rows"] is None else data["rows"]
    if not isinstance(rows, list):
        raise ConfigError(f"{document.where}:{document.line('rows')}: rows is a list")
    seen: set[str] = set()
    for index, row in enumerate(rows):
        problem = row_problem(kind, row)
        if problem is None and row["id"] in seen:
            problem = ("id", f"{row['id']!r} is used twice")
        if problem:
            key, message = problem
            line = document.line("rows", index, key) if key else document.line("rows", index)
            raise ConfigError(f"{document.where}:{line}: {message}")
        seen.add(row["id"])
    return kind, tuple(rows)


def row_problem(kind: str, row: object) -> tuple[str, str] | None:
    """Return the member and what is wrong with it, or None for a good row."""
    fields = KINDS[kind]
    if not isinstance(row, Mapping):
        return "", "a row is written as `key: value` lines"
    for key in row:
        if key not in fields:
            return str(key), f"rows of {kind} have no {key!r}; known: {', '.join(fields)}"
    for name, field in fields.items():
        if name not in row:
            if field.required:
                return "", f"a row of {kind} needs {name!r}"
        elif message := _value_problem(field.shape, row[name]):
            return name, f"{name!r} {message}"
    if not _ID.fullmatch(row["id"]):
        return "id", f"{row['id']!r} is no id: small letters, digits, - and _"
    if "dated" in row and not _DATE.fullmatch(row["dated"]):
        return "dated", "'dated' is a date in quotes, such as '2026-01-31'"
    if row.get("tier") == 1 and row["uses"] < TIER_1_USES:
        return "tier", f"tier 1 takes at least {TIER_1_USES} uses, and {row['id']} has {row['uses']}"
    return None


def _value_problem(shape: str, value: object) -> str:
    if shape in ("line", "text"):
        good = isinstance(value, str) and bool(value.strip()) and (shape == "text" or "\n" not in value)
        return "" if good else "takes text"
    if shape in ("percent", "rate"):
        good = type(value) is int and 0 <= value <= 100
        return "" if good or (value is None and shape == "rate") else "takes a whole number from 0 to 100"
    if shape == "count":
        return "" if type(value) is int and value >= 0 else "takes a whole number from 0"
    if shape == "tier":
        return "" if type(value) is int and value in (1, 2, 3) else "takes 1, 2 or 3"
    if shape == "words":
        good = isinstance(value, list) and all(isinstance(each, str) and each.strip() for each in value)
        return "" if good else "takes a list of text"
    good = (
        isinstance(value, list)
        and bool(value)
        and all(each and not _value_problem("words", each) for each in value)
    )
    return "" if good else "takes a list of lists of text"


def render_file(file: KnowledgeFile) -> str:
    """Return the content of a knowledge file. Reading it gives the same file again."""
    import yaml

    front = yaml.safe_dump(
        {"kind": file.kind, "rows": [dict(row) for row in file.rows]},
        sort_keys=False,
        allow_unicode=True,
        width=108,
    )
    return f"---\n{front}---\n{file.body}"


def read_text(path: Path) -> str:
    """Return the text of a file. Raises :class:`ConfigError` when it cannot be read as UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as UTF-8 text ({error})") from error
