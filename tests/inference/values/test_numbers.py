"""Numbers, durations and times of day, in digits and in words."""

from __future__ import annotations

import pytest

from ares.inference.values import durations, numbers, times


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("the last 40 lines", 40),
        ("twenty-seven of them", 27),
        ("three hundred and twenty files", 320),
        ("a hundred", 100),
        ("two dozen eggs", 24),
        ("1,500 rows", 1500),
        ("about 2.5", 2.5),
        ("two thousand and six", 2006),
        ("show fifthteen", None),
        ("nothing to count", None),
        ("set it to -18", -18),
        ("-18 degrees please", -18),
        ("freezer:-18", -18),
        ("minus eighteen", -18),
        ("minus 2.5", -2.5),
        ("5 degrees below zero", -5),
        ("1e3 rows", 1000),
        ("2.5e-1", 0.25),
        ("+7", 7),
        ("the last hundred and fifty lines", 150),
        ("thirty fiev percent", 35),
        ("ninty of them", 90),
    ],
)
def test_a_number_is_read_in_digits_and_in_words(said: str, value: float | None) -> None:
    assert [found.value for found in numbers(said)] == ([] if value is None else [value])


@pytest.mark.parametrize(
    ("said", "values"),
    [("from 2-18", [2, 18]), ("a - 5", [5]), ("plan-9", [9]), ("1e", [1]), ("1 e3", [1, 3])],
)
def test_a_sign_inside_words_makes_no_number_negative(said: str, values: list[int]) -> None:
    assert [found.value for found in numbers(said)] == values


def test_hesitation_inside_a_number_does_not_split_it() -> None:
    assert [found.value for found in numbers("the twenty um five newest")] == [25]


def test_a_number_stands_where_it_was_said() -> None:
    sentence = "show me the forty two newest"
    (found,) = numbers(sentence)
    assert sentence[found.start : found.end] == "forty two"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("90 s", 90),
        ("for 5 minutes", 300),
        ("half an hour", 1800),
        ("30 extra minutes", 1800),
        ("two more hours", 7200),
        ("an hour and a half", 5400),
        ("one and a half hours", 5400),
        ("three quarters of an hour", 2700),
        ("1h30", 5400),
        ("1:15 hours", 4500),
        ("2 hours and 20 minutes", 8400),
        ("a quarter of an hour", 900),
        ("twelve mintues", 720),
        ("a couple of minutes", 120),
        ("two weeks", 1_209_600),
        ("tweny minuets", 1200),
        ("an hour and ten", 4200),
        ("an hour and ten eggs", 3600),
    ],
)
def test_a_length_of_time_is_seconds(said: str, seconds: int) -> None:
    assert [found.value for found in durations(said)] == [seconds]


@pytest.mark.parametrize("said", ["five apples", "a and b", "minutes", "in the morning"])
def test_what_has_no_unit_is_no_length_of_time(said: str) -> None:
    assert durations(said) == ()


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("at 17:45", "17:45"),
        ("5pm", "17:00"),
        ("5 p.m.", "17:00"),
        ("12 am", "00:00"),
        ("12 pm", "12:00"),
        ("noon", "12:00"),
        ("midnight", "00:00"),
        ("half past five in the evening", "17:30"),
        ("for the night at half past seven in the evening", "19:30"),
        ("quarter to one pm", "12:45"),
        ("twenty to seven in the morning", "06:40"),
        ("this evening at eight thirty", "20:30"),
        ("nine tonight", "21:00"),
        ("three in the afternoon", "15:00"),
        ("19 o'clock", "19:00"),
        ("17h20", "17:20"),
        ("0830 hours", "08:30"),
        ("six oh five am", "06:05"),
        ("quarter past midnight", "00:15"),
        ("6 this evning", "18:00"),
        ("this afternoon, so listen: at quarter past three", "15:15"),
        ("good afternoon, at quarter past three", "03:15"),
    ],
)
def test_a_time_of_day_is_read_on_a_clock_of_24_hours(said: str, time: str) -> None:
    assert [found.value for found in times(said)] == [time]


def test_a_time_without_its_part_of_the_day_says_how_it_was_read() -> None:
    (found,) = times("half past seven")
    assert found.value == "07:30"
    assert "07:30" in found.how


def test_a_bare_number_is_a_time_only_where_one_is_expected() -> None:
    (found,) = times("5")
    assert not found.firm
    assert times("5 pm")[0].firm


@pytest.mark.parametrize("said", ["25:00", "17:75", "half a loaf"])
def test_what_no_clock_shows_is_no_time(said: str) -> None:
    assert not [found for found in times(said) if found.firm]
