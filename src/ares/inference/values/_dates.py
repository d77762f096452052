"""Dates, as ISO 8601, counted from a given day; a date without a year is its next occurrence, or its last one
where what has been is spoken of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Final

from ares.inference._words import Word, nearest
from ares.inference.values._found import Found, Parsed, phrase_at, scan, text_at
from ares.inference.values._holidays import HOLIDAYS
from ares.inference.values._numbers import number, ordinal

_MONTHS: Final = {
    name: month
    for month, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
_DAYS: Final = {
    name: weekday
    for weekday, names in enumerate(
        (
            "monday mon",
            "tuesday tue tues",
            "wednesday wed weds",
            "thursday thu thur thurs",
            "friday fri",
            "saturday sat",
            "sunday sun",
        )
    )
    for name in names.split()
}
_LONG_NAMES: Final = frozenset(name for name in (*_MONTHS, *_DAYS) if len(name) > 5)
_WEAK: Final = frozenset({"may", "march", "mar", "sun", "sat", "mon", "wed"})
_UNITS: Final = {"day": 1, "days": 1, "night": 1, "nights": 1, "week": 7, "weeks": 7, "fortnight": 14}
_RELATIVE: Final = (
    (("the", "day", "after", "tomorrow"), 2),
    (("day", "after", "tomorrow"), 2),
    (("tomorrow",), 1),
    (("today",), 0),
    (("tonight",), 0),
    (("the", "day", "before", "yesterday"), -2),
    (("day", "before", "yesterday"), -2),
    (("yesterday",), -1),
)
_LONG_DAYS: Final = frozenset({"tomorrow", "yesterday"})
_LONG: Final = 7


def _name(text: str, names: dict[str, int]) -> int | None:
    """The number of the month or weekday that ``text`` names, a slip in a long name mended."""
    text = text.removesuffix("'s")
    if text in names:
        return names[text]
    return names.get(nearest(text, _LONG_NAMES)) if len(text) > 5 else None


@dataclass(frozen=True, slots=True)
class _Seen:
    """The day on which something is said, and whether what has been is spoken of (``back``)."""

    today: date
    back: bool = False

    def nearest(self, month: int, day: int) -> date | None:
        """The next such date from today on, or the last one until today; None when there is none (30
        February).
        """
        step = -1 if self.back else 1
        for year in range(self.today.year, self.today.year + 9 * step, step):
            try:
                found = date(year, month, day)
            except ValueError:
                continue
            if found <= self.today if self.back else found >= self.today:
                return found
        return None


def _dated(year: int, month: int, day: int) -> date | None:
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except (ValueError, OverflowError):
        return None


def _year(cut: Sequence[Word], at: int) -> tuple[int, int]:
    """The year written at ``at`` and the piece after it; 0 and ``at`` when none is."""
    index = at + (text_at(cut, at) == ",")
    text = text_at(cut, index)
    if len(text) == 4 and text.isdecimal() and 1900 <= int(text) <= 2199:
        return int(text), index + 1
    return 0, at


def _completed(
    cut: Sequence[Word], at: int, month: int, day: int, seen: _Seen, how: str = "", firm: bool = True
) -> Parsed | None:
    year, end = _year(cut, at)
    found = _dated(year, month, day) if year else seen.nearest(month, day)
    return Parsed(found.isoformat(), end, how, firm) if found else None


def _numeric(cut: Sequence[Word], at: int, seen: _Seen) -> Parsed | None:
    """``2027-03-08``, ``08.03.2027``, ``8.3.``, ``12/31/2027``."""
    parts, separator, end = _joined_numbers(cut, at)
    if len(parts) == 3 and len(parts[0]) == 4:
        found = _dated(int(parts[0]), int(parts[1]), int(parts[2]))
        return Parsed(found.isoformat(), end) if found else None
    if len(parts) not in (2, 3) or any(len(part) > 2 for part in parts[:2]) or (separator == "-"):
        return None
    first, second = int(parts[0]), int(parts[1])
    day, month, how = first, second, ""
    if separator == "/":
        if second > 12:
            day, month = second, first
        elif first <= 12 and first != second:
            how = f"{first}/{second} read as day {first} of month {second}"
    if len(parts) == 3:
        found = _dated(int(parts[2]), month, day)
    else:
        found = seen.nearest(month, day) if 1 <= month <= 12 else None
    return Parsed(found.isoformat(), end, how, len(parts) == 3 or separator == "/") if found else None


def _joined_numbers(cut: Sequence[Word], at: int) -> tuple[list[str], str, int]:
    """Numbers written together at ``at``: their digits, what separates them, the piece after."""
    text = text_at(cut, at)
    if "." in text and text.replace(".", "").isdecimal():
        parts = text.split(".")
        closing = len(parts) == 2 and text_at(cut, at + 1) == "."
        return parts, ".", at + 1 + closing
    if not text.isdecimal():
        return [], "", at
    separator = text_at(cut, at + 1)
    if separator not in ("-", "/"):
        return [], "", at
    parts, index = [text], at + 1
    while text_at(cut, index) == separator and text_at(cut, index + 1).isdecimal() and len(parts) < 3:
        parts.append(text_at(cut, index + 1))
        index += 2
    return parts, separator, index


def _day_number(cut: Sequence[Word], at: int) -> tuple[int, int] | None:
    index = at + (text_at(cut, at) == "the")
    parsed = ordinal(cut, index) or number(cut, index)
    if parsed is None or not isinstance(parsed.value, int) or not 1 <= parsed.value <= 31:
        return None
    # "24. december" as it is written on the continent.
    return parsed.value, parsed.end + (text_at(cut, parsed.end) == ".")


def _day_and_month(cut: Sequence[Word], at: int, seen: _Seen) -> Parsed | None:
    """``3 october``, ``the 3rd of may``, ``twenty second of february``; without a month only where dates are
    due.
    """
    day = _day_number(cut, at)
    if day is None:
        return None
    value, index = day
    month = _name(text_at(cut, index + (text_at(cut, index) == "of")), _MONTHS)
    if month is not None:
        return _completed(cut, index + 1 + (text_at(cut, index) == "of"), month, value, seen)
    if text_at(cut, at) != "the" and ordinal(cut, at) is None:
        return None
    today, step = seen.today, -1 if seen.back else 1
    for month in range(today.month, today.month + 12 * step, step):
        found = _dated(today.year + (month - 1) // 12, (month - 1) % 12 + 1, value)
        if found and (found <= today if seen.back else found >= today):
            which = "last" if seen.back else "next"
            return Parsed(found.isoformat(), index, f"the {which} {value}. of a month", False)
    return None


def _month_and_day(cut: Sequence[Word], at: int, seen: _Seen) -> Parsed | None:
    """``december 6th``, ``jan 15``, ``march the third``; a month alone is its first day."""
    text = text_at(cut, at)
    month = _name(text, _MONTHS)
    if month is None:
        return None
    day = _day_number(cut, at + 1)
    if day is not None and not (text_at(cut, at + 1).isdecimal() and len(text_at(cut, at + 1)) > 2):
        return _completed(cut, day[1], month, day[0], seen)
    if text in _WEAK or text_at(cut, at - 1).isdecimal():
        return None
    return _completed(cut, at + 1, month, 1, seen, f"the first day of {text}", False)


def _weekday(cut: Sequence[Word], at: int, seen: _Seen) -> Parsed | None:
    """``friday``, ``next friday``, ``last friday``; a weekday before a full date belongs to that date."""
    index, next_word, today = at, "", seen.today
    if text_at(cut, index) in ("next", "this", "coming", "last", "past", "on", "the"):
        next_word, index = text_at(cut, index), index + 1
    if next_word == "the" and text_at(cut, index) in ("next", "coming", "last", "past"):
        next_word, index = text_at(cut, index), index + 1
    text = text_at(cut, index)
    weekday = _name(text, _DAYS)
    if weekday is None or (text in _WEAK and not next_word):
        return None
    after = index + 1 + (text_at(cut, index + 1) in (",", "the"))
    full = _day_and_month(cut, after, seen) or _month_and_day(cut, after, seen)
    if full is not None and full.firm:
        return full
    days = (weekday - today.weekday()) % 7 or 7
    if next_word == "next" and weekday > today.weekday():
        # Said on a Wednesday, "next friday" is the one of next week; "friday" is the one in two days.
        days += 7
    gone = next_word in ("last", "past")
    if gone or (seen.back and next_word not in ("next", "coming")):
        days = days - 7 or -7
    found = today + timedelta(days=days)
    return Parsed(
        found.isoformat(),
        index + 1,
        found.strftime("%A %-d %B"),
        gone or next_word in ("next", "this", "coming"),
    )


def _counted(cut: Sequence[Word], at: int, seen: _Seen) -> Parsed | None:
    """``tomorrow``, ``in two weeks``, ``ten days from now``, ``next month``, ``the end of the year``."""
    today = seen.today
    mistyped = nearest(text_at(cut, at), _LONG_DAYS) if len(text_at(cut, at)) >= _LONG else ""
    for phrase, days in _RELATIVE:
        after = at + 1 if phrase == (mistyped,) else phrase_at(cut, at, (phrase,))
        if after > at:
            found = today + timedelta(days=days)
            return Parsed(found.isoformat(), after, firm=days > 0)
    end = phrase_at(
        cut, at, (("the", "end", "of", "the", "year"), ("end", "of", "the", "year"), ("end", "of", "year"))
    )
    if end > at:
        return Parsed(date(today.year, 12, 31).isoformat(), end)
    months = phrase_at(
        cut, at, (("next", "month"), ("the", "end", "of", "the", "month"), ("end", "of", "the", "month"))
    )
    if months > at:
        first = date(today.year + today.month // 12, today.month % 12 + 1, 1)
        last = first - timedelta(days=1)
        found = first if months == at + 2 else last
        return Parsed(found.isoformat(), months, found.strftime("%-d %B"))
    if text_at(cut, at) == "next" and text_at(cut, at + 1) == "week":
        return Parsed((today + timedelta(days=7)).isoformat(), at + 2, "a week from today")
    return _span_from_now(cut, at, today)


def _span_from_now(cut: Sequence[Word], at: int, today: date) -> Parsed | None:
    index = at + (text_at(cut, at) == "in")
    parsed = number(cut, index)
    value, index = (parsed.value, parsed.end) if parsed else (1, index + 1)
    if parsed is None and text_at(cut, index - 1) not in ("a", "an", "one"):
        return None
    days = _UNITS.get(text_at(cut, index), 0)
    if not days or not isinstance(value, int) or value > 100_000:
        return None
    if text_at(cut, index + 1) == "ago":
        return Parsed((today - timedelta(days=value * days)).isoformat(), index + 2)
    later = phrase_at(cut, index + 1, (("from", "now"), ("from", "today")))
    if text_at(cut, at) != "in" and later == index + 1:
        return None
    return Parsed((today + timedelta(days=value * days)).isoformat(), later)


def _holiday(cut: Sequence[Word], at: int, seen: _Seen) -> Parsed | None:
    today = seen.today
    start = at + (text_at(cut, at) in ("next", "the"))
    for phrase, reckon, firm in HOLIDAYS:
        end = _phrase_alike(cut, start, phrase)
        if not end:
            continue
        year, after = _year(cut, end)
        found = reckon(year or today.year)
        if not year and (found > today if seen.back else found < today):
            found = reckon(today.year + (-1 if seen.back else 1))
        return Parsed(found.isoformat(), after, found.strftime("%-d %B %Y"), firm)
    return None


def _phrase_alike(cut: Sequence[Word], at: int, phrase: tuple[str, ...]) -> int:
    """The piece after ``phrase`` when it stands at ``at``, possessives and slips in long words aside; else
    0.
    """
    for offset, word in enumerate(phrase):
        text = text_at(cut, at + offset).removesuffix("'s")
        if text == word or (text == word + "s" and word != "new"):
            continue
        if len(word) < 6 or text[:1] != word[0] or nearest(text, (word,)) != word:
            return 0
    end = at + len(phrase)
    return end + 1 if text_at(cut, end) == "day" and phrase[-1] not in ("eve", "day") else end


_READERS: Final[tuple[Callable[[Sequence[Word], int, _Seen], Parsed | None], ...]] = (
    _numeric,
    _holiday,
    _weekday,
    _counted,
    _day_and_month,
    _month_and_day,
)


def _calendar_date(cut: Sequence[Word], at: int, seen: _Seen) -> Parsed | None:
    for reader in _READERS:
        parsed = reader(cut, at, seen)
        if parsed is not None:
            return parsed
    text = text_at(cut, at)
    if len(text) == 4 and text.isdecimal() and seen.today.year < int(text) < seen.today.year + 200:
        return Parsed(f"{text}-01-01", at + 1, f"the first day of {text}", False)
    return None


def dates(sentence: str, today: date, back: bool = False) -> tuple[Found, ...]:
    """The dates in ``sentence``; ``today`` is the day it is said on, ``back`` whether a day without a year is
    one that has been.
    """
    return scan(partial(_calendar_date, seen=_Seen(today, back)), sentence)
