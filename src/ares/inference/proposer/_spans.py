"""Which words of a request are the value of a free-text argument when no model says so, and how a span is
trimmed to what was meant.

A text is either *content*, kept as it was said ("remember that **the cat gets half a pill**"), or a
*reference*, words that name something ("delete the note about the **printer ink**").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Final

from ares.core import Capability
from ares.inference._lexicon import lexicon
from ares.inference._words import FILLERS, listed, stem, words
from ares.inference.extraction import is_content as keeps
from ares.inference.matching import Analysis, vocabulary
from ares.inference.proposer._asides import asides_of, gap_before, says_how
from ares.inference.proposer._clauses import demands
from ares.inference.proposer._naming import NAME_SLOTS, NAMING, NAMING_WEIGHT, after, in_the_name
from ares.inference.values import Slot, quoted

_SLOT: Final = re.compile(r"\{(\w+)\}")
_LONGEST_REFERENCE: Final = 4
_COMMON: Final = 1.0
_FUNCTION: Final = frozenset(
    stem(word)
    for word in listed(
        "about above across after again ago ages ahead all along already also always and any around as at"
        " away back before behind below beside between but by down during ever every for from go going"
        " here how in inside into it just late lately later longer may me might more most must near never"
        " next no not now of off on once one only onto or other our out over past soon some still such take"
        " than that their them then there these they this those through thru to too toward under until up"
        " upon us very via w w/ was what when where whether which while who whole whose why with within"
        " without yesterday yet"
    )
)
_UNITS: Final = frozenset(
    stem(word) for word in listed("euro euros dollar dollars pound pounds bucks percent times pieces")
)
_NAME: Final = 4.0
_LEAST_WEIGHT: Final = 3.0
# What these begin says something about what is named before them, and is no part of its name.
_TALK: Final = frozenset(
    listed("i i'm i've i'd i'll im ive we we're we've because cos since so having has have whose whom")
)
_TALK_ABOUT: Final = frozenset(
    listed("that that's thats it it's its this the he she they my our there just please thanks would could")
)
_QUOTES: Final = "\"'“”‘’`"
_ARTICLE_STEMS: Final = frozenset(stem(word) for word in listed("the a an my our your his her their its"))
_ARTICLES: Final = frozenset(
    {"the", "a", "an", "my", "our", "your", "his", "her", "their", "this", "that", "those"}
)
_NAMES_END: Final = frozenset(
    listed("the a an with and that which at on in of has is its for by to from into onto")
)
_INTRODUCE: Final = frozenset(
    stem(word)
    for word in listed(
        "that this these saying says say about called named down following re regarding"
        " concerning of on for from with it me word words mentioning mention containing name titled labelled"
        " labeled anything something number"
    )
)
_INTRODUCE_CONTENT: Final = frozenset(
    stem(word) for word in listed("that saying says say reading down following this about containing")
)
_TEXT_WORDS: Final = frozenset(listed("text word words line sentence message phrase"))
_THE_TEXT: Final = re.compile(
    rf"\W*(?:(?:the|this|these)\s+)?(?:{'|'.join(sorted(_TEXT_WORDS))})\b\W*", re.IGNORECASE
)
_TO_SELF: Final = re.compile(r"\W*to\s+(?:my)?self\b\W*", re.IGNORECASE)
# "Could I trouble you to *make a note that* the car is due", "remember *for me that* ..."
_NOTES: Final = re.compile(
    r"\W*(?:(?:make|take|leave|write|put|add|stick|jot)\s+(?:me\s+)?(?:down\s+)?an?\s+(?:\w+\s+)?(?:note|memo|reminder)"
    r"\s+(?:that|of|to|saying|about)\b|for\s+me\s+(?:that|to)\b|in\s+there\s+(?:about|that)\b)\W*",
    re.IGNORECASE,
)
_INTO: Final = frozenset(listed("to into in as onto inside"))
_PLACE_WORDS: Final = frozenset(listed("file folder new called named text"))
_CLOSE: Final = frozenset(listed("please pls plz plese thanks thank thx now again anymore ago ages"))
_CLOSING_PHRASES: Final = re.compile(
    r"[\s,;:!?.\-–—]*\b"
    r"(?:for me|would you|will you|could you|can you|thank you|if you can|ok|okay|right now)\W*$",
    re.IGNORECASE,
)
_ERRAND: Final = re.compile(
    r"[\s,]+(?:and|adn|nad|then|so)\s+(?:then\s+)?(?:put|save|store|write|keep|place|name|call)\s+(?:it|that|this)\b"
    r"|\s+(?:in|inside|into)\s+(?:it|there)\W*$",
    re.IGNORECASE,
)
_DUTIES: Final = frozenset(listed("should must need have ought"))
_CUES: Final = frozenset(listed("called named about regarding re mention mentioning concerning"))
_ASIDE: Final = 10.0
_CONTENT_CUES: Final = frozenset({"that", "saying", "says", "content", "containing"})
# A reference ends before these: what follows says where, when or why.
_REFERENCE_ENDS: Final = frozenset(
    listed(
        "in from but i we you whose which who is was are were has have because so at would could can will"
        " again and to back out off anymore please pls into under below with"
    )
)


def is_content(slot: Slot) -> bool:
    """Whether the text of ``slot`` is kept as it was said."""
    return keeps(slot.name)


def trimmed(request: Analysis, start: int, end: int, slot: Slot, capability: Capability) -> tuple[int, int]:
    """``start:end`` without what only introduces or closes a value: ``that``, a colon, ``please``, quotation
    marks; and for a reference without articles and words for the kind of thing.
    """
    if is_content(slot):
        exact = _only_quoted(request, capability) or _quoted_part(request, start, end)
        if exact is not None:
            return exact
        start = _after_introduction(request, start, end, capability)
        end = _before_errand(request, start, end, capability)
    else:
        end = _before_aside(request, start, end)
    closing = _CLOSING_PHRASES.search(request.sentence[start:end])
    if closing is not None and closing.start() > 0:
        end = start + closing.start()
    numbers = list(request.places(start, end))
    content = is_content(slot)
    known = vocabulary(capability).stems
    while len(numbers) > 1 and (
        _introduces(request, numbers[0], content, capability)
        or (not content and _carries(request, numbers[0]) and request.stems[numbers[0]] in known | _FUNCTION)
    ):
        numbers.pop(0)
    while len(numbers) > 1 and _closes(request, numbers[-1], content, capability):
        numbers.pop()
    if content:
        numbers = _without_duty(request, numbers)
    patterns = [at for at in numbers if "*" in request.words[at].text]
    if len(patterns) == 1 and not content:
        numbers = patterns
    if not numbers:
        return start, start
    first, last = request.words[numbers[0]], request.words[numbers[-1]]
    begin, stop = max(start, first.start), min(end, last.end) if last.end <= end else end
    stop = _closed(request.sentence, begin, stop, end)
    return unquoted(request.sentence, begin, stop)


def _closed(sentence: str, start: int, stop: int, end: int) -> int:
    """``stop`` after the brackets that close what ``start:stop`` opens: "print(1*)*"."""
    while stop < end and any(
        sentence[stop] == shut and sentence[start:stop].count(opened) > sentence[start:stop].count(shut)
        for opened, shut in ("()", "[]", "{}")
    ):
        stop += 1
    return stop


def _without_duty(request: Analysis, numbers: list[int]) -> list[int]:
    """``numbers`` without "should" or "have to" when who should was cut off: "I *should* call her"."""
    before = request.words[numbers[0] - 1].text if numbers and numbers[0] else ""
    first = request.words[numbers[0]].text if numbers else ""
    if before not in ("i", "we") or first not in _DUTIES or len(numbers) < 3:
        return numbers
    return numbers[2:] if request.words[numbers[1]].text == "to" else numbers[1:]


def _before_errand(request: Analysis, start: int, end: int, capability: Capability) -> int:
    """Where a text that goes somewhere ends before talk of where: "... *and save it as a.png*"."""
    if len(capability.required) < 2:
        return end
    errand = _ERRAND.search(request.sentence, start, end)
    return errand.start() if errand is not None and errand.start() > start else end


def _only_quoted(request: Analysis, capability: Capability) -> tuple[int, int] | None:
    """The one text in quotation marks, when the text goes somewhere: what is around it says where."""
    inside = [each for each in quoted(request.sentence) if " " in request.sentence[each.start : each.end]]
    return (inside[0].start, inside[0].end) if len(inside) == 1 and len(capability.required) > 1 else None


def _before_aside(request: Analysis, start: int, end: int) -> int:
    """Where words that name something end before talk about it: "the knitting pattern *i threw away*"."""
    numbers = request.places(start, end)
    for at in numbers[1:]:
        text, gap = request.words[at].text, gap_before(request, at)
        talks = text in _TALK or (any(sign in gap for sign in ",;.!?") and text in _TALK | _TALK_ABOUT)
        if talks and not any(
            each.start <= request.words[at].start < each.end for each in quoted(request.sentence)
        ):
            return request.words[at - 1].end
    return end


def _quoted_part(request: Analysis, start: int, end: int) -> tuple[int, int] | None:
    """What stands in quotation marks, when all else in ``start:end`` only leads to it or on from it."""
    inside = [each for each in quoted(request.sentence) if each.start < end and start < each.end]
    if len(inside) != 1:
        return None
    first, last = inside[0].start, inside[0].end
    around = (at for at in request.places(start, end) if not first <= request.words[at].start < last)
    return (first, last) if all(_leads(request, at) for at in around) else None


def _leads(request: Analysis, at: int) -> bool:
    known = _FUNCTION | _INTRODUCE_CONTENT
    text = request.words[at].text
    return request.stems[at] in known or text in FILLERS | _CLOSE | _ARTICLES | _TEXT_WORDS


def _after_introduction(request: Analysis, start: int, end: int, capability: Capability) -> int:
    """Where a text begins after "to self" or, when it goes somewhere, after "the words"."""
    match = _TO_SELF.match(request.sentence, start, end) or _NOTES.match(request.sentence, start, end)
    if match is None and len(capability.required) > 1:
        match = _THE_TEXT.match(request.sentence, start, end)
    return match.end() if match is not None and match.end() < end else start


def unquoted(sentence: str, start: int, end: int) -> tuple[int, int]:
    """``start:end`` without the quotation marks around it."""
    while end - start > 1 and sentence[start] in _QUOTES and sentence[end - 1] in _QUOTES:
        start, end = start + 1, end - 1
    return start, end


def _carries(request: Analysis, at: int) -> bool:
    """Whether a word is written small like any other: a title such as "Let It Go" keeps its first word."""
    return request.sentence[request.words[at].start].islower()


def _introduces(request: Analysis, at: int, content: bool, capability: Capability) -> bool:
    text, each = request.words[at].text, request.stems[at]
    if text in FILLERS or each in (_INTRODUCE_CONTENT if content else _INTRODUCE):
        return True
    return not content and (text in _ARTICLES or _is_kind(each, capability))


def _closes(request: Analysis, at: int, content: bool, capability: Capability) -> bool:
    text, each = request.words[at].text, request.stems[at]
    if text in FILLERS or text in _CLOSE:
        return True
    return not content and (text in _NAMES_END or _is_kind(each, capability))


def _is_kind(each: str, capability: Capability) -> bool:
    """Whether a word says what kind of thing the capability is about: ``note`` or ``memo`` for those of
    ``notes``.
    """
    module = stem(capability.module)
    return each == module or (
        lexicon().share_group(each, module) and lexicon().weight(each) > 0 and len(each) > 3
    )


def names_kind(request: Analysis, capability: Capability) -> bool:
    """Whether a word of ``request`` says what kind of thing ``capability`` is about."""
    return any(_is_kind(each, capability) for each in request.stems)


def text_spans(
    request: Analysis,
    slot: Slot,
    capability: Capability,
    taken: Collection[tuple[int, int]],
    *,
    left_over: bool = True,
) -> list[tuple[int, int]]:
    """The characters that may be the value of ``slot``, likeliest first; ``taken`` are those of other
    arguments.

    A value stands after a word that stands before the slot in an example phrase, and ends before the word
    that follows it there; places with more words of the phrase around them come first. Last, if
    ``left_over``, come the words that nothing else accounts for.
    """
    content = is_content(slot)
    others = frozenset(stem(name) for name in capability.properties if name != slot.name)
    used = {at for start, end in taken for at in request.places(start, end)}
    tails = _tails(capability.examples)
    places = [
        place
        for phrase in (*capability.examples, *_general(slot, content))
        for place in _places(request, phrase, slot.name, content, used, others, tails)
    ]
    if content:
        places += _onto_the_list(request, capability)
        places += _after_colon(request, capability, taken)
    elif slot.name in NAME_SLOTS:
        places += in_the_name(request)
    spans: list[tuple[int, int]] = []
    if not content:
        asides = asides_of(request)
        places = [
            (weight - _ASIDE * (first in asides), first, last)
            for weight, first, last in places
            if not says_how(request, first)
        ]
        which = _left_over(request, slot, capability, used, 0, len(request.words)) if asides else []
        spans += [span for span in which if _stands_alone(request, span, asides, capability)]
    for _, first, last in sorted(places, key=lambda place: -place[0]):
        if not content and last - first > _LONGEST_REFERENCE and not _titled(request, first, last):
            spans += _left_over(request, slot, capability, used, first, last)
        spans.append((request.words[first].start, request.words[last - 1].end))
    if left_over:
        spans += _left_over(request, slot, capability, used, 0, len(request.words))
    return list(dict.fromkeys(spans))


def _titled(request: Analysis, first: int, last: int) -> bool:
    """Whether most of the words are written as in a title."""
    great = sum(not _carries(request, at) for at in range(first, last))
    return 2 * great > last - first


def says_something(text: str) -> bool:
    """Whether ``text`` has a word that is more than grammar: "on again" has none."""
    return any(word.literal or stem(word.text) not in _FUNCTION for word in words(text))


def leftover(
    request: Analysis, capability: Capability, spans: Collection[tuple[int, int]], first: int, last: int
) -> bool:
    """Whether the characters ``first:last`` hold a word that tells something but is in none of ``spans`` (the
    values), and that ``capability`` is not spoken of with.
    """
    used = {at for start, end in spans for at in request.places(start, end)}
    known = vocabulary(capability)
    explained = {at for mention in request.mentions if mention.concept in known.concepts for at in mention.at}
    return any(
        at not in used
        and at not in explained
        and request.stems[at] not in known.stems | _FUNCTION
        and (request.weights[at] >= _COMMON or request.words[at].literal)
        for at in request.places(first, last)
    )


def tells(request: Analysis, at: int, capability: Capability) -> bool:
    """Whether word ``at`` tells something that ``capability`` is not spoken of with."""
    word = request.words[at]
    return word.text not in _ARTICLES and leftover(request, capability, (), word.start, word.end)


def _left_over(
    request: Analysis, slot: Slot, capability: Capability, used: Collection[int], first: int, last: int
) -> list[tuple[int, int]]:
    """The words from ``first`` to ``last`` that nothing else accounts for: neither values nor courtesy nor
    what the capability itself is spoken of with. Of several runs of them the one that weighs most is taken;
    a name counts more than words.
    """
    free = _unexplained(request, slot, capability, used)
    stretches = (
        _stretches(request, used, first, last) if is_content(slot) else [[at] for at in range(first, last)]
    )
    runs: list[list[int]] = []
    for stretch in stretches:
        telling = [at for at in stretch if at in free]
        if telling and not is_content(slot) and runs and runs[-1][-1] == telling[0] - 1:
            runs[-1] += telling
        elif telling:
            runs.append(telling)
    asides = frozenset() if is_content(slot) else asides_of(request)
    best = max(
        runs,
        key=lambda run: (
            sum(_telling(request, at) - _ASIDE * (at in asides) for at in run)
            + _ASIDE * (not is_content(slot) and _tells_which(request, run, capability))
        ),
        default=[],
    )
    if not best or sum(_telling(request, at) for at in best) < _LEAST_WEIGHT:
        return []
    if slot.name in NAME_SLOTS:
        best = [at for at in best if _is_name(request, at)] or best
    return [(request.words[best[0]].start, request.words[best[-1]].end)]


def _stands_alone(
    request: Analysis, span: tuple[int, int], asides: frozenset[int], capability: Capability
) -> bool:
    """Whether ``span`` says which thing is meant outside of what is only told: "delete the *wifi* note, the
    password has changed".
    """
    run = request.places(*span)
    return asides.isdisjoint(run) and _tells_which(request, run, capability)


def _tells_which(request: Analysis, run: Sequence[int], capability: Capability) -> bool:
    """Whether ``run`` stands before the word for the kind of thing: "tear up the *plumber* note"."""
    after = run[-1] + 1
    named = run[0] > 0 and request.words[run[0] - 1].text in _ARTICLES and after < len(request.words)
    return named and _is_kind(request.stems[after], capability)


def _stretches(request: Analysis, used: Collection[int], first: int, last: int) -> list[list[int]]:
    """The words from ``first`` to ``last`` between values and the signs that end a clause."""
    found: list[list[int]] = [[]]
    for at in range(first, last):
        if at > 0 and any(sign in gap_before(request, at) for sign in ".:;!?>"):
            found.append([])
        if at in used:
            found.append([])
        else:
            found[-1].append(at)
    return found


def _telling(request: Analysis, at: int) -> float:
    return request.weights[at] + (_NAME if _is_name(request, at) else 0.0)


def _is_name(request: Analysis, at: int) -> bool:
    return request.words[at].literal or not lexicon().common(request.forms[at])


def _unexplained(
    request: Analysis, slot: Slot, capability: Capability, used: Collection[int]
) -> frozenset[int]:
    known = vocabulary(capability)
    others = {stem(name) for name in capability.properties if name != slot.name}
    explained = {at for mention in request.mentions if mention.concept in known.concepts for at in mention.at}
    return frozenset(
        at
        for at, each in enumerate(request.stems)
        if at not in used
        and at not in explained
        and each not in known.stems | others | _FUNCTION
        and not (at - 1 in used and each in _UNITS)
        and (request.weights[at] >= _COMMON or request.words[at].literal)
    )


def _general(slot: Slot, content: bool) -> list[str]:
    cues = sorted(_CONTENT_CUES if content else _CUES)
    if slot.name in NAME_SLOTS:
        return [*NAMING, *(f"{cue} {{{slot.name}}}" for cue in cues)]
    return [f"{slot.name} is {{{slot.name}}}", *(f"{cue} {{{slot.name}}}" for cue in cues)]


def _places(
    request: Analysis,
    phrase: str,
    name: str,
    content: bool,
    used: Collection[int],
    others: Collection[str],
    tails: Collection[tuple[str, ...]],
) -> list[tuple[float, int, int]]:
    parts = _SLOT.split(phrase)
    if name not in parts[1::2]:
        return []
    at = 2 * parts[1::2].index(name) + 1
    lead = [stem(word.text) for word in words(parts[at - 1])]
    follow = [stem(word.text) for word in words(parts[at + 1])]
    if not lead and not follow:
        return []
    around = set(lead) | set(follow)
    support = sum(
        weight for each, weight in zip(request.stems, request.weights, strict=True) if each in around
    )
    if phrase in NAMING or phrase == f"{name} is {{{name}}}":
        support += NAMING_WEIGHT
        starts = after(request, lead)
    else:
        starts = after(request, lead[-1:])
    found = []
    for start in starts if lead else [0]:
        first = start
        if content and follow and list(request.stems[start : start + len(follow)]) == follow:
            first, follow = start + len(follow), []
        while first < len(request.stems) and first in used:
            first += 1
        last = _end(request, first, follow, content, used, others, tails)
        if last > first:
            found.append((support + (0.5 if lead else 0.0) + 0.01 * start, first, last))
    if lead and not starts and follow and not content:
        found += _before(request, follow[0], used, support)
    return found


def _after_colon(
    request: Analysis, capability: Capability, taken: Collection[tuple[int, int]]
) -> list[tuple[float, int, int]]:
    """The words after the first colon, when those before it only say what is to be done."""
    at = next((at for at in range(1, len(request.words)) if ":" in gap_before(request, at)), 0)
    lead = request.words[at - 1].end if at else 0
    if not at or leftover(request, capability, taken, 0, lead):
        return []
    return [(2 * NAMING_WEIGHT, at, len(request.words))]


def _onto_the_list(request: Analysis, capability: Capability) -> list[tuple[float, int, int]]:
    """The words after "add to my notes"."""
    match = re.search(
        rf"\b(?:add|put|write|append|save)\s+(?:on)?to\s+(?:my|the|our)\s+{re.escape(capability.module)}\b",
        request.sentence,
        re.IGNORECASE,
    )
    after = list(request.places(match.end(), len(request.sentence))) if match is not None else []
    return [(NAMING_WEIGHT, after[0], after[-1] + 1)] if after else []


def _before(
    request: Analysis, follow: str, used: Collection[int], support: float
) -> list[tuple[float, int, int]]:
    """The words up to ``follow``, where a phrase's own beginning is not said: "*blast* thunderstruck by
    …".
    """
    for at in range(2, len(request.stems)):
        if request.stems[at] == follow and at + 1 in used and not set(used) & set(range(at)):
            return [(support, 1, at)]
    return []


def _joins_a_last_word(request: Analysis, at: int) -> bool:
    """Whether an "and" has one more word of the same kind after it: "bread *and* butter"."""
    rest = request.words[at + 1 :]
    return (
        request.words[at].text == "and" and len(rest) == 1 and not demands(f"{rest[0].text} it", added=False)
    )


@lru_cache(maxsize=512)
def _tails(examples: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """What follows the last slot of each phrase, as stems without articles, when it is at least two words:
    "on the shopping list".
    """
    ends = (_told(stem(word.text) for word in words(_SLOT.split(phrase)[-1])) for phrase in examples)
    return frozenset(end for end in ends if len(end) > 1)


def _told(stems: Iterable[str]) -> tuple[str, ...]:
    return tuple(each for each in stems if each not in _ARTICLE_STEMS)


def _begins_tail(request: Analysis, at: int, tails: Collection[tuple[str, ...]]) -> bool:
    """Whether one of ``tails`` stands at word ``at``, whatever its article."""
    rest = _told(request.stems[at:])
    return request.stems[at] not in _ARTICLE_STEMS and any(rest[: len(tail)] == tail for tail in tails)


def _before_place(request: Analysis, first: int, place: int) -> int:
    """Where a text that starts at word ``first`` ends when it goes to ``place``: before "to the file"."""
    at = place - 1
    while at > first and request.words[at].text in _ARTICLES | _PLACE_WORDS:
        at -= 1
    return at if at > first and request.words[at].text in _INTO else place


def _end(
    request: Analysis,
    first: int,
    follow: Sequence[str],
    content: bool,
    used: Collection[int],
    others: Collection[str],
    tails: Collection[tuple[str, ...]],
) -> int:
    """The word after the last one of a value that starts at word ``first``; ``tails`` are ends of phrases."""
    if not content and first < len(request.words) and request.words[first].text.isdecimal():
        return first + 1
    for at in range(first, len(request.stems)):
        if at in used:
            return _before_place(request, first, at) if content else at
        if at > first and _begins_tail(request, at, tails):
            return at
        if at > first and follow and request.stems[at] == follow[0]:
            return at
        if content or at == first:
            continue
        gap = gap_before(request, at)
        ends = request.words[at].text in _REFERENCE_ENDS or request.stems[at] in others
        if ends and _joins_a_last_word(request, at):
            continue
        if ends or any(sign in gap for sign in ",;:.!?"):
            return at
    return len(request.stems)
