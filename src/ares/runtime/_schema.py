"""The part of JSON Schema that manifests may use, checked when a manifest is read and when a value is.

Small on purpose: everything here can be turned into a grammar, a form or a sentence. docs/modules.md has
the list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from ares.patterns import LONGEST_TEXT, compile_pattern

Path: TypeAlias = tuple[str | int, ...]
Problem: TypeAlias = tuple[Path, str]
"""Where in a schema, and what is wrong there."""

TYPES: Final = ("string", "integer", "number", "boolean", "object", "array", "null")
FORMATS: Final = (
    "path", "time", "date", "date-time", "zone", "mac", "ip", "duration", "url", "email", "hostname",
)  # fmt: skip

_DEPTH: Final = 16
_MOST_DEEP: Final = 100
# Python writes numbers of up to 4300 digits.
_MOST_BITS: Final = 14_000
_WORDS: Final = ("title", "description", "format", "x-values", "x-offers")
_FLAGS: Final = ("x-place", "x-whole")
_COUNTS: Final = ("minLength", "maxLength", "minItems", "maxItems")
_BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_PAIRS: Final = (
    ("minLength", "maxLength"), ("minItems", "maxItems"),
    ("minimum", "maximum"), ("minimum", "exclusiveMaximum"),
    ("exclusiveMinimum", "maximum"), ("exclusiveMinimum", "exclusiveMaximum"),
)  # fmt: skip
"""Keywords between which a value has to lie."""
_KEYWORDS: Final = frozenset(
    {
        "type", "properties", "required", "additionalProperties", "items", "enum", "const", "default",
        "pattern", *_WORDS, *_FLAGS, *_COUNTS, *_BOUNDS,
    }
)  # fmt: skip


def schema_problems(schema: object, path: Path = ()) -> Iterator[Problem]:
    """Yield what makes ``schema`` unusable, each with its place; nothing for a good one."""
    if len(path) > 2 * _DEPTH:
        yield path, f"schemas nest at most {_DEPTH} deep"
        return
    if not isinstance(schema, Mapping):
        yield path, f"a schema is a mapping such as {{type: string}}, not {show(schema)}"
        return
    for keyword, value in schema.items():
        if keyword in _KEYWORDS:
            if problem := _keyword_problem(keyword, value):
                yield (*path, keyword), f"{keyword} {problem}"
        elif not isinstance(keyword, str) or not keyword.startswith("x-"):
            known = ", ".join(sorted(_KEYWORDS))
            yield (
                (*path, str(keyword)),
                f"the schema keyword {keyword!r} is not supported; these are: {known}",
            )
    if schema.get("x-whole") is True and schema.get("format") != "path" and schema.get("x-place") is not True:
        yield (*path, "x-whole"), "x-whole is for a path; add `format: path` or `x-place: true`"
    yield from _inner_problems(schema, path)
    yield from _value_problems(schema, path)


def _inner_problems(schema: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    properties = schema.get("properties", {})
    if isinstance(properties, Mapping):
        for name, inner in properties.items():
            if not isinstance(name, str):
                yield (*path, "properties"), f"a property name must be text; put {name!r} in quotes"
            yield from schema_problems(inner, (*path, "properties", str(name)))
        required = schema.get("required")
        for name in required if isinstance(required, list) else ():
            if "properties" in schema and name not in properties:
                yield (*path, "required"), f"{name!r} is required but not among the properties"
    if "items" in schema:
        yield from schema_problems(schema["items"], (*path, "items"))
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield from schema_problems(schema["additionalProperties"], (*path, "additionalProperties"))


def _value_problems(schema: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    """Yield bounds that no value meets, and the default and choices that the schema itself would refuse."""
    if any(_keyword_problem(name, value) for name, value in schema.items() if name in _KEYWORDS):
        return
    for low, high in _PAIRS:
        if low in schema and high in schema:
            least, most = schema[low], schema[high]
            if least > most or (least == most and "exclusive" in low + high):
                yield (*path, low), f"{low} {show(least)} and {high} {show(most)} leave no value between them"
                return
    values = [(name, schema[name]) for name in ("default", "const") if name in schema]
    values += [("enum", choice) for choice in schema.get("enum", ())]
    for keyword, value in values:
        left_out = ("default", "const", "enum") if keyword == "enum" else ("default", keyword)
        rest = {name: said for name, said in schema.items() if name not in left_out}
        if not is_json(value):
            yield (*path, keyword), f"{show(value)} is not a JSON value; put it in quotes"
        elif problem := first_error(rest, value):
            yield (*path, keyword), f"{keyword}: {problem}"
        elif keyword == "enum" and isinstance(value, str) and not value.strip():
            # Nobody can say it, and it looks like nothing wherever it is shown.
            yield (*path, keyword), "enum: a choice must not be empty; leave it out"


def _keyword_problem(keyword: str, value: object) -> str:
    """Return what is wrong with the value of one keyword, or nothing."""
    if keyword == "type":
        names = value if isinstance(value, list) else [value]
        good = bool(names) and all(isinstance(name, str) and name in TYPES for name in names)
        return "" if good else f"must be one of {', '.join(TYPES)}, or a list of them, not {show(value)}"
    if keyword == "properties":
        return (
            "" if isinstance(value, Mapping) else f"must be a mapping of names to schemas, not {show(value)}"
        )
    if keyword == "required":
        good = isinstance(value, list) and all(isinstance(name, str) for name in value)
        return "" if good else f"must be a list of names, not {show(value)}"
    if keyword == "additionalProperties":
        return (
            ""
            if isinstance(value, (bool, Mapping))
            else f"must be true, false or a schema, not {show(value)}"
        )
    if keyword == "enum":
        return "" if isinstance(value, list) and value else f"must be a list of values, not {show(value)}"
    if keyword == "pattern":
        return _pattern_problem(value)
    if keyword == "format":
        return "" if value in FORMATS else f"must be one of {', '.join(FORMATS)}, not {show(value)}"
    if keyword in _WORDS:
        return "" if isinstance(value, str) else f"must be text, not {show(value)}"
    if keyword in _FLAGS:
        return "" if isinstance(value, bool) else f"must be true or false, not {show(value)}"
    if keyword in _COUNTS:
        good = _is_integer(value) and isinstance(value, (int, float)) and value >= 0
        return "" if good else f"must be a whole number from 0, not {show(value)}"
    if keyword in _BOUNDS:
        return "" if _is_number(value) else f"must be a number, not {show(value)}"
    if keyword == "const" and not is_json(value):
        return f"must be a JSON value, not {show(value)}; put it in quotes"
    return ""


def _pattern_problem(value: object) -> str:
    if not isinstance(value, str):
        return f"must be a regular expression, not {show(value)}"
    try:
        compile_pattern(value, anywhere=True)
    except ValueError as error:
        return f"cannot be used: {error}"
    return ""


def first_error(schema: Mapping[str, Any], value: object) -> str:
    """Return the first way in which ``value`` breaks ``schema``, in plain words; empty when it fits.

    ``schema`` must be one that :func:`schema_problems` finds nothing in.
    """
    for problem in _errors(schema, value, ""):
        return problem
    return ""


def _errors(schema: Mapping[str, Any], value: object, where: str) -> Iterator[str]:
    says = f"{where}: " if where else ""
    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(_IS[name](value) for name in names):
            yield f"{says}must be {' or '.join(_A[name] for name in names)}, not {show(value)}"
            return
    if "enum" in schema and not any(_same(value, choice) for choice in schema["enum"]):
        choices = ", ".join(show(choice) for choice in schema["enum"])
        yield f"{says}must be one of {choices}, not {show(value)}"
    if "const" in schema and not _same(value, schema["const"]):
        yield f"{says}must be {show(schema['const'])}, not {show(value)}"
    if isinstance(value, str):
        yield from (says + problem for problem in _text_errors(schema, value))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from (says + problem for problem in _number_errors(schema, value))
    elif isinstance(value, Mapping):
        yield from _object_errors(schema, value, where)
    elif isinstance(value, Sequence):
        yield from _array_errors(schema, value, where)


def _text_errors(schema: Mapping[str, Any], value: str) -> Iterator[str]:
    if not value and schema.get("format") == "path" and not schema.get("minLength"):
        # It would stand for the working folder, which nobody named.
        yield "must not be empty"
    if len(value) < schema.get("minLength", 0):
        yield "must not be empty" if not value else f"must have at least {schema['minLength']} characters"
    if len(value) > schema.get("maxLength", len(value)):
        yield f"must have at most {schema['maxLength']} characters, not {len(value)}"
    if "pattern" not in schema:
        return
    if len(value) > LONGEST_TEXT:
        yield f"must have at most {LONGEST_TEXT} characters to be held to a pattern, not {len(value)}"
    elif not re.search(schema["pattern"], value):
        yield f"must match the pattern {schema['pattern']}, and {show(value)} does not"


def _number_errors(schema: Mapping[str, Any], value: float) -> Iterator[str]:
    if "minimum" in schema and not value >= schema["minimum"]:
        yield f"must be at least {schema['minimum']}, not {show(value)}"
    if "maximum" in schema and not value <= schema["maximum"]:
        yield f"must be at most {schema['maximum']}, not {show(value)}"
    if "exclusiveMinimum" in schema and not value > schema["exclusiveMinimum"]:
        yield f"must be more than {schema['exclusiveMinimum']}, not {show(value)}"
    if "exclusiveMaximum" in schema and not value < schema["exclusiveMaximum"]:
        yield f"must be less than {schema['exclusiveMaximum']}, not {show(value)}"


def _object_errors(schema: Mapping[str, Any], value: Mapping[Any, Any], where: str) -> Iterator[str]:
    says = f"{where}: " if where else ""
    properties: Mapping[str, Any] = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{says}{name} is missing"
    extra = schema.get("additionalProperties", True)
    for name, inner in value.items():
        place = f"{where}.{name}" if where else str(name)
        if name in properties:
            yield from _errors(properties[name], inner, place)
        elif extra is False:
            known = ", ".join(properties) or "nothing"
            yield f"{says}there is no {show(name)}; known: {known}"
        elif isinstance(extra, Mapping):
            yield from _errors(extra, inner, place)


def _array_errors(schema: Mapping[str, Any], value: Sequence[Any], where: str) -> Iterator[str]:
    says = f"{where}: " if where else ""
    if len(value) < schema.get("minItems", 0):
        yield f"{says}must have at least {schema['minItems']} items, not {len(value)}"
    if len(value) > schema.get("maxItems", len(value)):
        yield f"{says}must have at most {schema['maxItems']} items, not {len(value)}"
    if "items" in schema:
        for index, item in enumerate(value):
            yield from _errors(schema["items"], item, f"{where}[{index}]")


def _is_number(value: object) -> bool:
    # NaN and the infinities are no JSON, and NaN would pass every bound.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value - value == 0


def _is_integer(value: object) -> bool:
    return _is_number(value) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


def _same(left: object, right: object) -> bool:
    """Return whether two JSON values are equal; unlike ``==`` it tells True from 1, also inside."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(_same, left, right))
    return left == right


def is_json(value: object, depth: int = 0) -> bool:
    """Return whether JSON can carry ``value``, as far as ARES uses it: YAML also has dates, sets, bytes and
    keys that are no text; and what is nested too deep, or a number too long to be written, nobody means."""
    if depth > _MOST_DEEP:
        return False
    if isinstance(value, str):
        return not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, Mapping):
        return all(
            isinstance(key, str) and is_json(key) and is_json(inner, depth + 1)
            for key, inner in value.items()
        )
    if isinstance(value, (list, tuple)):
        return all(is_json(inner, depth + 1) for inner in value)
    if isinstance(value, int):
        return value.bit_length() <= _MOST_BITS
    return value is None or _is_number(value)


def show(value: object) -> str:
    """Return ``value`` short enough for an error line, on one line."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        # A number of thousands of digits, or lists within lists without end.
        return "this value"
    return text if len(text) <= 60 else text[:57] + "..."


_IS: Final[Mapping[str, Callable[[object], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, Mapping),
    "array": lambda value: isinstance(value, (list, tuple)),
    "null": lambda value: value is None,
}
_A: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
