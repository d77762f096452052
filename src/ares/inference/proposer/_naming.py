"""How a request says what something is called: "call it zeus", "with lamp in its name"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ares.inference._words import listed, stem
from ares.inference.matching import Analysis

NAME_SLOTS: Final = ("name", "label", "title")
NAMING: Final = tuple(
    f"{cue} {{{name}}}"
    for name in NAME_SLOTS
    for cue in (
        *("called", "named", "titled", "labelled", "call it", "name it", "label it", "title it"),
        *("called something like", "named something like", "under the name", "with the name"),
        *("with the title", "with title", "with the label", "with label", "as"),
    )
)
_IN_THE_NAME: Final = re.compile(
    r"\b(?:with|has|have|had|having|contains?|containing|says?|got)\s+(?:the\s+)?(?:words?\s+)?"
    r"(?P<part>\S+(?:\s+\S+){0,2}?)\s+(?:somewhere\s+)?(?:in|as part of)\s+(?:the|its|their)\s+"
    r"(?:file\s*)?(?:names?|titles?)\b",
    re.IGNORECASE,
)
NAMING_WEIGHT: Final = 8.0
_ARTICLES: Final = frozenset(listed("the a an my our your his her their this that those"))


def in_the_name(request: Analysis) -> list[tuple[float, int, int]]:
    """The words in "anything with *invoice* in the name"."""
    match = _IN_THE_NAME.search(request.sentence)
    inside = list(request.places(*match.span("part"))) if match is not None else []
    return [(2 * NAMING_WEIGHT, inside[0], inside[-1] + 1)] if inside else []


def is_named(request: Analysis) -> bool:
    """Whether the request says what something is to be called."""
    leads = {phrase.partition(" {")[0] for phrase in NAMING} - {"as"}
    stems = [[stem(word) for word in lead.split()] for lead in leads]
    return any(after(request, lead) for lead in stems)


def called_span(request: Analysis) -> tuple[int, int] | None:
    """The word after ``called`` or ``named``."""
    for at, word in enumerate(request.words[:-1]):
        if word.text in ("called", "named", "name") and request.words[at + 1].text not in _ARTICLES:
            return request.words[at + 1].start, request.words[at + 1].end
    return None


def after(request: Analysis, lead: Sequence[str]) -> list[int]:
    """The words after every place where ``lead`` stands as a whole."""
    size = len(lead)
    return [
        at + size
        for at in range(len(request.stems) - size + 1)
        if size and list(request.stems[at : at + size]) == lead
    ]
