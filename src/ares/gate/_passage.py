"""One action on its way through the gate: a state machine that says what it needs next."""

from __future__ import annotations

import os
from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeAlias

from ares.core import (
    Action,
    Approval,
    Capability,
    Check,
    Decision,
    Grant,
    Json,
    Outcome,
    Ruling,
    Verdict,
)
from ares.errors import UsageError
from ares.interrupts import held_back
from ares.policy import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An action with everything the gate came to before anybody was asked. It is in the ledger."""

    action: Action
    capability: Capability
    places: tuple[Place, ...]
    decision: Decision
    verdict: Verdict
    ruling: Ruling
    binds: str

    def describe(self) -> dict[str, Json]:
        """Return the proposal as JSON, as the ledger keeps it."""
        return {
            "action": self.action.describe(),
            "effect": str(self.capability.effect),
            "places": [{"argument": each.argument, "path": _text(each.resolved)} for each in self.places],
            "decision": self.decision.describe(),
            "verdict": self.verdict.describe(),
            "ruling": self.ruling.describe(),
            "binds": self.binds,
        }


def _text(path: str) -> str:
    """Return a path as text that can be recorded, which a name that is not UTF-8 is not."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class NeedApproval:
    """Somebody must say yes or no. Answer with an :class:`~ares.core.Approval`."""

    proposal: Proposal


@dataclass(frozen=True, slots=True)
class NeedStart:
    """It may run, and waits for its turn. Answer with an :class:`~ares.core.Approval`: no means that it
    was not reached, for the reason in its note. Dropping the passage here is a dry run."""

    proposal: Proposal


@dataclass(frozen=True, slots=True)
class NeedExecute:
    """One step of the work is to be done by the executor. Answer with :class:`Executed`.

    ``step`` is ``keep``, ``run`` or ``verify``; ``result`` is what ``run`` gave when verifying.
    """

    step: str
    action: Action
    capability: Capability
    grant: Grant
    kept: Json = None
    result: Json = None


@dataclass(frozen=True, slots=True)
class Executed:
    """What the executor says of one step: a value, checks after ``verify``, or an error in one line.

    ``interrupted`` means that nobody can tell how far it came.
    """

    value: Json = None
    checks: tuple[Check, ...] = ()
    error: str = ""
    interrupted: bool = False


Need: TypeAlias = NeedApproval | NeedStart | NeedExecute
Answer: TypeAlias = Approval | Executed
Steps: TypeAlias = Generator[Need, Answer, Outcome]


class Passage:
    """An action between proposal and outcome.

    While ``need`` is not None, somebody must :meth:`answer` it; then ``outcome`` is set. A passage that
    is dropped half way leaves a true record: nothing ran without an intent, and an intent without an
    outcome is shown as unknown.
    """

    def __init__(self, proposal: Proposal, steps: Steps) -> None:
        self.proposal = proposal
        self.need: Need | None = None
        self.outcome: Outcome | None = None
        self._steps = steps
        self._advance(None)

    def answer(self, answer: Answer) -> None:
        """Answer the current need. Raises :class:`RuntimeError` when there is none or it does not fit, and
        :class:`~ares.errors.UsageError` for an approval that is neither True nor False; then it still waits.
        """
        fits = {NeedApproval: Approval, NeedStart: Approval, NeedExecute: Executed}
        if self.need is None or not isinstance(answer, fits[type(self.need)]):
            raise RuntimeError(f"{type(answer).__name__} does not answer {type(self.need).__name__}")
        # What else there is may well be meant as a no: the text "no", or a coroutine that was never run.
        if isinstance(answer, Approval) and not isinstance(answer.yes, bool):
            raise UsageError(f"an answer is True or False and nothing else, not {answer.yes!r}")
        self._advance(answer)

    def abandon(self, why: str) -> None:
        """Say no to whatever it still waits for, so that the record has an end. Does nothing once it runs."""
        while self.outcome is None and isinstance(self.need, NeedApproval | NeedStart):
            self.answer(Approval(False, "nobody", why))

    def _advance(self, answer: Answer | None) -> None:
        # A step that is cut short could never be gone on with, and the record would have no end.
        with held_back():
            try:
                self.need = next(self._steps) if answer is None else self._steps.send(answer)
            except StopIteration as end:
                self.need = None
                self.outcome = end.value
