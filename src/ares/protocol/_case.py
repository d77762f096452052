"""What the five steps are given: one action and every fact that is known about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ares.core import Action, Capability


class PatternRow(Protocol):
    """A pattern of the knowledge base that the owner's words name."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def tier(self) -> int: ...
    @property
    def success(self) -> int: ...
    @property
    def uses(self) -> int: ...


class TechnologyRow(Protocol):
    """A row of the technology matrix that the owner's words name."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def success(self) -> int | None: ...


class AntiPatternRow(Protocol):
    """A way of working that is known to fail and that the owner's words name."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def better(self) -> str: ...
    @property
    def instead(self) -> Sequence[str]: ...


class History(Protocol):
    """How earlier actions of the capability ended, counted by the ledger."""

    @property
    def ok(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def unknown(self) -> int: ...
    @property
    def denied(self) -> int: ...
    @property
    def undone(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another capability that could be meant or that would do. ``text`` says what it does.

    ``gentler``: it changes less. ``equal``: nothing decides between it and the proposed one but taste.
    """

    capability: str
    text: str
    gentler: bool = False
    equal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything the judgement rests on. The gate gathers it; judging it reads nothing else.

    The knowledge rows are those that the owner's own words name. ``health`` is the module's state or health
    as the registry has it (``healthy``, ``degraded``, ``error`` …), ``health_detail`` why.
    ``proposer`` is how sure the model was of its reading, 0 to 1, None when the owner named the capability.
    ``warnings`` are passed on. That the arguments fit the capability's schema is checked before there is a
    case.
    """

    action: Action
    capability: Capability
    patterns: Sequence[PatternRow] = ()
    technologies: Sequence[TechnologyRow] = ()
    anti_patterns: Sequence[AntiPatternRow] = ()
    statistics: History | None = None
    health: str = ""
    health_detail: str = ""
    alternatives: Sequence[Alternative] = ()
    proposer: float | None = None
    warnings: Sequence[str] = ()
