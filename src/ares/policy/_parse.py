"""Rules out of the plain data of a policy file, checked down to the last key."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Final, NoReturn, Protocol, TypeVar

from ares.core import Answer, Capability, Effect, Json, Origin, canonical
from ares.errors import PolicyError
from ares.patterns import compile_pattern
from ares.policy._question import INSIDE, Place, Question
from ares.policy._rule import TESTS, ArgumentTest, Rule

_E = TypeVar("_E", bound=StrEnum)
_FILE: Final = ("rules", "drop")
_RULE: Final = ("id", "answer", "reason", "when", "match", "not_match", "locked")
_WHEN: Final = (
    "capability",
    "other_than",
    "effect",
    "origin",
    "arguments",
    "every_place",
    "some_place",
    "tainted",
    "interactive",
)
_EXAMPLE: Final = ("capability", "effect", "origin", "arguments", "places", "tainted", "interactive")
_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_CAPABILITY: Final = re.compile(r"[A-Za-z0-9_-]+\.([A-Za-z0-9_.-]+|\*)")


class LineOf(Protocol):
    """Gives the line (from 1) on which the member at a path of the data stands."""

    def __call__(self, *path: str | int) -> int: ...


def _no_lines(*path: str | int) -> int:
    return 1


def parse_rules(
    data: object, where: str, line_of: LineOf = _no_lines, *, onto: Sequence[Rule] | None = None
) -> tuple[Rule, ...]:
    """Return the rules in ``data``, the content of a policy file named ``where``.

    With ``onto``, the rules of the files before it, return those and the new ones together, less what the
    file's ``drop`` list names; only with it are ids compared across files. Raises :class:`PolicyError`, and
    nothing else, with ``where:line`` and what is wrong: an unknown key, an impossible value, an id used
    twice, a locked rule dropped, an allow rule without examples, an example that does not hold.
    """
    file = _Node(data, where, line_of, ())
    if data is None:
        return tuple(onto or ())
    file.keys(_FILE, "a policy file")
    kept = _dropped(file, onto)
    taken = {rule.id for rule in kept}
    rules: list[Rule] = []
    for node in file.items("rules"):
        rule = _rule(node)
        if rule.id in taken:
            node.at("id").fail(f"the id {rule.id!r} is used twice; every rule needs its own")
        taken.add(rule.id)
        rules.append(rule)
    return (*kept, *rules)


def _dropped(file: _Node, onto: Sequence[Rule] | None) -> tuple[Rule, ...]:
    names: set[str] = set()
    known = {rule.id: rule for rule in onto or ()}
    for node in file.items("drop"):
        name = node.text("the id of a rule")
        if onto is not None and name not in known:
            node.fail(f"there is no rule {name!r} in the files before this one")
        if name in known and known[name].locked:
            node.fail(f"rule {name!r} is locked ({known[name].where}) and cannot be dropped")
        names.add(name)
    return tuple(rule for rule in onto or () if rule.id not in names)


class _Node:
    """One member of the data, which knows where it stands and refuses what it is not."""

    def __init__(self, value: object, where: str, line_of: LineOf, path: tuple[str | int, ...]) -> None:
        self.value = value
        self._where = where
        self._line_of = line_of
        self._path = path

    @property
    def place(self) -> str:
        return f"{self._where}:{self._line_of(*self._path)}"

    def fail(self, message: str) -> NoReturn:
        raise PolicyError(f"{self.place}: {message}")

    def keys(self, known: Sequence[str], what: str) -> Mapping[str, object]:
        """Check that this is a mapping with known keys only."""
        if not isinstance(self.value, Mapping):
            self.fail(f"{what} is written as `key: value` lines, not as {_kind(self.value)}")
        for key in self.value:
            if key not in known:
                self.at(key).fail(f"{what} has no key {_shown(key)}; known: {', '.join(known)}")
        return self.value

    def at(self, key: str | int) -> _Node:
        value = self.value
        inner: object = None
        if isinstance(value, Mapping):
            inner = value.get(key)
        elif isinstance(value, (list, tuple)) and isinstance(key, int):
            inner = value[key]
        return _Node(inner, self._where, self._line_of, (*self._path, key))

    def items(self, key: str) -> list[_Node]:
        """The members of the list under ``key``; none when it is absent or empty."""
        node = self.at(key)
        if node.value is None:
            return []
        if not isinstance(node.value, (list, tuple)):
            node.fail(f"{key} takes a list, not {_kind(node.value)}")
        return [node.at(index) for index in range(len(node.value))]

    def words(self, key: str) -> list[_Node]:
        """Like :meth:`items`, where a single word stands for a list of one; an empty list is refused."""
        node = self.at(key)
        if isinstance(node.value, str):
            return [node]
        found = self.items(key)
        if not found and isinstance(self.value, Mapping) and key in self.value:
            node.fail(f"{key} is empty, which would match anything; give a value or leave the key out")
        return found

    def text(self, what: str) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            self.fail(f"{what} is text, not {_kind(self.value)}")
        return self.value

    def truth(self, key: str) -> bool | None:
        node = self.at(key)
        if node.value is not None and not isinstance(node.value, bool):
            node.fail(f"{key} takes true or false, not {_kind(node.value)}")
        return node.value

    def one_of(self, kind: type[_E]) -> _E:
        choices = ", ".join(kind)
        if not isinstance(self.value, str) or self.value not in list(kind):
            self.fail(f"{_shown(self.value)} is not one of {choices}")
        return kind(self.value)

    def json(self) -> Json:
        try:
            canonical(self.value)  # type: ignore[arg-type]
        except (TypeError, ValueError, RecursionError):
            self.fail("this value is not plain JSON; put dates and the like in quotes")
        return self.value  # type: ignore[return-value]


def _kind(value: object) -> str:
    kinds = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return "nothing" if value is None else kinds.get(type(value), "a mapping")


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str) and len(value) <= 80 else _kind(value)


def _rule(node: _Node) -> Rule:
    node.keys(_RULE, "a rule")
    name = node.at("id").text("the id of a rule")
    if not _ID.fullmatch(name) or name.startswith("ares."):
        node.at("id").fail(
            f"{_shown(name)} is no id: small letters, digits and ._- (not starting with ares.)"
        )
    answer = node.at("answer").one_of(Answer)
    when = node.at("when")
    if when.value is None:
        when.value = {}
    when.keys(_WHEN, "when")
    rule = Rule(
        id=name,
        answer=answer,
        reason=node.at("reason").text("the reason of a rule"),
        capability=_capabilities(when, "capability"),
        other_than=_capabilities(when, "other_than"),
        effect=tuple(each.one_of(Effect) for each in when.words("effect")),
        origin=tuple(each.one_of(Origin) for each in when.words("origin")),
        arguments=_argument_tests(when.at("arguments")),
        every_place=_places(when, "every_place"),
        some_place=_places(when, "some_place"),
        tainted=when.truth("tainted"),
        interactive=when.truth("interactive"),
        locked=node.truth("locked") or False,
        where=node.place,
    )
    _check_examples(node, rule)
    return rule


def _capabilities(when: _Node, key: str) -> tuple[str, ...]:
    names = []
    for node in when.words(key):
        name = node.text("the name of a capability")
        if not _CAPABILITY.fullmatch(name):
            node.fail(f"{_shown(name)} is no capability; write module.name, or module.* for all of a module")
        names.append(name)
    return tuple(names)


def _places(when: _Node, key: str) -> tuple[str, ...]:
    places = []
    for node in when.words(key):
        place = node.text("a place")
        if place not in INSIDE and not _plain_folder(place):
            node.fail(f"{_shown(place)} is no place: one of {', '.join(INSIDE)}, or an absolute folder")
        places.append(place)
    return tuple(places)


def _plain_folder(path: str) -> bool:
    parts = path.split("/")
    return path.startswith("/") and not any(part in (".", "..") for part in parts) and "//" not in path


def _argument_tests(node: _Node) -> tuple[ArgumentTest, ...]:
    if node.value is None:
        return ()
    if not isinstance(node.value, Mapping) or not node.value:
        node.fail("arguments is written as `name: {equals: value}` lines")
    return tuple(_argument_test(node.at(name), name) for name in node.value)


def _argument_test(node: _Node, name: object) -> ArgumentTest:
    if not isinstance(name, str):
        node.fail(f"the name of an argument is text, not {_kind(name)}")
    given = node.keys(TESTS, f"the condition on {_shown(name)}")
    if len(given) != 1:
        node.fail(f"the condition on {_shown(name)} is one of {', '.join(TESTS)}")
    kind = next(iter(given))
    value = node.at(kind)
    return _TEST_PARSERS[kind](name, value)


def _equals(name: str, value: _Node) -> ArgumentTest:
    return ArgumentTest(name, "equals", (value.json(),))


def _one_of(name: str, value: _Node) -> ArgumentTest:
    wanted = value.json()
    if not isinstance(wanted, (list, tuple)) or not wanted:
        value.fail("one_of takes a list of values")
    return ArgumentTest(name, "one_of", tuple(wanted))


def _pattern(name: str, value: _Node) -> ArgumentTest:
    try:
        return ArgumentTest(name, "pattern", pattern=compile_pattern(value.text("a pattern")))
    except ValueError as error:
        value.fail(str(error))


def _absent(name: str, value: _Node) -> ArgumentTest:
    if value.value is not True:
        value.fail("absent takes true; leave the condition out otherwise")
    return ArgumentTest(name, "absent")


_TEST_PARSERS: Final[Mapping[str, Callable[[str, _Node], ArgumentTest]]] = {
    "equals": _equals,
    "one_of": _one_of,
    "pattern": _pattern,
    "absent": _absent,
}


def _check_examples(node: _Node, rule: Rule) -> None:
    matching, others = node.items("match"), node.items("not_match")
    if rule.answer is Answer.ALLOW:
        if not rule.capability:
            node.fail(f"allow rule {rule.id!r} must say which capability it allows")
        if not matching or not others:
            node.fail(
                f"allow rule {rule.id!r} needs examples: at least one under match and one under not_match"
            )
    for examples, wanted in ((matching, True), (others, False)):
        for example in examples:
            asked = _question(example, rule)
            try:
                matches = rule.matches(asked)
            except PolicyError as error:
                example.fail(f"this example of rule {rule.id!r} cannot be judged: {error}")
            if matches is not wanted:
                told = "does not match, but should" if wanted else "matches, but should not"
                example.fail(f"this example of rule {rule.id!r} {told}")


def _question(node: _Node, rule: Rule) -> Question:
    given = node.keys(_EXAMPLE, "an example")
    name = node.at("capability").text("the capability of an example")
    if not _CAPABILITY.fullmatch(name) or name.endswith("*"):
        node.at("capability").fail(f"{_shown(name)} is no capability; write module.name")
    module, _, short = name.partition(".")
    arguments = node.at("arguments").json() if "arguments" in given else {}
    if not isinstance(arguments, Mapping):
        node.at("arguments").fail("the arguments of an example are written as `name: value` lines")
    declared: dict[str, Json] = {each: {} for each in (*arguments, *(test.name for test in rule.arguments))}
    return Question(
        capability=Capability(
            module=module,
            name=short,
            description="",
            effect=node.at("effect").one_of(Effect) if "effect" in given else Effect.READ,
            input_schema={"properties": declared},
            output_schema={},
        ),
        arguments=arguments,
        origin=node.at("origin").one_of(Origin) if "origin" in given else Origin.COMMAND,
        tainted=tuple(each.text("the name of an argument") for each in node.items("tainted")),
        paths=_example_places(node.at("places")),
        interactive=node.truth("interactive") is not False,
    )


def _example_places(node: _Node) -> tuple[Place, ...]:
    if node.value is None:
        return ()
    if not isinstance(node.value, Mapping):
        node.fail("places is written as `argument: place` lines")
    places = []
    for argument in node.value:
        inner = node.at(argument)
        where = inner.text("a place")
        if where not in INSIDE and not _plain_folder(where):
            inner.fail(f"{_shown(where)} is no place: one of {', '.join(INSIDE)}, or an absolute path")
        inside, resolved = (where, "") if where in INSIDE else ("system", where)
        places.append(Place(str(argument), resolved, inside))
    return tuple(places)
