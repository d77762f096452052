"""Whatever is typed, a value found in it lies in it, and reading it never stumbles."""

from __future__ import annotations

from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ares.core import Value
from ares.inference.proposer._clauses import parts
from ares.inference.values import (
    KnownPaths,
    Names,
    dates,
    durations,
    emails,
    ips,
    live_values,
    macs,
    numbers,
    paths,
    times,
    urls,
    zones,
)

WORDS = [
    "half",
    "past",
    "quarter",
    "to",
    "twenty",
    "two",
    "thirty",
    "first",
    "of",
    "may",
    "next",
    "friday",
    "in",
    "an",
    "hour",
    "and",
    "a",
    "half",
    "minutes",
    "5pm",
    "17:30",
    "08.03.",
    "noon",
    "tonight",
    "dot",
    "slash",
    "tilde",
    "home",
    "report",
    "pdf",
    "report.pdf",
    "~/x",
    "/etc",
    "10.0.0.1",
    "de",
    "ad",
    "be",
    "ef",
    "colon",
    "zero",
    "one",
    "double",
    "oslo",
    "new",
    "york",
    "here",
    ".",
    ",",
    ";",
    ":",
    "!",
    "?",
    "(",
    ")",
    '"',
    "'",
    "-",
    "—",
    "1e9",
    "999999999999",
    "0",
    "%",
    "the",
]
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=8).map("".join),
)
VALUES = (
    Value("report.pdf"),
    Value("old-logs"),
    Value("~", ("home",)),
    Value("a.b.c", ("", "..")),
    Value("é-1"),
)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
@example("\U00010e60 pm")  # a digit, and no number to Python
def test_a_value_lies_within_the_text_it_was_found_in(text: str) -> None:
    known = KnownPaths(VALUES)
    found = [
        *numbers(text),
        *durations(text),
        *times(text),
        *dates(text, date(2026, 11, 21)),
        *zones(text, "Europe/Rome"),
        *macs(text),
        *ips(text),
        *urls(text),
        *emails(text),
        *live_values(text, Names(VALUES)),
        *paths(text, known),
    ]
    for each in found:
        assert 0 <= each.start < each.end <= len(text)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
@example("\U00010e60 pm")  # a digit, and no number to Python
def test_times_and_dates_have_their_form(text: str) -> None:
    for found in times(text):
        hour, minute = str(found.value).split(":")
        assert (len(hour), len(minute)) == (2, 2)
        assert (int(hour) < 24, int(minute) < 60) == (True, True)
    for found in dates(text, date(2026, 11, 21)):
        date.fromisoformat(str(found.value))


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_the_parts_of_a_sentence_stand_in_it_in_order(text: str) -> None:
    cut = parts(text)
    assert [part.start for part in cut] == sorted(part.start for part in cut)
    assert all(text[part.start :].startswith(part.text) for part in cut)
