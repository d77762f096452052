"""What a sentence gave for an argument, in the type that the argument's schema asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ares.core import Capability, Json
from ares.inference._words import stem, words
from ares.inference.values import Found, Slot, numbers
from ares.runtime import first_error

_BETWEEN: Final = re.compile(r"\s*(?:,|;|&|\+|\band\b|\bor\b)\s*(?:and\s+|or\s+)?", re.IGNORECASE)
_TRUTHS: Final = {"true": True, "false": False}


def fitted(schema: Mapping[str, Any], value: Json) -> tuple[Json, str]:
    """Return ``value`` as ``schema`` wants it, and in plain words why it does not fit (empty when it does).

    A choice becomes the member that is spelt so, a text a list of what "and" and commas part where a list is
    wanted, a whole number a whole number.
    """
    made = _made(schema, value)
    return made, first_error(schema, made)


def _made(schema: Mapping[str, Any], value: Json) -> Json:
    if isinstance(value, str):
        for member in schema.get("enum", ()):
            if str(member) == value:
                return _member(member)
        kind = schema.get("type")
        if kind == "boolean":
            return _TRUTHS.get(value, value)
        if kind == "array":
            items = schema.get("items", {})
            return [_made(items, part) for part in _BETWEEN.split(value.strip()) if part]
        if kind in ("integer", "number") and len(found := numbers(value)) == 1:
            return _made(schema, found[0].value)
    if isinstance(value, float) and value.is_integer() and schema.get("type") == "integer":
        return int(value)
    return value


def _member(member: Any) -> Json:
    made: Json = member
    return made


def out_of_bounds(
    slot: Slot, capability: Capability, sentence: str, taken: Sequence[tuple[int, int]]
) -> Found | None:
    """The number that stands where one for ``slot`` would stand and is too small or too large for it."""
    around = _around(capability.examples, slot.name)
    for found in numbers(sentence):
        assert isinstance(found.value, (int, float))
        if slot.within(found.value) or any(start < found.end and found.start < end for start, end in taken):
            continue
        before, after = words(sentence[: found.start])[-1:], words(sentence[found.end :])[:1]
        if any(stem(word.text) in around for word in (*before, *after)):
            return found
    return None


def _around(phrases: Sequence[str], name: str) -> frozenset[str]:
    """The words right before and right after the slot ``name`` in ``phrases``, articles apart."""
    found: set[str] = set()
    for phrase in phrases:
        before, slot, after = phrase.partition("{" + name + "}")
        if slot:
            found |= {stem(word.text) for word in (*words(before)[-1:], *words(after)[:1])}
    return frozenset(found - {"the", "a", "an", "my"})
