"""The first four steps, each a function of the case alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ares.core import Effect, Evidence, Mark, Origin, Source, Step
from ares.protocol import _weights as weights
from ares.protocol._case import Case
from ares.protocol._words import call_in_words, purpose, value_in_words, visible

_EFFECT_WORDS = {
    Effect.READ: "it only looks and changes nothing",
    Effect.WRITE: "it changes what is stored on this machine",
    Effect.NETWORK: "it sends something over the network",
    Effect.EXECUTE: "it runs a program",
    Effect.POWER: "it switches a machine on or off",
    Effect.SPEND: "it costs money",
}


def escalations(case: Case) -> tuple[str, ...]:
    """Return the reasons to ask whatever the score turns out to be. They are worked out before it."""
    capability = case.capability
    reasons = (
        (capability.destructive, f"{capability.full_name} destroys something"),
        (capability.effect is Effect.SPEND, f"{capability.full_name} costs money"),
        (capability.changes and not capability.reversible, f"{capability.full_name} cannot be undone"),
        (capability.outward, f"{capability.full_name} reaches people or machines outside"),
        (capability.self_affecting, f"{capability.full_name} changes ARES itself"),
    )
    found = [text for holds, text in reasons if holds]
    if equal := [each.capability for each in case.alternatives if each.equal]:
        found.append(f"{', '.join(equal)} would do as well, and only you can choose")
    return tuple(found)


def challenge(case: Case) -> Step:
    """Ask what could go wrong."""
    capability = case.capability
    evidence = [
        _registry(case, weights.EFFECTS[capability.effect], _EFFECT_WORDS[capability.effect]),
        *_dangers(case),
        *_health(case),
        *(
            Evidence("anti-pattern", each.id, weights.ANTI_PATTERN, f"{each.name}: {each.why}")
            for each in case.anti_patterns
        ),
    ]
    against = [item.text for item in evidence if item.weight < 0]
    if against:
        text = f"{call_in_words(case.action)} has risks: {'; '.join(against)}."
    else:
        text = f"Nothing known speaks against {call_in_words(case.action)}: {evidence[0].text}."
    return Step("challenge", Mark.WARN if against else Mark.OK, text, tuple(evidence))


def _registry(case: Case, weight: int, text: str) -> Evidence:
    return Evidence("registry", case.capability.full_name, weight, text)


def _dangers(case: Case) -> Iterator[Evidence]:
    capability = case.capability
    if capability.destructive:
        yield _registry(case, weights.DESTRUCTIVE, "it destroys something")
    if capability.changes and not capability.reversible:
        yield _registry(case, weights.IRREVERSIBLE, "it cannot be undone")
    if capability.outward:
        yield _registry(case, weights.OUTWARD, "it reaches people or machines outside")
    if capability.self_affecting:
        yield _registry(case, weights.SELF_AFFECTING, "it changes ARES itself")


def _health(case: Case) -> Iterator[Evidence]:
    weight = weights.HEALTH.get(case.health)
    if weight is not None:
        detail = f" ({visible(case.health_detail)})" if case.health_detail else ""
        text = f"module {case.capability.module} is {case.health}{detail}"
        yield Evidence("registry", case.capability.module, weight, text)


def simplify(case: Case) -> Step:
    """Ask whether something simpler would do."""
    evidence = [
        Evidence(
            "registry",
            each.capability,
            weights.EQUAL if each.equal else weights.GENTLER if each.gentler else 0,
            f"{each.capability} would {visible(each.text)}",
        )
        for each in case.alternatives
    ]
    better = [f"{each.name}: better {each.better}" for each in case.anti_patterns]
    weighty = [each for each in case.alternatives if each.equal or each.gentler]
    if not evidence and not better:
        return Step("simplify", Mark.OK, f"No simpler way than {case.action.capability} is known.")
    told = [f"{each.capability} ({visible(each.text)})" for each in weighty or case.alternatives]
    text = "; ".join([*(["Also possible: " + ", ".join(told)] if told else []), *better]) + "."
    return Step("simplify", Mark.WARN if weighty or better else Mark.OK, text, tuple(evidence))


def validate(case: Case) -> Step:
    """Ask what proves that it works: the schema, the record, patterns and technologies."""
    record = [*_record(case), *_knowledge(case)]
    evidence = [_schema(case), *_safeguards(case), *record]
    against = [item.text for item in evidence if item.weight < 0]
    backing = [item.text for item in record if item.weight > 0]
    name = case.capability.full_name
    if against:
        mark, text = Mark.WARN, f"Against {name} speaks: {'; '.join(against)}."
    elif backing:
        mark, text = Mark.OK, f"For {name} speaks: {'; '.join(backing)}."
    else:
        mark, text = Mark.UNKNOWN, f"There is no record yet of how {name} turns out on this machine."
    return Step("validate", mark, text, tuple(evidence))


def proven(step: Step) -> bool:
    """Whether something on record, more than a manifest's own word, speaks for the action."""
    return any(item.weight > 0 and item.source in ("ledger", "pattern", "tech") for item in step.evidence)


