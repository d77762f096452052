"""Requests with known answers, and the machine they are spoken to. ``tests/data/requests/README.md`` says how
both are written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from ares.core import Capability, Json, Kind, Reading, Value
from ares.inference import World

UNSEEN: Final = "unseen"
"""Sets whose name begins so are also offered the modules that no training run sees."""

Expected = tuple[tuple[str, Mapping[str, Json]], ...]
"""Capabilities with their arguments, in order."""

Defaults = Mapping[str, Mapping[str, Json]]
"""For capabilities by name, what arguments that are left out are taken to be."""
NO_DEFAULTS: Final[Defaults] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Request:
    """One request: ``answers`` are the right ones; without any it is ``clarify`` (the capability that lacks
    an argument) or nothing fits.
    """

    id: str
    set: str
    voice: str
    text: str
    answers: tuple[Expected, ...]
    clarify: str

    def right(self, reading: Reading, defaults: Defaults = NO_DEFAULTS) -> bool:
        """Whether ``reading`` is a right answer: capabilities and all arguments, the question, or none.
        Saying what is the default anyway makes no other call.
        """
        if self.clarify:
            return reading.kind is Kind.CLARIFY and self.clarify in reading.candidates
        if not self.answers:
            return reading.kind is Kind.NONE
        return reading.kind is Kind.ACTIONS and any(
            _same(reading, answer, defaults) for answer in self.answers
        )

    def right_capabilities(self, reading: Reading) -> bool:
        """Whether ``reading`` names the right capabilities, whatever their arguments."""
        if self.clarify or not self.answers:
            return self.right(reading)
        chosen = tuple(call.capability for call in reading.calls)
        return any(tuple(name for name, _ in answer) == chosen for answer in self.answers)


def _same(reading: Reading, answer: Expected, defaults: Defaults) -> bool:
    return len(reading.calls) == len(answer) and all(
        call.capability == name
        and _plain(call.arguments, defaults.get(name, {})) == _plain(arguments, defaults.get(name, {}))
        for call, (name, arguments) in zip(reading.calls, answer, strict=True)
    )


def _plain(arguments: Mapping[str, Json], defaults: Mapping[str, Json]) -> dict[str, Json]:
    """Arguments as they are compared: without defaults; case and final punctuation do not count."""
    return {
        name: value.strip(" .,!?;:").lower() if isinstance(value, str) and value != "." else value
        for name, value in arguments.items()
        if name not in defaults or value != defaults[name]
    }


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine of the requests: ``bundled`` and ``unseen`` capabilities that sentences may choose."""

    world: World
    bundled: tuple[Capability, ...]
    unseen: tuple[Capability, ...]

    def tools(self, request: Request) -> tuple[Capability, ...]:
        """The capabilities that are registered when ``request`` is said."""
        return (*self.bundled, *self.unseen) if request.set.startswith(UNSEEN) else self.bundled

    @property
    def defaults(self) -> Defaults:
        """The defaults of all capabilities."""
        return {
            tool.full_name: {n: each["default"] for n, each in tool.properties.items() if "default" in each}
            for tool in (*self.bundled, *self.unseen)
        }


def load_requests(file: Path) -> tuple[Request, ...]:
    """Read a file of requests, one JSON object a line."""
    return tuple(_request(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines())


def _request(row: Mapping[str, Json]) -> Request:
    also = row.get("also", [])
    assert isinstance(also, list)
    answers = [row["actions"], *also] if row["actions"] else []
    return Request(
        id=str(row.get("id", "")),
        set=str(row.get("set", "")),
        voice=str(row["voice"]),
        text=str(row["request"]),
        answers=tuple(_expected(answer) for answer in answers),
        clarify=str(row["capability"]) if row.get("clarify") else "",
    )


def _expected(answer: Json) -> Expected:
    assert isinstance(answer, list)
    return tuple((str(action["capability"]), dict(action["arguments"])) for action in answer)


def load_world(folder: Path, modules: Path) -> Machine:
    """Read ``world.yaml`` and ``modules/`` in ``folder``, and the bundled modules in ``modules``."""
    from ares.config import read_yaml

    data = read_yaml(folder / "world.yaml").data
    values = {source: tuple(map(_value, listed)) for source, listed in data["values"].items()}
    zone = str(data["zone"])
    now = datetime.fromisoformat(data["now"]).replace(tzinfo=ZoneInfo(zone))
    world = World(now, zone, data["cwd"], data["home"], lambda source: values.get(source, ()))
    return Machine(world, _offered(modules), _offered(folder / "modules"))


def _value(entry: object) -> Value:
    if isinstance(entry, Mapping):
        return Value(str(entry["value"]), tuple(map(str, entry["aliases"])))
    return Value(str(entry))


def _offered(folder: Path) -> tuple[Capability, ...]:
    from ares.runtime import read_manifest

    manifests = sorted(folder.glob("*/module.yaml"))
    found = (
        capability for file in manifests for capability in read_manifest(file.parent, code=False).capabilities
    )
    return tuple(capability for capability in found if capability.offered)
