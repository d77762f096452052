"""Reading a sentence as several requests.

A sentence is cut at everything that may join two requests, and each piece, or several pieces together, is
taken for one of: a request with all its arguments, a request that lacks one, an aside that asks for nothing,
or words that ask for something that nobody understands. Of all ways to do so the cheapest is taken. What
lacks something or is not understood is asked about, and nothing is done: no part of a sentence is ever
dropped.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from ares.core import Capability
from ares.inference._words import stem, words
from ares.inference.matching import vocabulary
from ares.inference.proposer._arguments import earlier_values, referred
from ares.inference.proposer._choice import probable_enough
from ares.inference.proposer._clauses import Part, calls_back, demands, fragment, states, tells, wishes
from ares.inference.proposer._filling import Filling
from ares.inference.proposer._mood import asks, is_deed
from ares.inference.proposer._signals import Scene
from ares.inference.proposer._spans import is_content, leftover, names_kind, says_something
from ares.inference.proposer._vague import acts_on_it, refers
from ares.inference.values import Normaliser

_BAR: Final = 0.7
_STRONG_BAR: Final = 0.4
_OWN_VALUE_BAR: Final = 0.25
_SHORTEST_LISTED: Final = 2
_LONGEST_VALUE: Final = 3
_RUN_ON_BAR: Final = 0.9
_UNTRAINED: Final = 0.5
_POINTS_BACK: Final = re.compile(r"\b(?:that|this|there)\b", re.IGNORECASE)
_COUNTED: Final = re.compile(r"\w+ (?:number )?#?\d+", re.IGNORECASE)
_SO: Final = re.compile(r"(?:,|\band)\s+so\s+(?:please\s+)?$", re.IGNORECASE)
_DENIALS: Final = frozenset({"don't", "dont", "do", "never", "not"})
# What a piece costs; a request costs the negative logarithm of its probability, less what a cut is worth.
_CUT_WORTH: Final = 1.0
_JOINED_WORTH: Final = 1.1  # rather one request in several parts than as many requests
_ASIDE: Final = 0.5
_LACKING: Final = 4.0
_UNKNOWN: Final = 6.0


@dataclass(frozen=True, slots=True)
class Read:
    """One request: what it was taken for, how probably, and with what; ``none`` is how probable it is that
    nothing fits.
    """

    text: str
    scene: Scene
    capability: Capability
    probability: float
    none: float
    filling: Filling

    @property
    def complete(self) -> bool:
        """Whether no required argument is missing."""
        return not self.filling.missing

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from another request."""
        own = {
            name: schema["default"]
            for name, schema in self.capability.properties.items()
            if "default" in schema
        }
        return self.capability.full_name, repr(sorted((own | self.filling.arguments).items()))


class Take(Enum):
    """What a piece of a sentence is taken for."""

    REQUEST = auto()
    LACKING = auto()
    ASIDE = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """One or several parts of a sentence, what they are taken for, and what that costs."""

    text: str
    take: Take
    cost: float
    rank: float = 0.0
    read: Read | None = None


@dataclass(frozen=True, slots=True)
class Several:
    """The pieces of a sentence in the order in which they are to be done."""

    pieces: tuple[Piece, ...]

    def taken(self, *takes: Take) -> list[Piece]:
        """The pieces that are taken for one of ``takes``."""
        return [piece for piece in self.pieces if piece.take in takes]


