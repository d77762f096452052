"""What ARES knows about English: how common a word is in requests, and which words mean much the same.

``words.txt`` holds for every stem how many of some thousand requests use it, and its forms, and further
words and names that are no slips; ``thesaurus.txt`` holds groups of words and phrases; a group whose name
starts with ``@`` says what well-known names are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from ares.inference._words import bases, stem

GAP: Final = "_"
KIND_MARK: Final = "@"
_LONGEST_GAP: Final = 5
# The most words a group may have in common with requests and still count as one rare thing.
_UNKNOWN_COUNT: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Phrase:
    stems: tuple[str, ...]
    concept: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A group of the thesaurus that words number ``at`` of a text belong to."""

    concept: str
    at: tuple[int, ...]


class Lexicon:
    """The words and groups, read once. See :func:`lexicon`."""

    def __init__(self, counts: str, thesaurus: str) -> None:
        self.forms: set[str] = set()
        self._further: set[str] = set()
        self._names: set[str] = set()
        self._counts: dict[str, int] = {}
        self._total = 1
        for line in counts.splitlines():
            if line.startswith("#"):
                self._total = int(line.split()[1])
                continue
            if line.startswith(("+", "-")):
                (self._further if line[0] == "+" else self._names).update(line.split(" ")[1:])
                continue
            each, count, *forms = line.split(" ")
            self._counts[each] = int(count)
            self.forms.update(forms)
        self._singles: dict[str, tuple[str, ...]] = {}
        self._phrases: dict[str, list[_Phrase]] = {}
        self._group_counts: dict[str, float] = {}
        self._words: dict[str, tuple[str, ...]] = {}
        for line in thesaurus.splitlines():
            concept, equals, entries = line.partition(" = ")
            if equals and not line.startswith("#"):
                self._add_group(concept, entries.split(", "))

    def _add_group(self, concept: str, entries: Sequence[str]) -> None:
        total = 0.0
        for entry in entries:
            stems = tuple(word if word == GAP else stem(word) for word in entry.split())
            self.forms.update(word for word in entry.split() if word != GAP)
            if len(stems) == 1:
                self._singles[stems[0]] = tuple(dict.fromkeys((*self._singles.get(stems[0], ()), concept)))
                total += self._counts.get(stems[0], 0)
            else:
                self._phrases.setdefault(stems[0], []).append(_Phrase(stems, concept))
        self._group_counts[concept] = total
        self._words[concept] = tuple(entry for entry in entries if " " not in entry)

    def words_in(self, concept: str) -> tuple[str, ...]:
        """The single words of a group."""
        return self._words.get(concept, ())

    def common(self, word: str) -> bool:
        """Whether ``word`` is an ordinary word of requests, not a name."""
        return word in self.forms

    def knows(self, word: str) -> bool:
        """Whether ``word`` is no slip but a word, with an ending too ("wished"), or a name."""
        known = word in self._names or self.common(word) or word in self._further
        return known or any(self.common(base) or base in self._further for base in bases(word))

    def weight(self, stem_or_concept: str, *, concept: bool = False) -> float:
        """How much a word (as a stem) or a group tells: the logarithm of how rare it is in requests."""
        if concept:
            count = self._group_counts.get(stem_or_concept, _UNKNOWN_COUNT)
        else:
            count = self._counts.get(stem_or_concept, _UNKNOWN_COUNT)
        return math.log(1 + self._total / (1 + 2 * count))

    def mentions(self, stems: Sequence[str]) -> tuple[Mention, ...]:
        """The groups that the words of a text (as stems, in order) belong to."""
        found: list[Mention] = []
        for at, each in enumerate(stems):
            found += [Mention(concept, (at,)) for concept in self._singles.get(each, ())]
            for phrase in self._phrases.get(each, ()):
                places = _follow(stems, at, phrase.stems)
                if places:
                    found.append(Mention(phrase.concept, places))
        return tuple(found)

    def share_group(self, one: str, other: str) -> bool:
        """Whether two words (as stems) stand in one group."""
        return not set(self._singles.get(one, ())).isdisjoint(self._singles.get(other, ()))


def _follow(stems: Sequence[str], at: int, phrase: tuple[str, ...]) -> tuple[int, ...]:
    """The places of the words of ``phrase`` when it stands at ``at``, gaps filled; nothing when it does
    not.
    """
    places = [at]
    gap = False
    for wanted in phrase[1:]:
        if wanted == GAP:
            gap = True
            continue
        first = places[-1] + 1
        last = min(first + (_LONGEST_GAP if gap else 0), len(stems) - 1)
        place = next((index for index in range(first, last + 1) if stems[index] == wanted), -1)
        if place < 0:
            return ()
        places.append(place)
        gap = False
    return tuple(places)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon that ARES ships."""
    folder = resources.files(__package__)
    return Lexicon(
        folder.joinpath("words.txt").read_text(encoding="utf-8"),
        folder.joinpath("thesaurus.txt").read_text(encoding="utf-8"),
    )
