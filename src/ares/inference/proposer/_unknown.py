"""Names that stand where a place is said but that ARES knows no place by."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from ares.core import Capability
from ares.inference._lexicon import lexicon
from ares.inference._words import fold, listed
from ares.inference.matching import Analysis
from ares.inference.proposer._spans import leftover

_RARE: Final = 8.5
"""A word that weighs as much is in hardly any request."""
_PLACING: Final = frozenset(listed("in inside within from of on at under below to"))


def unknown_name(
    request: Analysis, capability: Capability, cues: Collection[str], spans: Collection[tuple[int, int]]
) -> str:
    """The name right after one of ``cues`` (stems of words such as "in") that nothing accounts for, if any;
    ``spans`` are the values. A name is no word that many requests have, and stands without an article.
    """
    for at, word in enumerate(request.words[1:], 1):
        before = request.words[at - 1]
        placed = before.text in _PLACING and request.stems[at - 1] in cues
        adjoining = request.sentence[before.end : word.start].isspace()
        common = lexicon().common(fold(word.text)) and request.weights[at] < _RARE
        if not (placed and adjoining and word.text[0].isalpha()) or common:
            continue
        if leftover(request, capability, spans, word.start, word.end):
            return request.sentence[word.start : word.end]
    return ""
