"""The ``capabilities`` of a manifest: effects, schemas, how to undo, and phrases."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ares.core import Capability, Effect, Json, Undo
from ares.runtime._schema import is_json, schema_problems, show
from ares.runtime._section import Section

_KEYS: Final = (
    "name", "description", "effect", "reversible", "destructive", "outward", "self_affecting", "keep",
    "verify", "offered", "undo", "input", "output", "summary", "examples",
)  # fmt: skip
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_SECONDS: Final = ("integer", "number")
_SOURCE: Final = re.compile(r"[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*")
_SLOT: Final = re.compile(r"\{([^{}]*)\}")
_SHOWN: Final = ("bytes", "count", "duration")
_LONGEST: Final = 300
_WORDS: Final[Mapping[str, Mapping[str, Json]]] = {
    "any": {},
    **{word: {"type": "string"} for word in ("string", "str", "text")},
    **{word: {"type": "integer"} for word in ("integer", "int")},
    **{word: {"type": "number"} for word in ("number", "float")},
    **{word: {"type": "boolean"} for word in ("boolean", "bool")},
    **{word: {"type": "object"} for word in ("object", "dict", "mapping")},
    **{word: {"type": "array"} for word in ("array", "list")},
    "path": {"type": "string", "format": "path"},
}


def read_capabilities(manifest: Section, module: str) -> tuple[Capability, ...]:
    """Read every capability, and check that undo targets of the same module exist."""
    found: dict[str, Capability] = {}
    places: dict[str, Section] = {}
    for index, item in manifest.items("capabilities"):
        section = Section.of(manifest.document, item, ("capabilities", index), _KEYS)
        capability = _capability(section, module)
        if capability.name in found:
            section.fail("name", f"{capability.name!r} is there twice; each capability has a name of its own")
        found[capability.name] = capability
        places[capability.name] = section
    for name, capability in found.items():
        if capability.undo is not None:
            _check_undo(places[name], capability, capability.undo, found)
    return tuple(found.values())


def _capability(section: Section, module: str) -> Capability:
    name = section.text("name")
    if not _NAME.fullmatch(name) or len(name) > 64:
        section.fail("name", f"{show(name)} is no name; use a-z, 0-9, - and _, starting with a letter")
    # A manifest that does not state an effect says nothing about the rest either: take the worst.
    unknown = "effect" not in section.data
    schema = _input(section)
    output = _output(section)
    capability = Capability(
        module=module,
        name=name,
        description=section.text("description", ""),
        effect=Effect(section.one_of("effect", tuple(Effect), Effect.EXECUTE)),
        input_schema=schema,
        output_schema=output,
        reversible=section.flag("reversible", False),
        destructive=section.flag("destructive", unknown),
        outward=section.flag("outward", unknown),
        self_affecting=section.flag("self_affecting", unknown),
        keep=section.flag("keep", False),
        verify=section.flag("verify", False),
        offered=section.flag("offered", True),
        undo=_undo(section),
        summary=_summary(section, output),
        examples=_examples(section, schema),
    )
    if capability.reversible and capability.undo is None:
        section.fail("reversible", "it says it can be taken back; say how with `undo`")
    if capability.reversible and not capability.changes:
        section.fail("reversible", "it only reads, so there is nothing to take back; leave this out")
    return capability


def _input(section: Section) -> dict[str, Any]:
    """Return the input schema; it always is an object's, and closed unless the manifest opens it."""
    value = section.data.get("input")
    if value is None:
        value = {}
    if not isinstance(value, Mapping):
        section.fail(
            "input", f"must be a JSON Schema or a mapping such as {{phone: string}}, not {show(value)}"
        )
    if not _is_schema(value):
        return {**_shorthand(section, "input", value), "additionalProperties": False}
    if value.get("type", "object") != "object":
        section.fail(
            "input", f"arguments are an object; write `type: object`, not {show(value['type'])}", "type"
        )
    schema = {"type": "object", "properties": {}, "additionalProperties": False, **value}
    _check_schema(section, "input", schema)
    return schema


def _output(section: Section) -> dict[str, Any]:
    value = section.data.get("output")
    if value is None:
        return {}
    if isinstance(value, str):
        return _typed(section, "output", value, ())
    if not isinstance(value, Mapping):
        section.fail(
            "output", f"must be a JSON Schema or a mapping such as {{sent: boolean}}, not {show(value)}"
        )
    if not _is_schema(value):
        return _shorthand(section, "output", value)
    _check_schema(section, "output", value)
    return dict(value)


def _is_schema(value: Mapping[Any, Any]) -> bool:
    """Tell a JSON Schema of an object from a mapping of names to types, in which ``type`` may be a name."""
    kind = value.get("type")
    return (
        isinstance(kind, list) or kind in ("object", "array") or isinstance(value.get("properties"), Mapping)
    )


