"""From a model's answer to calls: parsed strictly, checked, every value with the source it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence

from ares.core import Call, Capability, Json, Kind, Provenance, Source, Value
from ares.errors import ModelError
from ares.runtime import first_error


def parse_answer(text: str, tools: Sequence[Capability]) -> tuple[Kind, Json]:
    """Return what the answer is and what it holds: a list of calls, a question, or a sentence.

    Raises :class:`ModelError` for anything that is not exactly one of the three forms, or calls a capability
    that is not among ``tools`` or with arguments that break its schema.
    """
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise ModelError(f"the model's answer is not JSON ({error}): {text[:80]!r}") from error
    match answer:
        case {"none": str(said), **rest} if not rest:
            return Kind.NONE, said
        case {"clarify": str(said), **rest} if not rest:
            return Kind.CLARIFY, said
        case {"actions": [_, *_] as calls, **rest} if not rest:
            known = {tool.full_name: tool for tool in tools}
            for call in calls:
                _check_call(call, known)
            return Kind.ACTIONS, calls
    raise ModelError(f"the model's answer has none of the three forms: {text[:80]!r}")


def _check_call(call: Json, known: Mapping[str, Capability]) -> None:
    match call:
        case {"capability": str(name), "arguments": dict(arguments), **rest} if not rest and name in known:
            problem = first_error(known[name].input_schema, arguments)
            if problem:
                raise ModelError(f"the model called {name} with wrong arguments: {problem}")
        case _:
            raise ModelError(f"the model called something that was not offered: {json.dumps(call)[:80]}")


def read_calls(
    calls: Json,
    tools: Sequence[Capability],
    sentence: str,
    values: Callable[[str], tuple[Value, ...]],
    probability: float,
    model: str,
) -> tuple[Call, ...]:
    """Return parsed calls with the provenance of every argument; ``probability`` becomes their confidence.

    The choice is the model's, and so is every value that is neither a literal span of the sentence nor
    a live value of the argument's source.
    """
    known = {tool.full_name: tool for tool in tools}
    found: list[Call] = []
    assert isinstance(calls, list)
    for call in calls:
        tool = known[call["capability"]]
        arguments: dict[str, Json] = {}
        provenance: dict[str, Provenance] = {}
        for name, value in call["arguments"].items():
            source = tool.properties.get(name, {}).get("x-values")
            offered = values(source) if isinstance(source, str) else ()
            arguments[name], provenance[name] = _traced(value, sentence, offered, str(source))
        found.append(
            Call(
                capability=tool.full_name,
                arguments=arguments,
                provenance=provenance,
                confidence=probability,
                choice=Source.MODEL,
                reason=f"chosen by {model}",
                words=sentence,
            )
        )
    return tuple(found)


def _traced(value: Json, sentence: str, offered: Sequence[Value], source: str) -> tuple[Json, Provenance]:
    """Return the value, in the spelling of the live value that it names, and where it comes from."""
    said = literal_span(value, sentence)
    if isinstance(value, str):
        exact = [each.value for each in offered if value == each.value]
        named = exact or list(
            dict.fromkeys(each.value for each in offered if value.casefold() in _names(each))
        )
        if len(named) == 1 and not (exact and said):
            how = source if exact else f"{value} is {named[0]} in {source}"
            return named[0], Provenance(Source.REGISTRY, said=said, how=how)
    return value, Provenance(Source.OWNER, said=said) if said else Provenance(Source.MODEL)


def _names(value: Value) -> set[str]:
    return {name.casefold() for name in (value.value, *value.aliases)}


def literal_span(value: Json, sentence: str) -> str:
    """Return ``value`` as it stands in ``sentence``, or an empty string.

    A span begins and ends where words do: part of a path, of an address or of a longer number is none,
    because whoever names ``/srv/photos`` has not named ``/srv``.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = value if isinstance(value, str) else json.dumps(value)
    if not text.strip() or text != text.strip():
        return ""
    found = re.search(rf"(?<![^\s\"'“”‘’«»(\[=]){re.escape(text)}(?=[.,;:!?)\]\"'“”‘’«»]*(?:\s|$))", sentence)
    return found[0] if found else ""
