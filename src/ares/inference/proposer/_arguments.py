"""The arguments of one call: what the command model copied, checked and mended by the normalisers; without a
model, what the normalisers and the example phrases find.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Final

from ares.core import Provenance, Source
from ares.inference._words import listed, stem, words
from ares.inference.command import Filled
from ares.inference.matching import vocabulary
from ares.inference.proposer._filling import (
    DETERMINERS,
    Asked,
    Filling,
    Given,
    any_will_do,
    given_as,
    inside_any,
    is_free,
    literal,
    one_told,
)
from ares.inference.proposer._folders import paths_said
from ares.inference.proposer._naming import NAME_SLOTS, called_span, is_named
from ares.inference.proposer._spans import is_content, text_spans, trimmed
from ares.inference.proposer._texts import give_choices, give_texts
from ares.inference.proposer._typed import fitted, out_of_bounds
from ares.inference.proposer._unknown import unknown_name
from ares.inference.proposer._vague import refers, vague
from ares.inference.values import Found, Normaliser, Slot, written_paths

_MOST_CANDIDATES: Final = 6
_NEVER: Final = -10.0
_TOWARDS: Final = ("to", "destination", "target")
_RENAMES: Final = frozenset(stem(word) for word in listed("rename call name"))
_PATH_KINDS: Final = frozenset(listed("file folder directory"))
_AWAY: Final = frozenset(listed("from of off"))
_ABSENT: Final = 3.0
_TOWARDS_CUES: Final = frozenset(stem(word) for word in listed("to into onto as for on in called named"))


def fill(asked: Asked, normaliser: Normaliser, *, left_over: bool = True) -> Filling:
    """The arguments that the request gives. With ``left_over``, free text that no phrase places is what
    nothing else accounts for.
    """
    own = normaliser.slots(asked.capability)
    given: dict[str, Given] = {}
    if asked.copied is not None:
        for slot in own:
            found = _from_model(slot, asked, normaliser, given)
            if found is not None:
                given[slot.name] = found
    _assign(asked, own, given, normaliser, left_over)
    _take_out_shared(own, given)
    unfit = _take_out_unfit(asked, own, given) | _unknown_places(asked, own, given)
    missing, unclear = [], {}
    for slot in own:
        if slot.name in unfit:
            missing.append(slot.name)
        elif slot.required and slot.name not in given:
            missing.append(slot.name)
            taken = {normaliser.resolved(str(each.value)) for each in given.values()}
            rivals = normaliser.rivals(slot, asked.request.sentence)
            if slot.kind == "path":
                rivals = tuple(rival for rival in rivals if normaliser.resolved(rival) not in taken)
            if 1 <= len(rivals) <= _MOST_CANDIDATES:
                unclear[slot.name] = tuple(normaliser.called(slot, rival) for rival in rivals)
    ordered = {slot.name: given[slot.name] for slot in own if slot.name in given}
    return Filling(ordered, tuple(missing), unclear, unfit)


def _take_out_shared(own: Sequence[Slot], given: dict[str, Given]) -> None:
    """Take a text out that lies in the words of a value of another kind: half an address is no name."""
    firm = [given[slot.name] for slot in own if slot.kind != "text" and slot.name in given]
    for slot in own:
        text = given.get(slot.name)
        if slot.kind == "text" and text is not None and inside_any(text, firm):
            del given[slot.name]


def _take_out_unfit(asked: Asked, own: Sequence[Slot], given: dict[str, Given]) -> dict[str, str]:
    """Bring every value into the type of its argument; take out those that do not fit, and say why."""
    unfit: dict[str, str] = {}
    for slot in own:
        schema = asked.capability.properties[slot.name]
        if slot.name in given:
            value, problem = fitted(schema, given[slot.name].value)
            given[slot.name] = replace(given[slot.name], value=value)
            if problem:
                unfit[slot.name] = problem
                del given[slot.name]
        elif slot.kind == "number":
            taken = [(each.start, each.end) for each in given.values()]
            beyond = out_of_bounds(slot, asked.capability, asked.request.sentence, taken)
            if beyond is not None:
                unfit[slot.name] = fitted(schema, beyond.value)[1]
    return {name: problem for name, problem in unfit.items() if problem}


def _unknown_places(asked: Asked, own: Sequence[Slot], given: Mapping[str, Given]) -> dict[str, str]:
    """Why optional places are not filled although a name stands where they are said: "the time in atlantis"
    is not the time here.
    """
    taken = [(each.start, each.end) for each in given.values()]
    unknown = {}
    for slot in own:
        if slot.required or slot.name in given or slot.kind not in ("zone", "path"):
            continue
        name = unknown_name(
            asked.request, asked.capability, _cues(asked.capability.examples, slot.name), taken
        )
        if name:
            unknown[slot.name] = f"is none that ARES knows: {name!r}"
    return unknown


def _from_model(slot: Slot, asked: Asked, normaliser: Normaliser, given: Mapping[str, Given]) -> Given | None:
    """What the model's span for ``slot`` comes to."""
    assert asked.copied is not None
    filled = asked.copied.get(slot.name)
    if filled is None:
        return None
    if filled.start < 0:
        return _choice(slot, filled.text, asked, normaliser)
    sentence = asked.request.sentence
    if slot.kind == "text":
        text = literal(slot, asked, filled.start, filled.end)
        return text if text is None or one_told(slot, asked, text) else None
    near = [
        found
        for found in _found(slot, asked, normaliser)
        if _overlap(found, filled) and not _used(found, given) and not _renamed_to(slot, found, asked)
    ]
    if near:
        return given_as(_closest(near, filled.start, filled.end), sentence, slot, normaliser)
    inner = normaliser.read(slot, sentence[filled.start : filled.end])
    if slot.kind == "path" and any(_overlap(found, filled) for found in normaliser.find(slot, sentence)):
        return None
    if inner is not None:
        start = filled.start + inner.start
        moved = Found(inner.value, start, start + inner.end - inner.start, inner.how, inner.firm)
        return given_as(moved, sentence, slot, normaliser)
    if slot.kind == "path":
        return _new_path(slot, asked, filled.start, filled.end, normaliser)
    if slot.kind == "live" and not normaliser.values(slot.source):
        return literal(slot, asked, filled.start, filled.end)
    return None


