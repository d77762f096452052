"""Manifests: every key means what docs/modules.md says, and every mistake is named with its line."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.runtime.samples import ECHO, ECHO_CODE, FOUNDING, FOUNDING_CODE, FOUNDING_HELPER

from ares.core import Effect
from ares.errors import ManifestError
from ares.paths import shipped
from ares.runtime import read_manifest

Write = Callable[..., Path]


def test_a_manifest_is_read_whole(write: Write) -> None:
    folder = write(ECHO, module=ECHO_CODE)
    module = read_manifest(folder)
    assert (module.name, module.version, module.display_name) == ("echo", "1.0", "echo")
    assert (module.type, module.isolation, module.enabled, module.auto_start) == (
        "tool",
        "in-process",
        True,
        False,
    )
    assert module.source == str(folder)
    (say,) = module.capabilities
    assert say.full_name == "echo.say"
    assert say.effect is Effect.READ
    flags = (say.reversible, say.destructive, say.outward, say.self_affecting, say.keep, say.verify)
    assert not any(flags)
    assert say.required == ("text",)
    assert say.input_schema["additionalProperties"] is False
    assert say.examples == ("say {text}", "repeat {text} {times} times")


def test_the_founding_documents_form_is_taken_unmodified_and_at_its_worst(write: Write) -> None:
    module = read_manifest(write(FOUNDING, bridge=FOUNDING_CODE, birds=FOUNDING_HELPER))
    assert (module.version, module.isolation, module.auto_start) == ("2.0.0", "process", True)
    send, receive = module.capabilities
    for capability in (send, receive):
        assert capability.effect is Effect.EXECUTE
        assert (capability.destructive, capability.outward, capability.self_affecting) == (True, True, True)
        assert not capability.reversible
    assert send.input_schema == {
        "type": "object",
        "properties": {"phone": {"type": "string"}, "message": {"type": "string"}},
        "required": ["phone", "message"],
        "additionalProperties": False,
    }
    assert send.output_schema["required"] == ["success", "message_id"]
    assert receive.required == ()
    assert [(need.kind, need.name, need.constraint) for need in module.dependencies] == [
        ("python", "pluggy", ">=1.0"),
        ("api", "Pigeon API", ""),
    ]
    assert module.configuration == {"port": 5000, "loft": "tower"}


def test_shorthand_marks_what_may_be_left_out_and_may_be_mixed_with_schemas(write: Write) -> None:
    text = FOUNDING.replace(
        "input: {phone: string, message: string}",
        "input: {type: string, count: int?, note: {type: string, default: none}, where: path}",
    )
    schema = read_manifest(write(text, bridge="")).capabilities[0].input_schema
    assert schema["required"] == ["type", "where"]
    assert schema["properties"] == {
        "type": {"type": "string"},
        "count": {"type": "integer"},
        "note": {"type": "string", "default": "none"},
        "where": {"type": "string", "format": "path"},
    }


def test_the_digest_follows_every_file_and_nothing_else(write: Write) -> None:
    folder = write(ECHO, module=ECHO_CODE)
    first = read_manifest(folder).digest
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "module.cpython-311.pyc").write_bytes(b"x")
    (folder / ".hidden").write_text("x")
    assert read_manifest(folder).digest == first
    (folder / "words").mkdir()
    (folder / "words" / "list.txt").write_text("x")
    second = read_manifest(folder).digest
    (folder / "words" / "list.txt").write_text("y")
    assert len({first, second, read_manifest(folder).digest}) == 3


def test_an_api_needs_the_settings_it_names(write: Write) -> None:
    text = FOUNDING.replace("auth: bearer_token", "auth: loft\n      settings: [port]")
    api = read_manifest(write(text, bridge="")).dependencies[-1]
    assert api.detail["settings"] == ["port", "loft"]


def test_a_python_requirement_for_other_systems_is_no_need_here(write: Write) -> None:
    text = FOUNDING.replace("pluggy>=1.0", "pywin32; sys_platform == 'win32'")
    assert [need.kind for need in read_manifest(write(text, bridge="")).dependencies] == ["api"]


WRONG = [
    ("name: echo", "name: Echo", 1, "no module name"),
    ("name: echo", "nam: echo", 1, "did you mean 'name'"),
    ("name: echo\n", "", 1, "'name' is missing"),
    ('version: "1.0"', "version: 1.0", 2, "put it in quotes"),
    ('version: "1.0"', 'version: "../1"', 2, "no version"),
    ("entry_point: module.py", "entry_point: ../module.py", 3, "no Python file"),
    ("entry_point: module.py", "entry_point: other.py", 3, "there is no other.py"),
    ("isolation: in-process", "isolation: none", 4, "must be one of process, in-process"),
    ("isolation: in-process", "main_function: do it", 4, "no name of a Python function"),
    ("isolation: in-process", "enabled: 1", 4, "must be true or false"),
    ("isolation: in-process", "configuration: [a]", 4, "must be a mapping"),
    ("isolation: in-process", "configuration: {a b: 1}", 4, "no name of a setting"),
    ("isolation: in-process", "configuration: {a: 2026-01-01}", 4, "not a JSON value"),
    ("isolation: in-process", "dependencies: {pyton: [a]}", 4, "did you mean 'python'"),
    ("isolation: in-process", "dependencies: {python: ['>=2']}", 4, "is no requirement"),
    (
        "isolation: in-process",
        "dependencies: {python: ['a @ https://b.example/a.zip']}",
        4,
        "names an address",
    ),
    ("isolation: in-process", "dependencies: {python: a}", 4, "must be a list"),
    (
        "isolation: in-process",
        "dependencies:\n  python:\n    - a\n    - b; sys_platform ~= 'linux'",
        7,
        "dependencies.python.1: .* compares what has no order; write it with ==",
    ),
    ("isolation: in-process", "dependencies: {python: ['a; python_version ~= \"3\"']}", 4, "no order"),
    ("isolation: in-process", "configuration: {a: 0x" + "f" * 5000 + "}", 4, "not a JSON value"),
    (
        "isolation: in-process",
        "configuration:\n  a: 1\n  b: " + "7" * 5000,
        6,
        "as a whole number; correct it",
    ),
    ("isolation: in-process", "configuration:\n  a: 1\n  b: 2026-13-45", 6, "cannot be read as a date"),
    ("isolation: in-process", "configuration:\n  a: 1\n  b: \0", 6, r"U\+0000 stands here; take it out"),
    ("maximum: 9, default: 1", "maximum: 0, default: 1", 13, "minimum 1 and maximum 0 leave no value"),
    ("isolation: in-process", "dependencies: {system: ['rm -rf']}", 4, "no name of a program"),
    ("isolation: in-process", "dependencies: {modules: ['x>>1']}", 4, "is no module"),
    ("isolation: in-process", "dependencies: {apis: [{endpoint: x}]}", 4, "'name' is missing"),
    ("isolation: in-process", "dependencies: {apis: [{name: x, settings: [k]}]}", 4, "not among the keys"),
    ("name: say", "name: Say", 6, "no name"),
    ("effect: read", "effect: reed", 8, "must be one of read, write"),
    ("effect: read", "effect: read\n    colour: red", 9, "no such key"),
    ("effect: read", "effect: read\n    reversible: true", 9, "say how with `undo`"),
    ("effect: read", "effect: write\n    undo: {capability: say}", 9, "write MODULE.NAME"),
    ("effect: read", "effect: write\n    undo: {capability: echo.unsay}", 9, "no capability echo.unsay"),
    ("effect: read", "effect: write\n    undo: {capability: echo.say}", 9, "needs the argument 'text'"),
    (
        "effect: read",
        "effect: write\n    undo:\n      capability: echo.say\n      arguments:\n        text: $result.sayd",
        12,
        "has no 'sayd'",
    ),
    (
        "effect: read",
        "effect: write\n    undo:\n      capability: echo.say\n      arguments:\n        text: $kept.id",
        12,
        "say `keep: true`",
    ),
    ("text: {type: string, minLength: 1}", "text: {$ref: '#/x'}", 12, r"'\$ref' is not supported"),
    ("text: {type: string, minLength: 1}", "text: {anyOf: []}", 12, "'anyOf' is not supported"),
    ("text: {type: string, minLength: 1}", "text: {type: strng}", 12, "type must be one of"),
    ("text: {type: string, minLength: 1}", "text: {pattern: '('}", 12, "not a regular expression"),
    ("text: {type: string, minLength: 1}", "text: {pattern: '(a+)+$'}", 12, "a group cannot be repeated"),
    ("text: {type: string, minLength: 1}", "text: {pattern: 'a+b+c+$'}", 12, "3 when it begins with"),
    ("text: {type: string, minLength: 1}", "text: {pattern: '^a+|b+c+$'}", 12, "3 when it begins with"),
    ("text: {type: string, minLength: 1}", "text: {items: {pattern: '(a)*'}}", 12, "items.pattern"),
    ("text: {type: string, minLength: 1}", "text: {enum: [a, '']}", 12, "a choice must not be empty"),
    ("text: {type: string, minLength: 1}", "text: {format: colour}", 12, "format must be one of"),
    ("text: {type: string, minLength: 1}", "text: {x-values: here}", 12, "write MODULE.SOURCE"),
    ("text: {type: string, minLength: 1}", "text: {x-offers: here}", 12, "write MODULE.SOURCE"),
    ("text: {type: string, minLength: 1}", "text: {x-offers: [a.b]}", 12, "x-offers must be text"),
    ("text: {type: string, minLength: 1}", "text: {type: string, format: duration}", 12, "number of seconds"),
    ("maximum: 9, default: 1", "maximum: 9, default: 10", 13, "default: must be at most 9"),
    ("required: [text]", "required: [txt]", 14, "'txt' is required but not among"),
    ("    input:\n      type: object", "    input:\n      type: array", 10, "arguments are an object"),
    ('summary: "said {said}"', 'summary: "said {sayd}"', 19, "has no 'sayd'"),
    ('summary: "said {said}"', 'summary: "said {said:hex}"', 19, "shown as one of bytes"),
    ("- say {text}", "- say {txt}", 21, r"\{txt\} is no argument; the arguments are: text, times"),
    ("- say {text}", "- say {text", 21, "a brace is not closed"),
    ("- say {text}", "- say {text} {text}", 21, "only once"),
    ("- say {text}", "- 5", 21, "a phrase is text"),
    ("- say {text}", "- name: say", 21, "a phrase is text"),
]


@pytest.mark.parametrize(("old", "new", "line", "problem"), WRONG)
def test_every_mistake_is_named_with_its_line(
    write: Write, old: str, new: str, line: int, problem: str
) -> None:
    assert ECHO.count(old) == 1
    folder = write(ECHO.replace(old, new), module=ECHO_CODE)
    with pytest.raises(ManifestError) as caught:
        read_manifest(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert re.search(problem, message), message
    place = re.match(rf"{re.escape(str(folder / 'module.yaml'))}:(\d+): ", message)
    assert place, message
    assert int(place[1]) == line, message


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "must be a mapping"),
        ("- a", "must be a mapping"),
        ("a: [", "not valid YAML"),
        ("a: !!int ''", "not valid YAML"),
        ("a: !!bool x", "not valid YAML"),
        ("a: 2026-13-45", "not valid YAML"),
        ("a: !!python/object:os.system {}", "not valid YAML"),
        ("a: 1\na: 2", "said twice"),
        ("a: &x 1\nb: *x", "aliases"),
        ("a: " + "[" * 3000, "nested more than 100 levels deep"),
        ("\0", "YAML"),
        (
            "".join(f"{' ' * depth}a:\n" for depth in range(900)),
            ":102: nested more than 100",
        ),
    ],
)
def test_what_is_no_manifest_at_all_is_one_line_too(write: Write, text: str, problem: str) -> None:
    with pytest.raises(ManifestError, match=problem) as caught:
        read_manifest(write(text))
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_manifest_says_what_a_module_is(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="a module is a folder with this file"):
        read_manifest(tmp_path)


def test_a_manifest_of_two_megabytes_is_not_read(write: Write) -> None:
    with pytest.raises(ManifestError, match="larger than 1 MiB"):
        read_manifest(write("#" * 2**21))


def test_a_manifest_that_is_no_text_file_is_one_line(tmp_path: Path) -> None:
    import os

    manifest = tmp_path / "module.yaml"
    os.mkfifo(manifest)
    with pytest.raises(ManifestError, match=r"module\.yaml: cannot be read \(it is a pipe or a device\)"):
        read_manifest(tmp_path)
    manifest.unlink()
    manifest.mkdir()
    with pytest.raises(ManifestError, match=r"module\.yaml: cannot be read \(it is a folder\)"):
        read_manifest(tmp_path)
    manifest.rmdir()
    manifest.write_bytes(b"name: x\nauthor: \xff\n")
    with pytest.raises(ManifestError, match=r"module\.yaml:2: a byte here is not UTF-8"):
        read_manifest(tmp_path)


def test_links_to_folders_and_pipes_do_not_belong_to_a_module(write: Write, tmp_path: Path) -> None:
    import os

    folder = write(ECHO, module=ECHO_CODE)
    (folder / "away").symlink_to(tmp_path)
    with pytest.raises(ManifestError, match="neither a file nor a folder"):
        read_manifest(folder)
    (folder / "away").unlink()
    os.mkfifo(folder / "pipe")
    with pytest.raises(ManifestError, match="neither a file nor a folder"):
        read_manifest(folder)


VALID = [
    yaml.safe_load((shipped("modules") / name / "module.yaml").read_text()) for name in ("files", "hosts")
]
VALID += [yaml.safe_load(ECHO), yaml.safe_load(FOUNDING)]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.dates(),
    st.binary(max_size=4),
    st.sampled_from(["object", "string", "{text}", "$result.x", "echo.say", "a>=1", "module.py", "read"]),
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(scalars.filter(lambda x: x == x), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict):
        for key in value:
            found += places(value[key], (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += places(item, (*path, index))
    return found


@given(data=st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_only_manifest_errors_leave_the_reader_whatever_stands_in_a_member(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    manifest = copy.deepcopy(data.draw(st.sampled_from(VALID)))
    path = data.draw(st.sampled_from(places(manifest)))
    value = data.draw(anything)
    if path:
        parent = manifest
        for step in path[:-1]:
            parent = parent[step]
        if data.draw(st.booleans()) or not isinstance(parent, dict):
            parent[path[-1]] = value
        else:
            parent[data.draw(st.text(max_size=5))] = parent.pop(path[-1])
    else:
        manifest = value
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "module.yaml").write_text(
        yaml.safe_dump(manifest, allow_unicode=True), encoding="utf-8", errors="replace"
    )
    check(folder)


@given(text=st.text(alphabet=st.sampled_from("ab:-[]{}!&*?|>'\"%@`#,. \n\t0~<=\ufeff\x85é"), max_size=60))
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_only_manifest_errors_leave_the_reader_whatever_the_text(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "module.yaml").write_text(text, encoding="utf-8")
    check(folder)


@given(data=st.binary(max_size=40))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_only_manifest_errors_leave_the_reader_whatever_the_bytes(
    data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "module.yaml").write_bytes(data)
    check(folder)


def check(folder: Path) -> None:
    try:
        read_manifest(folder, code=False)
    except ManifestError as error:
        message = str(error)
        assert "\n" not in message
        assert re.search(r"module\.yaml:\d+: ", message), message
