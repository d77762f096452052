"""Whole words: a text and the phrases in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:\+\+|#(?!\w))?")

_COMPOUND: Final = re.compile(r"([^\W_]+)[-\u2010\u2011]only(?![^\W_])", re.IGNORECASE)


def heard(text: str) -> str:
    """Return the spread words of what somebody said, for :func:`names_any` to look into.

    A hyphen is a space, but "AI-only" also says that there is nothing but AI, which "AI only" need not say:
    it may go on "for the rest".
    """
    return spread(" ".join([text, *(f"nothing but {word}" for word in _COMPOUND.findall(text))]))


def spread(text: str) -> str:
    """Return the words of ``text``, folded, with one space around each.

    A phrase spread the same way is part of it exactly when the text has those words in that order, so "ai"
    is not found in "email".
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " " + " ".join(_WORD.findall(folded)) + " "


def names_any(spread_text: str, phrases: Iterable[str]) -> bool:
    """Whether a spread text has one of the phrases as whole words."""
    return any(words in spread_text for phrase in phrases if len(words := spread(phrase)) > 2)
