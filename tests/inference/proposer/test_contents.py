"""The text of a file or a note: exactly what was said, without what leads to it or says where it goes."""

from __future__ import annotations

import pytest

from ares.evolve.reading import Machine
from ares.inference.proposer import CommandProposer


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ('write "back at five" into door.txt', "back at five"),
        ('write "please now" to the file door.txt', "please now"),
        ("save the words hello world to hello.txt", "hello world"),
        ("create a file called ideas.md with the text build a shed", "build a shed"),
        ("add to my notes return the drill to Tom", "return the drill to Tom"),
        ("note to self the gutter needs cleaning", "the gutter needs cleaning"),
        ("make a note containing I will clean the garage", "I will clean the garage"),
        ('note that Bob said "hi there" to Ann', 'Bob said "hi there" to Ann'),
        ("remember that the words of Ann are kind", "the words of Ann are kind"),
        ("take a note give the drill to Tom", "give the drill to Tom"),
    ],
)
def test_a_text_is_what_was_said(machine: Machine, sentence: str, text: str) -> None:
    calls = CommandProposer().read(sentence, machine.bundled, machine.world).calls
    assert [call.arguments.get("text") for call in calls] == [text]
