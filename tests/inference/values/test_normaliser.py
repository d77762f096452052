"""The one entry to all normalisers, over arguments of capabilities."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ares.core import Capability, Effect, Json, Value
from ares.inference import World
from ares.inference.values import Normaliser, Slot, slots

BINS = {"bin.items": (Value("1", ("scan-old.pdf",)), Value("2", ("beach.jpg",)))}


def capability(properties: dict[str, Json], required: tuple[str, ...] = ()) -> Capability:
    schema: dict[str, Json] = {"type": "object", "properties": properties, "required": list(required)}
    return Capability(
        module="m",
        name="c",
        description="do it",
        effect=Effect.READ,
        input_schema=schema,
        output_schema={},
    )


def normaliser(tool: Capability) -> Normaliser:
    world = World(
        datetime(2026, 11, 21, 10, tzinfo=UTC), "Europe/Rome", "/w", "/h", lambda source: BINS.get(source, ())
    )
    return Normaliser(world, [tool])


def found(schema: dict[str, Json], sentence: str, *, required: bool = True) -> list[Json]:
    tool = capability({"x": schema}, ("x",) if required else ())
    (slot,) = slots(tool)
    return [each.value for each in normaliser(tool).find(slot, sentence)]


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, "text"),
        ({"type": "integer"}, "number"),
        ({"type": "integer", "format": "duration"}, "duration"),
        ({"type": "string", "format": "ipv4"}, "ip"),
        ({"type": "string", "enum": ["a", "b"]}, "choice"),
        ({"type": "boolean"}, "choice"),
        ({"type": "string", "x-values": "bin.items"}, "live"),
        ({"type": "string", "format": "path", "x-values": "bin.items"}, "path"),
        ({"type": "string", "format": "something-new"}, "text"),
    ],
)
def test_the_schema_of_an_argument_says_its_kind(schema: dict[str, Json], kind: str) -> None:
    (slot,) = slots(capability({"x": schema}))
    assert slot.kind == kind


def test_numbers_outside_the_bounds_of_the_schema_are_not_found() -> None:
    assert found({"type": "integer", "minimum": 1, "maximum": 50}, "between 7 and 700") == [7]


def test_half_is_50_where_the_whole_is_100() -> None:
    percent: dict[str, Json] = {"type": "integer", "minimum": 0, "maximum": 100}
    assert found(percent, "make it half as bright") == [50]
    assert found(percent, "turn it down to a fifth of its strength") == [20]
    assert found(percent, "make it three quarters bright") == [75]


def test_a_part_of_a_hundred_is_not_the_hundred() -> None:
    percent: dict[str, Json] = {"type": "integer", "minimum": 0, "maximum": 100}
    assert found(percent, "thirty five out of a hundred") == [35]
    assert found(percent, "from 40 to 100") == [40, 100]
    assert found({"type": "integer", "minimum": 1}, "make it half as bright") == []


def test_a_choice_is_found_by_a_word_that_means_the_same() -> None:
    schema: dict[str, Json] = {"type": "string", "enum": ["cpu", "memory"]}
    assert found(schema, "by processor time") == ["cpu"]
    assert found(schema, "who eats my ram") == ["memory"]
    assert found(schema, "by name") == []


def test_a_live_value_is_found_by_alias_and_by_number() -> None:
    schema: dict[str, Json] = {"type": "string", "x-values": "bin.items"}
    assert found(schema, "the beach picture") == ["2"]
    assert found(schema, "number one, please") == ["1"]
    assert found(schema, "number seven") == []


def test_here_fills_a_required_zone_and_not_an_optional_one() -> None:
    schema: dict[str, Json] = {"type": "string", "format": "zone"}
    assert found(schema, "what is it here") == ["Europe/Rome"]
    assert found(schema, "what is it here", required=False) == []


def test_read_takes_the_value_that_makes_up_most_of_what_was_said() -> None:
    tool = capability({"x": {"type": "string", "format": "date"}})
    slot = Slot("x", "date", True)
    read = normaliser(tool).read(slot, "the 3rd of may")
    assert read is not None
    assert read.value == "2027-05-03"
    assert normaliser(tool).read(slot, "the big day") is None


def test_rivals_are_the_values_that_fit_equally_well() -> None:
    tool = capability({"x": {"type": "string", "x-values": "bin.items"}})
    (slot,) = slots(tool)
    assert normaliser(tool).rivals(slot, "scan-old.pdf or beach.jpg") == ("1", "2")
