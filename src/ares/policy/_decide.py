"""The policy's answer to a question. Pure and total: strictest match wins, silence asks, an error denies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ares.core import Answer, Decision
from ares.errors import PolicyError
from ares.policy._question import INSIDE, Place, Question
from ares.policy._rule import Rule

STATE_RULE: Final = "ares.state"
"""The built-in rule that keeps ARES's own files from every action. No file can remove or loosen it."""


def decide(question: Question, rules: Iterable[Rule]) -> Decision:
    """Return what the rules say about ``question``. Never raises.

    * ARES's own state is always denied: any place in it, and changing a folder that holds it.
    * Otherwise the strictest answer among the matching rules holds, the first of equals gives the reason.
    * When no rule matches, the answer is ask; so it is for changing the program itself, whatever allows it.
    * An allow becomes ask when something that the owner did not say would have a side effect, leave the
      machine, or choose a path outside the working folder.
    * When anything cannot be judged, the answer is deny.

    Adding a rule therefore never makes an answer milder, except that an allow rule turns an ask that no
    rule gave into allow. The order of the rules does not change the answer.
    """
    try:
        _check(question)
        return _own_state(question) or _careful(question, _strictest(question, rules))
    except Exception as error:  # noqa: BLE001 - whatever goes wrong, a decision that fails must deny
        detail = str(error) or type(error).__name__
        return Decision(Answer.DENY, "", f"the policy cannot judge this, so the answer is no: {detail}")


def _check(question: Question) -> None:
    placed = {place.argument for place in question.paths}
    for place in question.paths:
        if place.inside not in INSIDE:
            raise PolicyError(f"{place.argument!r} lies in {place.inside!r}, which is no known place")
    for name, schema in question.capability.properties.items():
        if schema.get("format") == "path" and question.arguments.get(name) and name not in placed:
            raise PolicyError(f"the path in {name!r} was not resolved")
    for name in question.capability.placed:
        if question.arguments.get(name) is not None and name not in placed:
            raise PolicyError(f"the module did not say which path {name!r} stands for")


def _own_state(question: Question) -> Decision | None:
    for place in question.paths:
        if place.inside == "state":
            reason = f"{place.resolved} belongs to ARES itself, and no action may touch it"
            return Decision(Answer.DENY, STATE_RULE, reason)
        if place.holds_state and question.capability.changes:
            reason = f"{place.resolved} holds ARES's own files, so it cannot be changed"
            return Decision(Answer.DENY, STATE_RULE, reason)
    return None


def _strictest(question: Question, rules: Iterable[Rule]) -> Decision:
    found: Rule | None = None
    for rule in rules:
        try:
            matches = rule.matches(question)
        except PolicyError as error:
            raise PolicyError(f"rule {rule.id!r} ({rule.where}): {error}") from error
        if matches and (found is None or rule.answer.strictness > found.answer.strictness):
            found = rule
    if found is None:
        return Decision(Answer.ASK, "", f"no rule says anything about {question.capability.full_name} here")
    return Decision(found.answer, found.id, _reason(question, found))


def _reason(question: Question, rule: Rule) -> str:
    held = rule.held(question)
    if held is None:
        return rule.reason
    does = "denies" if rule.answer is Answer.DENY else "asks about"
    return f"{held[0]} holds {held[1]}, which rule {rule.id} {does}: {rule.reason}"


def own_program(question: Question) -> str:
    """Say which part of ARES itself an action would change; "" when it changes none."""
    if not question.capability.changes:
        return ""
    return next((place.resolved for place in question.paths if place.program), "")


def _careful(question: Question, decision: Decision) -> Decision:
    """Turn an allow into ask for what no rule can allow."""
    if decision.answer is not Answer.ALLOW:
        return decision
    if part := own_program(question):
        return Decision(
            Answer.ASK, decision.rule, f"{part} is part of ARES itself, so you are asked every time"
        )
    return _untainted(question, decision)


def _untainted(question: Question, decision: Decision) -> Decision:
    if not question.tainted:
        return decision
    capability = question.capability
    far = _tainted_place(question)
    if capability.changes or capability.outward:
        what = "it is not only a look at this machine"
    elif far is not None:
        what = f"{far.resolved} is outside the working folder"
    else:
        return decision
    names = ", ".join(question.tainted)
    reason = f"rule {decision.rule!r} would allow it, but you did not say {names} yourself and {what}"
    return Decision(Answer.ASK, decision.rule, reason)


def _tainted_place(question: Question) -> Place | None:
    tainted = (place for place in question.paths if place.argument in question.tainted)
    return next((place for place in tainted if place.inside != "cwd"), None)
