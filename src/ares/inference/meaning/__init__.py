"""How near a request is in meaning to what a capability is said to do, also where they share no word.

Words have vectors, learned from many invented modules: requests by one hand, example phrases by another, and
lists of words that people use for the same thing. Nothing of it was learned from the modules that a request
is for, so it serves any module from the moment it is registered. There are two sets of vectors, trained
apart, that err differently and count the same: ``meaning.npz`` for words, ``bigrams.npz`` for words and for
words with the one before. ``python -m ares.evolve.reading meaning`` trains them.
"""

from __future__ import annotations

from ares.inference.meaning._together import Meanings, meaning
from ares.inference.meaning._tokens import (
    BIGRAMS,
    GROUPS,
    MOST_TOKENS,
    about_tokens,
    bigrams,
    letter_groups,
    phrase_tokens,
    said_tokens,
)
from ares.inference.meaning._vectors import FARTHEST, Likely, Meaning, Numbers, Texts, load, store

__all__ = [
    "BIGRAMS",
    "FARTHEST",
    "GROUPS",
    "MOST_TOKENS",
    "Likely",
    "Meaning",
    "Meanings",
    "Numbers",
    "Texts",
    "about_tokens",
    "bigrams",
    "letter_groups",
    "load",
    "meaning",
    "phrase_tokens",
    "said_tokens",
    "store",
]
