"""Requests, example phrases and descriptions as the tokens that have a meaning: words, and marks that stand
for values.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from ares.inference._words import words
from ares.inference.matching import Analysis

GROUPS: Final = 1 << 14
"""So many vectors for groups of letters; the checksum of a group chooses its one."""
BIGRAMS: Final = 1 << 15
"""So many vectors for tokens with the one before; the checksum of the two chooses their one."""
MOST_TOKENS: Final = 28
_NUMBER: Final = "<number>"
_SLOT: Final = re.compile(r"\{(\w+)\}")
_BREAK: Final = re.compile(r"[._/\-]+")
_SIZES: Final = (3, 4, 5)


def letter_groups(token: str) -> list[int]:
    """The numbers of the groups of three to five letters in ``token``; a mark such as ``<path>`` has none."""
    if token.startswith("<"):
        return []
    framed = f"^{token}$"
    return [
        zlib.crc32(framed[at : at + size].encode()) % GROUPS
        for size in _SIZES
        for at in range(len(framed) - size + 1)
    ]


def bigrams(tokens: Sequence[str]) -> list[int]:
    """The number of each of ``tokens`` together with the one before it, if any."""
    return [
        zlib.crc32(f"{before} {token}".encode()) % BIGRAMS
        for before, token in zip(("", *tokens), tokens, strict=False)
    ]


def said_tokens(request: Analysis, values: Mapping[str, Iterable[tuple[int, int]]]) -> tuple[str, ...]:
    """The tokens of a request, slips mended; ``values`` are the characters that are values, by their mark.
    Where a value may be several the longest counts.
    """
    spans = sorted(
        ((start, end, mark) for mark, some in values.items() for start, end in some),
        key=lambda span: (span[0] - span[1], span),
    )
    marks: dict[int, str] = {}
    for start, end, mark in spans:
        places = request.places(start, end)
        if places and marks.keys().isdisjoint(places):
            marks |= dict.fromkeys(places[1:], "") | {places[0]: f"<{mark}>"}
    tokens: list[str] = []
    for at, form in enumerate(request.forms):
        if at in marks:
            tokens += [marks[at]] if marks[at] else []
        else:
            tokens += _tokens(form)
    return tuple(tokens[:MOST_TOKENS])


def phrase_tokens(phrase: str, marks: Mapping[str, str]) -> tuple[str, ...]:
    """The tokens of an example phrase; ``marks`` says what stands for a value of each argument."""
    tokens: list[str] = []
    for index, part in enumerate(_SLOT.split(phrase)):
        tokens += [f"<{marks.get(part, 'text')}>"] if index % 2 else _plain(part)
    return tuple(tokens[:MOST_TOKENS])


def about_tokens(name: str, description: str) -> tuple[str, ...]:
    """The tokens of a capability's full name and description."""
    return tuple(_plain(f"{_BREAK.sub(' ', name)} {description}"))[:MOST_TOKENS]


def _plain(text: str) -> list[str]:
    return [token for word in words(text) for token in _tokens(word.text.removesuffix("'s"))]


def _tokens(form: str) -> Iterator[str]:
    for part in _BREAK.split(form):
        if part:
            yield _NUMBER if part[0].isdecimal() else part
