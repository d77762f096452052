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
    question = asked or _of_kind(_KINDS.get(kind, "What"), thing)
    known = f" There is: {', '.join(values[:_MOST_NAMED])}." if values else ""
    return f"To {capability.purpose}: {question[:1].lower() + question[1:]}?{known}"


def _of_kind(question: str, thing: str) -> str:
    """``question`` about ``thing``, which is not named when the question says it already: "the date"."""
    said = {word.lower() for word in question.split()} | {"the", "a", "an", "its"}
    return question if set(thing.lower().split()) <= said else f"{question} ({thing})"


def which_of(first: Capability, second: Capability) -> str:
    """Ask between two capabilities."""
    return f"Should I {first.purpose}, or {second.purpose}?"


def not_understood(part: str, rest: Sequence[str]) -> str:
    """Say which part of a sentence is not understood, and that the others wait."""
    return f"I do not know what to do for {part!r}. Say it in other words, or leave it out. {waits(rest)}"


def forbidden() -> str:
    """Say that a sentence that forbids something was understood as such."""
    return "You say what not to do, so nothing is done. If I should do something, say only that."


def meant_as_order(purpose: str, order: str) -> str:
    """Ask whether a question about a change was meant as the wish for it; ``order`` says it plainly."""
    wish = f"Should I do it now? Then say `{order}`." if order else f"Should I {purpose} now? Then say so."
    return f"You only ask about it, so nothing is done. {wish}"


def unsure(part: str, purpose: str, order: str) -> str:
    """Ask whether a change that is only spoken of is to be made; ``order`` says it plainly."""
    wish = f"Then say `{order}`." if order else f"Should I {purpose} now? Then say so."
    return f"I am not sure that you want it done now, from {part!r}. {wish} {waits(())}"


def cannot(part: str, why: str) -> str:
    """Say which part of a sentence ARES cannot heed, and why."""
    return f"{why}: {part!r}. Say it without that, or leave it. {waits(())}"


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
