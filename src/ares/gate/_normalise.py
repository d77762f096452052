"""Step 0: arguments become what will really run, and paths become places."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ares.core import Action, Capability, Json, Provenance, Source
from ares.errors import ArgumentError
from ares.policy import Place
from ares.runtime import first_error


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where an action is proposed: working folder, home, the folders that hold ARES's own state, and what
    the program itself is made of."""

    cwd: Path
    home: Path
    state: tuple[Path, ...]
    program: tuple[Path, ...] = ()


def normalise(
    action: Action, capability: Capability, version: str, where: Surroundings
) -> tuple[Action, tuple[Place, ...]]:
    """Return the action with defaults filled in and paths made absolute, and the places it touches.

    Raises :class:`ArgumentError` when an argument is unknown, missing or breaks its schema; the message
    names it.
    """
    arguments = dict(action.arguments)
    provenance = dict(action.provenance)
    for name, schema in capability.properties.items():
        if name not in arguments and "default" in schema:
            arguments[name] = schema["default"]
            provenance[name] = Provenance(Source.DEFAULT)
    _check(capability, arguments)
    places: list[Place] = []
    for name, schema in capability.properties.items():
        value = arguments.get(name)
        if schema.get("format") == "path" and isinstance(value, str):
            path = _absolute(name, value, where)
            arguments[name] = str(path)
            places.append(_place(name, path, where))
    return replace(action, arguments=arguments, provenance=provenance, version=version), tuple(places)


def places_of(stated: Mapping[str, str], where: Surroundings) -> tuple[Place, ...]:
    """Return the places of the paths that arguments stand for; for a link, where it is and where it leads."""
    found: list[Place] = []
    for name, value in stated.items():
        path = _absolute(name, value, where)
        place = _place(name, path, where)
        found += [replace(place, resolved=spot) for spot in dict.fromkeys((str(path), place.resolved))]
    return tuple(found)


def _check(capability: Capability, arguments: Mapping[str, Json]) -> None:
    problem = first_error(capability.input_schema, dict(arguments))
    if problem:
        accepted = ", ".join(
            name + ("" if name in capability.required else "?") for name in capability.properties
        )
        raise ArgumentError(
            f"{capability.full_name}: {problem}; it takes {accepted or 'no arguments'}"
            f" (see `ares capabilities {capability.full_name}`)"
        )


def _absolute(name: str, value: str, where: Surroundings) -> Path:
    """Make a path absolute as a shell would for its user, symbolic links in its folder resolved.

    The last part is not resolved: deleting or moving a link is about the link, not about its target.
    """
    if "\0" in value:
        raise ArgumentError(f"{name}: a path cannot contain a NUL character")
    if value == "~" or value.startswith("~/"):
        value = str(where.home) + value[1:]
    path = posixpath.normpath(os.path.join(where.cwd, value))
    folder, last = os.path.split(path)
    found = os.path.join(os.path.realpath(folder), last) if last else os.path.realpath(path)
    try:
        found.encode()
    except UnicodeEncodeError as error:
        # The argument is text; the folder it starts from, or one that a link leads to, is named otherwise.
        named = found.encode(errors="backslashreplace").decode()
        raise ArgumentError(
            f"{name}: {named} has bytes that are not UTF-8 text; rename the folder that is named so, "
            "or name a path outside it"
        ) from error
    return Path(found)


def _place(name: str, path: Path, where: Surroundings) -> Place:
    target = Path(os.path.realpath(path))
    # The stricter of a link and what it points at: either may lie outside.
    order = ("cwd", "home", "hidden", "system", "state")
    inside = max((_inside(path, where), _inside(target, where)), key=order.index)
    holds = any(each in folder.parents for folder in where.state for each in (path, target))
    program = any(
        each in part.parents or part == each or part in each.parents
        for part in where.program
        for each in (path, target)
    )
    return Place(argument=name, resolved=str(target), inside=inside, holds_state=holds, program=program)


def _inside(path: Path, where: Surroundings) -> str:
    if any(path == folder or folder in path.parents for folder in where.state):
        return "state"
    for label, folder in (("cwd", where.cwd), ("home", where.home)):
        if path == folder or folder in path.parents:
            hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
            return "hidden" if hidden else label
    return "system"
