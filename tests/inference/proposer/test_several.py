"""Sentences that ask for several things: taken apart, kept whole, and asked back about, never cut short."""

from __future__ import annotations

from pathlib import Path

import pytest

from ares.core import Json, Kind, Reading
from ares.evolve.reading import Machine, load_joined, load_world, measure
from ares.inference.proposer import CommandProposer, shortlist
from ares.inference.values import Normaliser

JOINED = Path(__file__).resolve().parents[2] / "data" / "joined.jsonl"


def read(machine: Machine, sentence: str) -> Reading:
    offered = shortlist(sentence, machine.bundled, Normaliser(machine.world, machine.bundled), 12)
    return CommandProposer().read(sentence, offered, machine.world)


def calls(reading: Reading) -> list[tuple[str, dict[str, Json]]]:
    return [(call.capability, dict(call.arguments)) for call in reading.calls]


def test_nearly_all_joined_sentences_come_apart_into_the_right_two_requests(machine: Machine) -> None:
    requests = load_joined(JOINED)
    measured = measure(CommandProposer(), machine, requests)
    results = list(measured.results)
    assert len(results) == 218
    assert measured.share(results, arguments=False) > 0.92
    assert measured.share(results) > 0.84
    cut_short = [
        each.request.text
        for each in results
        if each.reading.kind is Kind.ACTIONS and len(each.reading.calls) == 1
    ]
    assert len(cut_short) <= 6, cut_short


@pytest.mark.parametrize(
    ("sentence", "unclear"),
    [
        ("copy the summary to backup and delete the notes about milk", "copy the summary to backup"),
        ("delete the notes about milk and copy the summary to backup", "copy the summary to backup"),
        ("order pizza and delete todo.md", "order pizza"),
        ("delete todo.md and order pizza", "order pizza"),
        ("order pizza, delete todo.md", "order pizza"),
        ("what time is it in tokyo and atlantis", "atlantis"),
        ("what's the weather and how full is the disk", "what's the weather"),
        ("wake the nas and frobnicate it", "frobnicate it"),
        ("delete todo.md and the note about milk", "the note about milk"),
        ("copy todo.md to recipes and photos", "photos"),
        ("delete it and wake the nas", "delete it"),
        ("read todo.md; translate it to french", "translate it to french"),
        ("read todo.md and rm spaceship", "rm spaceship"),
        ("copy todo.md to recipes and remove the file lawsuit", "remove the file lawsuit"),
    ],
)
def test_a_part_that_is_not_understood_is_asked_about_and_nothing_is_done(
    machine: Machine, sentence: str, unclear: str
) -> None:
    reading = read(machine, sentence)
    assert (reading.kind, reading.calls) == (Kind.CLARIFY, ())
    assert reading.notes["unclear"] == unclear
    assert "Nothing is done yet" in reading.question


@pytest.mark.parametrize(
    ("sentence", "call"),
    [
        ("note that milk and eggs are out", ("notes.add", {"text": "milk and eggs are out"})),
        (
            "note that the milk and the eggs are gone",
            ("notes.add", {"text": "the milk and the eggs are gone"}),
        ),
        ("delete the note about milk and eggs", ("notes.delete", {"note": "milk and eggs"})),
        (
            "copy salt and pepper.txt to recipes",
            ("files.copy", {"source": "salt and pepper.txt", "destination": "recipes"}),
        ),
        (
            "write hello and goodbye to hi.txt",
            ("files.write", {"path": "hi.txt", "text": "hello and goodbye"}),
        ),
        ("my son needs the computer, so wake the nas", ("hosts.wake", {"name": "nas"})),
        ("delete todo.md, and be quick about it", ("files.delete", {"path": "todo.md"})),
    ],
)
def test_values_and_asides_with_a_joining_word_stay_one_request(
    machine: Machine, sentence: str, call: tuple[str, dict[str, Json]]
) -> None:
    assert calls(read(machine, sentence)) == [call]


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("wake the nas and the laptop", ["nas", "laptop"]),
        ("wake nas, laptop and pi", ["nas", "laptop", "pi"]),
        ("wake nas and then laptop", ["nas", "laptop"]),
    ],
)
def test_a_part_that_only_names_something_means_the_same_once_more(
    machine: Machine, sentence: str, names: list[str]
) -> None:
    assert calls(read(machine, sentence)) == [("hosts.wake", {"name": name}) for name in names]


