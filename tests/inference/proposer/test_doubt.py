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
        ("delete *.jpg", "'*.jpg'"),
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
        "move report.pdf and todo.md into recipes",
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
