"""What the training data is made of: the bundled capabilities, the invented tools, pools of values and
other talk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ares.inference.command import Argument, tool_from_schema

HERE: Final = Path(__file__).parent
_SHOWN_KINDS: Final = {
    "path": "path",
    "file": "path",
    "folder": "path",
    "number": "number",
    "percent": "number",
    "duration": "duration",
    "time": "time",
    "date": "date",
    "url": "url",
    "email": "email",
    "enum": "choice",
}
_BUNDLED_VALUES: Final = {
    "files.list path": "folder",
    "files.find path": "folder",
    "files.find name": "pattern",
    "files.read path": "file",
    "files.write path": "file",
    "files.write text": "note",
    "files.move source": "entry",
    "files.copy source": "entry",
    "files.move destination": "destination",
    "files.copy destination": "destination",
    "files.delete path": "entry",
    "files.restore item": "item",
    "hosts.add name": "newhost",
    "hosts.remove name": "host",
    "hosts.wake name": "host",
    "hosts.add address": "ip",
    "notes.add text": "note",
    "notes.search query": "query",
    "notes.delete note": "topic",
    "notes.restore note": "topic",
    "system.disk path": "disk",
    "system.processes limit": "count",
}
_SAYINGS: Final = {
    "cpu": ("cpu", "processor", "cpu time", "processor time", "processing power", "computing power"),
    "memory": ("memory", "ram", "mem", "main memory"),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """An argument of a source tool: how the model sees it, from which kind of values it is filled, and for
    a choice the ways to say each of its values."""

    argument: Argument
    values: str
    samples: tuple[str, ...] = ()
    sayings: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class SourceTool:
    """A tool to train on. ``phrases`` make requests; ``examples`` may stand in its line: the same ones, or
    such as the author of a module writes.
    """

    name: str
    description: str
    effect: str
    slots: tuple[Slot, ...]
    phrases: tuple[str, ...]
    examples: tuple[str, ...]
    bundled: bool = False

    @property
    def module(self) -> str:
        return self.name.split(".", 1)[0]


@dataclass(frozen=True, slots=True)
class Asides:
    """Talk that asks for nothing, said before or after a request."""

    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """All of it; ``near`` are, by module, sentences about what its tools are about that none of them serves;
    ``digest`` is the SHA-256 over what was read, so that a change of a manifest which no training row could
    show changes nothing here."""

    tools: tuple[SourceTool, ...]
    none: tuple[str, ...]
    near: Mapping[str, tuple[str, ...]]
    asides: Asides
    pools: Mapping[str, Sequence[str]]
    synonyms: tuple[tuple[str, ...], ...]
    digest: str
    held_out: tuple[str, ...] = field(default=(), repr=False)


def load_sources(modules: Path, data: Path = HERE / "data", held_out: Path | None = None) -> Sources:
    """Read the manifests below ``modules``, the data files in ``data`` and, to keep clear of them, the
    requests in the JSONL files of the folder ``held_out``."""
    import yaml

    manifests = sorted(modules.glob("*/module.yaml"))
    lexicon = yaml.safe_load((HERE / "lexicon.yaml").read_text("utf-8"))
    pools = {name: [str(value) for value in values] for name, values in lexicon.items() if name != "synonyms"}
    for name, values in yaml.safe_load((data / "pools.yaml").read_text("utf-8")).items():
        merged = {"person_names": "people", "host_names": "hosts"}.get(name, name)
        pools[merged] = [*pools.get(merged, ()), *map(str, values)]
    tools = [*_bundled(manifests, sorted(data.glob("bundled*.jsonl")))]
    tools += load_tools(data)
    sentences = (str(row["request"]) for file in sorted(data.glob("none*.jsonl")) for row in _rows(file))
    none = tuple(dict.fromkeys(sentences))
    near = {str(row["module"]): tuple(map(str, row["requests"])) for row in _rows(data / "near.jsonl")}
    asides = _asides(data / "asides.jsonl")
    synonyms = tuple(tuple(map(str, group)) for group in lexicon["synonyms"])
    read = (tools, none, sorted(near.items()), asides, sorted(pools.items()), synonyms)
    digest = hashlib.sha256(repr(read).encode())
    held = held_out_requests(held_out) if held_out else ()
    return Sources(tuple(tools), none, near, asides, pools, synonyms, digest.hexdigest(), held)


def load_tools(folder: Path) -> tuple[SourceTool, ...]:
    """The invented tools in the files ``tools_*.jsonl`` of ``folder``."""
    return tuple(_invented(row) for file in sorted(folder.glob("tools_*.jsonl")) for row in _rows(file))


def _asides(file: Path) -> Asides:
    rows = [(str(row["where"]), str(row["text"])) for row in _rows(file)]
    before, after = (tuple(text for place, text in rows if place == where) for where in ("before", "after"))
    return Asides(before, after)


def held_out_requests(folder: Path) -> tuple[str, ...]:
    """The sentences of every request file below ``folder``."""
    return tuple(str(row["request"]) for file in sorted(folder.rglob("*.jsonl")) for row in _rows(file))


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text("utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def _bundled(manifests: Sequence[Path], phrases: Sequence[Path]) -> Iterator[SourceTool]:
    import yaml

    more: dict[str, list[str]] = {}
    for file in phrases:
        for row in _rows(file):
            more.setdefault(str(row["capability"]), []).extend(map(str, row["phrases"]))
    for file in manifests:
        manifest = yaml.safe_load(file.read_text("utf-8"))
        for capability in manifest["capabilities"]:
            name = f"{manifest['name']}.{capability['name']}"
            if capability.get("offered", True) is False:
                continue
            examples = tuple(map(str, capability["examples"]))
            shown = tool_from_schema(name, capability["description"], capability["input"])
            yield SourceTool(
                name,
                shown.description,
                capability["effect"],
                tuple(_bundled_slot(name, argument) for argument in shown.arguments),
                tuple(dict.fromkeys([*examples, *more.get(name, ())])),
                examples,
                bundled=True,
            )


def _bundled_slot(name: str, argument: Argument) -> Slot:
    values = _BUNDLED_VALUES.get(f"{name} {argument.name}", argument.kind)
    return Slot(argument, values, (), tuple(_SAYINGS.get(choice, (choice,)) for choice in argument.choices))


def _invented(row: Mapping[str, Any]) -> SourceTool:
    slots = []
    for argument in row["arguments"]:
        kind = argument["kind"]
        choices = tuple(str(value) for value in argument.get("values", ()))
        shown = Argument(argument["name"], _SHOWN_KINDS.get(kind, "text"), argument["required"], choices)
        sayings = tuple((choice.replace("_", " "),) for choice in choices)
        slots.append(Slot(shown, kind, tuple(map(str, argument.get("samples", ()))), sayings))
    phrases = tuple(map(str, row["phrases"]))
    examples = tuple(map(str, row.get("examples", phrases)))
    return SourceTool(row["name"], row["description"], row["effect"], tuple(slots), phrases, examples)
