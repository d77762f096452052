"""The command proposer: a sentence becomes calls of capabilities, with the built-in command model or
without.
"""

from __future__ import annotations

from ares.inference.proposer._choice import (
    MODEL_FEATURE,
    NONE_FEATURES,
    Odds,
    Weights,
    model_feature,
    none_features,
    odds,
    weights,
)
from ares.inference.proposer._clauses import demands
from ares.inference.proposer._proposer import WITHOUT_MODEL, CommandProposer
from ares.inference.proposer._shortlist import shortlist
from ares.inference.proposer._signals import FEATURES, LOWEST, Scene, Signals, look
from ares.inference.proposer._vague import acts_on_it

__all__ = [
    "FEATURES",
    "LOWEST",
    "MODEL_FEATURE",
    "NONE_FEATURES",
    "WITHOUT_MODEL",
    "CommandProposer",
    "Odds",
    "Scene",
    "Signals",
    "Weights",
    "acts_on_it",
    "demands",
    "look",
    "model_feature",
    "none_features",
    "odds",
    "shortlist",
    "weights",
]
