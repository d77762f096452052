"""How people are used to say things: a linear model over words, trained on many phrases for the bundled
capabilities and on requests that fit none.

It is a multinomial logistic regression over the stems of a request, pairs of neighbouring stems and groups
of the thesaurus; a value stands as its kind (``<path>``). The weights are in ``habits.json``; a capability
that it was not trained on is unknown to it. ``python -m ares.evolve.reading habits`` trains it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Final

from ares.inference._lexicon import Mention
from ares.inference.matching._analysis import Analysis

NONE: Final = "none"
SCALE: Final = 100
"""Stored weights are whole numbers, hundredths."""


@dataclass(frozen=True, slots=True)
class Habits:
    """The weights: for each feature those of the classes that it speaks for or against."""

    classes: tuple[str, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, Mapping[str, int]]

    def log_probabilities(self, features: Iterable[str]) -> dict[str, float]:
        """The logarithms of the probability of every capability it knows, and of `NONE`."""
        found = list(features)
        scale = 1 / (SCALE * math.sqrt(len(found) + 1))
        scores = list(self.bias)
        for feature in found:
            for number, weight in self.weights.get(feature, {}).items():
                scores[int(number)] += weight * scale
        highest = max(scores)
        total = highest + math.log(sum(math.exp(score - highest) for score in scores))
        return {name: score - total for name, score in zip(self.classes, scores, strict=True)}


@lru_cache(maxsize=1)
def habits() -> Habits:
    """The habits that ARES ships."""
    stored = json.loads(resources.files(__package__).joinpath("habits.json").read_text(encoding="utf-8"))
    return Habits(tuple(stored["classes"]), tuple(stored["bias"]), stored["weights"])


def mark(kind: str) -> str:
    """What stands for a value of ``kind`` (a kind of argument, or the source of its live values)."""
    return f"<{kind}>"


def features_of(
    tokens: Sequence[str], mentions: Iterable[Mention] = (), forms: Iterable[str] = ()
) -> set[str]:
    """The features of a request given as stems and marks; ``forms`` are its words with their endings, which
    tell "deleted files" from "delete files".
    """
    framed = ["<", *tokens, ">"]
    return {
        *tokens,
        *(f"{one} {other}" for one, other in pairwise(framed)),
        *(f"#{mention.concept}" for mention in mentions),
        *(f"={form}" for form in forms),
    }


def request_features(request: Analysis, values: Mapping[str, Iterable[tuple[int, int]]]) -> set[str]:
    """The features of ``request``; ``values`` are the characters that are values, by kind. Words that may be
    values of several kinds count as each of them, and as themselves.
    """
    marked: list[dict[int, str]] = []
    for kind, spans in values.items():
        places: dict[int, str] = {}
        for start, end in spans:
            covered = request.places(start, end)
            places |= dict.fromkeys(covered[1:], "") | {at: mark(kind) for at in covered[:1]}
        if places:
            marked.append(places)
    found = features_of(request.stems, request.mentions, request.forms)
    everything: dict[int, str] = {}
    for places in marked:
        everything = places | everything
        found |= features_of(_replaced(request, places))
    if len(marked) > 1:
        found |= features_of(_replaced(request, everything))
    return found


def _replaced(request: Analysis, places: Mapping[int, str]) -> list[str]:
    tokens = [places.get(at, each) for at, each in enumerate(request.stems)]
    return [token for token in tokens if token]
