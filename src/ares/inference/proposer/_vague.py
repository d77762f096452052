"""Words that name nothing: ``it``, ``one of the machines``, ``somewhere else``."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final

from ares.core import Capability
from ares.inference._words import listed, stem, words

_EMPTY: Final = frozenset(
    stem(word)
    for word in listed(
        "a an the this that these those it its them they he him his she her one ones some any another"
        " other others else something anything someone somewhere anywhere elsewhere there here thing"
        " things stuff item items piece few certain of my our your i me we us you new old same such which"
        " what where who for to into in on at from about with and or please now again later back away off"
        " up over thanks thank whatever every each all both list file files folder document documents doc"
        " note notes memo machine machines computer computers host pc box device name text word words"
        " place zone time date hour hours day number entry record directory shiny big day thingy thingie"
        " thru through be can do will would could should want need must have let find look see make"
    )
)
_SLOT: Final = re.compile(r"\{\w+\}")
_REFERENCE: Final = re.compile(
    r"\b(?:it|its|it's|them|they|him|his|her|this|that|these|those|one|ones|there|same|he|she|hten)\b",
    re.IGNORECASE,
)

_OBJECT: Final = re.compile(
    r"(?<!is )(?<!was )(?<!time )(?<!late )(?<!long )(?<!does )\b(?:it|them)\b(?!'s| is| was)", re.IGNORECASE
)


def vague(said: str, capability: Capability | None = None) -> bool:
    """Whether ``said`` names nothing in particular: only pronouns, articles and words for the kind of thing,
    among them those that ``capability`` is spoken of with, as "down" is in "note down".
    """
    kinds = _kinds(capability) if capability is not None else frozenset()
    return all(
        not word.literal and (_stem(word.text) in _EMPTY or _stem(word.text) in kinds) for word in words(said)
    )


def _stem(text: str) -> str:
    return stem(text.removesuffix("'s"))


def _kinds(capability: Capability) -> Collection[str]:
    """The words of a capability's name and of its phrases, slots apart."""
    return _spoken_of(capability.full_name, capability.examples)


@lru_cache(maxsize=512)
def _spoken_of(full_name: str, examples: tuple[str, ...]) -> Collection[str]:
    own = {stem(part) for part in re.split(r"[._-]+", full_name)}
    return frozenset(own | {stem(word.text) for phrase in examples for word in words(_SLOT.sub(" ", phrase))})


def refers(sentence: str) -> bool:
    """Whether ``sentence`` has a word that may stand for something named before."""
    return _REFERENCE.search(sentence) is not None


def acts_on_it(sentence: str) -> bool:
    """Whether ``it`` or ``them`` is what is to be acted on; "what time is it" is about nothing."""
    return _OBJECT.search(sentence) is not None
