"""Grammars that hold a model's answer to calls of the offered capabilities."""

from ares.inference.grammar._build import MAX_ACTIONS, build_grammar, fitting
from ares.inference.grammar._check import Chars, Group, Literal, Name, Part, Repeat, check_grammar
from ares.inference.grammar._schema import MAX_ITEMS, MAX_REPEAT, MAX_STRING

__all__ = [
    "MAX_ACTIONS",
    "MAX_ITEMS",
    "MAX_REPEAT",
    "MAX_STRING",
    "Chars",
    "Group",
    "Literal",
    "Name",
    "Part",
    "Repeat",
    "build_grammar",
    "check_grammar",
    "fitting",
]