@pytest.mark.parametrize(
    "joiner",
    [" and then ", ", after that ", ". once that's done ", "; ", " && ", "\n", ", also ", " plus ", " & "],
)
def test_whatever_joins_them_two_requests_are_two(machine: Machine, joiner: str) -> None:
    reading = read(machine, f"wake the nas{joiner}show my notes")
    assert [call.capability for call in reading.calls] == ["hosts.wake", "notes.list"]


def test_in_speech_nothing_has_to_join_two_requests(machine: Machine) -> None:
    reading = read(machine, "um wake the desktop jot down that the backup ran and show me the memory")
    assert calls(reading) == [
        ("hosts.wake", {"name": "desktop"}),
        ("notes.add", {"text": "the backup ran"}),
        ("system.memory", {}),
    ]


def test_words_to_be_kept_are_not_cut_where_they_speak_of_a_request(machine: Machine) -> None:
    sentence = "make a note that the boss wants a list show me the disk"
    assert calls(read(machine, sentence)) == [
        ("notes.add", {"text": "the boss wants a list show me the disk"})
    ]


@pytest.mark.parametrize(
    ("sentence", "call"),
    [
        ("processes, top 3 by cpu", ("system.processes", {"sort": "cpu", "limit": 3})),
        (
            "if the call is at 8:15 in Lima, what would that be in Oslo",
            ("clock.convert", {"time": "08:15", "from": "America/Lima", "to": "Europe/Oslo"}),
        ),
        (
            "search my documents, anything called tax",
            ("files.find", {"name": "tax", "path": "~/Documents"}),
        ),
    ],
)
def test_parts_that_each_say_something_of_one_request_are_one(
    machine: Machine, sentence: str, call: tuple[str, dict[str, Json]]
) -> None:
    assert calls(read(machine, sentence)) == [call]


def test_one_word_of_a_list_is_a_request_when_it_is_beyond_doubt(machine: Machine) -> None:
    reading = read(machine, "uptime, disk usage, memory")
    assert [call.capability for call in reading.calls] == ["system.uptime", "system.disk", "system.memory"]


def test_another_note_is_a_second_one(machine: Machine) -> None:
    reading = read(machine, "note that the milk is out and make another note that the plumber comes")
    assert calls(reading) == [
        ("notes.add", {"text": "the milk is out"}),
        ("notes.add", {"text": "the plumber comes"}),
    ]


def test_the_same_request_twice_stays_two(machine: Machine) -> None:
    reading = read(machine, "delete note 3, delete note 4")
    assert calls(reading) == [("notes.delete", {"note": "3"}), ("notes.delete", {"note": "4"})]


@pytest.mark.parametrize(
    ("sentence", "capability"),
    [
        ("somebody is eating all my memory, which programs use the most", "system.processes"),
        ("the machine was off for a week, how long has it been up now", "system.uptime"),
        ("has this machine been restarted lately, or is it still up from last month?", "system.uptime"),
    ],
)
def test_what_only_sets_the_scene_for_a_question_is_no_request(
    machine: Machine, sentence: str, capability: str
) -> None:
    assert [call.capability for call in read(machine, sentence).calls] == [capability]


def test_what_only_sets_the_scene_is_looked_at_when_it_would_change_something(machine: Machine) -> None:
    reading = read(machine, "the nas must wake up, how full is the disk")
    assert [call.capability for call in reading.calls] == ["hosts.wake", "system.disk"]


def test_a_request_that_says_a_default_is_the_one_that_leaves_it_out(machine: Machine) -> None:
    reading = read(machine, "list the files, and show the files in this folder")
    assert [call.capability for call in reading.calls] == ["files.list"]


