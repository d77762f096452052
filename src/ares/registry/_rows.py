"""The nouns of the registry, and how modules and capabilities become rows and come back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ares import core

if TYPE_CHECKING:
    from ares.core import Capability, Dependency, Json, Module

MODULE_COLUMNS: Final = (
    "name", "version", "display_name", "type", "description", "entry_point", "main_function", "isolation",
    "author", "license", "auto_start", "source", "digest", "configuration",
)  # fmt: skip
"""Columns of ``modules`` that a manifest decides, in the order of :func:`module_values`."""

CAPABILITY_COLUMNS: Final = (
    "capability", "description", "effect", "input_schema", "output_schema", "reversible", "destructive",
    "outward", "self_affecting", "keep", "verify", "offered", "undo", "summary", "examples",
)  # fmt: skip

DEPENDENCY_COLUMNS: Final = (
    "dependency_type", "dependency_name", "version_constraint", "required", "detail",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleRow:
    """One installed version of a module in brief.

    ``state`` is stopped, starting, running, error or crashed; ``error`` says why for the last two.
    ``capabilities`` counts them. Times are ISO 8601 in UTC.
    """

    id: int
    name: str
    version: str
    display_name: str
    type: str
    description: str
    active: bool
    enabled: bool
    auto_start: bool
    isolation: str
    source: str
    digest: str
    priority: int
    state: str
    error: str
    capabilities: int
    installed_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Totals:
    """How many modules there are, and how many of them are in each state; the three always add up.

    ``running`` includes those that are starting, ``error`` those that crashed.
    """

    total: int
    running: int
    stopped: int
    error: int


@dataclass(frozen=True, slots=True)
class Model:
    """A model file that can be chosen by name. ``size`` is in bytes; ``active``: it is the one in use."""

    name: str
    path: str
    size: int
    added_at: str
    active: bool


def to_json(value: Json) -> str:
    """Return JSON text that keeps the order of members: the order of a manifest's arguments has a meaning.

    Raises :class:`TypeError` or :class:`ValueError` for what is not JSON.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text.encode()
    return text


def module_values(module: Module) -> tuple[Any, ...]:
    """Return what a module's row holds, in the order of :data:`MODULE_COLUMNS`."""
    return (
        module.name,
        module.version,
        module.display_name,
        module.type,
        module.description,
        module.entry_point,
        module.main_function,
        module.isolation,
        module.author,
        module.license,
        int(module.auto_start),
        module.source,
        module.digest,
        to_json(dict(module.configuration)),
    )


def capability_values(capability: Capability) -> tuple[Any, ...]:
    """Return what a capability's row holds, in the order of :data:`CAPABILITY_COLUMNS`."""
    undo = capability.undo
    undo_text = None
    if undo is not None:
        undo_text = to_json({"capability": undo.capability, "arguments": dict(undo.arguments)})
    return (
        capability.name,
        capability.description,
        str(capability.effect),
        to_json(dict(capability.input_schema)),
        to_json(dict(capability.output_schema)),
        int(capability.reversible),
        int(capability.destructive),
        int(capability.outward),
        int(capability.self_affecting),
        int(capability.keep),
        int(capability.verify),
        int(capability.offered),
        undo_text,
        capability.summary,
        to_json(list(capability.examples)),
    )


def dependency_values(dependency: Dependency) -> tuple[Any, ...]:
    """Return what a dependency's row holds, in the order of :data:`DEPENDENCY_COLUMNS`."""
    return (
        dependency.kind,
        dependency.name,
        dependency.constraint,
        int(dependency.required),
        to_json(dict(dependency.detail)),
    )


def from_json(row: sqlite3.Row, table: str, column: str, kind: type = object) -> Any:
    """Return what a column holds as JSON.

    Raises :class:`sqlite3.DataError` that says which column of which row when that is not what ARES wrote.
    """
    try:
        value = json.loads(row[column])
        if isinstance(value, kind):
            return value
    except (ValueError, TypeError, RecursionError):
        # Said below, as for what is JSON and not of the kind.
        pass
    raise _altered(row, table, column)


def _altered(row: sqlite3.Row, table: str, column: str) -> sqlite3.DataError:
    again = "register the module again from its folder, which `ares modules list --json` names"
    if table == "configurations":
        again = f"set {row['key']} again"
    return sqlite3.DataError(
        f"{column} of row {row['id']} of table {table} is not what ARES wrote; {again}, "
        "or put a backup of the file back (see docs/store.md)"
    )


def to_capability(row: sqlite3.Row) -> Capability:
    """Build a capability from its row, which has the module's name as ``module``.

    This and the others here raise :class:`sqlite3.DataError` for a row that ARES did not write so.
    """
    undo = None
    if row["undo"] is not None:
        told = from_json(row, "capabilities", "undo", dict)
        if told.keys() != {"capability", "arguments"} or not isinstance(told["arguments"], dict):
            raise _altered(row, "capabilities", "undo")
        undo = core.Undo(**told)
    if row["effect"] not in tuple(core.Effect):
        raise _altered(row, "capabilities", "effect")
    return core.Capability(
        module=row["module"],
        name=row["capability"],
        description=row["description"],
        effect=core.Effect(row["effect"]),
        input_schema=from_json(row, "capabilities", "input_schema", dict),
        output_schema=from_json(row, "capabilities", "output_schema", dict),
        reversible=bool(row["reversible"]),
        destructive=bool(row["destructive"]),
        outward=bool(row["outward"]),
        self_affecting=bool(row["self_affecting"]),
        keep=bool(row["keep"]),
        verify=bool(row["verify"]),
        offered=bool(row["offered"]),
        undo=undo,
        summary=row["summary"],
        examples=tuple(from_json(row, "capabilities", "examples", list)),
    )


def to_dependency(row: sqlite3.Row) -> Dependency:
    """Build a dependency from its row."""
    return core.Dependency(
        kind=row["dependency_type"],
        name=row["dependency_name"],
        constraint=row["version_constraint"],
        required=bool(row["required"]),
        detail=from_json(row, "dependencies", "detail", dict),
    )


def to_module(
    row: sqlite3.Row, capabilities: Iterable[sqlite3.Row], dependencies: Iterable[sqlite3.Row]
) -> Module:
    """Build a module from its row and those of its capabilities and dependencies."""
    return core.Module(
        name=row["name"],
        version=row["version"],
        display_name=row["display_name"],
        type=row["type"],
        description=row["description"],
        entry_point=row["entry_point"],
        main_function=row["main_function"],
        isolation=row["isolation"],
        author=row["author"],
        license=row["license"],
        auto_start=bool(row["auto_start"]),
        enabled=bool(row["enabled"]),
        source=row["source"],
        digest=row["digest"],
        capabilities=tuple(map(to_capability, capabilities)),
        dependencies=tuple(map(to_dependency, dependencies)),
        configuration=from_json(row, "modules", "configuration", dict),
    )


def to_module_row(row: sqlite3.Row) -> ModuleRow:
    """Build the brief form from a row of the query that lists modules."""
    values: dict[str, Any] = dict(row)
    for flag in ("active", "enabled", "auto_start"):
        values[flag] = bool(values[flag])
    return ModuleRow(**values)


def to_model(row: sqlite3.Row) -> Model:
    """Build a model from its row."""
    return Model(row["name"], row["path"], row["size"], row["added_at"], bool(row["active"]))