def _overlap(found: Found, filled: Filled) -> bool:
    return found.start < filled.end and filled.start < found.end


def _found(slot: Slot, asked: Asked, normaliser: Normaliser) -> tuple[Found, ...]:
    """Every value in the request that ``slot`` may take."""
    if slot.kind == "path":
        return paths_said(slot, asked.request, asked.capability, normaliser)
    return normaliser.find(slot, asked.request.sentence)


def _choice(slot: Slot, text: str, asked: Asked, normaliser: Normaliser) -> Given | None:
    """A choice counts when a word of the request stands for it; the model's word alone is not the owner's."""
    for found in normaliser.find(slot, asked.request.sentence):
        if found.value == text:
            return given_as(found, asked.request.sentence, slot, normaliser)
    return None


def _closest(found: Sequence[Found], start: int, end: int) -> Found:
    """The value that agrees best with the characters ``start:end``."""

    def agreement(each: Found) -> tuple[int, bool, int]:
        overlap = min(each.end, end) - max(each.start, start)
        return overlap, not each.how, -(each.end - each.start)

    return max(found, key=agreement)


def _new_path(slot: Slot, asked: Asked, start: int, end: int, normaliser: Normaliser) -> Given | None:
    """A path that is not there yet, or that nobody listed: one word, or words that are called its name."""
    sentence = asked.request.sentence
    start, end = trimmed(asked.request, start, end, slot, asked.capability)
    said = sentence[start:end]
    cut = words(said)
    while cut and cut[0].text in DETERMINERS:
        cut = cut[1:]
    if not cut or vague(said, asked.capability):
        return None
    start, end = cut[0].start + start, cut[-1].end + start
    said = sentence[start:end]
    unnamed = len(cut) > 1 or normaliser.only_kind(slot, said) or _not_there(slot, said, normaliser)
    if unnamed and slot.source and not _called(sentence, start):
        return None
    return Given(said, Provenance(Source.OWNER, said), start, end)


def _not_there(slot: Slot, said: str, normaliser: Normaliser) -> bool:
    """Whether a bare word is said for something that has to be there, and of all that is there is nothing."""
    return slot.name not in _TOWARDS and said.isalpha() and bool(normaliser.values(slot.source))


def _called(sentence: str, start: int) -> bool:
    before = words(sentence[:start])
    return bool(before) and before[-1].text in ("called", "named", "name", "as", "to")


