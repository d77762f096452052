"""Show your work: one judgement as Markdown for people and as JSON for programs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ares.core import Answer, Band, Json
from ares.protocol._words import spelled, visible

_SIGNS = {"ok": "✓", "warn": "!", "unknown": "?"}
_TAGS = {
    Band.HIGH: "EXECUTING",
    Band.MEDIUM: "PROCEEDING WITH CAVEATS",
    Band.LOW: "ESCALATION REQUIRED",
}


def render_markdown(proposal: Mapping[str, Any]) -> str:
    """Return a judgement as Markdown: all five steps with their evidence, warnings, options.

    ``proposal`` is one as it describes itself, now or in the ledger: its ``action``, ``verdict`` and
    ``ruling``. The heading says what followed: executing, proceeding with caveats, escalation required, or
    denied.
    """
    action, verdict, ruling = (proposal[name] for name in ("action", "verdict", "ruling"))
    call = spelled(action["capability"], action["arguments"])
    lines = [
        f"## [{_tag(verdict, ruling)}] {_plain(call)}",
        "",
        f"Confidence {verdict['confidence']} % ({verdict['band'].upper()}). "
        f"Answer: {ruling['answer']}, because {_plain(ruling['because'])}",
        *_list("Asked at any confidence", verdict["escalations"]),
        *_list("Warnings", verdict["warnings"]),
        "",
        "### Validation",
        "",
    ]
    for number, step in enumerate(verdict["steps"], 1):
        lines += _step(number, step)
    if verdict["options"]:
        lines += ["", "### Options", ""]
        lines += [
            f"- **{each['letter']}** {_plain(each['text'])} {_plain(each['trade_off'])}"
            for each in verdict["options"]
        ]
    return "\n".join(lines) + "\n"


def as_json(proposal: Mapping[str, Any]) -> dict[str, Json]:
    """Return the same as plain data; docs/protocol.md has its JSON Schema."""
    action, verdict, ruling = (proposal[name] for name in ("action", "verdict", "ruling"))
    return {
        "tag": _tag(verdict, ruling),
        "action": {name: action[name] for name in ("id", "capability", "arguments")},
        "verdict": verdict,
        "ruling": ruling,
    }


def _tag(verdict: Mapping[str, Any], ruling: Mapping[str, Any]) -> str:
    if ruling["answer"] == Answer.DENY:
        return "DENIED"
    return _TAGS[Band.LOW if ruling["answer"] == Answer.ASK else Band(verdict["band"])]


def _step(number: int, step: Mapping[str, Any]) -> list[str]:
    head = f"{number}. {_SIGNS[step['mark']]} **{step['name'].capitalize()}**"
    items = [
        f"   - {item['weight']:+d} {_plain(item['text'])} ({item['source']}: {_plain(item['ref'])})"
        for item in step["evidence"]
    ]
    return [f"{head} ({step['mark']}): {_plain(step['text'])}", *items]


def _list(title: str, texts: Iterable[str]) -> list[str]:
    items = [f"- {_plain(text)}" for text in texts]
    return ["", f"**{title}**", "", *items] if items else []


def _plain(text: str) -> str:
    """Return text that Markdown shows as it is and that cannot leave its line."""
    return re.sub(r"([\\`*<>\[\]])", r"\\\1", visible(text))
