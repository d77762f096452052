"""Arguments of capabilities that nothing was trained on: free text, offered values, choices, dates."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ares.core import Capability, Effect, Json, Kind, Reading, Source, Value
from ares.inference import World
from ares.inference.matching import Matcher
from ares.inference.proposer import FEATURES, CommandProposer, look
from ares.inference.values import Normaliser

TEXT: dict[str, Json] = {"type": "string"}


def values(source: str) -> tuple[Value, ...]:
    known = ("Marta", "Uncle Piet", "Carla") if source == "boats.skippers" else ()
    return tuple(Value(each) for each in known)


WORLD = World(
    datetime(2026, 11, 21, 10, tzinfo=ZoneInfo("Europe/Berlin")),
    "Europe/Berlin",
    "/home/robin",
    "/home/robin",
    values,
)


def tool(
    name: str, description: str, *examples: str, required: int = 1, **properties: dict[str, Json]
) -> Capability:
    return Capability(
        module="boats",
        name=name,
        description=description,
        effect=Effect.WRITE,
        input_schema={
            "type": "object",
            "properties": properties,
            "required": list(properties)[:required],
            "additionalProperties": False,
        },
        output_schema={},
        examples=examples,
    )


MOOR = tool(
    "moor",
    "give a boat a berth in the harbour",
    "moor {boat}",
    "{boat} is coming in, find it a berth",
    "give {boat} a berth, the skipper is {skipper}",
    "berth {boat} for {skipper}",
    boat=TEXT,
    skipper={"type": "string", "x-offers": "boats.skippers"},
)
SAIL = tool(
    "sail",
    "raise or lower the sail of a boat",
    "{direction} with the sail",
    "the sail should go {direction}",
    direction={"type": "string", "enum": ["up", "down"]},
)
PAINT = tool(
    "paint",
    "put down when a boat was painted",
    "{boat} was painted",
    "we painted {boat} on {date}",
    "note the new paint of {boat}",
    boat=TEXT,
    date={"type": "string", "format": "date"},
)


def read(sentence: str, *tools: Capability) -> Reading:
    return CommandProposer().read(sentence, tools, WORLD)


def test_free_text_is_found_in_a_sentence_that_is_no_example() -> None:
    (call,) = read("could you find a berth for the Lady Jane please", MOOR).calls
    assert call.arguments == {"boat": "Lady Jane"}
    assert call.provenance["boat"].source is Source.OWNER


def test_two_texts_never_get_the_same_words() -> None:
    (call,) = read("berth Esmeralda for Tom Baker", MOOR).calls
    assert call.arguments == {"boat": "Esmeralda", "skipper": "Tom Baker"}


def test_a_value_that_is_offered_is_taken_as_it_is_spelt_there() -> None:
    (call,) = read("give Esmeralda a berth, the skipper is uncle piet", MOOR).calls
    assert call.arguments == {"boat": "Esmeralda", "skipper": "Uncle Piet"}
    assert call.provenance["skipper"].source is Source.REGISTRY


def test_a_text_that_is_not_said_is_asked_for() -> None:
    reading = read("give it a berth in the harbour", MOOR)
    assert (reading.kind, reading.notes["missing"]) == (Kind.CLARIFY, ["boat"])


@pytest.mark.parametrize(
    ("sentence", "direction"),
    [("raise the sail", "up"), ("lower the sail please", "down"), ("the sail should go donw", "down")],
)
def test_a_choice_is_taken_by_what_a_word_means(sentence: str, direction: str) -> None:
    (call,) = read(sentence, SAIL).calls
    assert call.arguments == {"direction": direction}
    assert call.provenance["direction"].how.endswith(f"is {direction}")


@pytest.mark.parametrize("sentence", ["raise or lower the sail", "raise lower the sail"])
def test_a_choice_is_asked_for_when_words_come_near_to_two(sentence: str) -> None:
    assert read(sentence, SAIL).calls == ()


def test_an_offered_value_is_rather_said_than_not() -> None:
    (call,) = read("Marta wants Esmeralda moored", MOOR).calls
    assert call.arguments == {"boat": "Esmeralda", "skipper": "Marta"}


def test_a_choice_that_no_word_comes_near_is_asked_for() -> None:
    reading = read("do something with the sail", SAIL)
    assert (reading.kind, reading.calls) == (Kind.CLARIFY, ())


@pytest.mark.parametrize(
    ("sentence", "date"),
    [
        ("we painted Esmeralda on friday", "2026-11-27"),
        ("we painted Esmeralda yesterday", "2026-11-20"),
        ("we painted Esmeralda the day before yesterday", "2026-11-19"),
    ],
)
def test_an_optional_date_is_given_when_it_is_said(sentence: str, date: str) -> None:
    (call,) = read(sentence, PAINT).calls
    assert call.arguments == {"boat": "Esmeralda", "date": date}


def features(sentence: str, asked: Capability) -> dict[str, float]:
    """What speaks for ``asked``, the only capability, in ``sentence``."""
    scene = look(sentence, Matcher([asked]), [asked], Normaliser(WORLD, [asked]))
    return dict(zip(FEATURES, scene.signals[0].features, strict=True))


def test_a_text_that_is_needed_and_not_said_speaks_against_a_capability() -> None:
    assert features("find it a berth", MOOR)["untold"] > 0.5
    assert features("please moor the Lady Jane", MOOR)["untold"] < 0.1


def test_a_choice_that_is_called_like_nothing_else_speaks_for_a_capability() -> None:
    rig = tool(
        "rig",
        "choose the rig",
        "rig it as a {rig}",
        rig={"type": "string", "enum": ["yawlette", "memory"]},
    )
    assert features("yawlette from now on", rig)["explained"] == 1
    assert features("memory from now on", rig)["explained"] == 0
