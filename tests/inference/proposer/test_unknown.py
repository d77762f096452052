"""A name that stands where a place is said and that ARES knows no place by is asked about, never left out."""

from __future__ import annotations

import pytest

from ares.core import Kind
from ares.evolve.reading import Machine
from ares.inference.proposer import CommandProposer, shortlist
from ares.inference.values import Normaliser


@pytest.mark.parametrize(
    ("sentence", "capability", "name"),
    [
        ("what time is it in Atlantis", "clock.now", "Atlantis"),
        ("convert 5pm from atlantis to tokyo", "clock.convert", "atlantis"),
        ("list the files in narnia", "files.list", "narnia"),
    ],
)
def test_an_unknown_place_is_not_taken_for_here(
    machine: Machine, sentence: str, capability: str, name: str
) -> None:
    offered = shortlist(sentence, machine.bundled, Normaliser(machine.world, machine.bundled), 12)
    reading = CommandProposer().read(sentence, offered, machine.world)
    assert (reading.kind, reading.calls, reading.candidates) == (Kind.CLARIFY, (), (capability,))
    assert f"none that ARES knows: '{name}'" in reading.question


@pytest.mark.parametrize(
    "sentence",
    ["what time is it in the office", "what time is it for the train", "how full is the disk in total"],
)
def test_other_words_are_no_places(machine: Machine, sentence: str) -> None:
    offered = shortlist(sentence, machine.bundled, Normaliser(machine.world, machine.bundled), 12)
    assert CommandProposer().read(sentence, offered, machine.world).kind is Kind.ACTIONS
