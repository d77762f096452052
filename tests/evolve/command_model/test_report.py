"""The figures of the validation report."""

from __future__ import annotations

import math

import pytest

from ares.evolve.command_model._report import Figures, table, wilson


def test_the_interval_is_wilsons() -> None:
    low, high = wilson(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)


@pytest.mark.parametrize(("right", "total"), [(0, 20), (20, 20), (3, 7)])
def test_the_interval_holds_the_share_and_stays_a_share(right: int, total: int) -> None:
    low, high = wilson(right, total)
    assert 0.0 <= low < high <= 1.0
    assert low <= right / total <= high or math.isclose(high, right / total)


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_table_shows_shares_intervals_and_time() -> None:
    text = table({"none": Figures(50, 45, 40, 1, 50, 0.5)})
    assert "| none | 50 | 90.0 % (78.6 to 95.7) | 80.0 %" in text
    assert "| 10.0 ms |" in text
