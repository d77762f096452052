"""What happens at the gate and after it: approvals, grants, outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ares.core._action import Action
from ares.core._canonical import Json


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody's answer to one action. ``by`` is ``terminal``, ``python``, ``policy`` or ``nobody``."""

    yes: bool
    by: str
    note: str = ""

    def describe(self) -> dict[str, Json]:
        """Return the approval as JSON."""
        return {"yes": self.yes, "by": self.by, "note": self.note}


@dataclass(frozen=True, slots=True)
class Grant:
    """The one-use permission that the executor must present.

    ``binds`` is the digest of the action and of the module code that will run it; ``expires`` is in
    seconds since the epoch.
    """

    nonce: str
    action_id: str
    binds: str
    expires: float


class Status(StrEnum):
    """How an action ended."""

    OK = "ok"
    FAILED = "failed"
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was read back after an operation: what, whether it holds, and what was seen."""

    what: str
    holds: bool
    seen: str = ""

    def describe(self) -> dict[str, Json]:
        """Return the check as JSON."""
        return {"what": self.what, "holds": self.holds, "seen": self.seen}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an action.

    ``verified`` is None when nothing can be read back, else whether everything read back holds. ``undo``
    is the capability and arguments that take it back, or None.
    """

    action: Action
    status: Status
    result: Json = None
    error: str = ""
    summary: str = ""
    checks: tuple[Check, ...] = ()
    verified: bool | None = None
    undo: tuple[str, Mapping[str, Json]] | None = None
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether it was done and nothing that was read back contradicts it."""
        return self.status is Status.OK

    def describe(self) -> dict[str, Json]:
        """Return the outcome as JSON, as the ledger keeps it."""
        undo: Json = None
        if self.undo is not None:
            undo = {"capability": self.undo[0], "arguments": dict(self.undo[1])}
        return {
            "action": self.action.id,
            "status": str(self.status),
            "result": self.result,
            "error": self.error,
            "summary": self.summary,
            "checks": [check.describe() for check in self.checks],
            "verified": self.verified,
            "undo": undo,
            "seconds": round(self.seconds, 6),
        }
