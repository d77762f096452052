"""One entry to all normalisers: what an argument takes, and the values of that kind in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Final

from ares.core import Capability, Effect, Json, Value
from ares.inference._lexicon import lexicon
from ares.inference._words import Word, alike, fold, stem, words
from ares.inference._world import World
from ares.inference.values._addresses import emails, ips, macs, urls
from ares.inference.values._dates import dates
from ares.inference.values._durations import SLIPS_OF_HALF, durations
from ares.inference.values._found import Found, scan
from ares.inference.values._live import candidates, live_values, of_kind
from ares.inference.values._names import Names, names_of
from ares.inference.values._numbers import count, numbered, numbers
from ares.inference.values._paths import KnownPaths, absolute, paths, quoted
from ares.inference.values._times import times
from ares.inference.values._zones import zones

_FORMATS: Final = {"uri": "url", "ipv4": "ip", "ipv6": "ip", "file": "path", "uri-reference": "url"}
_ARTICLE_NEXT: Final = re.compile(r"\s+(?:a|an|the|this|that|my|some)\s", re.IGNORECASE)
_HAS_BEEN: Final = re.compile(r"\b(?:was|were|did|since|ago|used|spent|happened|has been|history)\b")
_TO_COME: Final = re.compile(r"\b(?:until|till|to go|left|ahead|coming|next|due|plan\w*|forecast|will)\b")
_KILO: Final = re.compile(r"kilo(?:met|gram)|kilos?\b|\bk[mg]\b", re.IGNORECASE)
_NOTES: Final = re.compile(r"^(?:log|note|record|mark|enter|write|put|track|keep)\b", re.IGNORECASE)
_LOOKS_BACK: Final = re.compile(
    r"\b(?:did|was|were|had|has|have (?:i|we|you|they)|\w+'ve|went|wrote|ate|used|took|came|paid|payed|spent"
    r"|ran|gave|got|saw|since|ago|last)\b",
    re.IGNORECASE,
)
_TYPED: Final = frozenset({"path", "duration", "time", "date", "zone", "mac", "ip", "url", "email"})


@dataclass(frozen=True, slots=True)
class Slot:
    """One argument of a capability: ``kind`` is ``path``, ``number``, ``duration``, ``time``, ``date``,
    ``zone``, ``mac``, ``ip``, ``url``, ``email``, ``choice``, ``live`` (one of the values of ``source``) or
    ``text``; ``offers`` names values that are offered for it, beside which any other will do. A date without
    a year is one that has been if it is ``back``; with None the sentence tells. A number is measured in
    kilometres or kilograms if it is ``kilo``.
    """

    name: str
    kind: str
    required: bool
    source: str = ""
    choices: tuple[str, ...] = ()
    offers: str = ""
    minimum: float | None = None
    maximum: float | None = None
    back: bool | None = False
    kilo: bool = False

    def within(self, number: float) -> bool:
        """Whether a number is neither below the least nor above the greatest that is taken."""
        above = self.minimum is None or number >= self.minimum
        return above and (self.maximum is None or number <= self.maximum)


def slots(capability: Capability) -> tuple[Slot, ...]:
    """The arguments of ``capability``, in the order of its schema."""
    required = capability.required
    return tuple(
        replace(slot, back=_back(capability, slot.name)) if slot.kind == "date" else slot
        for name, schema in capability.properties.items()
        for slot in (_slot(name, schema, name in required),)
    )


def _back(capability: Capability, name: str) -> bool | None:
    """Whether dates for the argument ``name`` are days that have been: its description or that of
    ``capability`` speaks of what was. None when that is open, as when something is looked up.
    """
    told = f"{capability.properties[name].get('description', '')} {capability.description}"
    if name == "since" or _HAS_BEEN.search(told):
        return True
    open_ = capability.effect is Effect.READ or _NOTES.search(capability.description) is not None
    return None if open_ and not _TO_COME.search(f"{name} {told}") else False


def _slot(name: str, schema: Mapping[str, Json], required: bool) -> Slot:
    source = str(schema.get("x-values", ""))
    choices = schema.get("enum")
    shape = str(schema.get("format", ""))
    shape = _FORMATS.get(shape, shape)
    kind = "text"
    if isinstance(choices, (list, tuple)):
        return Slot(name, "choice", required, source, tuple(str(choice) for choice in choices))
    if schema.get("type") == "boolean":
        return Slot(name, "choice", required, source, ("true", "false"))
    if shape in _TYPED:
        kind = shape
    elif schema.get("type") in ("integer", "number"):
        kind = "number"
    elif source:
        kind = "live"
    lowest, highest = schema.get("minimum"), schema.get("maximum")
    return Slot(
        name,
        kind,
        required,
        source,
        offers=str(schema.get("x-offers", "")),
        minimum=lowest if isinstance(lowest, (int, float)) else None,
        maximum=highest if isinstance(highest, (int, float)) else None,
        kilo=_KILO.search(f"{name} {schema.get('description', '')}") is not None,
    )


# One sentence is looked at several times: for the shortlist, as a whole and part by part.
_REMEMBERED: Final = 64
_WHOLE: Final = 100
_OUT_OF: Final = re.compile(r"\s+(?:from|of|out of)\s+(?:an? |the |one )?")
_FRACTIONS: Final = {
    ("three", "quarters"): 75,
    ("two", "thirds"): 67,
    **{
        (one, part): share
        for one in ("a", "one")
        for part, share in (("third", 33), ("fifth", 20), ("tenth", 10))
    },
}
_PLAIN: Final[Mapping[str, Callable[[str], tuple[Found, ...]]]] = {
    kind: lru_cache(_REMEMBERED)(find)
    for kind, find in {
        "duration": durations,
        "time": times,
        "mac": macs,
        "ip": ips,
        "url": urls,
        "email": emails,
        "text": quoted,
    }.items()
}
_dates = lru_cache(_REMEMBERED)(dates)
_zones = lru_cache(_REMEMBERED)(zones)


class Normaliser:
    """Finds values in sentences spoken to ``world``. ``tools`` are the capabilities on offer: a path may be
    any file or place that one of them, or of the others of ``world``, knows of.
    """

    def __init__(self, world: World, tools: Sequence[Capability]) -> None:
        self._world = world
        self._slots = {tool.full_name: slots(tool) for tool in tools}
        self._names: dict[str, Names] = {}
        self._paths: dict[str, KnownPaths] = {}
        beside = (tool for tool in world.others if tool.full_name not in self._slots)
        self._all_slots = (
            *(slot for own in self._slots.values() for slot in own),
            *(slot for tool in beside for slot in slots(tool)),
        )
        self._path_sources = tuple(
            dict.fromkeys(slot.source for slot in self._all_slots if slot.kind == "path" and slot.source)
        )
        self._seen: dict[tuple[Slot, str], tuple[Found, ...]] = {}

    def slots(self, tool: Capability) -> tuple[Slot, ...]:
        """The arguments of one of the tools."""
        return self._slots[tool.full_name]

    @cached_property
    def live_slots(self) -> Mapping[str, Slot]:
        """One argument for each source of live values that are no paths, whether on offer or not."""
        return {slot.source: slot for slot in self._all_slots if slot.kind == "live"}

    def values(self, source: str) -> tuple[Value, ...]:
        """The live values of ``source`` at this moment."""
        return self.names(source).values

    def names(self, source: str) -> Names:
        """The names of the live values of ``source``; an empty source has none."""
        if source not in self._names:
            self._names[source] = names_of(tuple(self._world.values(source)) if source else ())
        return self._names[source]

    def known_paths(self, source: str = "") -> KnownPaths:
        """The files and places that are known to be there, those of ``source`` expected."""
        if source not in self._paths:
            others = [value for other in self._path_sources for value in self.values(other)]
            self._paths[source] = KnownPaths(self.values(source), others, self.resolved)
        return self._paths[source]

    def resolved(self, path: str) -> str:
        """The absolute path that ``path`` stands for."""
        return absolute(path, self._world.cwd, self._world.home)

    @cached_property
    def spoken_names(self) -> frozenset[str]:
        """The names of all live values, folded: words that are no slips."""
        sources = {source for slot in self._all_slots for source in (slot.source, slot.offers) if source}
        return frozenset(name.name for source in sources for name in self.names(source).all)

    def find(self, slot: Slot, sentence: str) -> tuple[Found, ...]:
        """Every value in ``sentence`` that ``slot`` may take, from left to right."""
        key = (replace(slot, name="", required=slot.required and slot.kind == "zone"), sentence)
        if key not in self._seen:
            self._seen[key] = self._find(slot, sentence)
        return self._seen[key]

    def _find(self, slot: Slot, sentence: str) -> tuple[Found, ...]:
        plain = _PLAIN.get(slot.kind)
        if plain is not None:
            return plain(sentence)
        if slot.kind == "date":
            told = _LOOKS_BACK.search(sentence) is not None if slot.back is None else slot.back
            return _dates(sentence, self._world.now.date(), told)
        if slot.kind == "zone":
            return _zones(sentence, self._world.zone if slot.required else "")
        if slot.kind == "path":
            return tuple(
                each
                for each in paths(sentence, self.known_paths(slot.source))
                if not self._of_another_module(each, sentence)
            )
        if slot.kind == "number":
            return self._numbers(slot, sentence)
        if slot.kind == "choice":
            return _chosen(slot.choices, sentence)
        return self._live(slot, sentence)

    def _of_another_module(self, found: Found, sentence: str) -> bool:
        """Whether a file is only meant by the word for what another module keeps ("note 12" is in no
        ``notes.txt``), or a folder by a verb ("*download* a game" goes into no ``Downloads``).
        """
        said = sentence[found.start : found.end]
        if found.how and said.islower() and _ARTICLE_NEXT.match(sentence, found.end):
            return fold(said) != fold(str(found.value).rpartition("/")[2])
        return bool(found.how) and "." in str(found.value) and stem(fold(said)) in self._kept_elsewhere

    def _of_another_kind(self, slot: Slot, before: str) -> bool:
        """Whether a number is said to be one of what another module keeps: "undelete *note* 2" is no file."""
        last = words(before)[-1:]
        module = stem(slot.source.partition(".")[0])
        return bool(last) and stem(last[0].text) in self._kept_elsewhere - {module}

    @cached_property
    def _kept_elsewhere(self) -> frozenset[str]:
        """The names of the modules that take no files."""
        modules: dict[str, bool] = {}
        for name, own in self._slots.items():
            module = stem(name.partition(".")[0])
            modules[module] = modules.get(module, False) or any(slot.kind == "path" for slot in own)
        return frozenset(module for module, takes in modules.items() if not takes)

    def _numbers(self, slot: Slot, sentence: str) -> tuple[Found, ...]:
        found = [
            each
            for each in numbers(sentence)
            for each in (_kilo(each, slot, sentence),)
            if isinstance(each.value, int | float) and slot.within(each.value)
        ]
        if slot.maximum == _WHOLE:
            parts = _fractions(sentence)
            found = [
                each for each in _of_a_hundred(found, sentence) if not any(_touch(each, of) for of in parts)
            ]
            found += parts
        found = self._not_of_times(found, sentence) or found
        if not found and slot.maximum == _WHOLE:
            found = [each for each in _shares(sentence) if slot.within(float(str(each.value)))]
        return tuple(found)

    def _not_of_times(self, found: Sequence[Found], sentence: str) -> list[Found]:
        """The numbers that are no part of a date, a time or a length of time."""
        today = self._world.now.date()
        times = [*_dates(sentence, today), *_PLAIN["time"](sentence), *_PLAIN["duration"](sentence)]
        return [each for each in found if not any(_touch(each, other) for other in times)]

    def _live(self, slot: Slot, sentence: str) -> tuple[Found, ...]:
        found = list(live_values(sentence, self.names(slot.source)))
        taken = {each.value for each in found}
        by_value = {value.value for value in self.values(slot.source)}
        for each in scan(count, sentence):
            number, said = str(each.value), sentence[each.start : each.end]
            # "one" alone is an article: "delete one of them".
            in_a_word = sentence[: each.start][-1:].isalnum()
            as_a_name = " " in said or numbered(sentence[: each.start], (stem(slot.source),))
            told = (said == number and not in_a_word) or as_a_name
            free = number not in taken and not any(_touch(each, other) for other in found)
            told = told and not self._of_another_kind(slot, sentence[: each.start])
            if told and free and number in by_value:
                how = "" if said == number else f"number {number}"
                found.append(Found(number, each.start, each.end, how, False))
        return tuple(sorted(found, key=lambda each: each.start))

    def offered(self, slot: Slot, sentence: str) -> tuple[Found, ...]:
        """The values offered for ``slot`` that ``sentence`` names."""
        return tuple(live_values(sentence, self.names(slot.offers))) if slot.offers else ()

    def read(self, slot: Slot, said: str) -> Found | None:
        """The one value that ``said`` means for ``slot``, as far as it means any; places count within
        ``said``.
        """
        found = self.find(slot, said)
        if len(found) == 1:
            return found[0]
        return _widest(found, said)

    def only_kind(self, slot: Slot, said: str) -> bool:
        """Whether ``said`` names files by their kind ("the pdf") rather than by name."""
        return slot.kind == "path" and bool(of_kind(said, self.names(slot.source)))

    def rivals(self, slot: Slot, said: str) -> tuple[str, ...]:
        """The live values between which ``said`` leaves the choice open."""
        if slot.kind == "path":
            return candidates(said, self.known_paths(slot.source).expected)
        return candidates(said, self.names(slot.source)) if slot.kind == "live" else ()

    def called(self, slot: Slot, value: str) -> str:
        """What the owner knows a live value by: what is number 1 of the trash rather than the number."""
        labels = {known.value: known.label for known in self.values(slot.source)}
        return labels.get(value) or value if value.isdecimal() else value


def _widest(found: Sequence[Found], said: str) -> Found | None:
    """The value that covers more than half of ``said`` when there are several."""
    if not found:
        return None
    widest = max(found, key=lambda each: (each.end - each.start, not each.how))
    return widest if 2 * (widest.end - widest.start) > len(said.strip()) else None


def _touch(one: Found, other: Found) -> bool:
    return one.start < other.end and other.start < one.end


def _kilo(found: Found, slot: Slot, sentence: str) -> Found:
    """``5k`` where kilometres or kilograms are due, and five thousand are too many: five of them."""
    assert isinstance(found.value, int | float)
    thousands = slot.kilo and sentence[found.start : found.end].lower().endswith("k")
    if not thousands or slot.within(found.value) or not slot.within(found.value / 1000):
        return found
    return replace(found, value=int(found.value / 1000), how=f"{int(found.value / 1000)} k")


def _of_a_hundred(found: Sequence[Found], sentence: str) -> list[Found]:
    """``found`` without a hundred of which the number before is a part: "thirty five *out of a hundred*"."""
    return [
        each
        for before, each in zip((None, *found), found, strict=False)
        if before is None
        or each.value != _WHOLE
        or not _OUT_OF.fullmatch(sentence[before.end : each.start].lower())
    ]


def _shares(sentence: str) -> tuple[Found, ...]:
    """Parts of a whole as percent: ``half as loud`` is 50, ``full volume`` is 100."""
    shares = dict.fromkeys(SLIPS_OF_HALF, 50) | {
        "half": 50,
        "quarter": 25,
        "full": 100,
        "maximum": 100,
        "max": 100,
        "fully": 100,
        "minimum": 0,
        "zero": 0,
    }
    return tuple(
        Found(shares[word.text], word.start, word.end, f"{shares[word.text]} %", False)
        for word in words(sentence)
        if word.text in shares
    )


def _fractions(sentence: str) -> list[Found]:
    """``a fifth`` as 20 percent, ``three quarters`` as 75."""
    return [
        Found(share, before.start, word.end, f"{share} %", False)
        for before, word in pairwise(words(sentence))
        if (share := _FRACTIONS.get((before.text, word.text))) is not None
    ]


_TRUTHS: Final = {
    "true": ("true", "on", "yes", "enabled", "enable", "active"),
    "false": ("false", "off", "no", "disabled", "disable", "inactive"),
}


def _truths(sentence: str) -> tuple[Found, ...]:
    """Words that stand for true or false where one of the two is expected."""
    return tuple(
        Found(value, word.start, word.end, "" if word.text == value else f"{word.text} is {value}", False)
        for word in words(sentence)
        for value, said in _TRUTHS.items()
        if word.text in said
    )


def _mistyped(choice: str, cut: Sequence[Word]) -> bool:
    """Whether ``cut`` is a choice of several words with slips in it: "newst first"."""
    said, meant = [word.text for word in cut], [part for part in re.split(r"[\W_]+", choice.lower()) if part]
    return len(meant) > 1 and all(
        one == other or alike(one, other) for one, other in zip(said, meant, strict=True)
    )


def _chosen(choices: Sequence[str], sentence: str) -> tuple[Found, ...]:
    """The choices that ``sentence`` names, or names by a word of the same meaning."""
    if set(choices) == set(_TRUTHS):
        return _truths(sentence)
    found: list[Found] = []
    counted = [each for each in numbers(sentence) if str(each.value) in choices]
    found += [Found(str(each.value), each.start, each.end) for each in counted]
    choices = [choice for choice in choices if choice not in {str(each.value) for each in counted}]
    cut = words(sentence)
    stems = tuple(stem(word.text) for word in cut)
    for choice in choices:
        parts = tuple(stem(part) for part in re.split(r"[\W_]+", choice.lower()) if part)
        for at in range(len(stems) - len(parts) + 1):
            if stems[at : at + len(parts)] == parts or _mistyped(choice, cut[at : at + len(parts)]):
                found.append(Found(choice, cut[at].start, cut[at + len(parts) - 1].end))
                break
        else:
            meant = next((at for at, word in enumerate(cut) if alike(word.text, choice.lower())), -1)
            if meant < 0:
                alike_ones = (at for at, each in enumerate(stems) if lexicon().share_group(each, parts[0]))
                meant = next(alike_ones, -1)
            if meant >= 0 and len(parts) == 1:
                word = cut[meant]
                found.append(Found(choice, word.start, word.end, f"{word.text} is {choice}", False))
    said = {each.start for each in found if not each.how}
    return tuple(each for each in found if not each.how or each.start not in said)
