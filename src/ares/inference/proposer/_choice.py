"""The choice: how probable each capability is, and that none fits.

A log-linear model: the score of a capability is the weighted sum of its signals and of the logarithm of the
command model's probability, if a model is there; that of "none" likewise. Probabilities are the softmax of
the scores. The weights are fitted by ``python -m ares.evolve.reading fit``, one set with a model and one
without.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from ares.core import Capability
from ares.inference.command import Choice
from ares.inference.proposer._mood import is_deed
from ares.inference.proposer._signals import FEATURES, LOWEST, Scene, Signals

_TWIN: Final = 1.15
"""How many times as probable as any other change a change must be, or which of the two is asked."""

_FLOOR: Final = 0.6
_FLOOR_OF_UNKNOWN: Final = 0.3
"""What a change must be probable at the least, also when all else is less so; of a capability that nobody was
trained on nothing is ever as sure."""

_LITERALLY: Final = 5.0
"""What it adds to a score that the request is an example phrase of this capability and of no other. It is not
fitted, since the requests that are fitted on are kept clear of example phrases."""

_MISPLACED: Final = -6.0
"""What it adds besides for every file or folder that is there but not where the capability expects one: "what
is in todo.txt" lists no folder. Hardly any of the requests that are fitted on says so."""

_SAID_OF_ANOTHER: Final = -2.0
"""What it adds to the score of none that the request is an example phrase of what only shows something, but
for such a file: something is asked for."""

NONE_FEATURES: Final = ("bias", "best", "cover", "values", "habit")
MODEL_FEATURE: Final = "model"


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of `FEATURES` and of ``model`` for capabilities, of `NONE_FEATURES` and of ``model`` for none.

    ``bar`` is the probability that a pick needs at least; one that changes something must besides be
    ``margin`` times as probable as anything harmless: a capability that only reads, or none. What it must be
    beside another change is `_TWIN`, which is not fitted. A signal without a weight counts nothing.
    """

    capability: Mapping[str, float]
    none: Mapping[str, float]
    bar: float
    margin: float


@dataclass(frozen=True, slots=True)
class Odds:
    """Probabilities of the capabilities, best first, and of none; they add up to 1. ``chosen`` are the
    weights that they come from, ``trained`` the names of the capabilities that these were trained on.
    """

    ranked: tuple[tuple[Capability, float], ...]
    none: float
    chosen: Weights
    trained: frozenset[str] = frozenset()

    @property
    def best(self) -> tuple[Capability, float]:
        """The likeliest capability."""
        return self.ranked[0]

    def clear(self) -> bool:
        """Whether the best is probable enough to be picked."""
        best, share = self.best
        if share < self.chosen.bar:
            return False
        if not is_deed(best):
            return True
        if not probable_enough(best, share, best.full_name in self.trained):
            return False
        harmless = max([self.none, *(other[1] for other in self.ranked if not is_deed(other[0]))])
        changing = max((other[1] for other in self.ranked[1:] if is_deed(other[0])), default=0.0)
        return share >= self.chosen.margin * harmless and share >= _TWIN * changing


def probable_enough(capability: Capability, share: float, trained: bool) -> bool:
    """Whether a pick of ``capability`` may be made at a probability: a change needs more than a look."""
    return not is_deed(capability) or share >= (_FLOOR if trained else _FLOOR_OF_UNKNOWN)


@lru_cache(maxsize=2)
def weights(with_model: bool) -> Weights:
    """The fitted weights that ARES ships."""
    text = resources.files(__package__).joinpath("weights.json").read_text(encoding="utf-8")
    stored = json.loads(text)["model" if with_model else "matcher"]
    return Weights(stored["capability"], stored["none"], stored["bar"], stored["margin"])


def none_features(scene: Scene) -> tuple[float, ...]:
    """The numbers that speak for none, in the order of `NONE_FEATURES`."""
    best = max((each.match.score for each in scene.signals), default=0.0)
    cover = max((each.match.cover for each in scene.signals), default=0.0)
    values = max((each.features[FEATURES.index("explained")] for each in scene.signals), default=0.0)
    return 1.0, best, cover, values, scene.habit_none


def model_feature(signals: Signals, told: float) -> float:
    """What the command model says (``told``, the logarithm of a probability) of a capability that it was
    trained on; of others it knows too little to be heard.
    """
    return max(LOWEST, told) if signals.trained else 0.0


def _said_literally(scene: Scene) -> Signals | None:
    """The capability of which the request is an example phrase as a whole, word for word, when that says most
    and no other capability has such a phrase.
    """
    hits = [
        (each.hit.told, each)
        for each in scene.signals
        if each.hit is not None and each.hit.exact and not each.misplaced
    ]
    most = max((told for told, _ in hits), default=None)
    found = [each for told, each in hits if told == most]
    return found[0] if len(found) == 1 else None


def _asks_of_another(signals: Signals) -> bool:
    """Whether the request is a phrase of what only shows something, of a file that this does not expect."""
    literal = signals.hit is not None and signals.hit.exact
    return literal and signals.misplaced and not is_deed(signals.capability)


def odds(scene: Scene, model: Choice | None, order: Sequence[Capability], chosen: Weights) -> Odds:
    """Weigh ``scene``; ``model`` is what the command model says of ``order``."""
    said = {} if model is None else dict(zip((tool.full_name for tool in order), model.tools, strict=True))
    scores: list[tuple[Capability, float]] = []
    literal = _said_literally(scene)
    for each in scene.signals:
        score = sum(
            chosen.capability.get(name, 0.0) * value
            for name, value in zip(FEATURES, each.features, strict=True)
        )
        score += _MISPLACED * each.misplaced - each.against
        if model is not None:
            told = said.get(each.capability.full_name, LOWEST)
            score += chosen.capability[MODEL_FEATURE] * model_feature(each, told)
        scores.append((each.capability, score + (_LITERALLY if each is literal else 0.0)))
    none = sum(
        chosen.none.get(name, 0.0) * value
        for name, value in zip(NONE_FEATURES, none_features(scene), strict=True)
    )
    if any(_asks_of_another(each) for each in scene.signals):
        none += _SAID_OF_ANOTHER
    if model is not None:
        none += chosen.none[MODEL_FEATURE] * max(LOWEST, model.none)
    highest = max(none, *(score for _, score in scores)) if scores else none
    shares = [(capability, math.exp(score - highest)) for capability, score in scores]
    rest = math.exp(none - highest)
    total = rest + sum(share for _, share in shares)
    ranked = sorted(((capability, share / total) for capability, share in shares), key=lambda item: -item[1])
    trained = frozenset(each.capability.full_name for each in scene.signals if each.trained)
    return Odds(tuple(ranked), rest / total, chosen, trained)
