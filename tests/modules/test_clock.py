"""The clock, held against the time zone database."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from tests.modules.desk import Desk

from ares.errors import NotFoundError, UsageError
from ares.gate._summary import summarise


def test_now_is_the_time_here(desk: Desk) -> None:
    here = {"time": "10:00", "date": "2026-11-21", "zone": "Europe/Berlin", "weekday": "Saturday"}
    assert desk.do("clock.now").result == here


@pytest.mark.parametrize(
    ("words", "zone", "time", "date"),
    [
        ("Asia/Tokyo", "Asia/Tokyo", "18:00", "2026-11-21"),
        ("tokyo", "Asia/Tokyo", "18:00", "2026-11-21"),
        ("Japan", "Asia/Tokyo", "18:00", "2026-11-21"),
        ("new york", "America/New_York", "04:00", "2026-11-21"),
        ("San Francisco", "America/Los_Angeles", "01:00", "2026-11-21"),
        ("kiev", "Europe/Kyiv", "11:00", "2026-11-21"),
        ("utc", "UTC", "09:00", "2026-11-21"),
        ("Zürich", "Europe/Zurich", "10:00", "2026-11-21"),
        ("são paulo", "America/Sao_Paulo", "06:00", "2026-11-21"),
        ("Sa\u0303o Paulo", "America/Sao_Paulo", "06:00", "2026-11-21"),
        ("America/New York", "America/New_York", "04:00", "2026-11-21"),
        ("America/Buenos Aires", "America/Buenos_Aires", "06:00", "2026-11-21"),
        ("reunion", "Indian/Reunion", "13:00", "2026-11-21"),
        ("Pacific/Kiritimati", "Pacific/Kiritimati", "23:00", "2026-11-21"),
        ("Etc/GMT+12", "Etc/GMT+12", "21:00", "2026-11-20"),
    ],
)
def test_zones_go_by_iana_name_city_and_country(
    desk: Desk, words: str, zone: str, time: str, date: str
) -> None:
    result = desk.do("clock.now", zone=words).result
    assert (result["zone"], result["time"], result["date"]) == (zone, time, date)


@pytest.mark.parametrize("words", ["Atlantis", "", "../../etc/passwd", "Europe", "\0", "x" * 300])
def test_what_is_no_zone_is_refused(desk: Desk, words: str) -> None:
    with pytest.raises(NotFoundError, match="no time zone is called"):
        desk.do("clock.now", zone=words)


@pytest.mark.parametrize(
    ("words", "places"), [("Georgia", "Tbilisi or Atlanta"), ("congo", "Kinshasa or Braz")]
)
def test_a_name_of_two_places_is_asked_about(desk: Desk, words: str, places: str) -> None:
    with pytest.raises(UsageError, match=f"{words!r} is the name of two places; say {places}"):
        desk.do("clock.now", zone=words)
    offered = {alias for value in desk.runtime.values("clock.zones") for alias in value.aliases}
    assert words.casefold() not in offered
    for place in places.split(" or ")[:1]:
        assert desk.do("clock.now", zone=place).result["zone"]


def test_a_time_that_the_clocks_leave_out_is_refused_with_the_next_there_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.modules.desk.NOW", datetime(2026, 3, 29, 1, tzinfo=ZoneInfo("Europe/Berlin")))
    for text in ("02:00", "02:30", "02:59"):
        with pytest.raises(
            UsageError, match=f"no {text} on 2026-03-29 in Europe/Berlin.* next time .* 03:00"
        ):
            desk.do("clock.convert", time=text, to="UTC")
    assert desk.do("clock.convert", time="01:59", to="UTC").result["time"] == "00:59"
    assert desk.do("clock.convert", time="03:00", to="UTC").result["time"] == "01:00"


def test_of_a_time_that_comes_twice_the_first_is_taken_and_that_is_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.modules.desk.NOW", datetime(2026, 10, 25, 1, tzinfo=ZoneInfo("Europe/Berlin")))
    done = desk.do("clock.convert", time="02:30", to="UTC")
    assert done.result["time"] == "00:30"
    assert summarise(done.capability, done.result) == (
        "00:30 on 2026-10-25 in UTC "
        "(02:30 comes twice that day in Europe/Berlin; this is for the first, +0200)"
    )
    plain = desk.do("clock.convert", time="03:00", to="UTC")
    assert summarise(plain.capability, plain.result) == "02:00 on 2026-10-25 in UTC"


def test_converting_goes_across_midnight(desk: Desk) -> None:
    result = desk.do("clock.convert", time="23:30", to="tokyo").result
    assert result == {
        "time": "07:30",
        "date": "2026-11-22",
        "from": "Europe/Berlin",
        "to": "Asia/Tokyo",
        "note": "",
    }


def test_converting_from_elsewhere_uses_the_day_there(desk: Desk) -> None:
    # At 10:00 in Berlin it is still the day before on Midway.
    result = desk.do("clock.convert", time="9:05", **{"from": "Pacific/Midway"}, to="UTC").result
    assert (result["time"], result["date"]) == ("20:05", "2026-11-20")


@pytest.mark.parametrize("time", ["24:00", "12:60", "noon", "12", "12:00:00"])
def test_what_is_no_time_is_refused(desk: Desk, time: str) -> None:
    with pytest.raises(UsageError, match="no time of day"):
        desk.do("clock.convert", time=time, to="UTC")


@pytest.mark.parametrize(
    ("date", "days", "weekday"),
    [
        ("2026-12-24", 33, "Thursday"),
        ("2026-11-21", 0, "Saturday"),
        ("2026-11-20", -1, "Friday"),
        ("2028-02-29", 465, "Tuesday"),
    ],
)
def test_days_are_counted_on_the_calendar(desk: Desk, date: str, days: int, weekday: str) -> None:
    assert desk.do("clock.until", date=date).result == {"date": date, "days": days, "weekday": weekday}


def test_a_date_that_does_not_exist_is_refused(desk: Desk) -> None:
    with pytest.raises(UsageError, match="no date"):
        desk.do("clock.until", date="2027-02-29")


def test_every_zone_offered_is_one_and_no_name_means_two(desk: Desk) -> None:
    from zoneinfo import ZoneInfo

    values = desk.runtime.values("clock.zones")
    assert len(values) > 300
    meant: dict[str, str] = {}
    for value in values:
        assert ZoneInfo(value.value)
        for alias in value.aliases:
            assert meant.setdefault(alias, value.value) == value.value, alias
    assert meant["germany"] == "Europe/Berlin"
    assert meant["usa"] == "America/New_York"
