"""What a change would leave out of what was said is asked back about."""

from __future__ import annotations

import pytest

from ares.core import Kind, Reading
from ares.evolve.reading import Machine
from ares.inference.proposer import CommandProposer, shortlist
from ares.inference.values import Normaliser


def read(machine: Machine, sentence: str) -> Reading:
    offered = shortlist(sentence, machine.bundled, Normaliser(machine.world, machine.bundled), 12)
    return CommandProposer().read(sentence, offered, machine.world)


@pytest.mark.parametrize(
    "sentence",
    [
        "Could you maybe not delete report.pdf?",
        "would you please not delete budget.xlsx",
        "I'd rather you didn't delete report.pdf",
        "I would prefer not to delete report.pdf",
        "no deleting report.pdf",
        "I'd rather you did not make a copy of todo.md in recipes",
        "I would not like you to delete todo.md",
        "refrain from deleting report.pdf",
        "do nt delete report.pdf",
        "it would be a mistake to delete report.pdf",
        "i'm not sure i want to delete report.pdf",
        "can you not wake the nas please",
    ],
)
def test_a_denial_anywhere_beside_what_would_change_forbids(machine: Machine, sentence: str) -> None:
    reading = read(machine, sentence)
    assert (reading.kind, reading.calls) == (Kind.CLARIFY, ())
    assert "You say what not to do" in reading.question


@pytest.mark.parametrize(
    "sentence",
    [
        "I don't need todo.md any more, delete it",
        "why not delete todo.md",
        "the note about milk is not needed anymore, delete the note about milk",
        "can't you wake the nas",
        "don't forget to delete todo.md",
    ],
)
def test_a_denial_that_gives_the_reason_does_not(machine: Machine, sentence: str) -> None:
    assert read(machine, sentence).kind is Kind.ACTIONS


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("delete the newest file in photos", "'newest'"),
        ("delete the oldest photo", "'oldest'"),
        ("delete half of the photos", "'half'"),
        ("delete photos older than a week", "'older'"),
        ("delete the copy of report.pdf", "'copy'"),
    ],
)
def test_a_deletion_is_not_of_all_when_it_is_asked_for_a_part(
    machine: Machine, sentence: str, told: str
) -> None:
    reading = read(machine, sentence)
    assert (reading.kind, reading.calls) == (Kind.CLARIFY, ())
    assert told in reading.question


@pytest.mark.parametrize(
    "sentence",
    [
        "move report.pdf and todo.md to the archive",
        "delete report.pdf or todo.md",
        "wake the nas or the printer",
        "delete report.pdf, no wait, budget.xlsx",
        "delete report.pdf, actually todo.md instead",
        "delete report.pdf? no",
        "tell anna to delete report.pdf",
        "pretend to delete report.pdf",
        "do you want to delete report.pdf?",
        "put report.pdf into ~/Documents as text and todo.md too",
        "overwrite todo.md with budget.xlsx",
    ],
)
def test_nothing_is_changed_by_half_of_what_was_said(machine: Machine, sentence: str) -> None:
    reading = read(machine, sentence)
    assert reading.kind is not Kind.ACTIONS
    assert reading.calls == ()


@pytest.mark.parametrize("sentence", ["uptime of the nas", "list the files on the nas"])
def test_a_question_about_another_machine_is_not_answered_for_this_one(
    machine: Machine, sentence: str
) -> None:
    reading = read(machine, sentence)
    assert (reading.kind, reading.calls) == (Kind.CLARIFY, ())
    assert "'nas'" in reading.question


def test_what_is_in_a_file_is_read_and_in_a_folder_listed(machine: Machine) -> None:
    assert [call.capability for call in read(machine, "what is in todo.md").calls] == ["files.read"]
    assert [call.capability for call in read(machine, "what is in recipes").calls] == ["files.list"]


def test_a_pattern_is_no_folder_of_such_files(machine: Machine) -> None:
    for sentence in ("delete *.jpg", "delete the pdfs", "copy all pdfs to Pictures"):
        reading = read(machine, sentence)
        assert reading.kind in (Kind.CLARIFY, Kind.NONE), sentence


def test_a_folder_is_not_acted_on_when_something_in_it_is_meant(machine: Machine) -> None:
    for sentence in (
        "delete invoice-april from Documents",
        "move the april invoice from Documents to Downloads",
        "delete everything in Downloads",
    ):
        reading = read(machine, sentence)
        assert reading.calls == (), sentence


@pytest.mark.parametrize("sentence", ["wake nas3", "wake nas-2", "wake the laptop2", "wake old-nas"])
def test_a_machine_with_another_number_is_another_machine(machine: Machine, sentence: str) -> None:
    assert read(machine, sentence).calls == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "without deleting report.pdf, show me report.pdf",
        "skip deleting report.pdf",
        "show me report.pdf instead of deleting it",
        "write hello to todo.md without overwriting",
        "delete report.pdf... nah",
        "the nas is awake",
        "the nas is turned on",
    ],
)
def test_what_is_left_undone_taken_back_or_only_told_is_not_done(machine: Machine, sentence: str) -> None:
    reading = read(machine, sentence)
    assert reading.kind is not Kind.ACTIONS


def test_that_something_should_be_so_is_still_a_request(machine: Machine) -> None:
    assert [call.capability for call in read(machine, "make sure the nas is on").calls] == ["hosts.wake"]
