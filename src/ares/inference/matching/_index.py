"""An index over the example phrases, names and descriptions of capabilities, and how well a request fits
them.

The weight of a word is how rare it is in requests. A word of the request counts in full for a phrase that
has it, and for a part when the phrase has one of the same group of the thesaurus. How well a phrase fits is
the harmonic mean of the share of the request it accounts for and the share of it that the request accounts
for (an F-measure).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ares.core import Capability
from ares.inference._lexicon import Lexicon, Mention, lexicon
from ares.inference._words import words
from ares.inference.matching._analysis import Analysis, analyse, stems_of, word_weight

SLOT: Final = re.compile(r"\{(\w+)\}")
_RELATED: Final = 0.6
_FREE_TEXT: Final = 0.35
# Phrases are looked at in full for so many capabilities; the others have too little in common with the
# request.
_CONSIDERED: Final = 48


@dataclass(frozen=True, slots=True)
class _Term:
    stem: str
    weight: float
    concepts: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class _Text:
    """A phrase, or the name and description together."""

    text: str
    terms: tuple[_Term, ...]
    concepts: Mapping[str, float]
    weight: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a capability's name, description and phrases (as stems), and the groups they are in."""

    stems: frozenset[str]
    concepts: frozenset[str]


def vocabulary(capability: Capability) -> Vocabulary:
    """The words that speak of ``capability``."""
    entry = _entry(capability)
    return Vocabulary(entry.stems, entry.concepts)


@dataclass(frozen=True, slots=True)
class _Entry:
    capability: Capability
    phrases: tuple[_Text, ...]
    about: _Text
    stems: frozenset[str]
    concepts: frozenset[str]
    words: frozenset[str]
    free_text: bool


@dataclass(frozen=True, slots=True)
class Match:
    """How well a capability fits a request, each from 0 to 1: ``phrase`` the best of its phrases
    (``example``), ``about`` its name and description, ``cover`` how much of the request occurs anywhere in
    it.
    """

    capability: Capability
    phrase: float
    about: float
    cover: float
    example: str

    @property
    def score(self) -> float:
        """One number to rank by."""
        return 0.5 * self.phrase + 0.2 * self.about + 0.3 * self.cover


