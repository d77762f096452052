"""Keeping training sentences clear of held-out ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

GRAM = 4
LIMIT = 0.6
_WORD = re.compile(r"[^\W_]+")

Gram = tuple[str, ...]


def normal_words(sentence: str) -> list[str]:
    """The words and numbers of ``sentence`` in lower case, without signs."""
    return _WORD.findall(sentence.lower().replace("'", "").replace("\u2019", ""))


def grams(sentence: str) -> set[Gram]:
    """The word 4-grams of ``sentence``; the whole of a sentence that is shorter than four words."""
    words = normal_words(sentence)
    if len(words) < GRAM:
        return {tuple(words)} if words else set()
    return {tuple(words[index : index + GRAM]) for index in range(len(words) - GRAM + 1)}


class HeldOut:
    """The 4-grams of held-out sentences, each with the sentences it stands in."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self._where: dict[Gram, set[int]] = {}
        for number, sentence in enumerate(sentences):
            for gram in grams(sentence):
                self._where.setdefault(gram, set()).add(number)

    def sentences(self, gram: Gram) -> set[int]:
        """The numbers of the sentences with ``gram``."""
        return self._where.get(gram, set())


def overlaps(sentence: str, held_out: HeldOut) -> bool:
    """True when more than 60 % of the 4-grams of ``sentence`` stand in one and the same held-out sentence."""
    own = grams(sentence)
    found: Counter[int] = Counter()
    for gram in own:
        found.update(held_out.sentences(gram))
    return bool(found) and max(found.values()) > LIMIT * len(own)
