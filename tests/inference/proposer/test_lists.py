"""One deed for several things that go to one place."""

from __future__ import annotations

import pytest

from ares.core import Kind
from ares.evolve.reading import Machine
from ares.inference.proposer import CommandProposer


@pytest.mark.parametrize(
    ("sentence", "things"),
    [
        ("move report.pdf and budget.xlsx to documents", ["report.pdf", "budget.xlsx"]),
        ("move both draft.docx and report.pdf to documents", ["draft.docx", "report.pdf"]),
        ("copy todo.md, draft.docx and notes.txt to documents", ["todo.md", "draft.docx", "notes.txt"]),
        ("please move report.pdf & budget.xlsx over to documents", ["report.pdf", "budget.xlsx"]),
    ],
)
def test_each_of_several_things_goes_to_the_one_place(
    machine: Machine, sentence: str, things: list[str]
) -> None:
    reading = CommandProposer().read(sentence, machine.bundled, machine.world)
    assert [call.arguments["source"] for call in reading.calls] == things
    assert {call.arguments["destination"] for call in reading.calls} == {"~/Documents"}


@pytest.mark.parametrize(
    "sentence",
    [
        "don't move report.pdf and budget.xlsx to documents",
        "should I move report.pdf and budget.xlsx to documents",
        "move report.pdf and budget.xlsx to documents tomorrow",
    ],
)
def test_the_guard_stands_before_several_as_before_one(machine: Machine, sentence: str) -> None:
    reading = CommandProposer().read(sentence, machine.bundled, machine.world)
    assert (reading.kind, reading.calls) == (Kind.CLARIFY, ())


def test_two_pairs_are_no_row(machine: Machine) -> None:
    sentence = "rename todo.md to a.md and notes.txt to b.md"
    reading = CommandProposer().read(sentence, machine.bundled, machine.world)
    assert [dict(call.arguments) for call in reading.calls] == [
        {"source": "todo.md", "destination": "a.md"},
        {"source": "notes.txt", "destination": "b.md"},
    ]