def _used(found: Found, given: Mapping[str, Given]) -> bool:
    return any(found.start < each.end and each.start < found.end for each in given.values())


def _assign(
    asked: Asked, own: Sequence[Slot], given: dict[str, Given], normaliser: Normaliser, left_over: bool
) -> None:
    """Give the arguments that are still open the values of their kind that are left, and text its words."""
    _give_names(asked, own, given, normaliser)
    kinds = dict.fromkeys((slot.kind, slot.source if slot.kind == "live" else "") for slot in own)
    for kind in kinds:
        same = [slot for slot in own if (slot.kind, slot.source if slot.kind == "live" else "") == kind]
        wanting = [slot for slot in same if slot.name not in given]
        if not wanting or kind[0] == "text":
            continue
        for slot, found in _best_pairs(asked, wanting, given, normaliser).items():
            given[slot.name] = given_as(found, asked.request.sentence, slot, normaliser)
    if asked.copied is None and not asked.trained:
        give_choices(asked, own, given, normaliser)
        give_texts(asked, own, given, normaliser)
    # "by {artist}" tells where the artist stands; the title is what is left.
    for slot in sorted(own, key=lambda each: each.required):
        free = asked.trained and is_free(slot, normaliser)
        if free and slot.name not in given and asked.copied is None:
            text = _text(slot, asked, given, left_over)
            if text is not None:
                given[slot.name] = text
        if slot.kind == "path" and slot.required and slot.name not in given and asked.copied is None:
            path = _told_path(slot, asked, normaliser)
            if path is not None:
                given[slot.name] = path


def _give_names(asked: Asked, own: Sequence[Slot], given: dict[str, Given], normaliser: Normaliser) -> None:
    """A pattern or a bare file name goes to the one text argument that is required, before a path that is
    not takes it: "search downloads for setup.exe".
    """
    texts = [slot for slot in own if slot.kind == "text" and slot.required and slot.name not in given]
    paths = [slot for slot in own if slot.kind == "path"]
    if len(texts) != 1 or not paths or any(slot.required for slot in paths) or is_content(texts[0]):
        return
    for word in asked.request.words:
        bare = "*" in word.text or (word.literal and "." in word.text.rstrip(".") and "/" not in word.text)
        if bare and not any(each.start < word.end and word.start < each.end for each in given.values()):
            written = [each for each in normaliser.find(paths[0], asked.request.sentence) if not each.how]
            around = (each for each in written if each.start <= word.start and word.end <= each.end)
            start, end = next(((each.start, each.end) for each in around), (word.start, word.end))
            said = asked.request.sentence[start:end]
            given[texts[0].name] = Given(said, Provenance(Source.OWNER, said), start, end)
            return


def _best_pairs(
    asked: Asked, wanting: Sequence[Slot], given: Mapping[str, Given], normaliser: Normaliser
) -> dict[Slot, Found]:
    """The values that go to ``wanting`` slots of one kind, by the words before them and their order in the
    phrases.
    """
    fitting = {
        slot: [
            found
            for found in _found(slot, asked, normaliser)
            if not _used(found, given)
            and not _renamed_to(slot, found, asked)
            and _said_enough(wanting, found, asked)
            and not _elsewhere(slot, found, normaliser)
        ]
        for slot in wanting
    }
    free = list(dict.fromkeys(found for slot in wanting for found in fitting[slot]))[:_MOST_CANDIDATES]
    count = min(len(free), len(wanting))
    cues = {slot: _cues(asked.capability.examples, slot.name) for slot in wanting}
    best: tuple[float, dict[Slot, Found]] = (0.0, {})
    for chosen in permutations(wanting, count):
        for picked in permutations(free, count):
            pairs: dict[Slot, Found] = {}
            score = 0.0
            for slot, found in zip(chosen, picked, strict=True):
                agreement = _agreement(slot, found, asked, cues[slot])
                rival = _used_by(found, pairs.values()) or _same_path(slot, found, pairs, normaliser)
                if found in fitting[slot] and agreement > _NEVER and not rival:
                    pairs[slot] = found
                    score += 1.0 + agreement - (_not_there_yet(slot, found, normaliser) if count > 1 else 0.0)
            score += 0.5 * _in_order(asked.capability.examples, pairs)
            if score > best[0]:
                best = score, pairs
    return best[1]


