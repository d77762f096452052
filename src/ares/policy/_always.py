"""The rule that an "always" answer writes, and rules as YAML text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from ares.core import Capability, Json, Origin, canonical, digest
from ares.errors import PolicyError
from ares.policy._decide import own_program
from ares.policy._parse import parse_rules
from ares.policy._question import Question
from ares.policy._rule import Rule
from ares.policy._ruling import always_asks

_AT_HAND: Final = (Origin.COMMAND, Origin.SENTENCE, Origin.CHAT)
# YAML wants keys on one line within 1024 characters; no argument name comes near half of it.
_LONGEST_KEY: Final = 500


def always_rule(question: Question) -> tuple[Rule, str]:
    """Return the rule that allows exactly this again, and its YAML text (an item of a ``rules`` list).

    It holds for the same capability and effect, the same value of every argument (and no further ones), the
    same resolved paths, for words of the owner alone, and for the same origin, where command, sentence and
    chat count as one. Raises :class:`PolicyError` when such a rule would change nothing, because the
    capability is asked about every time, a path leads into the program itself or the owner did not say
    everything, or cannot be written down.
    """
    capability = question.capability
    if why := always_asks(capability):
        raise PolicyError(f"{capability.full_name} is asked about every time, because {why}; no rule helps")
    if part := own_program(question):
        raise PolicyError(f"{part} is part of ARES itself, which is asked about every time; no rule helps")
    if question.tainted:
        names = ", ".join(question.tainted)
        raise PolicyError(f"only your own words can become a rule, and you did not say {names} yourself")
    try:
        data = _as_data(question)
    except (TypeError, ValueError, RecursionError) as error:
        raise PolicyError(f"these arguments cannot be written as a rule: {error}") from error
    text = write_rules([data])
    return parse_rules({"rules": [data]}, "always.yaml")[0], text


def _as_data(question: Question) -> dict[str, Json]:
    capability = question.capability
    origins = _AT_HAND if question.origin in _AT_HAND else (question.origin,)
    when: dict[str, Json] = {
        "capability": [capability.full_name],
        "effect": [str(capability.effect)],
        "origin": [str(origin) for origin in origins],
        "tainted": False,
    }
    conditions = _conditions(capability, question.arguments)
    if conditions:
        when["arguments"] = conditions
    if question.paths:
        when["every_place"] = _folders(question)
    example: dict[str, Json] = {
        "capability": capability.full_name,
        "effect": str(capability.effect),
        "origin": str(question.origin),
        "arguments": dict(question.arguments),
        "places": {place.argument: place.resolved for place in question.paths},
    }
    counter = {**example, "tainted": ["capability"]}
    return {
        "id": f"always-{digest(when)[:16]}",
        "answer": "allow",
        "reason": "you answered always to exactly this",
        "when": when,
        "match": [example],
        "not_match": [counter],
    }


def _folders(question: Question) -> list[str]:
    """Return where every place lies: what a link leads to, and the link itself."""
    named = [question.arguments.get(place.argument) for place in question.paths]
    links = {path for path in named if isinstance(path, str) and path.startswith("/")}
    return sorted(links | {place.resolved for place in question.paths})


def _conditions(capability: Capability, arguments: Mapping[str, Json]) -> dict[str, Json]:
    given: dict[str, Json] = {name: {"equals": value} for name, value in arguments.items()}
    absent: dict[str, Json] = {
        name: {"absent": True} for name in capability.properties if name not in arguments
    }
    return {**given, **absent}


def write_rules(rules: Sequence[Mapping[str, Json]]) -> str:
    """Return rules, given as the plain data of a policy file, as the YAML items of its ``rules`` list.

    Every value is in quotes and every invisible character written as its code, so that what is shown to a
    person is what will be read back. Raises :class:`PolicyError` for data that YAML cannot carry.
    """
    try:
        return "".join(_item(rule) for rule in rules)
    except (TypeError, ValueError, RecursionError) as error:
        raise PolicyError(f"this cannot be written as a rule: {error}") from error


def _item(rule: Mapping[str, Json]) -> str:
    lines: list[str] = []
    for key, value in rule.items():
        if isinstance(value, Mapping):
            lines.append(f"{key}:")
            lines += [f"  {name}: {_flow(inner)}" for name, inner in value.items()]
        elif isinstance(value, (list, tuple)):
            lines.append(f"{key}:")
            lines += [f"  - {_flow(inner)}" for inner in value]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "".join(("- " if index == 0 else "  ") + line + "\n" for index, line in enumerate(lines))


def _flow(value: Json) -> str:
    """Return ``value`` as JSON that YAML 1.1 reads as the same value."""
    if isinstance(value, Mapping):
        if any(not isinstance(key, str) or len(key) > _LONGEST_KEY for key in value):
            raise ValueError(f"a key is longer than {_LONGEST_KEY} characters")
        return "{" + ", ".join(f"{_flow(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow(inner) for inner in value) + "]"
    if isinstance(value, str):
        canonical(value)
        return "".join(_visible(char) for char in json.dumps(value, ensure_ascii=False))
    text = json.dumps(value, allow_nan=False)
    # YAML takes 1e+16 for text; it wants a point before the exponent.
    return re.sub(r"^(-?\d+)e", r"\1.0e", text)


def _visible(char: str) -> str:
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"
