"""What a request looks like to one argument of a capability: numbers for each of its words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ares.core import Capability
from ares.inference._lexicon import lexicon
from ares.inference._words import FILLERS, stem, words
from ares.inference.matching import Analysis, vocabulary

_SLOT: Final = re.compile(r"\{(\w+)\}")
_QUOTES: Final = "\"'“”‘’«»„`"
_CONTENT: Final = frozenset({"text", "content", "contents", "message", "body"})
_NAMES: Final = frozenset({"name", "label", "title"})
_MOST_EXAMPLES: Final = 8
_WEIGHT_SCALE: Final = 5.0
_NUMBERS: Final[Mapping[float, float]] = {False: 0.0, True: 1.0}
"""The same two objects for all truths: training holds a hundred million of them."""

WORD_FEATURES: Final = (
    *("known", "related", "before", "twice before", "before but one", "after", "after but one"),
    *("before another", "after another", "taken", "follows taken", "leads to taken"),
    *("capital", "literal", "digit", "weight", "rare", "the argument", "like the argument"),
    *("comma", "colon", "stop", "quoted", "opens", "closes", "first", "last", "filler"),
)
"""``known``, ``related``: the capability is spoken of with this word, or with one of its group; ``before`` to
``after but one``: it stands next to the slot in example phrases, or next but one; ``before another``, ``after
another``: next to another slot; ``taken``: it belongs to another value; ``the argument``, ``like the
argument``: the argument is called so; ``comma``, ``colon``, ``stop``: that stands before it."""

SLOT_FEATURES: Final = (
    *("content", "name", "required", "several texts", "several arguments"),
    *("begins phrases", "ends phrases", "phrases"),
)


@dataclass(frozen=True, slots=True)
class Eyes:
    """What one argument looks for: stems by how far they stand from its slot in example phrases (1 or 2),
    those next to other slots, those that the argument is called by, the groups of the thesaurus they are in,
    and the numbers of `SLOT_FEATURES`.
    """

    before: Mapping[tuple[int, str], int]
    after: Mapping[tuple[int, str], int]
    before_others: frozenset[str]
    after_others: frozenset[str]
    called: frozenset[str]
    concepts: frozenset[str]
    slot: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as an argument sees it: the ``forms`` of its n words, [n][WORD_FEATURES] numbers for them,
    [SLOT_FEATURES] for the argument, and the argument's ``name``.
    """

    forms: tuple[str, ...]
    words: list[list[float]]
    slot: tuple[float, ...]
    name: str


def is_content(name: str) -> bool:
    """Whether the argument ``name`` takes a text that is kept as it was said."""
    return name in _CONTENT


@lru_cache(maxsize=1024)
def _stems(text: str) -> tuple[str, ...]:
    return tuple(stem(word.text.removesuffix("'s")) for word in words(text))


def eyes(capability: Capability, name: str) -> Eyes:
    """What the argument ``name`` of ``capability`` looks for."""
    texts = tuple(other for other, schema in capability.properties.items() if _is_text(schema))
    return _eyes(name, name in capability.required, texts, tuple(capability.properties), capability.examples)


def _is_text(schema: Mapping[str, object]) -> bool:
    return schema.get("type") == "string" and not {"format", "enum"} & set(schema)


@lru_cache(maxsize=1024)
def _eyes(
    name: str, required: bool, texts: tuple[str, ...], every: tuple[str, ...], examples: tuple[str, ...]
) -> Eyes:
    before: Counter[tuple[int, str]] = Counter()
    after: Counter[tuple[int, str]] = Counter()
    others: tuple[set[str], set[str]] = set(), set()
    begins = ends = phrases = 0
    for phrase in examples:
        parts = _SLOT.split(phrase)
        for at in range(1, len(parts), 2):
            lead, follow = _stems(parts[at - 1]), _stems(parts[at + 1])
            if parts[at] != name:
                others[0].update(lead[-1:])
                others[1].update(follow[:1])
                continue
            phrases += 1
            begins += at == 1 and not lead
            ends += at == len(parts) - 2 and not follow
            before.update((far, lead[-far]) for far in (1, 2) if len(lead) >= far)
            after.update((far, follow[far - 1]) for far in (1, 2) if len(follow) >= far)
    called = _stems(name.replace("_", " "))
    concepts = frozenset(mention.concept for mention in lexicon().mentions(called))
    share = max(1, phrases)
    slot = (
        float(name in _CONTENT),
        float(name in _NAMES),
        float(required),
        float(len(texts) > 1),
        float(len(every) > 1),
        begins / share,
        ends / share,
        min(phrases, _MOST_EXAMPLES) / _MOST_EXAMPLES,
    )
    return Eyes(before, after, frozenset(others[0]), frozenset(others[1]), frozenset(called), concepts, slot)


def see(request: Analysis, capability: Capability, name: str, taken: Collection[int]) -> Seen:
    """``request`` as the argument ``name`` of ``capability`` sees it; the words number ``taken`` belong to
    other values.
    """
    own, spoken = eyes(capability, name), vocabulary(capability)
    related = {at for each in request.mentions if each.concept in spoken.concepts for at in each.at}
    alike = {at for each in request.mentions if each.concept in own.concepts for at in each.at}
    rows: list[list[float]] = []
    for at, marks in enumerate(_marks(request)):
        each = request.stems[at]
        row = (
            *(each in spoken.stems, at in related, (1, each) in own.before, own.before.get((1, each), 0) > 1),
            *((2, each) in own.before, (1, each) in own.after, (2, each) in own.after),
            *(each in own.before_others, each in own.after_others),
            *(at in taken, at - 1 in taken, at + 1 in taken),
            *_form(request, at),
            *(each in own.called, at in alike),
            *marks,
            *(at == 0, at == len(request.words) - 1, request.words[at].text in FILLERS),
        )
        rows.append([_NUMBERS.get(value, value) for value in row])
    return Seen(request.forms, rows, own.slot, name)


def _form(request: Analysis, at: int) -> tuple[float, ...]:
    """How word ``at`` is written, and how much it tells."""
    word = request.words[at]
    return (
        request.sentence[word.start].isupper(),
        word.literal,
        any(letter.isdecimal() for letter in word.text),
        request.weights[at] / _WEIGHT_SCALE,
        not lexicon().common(request.forms[at]),
    )


def _marks(request: Analysis) -> Sequence[tuple[bool, ...]]:
    """For each word: whether a comma, a colon, a full stop stands before it, whether it is quoted, and opens
    or closes the quotation.
    """
    edges = [0, *(place for word in request.words for place in (word.start, word.end)), len(request.sentence)]
    gaps = [request.sentence[edges[at] : edges[at + 1]] for at in range(0, len(edges), 2)]
    found, quoted = [], False
    for at in range(len(request.words)):
        opens = any(quote in gaps[at].split(" ")[-1] for quote in _QUOTES)
        closes = any(quote in gaps[at + 1].split(" ")[0] for quote in _QUOTES)
        quoted = quoted or opens
        found.append(
            (
                *("," in gaps[at], any(sign in gaps[at] for sign in ":–—>")),
                *(any(sign in gaps[at] for sign in ".;!?"), quoted, opens, closes),
            )
        )
        quoted = quoted and not closes
    return found
