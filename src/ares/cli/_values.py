"""Words of the command line as the values that a schema asks for."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from ares.core import Capability, Json
from ares.errors import ArgumentError

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


def parse_assignments(words: Sequence[str], capability: Capability) -> dict[str, Json]:
    """Read ``key=value`` words as arguments of ``capability``. See :func:`assigned`."""
    return assigned(words, capability.properties)


def assigned(words: Sequence[str], schemas: Mapping[str, Mapping[str, Json]]) -> dict[str, Json]:
    """Read ``key=value`` words as what the schemas of the keys ask for; a key said again makes a list longer.

    A key that has no schema is kept as text: whoever takes the values refuses it by name. Raises
    :class:`ArgumentError` for a word without ``=``, a value that its schema cannot mean, a key said twice.
    """
    arguments: dict[str, Json] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name:
            raise ArgumentError(f"{word!r} is not an argument; write key=value, with quotes around spaces")
        value = typed(text, schemas.get(name, {}), name)
        before = arguments.get(name)
        if name not in arguments:
            arguments[name] = value
        elif isinstance(before, list) and isinstance(value, list):
            arguments[name] = [*before, *value]
        else:
            raise ArgumentError(f"{name} is given twice; give it once")
    return arguments


def typed(text: str, schema: Mapping[str, Json], name: str) -> Json:
    """Return ``text`` as the choice that it spells, else as the type that ``schema`` names; the first of
    several types that fits.

    Numbers are written as usual, truth as true, yes, on or false, no, off; a list as JSON or as its one
    item; a mapping as JSON. Raises :class:`ArgumentError` that names the argument.
    """
    for choice in _choices(text, schema):
        return choice
    named = schema.get("type", "string")
    types = [str(each) for each in named] if isinstance(named, list | tuple) else [str(named)]
    problem = ""
    for each in types:
        try:
            return _READERS.get(each, _text)(text, schema, name)
        except ValueError as error:
            problem = problem or str(error)
    raise ArgumentError(f"{name} takes {problem}, not {text!r}")


def _choices(text: str, schema: Mapping[str, Json]) -> Iterator[Json]:
    """Yield what an ``enum`` or ``const`` lists that ``text`` is, then what it lists that is its JSON."""
    listed = {keyword: schema[keyword] for keyword in ("enum", "const") if keyword in schema}
    if not listed:
        return
    from ares.runtime import first_error

    if not first_error(listed, text):
        yield text
    with suppress(ValueError):
        value = _json(text, object, "JSON")
        if not first_error(listed, value):
            yield value


def _text(text: str, schema: Mapping[str, Json], name: str) -> Json:
    return text


def _integer(text: str, schema: Mapping[str, Json], name: str) -> Json:
    if not re.fullmatch(r"[+-]?[0-9]{1,4000}", text):
        raise ValueError("a whole number")
    return int(text)


def _number(text: str, schema: Mapping[str, Json], name: str) -> Json:
    if re.fullmatch(r"[+-]?[0-9]{1,300}", text):
        return int(text)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in text:
        raise ValueError("a number")
    return value


def _boolean(text: str, schema: Mapping[str, Json], name: str) -> Json:
    if text.lower() not in (*_TRUE, *_FALSE):
        raise ValueError("true or false")
    return text.lower() in _TRUE


def _list(text: str, schema: Mapping[str, Json], name: str) -> Json:
    if text.lstrip().startswith("["):
        return _json(text, list, "a list such as [1, 2]")
    items = schema.get("items", {})
    return [typed(text, items if isinstance(items, Mapping) else {}, name)]


def _mapping(text: str, schema: Mapping[str, Json], name: str) -> Json:
    return _json(text, dict, 'a mapping such as {"key": "value"}')


def _null(text: str, schema: Mapping[str, Json], name: str) -> Json:
    if text != "null":
        raise ValueError("null")
    return None


def _json(text: str, wanted: type, words: str) -> Json:
    def refuse(constant: str) -> Json:
        raise ValueError(constant)

    try:
        value: Json = json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise ValueError(words) from error
    if not isinstance(value, wanted):
        raise ValueError(words)
    return value


_READERS = {
    "string": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "array": _list,
    "object": _mapping,
    "null": _null,
}