@pytest.fixture(scope="module")
def fourth() -> Machine:
    """The machine of the fourth set, with its own modules."""
    return load_world(JOINED.parent / "requests" / "fourth", JOINED.parents[2] / "modules")


def read_any(machine: Machine, sentence: str) -> Reading:
    tools = (*machine.bundled, *machine.unseen)
    offered = shortlist(sentence, tools, Normaliser(machine.world, tools), 12)
    return CommandProposer().read(sentence, offered, machine.world)


def test_a_part_that_nothing_speaks_for_is_no_request_to_a_new_module(fourth: Machine) -> None:
    reading = read_any(
        fourth,
        "I've got a bag of rye open and ten spare minutes, so which of my sourdough jars could use a meal?",
    )
    assert "sourdough.rise" not in [call.capability for call in reading.calls]


def test_a_name_that_holds_a_joining_word_is_one_however_it_is_spelt(fourth: Machine) -> None:
    reading = read_any(fourth, "cite thinking fast and slow page 203")
    assert calls(reading) == [("bibliography.cite", {"source": "Thinking, Fast and Slow", "page": 203})]


@pytest.mark.parametrize(
    "sentence",
    [
        "the kids did their homework and are begging for it, so wake the nas and show me the disk",
        "I always doze off at ten and sing loudly, so wake the nas and show me the disk",
        "deadline's tomorrow, wake the nas and show me the disk",
        "my aunt's over from Dublin and terribly homesick, wake the nas and show me the disk",
        "wake the nas, show me the disk and then shout",
    ],
)
def test_what_leads_up_to_an_order_is_no_request(machine: Machine, sentence: str) -> None:
    names = [name for name, _ in calls(read(machine, sentence))]
    assert names == ["hosts.wake", "system.disk"]


@pytest.mark.parametrize(
    "sentence",
    [
        "the kids did their homework and are begging for it, wake the nas and show me the disk",
        "order pizza and sing loudly, so wake the nas and show me the disk",
    ],
)
def test_what_may_be_wanted_before_an_order_is_asked_about(machine: Machine, sentence: str) -> None:
    assert read(machine, sentence).kind is Kind.CLARIFY


def test_a_sentence_that_is_surely_for_one_new_module_asks_for_nothing_beside(fourth: Machine) -> None:
    reading = read_any(fourth, "which sources are incomplete, and what do they need")
    assert [call.capability for call in reading.calls] == ["bibliography.incomplete"]


def test_two_things_that_are_asked_of_a_new_module_are_two(fourth: Machine) -> None:
    reading = read_any(fourth, "which sourdoughs are hungry, and what is next up at the karaoke")
    assert [call.capability for call in reading.calls] == ["sourdough.hungry", "karaoke.lineup"]


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("under newest pic: third try, still burnt", "third try, still burnt"),
        (
            "Below my newest photo please write the words Kitchen of second flat, too small",
            "Kitchen of second flat, too small",
        ),
    ],
)
def test_a_text_that_a_new_module_keeps_is_not_cut_at_its_commas(sentence: str, text: str) -> None:
    fifth = load_world(JOINED.parent / "requests" / "fifth", JOINED.parents[2] / "modules")
    assert calls(read_any(fifth, sentence)) == [("shutterbox.caption", {"text": text})]


@pytest.mark.parametrize(
    ("sentence", "notes"),
    [
        ("delete the milk note and the plumber note", ["milk", "plumber"]),
        ("delete note 1 and note 2", ["1", "2"]),
        ("delete the wifi note, the password has changed", ["wifi"]),
        ("tear up the plumber note", ["plumber"]),
    ],
)
def test_notes_are_told_apart_from_what_is_told_of_them(
    machine: Machine, sentence: str, notes: list[str]
) -> None:
    reading = read(machine, sentence)
    assert [call.arguments for call in reading.calls] == [{"note": note} for note in notes]
