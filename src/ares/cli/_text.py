"""Text that a person can trust on a screen: nothing in it moves the cursor, hides or reorders anything."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ares.core import Json

_BLANK = frozenset(
    # Fillers and joiners that count as letters or marks but draw nothing.
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)


def told(error: Exception) -> str:
    """Return what an error says; of one of the system's own, where and what, without its number."""
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror


def is_plain(character: str) -> bool:
    """Whether a character draws as itself: not a control, format, separator or other invisible one."""
    return character.isprintable() and character not in _BLANK


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def visible(text: str, keep: str = "") -> str:
    """Return ``text`` with every character that is not plain as an escape, except those in ``keep``.

    Plain text comes back unchanged; backslashes are left alone, so this is for messages, not for values
    that somebody decides on (see :func:`quoted`).
    """
    if text.isprintable() and not _BLANK.intersection(text):
        return text
    return "".join(each if is_plain(each) or each in keep else _escape(each) for each in text)


def quoted(value: Json) -> str:
    """Return ``value`` as JSON in which every character is visible; no two values look the same."""
    return json_text(value, _escape)


def json_text(value: Json, escape: Callable[[str], str] | None = None, indent: int | None = None) -> str:
    """Return ``value`` as JSON whose strings hold only plain characters, the others as escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    write = escape or (lambda character: json.dumps(character)[1:-1])
    return "".join(each if is_plain(each) or each == "\n" else write(each) for each in text)


def cells(character: str) -> int:
    """Return how many columns of a terminal a plain character takes."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def chunks(text: str, width: int) -> Iterator[str]:
    """Cut ``text`` into pieces of at most ``width`` columns. Joined they are ``text``: nothing is dropped."""
    piece, used = "", 0
    for each in text:
        size = cells(each)
        if piece and used + size > width:
            yield piece
            piece, used = "", 0
        piece += each
        used += size
    yield piece


def hanging(label: str, text: str, width: int) -> list[str]:
    """Return lines that start with ``label`` and carry all of ``text``, cut where the terminal ends."""
    room = max(width - len(label), 20)
    pieces = list(chunks(text, room))
    return [label + pieces[0], *(" " * len(label) + piece for piece in pieces[1:])]


def prose(label: str, text: str, width: int) -> list[str]:
    """Return lines that start with ``label`` and carry the words of ``text``, broken between words."""
    room = max(width - len(label), 20)
    lines = [""]
    for word in text.split():
        *full, rest = chunks(word, room)
        for piece in (*full, rest):
            joined = f"{lines[-1]} {piece}" if lines[-1] else piece
            if sum(map(cells, joined)) <= room:
                lines[-1] = joined
            else:
                lines.append(piece)
    return [label + lines[0], *(" " * len(label) + line for line in lines[1:])]
