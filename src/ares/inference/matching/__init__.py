"""Matching: how well a request fits the example phrases, names and descriptions of capabilities."""

from __future__ import annotations

from ares.inference.matching._analysis import Analysis, analyse, related_words
from ares.inference.matching._habits import NONE as NO_CAPABILITY
from ares.inference.matching._habits import SCALE as HABIT_SCALE
from ares.inference.matching._habits import features_of, habits, mark, request_features
from ares.inference.matching._index import Match, Matcher, Vocabulary, vocabulary
from ares.inference.matching._pattern import Hit, whole_hit

__all__ = [
    "HABIT_SCALE",
    "NO_CAPABILITY",
    "Analysis",
    "Hit",
    "Match",
    "Matcher",
    "Vocabulary",
    "analyse",
    "features_of",
    "habits",
    "mark",
    "related_words",
    "request_features",
    "vocabulary",
    "whole_hit",
]
