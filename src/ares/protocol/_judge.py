"""The five steps over one case."""

from __future__ import annotations

from ares.core import Band, Evidence, Mark, Option, Step, Verdict
from ares.protocol import _weights as weights
from ares.protocol._case import Case
from ares.protocol._steps import challenge, escalations, explain, proven, simplify, validate
from ares.protocol._words import call_in_words, purpose, value_in_words, visible

_MARKS = {Band.HIGH: Mark.OK, Band.MEDIUM: Mark.UNKNOWN, Band.LOW: Mark.WARN}


def judge(case: Case) -> Verdict:
    """Return the five steps over ``case``, with a confidence in percent.

    The confidence is the sum of the weights of all evidence in the steps, held between 0 and 100. What must
    be asked at any score (``escalations``) is worked out first and does not depend on it. A LOW verdict
    carries three options. The same case always gives the same verdict.
    """
    asked_anyway = escalations(case)
    steps = (challenge(case), simplify(case), validate(case), explain(case))
    last = _confidence(case, steps)
    total = sum(item.weight for step in (*steps, last) for item in step.evidence)
    confidence = min(max(total, 0), 100)
    return Verdict(
        steps=(*steps, _with_text(last, confidence)),
        confidence=confidence,
        warnings=_warnings(case),
        escalations=asked_anyway,
        options=_options(case) if Band.of(confidence) is Band.LOW else (),
    )


def _confidence(case: Case, steps: tuple[Step, ...]) -> Step:
    base = Evidence("protocol", "base", weights.BASE, "where an unknown action starts")
    total = weights.BASE + sum(item.weight for step in steps for item in step.evidence)
    over = total - weights.NO_RECORD_CEILING
    if over <= 0 or not case.capability.changes or proven(steps[2]):
        return Step("confidence", Mark.UNKNOWN, "", (base,))
    text = f"it has a side effect and no record, so it stays at {weights.NO_RECORD_CEILING} %"
    return Step("confidence", Mark.UNKNOWN, "", (base, Evidence("protocol", "no-record", -over, text)))


def _with_text(step: Step, confidence: int) -> Step:
    band = Band.of(confidence)
    held = "".join(f", because {item.text}" for item in step.evidence if item.ref == "no-record")
    return Step(step.name, _MARKS[band], f"{confidence} %, {band}{held}.", step.evidence)


def _warnings(case: Case) -> tuple[str, ...]:
    found = [f"{each.name}: {each.why}" for each in case.anti_patterns]
    return (*found, *case.warnings)


def _options(case: Case) -> tuple[Option, ...]:
    call = call_in_words(case.action)
    return (
        Option("A", f"Run {call} as it stands.", _price(case)),
        _second(case, call),
        Option(
            "C",
            f"Leave it: do not run {case.action.capability}.",
            f"Nothing changes; what is not done then: {purpose(case.capability)}.",
        ),
    )


def _price(case: Case) -> str:
    capability = case.capability
    if not capability.changes:
        return "It changes nothing; the answer may not be what you meant."
    if capability.reversible and capability.undo is not None:
        return f"If it is wrong, `ares undo` takes it back through {capability.undo.capability}."
    return "If it is wrong, there is no way back."


def _second(case: Case, call: str) -> Option:
    gentler = next((each for each in case.alternatives if each.gentler), None)
    if gentler is not None:
        text = f"First {gentler.capability}: {visible(gentler.text)}."
        return Option("B", text, "It changes less; you decide with the answer in view, one step later.")
    other = next(iter(case.alternatives), None)
    if other is not None:
        text = f"Take {other.capability} instead: {visible(other.text)}."
        return Option("B", text, f"It does something else than {case.action.capability}.")
    if case.action.arguments:
        name, value = next(iter(case.action.arguments.items()))
        text = f"Change the arguments first, such as {name} (now {value_in_words(value)})."
        return Option("B", text, "It takes one more question, and exactly what you then type is judged anew.")
    text = f"Say more about what you want from {call}."
    return Option("B", text, "It takes one more sentence, and that one is judged anew.")
