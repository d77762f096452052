"""Which tools are alike, and which tools are offered together."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Final

from ares.evolve.command_model._sources import SourceTool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SLOT: Final = re.compile(r"\{\w+\}")
_WORD: Final = re.compile(r"[a-z]+")
_RIVAL_LIKENESS: Final = 0.45
_STRANGER_LIKENESS: Final = 0.25
_NEIGHBOURS: Final = 14


def content_words(text: str) -> list[str]:
    """The words of ``text`` without slots, in lower case and without a plural s."""
    words = _WORD.findall(_SLOT.sub(" ", text.lower().replace("'", "")))
    return [word[:-1] if len(word) > 3 and word.endswith("s") else word for word in words]


class Catalogue:
    """Tools with their likeness: the cosine between weighted word counts of name, description and phrases.
    Tools of different modules that are too alike are *rivals*, for a request could rightly mean either."""

    def __init__(self, tools: Sequence[SourceTool]) -> None:
        self.tools = tuple(tools)
        self._place = {tool.name: index for index, tool in enumerate(tools)}
        bags = [_bag(tool) for tool in tools]
        spread = Counter(word for bag in bags for word in bag)
        self._rarity = {word: math.log(1 + len(tools) / count) for word, count in spread.items()}
        self._vectors, self._columns = _vectors(bags, self._rarity)
        self._likeness = self._vectors @ self._vectors.T
        self._rivals = [
            {
                int(other)
                for other in (row > _RIVAL_LIKENESS).nonzero()[0]
                if tools[other].module != tool.module
            }
            for tool, row in zip(tools, self._likeness, strict=True)
        ]
        for one, other in _shared_phrases(tools):
            self._rivals[one].add(other)
        self._near = [self._nearest(one) for one in range(len(tools))]

    def _nearest(self, one: int) -> list[int]:
        order = (-self._likeness[one]).argsort(kind="stable")
        near = (int(other) for other in order if other != one and int(other) not in self._rivals[one])
        return list(islice(near, _NEIGHBOURS))

    def rarity(self, word: str) -> float:
        """How much a word tells: the logarithm of the inverse share of tools it occurs with."""
        return self._rarity.get(word, math.log(1 + len(self.tools)))

    def rank(self, request: str) -> list[SourceTool]:
        """All tools, those whose words are most like ``request`` first."""
        import numpy as np

        query = np.zeros(len(self._columns))
        for word in content_words(request):
            if word in self._columns:
                query[self._columns[word]] = self.rarity(word)
        scores = self._vectors @ query
        return [self.tools[index] for index in np.argsort(-scores, kind="stable")]

    def rivals(self, one: SourceTool, other: SourceTool) -> bool:
        """True when a request for one could rightly mean the other."""
        return self._place[other.name] in self._rivals[self._place[one.name]]

    def stranger(self, tool: SourceTool, offered: Iterable[SourceTool]) -> bool:
        """True when nothing offered could serve a request for ``tool``."""
        row = self._likeness[self._place[tool.name]]
        return all(
            row[self._place[other.name]] < _STRANGER_LIKENESS
            or (other.module == tool.module and other != tool)
            for other in offered
        ) and all(other != tool and not self.rivals(tool, other) for other in offered)

    def neighbours(self, tool: SourceTool) -> list[SourceTool]:
        """The tools most like ``tool`` that are not its rivals, nearest first."""
        return [self.tools[index] for index in self._near[self._place[tool.name]]]

    def offer(
        self, wanted: Sequence[SourceTool], fill: Sequence[SourceTool], count: int, rng: Random
    ) -> list[SourceTool]:
        """``count`` tools to offer together, without rivals: from ``wanted`` and their neighbours as they
        come, then at random from ``fill``; in random order."""
        chosen: list[SourceTool] = []
        tries = 0
        queue = list(wanted)
        while len(chosen) < count and tries < 400:
            tries += 1
            tool = queue.pop(0) if queue else rng.choice(fill)
            if tool in chosen or any(self.rivals(tool, other) for other in chosen):
                continue
            chosen.append(tool)
        rng.shuffle(chosen)
        return chosen


def _bag(tool: SourceTool) -> dict[str, float]:
    weights: dict[str, float] = {}
    for word in content_words(f"{tool.name.replace('.', ' ')} {tool.description}"):
        weights[word] = weights.get(word, 0.0) + 1.0
    for phrase in tool.phrases:
        for word in content_words(phrase):
            weights[word] = weights.get(word, 0.0) + 4 / len(tool.phrases)
    return {word: math.sqrt(weight) for word, weight in weights.items()}


def _vectors(
    bags: Sequence[dict[str, float]], rarity: dict[str, float]
) -> tuple[NDArray[np.float64], dict[str, int]]:
    import numpy as np

    columns = {word: index for index, word in enumerate(rarity)}
    matrix = np.zeros((len(bags), len(columns)))
    for row, bag in enumerate(bags):
        for word, weight in bag.items():
            matrix[row, columns[word]] = weight * rarity[word]
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True), columns


def _shared_phrases(tools: Sequence[SourceTool]) -> set[tuple[int, int]]:
    seen: dict[str, set[int]] = {}
    for index, tool in enumerate(tools):
        for phrase in tool.phrases:
            seen.setdefault(_SLOT.sub("{}", phrase), set()).add(index)
    return {(one, other) for group in seen.values() for one in group for other in group if one != other}
