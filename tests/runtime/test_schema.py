"""Our part of JSON Schema, judged by the reference implementation."""

from __future__ import annotations

import time
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ares.runtime import first_error
from ares.runtime._schema import schema_problems

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.5, 1.0, 2.5])
    | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
counts = st.integers(0, 3)
kinds = st.sampled_from(["string", "integer", "number", "boolean", "object", "array", "null"])


def schemas() -> st.SearchStrategy[dict[str, Any]]:
    flat = st.fixed_dictionaries(
        {},
        optional={
            "type": kinds | st.lists(kinds, min_size=1, max_size=3, unique=True),
            "enum": st.lists(values, min_size=1, max_size=3),
            "const": values,
            "minLength": counts,
            "maxLength": counts,
            "pattern": st.sampled_from(["a", "^b", "a+$", "[ab]{2}"]),
            "minimum": st.integers(-2, 2),
            "maximum": st.integers(-2, 2),
            "exclusiveMinimum": st.integers(-2, 2),
            "exclusiveMaximum": st.integers(-2, 2),
            "minItems": counts,
            "maxItems": counts,
            "description": st.text(max_size=3),
        },
    )
    return st.recursive(
        flat,
        lambda inner: st.builds(
            lambda base, extra: {**base, **extra},
            flat,
            st.fixed_dictionaries(
                {},
                optional={
                    "items": inner,
                    "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
                    "additionalProperties": st.booleans() | inner,
                    "required": st.lists(st.sampled_from("abc"), max_size=2, unique=True),
                },
            ),
        ),
        max_leaves=4,
    )


@given(schemas(), values)
@settings(max_examples=400, deadline=None)
def test_a_value_fits_exactly_when_the_reference_says_so(schema: dict[str, Any], value: Any) -> None:
    judge = jsonschema.Draft202012Validator(schema)
    problem = first_error(schema, value)
    assert (problem == "") == judge.is_valid(value), problem
    assert "\n" not in problem


@given(schemas())
@settings(max_examples=150, deadline=None)
def test_what_passes_the_check_is_a_schema_to_the_reference_too(schema: dict[str, Any]) -> None:
    if not list(schema_problems(schema)):
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    ("schema", "value", "problem"),
    [
        ({"type": "string"}, 5, "must be text, not 5"),
        ({"type": "integer"}, True, "must be a whole number, not True"),
        ({"type": "number"}, float("nan"), "must be a number, not nan"),
        ({"type": "string", "minLength": 1}, "", "must not be empty"),
        ({"enum": [1]}, True, "must be one of 1, not True"),
        ({"enum": [[0]]}, [False], "must be one of [0], not [False]"),
        ({"required": ["a"]}, {}, "a is missing"),
        ({"properties": {"a": {"items": {"maximum": 2}}}}, {"a": [1, 3]}, "a[1]: must be at most 2, not 3"),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"b": 1},
            "there is no 'b'; known: a",
        ),
    ],
)
def test_problems_are_said_in_plain_words(schema: dict[str, Any], value: Any, problem: str) -> None:
    assert first_error(schema, value) == problem


@pytest.mark.parametrize("pattern", ["a*a*b", "^a*a*a*b"])
def test_the_worst_pattern_that_is_taken_ends_soon(pattern: str) -> None:
    schema = {"type": "string", "pattern": pattern}
    assert not list(schema_problems(schema))
    began = time.process_time()
    assert "must match the pattern" in first_error(schema, "a" * 1000)
    assert time.process_time() - began < 60


def test_a_text_that_is_too_long_for_a_pattern_does_not_meet_it() -> None:
    schema = {"type": "string", "pattern": "^a"}
    assert first_error(schema, "a" * 1000) == ""
    assert first_error(schema, "a" * 1001).startswith("must have at most 1000 characters to be held")


def test_a_schema_that_nests_without_end_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(40):
        schema = {"items": schema}
    assert any("deep" in problem for _, problem in schema_problems(schema))


@pytest.mark.parametrize(
    ("schema", "keyword", "problem"),
    [
        ({"minimum": 5, "maximum": 1}, "minimum", "minimum 5 and maximum 1 leave no value between them"),
        ({"minimum": 1, "exclusiveMaximum": 1}, "minimum", "leave no value"),
        ({"exclusiveMinimum": 1, "maximum": 1}, "exclusiveMinimum", "leave no value"),
        ({"exclusiveMinimum": 1.5, "exclusiveMaximum": 1.5}, "exclusiveMinimum", "leave no value"),
        ({"minLength": 2, "maxLength": 1}, "minLength", "leave no value"),
        ({"minItems": 2, "maxItems": 1}, "minItems", "leave no value"),
        ({"minimum": 2, "default": 1}, "default", "default: must be at least 2, not 1"),
        ({"enum": [1, 2], "default": 3}, "default", "default: must be one of 1, 2, not 3"),
        ({"maximum": 2, "enum": [1, 3]}, "enum", "enum: must be at most 2, not 3"),
        ({"type": "string", "const": 3}, "const", "const: must be text, not 3"),
    ],
)
def test_what_no_value_can_meet_is_no_schema(schema: dict[str, Any], keyword: str, problem: str) -> None:
    ((path, said),) = schema_problems({"properties": {"a": schema}})
    assert path == ("properties", "a", keyword)
    assert problem in said


@pytest.mark.parametrize(
    "schema",
    [
        {"minimum": 1, "maximum": 1},
        {"minLength": 1, "maxLength": 1, "default": "a"},
        {"enum": ["a", "b"], "default": "b"},
        {"enum": [1, 2], "const": 2},
        {"type": ["string", "null"], "default": None, "minLength": 3},
    ],
)
def test_bounds_that_leave_one_value_are_well(schema: dict[str, Any]) -> None:
    assert list(schema_problems(schema)) == []


@pytest.mark.parametrize("more", [{"format": "path"}, {"x-place": True}])
def test_x_whole_is_for_what_is_a_path(more: dict[str, Any]) -> None:
    schema = {"type": "string", "x-whole": True}
    assert not list(schema_problems({**schema, **more}))
    assert [path for path, _ in schema_problems(schema)] == [("x-whole",)]
    assert [path for path, _ in schema_problems({**schema, **more, "x-whole": "yes"})] == [("x-whole",)]
