"""What a person is shown of an action before it happens. Nothing is shortened, nothing is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ares.cli._text import hanging, prose, quoted, visible
from ares.core import Answer, Provenance, Source, Verdict

if TYPE_CHECKING:
    from ares.gate import Proposal


def action_lines(proposal: Proposal, width: int, number: int = 0, denied: str = "") -> list[str]:
    """Return the lines that show an action in full: command, arguments, their sources, what it does, and
    whether it is asked about. ``denied`` says why it will not be done, whatever the policy says of it."""
    capability, action = proposal.capability, proposal.action
    start = f"{number}. " if number else ""
    lines = prose(start, f"{capability.full_name}: {visible(capability.description)}", width)
    names = [*action.arguments, "confidence"]
    indent = max(len(visible(name)) for name in names) + 4
    for name, value in action.arguments.items():
        label = f"  {visible(name):<{indent - 4}}  "
        lines += hanging(label, quoted(value), width)
        lines += _origin_lines(proposal, name, " " * indent, width)
    facts = [
        ("effect", _effect(proposal)),
        ("denied", visible(denied)) if denied else _ruling(proposal),
        ("confidence", f"{proposal.verdict.confidence} % ({proposal.verdict.band})"),
        *(("warning", visible(each)) for each in proposal.verdict.warnings),
    ]
    if action.choice.tainted:
        facts.append(("chosen", "by the model, not by your words"))
    if action.reason:
        facts.append(("reason", visible(action.reason)))
    for name, text in facts:
        lines += prose(f"  {name:<{indent - 4}}  ", text, width)
    return lines


def _ruling(proposal: Proposal) -> tuple[str, str]:
    because = visible(proposal.ruling.because)
    match proposal.ruling.answer:
        case Answer.DENY:
            return "denied", because
        case Answer.ASK:
            return "asked", because
        case Answer.ALLOW:
            return "unasked", f"runs without a question: {because}"


def _origin_lines(proposal: Proposal, name: str, label: str, width: int) -> list[str]:
    action = proposal.action
    texts = [_origin(action.provenance.get(name, Provenance(Source.MODEL)), action.arguments[name])]
    for place in proposal.places:
        if place.argument == name and place.resolved != action.arguments[name]:
            texts.append(f"which leads to {quoted(place.resolved)}")
    return [line for text in texts if text for line in hanging(label, text, width)]


def _origin(provenance: Provenance, value: object) -> str:
    """Say where a value comes from; nothing when the person said it literally."""
    said = f" from {quoted(provenance.said)}" if provenance.said and provenance.said != value else ""
    how = f" ({visible(provenance.how)})" if provenance.how else ""
    match provenance.source:
        case Source.OWNER:
            return f"read{said}{how}" if said else ""
        case Source.REGISTRY:
            return f"resolved{said}{how}" if said else f"known to ARES{how}"
        case Source.DEFAULT:
            return "the default"
        case Source.MODEL:
            return f"the model's own value: you did not say it{how}"
        case Source.FOREIGN:
            return f"from text that is not yours{said}{how}"


def _effect(proposal: Proposal) -> str:
    capability = proposal.capability
    words = [str(capability.effect)]
    words += ["destructive"] if capability.destructive else []
    words += ["reaches outside"] if capability.outward else []
    words += ["changes ARES itself"] if capability.self_affecting else []
    if capability.changes:
        undo = "can be taken back with `ares undo`" if capability.reversible else "cannot be taken back"
        words.append(undo)
    return ", ".join(words)


def verdict_lines(verdict: Verdict, width: int, *, evidence: bool = True) -> list[str]:
    """Return the five steps, with their evidence if that is wanted, and the options that are offered."""
    lines: list[str] = []
    for step in verdict.steps:
        lines += prose(f"  {step.name:<11}{step.mark:<8}", visible(step.text), width)
        for item in step.evidence if evidence else ():
            text = f"{item.weight:+d} %  {visible(item.text)}  [{visible(item.source)}: {visible(item.ref)}]"
            lines += prose(" " * 21, text, width)
    for option in verdict.options:
        lines += prose(f"  {option.letter}. ", f"{visible(option.text)} ({visible(option.trade_off)})", width)
    return lines
