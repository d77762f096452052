"""The nouns of the knowledge base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of any kind as its file has it."""

    kind: str
    file: Path
    row: Mapping[str, Any]

    @property
    def id(self) -> str:
        """What evidence calls it."""
        return str(self.row["id"])

    @property
    def title(self) -> str:
        """What it is, in a line."""
        return str(next(self.row[name] for name in ("name", "question", "title") if name in self.row))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A way of working with a record. ``tier``: 1 proven, 2 working, 3 tried. ``success`` is in percent,
    ``worked`` the uses behind it, None when only the rate is known.

    ``applies_to`` are the words and phrases that name it; ``dated`` is the ISO date of the last change.
    """

    id: str
    tier: int
    name: str
    description: str
    success: int
    uses: int
    category: str
    applies_to: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    trade_offs: str = ""
    dated: str = ""
    worked: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AntiPattern:
    """A way of working that failed. It is recognised when every group of ``signs`` has a phrase in the text.

    ``instead`` names the patterns to use in its place.
    """

    id: str
    name: str
    why: str
    better: str
    signs: tuple[tuple[str, ...], ...]
    evidence: str = ""
    instead: tuple[str, ...] = ()
    dated: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Technology:
    """A row of the technology matrix. ``success`` is in percent, None when nobody measured it."""

    id: str
    name: str
    success: int | None
    usage: str
    words: tuple[str, ...]
    works: str = ""
    when: str = ""
    when_not: str = ""
    dated: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionNote:
    """Why something is as it is: the question, what was decided, the chain of reasons, what it cost."""

    id: str
    question: str
    decision: str
    reasons: tuple[str, ...]
    trade_off: str
    evidence: str = ""
    benefit: str = ""
    lesson: str = ""
    dated: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """A rule of conduct, in plain words."""

    id: str
    title: str
    text: str
    dated: str = ""


@dataclass(frozen=True, slots=True)
class Matches:
    """The rows that a text names."""

    patterns: tuple[Pattern, ...] = ()
    technologies: tuple[Technology, ...] = ()
    anti_patterns: tuple[AntiPattern, ...] = ()
