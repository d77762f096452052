"""The time here: in a zone with a name wherever there is one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ares.runtime._now import local_now


@pytest.mark.parametrize("name", ["Asia/Kathmandu", ":Asia/Kathmandu"])
def test_the_zone_that_is_set_is_taken(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("TZ", name)
    now = local_now()
    assert now.tzinfo == ZoneInfo("Asia/Kathmandu")
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("name", ["", "CET-1CEST,M3.5.0,M10.5.0/3", "No/Where", "../../etc/passwd"])
def test_without_a_zone_that_has_a_name_the_time_still_has_an_offset(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("TZ", name)
    assert abs(local_now() - datetime.now(UTC)) < timedelta(minutes=1)
