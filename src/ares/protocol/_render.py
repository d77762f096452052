"""Show your work: one verdict as Markdown for people and as JSON for programs."""

from __future__ import annotations

import re

from ares.core import Action, Answer, Band, Json, Ruling, Step, Verdict
from ares.protocol._words import call_in_words, visible

_SIGNS = {"ok": "✓", "warn": "!", "unknown": "?"}
_TAGS = {
    Band.HIGH: "EXECUTING",
    Band.MEDIUM: "PROCEEDING WITH CAVEATS",
    Band.LOW: "ESCALATION REQUIRED",
}


def render_markdown(action: Action, verdict: Verdict, ruling: Ruling | None = None) -> str:
    """Return the whole verdict as Markdown: all five steps with their evidence, warnings, options.

    The heading says what follows: executing, proceeding with caveats, escalation required, or denied.
    """
    lines = [f"## [{_tag(verdict, ruling)}] {_plain(call_in_words(action))}", ""]
    lines.append(f"Confidence {verdict.confidence} % ({str(verdict.band).upper()})")
    if ruling is not None:
        lines[-1] += f". Answer: {ruling.answer}, because {_plain(ruling.because)}"
    lines += _list("Asked at any confidence", verdict.escalations)
    lines += _list("Warnings", verdict.warnings)
    lines += ["", "### Validation", ""]
    for number, step in enumerate(verdict.steps, 1):
        lines += _step(number, step)
    if verdict.options:
        lines += ["", "### Options", ""]
        lines += [
            f"- **{each.letter}** {_plain(each.text)} {_plain(each.trade_off)}" for each in verdict.options
        ]
    return "\n".join(lines) + "\n"


def as_json(action: Action, verdict: Verdict, ruling: Ruling | None = None) -> dict[str, Json]:
    """Return the same as plain data; docs/protocol.md has its JSON Schema."""
    return {
        "tag": _tag(verdict, ruling),
        "action": {
            "id": action.id,
            "capability": action.capability,
            "arguments": dict(action.arguments),
        },
        "verdict": verdict.describe(),
        "ruling": ruling.describe() if ruling is not None else None,
    }


def _tag(verdict: Verdict, ruling: Ruling | None) -> str:
    if ruling is not None and ruling.answer is Answer.DENY:
        return "DENIED"
    asked = ruling.answer is Answer.ASK if ruling is not None else bool(verdict.escalations)
    return _TAGS[Band.LOW if asked else verdict.band]


def _step(number: int, step: Step) -> list[str]:
    head = f"{number}. {_SIGNS[step.mark]} **{step.name.capitalize()}** ({step.mark}): {_plain(step.text)}"
    items = [
        f"   - {item.weight:+d} {_plain(item.text)} ({item.source}: {_plain(item.ref)})"
        for item in step.evidence
    ]
    return [head, *items]


def _list(title: str, texts: tuple[str, ...]) -> list[str]:
    return ["", f"**{title}**", "", *(f"- {_plain(text)}" for text in texts)] if texts else []


def _plain(text: str) -> str:
    """Return text that Markdown shows as it is and that cannot leave its line."""
    return re.sub(r"([\\`*<>\[\]])", r"\\\1", visible(text))
