"""Questions are asked in plain words that say nothing twice."""

from __future__ import annotations

import pytest

from ares.evolve.reading import Machine
from ares.inference.proposer._questions import what_is_missing


@pytest.mark.parametrize(
    ("kind", "description", "question"),
    [
        ("path", "the file or folder", "which file or folder?"),
        ("path", "the file", "which file or folder?"),
        ("date", "the date", "which date?"),
        ("mac", "its MAC address", "which MAC address?"),
        (
            "path",
            "where to, a folder or a new name",
            "which file or folder (where to, a folder or a new name)?",
        ),
        ("path", "what to copy", "what to copy?"),
    ],
)
def test_a_description_is_told_only_when_it_says_more(
    machine: Machine, kind: str, description: str, question: str
) -> None:
    asked = what_is_missing(machine.bundled[0], kind, description, "it", ())
    assert asked.endswith(f": {question}")
