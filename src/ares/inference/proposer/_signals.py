"""What speaks for each capability in a request, as the numbers that the choice weighs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ares.core import Capability
from ares.inference._lexicon import lexicon
from ares.inference._words import words
from ares.inference.extraction import extractor, see
from ares.inference.matching import (
    NO_CAPABILITY,
    Analysis,
    Hit,
    Match,
    Matcher,
    habits,
    request_features,
    vocabulary,
    whole_hit,
)
from ares.inference.proposer._already import against
from ares.inference.proposer._clauses import order
from ares.inference.proposer._filling import is_free
from ares.inference.proposer._meant import meant
from ares.inference.proposer._mood import asks, is_deed
from ares.inference.values import Found, Normaliser, Slot

# Kinds of which a value tells what is wanted: whoever says a MAC address wants something done with one.
_TELLING: Final = frozenset({"mac", "ip", "time", "date", "duration", "zone", "path", "url", "email", "live"})
_LARGEST_NUMBER_OF_VALUES: Final = 3
_NEW_NAME: Final = re.compile(r"\w+(?:[-_]\w+)+")


@dataclass(frozen=True, slots=True)
class Signals:
    """One capability before a request. ``hit`` is set when the request is one of its example phrases as a
    whole.

    ``features`` are, in this order, those of `FEATURES`. ``against`` is what is taken from its score since
    the request says that things are already as it would make them.
    """

    capability: Capability
    match: Match
    hit: Hit | None
    features: tuple[float, ...]
    against: float = 0.0

    @property
    def misplaced(self) -> bool:
        """Whether the request names a file or folder that is there but not where this expects one."""
        return self.features[FEATURES.index("misplaced")] > 0

    @property
    def trained(self) -> bool:
        """Whether the habits were trained on it."""
        return not self.features[FEATURES.index("unknown")]


FEATURES: Final = (
    "phrase",
    "about",
    "cover",
    "hit",
    "explained",
    "unexplained",
    "lacking",
    "changes",
    "text",
    "habit",
    "unknown",
    "asked",
    "misplaced",
    "verb",
    "meant",
    "meant_unknown",
    "untold",
)
"""``phrase``, ``about``, ``cover``: as in `Match`; ``hit``: the request is an example phrase as a whole;
``explained``, ``unexplained``: values in the request that the capability takes, or does not; ``lacking``:
required arguments of which the request has no value; ``changes``: it changes something; ``text``: it wants
free text; ``habit``: the logarithm of its probability by how people are used to say things, ``unknown``: that
knows nothing of it; ``asked``: it changes something and the request is a question for facts; ``misplaced``:
known files or folders in the request that it does not expect, as reading a file does no folder; ``verb``: the
request is an order by a verb that it is not spoken of with; ``meant``:
the logarithm of its probability by the meaning of the words, ``meant_unknown``: that again where habits know
nothing; ``untold``: where habits know nothing, how probable it is that the request has no words for a free
text that it needs.
"""

LOWEST: Final = -6.0
"""Logarithms of probabilities below this tell nothing more."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A request, read once for all capabilities on offer: best match first. ``habit_none`` is the logarithm
    of the probability of none, by habits.
    """

    request: Analysis
    signals: tuple[Signals, ...]
    habit_none: float

    def example(self, capability: Capability) -> str:
        """The example phrase of ``capability`` that fits the request best."""
        return next((each.match.example for each in self.signals if each.capability is capability), "")

    def trained(self, capability: Capability) -> bool:
        """Whether the habits, and so the command model, were trained on ``capability``."""
        return any(each.capability is capability and each.trained for each in self.signals)


def look(sentence: str, matcher: Matcher, tools: Sequence[Capability], normaliser: Normaliser) -> Scene:
    """Read ``sentence`` for the ``tools`` that ``matcher`` knows."""
    request = matcher.analyse(sentence, normaliser.spoken_names)
    found = _values(sentence, tools, normaliser)
    taken = {tool.full_name: _words_taken(normaliser.slots(tool), request, found) for tool in tools}
    matches = matcher.match(request, taken)
    said = habits().log_probabilities(request_features(request, _marked(found)))
    likely = meant(request, _marked(_told(found, request), sources=False), tools, normaliser)
    told = dict(zip((tool.full_name for tool in tools), likely.each, strict=True))
    signals = tuple(_signals(match, request, found, normaliser, said, told) for match in matches)
    return Scene(request, signals, max(LOWEST, said[NO_CAPABILITY]))


def _marked(found: Values, *, sources: bool = True) -> dict[str, list[tuple[int, int]]]:
    """The places of values by their kind, or else by where they are listed: those that can be nothing else,
    and known names.
    """
    marked: dict[str, list[tuple[int, int]]] = {}
    for (kind, source), values in found.items():
        places = [(each.start, each.end) for each in values if each.firm or kind == "path" or source]
        if places:
            marked.setdefault((source if sources else "") or kind, []).extend(places)
    return marked


def _told(found: Values, request: Analysis) -> Values:
    """``found`` without those of which an ordinary word says a part: *paper* is no toilet paper."""

    def ordinary(each: Found) -> bool:
        places = request.places(each.start, each.end)
        return bool(each.how) and len(places) == 1 and lexicon().common(request.words[places[0]].text)

    return {
        key: [each for each in values if key[0] != "live" or not ordinary(each)]
        for key, values in found.items()
    }


Values = Mapping[tuple[str, str], Sequence[Found]]
"""The values in a request by kind and source, none inside a longer one of another kind."""


def _key(slot: Slot) -> tuple[str, str]:
    return slot.kind, slot.source if slot.kind == "live" else ""


def _values(sentence: str, tools: Sequence[Capability], normaliser: Normaliser) -> Values:
    by_key: dict[tuple[str, str], Slot] = {}
    for tool in tools:
        for slot in normaliser.slots(tool):
            if slot.kind in _TELLING:
                by_key.setdefault(_key(slot), slot)
    found = {key: normaliser.find(slot, sentence) for key, slot in by_key.items()}
    firm = [each for key in found for each in found[key] if each.firm]
    return {
        key: [each for each in values if not any(_inside(each, other) for other in firm)]
        for key, values in found.items()
    }


def _inside(inner: Found, outer: Found) -> bool:
    longer = outer.end - outer.start > inner.end - inner.start
    return longer and outer.start <= inner.start and inner.end <= outer.end


def _words_taken(own: Sequence[Slot], request: Analysis, found: Values) -> frozenset[int]:
    taken: set[int] = set()
    for slot in own:
        for each in found.get(_key(slot), ()):
            taken.update(request.places(each.start, each.end))
    return frozenset(taken)


def _signals(
    match: Match,
    request: Analysis,
    found: Values,
    normaliser: Normaliser,
    said: Mapping[str, float],
    told: Mapping[str, float],
) -> Signals:
    tool = match.capability
    own = normaliser.slots(tool)
    unknown = tool.full_name not in said
    keys = {_key(slot) for slot in own}
    spans = {(each.start, each.end) for key in keys for each in found.get(key, ()) if each.firm}
    if unknown:
        spans |= _named_choices(own, normaliser, request.sentence)
    others = {
        (each.start, each.end)
        for key, values in found.items()
        if key not in keys
        for each in values
        if each.firm and (each.start, each.end) not in spans
    }
    takes_text = any(slot.kind == "text" for slot in own)
    hit = _hit(match, request, own, normaliser)
    likely = max(LOWEST, told[tool.full_name])
    features = (
        match.phrase,
        match.about,
        match.cover,
        float(hit is not None),
        min(len(spans), _LARGEST_NUMBER_OF_VALUES),
        0.0 if takes_text else min(len(others), _LARGEST_NUMBER_OF_VALUES),
        _lacking(own, found, normaliser, request.sentence),
        float(is_deed(tool)),
        float(any(slot.kind == "text" and slot.required for slot in own)),
        max(LOWEST, said.get(tool.full_name, 0.0)),
        float(unknown),
        float(is_deed(tool) and asks(request.sentence)),
        _misplaced(tool, own, found, normaliser),
        float(_other_verb(request, tool)),
        likely,
        likely if unknown else 0.0,
        _untold(request, tool, own, found) if unknown and hit is None else 0.0,
    )
    named = tuple((each.start, each.end) for key in keys if key[0] == "live" for each in found.get(key, ()))
    return Signals(tool, match, hit, features, 0.0 if hit else against(tool, request.sentence, named))


def _other_verb(request: Analysis, tool: Capability) -> bool:
    """Whether the request begins with a verb that neither the words of ``tool`` nor their groups have."""
    begin = order(request.sentence)
    at = next((at for at, word in enumerate(request.words) if word.start == begin), -1)
    if at < 0:
        return False
    known = vocabulary(tool)
    grouped = any(at in mention.at and mention.concept in known.concepts for mention in request.mentions)
    return not grouped and request.stems[at] not in known.stems


def _lacking(own: Sequence[Slot], found: Values, normaliser: Normaliser, sentence: str) -> float:
    """How many required arguments find no value; those of one kind need one each."""
    lacking = 0
    used: dict[tuple[str, str], int] = {}
    for slot in own:
        if not slot.required or is_free(slot, normaliser):
            continue
        key = _key(slot)
        values = found[key] if key in found else normaliser.find(slot, sentence)
        used[key] = used.get(key, 0) + 1
        lacking += len(values) < used[key]
    return float(lacking)


def _named_choices(own: Sequence[Slot], normaliser: Normaliser, sentence: str) -> set[tuple[int, int]]:
    """Where choices stand that hardly anything else is called: "MLA", but not "memory"."""
    return {
        (each.start, each.end)
        for slot in own
        if slot.kind == "choice"
        for each in normaliser.find(slot, sentence)
        if not each.how and not lexicon().common(sentence[each.start : each.end].lower())
    }


def _untold(request: Analysis, tool: Capability, own: Sequence[Slot], found: Values) -> float:
    """How probable it is that the request has no words for a free text that ``tool`` needs."""
    texts = [slot for slot in own if slot.kind == "text" and slot.required]
    if not texts:
        return 0.0
    taken = _words_taken(own, request, found)
    return max(extractor().find(see(request, tool, slot.name, taken)).none for slot in texts)


def _misplaced(tool: Capability, own: Sequence[Slot], found: Values, normaliser: Normaliser) -> float:
    """How many known paths none of the slots for paths expects; what shows a file expects no folder."""
    expecting = [normaliser.known_paths(slot.source) for slot in own if slot.kind == "path" and slot.source]
    if not expecting:
        return 0.0
    said = words(" ".join(str(tool.properties[slot.name].get("description", "")) for slot in own))
    shows_file = not tool.changes and {"file", "folder"}.intersection(word.text for word in said) == {"file"}
    named = found.get(("path", ""), ())
    files = [each for each in named if not any(known.is_folder(each.value) for known in expecting)]
    misplaced = {
        each.value
        for each in named
        if all(each.value in known.values and not known.expects(each.value) for known in expecting)
        or (shows_file and not files and any(known.is_folder(each.value) for known in expecting))
    }
    return float(min(len(misplaced), _LARGEST_NUMBER_OF_VALUES))


def _hit(match: Match, request: Analysis, own: Sequence[Slot], normaliser: Normaliser) -> Hit | None:
    by_name = {slot.name: slot for slot in own}

    def accepts(name: str, start: int, end: int) -> bool:
        slot = by_name.get(name)
        if slot is None or is_free(slot, normaliser):
            return slot is not None
        said = request.sentence[start:end]
        new = slot.kind == "path" and _NEW_NAME.fullmatch(said) is not None
        return new or normaliser.read(slot, said) is not None

    hits = (whole_hit(phrase, request, accepts) for phrase in match.capability.examples)
    return max((hit for hit in hits if hit is not None), key=lambda hit: hit.told, default=None)
