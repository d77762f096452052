"""Arguments of capabilities that nothing was trained on: free text, offered values, choices, dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ares.core import Capability, Effect, Json, Kind, Reading, Source, Value
from ares.inference import World
from ares.inference.matching import Matcher
from ares.inference.proposer import FEATURES, CommandProposer, look
from ares.inference.proposer._mood import is_deed
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
    (call,) = read("find a berth for Esmeralda, Marta wants it", MOOR).calls
    assert call.arguments == {"boat": "Esmeralda", "skipper": "Marta"}


def test_a_choice_that_no_word_comes_near_is_asked_for() -> None:
    reading = read("do something with the sail", SAIL)
    assert (reading.kind, reading.calls) == (Kind.CLARIFY, ())


@pytest.mark.parametrize(
    ("sentence", "date"),
    [
        ("we painted Esmeralda on friday", "2026-11-20"),
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


LOOK = replace(
    PAINT,
    name="look",
    description="show what the log says about a day",
    effect=Effect.READ,
    examples=("what does the log say about {date}", "the log of {date}", "show the log of {date}"),
    input_schema={"type": "object", "properties": {"date": {"type": "string", "format": "date"}}},
)
NOTE = tool(
    "note",
    "write an observation into the log of the boats",
    "into the log: {text}",
    "log that {text}",
    "put {text} into the log",
    text=TEXT,
)
FUEL = tool(
    "fuel",
    "set how many litres of fuel are kept in the tank of a boat",
    "keep {litres} litres in the tank",
    "hold back {litres} litres of fuel",
    litres={"type": "number", "minimum": 5, "maximum": 100},
)
WEATHER = replace(
    LOOK,
    name="weather",
    description="show how strong the wind is in the harbour",
    effect=Effect.NETWORK,
    examples=("how strong is the wind", "wind in the harbour", "is it windy at the berth"),
    input_schema={"type": "object", "properties": {}},
)


@pytest.mark.parametrize(
    ("sentence", "date"),
    [
        ("what did the log say about 3 may", "2026-05-03"),
        ("show the log of 3 may", "2027-05-03"),
        ("show the log of last sunday", "2026-11-15"),
    ],
)
def test_a_question_looks_back_when_it_says_so(sentence: str, date: str) -> None:
    assert [call.arguments for call in read(sentence, LOOK, NOTE).calls] == [{"date": date}]


def test_a_question_for_what_is_looked_up_elsewhere_is_no_order_in_disguise() -> None:
    reading = read("did the wind in the harbour get strong?", WEATHER, NOTE)
    assert [call.capability for call in reading.calls] == ["boats.weather"]


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("for the log of the boats: gulls on deck, mast is fine", "gulls on deck, mast is fine"),
        ("into the boat log: gulls on deck. Please keep it", "gulls on deck"),
    ],
)
def test_what_a_colon_announces_is_kept_as_a_whole(sentence: str, text: str) -> None:
    assert [call.arguments for call in read(sentence, NOTE, MOOR).calls] == [{"text": text}]


@pytest.mark.parametrize(
    ("sentence", "litres"),
    [
        ("hold back 60 litres of fuel for the six hours to Kiel", 60),
        ("keep seven and a half litres in the tank", 7.5),
        ("keep a hundred and twenty litres, no, fifty litres in the tank", 50),
        ("keep half of the tank full of fuel", 50),
        ("keep haf of the tank full of fuel", 50),
    ],
)
def test_a_number_is_what_stands_for_one(sentence: str, litres: float) -> None:
    assert [call.arguments for call in read(sentence, FUEL).calls] == [{"litres": litres}]


def test_a_k_is_a_kilometre_only_where_kilometres_are_due() -> None:
    sail = tool(
        "log_trip",
        "write down how far a trip went",
        "a trip of {distance}",
        "we sailed {distance} today",
        distance={"type": "number", "maximum": 500, "description": "kilometres"},
    )
    assert [call.arguments for call in read("we sailed 30k today", sail).calls] == [{"distance": 30}]
    assert read("keep 30k litres in the tank", FUEL).calls == ()


@pytest.mark.parametrize(
    ("description", "deed"),
    [
        ("show how strong the wind is", False),
        ("tell how strong the wind is", False),
        ("tell the harbour master that a boat comes in", True),
        ("report a damage to the insurance", True),
        ("check a boat in at the harbour", True),
    ],
)
def test_what_is_sent_over_the_network_is_a_deed_and_what_is_looked_up_is_none(
    description: str, deed: bool
) -> None:
    assert is_deed(replace(WEATHER, description=description)) is deed


def test_words_that_may_be_a_text_are_no_order_of_their_own() -> None:
    reading = read("in the book of the boats, what stands there about last sunday?", LOOK, NOTE)
    assert [call.capability for call in reading.calls] == ["boats.look"]


RATE = tool(
    "rate",
    "give a berth stars",
    "{berth} gets {stars} stars",
    "{stars} stars for {berth}",
    "rate {berth} with {stars}",
    required=2,
    berth={"type": "string", "x-values": "boats.berths"},
    stars={"type": "integer", "minimum": 1, "maximum": 5},
)
MEND = tool(
    "mend",
    "put down what is to be mended on a day",
    "mend {what}",
    "mend {what} on {date}",
    "{what} needs mending at the {berth}",
    what=TEXT,
    date={"type": "string", "format": "date"},
    berth={"type": "string", "x-values": "boats.berths"},
)
HARBOUR = replace(
    WORLD, values=lambda source: (Value("kitchen"), Value("north pier")) if source == "boats.berths" else ()
)


def read_there(sentence: str, *tools: Capability) -> Reading:
    return CommandProposer().read(sentence, tools, HARBOUR)


def test_one_is_a_number_before_what_is_counted() -> None:
    (call,) = read_there("the north pier gets only one star from me", RATE).calls
    assert call.arguments == {"berth": "north pier", "stars": 1}
    assert read_there("rate one of the berths, the north pier", RATE).calls == ()


def test_an_ordinary_word_that_is_a_whole_name_is_given_to_an_optional_argument_too() -> None:
    (call,) = read_there("the oven needs mending at the kitchen", MEND).calls
    assert call.arguments == {"what": "oven", "berth": "kitchen"}


def test_a_part_of_the_day_beside_a_date_is_no_later_time() -> None:
    (call,) = read("mend the mast on monday morning", MEND).calls
    assert call.arguments["date"] == "2026-11-23"


def test_what_is_told_is_no_order_to_a_module_that_nobody_was_trained_on() -> None:
    reading = read("I'm off on holiday on friday, mend the north pier on monday and mend the mast", MEND)
    assert [call.arguments["what"] for call in reading.calls] == ["north pier", "mast"]


def test_a_choice_of_several_words_is_known_with_slips_in_it() -> None:
    sort = tool(
        "sort",
        "sort the boats by their arrival",
        "sort the boats",
        "the boats with the {order}",
        required=0,
        order={"type": "string", "enum": ["newest first", "oldest first"]},
    )
    (call,) = read("sort the boats, newst frist", sort).calls
    assert call.arguments == {"order": "newest first"}


NAG = tool(
    "nag",
    "say something to the crew at a time",
    "nag me to {text}",
    "nag me at {at} to {text}",
    "at {at} nag me to {text}",
    text=TEXT,
    at={"type": "string", "format": "time"},
)


def test_what_is_to_be_done_is_kept_with_its_verb() -> None:
    (call,) = read("kindly tell me at noon to give Emil his antibiotics", NAG).calls
    assert call.arguments == {"text": "give Emil his antibiotics", "at": "12:00"}


def test_a_text_does_not_end_in_the_beginning_of_what_follows() -> None:
    (call,) = read("find a berth for Lady Jane for me while I fetch the ropes", MOOR).calls
    assert call.arguments == {"boat": "Lady Jane"}
