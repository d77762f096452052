"""Live values that modules offer (files, hosts, notes …), found in what was said by name, part of a name or
slip.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ares.inference._lexicon import KIND_MARK, lexicon
from ares.inference._words import Word, alike, fold, stem
from ares.inference.values._found import Found
from ares.inference.values._names import PART, Named, Names, kinds
from ares.inference.values._numbers import UNITS

_EDGE: Final = r"[\w~/*-]"
_LONGEST_JOIN: Final = 4
_SHORTEST_JOIN: Final = 6
_MOST_HITS: Final = 50
_ARTICLES: Final = frozenset({"a", "i"})
# "nas3" and "nas-2" are not the machine that is called "nas", nor is "invoice-april" invoice-march.pdf.
_GOES_ON: Final = re.compile(r"\d|[-_]\w")
_HAS_BEGUN: Final = re.compile(r"\w[-_]$")
# How sure each way of being said is.
_LITERAL, _SPELLED, _SLIP, _SCATTERED, _PARTIAL, _MEANT = 1.0, 0.95, 0.85, 0.8, 0.5, 0.4
# Words for a kind of thing: as a part of a name they do not tell which one is meant.
_KINDS: Final = frozenset(
    {"file", "folder", "directory", "document", "machine", "computer", "current", "new", "old"}
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A live value that was said at ``start:end``, and how sure that is (0 to 1)."""

    value: str
    start: int
    end: int
    score: float
    core: int


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence, cut once for all names: its parts, and where one or several of them joined stand;
    ``unknown`` are those that are no words of the language.
    """

    folded: str
    cut: tuple[Word, ...]
    joined: Mapping[str, tuple[int, int]]
    stems: Mapping[str, tuple[int, int]]
    unknown: tuple[tuple[str, tuple[int, int]], ...]
    kinds: Mapping[str, tuple[int, ...]]


@lru_cache(maxsize=256)
def _heard(sentence: str) -> _Said:
    folded = fold(sentence)
    cut = tuple(Word(match[0], match.start(), match.end()) for match in PART.finditer(folded))
    joined: dict[str, tuple[int, int]] = {}
    for at in range(len(cut)):
        text = ""
        for index in range(at, min(at + _LONGEST_JOIN, len(cut))):
            text += cut[index].text
            if index == at or len(text) >= _SHORTEST_JOIN:
                joined.setdefault(text, (at, index))
    stems = {stem(word.text): (at, at) for at, word in reversed(list(enumerate(cut)))}
    unknown = tuple((text, place) for text, place in joined.items() if not _ordinary(text))
    mentions = lexicon().mentions(tuple(stem(word.text) for word in cut))
    marked = {mention.concept: mention.at for mention in mentions if mention.concept.startswith(KIND_MARK)}
    return _Said(folded, cut, joined, stems, unknown, marked)


def hits(sentence: str, names: Names) -> tuple[Hit, ...]:
    """Every value of ``names`` that ``sentence`` may speak of, surest first; at most `_MOST_HITS`."""
    said = _heard(sentence)
    near = names.near(said.stems, said.joined, (text for text, _ in said.unknown), said.kinds)
    found = [hit for each in near for hit in (_find(each, said, names.shared),) if hit is not None]
    return tuple(sorted(found, key=_surest)[:_MOST_HITS])


def _surest(hit: Hit) -> tuple[float, int, int, int]:
    return -hit.score, -hit.core, -(hit.end - hit.start), hit.start


def live_values(sentence: str, names: Names, spelled_out: Names | None = None) -> tuple[Found, ...]:
    """The values of ``names`` that ``sentence`` names, in the order they are named. Where two would fit the
    same words equally well, neither is found. Those ``spelled_out`` count only when their whole name is said.
    """
    chosen: list[Hit] = []
    strict = [hit for hit in hits(sentence, spelled_out or Names()) if hit.score >= _SPELLED]
    found = sorted((*hits(sentence, names), *strict), key=_surest)
    for hit in found:
        rivals = [other for other in found if other.value != hit.value and _overlap(other, hit)]
        if any(_beats(rival, hit) for rival in rivals):
            continue
        if any(other.value == hit.value or _overlap(other, hit) for other in chosen):
            continue
        chosen.append(hit)
    return tuple(_as_found(hit, sentence) for hit in sorted(chosen, key=lambda hit: hit.start))


def candidates(said: str, names: Names) -> tuple[str, ...]:
    """The values that ``said`` may mean when it does not single one out."""
    found = hits(said, names)
    if not found:
        return of_kind(said, names)
    return tuple(dict.fromkeys(hit.value for hit in found if hit.score >= found[0].score - 0.05))


def of_kind(said: str, names: Names) -> tuple[str, ...]:
    """The files whose extension ``said`` names, or names a kind for: ``the md file``, ``a spreadsheet``."""
    heard = _heard(said)
    return tuple(
        name.value
        for name in names.all
        if name.extension and (name.extension in heard.stems or kinds((name.extension,)) & heard.kinds.keys())
    )


def _overlap(one: Hit, other: Hit) -> bool:
    return one.start < other.end and other.start < one.end


def _beats(rival: Hit, hit: Hit) -> bool:
    """Whether ``rival`` takes the words from ``hit``, or makes them ambiguous."""
    return (rival.score, rival.core) >= (hit.score, hit.core)


def _as_found(hit: Hit, sentence: str) -> Found:
    said = sentence[hit.start : hit.end]
    literal = hit.score == _LITERAL and fold(said) == fold(hit.value)
    how = "" if literal else f"{said!r} is {hit.value}"
    firm = hit.score >= _SLIP and not lexicon().common(fold(said))
    return Found(hit.value, hit.start, hit.end, how, firm)


def _find(name: Named, said: _Said, shared: frozenset[str]) -> Hit | None:
    if name.name in said.folded:
        literal = re.search(rf"(?<!{_EDGE})(?<!\w\.){re.escape(name.name)}(?!{_EDGE})(?!\.\w)", said.folded)
        if literal is not None:
            return Hit(name.value, literal.start(), literal.end(), _LITERAL, len(name.core))
    if not name.core or "".join(name.core) in _ARTICLES:
        return None
    found = _joined(name, said) or _scattered(name, said, shared) or _meant(name, said)
    if found is None or _GOES_ON.match(said.folded, found.end):
        return None
    return None if _HAS_BEGUN.search(said.folded[: found.start]) else found


def _hit(name: Named, cut: Sequence[Word], places: Sequence[int], score: float) -> Hit:
    first, last = min(places), max(places)
    parts = name.extension.split(".") if name.extension else []
    following = last + 1
    if following < len(cut) and cut[following].text == "dot":
        following += 1
    if parts and "".join(word.text for word in cut[following : following + len(parts)]) == "".join(parts):
        last = following + len(parts) - 1
        score = min(_SPELLED, score + 0.1)
    return Hit(name.value, cut[first].start, cut[last].end, score, len(name.core))


def _joined(name: Named, said: _Said) -> Hit | None:
    """``media server`` for ``mediaserver``, ``old logs`` for ``old-logs``; then the same with one slip."""
    whole = "".join(name.core)
    place = said.joined.get(whole)
    if place is None and len(name.core) == 1:
        place = said.stems.get(stem(whole))
    if place is not None:
        return _hit(name, said.cut, place, _SPELLED - (0.05 if name.extension else 0))
    if len(whole) < 4:
        return None
    for text, place in said.unknown:
        if text[0] in whole[:2] and alike(text, whole):
            return _hit(name, said.cut, place, _SLIP)
    return None


def _ordinary(word: str) -> bool:
    return lexicon().common(word) or word in UNITS


def _scattered(name: Named, said: _Said, shared: frozenset[str]) -> Hit | None:
    """``the march invoice`` for ``invoice-march.pdf``; ``the invoice`` when no other name has that part."""
    cut = said.cut
    places: dict[str, int] = {}
    for part in name.core:
        place = said.stems.get(stem(part))
        if place is None and len(part) > 3:
            place = next((at for text, at in said.unknown if text[0] in part[:2] and alike(text, part)), None)
        if place is not None and place[0] not in places.values():
            places[part] = place[0]
    if not places or max(places.values()) - min(places.values()) > len(name.core) + 2:
        return None
    if len(places) == len(name.core):
        return _hit(name, cut, tuple(places.values()), _SCATTERED)
    telling = [
        part
        for part in places
        if stem(part) not in shared and part not in _KINDS and len(part) > 2 and part.isalpha()
    ]
    # "report" tells report-old.pdf from the others, "old" does not: an adjective alone is no name.
    if not telling or lexicon().weight(stem(telling[0])) < 3.5:
        return None
    return _hit(name, cut, [places[part] for part in telling], _PARTIAL)


def _meant(name: Named, said: _Said) -> Hit | None:
    """``the raspberry`` for ``pi``: what the thesaurus says a well-known name is."""
    last = fold(name.value).rpartition("/")[2]
    if last.endswith("s") and all(map(lexicon().common, (last, last[:-1]))):
        return None  # "the pdfs" are in Documents, and are not the folder
    meant = name.kinds & said.kinds.keys()
    return _hit(name, said.cut, said.kinds[min(meant)], _MEANT) if meant else None