class Matcher:
    """The index over ``capabilities``. Building it costs about a tenth of a millisecond a phrase; keep it."""

    def __init__(self, capabilities: Iterable[Capability]) -> None:
        self._lexicon = lexicon()
        self._entries = [_entry(capability) for capability in capabilities]
        self._by_stem: dict[str, set[int]] = {}
        self._by_concept: dict[str, set[int]] = {}
        for number, entry in enumerate(self._entries):
            for each in entry.stems:
                self._by_stem.setdefault(each, set()).add(number)
            for concept in entry.concepts:
                self._by_concept.setdefault(concept, set()).add(number)
        self._known = frozenset().union(*(entry.words for entry in self._entries))

    def analyse(self, sentence: str, names: Collection[str] = frozenset()) -> Analysis:
        """Read ``sentence``; ``names`` are further words that are no slips (names of live values)."""
        return analyse(sentence, self._lexicon, self._known | set(names) if names else self._known)

    def match(
        self, request: Analysis, values: Mapping[str, Collection[int]] | None = None
    ) -> tuple[Match, ...]:
        """How well each capability fits, best first; those with nothing in common come last in their own
        order.

        ``values`` names, for a capability, the words of the request that are values it takes: they need no
        counterpart in its phrases.
        """
        gains = self._gains(request)
        ranked = sorted(range(len(self._entries)), key=lambda number: -gains.get(number, 0.0))
        matches = [
            self._match(self._entries[number], request, values or {})
            if number in gains or place < _CONSIDERED
            else Match(self._entries[number].capability, 0.0, 0.0, 0.0, "")
            for place, number in enumerate(ranked)
        ]
        return tuple(sorted(matches, key=lambda match: -match.score))

    def _gains(self, request: Analysis) -> dict[int, float]:
        """The capabilities that share most with the request, at most `_CONSIDERED` of them."""
        gains: dict[int, float] = {}
        for each, weight in zip(request.stems, request.weights, strict=True):
            for number in self._by_stem.get(each, ()):
                gains[number] = gains.get(number, 0.0) + weight
        for mention in set(request.mentions):
            weight = _RELATED * self._lexicon.weight(mention.concept, concept=True)
            for number in self._by_concept.get(mention.concept, ()):
                gains[number] = gains.get(number, 0.0) + weight
        best = sorted(gains.items(), key=lambda item: -item[1])[:_CONSIDERED]
        return dict(best)

    def _match(self, entry: _Entry, request: Analysis, values: Mapping[str, Collection[int]]) -> Match:
        taken = frozenset(values.get(entry.capability.full_name, ()))
        best, example = 0.0, ""
        stems, concepts = frozenset(request.stems), _concepts(request.mentions)
        for phrase in entry.phrases:
            fit = self._fit(phrase, request, taken, entry.free_text, stems, concepts)
            if fit > best or not example:
                best, example = fit, phrase.text
        about = self._fit(entry.about, request, taken, entry.free_text, stems, concepts)
        whole = _Coverage(entry.stems, dict.fromkeys(entry.concepts, 0.0))
        cover = self._covered(request, whole, taken, entry.free_text)
        return Match(entry.capability, best, about, cover, example)

    def _fit(
        self,
        text: _Text,
        request: Analysis,
        taken: frozenset[int],
        free: bool,
        stems: frozenset[str],
        concepts: frozenset[str],
    ) -> float:
        if text.weight <= 0:
            return 0.0
        said = 0.0
        for term in text.terms:
            if term.stem in stems:
                said += term.weight
            else:
                related = [weight for concept, weight in term.concepts if concept in concepts]
                said += min(term.weight, _RELATED * max(related)) if related else 0.0
        recall = min(1.0, said / text.weight)
        if recall == 0.0:
            return 0.0
        own = _Coverage(frozenset(term.stem for term in text.terms), text.concepts)
        precision = self._covered(request, own, taken, free)
        return 2 * recall * precision / (recall + precision) if precision else 0.0

    def _covered(self, request: Analysis, own: _Coverage, taken: frozenset[int], free: bool) -> float:
        """The share of the request's weight that the words of ``own`` account for."""
        gained = [
            weight if each in own.stems else 0.0
            for each, weight in zip(request.stems, request.weights, strict=True)
        ]
        for mention in request.mentions:
            if mention.concept in own.concepts:
                worth = _RELATED * self._lexicon.weight(mention.concept, concept=True) / len(mention.at)
                for at in mention.at:
                    full = request.weights[at] if len(mention.at) == 1 else max(request.weights[at], worth)
                    gained[at] = max(gained[at], min(full, worth))
        total = gain = 0.0
        for at, weight in enumerate(request.weights):
            if at in taken and gained[at] == 0.0:
                continue
            gain += gained[at]
            total += max(weight, gained[at]) if gained[at] or not free else weight * _FREE_TEXT
        return gain / total if total else 0.0


@dataclass(frozen=True, slots=True)
class _Coverage:
    stems: frozenset[str]
    concepts: Mapping[str, float]


def _entry(capability: Capability) -> _Entry:
    """What the index keeps of a capability; remembered, because the same few are matched again and again."""
    key = (capability.full_name, capability.description, capability.examples, _has_free_text(capability))
    stems, concepts, known, phrases, about = _texts(*key[:3])
    return _Entry(capability, phrases, about, stems, concepts, known, key[3])


@lru_cache(maxsize=2048)
def _texts(
    full_name: str, description: str, examples: tuple[str, ...]
) -> tuple[frozenset[str], frozenset[str], frozenset[str], tuple[_Text, ...], _Text]:
    phrases = tuple(_text(phrase, lexicon()) for phrase in examples)
    name = re.sub(r"[._-]+", " ", full_name)
    about = _text(f"{name} {description}", lexicon())
    texts = (*phrases, about)
    stems = frozenset(term.stem for text in texts for term in text.terms if term.weight > 0)
    known = frozenset(word.text for text in texts for word in words(SLOT.sub(" ", text.text)))
    return stems, frozenset(concept for text in texts for concept in text.concepts), known, phrases, about


def _has_free_text(capability: Capability) -> bool:
    return any(
        schema.get("type") == "string" and not {"format", "enum", "x-values"} & set(schema)
        for schema in capability.properties.values()
    )


def _concepts(mentions: Sequence[Mention]) -> frozenset[str]:
    return frozenset(mention.concept for mention in mentions)


def _text(phrase: str, lexicon: Lexicon) -> _Text:
    stems = stems_of(SLOT.sub(" ", phrase))
    mentions = lexicon.mentions(stems)
    concepts = {mention.concept: lexicon.weight(mention.concept, concept=True) for mention in mentions}
    terms = []
    for at, each in enumerate(stems):
        own = tuple((m.concept, concepts[m.concept] / len(m.at)) for m in mentions if at in m.at)
        terms.append(_Term(each, word_weight(each, lexicon), own))
    return _Text(phrase, tuple(terms), concepts, sum(term.weight for term in terms))
