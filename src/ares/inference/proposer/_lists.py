"""One deed for several things that go to one place: "move a and b to c" is two moves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ares.inference.values import Found

_JOINS: Final = re.compile(
    r"\s*(?:,|,?\s+(?:and|plus|as well as|&)|&)\s+(?:also\s+)?(?:the\s+|my\s+)?", re.IGNORECASE
)
_GOES: Final = re.compile(r"\s+(?:over\s+|both\s+)?(?:to|into|in|onto|on|inside)\s+\S", re.IGNORECASE)
_TOWARDS: Final = re.compile(
    r"\b(?:to|into|in|onto|on|inside|as|from|of)\s+(?:the\s+|my\s+)?$", re.IGNORECASE
)
_BOTH: Final = re.compile(r"\b(?:both|all of)\s+(?:the\s+|my\s+)?$", re.IGNORECASE)


def spread(sentence: str, named: Sequence[Found]) -> tuple[str, ...]:
    """``sentence`` once for each of the things that it names in a row, of those ``named``, when it says
    after them where they go; empty if it does not.
    """
    rows: list[list[Found]] = [[]]
    for one in sorted(named, key=lambda found: found.start):
        if rows[-1] and _JOINS.fullmatch(sentence, rows[-1][-1].end, one.start):
            rows[-1].append(one)
        elif not rows[-1] or one.start >= rows[-1][-1].end:
            rows.append([one])
    several = [row for row in rows if len(row) > 1]
    if len(several) != 1:
        return ()
    row = several[0]
    before, after = sentence[: row[0].start], sentence[row[-1].end :]
    if _TOWARDS.search(before) or not _GOES.match(after):
        return ()
    before = _BOTH.sub("", before)
    return tuple(f"{before}{sentence[one.start : one.end]}{after}" for one in row)
