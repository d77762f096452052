"""Names of live values, cut into parts and indexed by them, so that a folder of thousands of files costs no
more to look through than one of ten.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ares.core import Value
from ares.inference._lexicon import KIND_MARK, lexicon
from ares.inference._words import fold, stem

PART: Final = re.compile(r"[^\W\d_]+|\d+")
_EXTENSION: Final = re.compile(r"(?<=[\w)])\.([a-z][a-z0-9]{0,4}(?:\.(?:gz|xz|bz2|zst))?)$")


@dataclass(frozen=True, slots=True)
class Named:
    """A value under one of its names, cut into parts: ``invoice-march.pdf`` has the core ``invoice march``.
    ``kinds`` are the groups of the thesaurus that say what it is.
    """

    value: str
    name: str
    core: tuple[str, ...]
    extension: str
    kinds: frozenset[str]


@lru_cache(maxsize=1024)
def kinds(stems: tuple[str, ...]) -> frozenset[str]:
    """What the thesaurus says that a well-known name is."""
    mentions = lexicon().mentions(stems)
    return frozenset(mention.concept for mention in mentions if mention.concept.startswith(KIND_MARK))


class Names:
    """The names of ``values``. :meth:`near` picks those that a sentence may speak of."""

    def __init__(self, values: Iterable[Value] = ()) -> None:
        self.values = tuple(values)
        self.all = tuple(_named(value.value, name) for value in self.values for name in _names(value))
        self._by_part: dict[str, list[int]] = {}
        self._by_whole: dict[str, list[int]] = {}
        self._by_look: dict[tuple[str, int], list[int]] = {}
        self._by_kind: dict[str, list[int]] = {}
        self._without_parts: list[int] = []
        owners: dict[str, set[str]] = {}
        for number, name in enumerate(self.all):
            self._index(number, name)
            for part in name.core:
                owners.setdefault(stem(part), set()).add(name.value)
        self.shared = frozenset(part for part, values in owners.items() if len(values) > 1)
        """Parts of the names of several values; they do not tell which one is meant."""

    def _index(self, number: int, name: Named) -> None:
        whole = "".join(name.core)
        if not whole:
            self._without_parts.append(number)
            return
        self._by_whole.setdefault(whole, []).append(number)
        for part in {stem(part) for part in name.core}:
            self._by_part.setdefault(part, []).append(number)
        for word in {whole, *name.core}:
            for letter in set(word[:2]):
                self._by_look.setdefault((letter, len(word)), []).append(number)
        for kind in name.kinds:
            self._by_kind.setdefault(kind, []).append(number)

    def near(
        self, parts: Iterable[str], joined: Iterable[str], unknown: Iterable[str], concepts: Iterable[str]
    ) -> list[Named]:
        """The names that have one of ``parts`` (stems), are one of ``joined`` words, look like one of
        ``unknown`` words, or are of a kind among ``concepts``.
        """
        found: set[int] = set(self._without_parts)
        for part in parts:
            found.update(self._by_part.get(part, ()))
        for word in joined:
            found.update(self._by_whole.get(word, ()))
        for word in unknown:
            for length in (len(word) - 1, len(word), len(word) + 1):
                found.update(self._by_look.get((word[0], length), ()))
        for concept in concepts:
            found.update(self._by_kind.get(concept, ()))
        return [self.all[number] for number in sorted(found)]


@lru_cache(maxsize=32)
def names_of(values: tuple[Value, ...]) -> Names:
    """The index over ``values``, built once for equal ones."""
    return Names(values)


def _names(value: Value) -> Sequence[str]:
    return tuple(name for name in dict.fromkeys((value.value, *value.aliases)) if name.strip())


def _named(value: str, name: str) -> Named:
    folded = fold(name)
    extension = _EXTENSION.search(folded)
    stripped = folded[: extension.start()] if extension else folded
    core = tuple(match[0] for match in PART.finditer(stripped.rpartition("/")[2] or stripped))
    known_as = kinds(tuple(stem(part) for part in core))
    return Named(value, folded, core, extension[1] if extension else "", known_as)
