"""Making training rows: a list of tools and a dozen requests with their answers, without end and by seed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from ares.evolve.command_model._catalogue import Catalogue, content_words
from ares.evolve.command_model._overlap import HeldOut, overlaps
from ares.evolve.command_model._sources import Slot, Sources, SourceTool
from ares.evolve.command_model._values import Values
from ares.evolve.command_model._wording import Wording
from ares.inference.command import (
    ARGUMENT_IDS,
    END,
    MISSING,
    NAME,
    NONE,
    REQUEST,
    Encoder,
    Tool,
)

VALIDATION_TOOLS: Final = 120
_VALIDATION_PHRASES: Final = 10  # one phrase in this many of every bundled capability
_SLOT: Final = re.compile(r"\{(\w+)\}")
_NONE_SHARE: Final = 0.09
_NEAR_SHARE: Final = 0.04
_ABSENT_SHARE: Final = 0.05
_MISSING_SHARE: Final = 0.04
_PATH_VALUES: Final = ("folder", "destination", "disk")
_FILE_VALUES: Final = ("file", "entry", "item")
_AROUND_FOLDERS: Final = (
    ("my ", " folder"),
    ("the ", " folder"),
    ("the folder ", ""),
    ("my ", ""),
    ("the ", ""),
    ("", " folder"),
    ("the ", " directory"),
)
_AROUND_HOSTS: Final = (
    ("the ", ""),
    ("my ", ""),
    ("the ", " machine"),
    ("the ", " box"),
    ("our ", ""),
    ("the computer ", ""),
    ("the host ", ""),
)
_UNSAID: Final = {
    "path": (
        "it",
        "that",
        "this",
        "that file",
        "this file",
        "the file",
        "a file",
        "something",
        "one of them",
        "them",
    ),
    "text": ("it", "that", "this", "something", "one", "him", "the other one", "someone", "a thing", "these"),
}
_TAIL: Final = re.compile(
    r"[\s,]*(?:\b(?:to|in|on|at|for|of|about|with|from|by|as|into|saying|that|is|named|called)\s*)*$"
)


@dataclass(frozen=True, slots=True)
class Request:
    """A sentence and what it means: the tool (None: nothing on offer), for each given argument its
    character span or its choice, and the required arguments it leaves out. ``phrase`` is what it was made
    from."""

    text: str
    tool: SourceTool | None
    spans: Mapping[str, tuple[int, int]]
    choices: Mapping[str, int]
    missing: frozenset[str] = frozenset()
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A tool as it is shown in one row: `Tool` for the model, and the shown name of each of its real
    arguments in the order shown."""

    source: SourceTool
    tool: Tool
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Token ids: the tool list, and the requests with the place of the last ``<|name|>`` in each and the
    number of tokens after it that say the tool."""

    prefix: list[int]
    branches: list[list[int]]
    starts: list[int]
    leads: list[int]


def in_validation(tool: SourceTool, phrase: str) -> bool:
    """True for the bundled phrases that are kept for validation: a tenth, by hash, never a manifest's
    example."""
    if not tool.bundled or phrase in tool.examples:
        return False
    return _hash(f"{tool.name} {phrase}") % _VALIDATION_PHRASES == 0


def none_in_validation(sentence: str) -> bool:
    """True for the tenth of the sentences without a tool that is kept for validation, by hash."""
    return _hash(f"none {sentence}") % _VALIDATION_PHRASES == 0


def validation_tools(tools: Sequence[SourceTool]) -> set[str]:
    """The names of the invented tools that are kept for validation: whole modules, by hash, so that nothing
    of what they are about is trained."""
    modules = sorted({tool.module for tool in tools if not tool.bundled}, key=_hash)
    names: set[str] = set()
    for module in modules:
        if len(names) >= VALIDATION_TOOLS:
            break
        names |= {tool.name for tool in tools if tool.module == module}
    return names


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


class RequestMaker:
    """Makes single requests. Sentences too close to a held-out one are never made."""

    def __init__(self, sources: Sources) -> None:
        words = sorted(
            {word for tool in sources.tools for phrase in tool.phrases for word in content_words(phrase)}
        )
        self.values = Values(sources.pools, words)
        self.wording = Wording(sources.pools, sources.synonyms, sources.asides)
        self.held_out = HeldOut(sources.held_out)
        self._none = [sentence for sentence in sources.none if not none_in_validation(sentence)]
        self._near = sources.near

    def request(self, tool: SourceTool, phrase: str, rng: Random, strength: float = 1.0) -> Request | None:
        """A request from ``phrase`` of ``tool``; None when it comes too close to a held-out sentence or
        cannot be said without ambiguity."""
        missing: frozenset[str] = frozenset()
        wording = phrase
        if rng.random() < _MISSING_SHARE * strength:
            wording, missing = self._leave_out(tool, phrase, rng)
        wording = self.wording.talk_around(self.wording.vary(wording, rng, strength), rng, strength)
        made = self._fill(tool, wording, rng, strength)
        if made is None or not made[0].strip() or overlaps(made[0], self.held_out):
            return None
        return Request(made[0], tool, made[1], made[2], missing, phrase)

    def none(self, rng: Random) -> Request | None:
        """A sentence that no tool serves."""
        return self._unserved(rng.choice(self._none), rng)

    def near(self, modules: Sequence[str], rng: Random) -> Request | None:
        """A sentence about what one of ``modules`` is about that none of its tools serves."""
        known = [module for module in modules if module in self._near]
        return self._unserved(rng.choice(self._near[rng.choice(known)]), rng) if known else None

    def _unserved(self, sentence: str, rng: Random) -> Request | None:
        text = self.wording.talk_around(self.wording.vary(sentence, rng, 0.8), rng, 0.5)
        return None if overlaps(text, self.held_out) else Request(text, None, {}, {})

    def _leave_out(self, tool: SourceTool, phrase: str, rng: Random) -> tuple[str, frozenset[str]]:
        required = [
            slot.argument for slot in tool.slots if slot.argument.required and slot.argument.kind != "choice"
        ]
        slots = [argument for argument in required if f"{{{argument.name}}}" in phrase]
        if not slots or len(content_words(phrase)) < 2:
            return phrase, frozenset()
        argument = rng.choice(slots)
        place = f"{{{argument.name}}}"
        if phrase.endswith(place) and rng.random() < 0.5:
            return _TAIL.sub("", phrase.removesuffix(place)), frozenset({argument.name})
        if argument.kind not in ("path", "text"):
            return phrase, frozenset()
        words = [
            *_UNSAID[argument.kind],
            f"the {argument.name}",
            f"a {argument.name}",
            f"some {argument.name}",
        ]
        return phrase.replace(place, rng.choice(words).replace("_", " ")), frozenset({argument.name})

    def _fill(
        self, tool: SourceTool, phrase: str, rng: Random, strength: float
    ) -> tuple[str, dict[str, tuple[int, int]], dict[str, int]] | None:
        slots = {slot.argument.name: slot for slot in tool.slots}
        text = ""
        spans: dict[str, tuple[int, int]] = {}
        choices: dict[str, int] = {}
        parts = _SLOT.split(phrase)
        for index, part in enumerate(parts):
            if index % 2 == 0:
                text += part
                continue
            slot = slots.get(part)
            if slot is None:
                return None
            if slot.argument.choices:
                choices[part] = rng.randrange(len(slot.argument.choices))
                text += rng.choice(slot.sayings[choices[part]])
                continue
            value = self.values.draw(slot.values, rng, slot.samples).strip()
            if rng.random() < 0.04 * strength:
                value = self.wording.slip_in(value, rng)
            before, after = _decoration(slot, text, parts[index + 1], rng)
            spans[part] = (len(text) + len(before), len(text) + len(before) + len(value))
            text += before + value + after
        return text, spans, choices


def _decoration(slot: Slot, before: str, after: str, rng: Random) -> tuple[str, str]:
    """Words around a value that do not belong to it ("my ", " folder")."""
    if rng.random() > 0.14 or before[-1:] not in ("", " ") or after[:1].isalnum():
        return "", ""
    last, following = before.split()[-1:], after.split()[:1]
    if last and last[0] in ("the", "my", "a", "this", "that", "file", "folder", "our", "named", "called"):
        return "", ""
    if following and following[0] in ("file", "folder", "machine", "computer", "directory"):
        return "", ""
    if slot.values in _PATH_VALUES:
        return rng.choice(_AROUND_FOLDERS)
    if slot.values in _FILE_VALUES:
        return rng.choice((("the file ", ""), ("the ", " file"), ("my ", ""), ("the ", ""), ("that ", "")))
    if slot.values in ("host", "newhost"):
        return rng.choice(_AROUND_HOSTS)
    if slot.values in ("query", "topic", "text", "name", "word"):
        return rng.choice((("the ", ""), ("my ", ""), ('"', '"'), ("'", "'")))
    return "", ""


class RowMaker:
    """Makes training rows from the training part of ``sources``, with the token ids of ``encoder``."""

    def __init__(self, sources: Sources, encoder: Encoder) -> None:
        kept = validation_tools(sources.tools)
        training = [tool for tool in sources.tools if tool.name not in kept]
        self.phrases = {
            tool.name: [phrase for phrase in tool.phrases if not in_validation(tool, phrase)]
            for tool in training
        }
        self._maker = RequestMaker(sources)
        self._catalogue = Catalogue(training)
        self._bundled = [tool for tool in training if tool.bundled]
        self._invented = [tool for tool in training if not tool.bundled]
        self._encoder = encoder

    def row(self, tools: int, requests: int, rng: Random) -> Row:
        """A row with ``tools`` tools on offer and ``requests`` requests."""
        offered = self._offer(tools, rng)
        asked = [self._request(offered, rng) for _ in range(requests)]
        views = [self._view(tool, asked, rng) for tool in offered]
        prefix: list[int] = []
        for view in views:
            prefix += self._encoder.line(view.tool)
        row = Row(prefix, [], [], [])
        for request in asked:
            meant = next((view for view in views if view.source is request.tool), None)
            branch = encode_branch(self._encoder, request, meant)
            if branch is not None:
                row.branches.append(branch[0])
                row.starts.append(branch[1])
                row.leads.append(branch[2])
        return row

    def _offer(self, count: int, rng: Random) -> list[SourceTool]:
        pick = rng.random()
        if pick < 0.45:
            return self._catalogue.offer([], self._bundled, min(count, len(self._bundled)), rng)
        if pick < 0.7:
            wanted = rng.sample(self._bundled, min(count * 2 // 3, len(self._bundled)))
            return self._catalogue.offer(wanted, self._invented, count, rng)
        wanted = []
        for _ in range(rng.choice((1, 2, 3))):
            anchor = rng.choice(self._invented)
            near = self._catalogue.neighbours(anchor)
            wanted += [anchor, *rng.sample(near, min(len(near), rng.randint(2, 6)))]
        if rng.random() < 0.3:
            wanted += rng.sample(self._bundled, 3)
        return self._catalogue.offer(wanted[: count - 1], self._invented, count, rng)

    def _request(self, offered: Sequence[SourceTool], rng: Random) -> Request:
        while True:
            pick = rng.random()
            request: Request | None = None
            if pick < _NONE_SHARE:
                request = self._maker.none(rng)
            elif pick < _NONE_SHARE + _NEAR_SHARE:
                request = self._maker.near([tool.module for tool in offered], rng)
            elif pick < _NONE_SHARE + _NEAR_SHARE + _ABSENT_SHARE:
                tool = rng.choice(self._invented if rng.random() < 0.7 else self._bundled)
                if self._catalogue.stranger(tool, offered):
                    made = self._maker.request(tool, rng.choice(self.phrases[tool.name]), rng)
                    request = Request(made.text, None, {}, {}) if made else None
            else:
                tool = rng.choice(offered)
                request = self._maker.request(tool, rng.choice(self.phrases[tool.name]), rng)
            if request is not None:
                return request

    def _view(self, tool: SourceTool, asked: Sequence[Request], rng: Random) -> View:
        example = ""
        if rng.random() < 0.72:
            used = {request.phrase for request in asked if request.tool is tool}
            pool = tool.examples if not tool.bundled or rng.random() < 0.6 else self.phrases[tool.name]
            pool = [phrase for phrase in pool if phrase not in used] or list(tool.examples)
            own = [request for request in asked if request.tool is tool]
            focus = rng.choice(own) if own and rng.random() < 0.5 else rng.choice(asked)
            example = rng.choice(pool) if rng.random() < 0.2 else closest(self._catalogue, pool, focus.text)
        return disguise(tool, example, self._maker, rng)


def closest(catalogue: Catalogue, phrases: Sequence[str], request: str) -> str:
    """The phrase that shares the most telling words with ``request``, in relation to its own length."""
    said = set(content_words(request))

    def score(phrase: str) -> float:
        words = set(content_words(phrase))
        total = sum(catalogue.rarity(word) for word in words)
        return sum(catalogue.rarity(word) for word in words & said) / (total + 4.0)

    return max(phrases, key=score)


def plain_view(tool: SourceTool, example: str) -> View:
    """The tool as it is."""
    arguments = tuple(slot.argument for slot in tool.slots)
    shown = Tool(tool.name, tool.description, arguments, example)
    return View(tool, shown, tuple(argument.name for argument in arguments))


def disguise(tool: SourceTool, example: str, maker: RequestMaker, rng: Random) -> View:
    """The tool with its name, description and arguments sometimes said otherwise, so that the line must be
    read."""
    change = 0.5 if tool.bundled else 1.0
    name, description = tool.name, tool.description
    arguments = [slot.argument for slot in tool.slots]
    names = {argument.name: argument.name for argument in arguments}
    if rng.random() < 0.25 * change:
        description = maker.wording.swap_words(description, rng)
    if rng.random() < 0.18 * change:
        name = f"{maker.values.word(rng)}.{maker.values.word(rng)}"
    elif rng.random() < 0.12 * change:
        description = "" if example else description
    elif rng.random() < 0.1 * change:
        description = _SLOT.sub(lambda match: match[1], rng.choice(tool.examples)).replace("_", " ")
    if rng.random() < 0.2 * change and len(arguments) > 1:
        rng.shuffle(arguments)
    if rng.random() < 0.15 * change:
        fresh = rng.sample(
            ("value", "input", "target", "item", "what", "arg", "data", "key", "object", "field"), 10
        )
        if len(arguments) == 1:
            names = {argument.name: fresh.pop() for argument in arguments}
    shown = []
    for argument in arguments:
        kind = "text" if argument.kind != "choice" and rng.random() < 0.12 else argument.kind
        shown.append(replace(argument, name=names[argument.name], kind=kind))
    example = _SLOT.sub(lambda match: "{" + names.get(match[1], match[1]) + "}", example)
    return View(tool, Tool(name, description, tuple(shown), example), tuple(a.name for a in arguments))


def encode_branch(encoder: Encoder, request: Request, view: View | None) -> tuple[list[int], int, int] | None:
    """The token ids of ``request`` and its answer, where the answer starts and how many tokens say the tool;
    None when a value does not fall on whole atoms."""
    atoms = encoder.atoms(request.text)
    ids = [REQUEST]
    for atom in atoms:
        ids += atom.tokens
    ids.append(NAME)
    start = len(ids) - 1
    if view is None:
        return [*ids, NONE], start, 1
    said = encoder.name(view.tool)
    ids += said
    for letter, name, argument in zip(ARGUMENT_IDS, view.order, view.tool.arguments, strict=False):
        if name in request.missing:
            ids += [letter, MISSING]
        elif name in request.choices:
            ids += [letter, *encoder.choices(argument)[request.choices[name]]]
        elif name in request.spans:
            span = request.spans[name]
            inside = [atom for atom in atoms if atom.start >= span[0] and atom.end <= span[1]]
            if not inside or inside[0].start != span[0] or inside[-1].end != span[1]:
                return None
            ids.append(letter)
            for atom in inside:
                ids += atom.tokens
    ids.append(END)
    return ids, start, len(said)
