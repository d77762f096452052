"""Numbers in digits and in words, counting and ordinal."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from ares.inference._words import Word, listed, nearest, stem, words
from ares.inference.values._found import Found, Parsed, phrase_at, scan, text_at

_SMALL: Final = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
)
_TENS: Final = listed("twenty thirty forty fifty sixty seventy eighty ninety")
_ORDINALS: Final = listed(
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
    " thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_TENTHS: Final = listed("twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth")
_NUMBER_WORDS: Final = frozenset({"number", "no", "nr", "num"})
_SCALES: Final = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_MINUS: Final = frozenset("-−–")
_SIGNS: Final = _MINUS | {"+"}
_SIGN_WORDS: Final = frozenset({"minus", "negative", "plus"})
_BEFORE_SIGN: Final = frozenset("=:(<>,")
_BELOW: Final = (("below", "zero"), ("degrees", "below", "zero"), ("degrees", "below"))
_AND_A_HALF: Final = (("and", "a", "half"),)
_LONGEST_EXPONENT: Final = 2
_LOOSE: Final = {"dozen": 12, "couple": 2, "pair": 2}

UNITS: Final = {word: number for number, word in enumerate(_SMALL)} | {"oh": 0, "nought": 0}
TENS: Final = {word: 10 * number for number, word in enumerate(_TENS, 2)}
_ORDINAL_UNITS: Final = {word: number for number, word in enumerate(_ORDINALS)}
_ORDINAL_TENS: Final = {word: 10 * number for number, word in enumerate(_TENTHS, 2)}
_SHORTEST_TENS: Final = 6
_LONG_TENS: Final = frozenset(word for word in _TENS if len(word) >= _SHORTEST_TENS)
_LONG: Final = frozenset(
    word for word in (*_SMALL, *_TENS, *_SCALES, *_ORDINALS, *_TENTHS) if len(word) > 4 and word != "sixth"
)


def _number_word(text: str) -> str:
    """``text`` as a number word, a slip mended in long ones; empty when it is none."""
    if text in UNITS or text in TENS or text in _SCALES:
        return text
    if len(text) == _SHORTEST_TENS - 1:
        return nearest(text, _LONG_TENS)
    return nearest(text, _LONG) if len(text) >= _SHORTEST_TENS else ""


def _digit_after(text: str) -> int:
    """The number from one to nine that ``text`` names after tens, its letters perhaps in another order
    ("thirty *fiev*"); 0 if it names none.
    """
    mixed = (word for word in _SMALL[1:10] if word[0] == text[:1] and sorted(word) == sorted(text))
    found = UNITS.get(text) or UNITS.get(next(mixed, ""), 0)
    return found if found < 10 else 0


def spelled(cut: Sequence[Word], at: int) -> Parsed | None:
    """A number below a hundred in words: ``twenty five``, ``twenty-five``, ``seven``."""
    word = _number_word(text_at(cut, at))
    if word in UNITS:
        return Parsed(UNITS[word], at + 1)
    if word not in TENS:
        return None
    following = at + 2 if text_at(cut, at + 1) == "-" else at + 1
    unit = _digit_after(text_at(cut, following))
    return Parsed(TENS[word] + unit, following + 1) if unit else Parsed(TENS[word], at + 1)


def _words_number(cut: Sequence[Word], at: int) -> Parsed | None:
    """``three hundred and twenty``, ``a thousand``, ``two dozen``."""
    article = text_at(cut, at) in ("a", "an", "the")
    first = None if article else spelled(cut, at)
    total, group, index = 0, 1 if article else 0, at + 1
    if first is not None:
        assert isinstance(first.value, int)
        group, index = first.value, first.end
    elif not article:
        return _bare_scale(cut, at)
    scaled = first is not None
    while True:
        word = _number_word(text_at(cut, index))
        if word == "hundred":
            group, index, scaled = group * 100, index + 1, True
        elif word in _SCALES:
            total, group, index, scaled = total + group * _SCALES[word], 0, index + 1, True
        else:
            loose = _LOOSE.get(text_at(cut, index), 0)
            if loose:
                return Parsed(group * loose, index + 1 + (text_at(cut, index + 1) == "of"))
            rest = (
                spelled(cut, index + (text_at(cut, index) == "and")) if group % 100 == 0 and scaled else None
            )
            if rest is None:
                return Parsed(total + group, index) if scaled else None
            assert isinstance(rest.value, int)
            group, index = group + rest.value, rest.end


def _bare_scale(cut: Sequence[Word], at: int) -> Parsed | None:
    word = text_at(cut, at)
    if word in ("hundred", "thousand"):
        rest = spelled(cut, at + 2) if word == "hundred" and text_at(cut, at + 1) == "and" else None
        if rest is not None and isinstance(rest.value, int):
            return Parsed(_SCALES[word] + rest.value, rest.end)
        return Parsed(_SCALES[word], at + 1)
    return Parsed(12, at + 1) if word == "dozen" else None


def _digits(text: str) -> int | float | None:
    """``1,000`` and ``1.000`` are a thousand, ``1.5`` and ``1,5`` one and a half."""
    if not text[:1].isdecimal() or ":" in text:
        return None
    plain = text.replace(",", ".")
    groups = plain.split(".")
    if len(groups) > 1 and all(len(group) == 3 for group in groups[1:]) and groups[0] != "0":
        return int("".join(groups))
    if len(groups) > 2:
        return None
    return int(plain) if len(groups) == 1 else float(plain)


def number(cut: Sequence[Word], at: int) -> Parsed | None:
    """A counting number at piece ``at``."""
    value = _digits(text_at(cut, at))
    if value is None:
        return _words_number(cut, at)
    index = at + 1
    word = text_at(cut, index)
    if word in _SCALES and word != "hundred":
        return Parsed(value * _SCALES[word], index + 1)
    if word == "k" and cut[at].end == cut[index].start:
        return Parsed(int(value * 1000), index + 1)
    return Parsed(value, index)


def ordinal(cut: Sequence[Word], at: int) -> Parsed | None:
    """``third``, ``22nd``, ``twenty second`` at piece ``at``."""
    text = text_at(cut, at)
    if (
        text.isdecimal()
        and text_at(cut, at + 1) in ("st", "nd", "rd", "th")
        and cut[at].end == cut[at + 1].start
    ):
        return Parsed(int(text), at + 2)
    if text in _ORDINAL_UNITS:
        return Parsed(_ORDINAL_UNITS[text], at + 1)
    if text in _ORDINAL_TENS:
        return Parsed(_ORDINAL_TENS[text], at + 1)
    if text in TENS:
        following = at + 2 if text_at(cut, at + 1) == "-" else at + 1
        unit = _ORDINAL_UNITS.get(text_at(cut, following), 0)
        if 1 <= unit <= 9:
            return Parsed(TENS[text] + unit, following + 1)
    return None


def count(cut: Sequence[Word], at: int) -> Parsed | None:
    """A number that is written ``7``, ``seven`` or ``number seven``."""
    if text_at(cut, at) in ("number", "no", "nr", "item") and text_at(cut, at + 1):
        after = at + 2 if text_at(cut, at + 1) in (".", "#") else at + 1
        return number(cut, after)
    return number(cut, at)


def _signed(cut: Sequence[Word], at: int) -> Parsed | None:
    """A number with a sign, in words (``minus``) or as a sign that stands for itself: ``-18`` is one, the end
    of ``2-18`` is none; with an exponent (``1e3``), or said to be ``below zero``.
    """
    sign = text_at(cut, at)
    if sign in _SIGN_WORDS or (sign in _SIGNS and _stands_free(cut, at)):
        parsed = number(cut, at + 1)
        if parsed is None or not isinstance(parsed.value, (int, float)):
            return None
        return Parsed(parsed.value if sign in ("+", "plus") else -parsed.value, parsed.end)
    parsed = _with_exponent(cut, at) or number(cut, at)
    if parsed is not None and isinstance(parsed.value, (int, float)):
        after = phrase_at(cut, parsed.end, _BELOW)
        if after > parsed.end:
            return Parsed(-parsed.value, after)
        halves = phrase_at(cut, parsed.end, _AND_A_HALF)
        if halves > parsed.end:
            return Parsed(parsed.value + 0.5, halves)
    return parsed


def _stands_free(cut: Sequence[Word], at: int) -> bool:
    """Whether a sign is right before a number and not right behind something."""
    ahead = at + 1 < len(cut) and cut[at].end == cut[at + 1].start
    return ahead and (at == 0 or cut[at - 1].end < cut[at].start or cut[at - 1].text in _BEFORE_SIGN)


def _with_exponent(cut: Sequence[Word], at: int) -> Parsed | None:
    """``1e3``, ``2.5e-4`` at piece ``at``, written without gaps."""
    value, index = _digits(text_at(cut, at)), at + 1
    if value is None or text_at(cut, index) != "e" or cut[at].end != cut[index].start:
        return None
    sign = text_at(cut, index + 1)
    digits = index + 1 + (sign in _SIGNS)
    if not text_at(cut, digits).isdecimal() or len(text_at(cut, digits)) > _LONGEST_EXPONENT:
        return None
    if cut[digits].start != cut[index].end + (digits > index + 1):
        return None
    exponent = int(text_at(cut, digits)) * (-1 if sign in _MINUS else 1)
    result = value * 10.0**exponent
    return Parsed(int(result) if result.is_integer() else result, digits + 1)


def numbers(sentence: str) -> tuple[Found, ...]:
    """The numbers in ``sentence``: whole ones as ``int``, others as ``float``; ``5k`` is 5000."""
    return scan(_signed, sentence)


def numbered(before: str, kinds: Collection[str]) -> bool:
    """Whether ``before`` ends with a word after which a number is a name: "note *number* 7", or "*job* 12"
    when the stem of "job" is among ``kinds``.
    """
    last = words(before)[-1:]
    return bool(last) and (last[0].text in _NUMBER_WORDS or stem(last[0].text) in kinds)


def as_number(said: str) -> str | None:
    """The digits for ``said`` when all of it is one whole number that is spelled out: ``twelve``."""
    found = scan(count, said)
    whole = len(found) == 1 and found[0].end - found[0].start == len(said.strip())
    return str(found[0].value) if whole and isinstance(found[0].value, int) else None
