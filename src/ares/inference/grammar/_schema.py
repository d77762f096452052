"""The subset of JSON Schema that can be turned into a grammar, and its translation.

What a rule produces always satisfies its schema; a schema may allow more than its rule produces (longer
strings, other orders of members, members it does not list). A keyword that would be broken by ignoring it
is refused by name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from ares.core import Json
from ares.errors import ModelError
from ares.inference.grammar._ranges import LARGEST, integers, numbers

MAX_ITEMS: Final = 8
"""Arrays are given at most so many items, unless ``minItems`` asks for more."""

MAX_STRING: Final = 400
"""Strings are given at most so many characters, unless ``minLength`` asks for more."""

MAX_REPEAT: Final = 1000
"""The largest count a repetition may have."""

_MAX_DEPTH: Final = 8

_ANNOTATIONS: Final = frozenset(
    {
        "$comment",
        "$id",
        "$schema",
        "default",
        "deprecated",
        "description",
        "examples",
        "readOnly",
        "title",
        "writeOnly",
    }
)
_KEYWORDS: Final[Mapping[str, frozenset[str]]] = {
    "string": frozenset({"minLength", "maxLength", "format"}),
    "integer": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format"}),
    "number": frozenset({"minimum", "maximum", "format"}),
    "boolean": frozenset(),
    "null": frozenset(),
    "array": frozenset({"items", "minItems", "maxItems"}),
    "object": frozenset({"properties", "required", "additionalProperties"}),
}

_CHARACTER: Final = r'[^"\\\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069] | "\\" ["\\nt]'
"""One character of a JSON string, in one spelling only; control and bidirectional ones are left out."""

_OCTET: Final = '"25" [0-5] | "2" [0-4] [0-9] | "1" [0-9] [0-9] | [1-9] [0-9] | [0-9]'
_HEX: Final = "[0-9a-fA-F]"
_IPV4: Final = f'({_OCTET}) ("." ({_OCTET})){{3}}'
_IPV6: Final = f'{_HEX}{{1,4}} (":" {_HEX}{{1,4}}){{7}}'
_CLOCK: Final = '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9]'
# Leap years from 1904 to 2096; 2000 is one.
_LEAP: Final = '"19" ("0" [48] | [2468] [048] | [13579] [26]) | "20" ([02468] [048] | [13579] [26])'
_DATE: Final = (
    '("19" | "20") [0-9]{2} "-" (("0" [13578] | "1" [02]) "-" ("0" [1-9] | [12] [0-9] | "3" [01])'
    ' | ("0" [469] | "11") "-" ("0" [1-9] | [12] [0-9] | "30") | "02-" ("0" [1-9] | "1" [0-9] | "2" [0-8]))'
    f' | ({_LEAP}) "-02-29"'
)
_FORMATS: Final[Mapping[str, tuple[str, int, int]]] = {
    "date": (_DATE, 10, 10),
    "time": (_CLOCK, 5, 5),
    "date-time": (f'({_DATE}) "T" {_CLOCK} ":" [0-5] [0-9] ("Z" | [+-] {_CLOCK})', 20, 25),
    "mac": (f'{_HEX}{{2}} (":" {_HEX}{{2}}){{5}}', 17, 17),
    "ipv4": (_IPV4, 7, 15),
    "ipv6": (_IPV6, 15, 39),
    "ip": (f"{_IPV4} | {_IPV6}", 7, 39),
    "uuid": (f'{_HEX}{{8}} ("-" {_HEX}{{4}}){{3}} "-" {_HEX}{{12}}', 36, 36),
}
"""Formats with a rule of their own: expression, least and greatest length. Any other is free text."""


def refusal(what: str) -> ModelError:
    """Return the error for a schema that holds ``what``, which no rule can keep to."""
    return ModelError(f"{what}: a model's answer cannot be held to that; docs/models.md lists what it can")


def literal(text: str) -> str:
    """Return ``text`` as a GBNF literal. Everything but printable ASCII is escaped."""
    written: list[str] = []
    for character in text:
        code = ord(character)
        if character in '"\\':
            written.append("\\" + character)
        elif 0x20 <= code < 0x7F:
            written.append(character)
        elif code < 0x100:
            written.append(f"\\x{code:02x}")
        else:
            written.append(f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
    return '"' + "".join(written) + '"'


def json_literal(value: Json, where: str, after: str = "") -> str:
    """Return a literal for the JSON spelling of ``value`` with ``after`` behind it.

    Raises :class:`ModelError`, naming ``where``, for what JSON cannot carry and for text that is no Unicode.
    """
    try:
        spelling = json.dumps(value, ensure_ascii=False, allow_nan=False)
        spelling.encode()
    except (TypeError, ValueError) as error:
        raise refusal(f"{where} has {value!r:.40}, which JSON cannot carry") from error
    return literal(spelling + after)


class Rules:
    """The rules of one grammar as they come about; equal expressions share a rule."""

    def __init__(self, longest: int) -> None:
        self.longest = longest
        self._names: dict[str, str] = {}
        self._lines: dict[str, str] = {}

    def add(self, hint: str, expression: str) -> str:
        """Return the name of a rule for ``expression``; a new one is called ``hint`` and a number."""
        known = self._names.get(expression)
        if known is None:
            known = self._names[expression] = f"{hint}-{len(self._names)}"
            self._lines[known] = expression
        return known

    def text(self, root: str) -> str:
        """Return the whole grammar with ``root`` as the expression of its root."""
        lines = {"root": root, **self._lines}
        return "".join(f"{name} ::= {expression}\n" for name, expression in lines.items())

    def character(self) -> str:
        """Return the rule of one character of a string."""
        return self.add("character", _CHARACTER)

    def string(self, least: int, most: int) -> str:
        """Return the rule of a JSON string of ``least`` to ``most`` characters."""
        if most == 0:
            return self.add("string", literal('""'))
        return self.add("string", f'"\\"" {self.character()}{{{least},{most}}} "\\""')

    def value(self, schema: Json, where: str, depth: int = 0) -> str:
        """Return the rule of the values that ``schema`` describes; errors name it by ``where``.

        Raises :class:`ModelError` for a keyword that no rule can keep to.
        """
        if not isinstance(schema, Mapping):
            raise refusal(f"{where} states no schema")
        if depth > _MAX_DEPTH:
            raise refusal(f"{where} is nested more than {_MAX_DEPTH} deep")
        schema = {
            key: value
            for key, value in schema.items()
            if key not in _ANNOTATIONS and not key.startswith("x-")
        }
        if "const" in schema or "enum" in schema:
            return self._listed(schema, where)
        if "anyOf" in schema:
            return self._any_of(schema, where, depth)
        kinds = schema.pop("type", None)
        if isinstance(kinds, str):
            return self._typed(kinds, schema, where, depth)
        if not isinstance(kinds, Sequence) or not kinds:
            used = ", ".join(repr(key[:40]) for key in schema)
            raise refusal(f"{where} states no type" + (f" but uses {used}" if used else ""))
        allowed = {key for kind in kinds for key in _KEYWORDS.get(str(kind), ())}
        _refuse(schema, frozenset(allowed), where)
        names = [
            self._typed(
                str(kind),
                {key: schema[key] for key in schema if key in _KEYWORDS.get(str(kind), ())},
                where,
                depth,
            )
            for kind in kinds
        ]
        return self.add("either", " | ".join(dict.fromkeys(names)))

    def _typed(self, kind: str, schema: Mapping[str, Json], where: str, depth: int) -> str:
        if kind not in _KEYWORDS:
            raise refusal(f"{where} is of the unknown type {kind[:40]!r}")
        _refuse(schema, _KEYWORDS[kind], where)
        match kind:
            case "string":
                return self._string(schema, where)
            case "integer" | "number":
                return self._number(kind, schema, where)
            case "array":
                return self._array(schema, where, depth)
            case "object":
                return self._object(schema, where, depth)
            case "boolean":
                return self.add("boolean", '"true" | "false"')
        return self.add("null", '"null"')

    def _listed(self, schema: Mapping[str, Json], where: str) -> str:
        _refuse(schema, frozenset({"type", "const", "enum"}), where)
        found = schema.get("enum", [schema.get("const")])
        if not isinstance(found, Sequence) or isinstance(found, str):
            raise refusal(f"{where} has an 'enum' that is no list")
        kinds = schema.get("type")
        wanted = [kinds] if isinstance(kinds, str) else kinds
        members = [
            value
            for value in found
            if (not isinstance(wanted, Sequence) or any(_is(value, str(kind)) for kind in wanted))
            and ("const" not in schema or _same(value, schema["const"]))
        ]
        if not members:
            raise refusal(f"{where} has an 'enum' or 'const' that allows no value")
        return self.add("enum", " | ".join(dict.fromkeys(json_literal(value, where) for value in members)))

    def _any_of(self, schema: Mapping[str, Json], where: str, depth: int) -> str:
        _refuse(schema, frozenset({"anyOf"}), where)
        choices = schema["anyOf"]
        if not isinstance(choices, Sequence) or isinstance(choices, str) or not choices:
            raise refusal(f"{where} has an 'anyOf' that is no list of schemas")
        names = [self.value(choice, where, depth + 1) for choice in choices]
        return self.add("either", " | ".join(dict.fromkeys(names)))

    def _string(self, schema: Mapping[str, Json], where: str) -> str:
        least = _count(schema, "minLength", 0, where)
        most = _count(schema, "maxLength", max(least, self.longest), where)
        form = _FORMATS.get(str(schema.get("format")))
        if form is not None:
            expression, shortest, longest = form
            if shortest < least or longest > most:
                raise refusal(f"{where} has a 'minLength' or 'maxLength' that its format does not keep to")
            return self.add(str(schema["format"]), f'"\\"" ({expression}) "\\""')
        if least > min(most, MAX_REPEAT):
            raise refusal(f"{where} has a 'minLength' of {least}, more than fits an answer")
        return self.string(least, min(most, max(least, self.longest)))

    def _number(self, kind: str, schema: Mapping[str, Json], where: str) -> str:
        low, high = _bound(schema, "minimum", -LARGEST, where), _bound(schema, "maximum", LARGEST, where)
        try:
            if kind == "number":
                return self.add("number", numbers(max(low, -LARGEST), min(high, LARGEST)))
            low = max(low, _bound(schema, "exclusiveMinimum", -LARGEST - 1, where) // 1 + 1)
            high = min(high, -(-_bound(schema, "exclusiveMaximum", LARGEST + 1, where) // 1) - 1)
            return self.add(
                "integer", integers(max(int(-(-low // 1)), -LARGEST), min(int(high // 1), LARGEST))
            )
        except ValueError as error:
            raise refusal(f"{where} has bounds that fit no number: {error}") from error

    def _array(self, schema: Mapping[str, Json], where: str, depth: int) -> str:
        if "items" not in schema:
            raise refusal(f"{where} is an array without 'items'")
        least = _count(schema, "minItems", 0, where)
        most = min(_count(schema, "maxItems", max(least, MAX_ITEMS), where), max(least, MAX_ITEMS))
        if least > most or least > MAX_REPEAT:
            raise refusal(f"{where} has a 'minItems' of {least}, more than it may hold or fits an answer")
        if most == 0:
            return self.add("array", '"[]"')
        item = self.value(schema["items"], f"{where}[]", depth + 1)
        more = f' (", " {item}){{{max(least - 1, 0)},{most - 1}}}' if most > 1 else ""
        held = f"{item}{more}"
        return self.add("array", f'"[" {held} "]"' if least else f'"[" ({held})? "]"')

    def _object(self, schema: Mapping[str, Json], where: str, depth: int) -> str:
        properties, required = schema.get("properties", {}), schema.get("required", ())
        if not isinstance(properties, Mapping) or not isinstance(required, Sequence):
            raise refusal(f"{where} has 'properties' or 'required' of the wrong form")
        if not isinstance(schema.get("additionalProperties", False), bool):
            raise refusal(f"{where} uses 'additionalProperties' with a schema")
        for name in required:
            if name not in properties:
                raise refusal(f"{where} has {str(name)[:40]!r} in 'required' but not in 'properties'")
        needed: list[str] = []
        optional: list[str] = []
        for name, inner in properties.items():
            value = self.value(inner, f"{where}.{name}", depth + 1)
            member = self.add("member", f"{json_literal(name, where, ': ')} {value}")
            (needed if name in required else optional).append(member)
        return self.add("object", _members(needed, optional))


def _members(needed: Sequence[str], optional: Sequence[str]) -> str:
    """Return an object whose ``needed`` members all come first and whose ``optional`` ones may lack."""
    if not needed and not optional:
        return '"{}"'
    tails = [f' (", " {name})?' for name in optional]
    if needed:
        return " ".join(['"{"', ' ", " '.join(needed) + "".join(tails), '"}"'])
    starts = [name + "".join(tails[place + 1 :]) for place, name in enumerate(optional)]
    return " ".join(['"{"', f"({' | '.join(starts)})?", '"}"'])


def _refuse(schema: Mapping[str, Json], known: frozenset[str], where: str) -> None:
    for key in schema:
        if key not in known:
            raise refusal(f"{where} uses {key[:40]!r}")


def _count(schema: Mapping[str, Json], key: str, default: int, where: str) -> int:
    value = schema.get(key, default)
    if type(value) is not int or value < 0:
        raise refusal(f"{where} has a {key!r} that is no count")
    return value


def _bound(schema: Mapping[str, Json], key: str, default: int, where: str) -> int | float:
    value = schema.get(key, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or value != value:
        raise refusal(f"{where} has a {key!r} that is no number")
    return value


def _same(one: Json, other: Json) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _is(value: Json, kind: str) -> bool:
    """Return whether ``value`` is of the JSON Schema type ``kind``."""
    match value:
        case None:
            return kind == "null"
        case bool():
            return kind == "boolean"
        case int():
            return kind in ("integer", "number")
        case float():
            return kind == "number" or (kind == "integer" and value.is_integer())
        case str():
            return kind == "string"
        case Mapping():
            return kind == "object"
    return kind == "array"
