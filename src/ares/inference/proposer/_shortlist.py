"""Which capabilities are worth showing to a model: those that the matcher thinks likeliest for the sentence,
or for a part of it that may be a request of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ares.core import Capability
from ares.inference.matching import Matcher
from ares.inference.proposer._choice import odds, weights
from ares.inference.proposer._clauses import parts
from ares.inference.proposer._signals import look
from ares.inference.values import Normaliser

_LEAST_SHARE: Final = 0.03
_FEWEST: Final = 2


def shortlist(
    sentence: str, tools: Sequence[Capability], normaliser: Normaliser, limit: int
) -> tuple[Capability, ...]:
    """At most ``limit`` of ``tools``, the likeliest first; ``normaliser`` must know all of them.

    Those that are not three hundredths as likely as the likeliest are left out, so that a model reads no more
    than it has to choose from.
    """
    if not tools:
        return ()
    matcher = Matcher(tools)
    cut = parts(sentence)
    texts = [sentence, *(part.text for part in cut)] if len(cut) > 1 else [sentence]
    rankings = [_ranked(text, matcher, tools, normaliser) for text in texts]
    chosen: dict[str, Capability] = {}
    for place in range(len(tools)):
        for ranking in rankings:
            capability, share = ranking[place]
            if place < _FEWEST or share >= _LEAST_SHARE * ranking[0][1]:
                chosen.setdefault(capability.full_name, capability)
            if len(chosen) == limit:
                return tuple(chosen.values())
    return tuple(chosen.values())


def _ranked(
    text: str, matcher: Matcher, tools: Sequence[Capability], normaliser: Normaliser
) -> tuple[tuple[Capability, float], ...]:
    return odds(look(text, matcher, tools, normaliser), None, (), weights(False)).ranked
