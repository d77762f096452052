"""What is known: patterns, anti-patterns, the technology matrix, decisions and directives, as evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ares.knowledge._knowledge import Knowledge
from ares.knowledge._rows import AntiPattern, DecisionNote, Directive, Matches, Pattern, Technology

if TYPE_CHECKING:
    from ares.knowledge._admission import Checks, Promotion, add_row, admit, promotion, record_use

__all__ = [
    "AntiPattern",
    "Checks",
    "DecisionNote",
    "Directive",
    "Knowledge",
    "Matches",
    "Pattern",
    "Promotion",
    "Technology",
    "add_row",
    "admit",
    "promotion",
    "record_use",
]

_WRITING = frozenset({"Checks", "Promotion", "add_row", "admit", "promotion", "record_use"})


def __getattr__(name: str) -> object:
    # Growing the knowledge is rare; reading it is part of every run and should not pay for it.
    if name in _WRITING:
        from ares.knowledge import _admission

        return getattr(_admission, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
