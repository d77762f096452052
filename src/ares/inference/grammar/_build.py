"""The grammar of an answer: which calls of the offered capabilities a model may write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ares.core import Capability
from ares.errors import ModelError
from ares.inference.grammar._check import check_grammar
from ares.inference.grammar._schema import MAX_STRING, Rules, json_literal, literal

MAX_ACTIONS: Final = 4
"""A sentence is turned into at most so many calls."""

_LONGEST_SENTENCE: Final = 200


def build_grammar(
    capabilities: Sequence[Capability], *, max_actions: int = MAX_ACTIONS, longest_string: int = MAX_STRING
) -> str:
    """Return the GBNF of one JSON object on one line.

    It is ``{"actions": [...]}`` with one to ``max_actions`` calls of the ``capabilities``,
    ``{"none": "..."}`` or ``{"clarify": "..."}``; without capabilities only the last two. Strings hold at
    most ``longest_string`` characters. Raises :class:`ModelError` for a capability whose input schema cannot
    be kept to, naming the keyword, and for capabilities that make a grammar too large.
    """
    rules = Rules(longest_string)
    calls = [_call(rules, capability) for capability in capabilities]
    sentence = rules.string(1, min(_LONGEST_SENTENCE, longest_string))
    answers = [" ".join([literal(f'{{"{word}": '), sentence, literal("}")]) for word in ("none", "clarify")]
    if calls:
        call = rules.add("call", " | ".join(dict.fromkeys(calls)))
        more = f' (", " {call}){{0,{max_actions - 1}}}' if max_actions > 1 else ""
        answers.insert(0, " ".join([literal('{"actions": ['), call + more, literal("]}")]))
    grammar = rules.text(" | ".join(answers))
    check_grammar(grammar)
    return grammar


def fitting(
    capabilities: Sequence[Capability], *, max_actions: int = MAX_ACTIONS, longest_string: int = MAX_STRING
) -> tuple[list[Capability], dict[str, str]]:
    """Return the capabilities that :func:`build_grammar` takes together, those that come first before the
    others, and why it does not take each of the rest.
    """

    def problem(some: Sequence[Capability]) -> str:
        try:
            build_grammar(some, max_actions=max_actions, longest_string=longest_string)
        except ModelError as error:
            return str(error)
        return ""

    if not problem(capabilities):
        return list(capabilities), {}
    kept: list[Capability] = []
    refused: dict[str, str] = {}
    for capability in capabilities:
        if why := problem([*kept, capability]):
            name = capability.full_name
            refused[name] = problem([capability]).removeprefix(f"{name}: ") or f"beside the others: {why}"
        else:
            kept.append(capability)
    return kept, refused


def _call(rules: Rules, capability: Capability) -> str:
    name = capability.full_name
    arguments = rules.value(capability.input_schema, f"{name}: input")
    head = literal('{"capability": ') + " " + json_literal(name, name, ', "arguments": ')
    return rules.add("call", " ".join([head, arguments, literal("}")]))
