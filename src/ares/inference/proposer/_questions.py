"""What is asked back, in plain words."""

from __future__ import annotations

from collections.abc import Sequence

from ares.core import Capability

_KINDS = {
    "path": "Which file or folder",
    "number": "How many",
    "duration": "How long",
    "time": "What time",
    "date": "Which date",
    "zone": "Which city or time zone",
    "mac": "Which MAC address",
    "ip": "Which IP address",
    "url": "Which web address",
    "email": "Which mail address",
}
_MOST_NAMED = 8


def what_is_missing(
    capability: Capability, kind: str, description: str, name: str, values: Sequence[str]
) -> str:
    """Ask for one argument of ``capability``; ``values`` are those it could be, as far as they are known."""
    thing = description or name.replace("_", " ")
    asked = thing[:1].upper() + thing[1:] if thing.split()[:1] in (["which"], ["what"], ["how"]) else ""
    question = asked or f"{_KINDS.get(kind, 'What')} ({thing})"
    known = f" There is: {', '.join(values[:_MOST_NAMED])}." if values else ""
    return f"To {capability.purpose}: {question[:1].lower() + question[1:]}?{known}"


def which_of(first: Capability, second: Capability) -> str:
    """Ask between two capabilities."""
    return f"Should I {first.purpose}, or {second.purpose}?"


def not_understood(part: str, rest: Sequence[str]) -> str:
    """Say which part of a sentence is not understood, and that the others wait."""
    return f"I do not know what to do for {part!r}. Say it in other words, or leave it out. {waits(rest)}"


def waits(rest: Sequence[str]) -> str:
    """Say that the other parts of a sentence are understood but not done."""
    understood = f"; understood so far: {', '.join(map(repr, rest))}" if rest else ""
    return f"Nothing is done yet{understood}."


def nothing_fits(closest: Sequence[Capability]) -> str:
    """Say that no capability fits, and what to do instead."""
    near = ", ".join(capability.full_name for capability in closest)
    hint = f" The closest: {near}." if near else ""
    return (
        f"Nothing I can do here fits that.{hint} `ares capabilities` lists what there is. The built-in"
        " model only reads commands; `ares models list` shows how to use one that can hold a conversation."
    )
