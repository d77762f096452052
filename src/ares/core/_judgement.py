"""What is judged: the policy's decision, the protocol's verdict, and the ruling that joins them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ares.core._canonical import Json

HIGH = 80
MEDIUM = 50


class Answer(StrEnum):
    """What may happen to an action, from strictest to mildest."""

    DENY = "deny"
    ASK = "ask"
    ALLOW = "allow"

    @property
    def strictness(self) -> int:
        """0 for allow, 1 for ask, 2 for deny."""
        return {Answer.ALLOW: 0, Answer.ASK: 1, Answer.DENY: 2}[self]


class Band(StrEnum):
    """How sure the five steps are: HIGH from 80, MEDIUM from 50, LOW below."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @classmethod
    def of(cls, confidence: int) -> Band:
        """Return the band of a confidence in percent."""
        return cls.HIGH if confidence >= HIGH else cls.MEDIUM if confidence >= MEDIUM else cls.LOW


class Mark(StrEnum):
    """How one of the five steps came out."""

    OK = "ok"
    WARN = "warn"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Decision:
    """The policy's answer, the rule that gave it (empty: no rule matched) and why."""

    answer: Answer
    rule: str
    reason: str

    def describe(self) -> dict[str, Json]:
        """Return the decision as JSON."""
        return {"answer": str(self.answer), "rule": self.rule, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for (positive ``weight``, in percent) or against an action.

    ``source`` names the kind (``pattern``, ``tech``, ``ledger``, ``registry``, ``schema``, ``words`` …),
    ``ref`` the row in it, ``text`` says it in words.
    """

    source: str
    ref: str
    weight: int
    text: str

    def describe(self) -> dict[str, Json]:
        """Return the evidence as JSON."""
        return {"source": self.source, "ref": self.ref, "weight": self.weight, "text": self.text}


@dataclass(frozen=True, slots=True)
class Step:
    """One of the five: ``name`` is challenge, simplify, validate, explain or confidence."""

    name: str
    mark: Mark
    text: str
    evidence: tuple[Evidence, ...] = ()

    def describe(self) -> dict[str, Json]:
        """Return the step as JSON."""
        return {
            "name": self.name,
            "mark": str(self.mark),
            "text": self.text,
            "evidence": [item.describe() for item in self.evidence],
        }


@dataclass(frozen=True, slots=True)
class Option:
    """A way out that is offered when the five steps are unsure: a letter, what to do, what it costs."""

    letter: str
    text: str
    trade_off: str

    def describe(self) -> dict[str, Json]:
        """Return the option as JSON."""
        return {"letter": self.letter, "text": self.text, "trade_off": self.trade_off}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The protocol's answer: five steps, a confidence in percent, and what must be asked anyway.

    ``escalations`` are the reasons to ask whatever the confidence is; ``options`` is never empty when the
    band is LOW.
    """

    steps: tuple[Step, ...]
    confidence: int
    warnings: tuple[str, ...] = ()
    escalations: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()

    @property
    def band(self) -> Band:
        """The band of the confidence."""
        return Band.of(self.confidence)

    def describe(self) -> dict[str, Json]:
        """Return the verdict as JSON."""
        return {
            "confidence": self.confidence,
            "band": str(self.band),
            "steps": [step.describe() for step in self.steps],
            "warnings": list(self.warnings),
            "escalations": list(self.escalations),
            "options": [option.describe() for option in self.options],
        }


@dataclass(frozen=True, slots=True)
class Ruling:
    """What decision and verdict come to together, with the reason a person is told."""

    answer: Answer
    because: str

    def describe(self) -> dict[str, Json]:
        """Return the ruling as JSON."""
        return {"answer": str(self.answer), "because": self.because}
