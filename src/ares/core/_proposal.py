"""What a mind hands over: calls read out of a sentence, or why there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ares.core._action import Provenance, Source
from ares.core._canonical import Json


class Kind(StrEnum):
    """What a sentence came to."""

    ACTIONS = "actions"
    CLARIFY = "clarify"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Value:
    """A live value that a module offers for an argument: the value, other names for it, a label."""

    value: str
    aliases: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call that a sentence asks for. ``confidence`` is the proposer's own, 0 to 1."""

    capability: str
    arguments: Mapping[str, Json]
    provenance: Mapping[str, Provenance]
    confidence: float
    choice: Source = Source.OWNER
    reason: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a proposer makes of a sentence.

    For ``CLARIFY``: ``question`` asks for the missing argument or between the ``candidates``. For
    ``NONE``: ``question`` says what could be done instead.
    """

    kind: Kind
    calls: tuple[Call, ...] = ()
    question: str = ""
    candidates: tuple[str, ...] = ()
    model: str = ""
    notes: Mapping[str, Json] = field(default_factory=dict)
