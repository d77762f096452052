"""What a module can do: modules and their capabilities, as their manifest states them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from ares.core._canonical import Json


class Effect(StrEnum):
    """What an operation touches. Everything but ``READ`` changes something."""

    READ = "read"
    WRITE = "write"
    NETWORK = "network"
    EXECUTE = "execute"
    POWER = "power"
    SPEND = "spend"


@dataclass(frozen=True, slots=True)
class Undo:
    """How to take an operation back: a capability and a template of its arguments.

    A string ``$result.x``, ``$arguments.x`` or ``$kept.x`` stands for that member of the operation's
    result, of its arguments, or of what was kept before it ran; every other value stands for itself.
    """

    capability: str
    arguments: Mapping[str, Json]

    def uses(self, source: str) -> bool:
        """Whether a member of ``source`` is needed: ``$result``, ``$arguments`` or ``$kept``."""
        return any(
            isinstance(template, str) and template.startswith(f"{source}.")
            for template in self.arguments.values()
        )

    def fill(self, arguments: Mapping[str, Json], result: Json, kept: Json) -> dict[str, Json]:
        """Return the arguments of the undoing call; members that are absent are left out."""
        sources: dict[str, Json] = {"$arguments": dict(arguments), "$result": result, "$kept": kept}
        filled: dict[str, Json] = {}
        for name, template in self.arguments.items():
            head, dot, member = template.partition(".") if isinstance(template, str) else ("", "", "")
            if not dot or head not in sources:
                filled[name] = template
                continue
            source = sources[head]
            if isinstance(source, Mapping) and source.get(member) is not None:
                filled[name] = source[member]
        return filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One typed operation that a module offers.

    ``keep``: the module keeps what would be lost before it runs. ``verify``: the module reads back what
    it did. ``offered``: sentences may choose it (false for helpers such as undo targets). ``summary`` is a
    line with ``{member}`` fields of the result; ``examples`` are phrases with ``{argument}`` slots.
    """

    module: str
    name: str
    description: str
    effect: Effect
    input_schema: Mapping[str, Json]
    output_schema: Mapping[str, Json]
    reversible: bool = False
    destructive: bool = False
    outward: bool = False
    self_affecting: bool = False
    keep: bool = False
    verify: bool = False
    offered: bool = True
    undo: Undo | None = None
    summary: str = ""
    examples: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """``module.name``, the name that people and actions use."""
        return f"{self.module}.{self.name}"

    @property
    def purpose(self) -> str:
        """What it is for, to go on with in the middle of a sentence: no full stop, and a small first letter
        unless the first word is "I", an abbreviation or a name with more capitals in it.
        """
        text = self.description.strip().rstrip(".")
        first = text.partition(" ")[0]
        return text[:1].lower() + text[1:] if first == "A" or first[1:].islower() else text

    @property
    def changes(self) -> bool:
        """Whether running it may change anything at all."""
        return self.effect is not Effect.READ

    @property
    def properties(self) -> Mapping[str, Mapping[str, Json]]:
        """The schema of each argument, by name, in the order of the manifest."""
        found = self.input_schema.get("properties", {})
        assert isinstance(found, Mapping)
        return {name: schema for name, schema in found.items() if isinstance(schema, Mapping)}

    @property
    def paths(self) -> tuple[str, ...]:
        """Names of the arguments that are paths."""
        return tuple(name for name, schema in self.properties.items() if schema.get("format") == "path")

    @property
    def placed(self) -> tuple[str, ...]:
        """Names of the arguments that are no paths and stand for one (``x-place``): the module says which."""
        return tuple(name for name, schema in self.properties.items() if schema.get("x-place"))

    @property
    def whole(self) -> tuple[str, ...]:
        """Names of the arguments of which everything below is acted on as well (``x-whole``)."""
        return tuple(name for name, schema in self.properties.items() if schema.get("x-whole"))

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the arguments that must be given."""
        found = self.input_schema.get("required", ())
        assert isinstance(found, (list, tuple))
        return tuple(str(name) for name in found)


@dataclass(frozen=True, slots=True)
class Dependency:
    """Something a module needs. ``kind`` is ``python``, ``system``, ``module`` or ``api``."""

    kind: str
    name: str
    constraint: str = ""
    required: bool = True
    detail: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One version of a module, as its manifest describes it.

    ``source`` is the folder with its files, or ``bundled:<folder>`` for what comes with ARES; ``digest`` the
    SHA-256 over its files.
    """

    TYPES: ClassVar = ("integration", "tool", "monitor", "ai-feature")

    name: str
    version: str
    display_name: str
    type: str
    description: str
    entry_point: str
    main_function: str = ""
    isolation: str = "process"
    author: str = ""
    license: str = ""
    auto_start: bool = False
    enabled: bool = True
    source: str = ""
    digest: str = ""
    capabilities: tuple[Capability, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    configuration: Mapping[str, Json] = field(default_factory=dict)
