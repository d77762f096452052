"""An action in words that are safe to show."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ares.core import Action, Capability, Json

_LONGEST = 60


def visible(text: str) -> str:
    """Return ``text`` with every character that a terminal would act on or hide written as its code."""
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


def value_in_words(value: Json) -> str:
    """Return a value in at most sixty-odd characters, its end cut off and marked when it is longer."""
    text = visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def call_in_words(action: Action) -> str:
    """Return the call as a person would type it: ``files.read path=/home/ada/list.txt``."""
    return spelled(action.capability, action.arguments)


def spelled(capability: str, arguments: Mapping[str, Json]) -> str:
    """Return a call as a person would type it, from its parts."""
    return " ".join((capability, *(f"{name}={value_in_words(value)}" for name, value in arguments.items())))


def purpose(capability: Capability) -> str:
    """Return what a capability is for, as its manifest says it, fit for the middle of a sentence."""
    return visible(capability.purpose)
