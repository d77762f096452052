"""Whole-pattern hits: a request that is an example phrase with its slots filled, courtesy around it aside."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ares.inference._words import FILLERS, listed, stem, words
from ares.inference.matching._analysis import Analysis

_LONGEST_VALUE: Final = 40
_SLOT: Final = re.compile(r"\{\w+\}")
# Words that may stand before, after or inside a phrase without changing what it asks for.
_ARTICLES: Final = frozenset({"the", "a", "an", "my", "our", "this", "that", "all", "of", *FILLERS})
_BEFORE: Final = frozenset(
    listed(
        "please pls plz kindly hey hi hello ok okay so well right now could can would will you i want"
        " need like to i'd i'll we've let's just then and also mind be good kind as show tell me us"
    )
)
# What turns an order into a question, a prohibition or one for later; whether it does is not decided here.
_AROUND: Final = frozenset(
    listed("don't dont do not never should shall how why about forget let's at tonight tomorrow later before")
)
_AFTER: Final = frozenset(
    listed(
        "please pls plz thanks thank you thx for me us now then would could will right away again quickly"
        " today kindly"
    )
)

Accepts = Callable[[str, int, int], bool]
"""Whether the characters ``start:end`` of the request may fill the named slot."""


@dataclass(frozen=True, slots=True)
class Hit:
    """The characters ``start:end`` of the request that fill each slot of a phrase. ``told`` ranks phrases
    that both fit: the one with more slots and words says more. ``exact``: the words of the phrase are said in
    the forms that it has them in.
    """

    slots: dict[str, tuple[int, int]]
    told: tuple[int, int] = (0, 0)
    exact: bool = False


@lru_cache(maxsize=8192)
def _compiled(phrase: str) -> tuple[str, ...]:
    """The phrase as stems and ``{slot}`` marks."""
    parts: list[str] = []
    for word in phrase.split():
        if word.startswith("{") and word.rstrip(".,?!").endswith("}"):
            parts.append(word.rstrip(".,?!"))
        else:
            parts += [stem(each.text) for each in words(word)]
    return tuple(parts)


def whole_hit(phrase: str, request: Analysis, accepts: Accepts) -> Hit | None:
    """How ``request`` fills the slots of ``phrase``, if it is that phrase."""
    pattern = _compiled(phrase)
    literals = {part for part in pattern if not part.startswith("{")}
    if not literals <= set(request.stems) | _ARTICLES:
        return None
    first = 0
    while True:
        filled = _follow(pattern, request, 0, first, {}, accepts)
        if filled is not None:
            forms = {word.text for word in words(_SLOT.sub(" ", phrase))}
            return Hit(filled, (len(filled), len(literals)), forms - _ARTICLES <= set(request.forms))
        if first >= len(request.stems) or not _introduces(request.words[first].text):
            return None
        first += 1


def _introduces(word: str) -> bool:
    return word in _BEFORE | FILLERS | _AROUND or word[0].isdecimal()


def _follow(
    pattern: tuple[str, ...],
    request: Analysis,
    part: int,
    at: int,
    filled: dict[str, tuple[int, int]],
    accepts: Accepts,
) -> dict[str, tuple[int, int]] | None:
    """Match the rest of ``pattern`` to the rest of the request."""
    total = len(request.stems)
    if part == len(pattern):
        return filled if all(word.text in _AFTER | FILLERS for word in request.words[at:]) else None
    wanted = pattern[part]
    if wanted.startswith("{"):
        return _fill(pattern, request, part, at, filled, accepts)
    if at < total and request.stems[at] == wanted:
        rest = _follow(pattern, request, part + 1, at + 1, filled, accepts)
        if rest is not None:
            return rest
    if at < total and request.words[at].text in _ARTICLES:
        rest = _follow(pattern, request, part, at + 1, filled, accepts)
        if rest is not None:
            return rest
    return _follow(pattern, request, part + 1, at, filled, accepts) if wanted in _ARTICLES else None


def _fill(
    pattern: tuple[str, ...],
    request: Analysis,
    part: int,
    at: int,
    filled: dict[str, tuple[int, int]],
    accepts: Accepts,
) -> dict[str, tuple[int, int]] | None:
    """Give the slot at ``part`` one word, then more, until the rest fits."""
    name = pattern[part][1:-1]
    following = pattern[part + 1] if part + 1 < len(pattern) else ""
    for end in range(at + 1, min(len(request.stems), at + _LONGEST_VALUE) + 1):
        literal_next = following and not following.startswith("{") and following not in _ARTICLES
        if literal_next and (end == len(request.stems) or request.stems[end] not in (following, *_ARTICLES)):
            continue
        span = request.words[at].start, request.words[end - 1].end
        rest = _follow(pattern, request, part + 1, end, {**filled, name: span}, accepts)
        if rest is not None and accepts(name, *span):
            return rest
    return None
