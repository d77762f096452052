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


def unsupported(capability: Capability) -> str:
    """Return why no grammar can keep to the input schema of ``capability``, or an empty string."""
    try:
        _call(Rules(MAX_STRING), capability)
    except ModelError as error:
        return str(error)
    return ""


def _call(rules: Rules, capability: Capability) -> str:
    name = capability.full_name
    arguments = rules.value(capability.input_schema, f"{name}: input")
    head = literal('{"capability": ') + " " + json_literal(name, name, ', "arguments": ')
    return rules.add("call", " ".join([head, arguments, literal("}")]))
