"""A knowledge file: YAML front matter with a kind and rows for machines, Markdown below it for people."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ares.config import Document, parse_yaml
from ares.core import Json
from ares.errors import ConfigError
from ares.knowledge._knowledge import require_kind
from ares.textfile import LARGEST, exists, read_text

_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class _Field:
    """What a member of a row must be: ``text``, ``line`` (text in one line), ``percent``, ``count``,
    ``amount`` (a count that may have a fraction), ``tier``, ``words`` (a list of text) or ``groups`` (a list
    of those)."""

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
        "worked": _Field("amount", required=False),
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

_SCHEMAS: Final[Mapping[str, dict[str, Json]]] = {
    **{shape: {"type": "integer"} for shape in ("percent", "count", "tier")},
    "rate": {"type": ["integer", "null"]},
    "amount": {"type": "number"},
    "words": {"type": "array"},
    "groups": {"type": "array", "items": {"type": "array"}},
}


def member_schemas(kind: str) -> dict[str, dict[str, Json]]:
    """Return what each member of a row of ``kind`` takes, as a JSON Schema.

    Raises :class:`~ares.errors.NotFoundError` for a kind that there is not.
    """
    require_kind(kind)
    return {name: _SCHEMAS.get(field.shape, {"type": "string"}) for name, field in KINDS[kind].items()}


TIER_1_USES: Final = 5
"""How many recorded uses the first tier takes."""


@dataclass(frozen=True, slots=True)
class KnowledgeFile:
    """One file: its kind, its rows as plain data, and the Markdown below them."""

    kind: str
    rows: tuple[Mapping[str, Any], ...]
    body: str
    comments: bool = False

    def with_row(self, kind: str, row: Mapping[str, Any], where: str) -> KnowledgeFile:
        """Return the file with ``row`` in the place of the one of its id, or at the end.

        Raises :class:`ConfigError` when that would put a row among those of another kind or lose comments.
        """
        if self.kind != kind:
            raise ConfigError(f"{where}: holds {self.kind}; rename it, rows of {kind} belong there")
        if self.comments:
            raise ConfigError(
                f"{where}: comments in its YAML would be lost; move them below it, or edit the row there"
            )
        rows = {each["id"]: each for each in self.rows} | {row["id"]: row}
        return KnowledgeFile(kind, tuple(rows.values()), self.body)


def new_file(kind: str) -> KnowledgeFile:
    """Return the file that holds the owner's rows of a kind before there are any."""
    text = "`ares knowledge` keeps the rows above. Below is room for notes."
    return KnowledgeFile(kind, (), f"\n# {kind.capitalize()} of your own\n\n{text}\n")


def read_file(path: Path) -> KnowledgeFile | None:
    """Read a knowledge file; None when nothing lies there. Raises :class:`ConfigError`."""
    return parse_file(read_text(path), str(path)) if exists(path) else None


def file_text(path: Path, file: KnowledgeFile) -> str:
    """Return what a knowledge file is written as.

    Raises :class:`ConfigError` when it would not read back as it is, or not at all.
    """
    text = render_file(file)
    if len(text.encode()) > LARGEST:
        raise ConfigError(f"{path}: no room for another row; move some to another file of the folder")
    if parse_file(text, str(path)).rows != file.rows:
        raise ConfigError(f"{path}: this row would not read back as it is; leave unusual characters out")
    return text


def parse_file(text: str, where: str) -> KnowledgeFile:
    """Read the content of a knowledge file. Raises :class:`ConfigError` with ``where:line``."""
    lines = text.splitlines(keepends=True)
    if not lines or lines[0].rstrip() != "---":
        raise ConfigError(f"{where}:1: a knowledge file starts with a line --- and YAML below it")
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        raise ConfigError(f"{where}:1: the YAML at the top is not closed with a line ---")
    # An empty first line stands for the opening ---, so that lines count as in the file.
    front = "\n" + "".join(lines[1:end])
    kind, rows = _checked(parse_yaml(front, where))
    return KnowledgeFile(kind, rows, "".join(lines[end + 1 :]), _has_comments(front))


def _has_comments(front: str) -> bool:
    """Whether YAML has a comment: a ``#`` that is part of no token."""
    if "#" not in front:
        return False
    import yaml

    tokens = [(token.start_mark.index, token.end_mark.index) for token in yaml.scan(front)]
    ends = [0, *(end for _, end in tokens)]
    starts = [*(start for start, _ in tokens), len(front)]
    return any("#" in front[end:start] for end, start in zip(ends, starts, strict=True))


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
    if missing := [repr(name) for name, field in fields.items() if field.required and name not in row]:
        return "", f"a row of {kind} needs {', '.join(missing)}"
    for name, field in fields.items():
        if name not in row:
            continue
        if message := _value_problem(field.shape, row[name]):
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
    if shape == "amount":
        good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf
        return "" if good else "takes a number from 0"
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
