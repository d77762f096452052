"""The nouns of ARES as frozen dataclasses. Pure: nothing here reads a file, a clock or the network,
except :func:`new_id`, which needs the time and random bits."""

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
