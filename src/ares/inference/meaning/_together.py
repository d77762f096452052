"""Several sets of vectors that count the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import Final

from ares.inference.meaning._vectors import Likely, Meaning, Texts, load

_FILES: Final = ("meaning.npz", "bigrams.npz")


class Meanings:
    """Sets of vectors, of which the first also says how alike words are."""

    def __init__(self, sets: Sequence[Meaning]) -> None:
        self._sets = tuple(sets)

    def likeness(self, some: Sequence[str], others: Sequence[str]) -> list[list[float]]:
        """How alike each of the words ``some`` is in meaning to each of ``others`` (their cosine)."""
        return self._sets[0].likeness(some, others)

    def texts(self, texts: Sequence[Sequence[str]]) -> tuple[Texts, ...]:
        """What is kept of a capability's texts; the last one is its name and description."""
        return tuple(each.texts(texts) for each in self._sets)

    def likely(self, request: Sequence[str], capabilities: Sequence[tuple[Texts, ...]]) -> Likely:
        """How likely the tokens of ``request`` ask for each capability, and for none of them: the geometric
        mean of what the sets say.
        """
        told = [
            each.likely(request, [texts[place] for texts in capabilities])
            for place, each in enumerate(self._sets)
        ]
        rows = zip(*([*one.each, one.none] for one in told), strict=True)
        means = [sum(row) / len(row) for row in rows]
        whole = math.log(sum(map(math.exp, means)))
        return Likely([mean - whole for mean in means[:-1]], means[-1] - whole)


@lru_cache(maxsize=1)
def meaning() -> Meanings:
    """The vectors that ARES ships."""
    sets = []
    for name in _FILES:
        with resources.files(__package__).joinpath(name).open("rb") as file:
            sets.append(load(file))
    return Meanings(sets)
