"""A reader of GBNF that refuses what llama.cpp would crash on, loop on, or read differently.

A malformed grammar can end the process inside llama.cpp (seen with 0.3.36), so none reaches it unread. The
part of GBNF that is let through has no comments, no ``.``, ``*`` or ``+`` and no recursion: every answer it
describes is of bounded length.

    grammar     one rule a line, ``name ::= alternatives``; the one called ``root`` is where it begins
    alternatives  sequence ( ``|`` sequence )*
    sequence    item+            item  part, part ``?``, part ``{m}``, part ``{m,n}`` with m <= n
    part        "literal", [class], [^class], name, ( alternatives )
    escapes     \\" \\\\ \\n \\r \\t \\[ \\] \\xHH \\uHHHH \\UHHHHHHHH
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Final, TypeAlias

from ares.errors import ModelError
from ares.inference.grammar._schema import MAX_REPEAT

MAX_BYTES: Final = 1 << 20
MAX_RULES: Final = 5000
MAX_NESTING: Final = 32
# llama.cpp makes a rule of every repetition; this many are built in well under a second.
_MAX_REPEATED: Final = 50_000

_RULE: Final = re.compile(r"([a-zA-Z][a-zA-Z0-9-]*) ::= (.*)")
_ESCAPE: Final = r'\\(?:["\\nrt\[\]]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})'
_TOKEN: Final = re.compile(
    rf"""(?P<literal>"(?:[^"\\]|{_ESCAPE})*")
    |(?P<chars>\[\^?(?:[^\]\\\[]|{_ESCAPE})*\])
    |(?P<name>[a-zA-Z][a-zA-Z0-9-]*)
    |(?P<count>\{{[0-9]{{1,4}}(?:,[0-9]{{1,4}})?\}})
    |(?P<sign>[?|()])""",
    re.VERBOSE,
)
_CHARACTER: Final = re.compile(rf"{_ESCAPE}|.", re.DOTALL)
_SHORT: Final = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Literal:
    """A text that must stand there."""

    text: str


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of ``ranges`` (code points, both ends included), or out of all others."""

    negated: bool
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Name:
    """What the rule called ``name`` describes."""

    name: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """``part``, ``least`` to ``most`` times."""

    part: Part
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Group:
    """One of several sequences."""

    alternatives: tuple[tuple[Part, ...], ...]


Part: TypeAlias = Literal | Chars | Name | Repeat | Group


def check_grammar(text: str) -> dict[str, Group]:
    """Read a grammar and return its rules, each after the ones it refers to, ``root`` among them.

    Raises :class:`ModelError` with the line and what is wrong there.
    """
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise ModelError(f"grammar: longer than {MAX_BYTES} bytes; use fewer arguments or choices")
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    if len(lines) > MAX_RULES:
        raise ModelError(f"grammar: more than {MAX_RULES} rules; use fewer arguments or choices")
    rules: dict[str, Group] = {}
    for number, line in enumerate(lines, 1):
        match = _RULE.fullmatch(line)
        if match is None:
            raise ModelError(f"grammar:{number}: not a rule of the form `name ::= ...`: {line[:60]!r}")
        if match[1] in rules:
            raise ModelError(f"grammar:{number}: the rule {match[1]!r} is written twice")
        rules[match[1]] = _Reader(match[2], number).rule()
    if "root" not in rules:
        raise ModelError("grammar:1: there is no rule called 'root'")
    return _ordered(rules)


