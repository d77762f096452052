"""Days of the year that have a name. Easter by the anonymous Gregorian reckoning (Meeus, Astronomical
Algorithms).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

Reckoning = Callable[[int], date]


def easter(year: int) -> date:
    """Easter Sunday of a year of the Gregorian calendar."""
    golden = year % 19
    century, in_century = divmod(year, 100)
    leap_centuries, rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - correction + 15) % 30
    leaps, beyond = divmod(in_century, 4)
    weekday = (32 + 2 * rest + 2 * leaps - epact - beyond) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def _fixed(month: int, day: int) -> Reckoning:
    return lambda year: date(year, month, day)


def _from_easter(days: int) -> Reckoning:
    return lambda year: easter(year) + timedelta(days=days)


def _weekday_of(month: int, weekday: int, nth: int, offset: int = 0) -> Reckoning:
    """The ``nth`` ``weekday`` (Monday is 0) of a month, ``offset`` days later."""

    def reckon(year: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1) + offset)

    return reckon


def _advent(sunday: int) -> Reckoning:
    """The ``sunday``-th Sunday of Advent; the fourth is the last Sunday before Christmas Day."""

    def reckon(year: int) -> date:
        eve = date(year, 12, 24)
        return eve - timedelta(days=(eve.weekday() + 1) % 7 + 7 * (4 - sunday))

    return reckon


_NAMED: Final[dict[str, Reckoning]] = {
    "christmas eve": _fixed(12, 24),
    "xmas eve": _fixed(12, 24),
    "christmas": _fixed(12, 25),
    "xmas": _fixed(12, 25),
    "x-mas": _fixed(12, 25),
    "boxing day": _fixed(12, 26),
    "new year eve": _fixed(12, 31),
    "new year day": _fixed(1, 1),
    "new year": _fixed(1, 1),
    "silvester": _fixed(12, 31),
    "sylvester": _fixed(12, 31),
    "hogmanay": _fixed(12, 31),
    "epiphany": _fixed(1, 6),
    "three kings": _fixed(1, 6),
    "groundhog day": _fixed(2, 2),
    "valentine": _fixed(2, 14),
    "women day": _fixed(3, 8),
    "st patrick": _fixed(3, 17),
    "saint patrick": _fixed(3, 17),
    "st nicholas": _fixed(12, 6),
    "saint nicholas": _fixed(12, 6),
    "april fool": _fixed(4, 1),
    "pi day": _fixed(3, 14),
    "star wars day": _fixed(5, 4),
    "may day": _fixed(5, 1),
    "labour day": _fixed(5, 1),
    "midsummer": _fixed(6, 24),
    "canada day": _fixed(7, 1),
    "independence day": _fixed(7, 4),
    "fourth of july": _fixed(7, 4),
    "bastille day": _fixed(7, 14),
    "reformation day": _fixed(10, 31),
    "halloween": _fixed(10, 31),
    "all saints": _fixed(11, 1),
    "all souls": _fixed(11, 2),
    "guy fawkes": _fixed(11, 5),
    "bonfire night": _fixed(11, 5),
    "martinmas": _fixed(11, 11),
    "armistice day": _fixed(11, 11),
    "remembrance day": _fixed(11, 11),
    "thanksgiving": _weekday_of(11, 3, 4),
    "black friday": _weekday_of(11, 3, 4, 1),
    "cyber monday": _weekday_of(11, 3, 4, 4),
    "mother day": _weekday_of(5, 6, 2),
    "father day": _weekday_of(6, 6, 3),
    "ash wednesday": _from_easter(-46),
    "shrove tuesday": _from_easter(-47),
    "pancake day": _from_easter(-47),
    "carnival monday": _from_easter(-48),
    "palm sunday": _from_easter(-7),
    "maundy thursday": _from_easter(-3),
    "good friday": _from_easter(-2),
    "easter monday": _from_easter(1),
    "easter sunday": _from_easter(0),
    "easter": _from_easter(0),
    "ascension": _from_easter(39),
    "pentecost": _from_easter(49),
    "whit sunday": _from_easter(49),
    "whit monday": _from_easter(50),
    "corpus christi": _from_easter(60),
    "first advent": _advent(1),
    "first of advent": _advent(1),
    "first sunday of advent": _advent(1),
    "advent": _advent(1),
}

HOLIDAYS: Final[tuple[tuple[tuple[str, ...], Reckoning, bool], ...]] = tuple(
    (tuple(name.split()), reckon, name not in ("ascension", "advent", "carnival monday"))
    for name, reckon in sorted(_NAMED.items(), key=lambda item: -len(item[0].split()))
)
"""The words of a name (without possessive endings), the day in a given year, and whether the name can mean
nothing else; longer names first.
"""
