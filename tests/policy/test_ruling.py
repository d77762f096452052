from __future__ import annotations

import itertools

import pytest
from tests.policy.helpers import capability

from ares.core import Answer, Decision, Effect, Verdict
from ares.policy import always_asks, ruling

FLAGS = ("destructive", "irreversible", "outward", "self_affecting")
CONFIDENCES = (79, 80, 50, 49)
SIDE_EFFECTS = tuple(effect for effect in Effect if effect is not Effect.READ)


def verdict(confidence: int, *escalations: str) -> Verdict:
    return Verdict(steps=(), confidence=confidence, escalations=escalations)


def ruled(
    answer: Answer, effect: Effect, flags: frozenset[str], confidence: int, tainted: bool, *escalations: str
) -> Answer:
    given = capability(
        effect=effect,
        reversible="irreversible" not in flags,
        destructive="destructive" in flags,
        outward="outward" in flags,
        self_affecting="self_affecting" in flags,
    )
    decision = Decision(answer, "rule", "as the rule says")
    result = ruling(decision, given, verdict(confidence, *escalations), ("text",) if tainted else ())
    assert result.because
    return result.answer


# The cells that run unasked, written out by hand. Every other cell of the allow rows asks.
RUNS: set[tuple[Effect, frozenset[str], int, bool]] = {
    (Effect.READ, flags, confidence, tainted)
    for flags in (frozenset(), frozenset({"irreversible"}))
    for confidence in (79, 80, 50)
    for tainted in (False, True)
} | {
    (effect, frozenset(), 80, False)
    for effect in (Effect.WRITE, Effect.NETWORK, Effect.EXECUTE, Effect.POWER)
}

CELLS = [
    (effect, frozenset(flags), confidence, tainted)
    for effect in Effect
    for count in range(len(FLAGS) + 1)
    for flags in itertools.combinations(FLAGS, count)
    for confidence in CONFIDENCES
    for tainted in (False, True)
]


@pytest.mark.parametrize("effect", list(Effect))
def test_every_cell_of_the_table(effect: Effect) -> None:
    cells = [cell for cell in CELLS if cell[0] is effect]
    assert len(cells) == 16 * 4 * 2
    for cell in cells:
        assert ruled(Answer.DENY, *cell) is Answer.DENY, cell
        assert ruled(Answer.ASK, *cell) is Answer.ASK, cell
        wanted = Answer.ALLOW if cell in RUNS else Answer.ASK
        assert ruled(Answer.ALLOW, *cell) is wanted, cell


def test_confidence_never_turns_an_ask_into_an_allow() -> None:
    for answer, confidence in itertools.product((Answer.ASK, Answer.DENY), range(101)):
        assert ruled(answer, Effect.READ, frozenset(), confidence, False) is answer


def test_an_escalation_of_the_verdict_asks_at_any_confidence() -> None:
    for confidence in CONFIDENCES:
        assert ruled(Answer.ALLOW, Effect.READ, frozenset(), confidence, False, "taste") is Answer.ASK
    assert ruled(Answer.DENY, Effect.READ, frozenset(), 95, False, "taste") is Answer.DENY


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("effect", SIDE_EFFECTS)
def test_a_hard_case_asks_even_when_the_verdict_knows_of_none(effect: Effect, flag: str) -> None:
    assert ruled(Answer.ALLOW, effect, frozenset({flag}), 95, False) is Answer.ASK


def test_every_reason_to_ask_each_time_is_told_apart() -> None:
    reasons = {
        always_asks(capability(destructive=True)),
        always_asks(capability(effect=Effect.SPEND)),
        always_asks(capability(reversible=False)),
        always_asks(capability(outward=True)),
        always_asks(capability(self_affecting=True)),
    }
    assert len(reasons) == 5
    assert "" not in reasons
    assert always_asks(capability()) == ""
    assert always_asks(capability(effect=Effect.READ, reversible=False)) == ""