def _schema(case: Case) -> Evidence:
    name = case.capability.full_name
    return Evidence("schema", name, weights.SCHEMA_FITS, f"the arguments are what {name} takes")


def _safeguards(case: Case) -> Iterator[Evidence]:
    capability = case.capability
    if not capability.changes:
        return
    if capability.reversible and capability.undo is not None:
        text = f"{capability.undo.capability} takes it back"
        yield Evidence("registry", capability.undo.capability, weights.UNDO, text)
    if capability.verify:
        yield _registry(case, weights.VERIFY, "what it did is read back afterwards")


def _record(case: Case) -> Iterator[Evidence]:
    name, counts = case.capability.full_name, case.statistics
    if case.action.undoes:
        text = f"it takes back action {case.action.undoes}, which is on record"
        yield Evidence("ledger", case.action.undoes, weights.UNDOES, text)
    if counts is None:
        return
    rows = (
        (weights.successes(counts.ok), f"it worked {_times(counts.ok)} before"),
        (weights.failures(counts.ok, counts.failed), f"it failed {_times(counts.failed)} before"),
        (weights.unknowns(counts.unknown), f"nobody knows how it ended {_times(counts.unknown)}"),
        (weights.undone(counts.ok, counts.undone), f"it was taken back {_times(counts.undone)}"),
        (weights.denials(counts.denied), f"the answer was no {_times(counts.denied)}"),
    )
    for weight, text in rows:
        if weight:
            yield Evidence("ledger", name, weight, text)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _knowledge(case: Case) -> Iterator[Evidence]:
    # A pattern that an anti-pattern names as the better way is advice, not what was proposed.
    advised = {name for each in case.anti_patterns for name in each.instead}
    for pattern in case.patterns:
        if pattern.id not in advised:
            text = (
                f"{pattern.name} (tier {pattern.tier}): {pattern.success} % of {pattern.uses} uses succeeded"
            )
            yield Evidence("pattern", pattern.id, weights.pattern(pattern.tier, pattern.success), text)
    for technology in case.technologies:
        if technology.success is not None:
            text = f"{technology.name}: {technology.success} % success on record"
            yield Evidence("tech", technology.id, weights.technology(technology.success), text)


def explain(case: Case) -> Step:
    """Say what will happen in plain words, and which of it the owner said."""
    evidence = [_choice(case), *_arguments(case)]
    names = case.action.tainted
    if names:
        told = ", ".join("the choice of what to do" if name == "capability" else name for name in names)
        mark, origin = Mark.WARN, f"You did not say this yourself: {told}."
    elif case.proposer is not None and case.proposer < 0.5:
        mark, origin = Mark.UNKNOWN, "This is a guess at what your words mean."
    else:
        mark, origin = Mark.OK, "All of it comes from you, your own lists or stated defaults."
    text = f"It will {purpose(case.capability)}: {call_in_words(case.action)}. {origin}"
    return Step("explain", mark, text, tuple(evidence))


def _choice(case: Case) -> Evidence:
    action = case.action
    if action.choice.tainted:
        return Evidence("words", "capability", weights.NOT_CHOSEN, f"you did not ask for {action.capability}")
    if case.proposer is None:
        who = (
            "it takes back what was done"
            if action.origin is Origin.UNDO
            else f"you named {action.capability}"
        )
        return Evidence("words", "capability", weights.NAMED, who)
    sure = round(100 * min(max(case.proposer, 0.0), 1.0))
    words = f" from “{value_in_words(action.words)}”" if action.words else ""
    text = f"{action.capability} was read{words}, {sure} % sure"
    return Evidence("proposer", "capability", round(weights.NAMED * sure / 100), text)


def _arguments(case: Case) -> Iterable[Evidence]:
    said = not_said = 0
    for name in case.action.arguments:
        origin = case.action.provenance.get(name)
        source = origin.source if origin else Source.MODEL
        how = f", {visible(origin.how)}" if origin and origin.how else ""
        if source.tainted:
            text = f"{name} is not in your words{how}"
            yield Evidence("words", name, weights.not_said(not_said), text)
            not_said += 1
        elif source is Source.OWNER:
            span = f" (“{value_in_words(origin.said)}”)" if origin and origin.said else ""
            yield Evidence("words", name, weights.said(said), f"you said {name}{span}{how}")
            said += 1
        else:
            text = (
                f"{name} comes from your own lists" if source is Source.REGISTRY else f"{name} is the default"
            )
            yield Evidence("words", name, 0, text + how)
