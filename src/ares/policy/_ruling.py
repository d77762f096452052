"""The table that joins policy, effect and confidence into one answer."""

from __future__ import annotations

from ares.core import Answer, Band, Capability, Decision, Effect, Ruling, Verdict


def always_asks(capability: Capability) -> str:
    """Say why this capability is asked about every time, whatever rules and confidence say; else ``""``."""
    if capability.destructive:
        return "it destroys something"
    if capability.effect is Effect.SPEND:
        return "it costs money"
    if capability.changes and not capability.reversible:
        return "it cannot be undone"
    if capability.outward:
        return "it reaches people or machines outside"
    if capability.self_affecting:
        return "it changes ARES itself"
    return ""


def ruling(decision: Decision, capability: Capability, verdict: Verdict, tainted: tuple[str, ...]) -> Ruling:
    """Return what happens to an action. The first line that fits holds:

    ================================================================== =======
    the policy denies                                                  deny
    destructive, costly, irreversible, outward-facing, self-affecting  ask
    the verdict has an escalation                                      ask
    a side effect of which the owner did not say every part            ask
    the policy asks                                                    ask
    confidence is LOW                                                  ask
    a side effect, and confidence is not HIGH                          ask
    otherwise: the policy allows                                       allow
    ================================================================== =======

    Confidence only ever turns an allow into an ask.
    """
    if decision.answer is Answer.DENY:
        return Ruling(Answer.DENY, decision.reason)
    if why := always_asks(capability):
        return Ruling(Answer.ASK, f"{why}, so you are asked every time")
    if verdict.escalations:
        return Ruling(Answer.ASK, "; ".join(verdict.escalations))
    if tainted and capability.changes:
        return Ruling(Answer.ASK, f"you did not say {', '.join(tainted)} yourself")
    if decision.answer is not Answer.ALLOW:
        return Ruling(Answer.ASK, decision.reason)
    if verdict.band is Band.LOW:
        return Ruling(Answer.ASK, f"confidence is low ({verdict.confidence} %)")
    if capability.changes and verdict.band is not Band.HIGH:
        reason = f"it changes something and confidence is only {verdict.confidence} %"
        return Ruling(Answer.ASK, reason)
    return Ruling(Answer.ALLOW, decision.reason)
