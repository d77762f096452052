"""What the vectors of meaning are trained on: a request, a few capabilities with their texts, and which of
them it asks for.

The request is by another hand than the example phrases, as it is when somebody speaks to a module that a
third person wrote. The others on offer are those of the same module, which only the verb tells apart, and
those most alike in words.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

from ares.evolve.command_model import Catalogue, Request, RequestMaker, Slot, Sources, SourceTool, load_tools
from ares.inference._lexicon import lexicon
from ares.inference.matching import analyse
from ares.inference.meaning import about_tokens, phrase_tokens, said_tokens

OFFERED: Final = 12
_PHRASES: Final = 7
_BUNDLED: Final = 0.3
_SIBLINGS: Final = 6
_ALIKE: Final = 3
_OTHER_EXAMPLES: Final = 0.3
_NONE: Final = 0.07
_NEAR: Final = 0.09
_ABSENT: Final = 0.05
_MARKED: Final = 0.8
_KNOWN_ELSEWHERE: Final = 0.2
_LONGEST_KNOWN: Final = 3
_UNMARKED: Final = frozenset({"text", "choice", "number"})
_LIVE: Final = frozenset({"host", "item"})
REQUESTS: Final = Path(__file__).with_name("requests")
"""Roundabout requests for the invented tools, written after the command model was trained."""
TOOLS: Final = Path(__file__).with_name("tools")
"""More invented tools, likewise."""
ASSOCIATIONS: Final = Path(__file__).with_name("associations.txt")

Tokens = tuple[str, ...]
Associations = Sequence[tuple[str, Sequence[Tokens]]]
"""Words, each with the words and phrases that belong to it, those that would do instead first."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One question: which of the capabilities in ``texts`` does ``said`` ask for; ``right`` is the number of
    capabilities when it asks for none. The last text of each is its name and description.
    """

    said: Tokens
    texts: tuple[tuple[Tokens, ...], ...]
    right: int


def associations(file: Path = ASSOCIATIONS) -> Associations:
    """The associations that this package comes with."""
    lines = (line for line in file.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    rows = (line.partition(": ") for line in lines)
    return tuple(
        (head, tuple(tuple(each.split("_")) for each in related.split(", "))) for head, _, related in rows
    )


def with_requests(sources: Sources, *folders: Path) -> Sources:
    """``sources`` whose tools are also asked for with the requests in the JSONL files of ``folders``."""
    more: dict[str, list[str]] = {}
    for file in (file for folder in folders for file in sorted(folder.glob("*.jsonl"))):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            more.setdefault(str(row["capability"]), []).extend(map(str, row["phrases"]))
    tools = (replace(tool, phrases=(*tool.phrases, *more.get(tool.name, ()))) for tool in sources.tools)
    return replace(sources, tools=tuple(tools))


def with_tools(sources: Sources, folder: Path) -> Sources:
    """``sources`` with the invented tools in ``folder`` besides."""
    return replace(sources, tools=(*sources.tools, *load_tools(folder)))


def mark_of(slot: Slot) -> str:
    """What stands for a value of ``slot``, in requests and phrases alike."""
    return "live" if slot.values in _LIVE else slot.argument.kind


class Episodes:
    """Makes episodes from ``sources``, by seed and without end."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._maker = RequestMaker(sources)
        self.tools = sources.tools
        self._bundled = [tool for tool in self.tools if tool.bundled]
        self._invented = [tool for tool in self.tools if not tool.bundled]
        self._modules: dict[str, list[SourceTool]] = {}
        for tool in self.tools:
            self._modules.setdefault(tool.module, []).append(tool)
        self._catalogue = Catalogue(self.tools)
        self._marks = {
            tool.name: {slot.argument.name: mark_of(slot) for slot in tool.slots} for tool in self.tools
        }
        self._about = {tool.name: about_tokens(tool.name, tool.description) for tool in self.tools}
        self._phrases: dict[tuple[str, str], Tokens] = {}

    def vocabulary(self, related: Associations) -> list[str]:
        """The tokens that get a vector of their own: those that occur twice in phrases, descriptions,
        sentences that ask for nothing here and associations, and what these are associations of.
        """
        counts: Counter[str] = Counter()
        for tool in self.tools:
            for phrase in dict.fromkeys((*tool.phrases, *tool.examples)):
                counts.update(set(phrase_tokens(phrase, self._marks[tool.name])))
            counts.update(self._about[tool.name])
        for sentence in (
            *self._sources.none,
            *(each for some in self._sources.near.values() for each in some),
        ):
            counts.update(set(phrase_tokens(sentence, {})))
        for head, words in related:
            counts[head] += 2
            counts.update(token for each in words for token in each)
        return sorted(token for token, count in counts.items() if count >= 2)

    def episode(self, rng: Random) -> Episode:
        """One episode."""
        tool = rng.choice(self._bundled if rng.random() < _BUNDLED else self._invented)
        request = self._request(tool, rng)
        if request is None:
            return self.episode(rng)
        offered = self._offer(tool, rng)
        meant = request.tool
        if meant is not None and rng.random() < _ABSENT:
            offered, meant = [other for other in offered if other is not tool], None
        rng.shuffle(offered)
        texts = tuple(self._texts(other, rng, request.phrase if other is tool else "") for other in offered)
        right = len(offered) if meant is None else offered.index(meant)
        return Episode(self.said(request, rng), texts, right)

    def _request(self, tool: SourceTool, rng: Random) -> Request | None:
        """A request for ``tool``, at times one that is near it, or anything else that asks for none."""
        pick = rng.random()
        if pick < _NONE:
            return self._maker.none(rng)
        if pick < _NONE + _NEAR and (near := self._maker.near([tool.module], rng)):
            return near
        return self._maker.request(tool, rng.choice(tool.phrases), rng)

    def said(self, request: Request, rng: Random) -> Tokens:
        """The tokens of ``request``, most of the values that can be told by their form as marks; a short text
        at times too, as when another capability lists it: milk that is on the list already.
        """
        marks = self._marks[request.tool.name] if request.tool else {}
        values: dict[str, list[tuple[int, int]]] = {}
        for name, span in request.spans.items():
            if marks[name] == "text" and len(request.text[slice(*span)].split()) <= _LONGEST_KNOWN:
                if rng.random() < _KNOWN_ELSEWHERE:
                    values.setdefault("live", []).append(span)
            elif marks[name] not in _UNMARKED and rng.random() < _MARKED:
                values.setdefault(marks[name], []).append(span)
        return said_tokens(analyse(request.text, lexicon()), values)

    def _offer(self, tool: SourceTool, rng: Random) -> list[SourceTool]:
        siblings = [other for other in self._modules[tool.module] if other is not tool]
        offered = [tool, *rng.sample(siblings, min(len(siblings), _SIBLINGS))]
        alike = [other for other in self._catalogue.neighbours(tool) if other not in offered]
        offered += rng.sample(alike, min(len(alike), _ALIKE))
        others = [other for other in self._bundled if other not in offered] if tool.bundled else []
        offered += rng.sample(others, min(len(others), max(0, OFFERED - len(offered))))
        while len(offered) < OFFERED:
            other = rng.choice(self.tools)
            if other not in offered and not self._catalogue.rivals(tool, other):
                offered.append(other)
        return offered[:OFFERED]

    def _texts(self, tool: SourceTool, rng: Random, used: str) -> tuple[Tokens, ...]:
        """The texts of ``tool``, without the phrase that the request was made from."""
        pool: Sequence[str] = [phrase for phrase in tool.examples if phrase != used]
        if rng.random() < _OTHER_EXAMPLES:
            pool = [phrase for phrase in dict.fromkeys((*tool.examples, *tool.phrases)) if phrase != used]
        if len(pool) > _PHRASES:
            pool = rng.sample(pool, _PHRASES)
        return (*(self._phrase(tool, phrase) for phrase in pool), self._about[tool.name])

    def _phrase(self, tool: SourceTool, phrase: str) -> Tokens:
        found = self._phrases.get((tool.name, phrase))
        if found is None:
            found = phrase_tokens(phrase, self._marks[tool.name])
            self._phrases[tool.name, phrase] = found
        return found