def _elsewhere(slot: Slot, found: Found, normaliser: Normaliser) -> bool:
    """Whether a file that is there is none of those that an optional path is for: "find *report* in
    downloads" looks in no ``report.pdf``.
    """
    if slot.kind != "path" or slot.required or not slot.source:
        return False
    known = normaliser.known_paths(slot.source)
    return bool(found.how) and found.value in known.values and not known.expects(found.value)


def _renamed_to(slot: Slot, found: Found, asked: Asked) -> bool:
    """Whether a word that may mean a place is the new name that something gets: "rename it to *pictures*"."""
    renames = not _RENAMES.isdisjoint(asked.request.stems)
    return renames and slot.kind == "path" and slot.name in _TOWARDS and found.how.startswith("'")


def _not_there_yet(slot: Slot, found: Found, normaliser: Normaliser) -> float:
    """What speaks against a path for a ``slot`` that takes what is there: nothing of that name is."""
    if slot.kind != "path" or not (slot.required and slot.source) or slot.name in _TOWARDS:
        return 0.0
    known = normaliser.known_paths(slot.source)
    return 0.0 if found.value in known.values else _ABSENT


def _same_path(slot: Slot, found: Found, pairs: Mapping[Slot, Found], normaliser: Normaliser) -> bool:
    """Whether another argument is that path already: nothing is copied onto itself."""
    if slot.kind != "path":
        return False
    place = normaliser.resolved(str(found.value))
    return any(normaliser.resolved(str(other.value)) == place for other in pairs.values())


def _used_by(found: Found, others: Iterable[Found]) -> bool:
    return any(found.start < other.end and other.start < found.end for other in others)


def _counts_what_is_spoken_of(found: Found, asked: Asked) -> bool:
    """Whether the word after a number is one that the capability is spoken of with: "only one *star*"."""
    places = asked.request.places(found.start, found.end)
    after = asked.request.stems[places[-1] + 1 : places[-1] + 2] if places else ()
    return bool(after) and after[0] in vocabulary(asked.capability).stems


def _said_enough(wanting: Sequence[Slot], found: Found, asked: Asked) -> bool:
    """Optional arguments are given only by what can be nothing else; a lone ``one`` or ``a`` counts nothing;
    and what destroys needs more than a word such as ``here`` or ``home``.
    """
    if asked.capability.destructive and found.value in (".", "~") and found.how:
        return False
    if wanting[0].kind == "number":
        said = asked.request.sentence[found.start : found.end].lower()
        counted = said == "one" and not asked.trained and _counts_what_is_spoken_of(found, asked)
        if (said in ("one", "a", "an") and not counted) or asked.copied is not None:
            return False
    if any(slot.required for slot in wanting):
        return True
    if wanting[0].kind == "choice":
        return asked.copied is None
    if wanting[0].kind in ("path", "zone") and asked.copied is None:
        return True
    if wanting[0].kind == "date" and not asked.trained:
        return True
    return found.firm or (wanting[0].kind == "live" and not asked.trained and not found.how)


def _cues(phrases: Sequence[str], name: str) -> frozenset[str]:
    """The words that stand right before the slot ``name`` in ``phrases``."""
    found = set()
    for phrase in phrases:
        before, slot, _ = phrase.partition("{" + name + "}")
        last = words(before)[-1:] if slot else ()
        found |= {stem(word.text) for word in last if not word.text.endswith("}")}
    return frozenset(found)


def _agreement(slot: Slot, found: Found, asked: Asked, cues: frozenset[str]) -> float:
    here = found.how.startswith("here")
    if here and not slot.required:
        return _NEVER
    before = [
        word
        for word in words(asked.request.sentence[: found.start])
        if word.text not in DETERMINERS and word.text not in _PATH_KINDS
    ]
    cue = stem(before[-1].text) if before else ""
    arrow = asked.request.sentence[: found.start].rstrip().endswith((">", "→"))
    towards = slot.name in _TOWARDS
    if towards and cue in _AWAY and slot.kind == "path":
        return _NEVER
    score = (2.0 if cue in cues else 0.0) - (4.0 if here else 0.0)
    if towards and (arrow or cue in _TOWARDS_CUES):
        score += 1.5
    if slot.name in ("from", "source") and cue == "from":
        score += 1.5
    return (
        score + (1.0 if slot.required else 0.0) + (0.5 if found.firm else 0.0) - (0.25 if found.how else 0.0)
    )