class _Reader:
    """Reads the right side of one rule."""

    def __init__(self, text: str, line: int) -> None:
        self._line = line
        self._tokens = list(self._split(text))
        self._at = 0

    def _fail(self, what: str) -> ModelError:
        return ModelError(f"grammar:{self._line}: {what}")

    def _split(self, text: str) -> Iterator[tuple[str, str]]:
        at = 0
        while at < len(text):
            if text[at] == " ":
                at += 1
                continue
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                raise self._fail(f"cannot be read from {text[at : at + 30]!r} on")
            yield match.lastgroup, match[0]
            at = match.end()

    def _next(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def rule(self) -> Group:
        """Read everything as the alternatives of one rule."""
        group = self._alternatives(0)
        if self._next()[0] != "end":
            raise self._fail("a ')' that closes nothing")
        return group

    def _alternatives(self, depth: int) -> Group:
        if depth > MAX_NESTING:
            raise self._fail(f"groups nested more than {MAX_NESTING} deep")
        found = [self._sequence(depth)]
        while self._next()[1] == "|":
            self._at += 1
            found.append(self._sequence(depth))
        return Group(tuple(found))

    def _sequence(self, depth: int) -> tuple[Part, ...]:
        parts: list[Part] = []
        while (token := self._next())[0] != "end" and token[1] not in ("|", ")"):
            parts.append(self._counted(self._part(depth)))
        if not parts:
            raise self._fail("an alternative is empty")
        return tuple(parts)

    def _part(self, depth: int) -> Part:
        kind, text = self._next()
        self._at += 1
        if kind == "literal":
            return Literal(self._content(text))
        if kind == "chars":
            return self._chars(text)
        if kind == "name":
            return Name(text)
        if text != "(":
            raise self._fail(f"{text!r} repeats nothing")
        group = self._alternatives(depth + 1)
        if self._next()[1] != ")":
            raise self._fail("a '(' that is not closed")
        self._at += 1
        return group

    def _counted(self, part: Part) -> Part:
        kind, text = self._next()
        if text == "?":
            self._at += 1
            counted = Repeat(part, 0, 1)
        elif kind == "count":
            self._at += 1
            first, _, last = text[1:-1].partition(",")
            counted = Repeat(part, int(first), int(last or first))
            if not counted.least <= counted.most <= MAX_REPEAT or counted.most == 0:
                raise self._fail(f"the repetition {text} is empty or goes over {MAX_REPEAT}")
        else:
            return part
        if self._next()[1] == "?" or self._next()[0] == "count":
            raise self._fail("a repetition of a repetition; use a group")
        return counted

    def _content(self, text: str) -> str:
        content = "".join(map(self._character, _CHARACTER.findall(text[1:-1])))
        if not content or "\0" in content:
            raise self._fail("a literal is empty or holds NUL")
        return content

    def _chars(self, text: str) -> Chars:
        negated = text.startswith("[^")
        written = _CHARACTER.findall(text[2 if negated else 1 : -1])
        if not written:
            raise self._fail("a character class is empty")
        ranges: list[tuple[int, int]] = []
        at = 0
        while at < len(written):
            first = last = ord(self._character(written[at]))
            at += 1
            if at + 1 < len(written) and written[at] == "-":
                last = ord(self._character(written[at + 1]))
                at += 2
            if last < first:
                raise self._fail(f"a range runs backwards in {text[:30]!r}")
            ranges.append((first, last))
        return Chars(negated, tuple(ranges))

    def _character(self, written: str) -> str:
        if not written.startswith("\\"):
            code = ord(written)
        elif written[1] in "xuU":
            code = int(written[2:], 16)
        else:
            return _SHORT.get(written[1], written[1])
        if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
            raise self._fail(f"the code point {code:#x} is no character")
        return chr(code)


def _ordered(rules: dict[str, Group]) -> dict[str, Group]:
    graph: dict[str, set[str]] = {}
    for name, rule in rules.items():
        graph[name] = {part.name for part in _parts(rule) if isinstance(part, Name)}
        for wanted in graph[name]:
            if wanted not in rules:
                raise ModelError(f"grammar: the rule {name!r} refers to {wanted!r}, which is not defined")
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        around = " -> ".join(reversed(error.args[1]))
        raise ModelError(f"grammar: rules refer to themselves: {around[:200]}") from error
    empty: dict[str, bool] = {}
    repeated = 0
    for name in order:
        for part in _parts(rules[name]):
            if isinstance(part, Repeat):
                repeated += part.most
                if _may_be_empty(part.part, empty):
                    raise ModelError(f"grammar: the rule {name!r} repeats something that may be empty")
        empty[name] = _may_be_empty(rules[name], empty)
    if repeated > _MAX_REPEATED:
        raise ModelError(
            f"grammar: {repeated} repetitions, more than {_MAX_REPEATED}; use fewer or shorter texts"
        )
    if empty["root"]:
        raise ModelError("grammar: the rule 'root' allows an empty answer")
    return {name: rules[name] for name in order}


def _parts(part: Part) -> Iterator[Part]:
    yield part
    if isinstance(part, Repeat):
        yield from _parts(part.part)
    elif isinstance(part, Group):
        for sequence in part.alternatives:
            for inner in sequence:
                yield from _parts(inner)


def _may_be_empty(part: Part, known: dict[str, bool]) -> bool:
    match part:
        case Name(name):
            return known[name]
        case Repeat(inner, least, _):
            return least == 0 or _may_be_empty(inner, known)
        case Group(alternatives):
            return any(all(_may_be_empty(inner, known) for inner in sequence) for sequence in alternatives)
    return False
