"""What a normaliser finds in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ares.core import Json
from ares.inference._words import Word, pieces


@dataclass(frozen=True, slots=True)
class Found:
    """A value and the characters ``start:end`` it was read from. ``how`` says what had to be concluded
    (empty when the words mean nothing else); ``firm`` is false when the words are such a value only where
    one is expected.
    """

    value: Json
    start: int
    end: int
    how: str = ""
    firm: bool = True


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser read: a value, the piece after its last one, and the rest as in `Found`."""

    value: Json
    end: int
    how: str = ""
    firm: bool = True


_THE: Final = frozenset({"teh", "hte"})
Parser = Callable[[Sequence[Word], int], "Parsed | None"]


def scan(parser: Parser, sentence: str) -> tuple[Found, ...]:
    """Everything ``parser`` reads in ``sentence``, from left to right, none overlapping."""
    cut = pieces(sentence)
    found: list[Found] = []
    at = 0
    while at < len(cut):
        parsed = parser(cut, at)
        if parsed is None:
            at += 1
            continue
        start, end = cut[at].start, cut[parsed.end - 1].end
        found.append(Found(parsed.value, start, end, parsed.how, parsed.firm))
        at = parsed.end
    return tuple(found)


def text_at(cut: Sequence[Word], at: int) -> str:
    """The text of piece number ``at``, or nothing beyond either end; the commonest slip is seen through."""
    text = cut[at].text if 0 <= at < len(cut) else ""
    return "the" if text in _THE else text


def phrase_at(cut: Sequence[Word], at: int, phrases: Sequence[tuple[str, ...]]) -> int:
    """The piece after the first of ``phrases`` that stands at ``at``; ``at`` itself when none does."""
    for phrase in phrases:
        if all(text_at(cut, at + offset) == word for offset, word in enumerate(phrase)):
            return at + len(phrase)
    return at
