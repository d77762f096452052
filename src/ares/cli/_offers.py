"""What can be given for an argument: its choices, true and false, or the live values that a module offers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from ares.cli._text import visible
from ares.core import Capability, Json, Value

_LONGEST_LABEL: Final = 60

Live = Callable[[str], Iterable[Value]]
"""What gives the values of a source (``module.name``) at this moment."""


def offers(schema: Mapping[str, Json], live: Live) -> list[tuple[str, str]]:
    """Return what an argument of this schema may be given, as it is typed, each with a label that may be
    empty; nothing for one that takes any text. A list is given what its items are."""
    choices, items = schema.get("enum"), schema.get("items")
    if isinstance(choices, list | tuple):
        return [(each if isinstance(each, str) else json.dumps(each), "") for each in choices]
    if schema.get("type") == "boolean":
        return [("true", ""), ("false", "")]
    if source := schema.get("x-values") or schema.get("x-offers"):
        return [(each.value, _short(each.label)) for each in live(str(source))]
    return offers(items, live) if isinstance(items, Mapping) else []


def assignments(
    capability: Capability, given: Sequence[str], begun: str, live: Live
) -> list[tuple[str, str]]:
    """Return what the word ``begun`` can become among the arguments of `ares run`, each with a label.

    Before its ``=`` that are the arguments that are not ``given`` yet; when only one fits, its values too.
    """
    key, equals, _ = begun.partition("=")
    names = [key] if equals else _names(capability, given, key)
    found = []
    for name in names:
        schema = capability.properties.get(name, {})
        values = offers(schema, live) if len(names) == 1 else []
        found += [(f"{name}={value}", label) for value, label in values if value.isprintable()]
        if not equals and not values:
            found.append((f"{name}=", _short(str(schema.get("description", "")))))
    return found


def _names(capability: Capability, given: Sequence[str], begun: str) -> list[str]:
    taken = {word.partition("=")[0] for word in given}
    return [
        name
        for name, schema in capability.properties.items()
        if name.startswith(begun) and (name not in taken or schema.get("type") == "array")
    ]


def _short(label: str) -> str:
    text = visible(" ".join(label.split()))
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"
