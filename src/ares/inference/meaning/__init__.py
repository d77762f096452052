"""How near a request is in meaning to what a capability is said to do, also where they share no word.

Words have vectors, learned from many invented modules: requests by one hand, example phrases by another, and
lists of words that people use for the same thing. Nothing of it was learned from the modules that a request
is for, so it serves any module from the moment it is registered. ``meaning.npz`` holds the vectors;
``python -m ares.evolve.reading meaning`` trains them.
"""

from __future__ import annotations

from ares.inference.meaning._tokens import (
    GROUPS,
    MOST_TOKENS,
    about_tokens,
    letter_groups,
    phrase_tokens,
    said_tokens,
)
from ares.inference.meaning._vectors import FARTHEST, Likely, Meaning, Numbers, Texts, load, meaning, store

__all__ = [
    "FARTHEST",
    "GROUPS",
    "MOST_TOKENS",
    "Likely",
    "Meaning",
    "Numbers",
    "Texts",
    "about_tokens",
    "letter_groups",
    "load",
    "meaning",
    "phrase_tokens",
    "said_tokens",
    "store",
]
