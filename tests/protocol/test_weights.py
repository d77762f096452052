from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ares.paths import shipped
from ares.protocol import _weights as weights


def in_code() -> dict[str, int]:
    found: dict[str, int] = {}
    for name, value in vars(weights).items():
        if name.isupper() and not name.startswith("_") and name != "NO_RECORD_CEILING":
            if isinstance(value, int):
                found[name] = value
            else:
                found.update({f"{name}[{key}]": points for key, points in value.items()})
    return found


def test_the_docs_state_every_weight_as_it_is() -> None:
    docs = (shipped("config").parent / "docs" / "protocol.md").read_text(encoding="utf-8")
    stated = {
        name: int(points) for name, points in re.findall(r"^\| `([^`]+)` \| (-?\d+) \|", docs, re.MULTILINE)
    }
    assert stated == in_code()


def test_the_worked_out_weights_are_as_the_docs_say() -> None:
    assert [weights.successes(count) for count in (0, 1, 5, 6)] == [0, 3, 15, 15]
    assert [weights.failures(ok, failed) for ok, failed in ((5, 0), (0, 1), (1, 1), (0, 400))] == [
        0,
        -10,
        -9,
        -30,
    ]
    assert [weights.unknowns(count) for count in (0, 1, 3, 9)] == [0, -5, -15, -15]
    assert [weights.undone(ok, count) for ok, count in ((4, 0), (2, 1), (2, 2), (0, 2))] == [0, -11, -20, -20]
    assert [weights.denials(count) for count in (0, 2, 9)] == [0, -4, -10]
    assert [weights.pattern(1, rate) for rate in (100, 70, 37)] == [6, 0, -7]
    assert [weights.pattern(2, rate) for rate in (100, 70, 37)] == [3, 0, -3]
    assert [weights.pattern(3, rate) for rate in (100, 70, 37)] == [0, 0, -3]
    assert [weights.technology(rate) for rate in (100, 85, 40, 0)] == [6, 3, -6, -14]


@pytest.mark.parametrize("total", [1, 7, 20])
@given(failed=st.integers(0, 19))
def test_one_failure_more_of_as_many_runs_never_counts_less(total: int, failed: int) -> None:
    failed = min(failed, total - 1)
    fewer, more = (weights.failures(total - count, count) for count in (failed, failed + 1))
    assert more <= fewer
