from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ares.cli._values import parse_assignments, typed
from ares.core import Capability, Effect, Json
from ares.errors import ArgumentError


def capability(**properties: Json) -> Capability:
    return Capability(
        module="m",
        name="c",
        description="",
        effect=Effect.READ,
        input_schema={"type": "object", "properties": properties},
        output_schema={},
    )


@pytest.mark.parametrize(
    ("type_name", "text", "value"),
    [
        ("string", "5", "5"),
        ("string", "", ""),
        ("integer", "-12", -12),
        ("number", "2.5", 2.5),
        ("number", "3", 3),
        ("boolean", "Yes", True),
        ("boolean", "off", False),
        ("array", "[1, 2]", [1, 2]),
        ("array", "one", ["one"]),
        ("object", '{"a": 1}', {"a": 1}),
        ("null", "null", None),
    ],
)
def test_text_becomes_what_the_schema_asks_for(type_name: str, text: str, value: Json) -> None:
    read = typed(text, {"type": type_name}, "x")
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("type_name", "text"),
    [
        ("integer", "1.5"),
        ("integer", "1_000"),
        ("integer", "٣"),
        ("number", "nan"),
        ("number", "1_0.5"),
        ("number", "inf"),
        ("boolean", "maybe"),
        ("array", "[1"),
        ("array", "[NaN]"),
        ("object", "[1]"),
        ("null", ""),
    ],
)
def test_what_cannot_be_meant_is_refused_by_the_name_of_the_argument(type_name: str, text: str) -> None:
    with pytest.raises(ArgumentError, match="limit takes"):
        typed(text, {"type": type_name}, "limit")


def test_the_first_of_several_types_that_fits_counts() -> None:
    assert typed("7", {"type": ["integer", "string"]}, "x") == 7
    assert typed("seven", {"type": ["integer", "string"]}, "x") == "seven"


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"enum": [1, 2.5, True, None, "a", [3]]}, "1", 1),
        ({"enum": [1, 2.5, True, None, "a", [3]]}, "2.5", 2.5),
        ({"enum": [1, 2.5, True, None, "a", [3]]}, "true", True),
        ({"enum": [1, 2.5, True, None, "a", [3]]}, "null", None),
        ({"enum": [1, 2.5, True, None, "a", [3]]}, "a", "a"),
        ({"enum": [1, 2.5, True, None, "a", [3]]}, "[3]", [3]),
        ({"enum": [1, "1"]}, "1", "1"),
        ({"type": ["string", "integer"], "enum": ["a", 1]}, "1", 1),
        ({"const": 4}, "4", 4),
        ({"type": "boolean", "enum": [True]}, "yes", True),
        ({"enum": [1, 2]}, "3", "3"),
    ],
)
def test_a_choice_is_given_by_what_it_is_or_by_its_json(
    schema: dict[str, Json], text: str, value: Json
) -> None:
    read = typed(text, schema, "x")
    assert read == value
    assert type(read) is type(value)


def test_items_of_a_list_have_its_item_type_and_a_repeated_key_makes_it_longer() -> None:
    ports = capability(ports={"type": "array", "items": {"type": "integer"}})
    assert parse_assignments(["ports=1", "ports=2", "ports=[3,4]"], ports) == {"ports": [1, 2, 3, 4]}


def test_a_value_may_hold_equals_signs_and_an_unknown_key_stays_text() -> None:
    found = parse_assignments(["text=a=b=c", "other=1"], capability(text={"type": "string"}))
    assert found == {"text": "a=b=c", "other": "1"}


@pytest.mark.parametrize("words", [["text"], ["=x"], ["text=a", "text=b"]])
def test_words_that_are_no_arguments_are_refused(words: list[str]) -> None:
    with pytest.raises(ArgumentError):
        parse_assignments(words, capability(text={"type": "string"}))


@given(
    st.text(max_size=200),
    st.sampled_from(["string", "integer", "number", "boolean", "array", "object", "null", "odd", 7, None]),
)
def test_no_text_breaks_the_reader(text: str, type_name: Json) -> None:
    try:
        typed(text, {"type": type_name, "items": {"type": type_name}}, "x")
    except ArgumentError as error:
        assert "\n" not in str(error)
