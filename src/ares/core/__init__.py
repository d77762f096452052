"""The nouns of ARES as frozen dataclasses. Pure: nothing here reads a file, a clock or the network,
except :func:`new_id`, which needs the time and random bits."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ares.core._action import OWNER, Action, Origin, Provenance, Source, new_id
    from ares.core._canonical import Json, canonical, digest
    from ares.core._capability import Capability, Dependency, Effect, Module, Undo
    from ares.core._judgement import (
        HIGH,
        MEDIUM,
        Answer,
        Band,
        Decision,
        Evidence,
        Mark,
        Option,
        Ruling,
        Step,
        Verdict,
    )
    from ares.core._passage import Approval, Check, Grant, Outcome, Status
    from ares.core._proposal import Call, Kind, Reading, Value

__all__ = [
    "HIGH",
    "MEDIUM",
    "OWNER",
    "Action",
    "Answer",
    "Approval",
    "Band",
    "Call",
    "Capability",
    "Check",
    "Decision",
    "Dependency",
    "Effect",
    "Evidence",
    "Grant",
    "Json",
    "Kind",
    "Mark",
    "Module",
    "Option",
    "Origin",
    "Outcome",
    "Provenance",
    "Reading",
    "Ruling",
    "Source",
    "Status",
    "Step",
    "Undo",
    "Value",
    "Verdict",
    "canonical",
    "digest",
    "new_id",
]

_JUDGEMENT = "HIGH MEDIUM Answer Band Decision Evidence Mark Option Ruling Step Verdict"
_HOMES = {
    **dict.fromkeys(("OWNER", "Action", "Origin", "Provenance", "Source", "new_id"), "_action"),
    **dict.fromkeys(("Json", "canonical", "digest"), "_canonical"),
    **dict.fromkeys(("Capability", "Dependency", "Effect", "Module", "Undo"), "_capability"),
    **dict.fromkeys(_JUDGEMENT.split(), "_judgement"),
    **dict.fromkeys(("Approval", "Check", "Grant", "Outcome", "Status"), "_passage"),
    **dict.fromkeys(("Call", "Kind", "Reading", "Value"), "_proposal"),
}


def __getattr__(name: str) -> object:
    # Making a dataclass takes as long as importing a small file, and a small command needs none of them.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
