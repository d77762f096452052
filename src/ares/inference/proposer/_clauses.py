"""Where a sentence may be cut into several requests. Whether it is cut there is decided by whether each part
reads as a request of its own (see ``_proposer``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ares.inference._words import fold

MOST: Final = 6
"""A sentence is cut into so many parts at most."""

_AND: Final = r"(?:and|adn|nad|nd|an|plus)"
_THEN: Final = r"(?:then|hten|thne|afterwards?|after that|after|next|also|finally|later)"
_JOINER: Final = re.compile(
    r"(?P<strong>\s*;\s*|\s+&&\s+"
    rf"|\s*[,.]?\s+{_AND}\s+{_THEN}\b[\s,]*|\s*[,.]\s*{_THEN}\b[\s,]*|\s+(?:then|hten|afterwards)\s+)"
    r"|(?P<sentence>[.!?]+\s+(?=\S))"
    rf"|(?P<weak>\s*,?\s+(?:{_AND}|but|&|\+)\s+|\s*,\s+(?:so\s+)?)"
)
_QUOTED: Final = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']*'(?!\w)")
_BEFORE: Final = re.compile(
    r"^\W*before (?:you |we |i )?(?P<later>[^,]+),\s*(?P<first>.+)$", re.IGNORECASE | re.DOTALL
)
_TELLS: Final = re.compile(
    r"(?:i|i'm|i've|im|ive|we|we're|we've|it|it's|its|he|she|they|that's|there's|you know|at|as|my"
    r"|(?:the )?kids)\b",
    re.IGNORECASE,
)
_WANTS: Final = re.compile(
    r"(?:i|we)(?:'d|'ll|'m)? ?(?:really |just |also )?"
    r"(?:want|need|like|must|should|would|wish|have to|gotta)\b"
    r"|at \S+ (?:what|how)|my \w+(?: \w+)?$",
    re.IGNORECASE,
)
_FIRST: Final = re.compile(r"\b(?:first|beforehand)\W*$", re.IGNORECASE)
_OPENER: Final = re.compile(
    r"^(?:first(?:ly)?|then|afterwards?|and|but|also|next|finally|so)\b[\s,]*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence. ``strong``: the joiner before it says that something else follows. ``rank``
    orders the pieces as they are to be done.
    """

    text: str
    start: int
    strong: bool = False
    rank: float = 0.0
    listed: bool = False


def parts(sentence: str) -> tuple[Part, ...]:
    """``sentence`` cut at everything that may join two requests, at most `MOST` pieces; one piece when
    nothing does.
    """
    swapped = _BEFORE.match(sentence)
    if swapped is not None:
        return (
            Part(swapped["later"], swapped.start("later"), rank=1.0),
            Part(swapped["first"], swapped.start("first"), strong=True),
        )
    folded = fold(sentence)
    guarded = [(match.start(), match.end()) for match in _QUOTED.finditer(folded)]
    pieces: list[Part] = []
    start, strong, listed = 0, False, False
    for match in _JOINER.finditer(folded):
        if any(first < match.start() < last for first, last in guarded) or len(pieces) == MOST - 1:
            continue
        _add(pieces, sentence, start, match.start(), strong, listed)
        start, strong, listed = match.end(), match["strong"] is not None, match[0].strip() == ","
    _add(pieces, sentence, start, len(sentence), strong, listed)
    return tuple(pieces)


def _add(pieces: list[Part], sentence: str, start: int, end: int, strong: bool, listed: bool) -> None:
    opener = _OPENER.match(sentence[start:end])
    if opener is not None and opener.end() < end - start:
        strong = strong or opener[0].lower().startswith(("then", "after", "first"))
        start += opener.end()
    text = sentence[start:end]
    if not any(letter.isalnum() for letter in text):
        return
    rank = float(len(pieces))
    earlier = _FIRST.search(text)
    if earlier is not None and pieces:
        text, rank = text[: earlier.start()].rstrip(), pieces[-1].rank - 0.5
    pieces.append(Part(text, start, strong, rank, listed))


def tells(text: str) -> bool:
    """Whether a part only tells something ("it sounds like a hairdryer", "we moved house") and asks for
    nothing.
    """
    return _TELLS.match(text) is not None and _WANTS.match(text) is None
