"""The built-in command model at run time: which of the offered tools a request means, and its arguments."""

from __future__ import annotations

from ares.inference.command._copy import CopyAutomaton, State, Value
from ares.inference.command._decode import Choice, CommandModel, Engine, Fill, Filled
from ares.inference.command._llama import LlamaEngine
from ares.inference.command._prompt import (
    ARGUMENT_IDS,
    CONTEXT_TOKENS,
    END,
    MAX_TOOLS,
    MISSING,
    NAME,
    NONE,
    REQUEST,
    SPECIALS,
    Argument,
    Atom,
    Encoder,
    Prompt,
    Tool,
    fold,
    render,
    tool_from_schema,
)

__all__ = [
    "ARGUMENT_IDS",
    "CONTEXT_TOKENS",
    "END",
    "MAX_TOOLS",
    "MISSING",
    "NAME",
    "NONE",
    "REQUEST",
    "SPECIALS",
    "Argument",
    "Atom",
    "Choice",
    "CommandModel",
    "CopyAutomaton",
    "Encoder",
    "Engine",
    "Fill",
    "Filled",
    "LlamaEngine",
    "Prompt",
    "State",
    "Tool",
    "Value",
    "fold",
    "render",
    "tool_from_schema",
]
