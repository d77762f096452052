"""Dates as they are said, seen from Saturday 21 November 2026."""

from __future__ import annotations

from datetime import date

import pytest

from ares.inference.values import dates

TODAY = date(2026, 11, 21)


def read(said: str, today: date = TODAY) -> list[object]:
    return [found.value for found in dates(said, today)]


@pytest.mark.parametrize(
    ("said", "iso"),
    [
        ("2027-04-09", "2027-04-09"),
        ("09.04.2027", "2027-04-09"),
        ("4/25/2027", "2027-04-25"),
        ("25/4/2027", "2027-04-25"),
        ("5 april", "2027-04-05"),
        ("the 3rd of may", "2027-05-03"),
        ("may 3rd", "2027-05-03"),
        ("the twenty first of june 2030", "2030-06-21"),
        ("the 24th of december", "2026-12-24"),
        ("24. december", "2026-12-24"),
        ("novmber 30th", "2026-11-30"),
        ("21 november", "2026-11-21"),
        ("20 november", "2027-11-20"),
        ("29 february", "2028-02-29"),
        ("monday, 7 december", "2026-12-07"),
    ],
)
def test_a_date_without_a_year_is_the_next_such_day(said: str, iso: str) -> None:
    assert read(said) == [iso]


@pytest.mark.parametrize(
    ("said", "iso"),
    [
        ("tomorrow", "2026-11-22"),
        ("the day after tomorrow", "2026-11-23"),
        ("the day before yesterday", "2026-11-19"),
        ("in ten days", "2026-12-01"),
        ("in two weeks", "2026-12-05"),
        ("three weeks from now", "2026-12-12"),
        ("next friday", "2026-11-27"),
        ("wednesday", "2026-11-25"),
        ("saturday", "2026-11-28"),
        ("next month", "2026-12-01"),
        ("the end of the month", "2026-11-30"),
        ("end of the year", "2026-12-31"),
    ],
)
def test_a_date_may_be_counted_from_today(said: str, iso: str) -> None:
    assert read(f"how long until {said}") == [iso]


@pytest.mark.parametrize(
    ("said", "iso"),
    [
        ("3 may", "2026-05-03"),
        ("20 november", "2026-11-20"),
        ("the 14th of november", "2026-11-14"),
        ("1.12.", "2025-12-01"),
        ("monday", "2026-11-16"),
        ("on saturday", "2026-11-14"),
        ("next monday", "2026-11-23"),
        ("christmas", "2025-12-25"),
        ("since the 30th", "2026-10-30"),
    ],
)
def test_what_has_been_was_on_the_last_such_day(said: str, iso: str) -> None:
    assert [found.value for found in dates(said, TODAY, back=True)] == [iso]


@pytest.mark.parametrize(
    ("said", "iso"),
    [
        ("yesteday", "2026-11-20"),
        ("wich to take tomorow", "2026-11-22"),
        ("thursday's run", "2026-11-26"),
        ("teh 3rd of may", "2027-05-03"),
        ("last sunday", "2026-11-15"),
        ("the past friday", "2026-11-20"),
        ("three days ago", "2026-11-18"),
    ],
)
def test_a_day_is_known_by_what_is_said_with_it_and_with_a_slip(said: str, iso: str) -> None:
    assert read(said) == [iso]


def test_next_friday_said_on_a_wednesday_is_the_one_of_next_week() -> None:
    wednesday = date(2026, 11, 18)
    assert read("next friday", wednesday) == ["2026-11-27"]
    assert read("friday", wednesday) == ["2026-11-20"]


@pytest.mark.parametrize(
    ("said", "iso"),
    [
        ("christmas", "2026-12-25"),
        ("Christmas Eve", "2026-12-24"),
        ("chrsitmas", "2026-12-25"),
        ("new year's eve", "2026-12-31"),
        ("new years day", "2027-01-01"),
        ("valentine's day", "2027-02-14"),
        ("halloween", "2027-10-31"),
        ("easter", "2027-03-28"),
        ("good friday", "2027-03-26"),
        ("whit monday", "2027-05-17"),
        ("mother's day", "2027-05-09"),
        ("thanksgiving", "2026-11-26"),
        ("the first of advent", "2026-11-29"),
    ],
)
def test_a_holiday_is_its_next_day(said: str, iso: str) -> None:
    assert read(f"days to {said}") == [iso]


@pytest.mark.parametrize("year", [2000, 2024, 2025, 2038])
def test_easter_agrees_with_the_almanac(year: int) -> None:
    almanac = {2000: "2000-04-23", 2024: "2024-03-31", 2025: "2025-04-20", 2038: "2038-04-25"}
    assert read(f"easter {year}") == [almanac[year]]


def test_a_date_that_two_people_read_differently_says_how_it_was_read() -> None:
    (found,) = dates("3/4/2027", TODAY)
    assert found.value == "2027-04-03"
    assert "day 3 of month 4" in found.how


@pytest.mark.parametrize("said", ["31 february", "faster than ever", "may i ask", "march on", "32.13.2027"])
def test_what_is_no_day_is_no_date(said: str) -> None:
    assert read(said) == []