def _in_order(phrases: Sequence[str], pairs: Mapping[Slot, Found]) -> float:
    """How many phrases name the slots in the order in which the values stand, less those that do not."""
    ordered = [slot.name for slot, _ in sorted(pairs.items(), key=lambda item: item[1].start)]
    agree = 0
    for phrase in phrases:
        places = [phrase.find("{" + name + "}") for name in ordered]
        if -1 not in places and len(places) > 1:
            agree += 1 if places == sorted(places) else -1
    return max(-1.0, min(1.0, float(agree)))


def _text(slot: Slot, asked: Asked, given: Mapping[str, Given], left_over: bool) -> Given | None:
    if asked.hit is not None and slot.name in asked.hit.slots:
        return literal(slot, asked, *asked.hit.slots[slot.name])
    if not slot.required and not _cued(slot, asked):
        return None
    taken = [(each.start, each.end) for each in given.values()]
    left_over = left_over and slot.required and not (any_will_do(asked) and not is_content(slot))
    for span in text_spans(asked.request, slot, asked.capability, taken, left_over=left_over):
        found = literal(slot, asked, *span)
        if found is not None and one_told(slot, asked, found):
            return found
    return None


def _cued(slot: Slot, asked: Asked) -> bool:
    """Whether the request has the word that stands before an optional ``slot`` in two phrases or more
    ("by").
    """
    if slot.name in NAME_SLOTS and is_named(asked.request):
        return True
    before = [_last_word(phrase, slot.name) for phrase in asked.capability.examples]
    return any(cue and cue in asked.request.stems and before.count(cue) > 1 for cue in before)


def _last_word(phrase: str, name: str) -> str:
    lead, slot, _ = phrase.partition("{" + name + "}")
    last = words(lead)[-1:] if slot else ()
    return stem(last[0].text) if last and last[0].text not in DETERMINERS else ""


def _told_path(slot: Slot, asked: Asked, normaliser: Normaliser) -> Given | None:
    """Without a model: the words that fill a path's place in an example phrase."""
    if written_paths(asked.request.sentence):
        return None
    span = asked.hit.slots.get(slot.name) if asked.hit is not None else called_span(asked.request)
    if span is None:
        return None
    return _new_path(slot, asked, *span, normaliser)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A value of an earlier part. ``named``: it is what was acted on, not where it was put."""

    slot: Slot
    given: Given
    named: bool


def earlier_values(filling: Filling, own: Sequence[Slot], normaliser: Normaliser) -> list[Earlier]:
    """The values of one part that a later one may refer to."""
    first = next((slot.name for slot in own if slot.kind == "path"), "")
    found = []
    for slot in own:
        if slot.name in filling.given:
            value = str(filling.given[slot.name].value)
            known = value in normaliser.known_paths(slot.source).values
            named = slot.kind != "path" or slot.name == first or not (known or "/" in value)
            found.append(Earlier(slot, filling.given[slot.name], named))
    return found


def referred(
    slot: Slot, sentence: str, earlier: Sequence[Earlier], given: Collection[Given] = ()
) -> Given | None:
    """The value of an earlier part that ``sentence`` means by ``it``, ``there`` or by leaving ``slot`` out:
    the last one of its kind that is not among those ``given`` already. An optional argument needs such a
    word.
    """
    if slot.kind in ("text", "number", "choice") or not (slot.required or _points_back(slot, sentence)):
        return None
    for before in reversed(earlier):
        said, value, source = before.given.provenance.said, before.given.value, before.given.provenance.source
        how = f"from before: {said or value}"
        alike = before.slot.kind == slot.kind and (slot.kind == "path" or before.slot.source == slot.source)
        # "add it as forge and wake it": a name that was given is one to act on.
        alike = alike or (
            slot.kind == "live" and before.slot.kind == "text" and before.slot.name == slot.name
        )
        if before.named and alike and all(value != each.value for each in given):
            return Given(value, Provenance(source, said, how))
        if slot.kind == "path" and before.slot.kind == "live" and written_paths(said):
            return Given(said, Provenance(Source.OWNER, said, how))
    return None


def _points_back(slot: Slot, sentence: str) -> bool:
    return "there" in sentence.lower().split() if slot.kind == "zone" else refers(sentence)
