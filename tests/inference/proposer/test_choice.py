"""When a pick is clear enough, and what it is weighed against."""

from __future__ import annotations

import pytest

from ares.core import Capability, Effect
from ares.inference.proposer._choice import Odds, weights


def capability(name: str, effect: Effect) -> Capability:
    return Capability(
        module="m", name=name, description=name, effect=effect, input_schema={}, output_schema={}
    )


STOP, START = capability("stop", Effect.WRITE), capability("start", Effect.WRITE)
LIST, SHOW = capability("list", Effect.READ), capability("show", Effect.READ)


@pytest.mark.parametrize(
    ("first", "second", "clear"),
    [
        ((STOP, 0.40), (START, 0.36), False),
        ((STOP, 0.40), (START, 0.30), True),
        ((LIST, 0.40), (SHOW, 0.39), True),
        ((LIST, 0.40), (STOP, 0.39), True),
        ((STOP, 0.40), (LIST, 0.38), False),
    ],
)
def test_a_change_must_be_clearly_likelier_than_another_and_reading_need_not(
    first: tuple[Capability, float], second: tuple[Capability, float], clear: bool
) -> None:
    assert Odds((first, second), 0.05, weights(True)).clear() is clear


def test_a_change_that_none_is_nearly_as_likely_as_is_not_clear() -> None:
    assert not Odds(((STOP, 0.40), (START, 0.10)), 0.39, weights(True)).clear()
