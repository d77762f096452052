"""What is proposed: an action, where it comes from, and how far each of its values can be trusted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ares.core._canonical import Json, digest


class Origin(StrEnum):
    """Who brought an action to the gate."""

    COMMAND = "command"
    SENTENCE = "sentence"
    CHAT = "chat"
    PYTHON = "python"
    UNDO = "undo"
    SCHEDULE = "schedule"
    MCP = "mcp"


class Source(StrEnum):
    """Where a value comes from. ``MODEL`` and ``FOREIGN`` values are tainted: nobody the owner trusts
    wrote them."""

    OWNER = "owner"
    REGISTRY = "registry"
    DEFAULT = "default"
    MODEL = "model"
    FOREIGN = "foreign"

    @property
    def tainted(self) -> bool:
        """Whether the owner neither said nor listed the value."""
        return self in (Source.MODEL, Source.FOREIGN)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where one argument comes from. ``said`` is the span of the owner's words it was read from."""

    source: Source
    said: str = ""
    how: str = ""


OWNER = Provenance(Source.OWNER)


def new_id(prefix: str) -> str:
    """Return an identifier that sorts by time: ``prefix``, milliseconds since the epoch, 40 random bits."""
    # Costs as much as the rest of this module to import, and reading commands make no actions.
    import secrets

    return f"{prefix}{time.time_ns() // 1_000_000:011x}{secrets.token_hex(5)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One proposed call of a capability.

    ``provenance`` has an entry for every argument; ``choice`` says where the choice of the capability
    itself comes from. ``words`` is what the owner typed, ``reason`` why the proposer thinks so, ``sure`` how
    sure it is, 0 to 1 (None: the owner named the capability);
    ``undoes`` names the action that this one takes back; ``key`` makes retries of one request one action.
    """

    capability: str
    arguments: Mapping[str, Json]
    origin: Origin
    version: str = ""
    provenance: Mapping[str, Provenance] = field(default_factory=dict)
    choice: Source = Source.OWNER
    words: str = ""
    reason: str = ""
    sure: float | None = None
    undoes: str = ""
    key: str = ""
    id: str = field(default_factory=lambda: new_id("a"))

    @property
    def tainted(self) -> tuple[str, ...]:
        """Names of what the owner did not say: arguments, and ``capability`` for the choice itself."""
        names = tuple(
            name
            for name in self.arguments
            if self.provenance.get(name, Provenance(Source.MODEL)).source.tainted
        )
        return (*names, "capability") if self.choice.tainted else names

    @property
    def digest(self) -> str:
        """SHA-256 of what will run: id, capability, version, arguments. A grant is bound to it."""
        return digest(
            {
                "id": self.id,
                "capability": self.capability,
                "version": self.version,
                "arguments": dict(self.arguments),
            }
        )

    def with_arguments(self, arguments: Mapping[str, Json], provenance: Mapping[str, Provenance]) -> Action:
        """Return a new action, with an id of its own, that has these arguments instead."""
        return replace(self, arguments=dict(arguments), provenance=dict(provenance), id=new_id("a"))

    def describe(self) -> dict[str, Json]:
        """Return everything about the action as JSON, as the ledger keeps it."""
        return {
            "id": self.id,
            "capability": self.capability,
            "version": self.version,
            "arguments": dict(self.arguments),
            "origin": str(self.origin),
            "choice": str(self.choice),
            "provenance": {
                name: {"source": str(p.source), "said": p.said, "how": p.how}
                for name, p in self.provenance.items()
            },
            "words": self.words,
            "reason": self.reason,
            "sure": self.sure,
            "undoes": self.undoes,
            "key": self.key,
        }
