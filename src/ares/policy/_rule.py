"""One rule and when it matches."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ares.core import Answer, Capability, Effect, Json, Origin
from ares.errors import PolicyError
from ares.patterns import LONGEST_TEXT
from ares.policy._question import Place, Question

TESTS: Final = ("equals", "one_of", "pattern", "absent")


@dataclass(frozen=True, slots=True)
class ArgumentTest:
    """A condition on one argument.

    ``equals`` and ``one_of`` compare with ``values`` by JSON value, ``pattern`` must match the whole text,
    ``absent`` holds when the argument is not given. The first three do not hold for a missing argument.
    """

    name: str
    kind: str
    values: tuple[Json, ...] = ()
    pattern: re.Pattern[str] | None = None

    def holds(self, arguments: Mapping[str, Json]) -> bool:
        """Whether the condition holds. Raises :class:`PolicyError` when it cannot be judged."""
        given = self.name in arguments
        if self.kind == "absent" or not given:
            return self.kind == "absent" and not given
        value = arguments[self.name]
        if self.pattern is None:
            return any(same(value, wanted) for wanted in self.values)
        if not isinstance(value, str):
            raise PolicyError(f"its pattern for {self.name!r} is for text, and this value is not text")
        if len(value) > LONGEST_TEXT:
            raise PolicyError(f"its pattern for {self.name!r} is for text of up to {LONGEST_TEXT} characters")
        return self.pattern.fullmatch(value) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule. Every condition that is given must hold for it to match; an empty one always holds.

    ``capability``: full names or ``module.*``; ``other_than``: the same, none of which it may be.
    ``every_place`` holds when all places lie in one of these, ``some_place`` when at least one does; each is
    a word of ``INSIDE`` or an absolute folder. A link lies both where it is and where it leads. What is acted
    on with everything below it also lies, for a rule that denies or asks, in every folder that it holds.
    ``locked``: no later file may drop the rule. ``where`` is ``file:line``.
    """

    id: str
    answer: Answer
    reason: str
    capability: tuple[str, ...] = ()
    other_than: tuple[str, ...] = ()
    effect: tuple[Effect, ...] = ()
    origin: tuple[Origin, ...] = ()
    arguments: tuple[ArgumentTest, ...] = ()
    every_place: tuple[str, ...] = ()
    some_place: tuple[str, ...] = ()
    tainted: bool | None = None
    interactive: bool | None = None
    locked: bool = False
    where: str = ""

    def matches(self, question: Question) -> bool:
        """Whether every condition holds. Raises :class:`PolicyError` when one cannot be judged."""
        return (
            self.is_about(question.capability)
            and (not self.origin or question.origin in self.origin)
            and (self.tainted is None or self.tainted == bool(question.tainted))
            and (self.interactive is None or self.interactive == question.interactive)
            and (not self.every_place or self._lie(question, self.every_place, all))
            and (not self.some_place or self._lie(question, self.some_place, any))
            and (not self.arguments or self._arguments_hold(question))
        )

    def is_about(self, capability: Capability) -> bool:
        """Whether the conditions on the capability itself hold: its name and its effect."""
        full_name, module = capability.full_name, capability.module
        return (
            (not self.capability or _named(full_name, module, self.capability))
            and not _named(full_name, module, self.other_than)
            and (not self.effect or capability.effect in self.effect)
        )

    def held(self, question: Question) -> tuple[str, str] | None:
        """Return a path that is acted on with all below it and the folder of the rule below it, if any."""
        if self.answer is Answer.ALLOW:
            return None
        for wanted in (self.every_place, self.some_place):
            for place in question.paths if wanted else ():
                if folder := _held(question, place, wanted):
                    return place.resolved, folder
        return None

    def _lie(
        self, question: Question, wanted: Sequence[str], enough: Callable[[Iterable[bool]], bool]
    ) -> bool:
        """Whether ``enough`` (all or any) of the places lie in one of ``wanted``."""
        return enough(
            place.inside in wanted
            or enough(_in_a_folder(spot, wanted) for spot in _spots(question, place))
            or (self.answer is not Answer.ALLOW and _held(question, place, wanted) != "")
            for place in question.paths
        )

    def _arguments_hold(self, question: Question) -> bool:
        capability = question.capability
        if capability.full_name in self.capability:
            for test in self.arguments:
                # A misspelt argument would make a deny rule silently never match.
                if test.name not in capability.properties:
                    raise PolicyError(
                        f"it names the argument {test.name!r}, which {capability.full_name} does not have"
                    )
        return all(test.holds(question.arguments) for test in self.arguments)


def _named(full_name: str, module: str, names: tuple[str, ...]) -> bool:
    return full_name in names or f"{module}.*" in names


def _held(question: Question, place: Place, wanted: Sequence[str]) -> str:
    """Return the first folder of ``wanted`` that ``place`` holds, when all below the place is acted on."""
    for spot in _spots(question, place):
        for folder in wanted:
            below = folder.startswith("/") and _at_or_below(folder, spot) and not _at_or_below(spot, folder)
            if below and place.argument in question.capability.whole:
                return folder
    return ""


def _spots(question: Question, place: Place) -> tuple[str, ...]:
    """Return where a place really lies: the target of a link and the link itself, which may be acted on."""
    named = question.arguments.get(place.argument)
    if isinstance(named, str) and named.startswith("/"):
        return (place.resolved, named)
    return (place.resolved,)


def _in_a_folder(path: str, wanted: Sequence[str]) -> bool:
    return any(each.startswith("/") and _at_or_below(path, each) for each in wanted)


def _at_or_below(path: str, folder: str) -> bool:
    top = folder.rstrip("/")
    return path == (top or "/") or path.startswith(top + "/")


def same(one: Json, other: Json) -> bool:
    """Whether two JSON values are equal. Numbers compare by value; true and 1 differ."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return one == other
