"""Times of day, as ``HH:MM`` on a clock of 24 hours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ares.inference._words import Word, nearest
from ares.inference.values._found import Found, Parsed, phrase_at, scan, text_at
from ares.inference.values._numbers import UNITS, number, spelled

_NAMED: Final = {"noon": (12, 0), "midday": (12, 0), "midnight": (0, 0), "noontime": (12, 0)}
_MORNING, _AFTERNOON, _EVENING, _NIGHT = "morning", "afternoon", "evening", "night"
_PARTS: Final = {
    "morning": _MORNING,
    "afternoon": _AFTERNOON,
    "evening": _EVENING,
    "night": _NIGHT,
    "am": _MORNING,
    "pm": _AFTERNOON,
    "tonight": _EVENING,
    "tonite": _EVENING,
}
_LONG_PARTS: Final = frozenset({"morning", "afternoon", "evening", "tonight"})
_LEADS: Final = (("in", "the"), ("at", "the"), ("in",), ("at",), ("this",), ("of", "the"), ("tomorrow",), ())
_OCLOCK: Final = (
    ("o'clock",),
    ("o", "clock"),
    ("oclock",),
    ("o", "'", "clock"),
    ("uhr",),
    ("hundred", "hours"),
)
_LATER: Final = re.compile(r"\b(?<!good )(?:afternoon|evening|tonight)\b", re.IGNORECASE)
_UNSAID: Final = "before noon as nothing else is said"
_PAST: Final = ("past", "after")
_TO: Final = ("to", "before", "til", "till", "of")


def _part_of_day(cut: Sequence[Word], at: int) -> tuple[str, int]:
    """The part of the day named at ``at`` and the piece after it; nothing and ``at`` when none is."""
    for letters in (("p", ".", "m"), ("a", ".", "m"), ("p", "m"), ("a", "m")):
        after = phrase_at(cut, at, (letters,))
        if after > at:
            return (_AFTERNOON if letters[0] == "p" else _MORNING), after + (text_at(cut, after) == ".")
    for lead in _LEADS:
        after = phrase_at(cut, at, (lead,)) if lead else at
        if lead and after == at:
            continue
        part = _PARTS.get(text_at(cut, after), "") or _mended(text_at(cut, after))
        if part and not (lead and text_at(cut, after) in ("am", "pm")):
            return part, after + 1
    return "", at


def _mended(text: str) -> str:
    """The part of the day that ``text`` is a slip of: ``evning``."""
    return _PARTS.get(nearest(text, _LONG_PARTS), "") if len(text) > 4 else ""


def _placed(hour: int, minute: int, part: str) -> tuple[int, int]:
    """An hour said on a clock of twelve, put into the part of the day that was named."""
    if (part in (_AFTERNOON, _EVENING) and 1 <= hour < 12) or (part == _NIGHT and 5 <= hour < 12):
        hour += 12
    elif hour == 12 and part in (_MORNING, _NIGHT, _EVENING):
        hour = 0
    return hour, minute


def _minutes_and_hour(cut: Sequence[Word], at: int) -> tuple[int, int, int] | None:
    """``half past five``, ``twenty to six``, ``quarter after two``: hour, minute, the piece after."""
    index = at + (text_at(cut, at) == "a")
    word = text_at(cut, index)
    if word in ("half", "quarter"):
        minutes, index = (30 if word == "half" else 15), index + 1
    else:
        parsed = number(cut, at)
        if parsed is None or not isinstance(parsed.value, int) or not 1 <= parsed.value <= 29:
            return None
        minutes, index = parsed.value, parsed.end
        if text_at(cut, index) in ("minutes", "minute", "min"):
            index += 1
    relation = text_at(cut, index)
    if relation not in _PAST and relation not in _TO:
        # "half nine" is half past nine in English.
        return _hour_after(cut, index, 30, 0) if word == "half" else None
    if relation == "of" and word != "quarter":
        return None
    after = relation in _PAST
    return _hour_after(cut, index + 1, minutes if after else 60 - minutes, 0 if after else -1)


def _hour_after(cut: Sequence[Word], at: int, minute: int, less: int) -> tuple[int, int, int] | None:
    if text_at(cut, at) in _NAMED:
        hour, end = _NAMED[text_at(cut, at)][0], at + 1
    else:
        parsed = number(cut, at)
        if parsed is None or not isinstance(parsed.value, int) or not 0 <= parsed.value <= 24:
            return None
        hour, end = parsed.value, parsed.end
    return (hour + less) % 24 if hour != 1 or not less else 12, minute, end


def _clock(text: str) -> tuple[int, int] | None:
    """``17:30``, ``17.30``, ``17:30:00``."""
    parts = text.replace(".", ":").split(":")
    if len(parts) not in (2, 3) or not all(part.isdecimal() and len(part) == 2 for part in parts[1:]):
        return None
    if not parts[0].isdecimal() or len(parts[0]) > 2:
        return None
    hour, minute = int(parts[0]), int(parts[1])
    return (hour, minute) if hour < 24 and minute < 60 else None


def _spoken(cut: Sequence[Word], at: int) -> tuple[int, int, int] | None:
    """``nine thirty``, ``six oh five``: hour, minute, the piece after."""
    hour = UNITS.get(text_at(cut, at), 0)
    if not 1 <= hour <= 12:
        return None
    index = at + 1
    if text_at(cut, index) in ("oh", "zero"):
        unit = UNITS.get(text_at(cut, index + 1), 0)
        return (hour, unit, index + 2) if 1 <= unit <= 9 else None
    minutes = spelled(cut, index)
    if minutes is None or not isinstance(minutes.value, int) or not 10 <= minutes.value <= 59:
        return None
    return hour, minutes.value, minutes.end


def _core(cut: Sequence[Word], at: int) -> tuple[int, int, int, bool] | None:
    """Hour, minute, the piece after, and whether this can only be a time."""
    text = text_at(cut, at)
    if text in _NAMED:
        return *_NAMED[text], at + 1, True
    clock = _clock(text)
    if clock is not None:
        return *clock, at + 1, ":" in text
    for reading in (_minutes_and_hour(cut, at), _spoken(cut, at)):
        if reading is not None:
            return *reading, True
    if text.isdecimal() and len(text) == 4 and int(text[:2]) < 24 and int(text[2:]) < 60:
        end = at + 1 + (text_at(cut, at + 1) in ("hours", "h", "hrs"))
        return int(text[:2]), int(text[2:]), end, end > at + 1
    hour = number(cut, at)
    if hour is None or not isinstance(hour.value, int) or not 0 <= hour.value <= 24:
        return None
    return _whole_hour(cut, hour.end, hour.value)


def _whole_hour(cut: Sequence[Word], at: int, hour: int) -> tuple[int, int, int, bool]:
    end = phrase_at(cut, at, _OCLOCK)
    if end > at:
        return hour % 24, 0, end, True
    if text_at(cut, at) == "h" and cut[at - 1].end == cut[at].start:
        minutes = text_at(cut, at + 1)
        if len(minutes) == 2 and minutes.isdecimal() and int(minutes) < 60:
            return hour % 24, int(minutes), at + 2, True
        return hour % 24, 0, at + 1, False
    return hour % 24, 0, at, False


def time_of_day(cut: Sequence[Word], at: int) -> Parsed | None:
    """A time of day at piece ``at``; a bare number is one only where a time is expected."""
    part, index = _part_of_day(cut, at)
    if part and text_at(cut, index) in ("at", "by", ","):
        index += 1
    core = _core(cut, index)
    if core is None:
        return None
    hour, minute, end, firm = core
    behind, beyond = _part_of_day(cut, end)
    if part and behind:
        return None  # "for the night at seven in the evening": it is the evening that tells
    if not part:
        part, end = behind, beyond
    named = text_at(cut, index) in _NAMED
    certain = bool(part) or named or hour > 12 or hour == 0 or text_at(cut, index).startswith("0")
    if part and not named:
        hour, minute = _placed(hour, minute, part)
    time = f"{hour:02d}:{minute:02d}"
    how = "" if certain or ":" in text_at(cut, index) else f"{time}, {_UNSAID}"
    if not certain and hour == 12:
        how = ""
    return Parsed(time, end, how, firm or bool(part))


def times(sentence: str) -> tuple[Found, ...]:
    """The times of day in ``sentence``."""
    found = scan(time_of_day, sentence)
    later = _LATER.search(sentence)
    if later is None:
        return found
    return tuple(_after_noon(each) if each.how.endswith(_UNSAID) else each for each in found)


def _after_noon(found: Found) -> Found:
    """An hour that was said without its part of the day, where the sentence names one: "this *afternoon*, at
    quarter past three".
    """
    hour, _, minute = str(found.value).partition(":")
    return replace(found, value=f"{int(hour) + 12:02d}:{minute}", how="")
