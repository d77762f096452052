"""The command proposer without a model, on the machine of the requests written by hand."""

from __future__ import annotations

import pytest

from ares.core import Json, Kind, Reading, Source
from ares.evolve.reading import Machine
from ares.inference.proposer import WITHOUT_MODEL, CommandProposer, shortlist
from ares.inference.values import Normaliser


def read(machine: Machine, sentence: str) -> Reading:
    return CommandProposer().read(sentence, machine.bundled, machine.world)


def calls(reading: Reading) -> list[tuple[str, dict[str, Json]]]:
    return [(call.capability, dict(call.arguments)) for call in reading.calls]


@pytest.mark.parametrize(
    ("sentence", "call"),
    [
        ("how full is the disk?", ("system.disk", {})),
        ("wake up the nas", ("hosts.wake", {"name": "nas"})),
        ("delete the notes about milk", ("notes.delete", {"note": "milk"})),
        ("what time is it in Oslo", ("clock.now", {"zone": "Europe/Oslo"})),
        ("how many days until easter", ("clock.until", {"date": "2027-03-28"})),
        (
            "move the budget to my desktop",
            ("files.move", {"source": "budget.xlsx", "destination": "~/Desktop"}),
        ),
        ("show the top 7 processes", ("system.processes", {"limit": 7})),
        ("restore thesis.docx", ("files.restore", {"item": "3"})),
        (
            "note that the milk and the eggs are gone",
            ("notes.add", {"text": "the milk and the eggs are gone"}),
        ),
    ],
)
def test_a_plain_sentence_becomes_its_call(
    machine: Machine, sentence: str, call: tuple[str, dict[str, Json]]
) -> None:
    assert calls(read(machine, sentence)) == [call]


def test_the_reading_says_that_no_model_took_part(machine: Machine) -> None:
    assert read(machine, "how full is the disk?").model == WITHOUT_MODEL


def test_the_choice_and_the_words_are_the_owners(machine: Machine) -> None:
    (call,) = read(machine, "wake up the nas").calls
    assert call.choice is Source.OWNER
    assert call.words == "wake up the nas"
    assert 0 < call.confidence <= 1


def test_two_requests_in_one_sentence_become_two_calls(machine: Machine) -> None:
    reading = read(machine, "copy the report to documents and then delete the old logs")
    assert calls(reading) == [
        ("files.copy", {"source": "report.pdf", "destination": "~/Documents"}),
        ("files.delete", {"path": "old-logs"}),
    ]


def test_it_stands_for_what_was_named_before_and_says_so(machine: Machine) -> None:
    reading = read(machine, "copy todo.md to downloads and then delete it")
    assert calls(reading)[1] == ("files.delete", {"path": "todo.md"})
    assert "before" in reading.calls[1].provenance["path"].how


@pytest.mark.parametrize(
    ("sentence", "capability", "asks"),
    [
        ("wake up a machine", "hosts.wake", "which machine"),
        ("delete a file", "files.delete", "file or folder"),
        ("convert 5pm to the other time zone", "clock.convert", "city or zone"),
    ],
)
def test_a_missing_argument_is_asked_for_in_plain_words(
    machine: Machine, sentence: str, capability: str, asks: str
) -> None:
    reading = read(machine, sentence)
    assert (reading.kind, reading.candidates) == (Kind.CLARIFY, (capability,))
    assert asks in reading.question
    assert reading.question.endswith(("?", "."))


def test_the_question_for_a_machine_names_those_there_are(machine: Machine) -> None:
    assert "nas, desktop, laptop" in read(machine, "wake up a machine").question


@pytest.mark.parametrize(
    "sentence",
    ["what is the meaning of life", "order a pizza with extra cheese", "play some jazz", "????", ""],
)
def test_what_nothing_fits_names_the_way_to_another_model(machine: Machine, sentence: str) -> None:
    reading = read(machine, sentence)
    assert (reading.kind, reading.calls) == (Kind.NONE, ())
    assert "ares models" in reading.question


def test_without_capabilities_nothing_fits(machine: Machine) -> None:
    assert CommandProposer().read("wake the nas", (), machine.world).kind is Kind.NONE


def test_a_module_that_nobody_was_trained_on_is_read_by_its_examples(machine: Machine) -> None:
    tools = (*machine.bundled, *machine.unseen)
    reading = CommandProposer().read("set a timer for half an hour", tools, machine.world)
    assert calls(reading) == [("reminders.timer", {"duration": 1800})]
    assert reading.calls[0].provenance["duration"].said == "half an hour"


@pytest.mark.parametrize(
    ("sentence", "call"),
    [
        ("play harvest moon by neil young", ("music.play", {"what": "harvest moon", "artist": "neil young"})),
        ("remind me to call mum at 6pm", ("reminders.add", {"text": "call mum", "at": "18:00"})),
        ("stop grafana and start it again", ("containers.restart", {"name": "grafana"})),
        ("shut next cloud down", ("containers.stop", {"name": "nextcloud"})),
    ],
)
def test_of_two_phrases_that_fit_the_one_that_says_more_counts(
    machine: Machine, sentence: str, call: tuple[str, dict[str, Json]]
) -> None:
    tools = (*machine.bundled, *machine.unseen)
    assert calls(CommandProposer().read(sentence, tools, machine.world)) == [call]


def test_a_question_is_no_order(machine: Machine) -> None:
    tools = (*machine.bundled, *machine.unseen)
    for sentence in ("which timers did i set", "what song is playing", "who removed my notes"):
        for call in CommandProposer().read(sentence, tools, machine.world).calls:
            assert not next(tool for tool in tools if tool.full_name == call.capability).changes


def test_a_part_that_acts_on_something_unnamed_is_no_request_of_its_own(machine: Machine) -> None:
    reading = read(machine, "the pi is asleep, wake it")
    assert calls(reading) == [("hosts.wake", {"name": "pi"})]


def test_the_shortlist_keeps_what_each_part_of_a_sentence_needs(machine: Machine) -> None:
    tools = (*machine.bundled, *machine.unseen)
    listed = shortlist("wake the nas and play some jazz", tools, Normaliser(machine.world, tools), 4)
    assert {"hosts.wake", "music.play"} <= {tool.full_name for tool in listed}
    assert len(listed) <= 4


@pytest.mark.parametrize(
    "sentence", ["\x00", "a" * 5000, "de" * 3000, "\ud800 nas", "🦆 wake 🦆", "(((", "wake " * 400]
)
def test_odd_input_is_read_without_a_stumble(machine: Machine, sentence: str) -> None:
    assert read(machine, sentence).kind in Kind
