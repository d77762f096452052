"""Lengths of time, in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ares.inference._words import Word, listed, nearest
from ares.inference.values._found import Found, Parsed, phrase_at, scan, text_at
from ares.inference.values._numbers import number

_UNITS: Final = {
    name: seconds
    for names, seconds in (
        ("s sec secs second seconds", 1),
        ("m min mins minute minutes minit minits", 60),
        ("h hr hrs hour hours", 3600),
        ("d day days", 86400),
        ("week weeks", 604800),
    )
    for name in names.split()
}
_LONG_UNITS: Final = frozenset(name for name in _UNITS if len(name) > 3)
_MORE: Final = frozenset(listed("more extra additional further bonus spare full whole good"))
SLIPS_OF_HALF: Final = frozenset(listed("haf hlaf hafl hlf hlfa hallf"))
"""Whoever mistypes it does not mean twice as much."""
_FRACTIONS: Final = (
    (("half", "an"), 0.5),
    (("half", "a"), 0.5),
    (("half",), 0.5),
    (("a", "quarter", "of", "an"), 0.25),
    (("a", "quarter", "of", "a"), 0.25),
    (("a", "quarter", "of"), 0.25),
    (("quarter", "of", "an"), 0.25),
    (("quarter",), 0.25),
    (("three", "quarters", "of", "an"), 0.75),
    (("three", "quarters", "of", "a"), 0.75),
    (("three", "quarters", "of"), 0.75),
    (("three", "quarters"), 0.75),
    (("three", "quarter"), 0.75),
)


def _unit(text: str) -> int:
    """Seconds in the unit that ``text`` names, a slip in a long one mended; 0 when it names none."""
    return _UNITS.get(text, 0) or (_UNITS.get(nearest(text, _LONG_UNITS), 0) if len(text) > 4 else 0)


def _amount(cut: Sequence[Word], at: int) -> tuple[float, int] | None:
    if text_at(cut, at) in SLIPS_OF_HALF:
        return 0.5, at + 1 + (text_at(cut, at + 1) in ("a", "an"))
    for phrase, value in _FRACTIONS:
        after = phrase_at(cut, at, (phrase,))
        if after > at:
            return value, after
    parsed = number(cut, at)
    if parsed is None:
        return (1.0, at + 1) if text_at(cut, at) in ("a", "an", "one") else None
    assert isinstance(parsed.value, (int, float))
    value, after = float(parsed.value), parsed.end
    halves = phrase_at(cut, after, (("and", "a", "half"),))
    return (value + 0.5, halves) if halves > after else (value, after)


def _clock_like(cut: Sequence[Word], at: int) -> Parsed | None:
    """``1:30 hours``: hours and minutes."""
    hours, colon, minutes = text_at(cut, at).partition(":")
    if colon and hours.isdecimal() and minutes.isdecimal() and _unit(text_at(cut, at + 1)) == 3600:
        return Parsed(int(hours) * 3600 + int(minutes) * 60, at + 2)
    return None


def _one(cut: Sequence[Word], at: int) -> tuple[float, int, int] | None:
    """One amount with its unit: seconds, the piece after it, seconds in the unit."""
    amount = _amount(cut, at)
    if amount is None:
        return None
    value, after = amount
    if text_at(cut, after) == "-":
        after += 1
    after += text_at(cut, after) in _MORE
    unit = _unit(text_at(cut, after))
    if not unit:
        return None
    after += 1
    halves = phrase_at(cut, after, (("and", "a", "half"), ("and", "half")))
    if halves > after:
        return (value + 0.5) * unit, halves, unit
    quarter = phrase_at(cut, after, (("and", "a", "quarter"),))
    if quarter > after and _unit(text_at(cut, quarter)) == 0:
        return (value + 0.25) * unit, quarter, unit
    return value * unit, after, unit


def duration(cut: Sequence[Word], at: int) -> Parsed | None:
    """A length of time at piece ``at``: ``90 s``, ``1h30``, ``an hour and a half``, ``1 hour and 20
    minutes``, ``an hour and ten``.
    """
    clock = _clock_like(cut, at)
    if clock is not None:
        return clock
    first = _one(cut, at)
    if first is None:
        return None
    total, index, unit = first
    while True:
        following = index + (text_at(cut, index) in ("and", ","))
        more = _one(cut, following)
        if more is not None and more[2] < unit:
            total, index, unit = total + more[0], more[1], more[2]
            continue
        text = text_at(cut, index)
        if unit == 3600 and text.isdecimal() and len(text) == 2 and cut[index - 1].end == cut[index].start:
            total, index = total + int(text) * 60, index + 1
        elif unit == 3600 and text == "and":
            minutes = number(cut, index + 1)
            ends = minutes is not None and not (text_at(cut, minutes.end) or "-")[0].isalnum()
            if minutes is not None and ends and minutes.value in range(1, 60):
                assert isinstance(minutes.value, int)
                total, index = total + minutes.value * 60, minutes.end
        return Parsed(round(total), index, firm=not _idiom(cut, at, index))


def _idiom(cut: Sequence[Word], at: int, end: int) -> bool:
    """Whether a piece says "soon" rather than how long: "a second", "in a minute"."""
    unit = text_at(cut, at + 1)
    soon = unit in ("second", "sec") or text_at(cut, at - 1) == "in"
    return end == at + 2 and text_at(cut, at) in ("a", "an") and soon


def durations(sentence: str) -> tuple[Found, ...]:
    """The lengths of time in ``sentence``, in whole seconds."""
    return scan(duration, sentence)
