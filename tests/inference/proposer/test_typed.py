"""Whatever a sentence says, a call has the types and bounds that its schema asks for, or is asked about."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ares.core import Capability, Effect, Kind, Reading
from ares.inference import World
from ares.inference.proposer import CommandProposer
from ares.runtime import first_error

WORLD = World(
    datetime(2026, 11, 21, 10, tzinfo=ZoneInfo("Europe/Berlin")),
    "Europe/Berlin",
    "/home/robin",
    "/home/robin",
    lambda source: (),
)


def tool(
    name: str, description: str, examples: tuple[str, ...], required: bool = True, **properties: Any
) -> Capability:
    return Capability(
        module="cooling",
        name=name,
        description=description,
        effect=Effect.READ,
        input_schema={
            "type": "object",
            "properties": properties,
            "required": list(properties) if required else [],
            "additionalProperties": False,
        },
        output_schema={},
        examples=examples,
    )


def read(sentence: str, *tools: Capability) -> Reading:
    return CommandProposer().read(sentence, tools, WORLD)


DEFROST = tool(
    "defrost",
    "defrost a shelf of the freezer",
    ("defrost shelf {shelf}", "thaw the shelf {shelf}"),
    shelf={"type": "integer", "enum": [1, 2, 3]},
)
LIGHT = tool(
    "light",
    "switch the light of the freezer",
    ("switch the freezer light {on}", "freezer light {on}"),
    on={"type": "boolean"},
)
DEGREES = tool(
    "set",
    "set the degrees of the freezer",
    ("set the freezer to {degrees}", "freezer at {degrees} degrees"),
    degrees={"type": "number", "minimum": -30, "maximum": 10},
)
FEED = tool(
    "feed",
    "feed some animals",
    ("feed the {animals}", "give food to {animals}"),
    animals={"type": "array", "items": {"type": "string"}, "minItems": 1},
)
TOP = tool(
    "top",
    "show the top processes",
    ("show the top {limit} processes", "the {limit} busiest processes"),
    required=False,
    limit={"type": "integer", "minimum": 1, "maximum": 200, "default": 10},
)


@pytest.mark.parametrize(
    ("sentence", "asked", "arguments"),
    [
        ("defrost shelf 2", DEFROST, {"shelf": 2}),
        ("defrost shelf two", DEFROST, {"shelf": 2}),
        ("switch the freezer light true", LIGHT, {"on": True}),
        ("freezer light off", LIGHT, {"on": False}),
        ("set the freezer to -18", DEGREES, {"degrees": -18}),
        ("set the freezer to minus 18.5", DEGREES, {"degrees": -18.5}),
        ("feed the cats and dogs", FEED, {"animals": ["cats", "dogs"]}),
        ("show the top 20 processes", TOP, {"limit": 20}),
        ("show the top processes", TOP, {}),
    ],
)
def test_a_value_has_the_type_of_its_argument(
    sentence: str, asked: Capability, arguments: dict[str, Any]
) -> None:
    (call,) = read(sentence, asked).calls
    assert call.arguments == arguments
    assert [type(value) for value in call.arguments.values()] == [type(value) for value in arguments.values()]


@pytest.mark.parametrize(
    ("sentence", "asked", "why"),
    [
        ("defrost shelf 7", DEFROST, "shelf"),
        ("set the freezer to 80", DEGREES, "It must be at most 10, not 80."),
        ("show the top 500 processes", TOP, "It must be at most 200, not 500."),
    ],
)
def test_a_value_that_does_not_fit_is_asked_about(sentence: str, asked: Capability, why: str) -> None:
    reading = read(sentence, asked)
    assert (reading.kind, reading.calls) == (Kind.CLARIFY, ())
    assert why in reading.question


scalars = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("string")}, optional={"minLength": st.integers(0, 9), "maxLength": st.integers(0, 9)}
    ),
    st.fixed_dictionaries(
        {"type": st.just("string"), "pattern": st.sampled_from(["^[a-z]+$", "^\\d+$", "x"])}
    ),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number"])},
        optional={
            "minimum": st.integers(-9, 9),
            "maximum": st.integers(-9, 99),
            "exclusiveMinimum": st.integers(-9, 9),
            "exclusiveMaximum": st.integers(-9, 99),
        },
    ),
    st.fixed_dictionaries(
        {
            "enum": st.lists(
                st.one_of(st.integers(-3, 9), st.booleans(), st.sampled_from(["red", "blue", "2"])),
                min_size=1,
                max_size=4,
            )
        }
    ),
    st.just({"type": "boolean"}),
    st.just({"const": 5}),
    st.fixed_dictionaries(
        {
            "type": st.just("string"),
            "format": st.sampled_from(
                ["path", "time", "date", "zone", "mac", "ip", "duration", "email", "url"]
            ),
        }
    ),
    st.fixed_dictionaries({"type": st.just("integer"), "format": st.just("duration")}),
)
schemas = st.one_of(
    scalars,
    st.builds(
        lambda items, least: {"type": "array", "items": items, "minItems": least}, scalars, st.integers(0, 3)
    ),
    st.just({"type": "object", "properties": {"x": {"type": "integer"}}}),
)
said = st.sampled_from(
    [
        "",
        "2",
        "-7",
        "2.5",
        "seven",
        "true",
        "off",
        "red",
        "blue and red",
        "cats, dogs and 3 mice",
        "x",
        "a/b.txt",
        "~/x",
        "17:30",
        "next friday",
        "tokyo",
        "00:11:22:33:44:55",
        "10.0.0.1",
        "half an hour",
        "a@b.example",
        "https://x.example/y",
        "1e3",
        "500",
        "{'x': 1}",
        "ein Haus",
        "the red one",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(schemas, min_size=1, max_size=3), st.lists(said, min_size=1, max_size=3), st.booleans())
def test_no_call_breaks_its_schema(kinds: list[dict[str, Any]], values: list[str], required: bool) -> None:
    properties = {f"a{index}": schema for index, schema in enumerate(kinds)}
    slots = " with ".join(f"{{a{index}}}" for index in range(len(kinds)))
    asked = tool("mix", "mix the drink", (f"mix the drink {slots}", "mix something"), required, **properties)
    for call in read(f"mix the drink {' with '.join(values)}", asked).calls:
        assert first_error(asked.input_schema, dict(call.arguments)) == ""
