"""What is known: patterns, anti-patterns, the technology matrix, decisions and directives, as evidence."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ares.knowledge._knowledge import KINDS, Knowledge
from ares.knowledge._rows import AntiPattern, DecisionNote, Directive, Entry, Matches, Pattern, Technology

if TYPE_CHECKING:
    from ares.knowledge._admission import Checks, Promotion, Standing, promotion, standing
    from ares.knowledge._file import member_schemas
    from ares.knowledge._growth import Growth, Learned

__all__ = [
    "KINDS",
    "AntiPattern",
    "Checks",
    "DecisionNote",
    "Directive",
    "Entry",
    "Growth",
    "Knowledge",
    "Learned",
    "Matches",
    "Pattern",
    "Promotion",
    "Standing",
    "Technology",
    "member_schemas",
    "promotion",
    "standing",
]

_HOMES = {
    **dict.fromkeys(("Checks", "Promotion", "Standing", "promotion", "standing"), "_admission"),
    **dict.fromkeys(("Growth", "Learned"), "_growth"),
    "member_schemas": "_file",
}


def __getattr__(name: str) -> object:
    # Growing the knowledge is rare; reading it is part of every run and should not pay for it.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
