"""A home as the working folder: its folders by name, files named with their folder, nothing onto itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ares.core import Json, Reading, Value
from ares.evolve.reading import Machine
from ares.inference.proposer import CommandProposer

HERE = ("Documents", "Downloads", "Pictures", "backup", "projects", "draft.md", "report.txt", "todo.txt")
VALUES = {
    "files.here": tuple(Value(name, (name.partition(".")[0],)) for name in HERE),
    "files.places": (
        Value(".", ("here", "this folder")),
        Value("~", ("home",)),
        *(Value(f"~/{name}", (name.lower(), f"{name.lower()} folder")) for name in HERE[:3]),
        *(Value(name, (f"{name} folder",)) for name in HERE[:5]),
    ),
    "files.trash": (Value("1", ("film.iso", "film"), "~/film.iso"), Value("2", ("cd.iso", "cd"), "~/cd.iso")),
}


def read(machine: Machine, sentence: str) -> Reading:
    world = replace(machine.world, cwd="/home/anna", home="/home/anna", values=lambda s: VALUES.get(s, ()))
    return CommandProposer().read(sentence, machine.bundled, world)


def arguments(machine: Machine, sentence: str) -> list[dict[str, Json]]:
    return [dict(call.arguments) for call in read(machine, sentence).calls]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("what's in my downloads", {"path": "~/Downloads"}),
        ("ls Documents", {"path": "~/Documents"}),
        ("list the folder Documents", {"path": "~/Documents"}),
        ("move todo.txt into Documents", {"source": "todo.txt", "destination": "~/Documents"}),
        ("copy my documents to backup", {"source": "Documents", "destination": "backup"}),
    ],
)
def test_a_folder_known_under_two_names_is_one(
    machine: Machine, sentence: str, expected: dict[str, Json]
) -> None:
    assert arguments(machine, sentence) == [expected]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("delete todo.txt in the Documents folder", {"path": "Documents/todo.txt"}),
        ("read draft.md from the projects folder", {"path": "projects/draft.md"}),
        ("delete todo.txt in this folder", {"path": "todo.txt"}),
        ("delete todo.txt", {"path": "todo.txt"}),
        (
            "move report.txt from Documents to projects",
            {"source": "Documents/report.txt", "destination": "projects"},
        ),
        (
            "copy the todo.txt in projects to backup",
            {"source": "projects/todo.txt", "destination": "backup"},
        ),
        ("put todo.txt in projects", {"source": "todo.txt", "destination": "projects"}),
    ],
)
def test_a_file_is_looked_for_in_the_folder_it_is_named_with(
    machine: Machine, sentence: str, expected: dict[str, Json]
) -> None:
    assert arguments(machine, sentence) == [expected]


@pytest.mark.parametrize(
    "sentence",
    [
        "delete todo.txt in the taxes folder",
        "delete the draft in Documents",
        "throw away everything in the holiday pictures folder",
        "delete the holiday pictures",
        "back up the invoice to the backup folder",
        "copy todo.txt to todo.txt",
        "move Documents to ~/Documents",
    ],
)
def test_what_would_hit_another_file_or_the_same_one_is_asked(machine: Machine, sentence: str) -> None:
    assert arguments(machine, sentence) == []


def test_a_folder_that_is_meant_as_such_is_deleted(machine: Machine) -> None:
    assert arguments(machine, "delete the Documents folder") == [{"path": "Documents"}]
    assert arguments(machine, "please delete the pictures") == [{"path": "Pictures"}]


def test_a_question_names_things_as_the_owner_knows_them_and_once(machine: Machine) -> None:
    assert "~/film.iso" in read(machine, "bring back the iso from the trash").question
    assert read(machine, "delete it").question.count("file or folder") == 2
    assert "There is" not in read(machine, "back up the invoice to the backup folder").question
