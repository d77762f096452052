"""How knowledge grows: what admits a pattern, what a use changes, and rows added to a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from ares.errors import ConfigError, NotFoundError
from ares.knowledge._file import TIER_1_USES, KnowledgeFile, parse_file, read_text, render_file, row_problem

_SUGGEST_USES: Final = 3
_TIER_2_USES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """The six questions that a pattern must answer."""

    used_in_three_places: bool = False
    succeeds_measurably: bool = False
    explained_plainly: bool = False
    challenged_and_defended: bool = False
    simpler_ways_rejected: bool = False
    trade_offs_written: bool = False

    @property
    def tier(self) -> int:
        """Tier 1 for six of six, 2 for four or five, 3 below."""
        passed = sum(astuple(self))
        return 1 if passed == 6 else 2 if passed >= 4 else 3


@dataclass(frozen=True, slots=True)
class Promotion:
    """Where a pattern stands: the best tier its uses allow, and what to look at (empty: nothing)."""

    allowed: int
    suggestion: str = ""


def promotion(name: str, tier: int, uses: int) -> Promotion:
    """Return what ``uses`` recorded uses mean for a pattern of ``tier``.

    The third use suggests a promotion, the fifth makes tier 1 possible; nothing is promoted by itself.
    """
    allowed = 1 if uses >= TIER_1_USES else 2 if uses >= _TIER_2_USES else 3
    if tier == 1 or uses < _SUGGEST_USES:
        return Promotion(allowed)
    missing = TIER_1_USES - uses
    if missing > 0:
        what = f"look at the six checks for a promotion; tier 1 takes {missing} more uses"
    else:
        what = "the six checks can take it to tier 1"
    return Promotion(allowed, f"{name} was used {uses} times: {what}")


def admit(path: Path, pattern: Mapping[str, Any], checks: Checks, on: date) -> int:
    """Add a pattern to a file of patterns with the tier that ``checks`` and its uses give; return the tier.

    Raises :class:`ConfigError` when a member is missing or wrong; the file is then as it was.
    """
    uses = pattern.get("uses", 0)
    allowed = promotion("", 3, uses if type(uses) is int else 0).allowed
    tier = max(checks.tier, allowed)
    head = {"id": pattern.get("id"), "tier": tier}
    add_row(path, {**head, **{name: value for name, value in pattern.items() if name not in head}}, on)
    return tier


def add_row(path: Path, row: Mapping[str, Any], on: date) -> None:
    """Add a row, dated, to the file of its kind. Raises :class:`ConfigError`; the file is then as it was."""

    def added(file: KnowledgeFile) -> KnowledgeFile:
        new = {**row, "dated": on.isoformat()}
        problem = row_problem(file.kind, new)
        if problem is None and any(each["id"] == new.get("id") for each in file.rows):
            problem = ("id", f"{new['id']!r} is there already")
        if problem:
            raise ConfigError(f"{path}: this row cannot be added: {problem[1]}")
        return KnowledgeFile(file.kind, (*file.rows, new), file.body)

    _rewrite(path, added)


def record_use(path: Path, pattern_id: str, succeeded: bool, on: date) -> Promotion:
    """Count one more use of a pattern into its uses and success rate, dated; return where it stands now.

    Raises :class:`NotFoundError` for an unknown pattern and :class:`ConfigError` for a file that is none.
    """
    standing: list[Promotion] = []

    def counted(file: KnowledgeFile) -> KnowledgeFile:
        row = next((row for row in file.rows if file.kind == "patterns" and row["id"] == pattern_id), None)
        if row is None:
            raise NotFoundError(f"{path}: there is no pattern {pattern_id!r}")
        uses = row["uses"] + 1
        success = round((row["success"] * row["uses"] + (100 if succeeded else 0)) / uses)
        new = {**row, "success": success, "uses": uses, "dated": on.isoformat()}
        standing.append(promotion(row["name"], row["tier"], uses))
        return KnowledgeFile(file.kind, tuple(new if each is row else each for each in file.rows), file.body)

    _rewrite(path, counted)
    return standing[0]


def _rewrite(path: Path, change: Callable[[KnowledgeFile], KnowledgeFile]) -> None:
    """Replace a file by what ``change`` makes of it, whole or not at all."""
    import tempfile

    text = render_file(change(parse_file(read_text(path), str(path))))
    parse_file(text, str(path))
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, prefix=".knowledge-", delete=False
        ) as new:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
        os.replace(new.name, path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error})") from error
