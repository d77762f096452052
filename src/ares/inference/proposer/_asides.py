"""What a request only tells beside what it asks for."""

from __future__ import annotations

from collections.abc import Sequence

from ares.inference.matching import Analysis
from ares.inference.proposer._clauses import states, tells


def asides_of(request: Analysis) -> frozenset[int]:
    """The words in clauses that only tell something, when others do not: "*I scribbled it down*, find the
    boiler".
    """
    clauses: list[list[int]] = [[]]
    for at in range(len(request.words)):
        if at > 0 and any(sign in gap_before(request, at) for sign in ",;.!?"):
            clauses.append([])
        clauses[-1].append(at)
    told = [clause for clause in clauses if clause and _only_tells(request, clause)]
    return frozenset(at for clause in told for at in clause) if len(told) < len(clauses) else frozenset()


def _only_tells(request: Analysis, clause: Sequence[int]) -> bool:
    text = request.sentence[request.words[clause[0]].start : request.words[clause[-1]].end]
    return tells(text) or states(text)


def says_how(request: Analysis, at: int) -> bool:
    """Whether what begins at word ``at`` says how it came: "I deleted it *by mistake*"."""
    return [word.text for word in request.words[at : at + 2]] in (["by", "mistake"], ["by", "accident"])


def gap_before(request: Analysis, at: int) -> str:
    """What stands between word ``at`` and the one before it."""
    return request.sentence[request.words[at - 1].end : request.words[at].start]