def _shorthand(section: Section, key: str, value: Mapping[Any, Any]) -> dict[str, Any]:
    """Turn ``{phone: string, note: string?}`` into a JSON Schema; ``?`` marks what may be left out."""
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name, kind in value.items():
        if not isinstance(name, str):
            section.fail(key, f"a name must be text; put {show(name)} in quotes", str(name))
        optional = isinstance(kind, str) and kind.endswith("?")
        if isinstance(kind, str):
            properties[name] = _typed(section, key, kind.removesuffix("?"), (name,))
        else:
            properties[name] = kind
            optional = isinstance(kind, Mapping) and "default" in kind
        if not optional:
            required.append(name)
    schema = {"type": "object", "properties": properties, "required": required}
    for path, problem in schema_problems(schema):
        # The member stands right below the key here, not below `properties`.
        section.fail(key, problem, *path[1:])
    return schema


def _typed(section: Section, key: str, word: str, path: tuple[str, ...]) -> dict[str, Any]:
    if word.strip().lower() not in _WORDS:
        section.fail(key, f"{show(word)} is no type; known: {', '.join(_WORDS)}", *path)
    return dict(_WORDS[word.strip().lower()])


def _check_schema(section: Section, key: str, schema: Mapping[str, Any]) -> None:
    for path, problem in schema_problems(schema):
        section.fail(key, problem, *path)
    for name, inner in schema.get("properties", {}).items():
        if inner.get("format") == "duration" and inner.get("type") not in _SECONDS:
            problem = "a duration is a number of seconds; write type: integer or type: number"
            section.fail(key, problem, "properties", name, "type")
        for keyword in ("x-values", "x-offers"):
            source = inner.get(keyword)
            if source is not None and not _SOURCE.fullmatch(source):
                problem = f"{show(source)} is no source; write MODULE.SOURCE"
                section.fail(key, problem, "properties", name, keyword)


def _undo(section: Section) -> Undo | None:
    value = section.data.get("undo")
    if value is None:
        return None
    undo = Section.of(section.document, value, (*section.path, "undo"), ("capability", "arguments"))
    target = undo.text("capability")
    if not _SOURCE.fullmatch(target):
        undo.fail("capability", f"{show(target)} is no capability; write MODULE.NAME")
    arguments = undo.data.get("arguments", {})
    if not isinstance(arguments, Mapping) or not is_json(arguments):
        undo.fail("arguments", f"must be a mapping of arguments to values, not {show(arguments)}")
    return Undo(target, dict(arguments))


def _check_undo(section: Section, capability: Capability, undo: Undo, own: Mapping[str, Capability]) -> None:
    """Check what an undo refers to, as far as this manifest alone can tell."""
    place = Section(section.document, undo.arguments, (*section.path, "undo", "arguments"))
    for name, template in undo.arguments.items():
        head, dot, member = template.partition(".") if isinstance(template, str) else ("", "", "")
        if head == "$arguments" and dot and member not in capability.properties:
            place.fail(name, f"{template}: {capability.name} has no argument {member!r}")
        results = capability.output_schema.get("properties")
        if head == "$result" and dot and isinstance(results, Mapping) and member not in results:
            place.fail(name, f"{template}: the output of {capability.name} has no {member!r}")
        if head == "$kept" and not capability.keep:
            place.fail(name, f"{template}: {capability.name} keeps nothing; say `keep: true`")
    module, _, short = undo.capability.partition(".")
    if module != capability.module:
        return
    target = own.get(short)
    if target is None:
        section.fail("undo", f"there is no capability {undo.capability}", "capability")
    for name in undo.arguments:
        if name not in target.properties:
            place.fail(name, f"{undo.capability} has no such argument")
    for name in target.required:
        if name not in undo.arguments:
            section.fail("undo", f"{undo.capability} needs the argument {name!r}", "arguments")


def _summary(section: Section, output: Mapping[str, Any]) -> str:
    summary = section.text("summary", "")
    results = output.get("properties")
    for slot in _SLOT.findall(summary):
        member, _, shown = slot.partition(":")
        if isinstance(results, Mapping) and member not in results:
            section.fail("summary", f"{{{slot}}}: the output has no {member!r}")
        if shown and shown not in _SHOWN:
            section.fail("summary", f"{{{slot}}}: a field is shown as one of {', '.join(_SHOWN)}")
    return summary


def _examples(section: Section, schema: Mapping[str, Any]) -> tuple[str, ...]:
    phrases: list[str] = []
    for index, phrase in section.items("examples"):
        if not isinstance(phrase, str) or not phrase.strip() or not is_json(phrase):
            section.fail("examples", f"a phrase is text, not {show(phrase)}; put it in quotes", index)
        if len(phrase) > _LONGEST or "\n" in phrase:
            section.fail("examples", f"a phrase is one line of at most {_LONGEST} characters", index)
        slots = _SLOT.findall(phrase)
        for slot in slots:
            if slot not in schema["properties"]:
                known = ", ".join(schema["properties"]) or "none"
                section.fail("examples", f"{{{slot}}} is no argument; the arguments are: {known}", index)
        if len(slots) != len(set(slots)):
            section.fail("examples", "an argument stands in a phrase only once", index)
        if "{" in _SLOT.sub("", phrase) or "}" in _SLOT.sub("", phrase):
            section.fail(
                "examples", "a brace is not closed; {argument} marks where an argument stands", index
            )
        phrases.append(phrase.strip())
    return tuple(phrases)