class Splitter:
    """Reads ``sentence``, cut into ``cut``. ``request`` reads a text as one request, ``refill`` as one
    for the same as an earlier request.
    """

    def __init__(
        self,
        sentence: str,
        cut: Sequence[Part],
        normaliser: Normaliser,
        request: Callable[[str], Read],
        refill: Callable[[str, Read], Read],
    ) -> None:
        self._sentence = sentence
        self._cut = cut
        self._normaliser = normaliser
        self._request = request
        self._refill = refill
        self._known: dict[str, Read] = {}
        self._best: tuple[float, tuple[Piece, ...]] = math.inf, ()

    def read(self) -> Several:
        """The cheapest way to read the sentence."""
        self._best = math.inf, ()
        self._go_on(0, 0.0, ())
        return Several(tuple(sorted(self._best[1], key=lambda piece: piece.rank)))

    def _go_on(self, at: int, cost: float, before: tuple[Piece, ...]) -> None:
        """Read the parts from number ``at`` on in all ways that may still be cheaper than the best."""
        if at == len(self._cut):
            if cost < self._best[0]:
                self._best = cost, before
            return
        for end in range(at + 1, len(self._cut) + 1):
            hoped = -_JOINED_WORTH * (len(self._cut) - at)
            if cost + hoped >= self._best[0]:
                return
            piece = self._piece(self._cut[at:end], before)
            self._go_on(end, cost + piece.cost, (*before, piece))

    def _piece(self, own: Sequence[Part], before: Sequence[Piece]) -> Piece:
        text = self._sentence[own[0].start : own[-1].end] if len(own) > 1 else own[0].text
        rank = own[0].rank
        if len(own) == 1 and len(self._cut) > 1 and calls_back(text):
            return Piece(text, Take.ASIDE, 0.0, rank)
        if all(tells(part.text) or not says_something(part.text) for part in own):
            return Piece(text, Take.ASIDE, _ASIDE * sum(tells(part.text) for part in own), rank)
        if all(map(self._only_sets_the_scene, own)):
            return Piece(text, Take.ASIDE, _ASIDE * len(own), rank)
        same = self._same_again(own, text, before)
        if same is not None:
            return Piece(text, Take.REQUEST, -_CUT_WORTH, rank, same)
        read = self._completed(self._single(text), before)
        stray = self._stray(own, read)
        if self._is_request(own[0], read, before):
            worth = _CUT_WORTH + _JOINED_WORTH * self._joined(own, read)
            cost = -math.log(read.probability) - worth + stray
            return Piece(text, Take.REQUEST, cost, rank, read)
        if len(own) == 1 and self._leads_up(own[0]):
            return Piece(text, Take.ASIDE, _ASIDE, rank)
        if len(own) == 1 and not demands(text, added=self._added(own[0])):
            if own[0].added and not self._only_tells(own[0]):
                return Piece(text, Take.UNKNOWN, _UNKNOWN, rank)
            return Piece(text, Take.ASIDE, _ASIDE, rank)
        if self._lacks(read):
            return Piece(text, Take.LACKING, _LACKING + stray, rank, read)
        return Piece(text, Take.UNKNOWN, _UNKNOWN * len(own), rank)

    def _only_sets_the_scene(self, part: Part) -> bool:
        """Whether a part only says how things are, beside one that asks for something: "*somebody eats all my
        memory*, which programs are it". What would change something is looked at closer.
        """
        if is_deed(self._single(part.text).capability):
            return False
        others = [each for each in self._cut if each is not part]
        asked = any(asks(each.text) or demands(each.text, added=False) for each in others)
        says = (states(part.text) or tells(part.text)) and not wishes(part.text) and not asks(part.text)
        return asked and says

    def _joined(self, own: Sequence[Part], read: Read) -> int:
        """How many more parts than one say something of the same request: "ps, top 5 by memory". As many
        requests of their own would be worth no more.
        """
        if len(own) == 1 or any(part.strong for part in own[1:]):
            return 0
        begin = own[0].start
        spans = [(first + begin, last + begin) for first, last in _spans(read)]
        return max(0, sum(self._says_of(part, read, spans) for part in own) - 1)

    def _says_of(self, part: Part, read: Read, spans: Sequence[tuple[int, int]]) -> bool:
        """Whether all that ``part`` names by itself is among ``spans``, the values of ``read``, and it is
        either read as the same request or only adds to it.
        """
        if tells(part.text) or calls_back(part.text):
            return False
        alone = self._single(part.text)
        named = [(first + part.start, last + part.start) for first, last in _spans(alone)]
        if not set(named) <= set(spans):
            return False
        if alone.capability is read.capability:
            return alone.none < alone.probability
        gives = any(first < part.end and part.start < last for first, last in spans)
        goes_on = not part.added and _POINTS_BACK.search(part.text) and not is_deed(read.capability)
        return gives and (bool(goes_on) or not demands(part.text, added=self._added(part)))

    def _single(self, text: str) -> Read:
        if text not in self._known:
            self._known[text] = self._request(text)
        return self._known[text]

    def _is_request(self, first: Part, read: Read, before: Sequence[Piece]) -> bool:
        if first.listed and len(read.text.split()) < _SHORTEST_LISTED and not _surely_asks(read):
            return False
        if first.run_on and not (read.probability >= _RUN_ON_BAR and self._ended(before)):
            return False
        if before and before[-1].take is Take.UNKNOWN and (fragment(read.text) or " " not in read.text):
            return False
        if read.probability < self._bar(first, read) or read.none > read.probability or not read.complete:
            return False
        if is_deed(read.capability) and not self._orders(first, read):
            return False
        if is_deed(read.capability) and self._merely_names(read, before):
            return False
        trained = read.scene.trained(read.capability)
        if not probable_enough(read.capability, read.probability, trained):
            return False
        if not trained and not self._has_own(read) and not self._speaks_of(read):
            return False
        points_at_nothing = bool(_reads(before)) and acts_on_it(read.text) and not _refers_back(read)
        return not points_at_nothing

    def _speaks_of(self, read: Read) -> bool:
        """Whether a part of a sentence has a telling word that its capability is spoken of with: "give me the
        rundown" alone has none, of whatever list.
        """
        if len(read.text) == len(self._sentence):
            return True
        request, known = read.scene.request, vocabulary(read.capability)
        related = {at for each in request.mentions if each.concept in known.concepts for at in each.at}
        told = {at for at, each in enumerate(request.stems) if each in known.stems}
        return any(request.weights[at] > 0 for at in related | told)

    def _merely_names(self, read: Read, before: Sequence[Piece]) -> bool:
        """Whether a part after a request is only a name, which is no change of another kind: "buy milk and
        *bread*" strikes no bread off the list.
        """
        first = words(read.text)[:1]
        other = any(each.capability is not read.capability for each in _reads(before))
        if not other or not first or len(read.text.split()) > _LONGEST_VALUE or asks(read.text):
            return False
        spoken = stem(first[0].text) in vocabulary(read.capability).stems or first[0].text in _DENIALS
        return not spoken and not demands(read.text, added=False)

    def _orders(self, first: Part, read: Read) -> bool:
        """Whether a part names what to change, or says so with a verb: "the whole pile" does neither. Words
        that may be the text of a capability that nobody was trained on name nothing: any words may.
        """
        trained = read.scene.trained(read.capability)
        told = states(read.text) or (not trained and self._only_tells(first))
        wished = not told or wishes(read.text)
        free = {slot.name for slot in self._normaliser.slots(read.capability) if slot.kind == "text"}
        given = read.filling.given.items()
        if wished and any(each.start >= 0 and (trained or name not in free) for name, each in given):
            return True
        return demands(read.text, added=self._added(first)) and not asks(read.text)

    def _ended(self, before: Sequence[Piece]) -> bool:
        """Whether the piece before is a request that does not end with words to be kept as they are."""
        read = before[-1].read if before and before[-1].take is Take.REQUEST else None
        if read is None:
            return False
        content = {slot.name for slot in self._normaliser.slots(read.capability) if is_content(slot)}
        return content.isdisjoint(read.filling.given)

    def _bar(self, first: Part, read: Read) -> float:
        """How probable a part must be to count as a request of its own."""
        # Nothing is as sure of a capability that nobody was trained on.
        trained = read.scene.trained(read.capability)
        share = 1.0 if trained or not demands(read.text) else _UNTRAINED
        if self._has_own(read):
            return share * _OWN_VALUE_BAR
        return share * (_STRONG_BAR if first.strong or demands(read.text) else _BAR)

    def _lacks(self, read: Read) -> bool:
        """Whether a part is a request, but one that lacks an argument."""
        return read.probability >= _STRONG_BAR and read.none < read.probability and not read.complete

    def _has_own(self, read: Read) -> bool:
        """Whether a part acts on a file or a live value of its own: it is then hardly a mere aside."""
        kinds = {slot.name: slot.kind for slot in self._normaliser.slots(read.capability)}
        return any(
            kinds[name] in ("path", "live") and given.start >= 0 for name, given in read.filling.given.items()
        )

    def _stray(self, own: Sequence[Part], read: Read) -> float:
        """What it costs to read several parts as one request: parts that give it nothing are an aside, or
        not understood.
        """
        return 0.0 if len(own) == 1 else sum(self._stray_part(part, own[0].start, read) for part in own)

    def _stray_part(self, part: Part, begin: int, read: Read) -> float:
        if part.run_on:
            return 0.0
        first, last = part.start - begin, part.end - begin
        giving = [name for name, each in read.filling.given.items() if each.start < last and first < each.end]
        added = self._added(part)
        if giving and calls_back(part.text):
            return _ASIDE
        if giving:
            swallowed = part.start > begin and self._swallowed(part, giving, read)
            return _LACKING + _CUT_WORTH if swallowed else 0.0
        if added and self._names_something(part.text, read.capability):
            return _UNKNOWN
        if demands(part.text, added=added) and not self._supports(part, read, added):
            return _UNKNOWN
        if self._leads_up(part):
            return _ASIDE
        spoken = leftover(read.scene.request, read.capability, _spans(read), first, last)
        if spoken and part.added and not self._only_tells(part):
            return _UNKNOWN
        return _ASIDE if spoken else 0.0

    def _swallowed(self, part: Part, giving: Sequence[str], read: Read) -> bool:
        """Whether a part is no request of its own only because it stands in a text that names something:
        "delete the note about milk and *copy the report*".
        """
        slots = {slot.name: slot for slot in self._normaliser.slots(read.capability)}
        naming = all(slots[name].kind == "text" and not is_content(slots[name]) for name in giving)
        alone = self._single(part.text)
        sure = alone.probability >= _BAR and alone.none < alone.probability
        return (naming or part.strong) and sure and demands(part.text)

    def _names_something(self, text: str, capability: Capability) -> bool:
        """Whether ``text`` names a file or another live value that ``capability`` might take."""
        return any(
            self._normaliser.find(slot, text)
            for slot in self._normaliser.slots(capability)
            if slot.kind in ("path", "live")
        )

    def _added(self, part: Part) -> bool:
        """Whether a part is joined to the one before it, or the first one to the second, by an "and"."""
        return part.added or (part is self._cut[0] and self._cut[1].added)

    def _only_tells(self, part: Part) -> bool:
        """Whether a part says how things are, or goes on with one that does: "it is dark and *the cat*"."""
        if tells(part.text) or states(part.text):
            return True
        before = self._cut[: self._cut.index(part)]
        goes_on = part.added and not demands(part.text, added=False)
        return bool(before) and goes_on and self._only_tells(before[-1])

    def _leads_up(self, part: Part) -> bool:
        """Whether a part belongs to what is told before the order that follows from it: "the kids did their
        homework *and are begging for it*, so start the server".
        """
        first, at = self._cut[0], self._cut.index(part)
        if not (tells(first.text) or states(first.text)) or asks(first.text):
            return False
        return any(
            demands(after.text) and _SO.search(self._sentence[: after.start]) is not None
            for after in self._cut[at + 1 :]
        )

    def _supports(self, part: Part, read: Read, added: bool) -> bool:
        """Whether a part that gives a request no value still speaks of it: it would be read as the same, or
        it goes on about it after a pause ("it is on the shelf, fetch it").
        """
        alone = self._single(part.text)
        if alone.capability is read.capability and alone.none < alone.probability:
            return True
        return not added and (refers(part.text) or alone.none < alone.probability)

    def _same_again(self, own: Sequence[Part], text: str, before: Sequence[Piece]) -> Read | None:
        """The request before once more, with what this part names instead: "wake the nas and *then the
        laptop*", "rename a to b and *c to d*".
        """
        earlier = _reads(before)
        short = len(text.split()) <= _LONGEST_VALUE
        if not earlier or not (short or fragment(text)):
            return None
        read = self._refill(text, earlier[-1])
        part = fragment(text) or _counts_kind(read)
        spans = _spans(read)
        named = any(self._names(read, name) for name in read.filling.given)
        if not read.complete or not named or read.key == earlier[-1].key:
            return None
        guessed = any(given.provenance.how for given in read.filling.given.values())
        if not part and (guessed or not _covered(text, spans)):
            return None
        return None if leftover(read.scene.request, read.capability, spans, 0, len(text)) else read

    def _names(self, read: Read, name: str) -> bool:
        """Whether the value of argument ``name`` was named, not concluded from a word that may mean it."""
        given = read.filling.given[name]
        slot = next(each for each in self._normaliser.slots(read.capability) if each.name == name)
        return given.start >= 0 and not (slot.kind == "choice" and given.provenance.how)

    def _completed(self, read: Read, before: Sequence[Piece]) -> Read:
        """``read`` with what it leaves out or says ``it`` for, if an earlier part named it; what names
        something else that is not found means nothing from before.
        """
        earlier = [
            value
            for other in _reads(before)
            for value in earlier_values(
                other.filling, self._normaliser.slots(other.capability), self._normaliser
            )
        ]
        given = dict(read.filling.given)
        names_other = not refers(read.text) and leftover(
            read.scene.request, read.capability, _spans(read), 0, len(read.text)
        )
        for slot in self._normaliser.slots(read.capability):
            if slot.name in given or names_other:
                continue
            meant = referred(slot, read.text, earlier, given.values())
            if meant is not None:
                given[slot.name] = meant
        missing = tuple(name for name in read.filling.missing if name not in given)
        ordered = {name: given[name] for name in read.capability.properties if name in given}
        return replace(read, filling=replace(read.filling, given=ordered, missing=missing))


def _reads(pieces: Sequence[Piece]) -> list[Read]:
    return [piece.read for piece in pieces if piece.read is not None and piece.take is Take.REQUEST]


def _covered(text: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether every word of ``text`` is in one of ``spans``."""
    return all(any(first < word.end and word.start < last for first, last in spans) for word in words(text))


def _spans(read: Read) -> list[tuple[int, int]]:
    return [(given.start, given.end) for given in read.filling.given.values() if given.start >= 0]


def _counts_kind(read: Read) -> bool:
    """Whether a part is a word for the kind of thing and a number: "*note 2*" after "delete note 1"."""
    counted = _COUNTED.fullmatch(read.text) is not None
    return counted and names_kind(read.scene.request, read.capability)


def _surely_asks(read: Read) -> bool:
    """Whether one word of a list, such as "memory", is beyond doubt a request that changes nothing."""
    return not is_deed(read.capability) and read.probability >= _RUN_ON_BAR and not read.filling.given


def _refers_back(read: Read) -> bool:
    return any(given.start < 0 for given in read.filling.given.values())
