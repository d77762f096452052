"""Free text without a model: where a value stands in a request, and how it is trimmed."""

from __future__ import annotations

import pytest

from ares.core import Json
from ares.evolve.reading import Machine
from ares.inference.matching import Matcher
from ares.inference.proposer._arguments import fill
from ares.inference.proposer._filling import Asked
from ares.inference.proposer._mood import asks
from ares.inference.values import Normaliser


def given(machine: Machine, name: str, sentence: str) -> dict[str, Json]:
    """What ``sentence`` gives the arguments of ``name`` when no model helps."""
    tools = (*machine.bundled, *machine.unseen)
    tool = next(each for each in tools if each.full_name == name)
    asked = Asked(tool, Matcher([tool]).analyse(sentence), None, None)
    return fill(asked, Normaliser(machine.world, tools)).arguments


@pytest.mark.parametrize(
    ("name", "sentence", "arguments"),
    [
        ("notes.add", "remember that the fuse is number seven", {"text": "the fuse is number seven"}),
        ("notes.add", "jot down: the fuse is number seven, please", {"text": "the fuse is number seven"}),
        ("notes.search", "have i got anything on roof tiles in my notes", {"query": "roof tiles"}),
        ("notes.search", "grep notes harbour", {"query": "harbour"}),
        ("notes.delete", "scrap memo 14", {"note": "14"}),
        ("notes.delete", "throw away the note on the garden hose", {"note": "garden hose"}),
        ("files.find", "hunt for *.ods in downloads", {"name": "*.ods", "path": "~/Downloads"}),
        ("files.find", "search downloads for lease.odt", {"name": "lease.odt", "path": "~/Downloads"}),
        ("files.find", "where did I put birdhouse-plan", {"name": "birdhouse-plan"}),
        ("files.find", "search the home for anything with lamp in its name", {"name": "lamp", "path": "~"}),
        (
            "files.find",
            "is there a file named something like lamp in downloads",
            {"name": "lamp", "path": "~/Downloads"},
        ),
        ("files.find", "I know I kept that scan, find one with lamp in the title", {"name": "lamp"}),
        ("files.find", "find report in downloads", {"name": "report", "path": "~/Downloads"}),
        ("notes.search", "I scribbled that down years ago, search my notes for lamp", {"query": "lamp"}),
        ("notes.search", "look for lamp in my ntoes", {"query": "lamp"}),
        ("notes.search", "serach my ntoes", {}),
        ("notes.delete", "remove note number eleven", {"note": "11"}),
        ("files.write", "create hi.py with print(1) in it", {"path": "hi.py", "text": "print(1)"}),
        (
            "notes.add",
            "Write for me one note please: the car must go to the garage",
            {"text": "the car must go to the garage"},
        ),
        ("files.write", "write hello and save it as hi.md", {"path": "hi.md", "text": "hello"}),
        ("notes.delete", "erase note twelve", {"note": "12"}),
        ("notes.delete", "one of my notes is wrong, delete it", {}),
        ("notes.delete", "delete one of my notes about the lamp", {"note": "lamp"}),
        (
            "files.write",
            "create a file called errands with wash the car",
            {"path": "errands", "text": "wash the car"},
        ),
        (
            "hosts.add",
            "new box, call it zeta, 02:1a:2b:3c:4d:5e",
            {"name": "zeta", "mac": "02:1a:2b:3c:4d:5e"},
        ),
        ("hosts.add", "register zeta, mac 02:1a:2b:3c:4d:5e", {"name": "zeta", "mac": "02:1a:2b:3c:4d:5e"}),
        ("music.play", "spin Harvest by Neil Young", {"what": "Harvest", "artist": "Neil Young"}),
        ("music.play", "put on some Nina Simone", {"what": "Nina Simone"}),
        (
            "clock.convert",
            "from Oslo to Lima, 5 pm",
            {"time": "17:00", "from": "Europe/Oslo", "to": "America/Lima"},
        ),
    ],
)
def test_a_value_stands_where_the_phrases_have_it_or_is_what_is_left(
    machine: Machine, name: str, sentence: str, arguments: dict[str, Json]
) -> None:
    assert given(machine, name, sentence) == arguments


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("notes.add", "take a note please"),
        ("notes.search", "look something up in my notes"),
        ("hosts.add", "could you add a new machine"),
    ],
)
def test_what_says_nothing_gives_nothing(machine: Machine, name: str, sentence: str) -> None:
    assert given(machine, name, sentence) == {}


@pytest.mark.parametrize(
    "sentence",
    [
        "which timers are running",
        "um so what is playing",
        "before I go: anything left to do?",
        "did it rain",
        "is it on",
    ],
)
def test_a_question_for_facts_is_known(sentence: str) -> None:
    assert asks(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "wake the nas",
        "could you wake the nas",
        "what about some jazz",
        "is it possible to wake the nas",
        "stop it when done",
    ],
)
def test_asking_for_a_deed_is_no_question_for_facts(sentence: str) -> None:
    assert not asks(sentence)
