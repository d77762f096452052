"""What the arguments of a call are given, and how a span of the owner's words becomes a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ares.core import Capability, Json, Provenance, Source
from ares.inference._words import fold, listed, stem, words
from ares.inference.command import Filled
from ares.inference.matching import Analysis, Hit
from ares.inference.proposer._spans import is_content, trimmed
from ares.inference.proposer._vague import vague
from ares.inference.values import Found, Normaliser, Slot, as_number, numbered, quoted

DETERMINERS: Final = frozenset(listed("the my our your this that these those a an his her their its"))
_TELLING: Final = frozenset(listed("about on called named titled regarding with saying mentioning"))
_ANY_OF: Final = re.compile(r"\b(?:one|some|any) of (?:my|the|our|these|those)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Given:
    """What one argument was given, and where from; ``said`` is in the provenance."""

    value: Json
    provenance: Provenance
    start: int = -1
    end: int = -1


@dataclass(frozen=True, slots=True)
class Filling:
    """The arguments of a call. ``missing`` are required ones that the request does not give, and others for
    which it gives what they do not take (``unfit`` says why); ``open`` between which live values the request
    leaves the choice for each of them.
    """

    given: Mapping[str, Given]
    missing: tuple[str, ...] = ()
    open: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unfit: Mapping[str, str] = field(default_factory=dict)

    def completed(self, other: Filling) -> Filling:
        """This one, with what is missing in it taken from ``other``; no two arguments get the same."""
        taken = {each.value for each in self.given.values() if isinstance(each.value, str)}
        new = {
            name: other.given[name]
            for name in self.missing
            if name in other.given and not inside_any(other.given[name], self.given.values())
        }
        given = {**self.given, **{name: each for name, each in new.items() if each.value not in taken}}
        missing = tuple(name for name in self.missing if name not in given)
        return Filling(given, missing, self.open, self.unfit)

    @property
    def arguments(self) -> dict[str, Json]:
        """The values by name."""
        return {name: given.value for name, given in self.given.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """A capability and the request that asks for it; ``copied`` is what the command model copied for its
    arguments, None without a model. ``trained``: phrases for it were trained on.
    """

    capability: Capability
    request: Analysis
    hit: Hit | None
    copied: Mapping[str, Filled] | None
    trained: bool = True


def inside_any(inner: Given, others: Iterable[Given]) -> bool:
    """Whether the words of one value lie in those of another."""
    return inner.start >= 0 and any(each.start <= inner.start and inner.end <= each.end for each in others)


def given_as(found: Found, sentence: str, slot: Slot, normaliser: Normaliser) -> Given:
    """The value ``found`` in ``sentence`` for ``slot``; the registry's when it is one that a module listed or
    offered, which is the only kind of text that is found rather than cut out.
    """
    said = sentence[found.start : found.end]
    value: Json = found.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    live = slot.kind in ("live", "text") or (slot.kind == "path" and fold(said) != fold(str(value)))
    known = slot.kind in ("live", "text") or value in normaliser.known_paths(slot.source).values
    source = Source.REGISTRY if live and known else Source.OWNER
    how = found.how
    if not how and fold(said) != fold(str(value)):
        how = f"{said!r} is {value}"
    return Given(value, Provenance(source, said, how), found.start, found.end)


def literal(slot: Slot, asked: Asked, start: int, end: int) -> Given | None:
    """A span of the owner's own words, without what only introduces it."""
    return said_as(asked, *trimmed(asked.request, start, end, slot, asked.capability), slot)


def said_as(asked: Asked, start: int, end: int, slot: Slot) -> Given | None:
    """The characters ``start:end`` as a value, a number in words as a number; None when they name nothing."""
    sentence = asked.request.sentence
    said = sentence[start:end]
    kinds = (stem(asked.capability.module), stem(slot.name))
    counted = as_number(said) if numbered(sentence[:start], kinds) else None
    if counted is not None:
        how = "" if counted == said else f"{said!r} is {counted}"
        return Given(counted, Provenance(Source.OWNER, said, how), start, end)
    exact = any((each.start, each.end) == (start, end) for each in quoted(sentence))
    if not said or (not exact and (vague(said, asked.capability) or _mended_is_vague(asked, start, end))):
        return None
    return Given(said, Provenance(Source.OWNER, said), start, end)


def _mended_is_vague(asked: Asked, start: int, end: int) -> bool:
    """Whether the one word ``start:end`` is vague but for a slip: "search my *ntoes*"."""
    places = asked.request.places(start, end)
    return len(places) == 1 and vague(asked.request.forms[places[0]], asked.capability)


def any_will_do(asked: Asked) -> bool:
    """Whether the request leaves open which one is meant: "delete *one of my notes*"."""
    return _ANY_OF.search(asked.request.sentence) is not None


def one_told(slot: Slot, asked: Asked, found: Given) -> bool:
    """Whether a value names one thing: "one of my notes" does only when a word before the value says that it
    tells which.
    """
    if is_content(slot) or not any_will_do(asked):
        return True
    before = [word.text for word in words(asked.request.sentence[: found.start])]
    telling = [text for text in before if text not in DETERMINERS]
    return bool(telling) and telling[-1] in _TELLING


def is_free(slot: Slot, normaliser: Normaliser) -> bool:
    """Whether any words may be the value of ``slot``."""
    return slot.kind == "text" or (slot.kind == "live" and not normaliser.values(slot.source))
