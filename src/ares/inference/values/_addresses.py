"""MAC addresses, IP addresses, web and mail addresses, written or spelled out."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Final

from ares.inference._words import Word, fold, pieces
from ares.inference.values._found import Found, text_at
from ares.inference.values._numbers import UNITS, number

_MAC: Final = re.compile(
    r"(?<![\w.:-])(?:"
    r"[0-9a-f]{1,2}(?P<sign>[:\-.])(?:[0-9a-f]{1,2}(?P=sign)){4}[0-9a-f]{1,2}"
    r"|(?:[0-9a-f]{2} ){5}[0-9a-f]{2}"
    r"|[0-9a-f]{4}(?P<pair>[.:-])[0-9a-f]{4}(?P=pair)[0-9a-f]{4}"
    r"|[0-9a-f]{6}[:-][0-9a-f]{6}|(?=[a-f]*\d)[0-9a-f]{12}"
    r")(?![\w:-])"
)
_IP4: Final = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)")
_IP6: Final = re.compile(r"(?<![\w:])(?=[0-9a-f]*:[0-9a-f:]*:)[0-9a-f:.]{3,}(?![\w:])")
_URL: Final = re.compile(r"(?<![\w@])(?:[a-z][a-z0-9+.-]*://[^\s<>\"']+|www\.[^\s<>\"']+)")
_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_WRITTEN: Final = re.compile(r"\w[:.-]\w")
_DIGIT_WORDS: Final = {word: digit for word, digit in UNITS.items() if digit < 10}
_LETTER_WORDS: Final = {
    "alpha": "a", "alfa": "a", "bravo": "b", "bee": "b", "charlie": "c", "delta": "d", "echo": "e",
    "foxtrot": "f",
}  # fmt: skip
_SEPARATOR_WORDS: Final = frozenset({"colon", "dash", "hyphen", "dot", "point", ":", "-", ".", "then"})


def macs(sentence: str) -> tuple[Found, ...]:
    """The MAC addresses in ``sentence``, in lower case with colons."""
    found = []
    for match in _MAC.finditer(fold(sentence)):
        parts = re.split(r"[:\-. ]", match[0])
        digits = "".join(part.zfill(2) if len(parts) == 6 else part for part in parts)
        if len(digits) == 12:
            found.append(Found(_colons(digits), match.start(), match.end()))
    return tuple(found) or _spelled_macs(sentence)


def _colons(digits: str) -> str:
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def _spelled_macs(sentence: str) -> tuple[Found, ...]:
    """MAC addresses said digit by digit: ``d e a d b e e f zero zero four two``.

    A sign between two of its characters means that it was written, and then not as an address is.
    """
    cut = pieces(sentence)
    for start in range(len(cut)):
        digits, index = "", start
        while len(digits) < 12 and index < len(cut):
            more, index = _hex_digits(cut, index)
            if not more and (not digits or text_at(cut, index) not in _SEPARATOR_WORDS):
                break
            digits += more
            index += not more
        if len(digits) == 12 and not _WRITTEN.search(sentence, cut[start].start, cut[index - 1].end):
            return (Found(_colons(digits), cut[start].start, cut[index - 1].end, "spelled out"),)
    return ()


def _hex_digits(cut: Sequence[Word], at: int) -> tuple[str, int]:
    """The digits that piece ``at`` stands for and the piece after them."""
    text = text_at(cut, at)
    if text == "double":
        digits, after = _hex_digits(cut, at + 1)
        return (digits * 2, after) if len(digits) == 1 else ("", at)
    if text in _DIGIT_WORDS:
        return str(_DIGIT_WORDS[text]), at + 1
    if text in _LETTER_WORDS:
        return _LETTER_WORDS[text], at + 1
    if 0 < len(text) <= 4 and all(letter in "0123456789abcdef" for letter in text):
        return text, at + 1
    return "", at


def ips(sentence: str) -> tuple[Found, ...]:
    """The IP addresses in ``sentence``, version 4 and 6, written or with spoken dots."""
    text = fold(sentence)
    found = []
    for match in (*_IP4.finditer(text), *_IP6.finditer(text)):
        try:
            address = str(ipaddress.ip_address(match[0]))
        except ValueError:
            continue
        found.append(Found(address, match.start(), match.end()))
    return tuple(found) or _spelled_ips(sentence)


def _spelled_ips(sentence: str) -> tuple[Found, ...]:
    """``one nine two dot one six eight dot zero dot five``."""
    cut = pieces(sentence)
    for start in range(len(cut)):
        parts: list[int] = []
        index = start
        while len(parts) < 4:
            part = _octet(cut, index)
            if part is None:
                break
            parts.append(part[0])
            index = part[1]
            if len(parts) < 4:
                if text_at(cut, index) not in ("dot", "point"):
                    break
                index += 1
        if len(parts) == 4:
            value = ".".join(map(str, parts))
            return (Found(value, cut[start].start, cut[index - 1].end, "spelled out"),)
    return ()


def _octet(cut: Sequence[Word], at: int) -> tuple[int, int] | None:
    """A number from 0 to 255 said digit by digit or as a whole, and the piece after it."""
    digits, index = "", at
    while text_at(cut, index) in _DIGIT_WORDS and len(digits) < 3:
        digits += str(_DIGIT_WORDS[text_at(cut, index)])
        index += 1
    if (digits and text_at(cut, index) in ("dot", "point", "")) or len(digits) > 1:
        return (int(digits), index) if int(digits) <= 255 else None
    whole = number(cut, at)
    if whole is None or not isinstance(whole.value, int) or not 0 <= whole.value <= 255:
        return None
    return whole.value, whole.end


def _matches(pattern: re.Pattern[str], sentence: str) -> tuple[Found, ...]:
    found = []
    for match in pattern.finditer(fold(sentence)):
        end = match.start() + len(match[0].rstrip(".,;:!?)"))
        found.append(Found(sentence[match.start() : end], match.start(), end))
    return tuple(found)


def urls(sentence: str) -> tuple[Found, ...]:
    """The web addresses in ``sentence``, as written."""
    return _matches(_URL, sentence)


def emails(sentence: str) -> tuple[Found, ...]:
    """The mail addresses in ``sentence``, as written."""
    return _matches(_EMAIL, sentence)
