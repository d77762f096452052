from __future__ import annotations

from dataclasses import fields

import pytest

from ares.knowledge import Checks, promotion, standing

NAMES = [field.name for field in fields(Checks)]


def passed(count: int) -> Checks:
    return Checks(**dict.fromkeys(NAMES[:count], True))


def test_there_are_six_checks_and_their_number_gives_the_tier() -> None:
    assert len(NAMES) == 6
    assert [passed(count).tier for count in range(7)] == [3, 3, 3, 3, 2, 2, 1]
    assert Checks(**{**dict.fromkeys(NAMES, True), NAMES[0]: False}).tier == 2


@pytest.mark.parametrize(
    ("uses", "checks", "tier"), [(5, 6, 1), (4, 6, 2), (5, 5, 2), (9, 3, 3), (2, 4, 2), (1, 6, 3), (0, 0, 3)]
)
def test_checks_and_uses_both_bound_the_tier(uses: int, checks: int, tier: int) -> None:
    assert standing(passed(checks), uses).tier == tier


def test_why_a_tier_follows_is_said() -> None:
    assert standing(passed(6), 5).why == "6 of 6 checks passed"
    assert standing(passed(5), 5).why == "5 of 6 checks passed (not: trade offs written)"
    assert standing(passed(6), 3).why == "6 of 6 checks passed, but tier 1 takes 5 uses, not 3"


def test_the_third_use_suggests_a_promotion_and_the_fifth_allows_tier_1() -> None:
    untried = [promotion("New", 3, uses) for uses in range(1, 6)]
    assert [each.allowed for each in untried] == [3, 2, 2, 2, 1]
    assert [bool(each.suggestion) for each in untried] == [False, False, True, True, True]
    assert "to tier 2; tier 1 takes 2 more uses" in untried[2].suggestion
    assert "to tier 1" in untried[4].suggestion
    assert promotion("New", 2, 4).suggestion == "New was used 4 times: tier 1 takes 1 more use"
    assert promotion("Old", 1, 50).suggestion == ""
