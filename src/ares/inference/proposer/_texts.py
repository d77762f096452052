"""Free text and choices for a capability that nobody was trained on: the words that the extraction finds
likeliest, and the choice that a word comes near in meaning.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from ares.core import Capability
from ares.inference._words import FILLERS, listed
from ares.inference.extraction import extractor, is_content, see
from ares.inference.matching import Analysis, vocabulary
from ares.inference.meaning import meaning
from ares.inference.proposer._filling import (
    DETERMINERS,
    Asked,
    Given,
    given_as,
    is_free,
    literal,
    one_told,
    said_as,
)
from ares.inference.proposer._spans import unquoted
from ares.inference.values import Found, Normaliser, Slot

_LEAST: Final = 0.02
_OFFERED: Final = 0.7
_UNSAID: Final = 0.3
"""What is required is rather said than not, and rather than what is optional."""
_MOST_OPTIONS: Final = 6
_COURTESY: Final = frozenset(listed("please pls thanks thx"))
_DANGLING: Final = frozenset(listed("while because until till when as"))
_DUTIES: Final = frozenset(listed("to must should gotta"))
_ALIKE: Final = 0.45
_ALIKE_IF_OPTIONAL: Final = 0.65
_AHEAD: Final = 0.1
_ERRAND: Final = re.compile(r"[.!?]\s+(?:please|can|could|would|will)\b", re.IGNORECASE)
_COLON: Final = re.compile(r"(?<=[a-z]):\s+(?=\S)", re.IGNORECASE)

Span = tuple[int, int]
"""The first character and the one after the last."""


@dataclass(frozen=True, slots=True)
class _Option:
    """One way to fill an argument, or to leave it (no ``span``), and the logarithm of its probability."""

    told: float
    words: frozenset[int] = frozenset()
    span: Span | None = None


def give_choices(asked: Asked, own: Sequence[Slot], given: dict[str, Given], normaliser: Normaliser) -> None:
    """Give a choice that no word names the one that a word comes near in meaning."""
    taken = {at for each in given.values() for at in asked.request.places(each.start, each.end)}
    for slot in own:
        found = None
        if slot.kind == "choice" and slot.name not in given:
            found = _meant_choice(asked.request, slot, taken)
        if found is not None:
            given[slot.name] = given_as(found, asked.request.sentence, slot, normaliser)


def _meant_choice(request: Analysis, slot: Slot, taken: Collection[int]) -> Found | None:
    """The choice of ``slot`` that a word of the request comes near in meaning, if no other comes as near; the
    words number ``taken`` belong to other values.
    """
    told = [at for at in range(len(request.words)) if request.weights[at] > 0 and at not in taken]
    if not told or not slot.choices:
        return None
    near = meaning().likeness([request.forms[at] for at in told], [each.lower() for each in slot.choices])
    best = sorted(((max(row), at) for at, row in enumerate(near)), reverse=True)
    score, place = best[0]
    column = near[place].index(score)
    rival = max((row[other] for row in near for other in range(len(row)) if other != column), default=-1.0)
    if score < (_ALIKE if slot.required else _ALIKE_IF_OPTIONAL) or rival > min(_ALIKE, score - _AHEAD):
        return None
    word, choice = request.words[told[place]], slot.choices[column]
    return Found(choice, word.start, word.end, f"{word.text!r} is {choice}", False)


def give_texts(asked: Asked, own: Sequence[Slot], given: dict[str, Given], normaliser: Normaliser) -> None:
    """Give free text the words that stand where an example phrase has it, or else those likeliest for it."""
    wanting = [slot for slot in own if slot.name not in given and is_free(slot, normaliser)]
    offered = {slot.name: normaliser.offered(slot, asked.request.sentence) for slot in wanting}
    told = asked.hit.slots if asked.hit is not None else {}

    def text_of(slot: Slot, span: Span) -> Given | None:
        known = next((each for each in offered[slot.name] if (each.start, each.end) == span), None)
        if known is not None:
            return given_as(known, asked.request.sentence, slot, normaliser)
        return said_as(asked, *span, slot)

    for slot in wanting:
        if slot.name in told:
            text = text_of(slot, told[slot.name]) if offered[slot.name] else None
            text = text or literal(slot, asked, *told[slot.name])
            if text is not None:
                given[slot.name] = text
    announced = _announced(asked.request.sentence)
    for slot in wanting:
        if announced is None or slot.name in given or not (slot.required and is_content(slot.name)):
            continue
        if all(each.end <= announced[0] for each in given.values()):
            text = said_as(asked, *announced, slot)
            if text is not None:
                given[slot.name] = text
    taken = {at for each in given.values() for at in asked.request.places(each.start, each.end)}
    wanting = [slot for slot in wanting if slot.name not in given]

    def fits(slot: Slot, span: Span) -> bool:
        text = text_of(slot, span)
        return text is not None and one_told(slot, asked, text)

    spoken = _Spoken(
        asked.request,
        asked.capability,
        taken,
        {name: [(each.start, each.end) for each in some] for name, some in offered.items()},
    )
    by_name = {slot.name: slot for slot in wanting}
    for name, span in _likeliest(spoken, wanting, fits).items():
        text = text_of(by_name[name], span)
        if text is not None:
            given[name] = text


def _announced(sentence: str) -> Span | None:
    """The characters after a colon that announces them: "for the log: *first frost, cabbages fine*"."""
    colon = _COLON.search(sentence)
    if colon is None:
        return None
    errand = _ERRAND.search(sentence, colon.end())
    return colon.end(), errand.start() if errand else len(sentence.rstrip())


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A request for a capability; the words number ``taken`` belong to other values, ``offered`` are the
    characters where values stand that are offered for an argument, by its name.
    """

    request: Analysis
    capability: Capability
    taken: Collection[int]
    offered: Mapping[str, Sequence[Span]]


def _likeliest(
    spoken: _Spoken, wanting: Sequence[Slot], fits: Callable[[Slot, Span], bool]
) -> dict[str, Span]:
    """The characters for each of the arguments ``wanting``, by name; those that it is likelier that nothing
    is said for are left out. No two get the same words. ``fits`` says what an argument may take.
    """
    options = [_options(spoken, slot, fits) for slot in wanting]
    best: tuple[float, Sequence[_Option]] = -math.inf, ()
    for chosen in product(*options):
        used = [at for option in chosen for at in option.words]
        told = sum(option.told for option in chosen)
        if told > best[0] and len(used) == len(set(used)):
            best = told, chosen
    pairs = zip(wanting, best[1], strict=False)
    return {slot.name: option.span for slot, option in pairs if option.span is not None}


def _options(spoken: _Spoken, slot: Slot, fits: Callable[[Slot, Span], bool]) -> list[_Option]:
    request = spoken.request
    found = extractor().find(see(request, spoken.capability, slot.name, spoken.taken), _MOST_OPTIONS)
    offered = {request.places(*span): span for span in spoken.offered.get(slot.name, ())}
    none = min(found.none, 1 - _OFFERED) if offered else found.none
    none *= _UNSAID if slot.required else 1.0
    options = [_Option(math.log(max(none, _LEAST / 2)))]
    options += [
        _Option(math.log(_OFFERED), frozenset(words), span)
        for words, span in offered.items()
        if words and set(words).isdisjoint(spoken.taken) and fits(slot, span)
    ]
    for share, first, last in found.spans:
        words = frozenset(range(first, last))
        if share < _LEAST or not words.isdisjoint(spoken.taken) or tuple(sorted(words)) in offered:
            continue
        span = _bare(spoken, first, last, slot)
        if fits(slot, span):
            options.append(_Option(math.log(share), words, span))
    return options


def _bare(spoken: _Spoken, first: int, last: int, slot: Slot) -> Span:
    """The characters of the words ``first`` to ``last``, of what is named without article, of what is kept as
    it was said with it and with what is to be done, and without hesitation, courtesy or quotation marks
    around them.
    """
    request = spoken.request
    idle = FILLERS | _COURTESY
    while last - first > 1 and request.words[last - 1].text in idle | _DANGLING:
        last -= 1
    if last - first > 2 and [word.text for word in request.words[last - 2 : last]] == ["for", "me"]:
        last -= 2
    while last - first > 1 and (
        request.words[first].text in idle or (not is_content(slot.name) and _is_article(request, first))
    ):
        first += 1
    while is_content(slot.name) and first > 0 and _is_article(request, first - 1):
        first -= 1
    if is_content(slot.name) and _is_done(spoken, first - 1):
        first -= 1
    return unquoted(request.sentence, request.words[first].start, request.words[last - 1].end)


def _is_done(spoken: _Spoken, at: int) -> bool:
    """Whether word ``at`` says what is to be done with what follows, and is not what the capability is asked
    for with: "tell me to *give* Emil his pills", against "tell me to *write* it down".
    """
    request = spoken.request
    if at < 1 or at in spoken.taken or request.words[at - 1].text not in _DUTIES:
        return False
    return request.words[at].text.isalpha() and request.stems[at] not in vocabulary(spoken.capability).stems


def _is_article(request: Analysis, at: int) -> bool:
    """Whether word ``at`` is an article, and not written like part of a title."""
    word = request.words[at]
    return word.text in DETERMINERS and (at == 0 or request.sentence[word.start].islower())
