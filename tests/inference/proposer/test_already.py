"""What a request says is so already is hardly what it asks for."""

from __future__ import annotations

import pytest

from ares.core import Capability, Effect
from ares.inference.proposer._already import against


def capability(name: str) -> Capability:
    return Capability(
        module="engines",
        name=name,
        description=f"{name} an engine",
        effect=Effect.EXECUTE,
        input_schema={"type": "object", "properties": {}},
        output_schema={},
    )


START, STOP, RESTART, LOGS = map(capability, ("start", "stop", "restart", "logs"))


def lost(sentence: str, tool: Capability) -> float:
    at = sentence.lower().index("atlas")
    return against(tool, sentence, ((at, at + len("atlas")),))


@pytest.mark.parametrize(
    "sentence",
    [
        "Atlas has been off since Monday, bring it back",
        "atlas's been switched off all week, could it run again",
        "I shut atlas down on Thursday, it may live again",
        "my brother killed atlas last week, get it going",
        "bring back atlas, which is lying idle",
        "atlas is not running, see to it",
    ],
)
def test_what_is_off_is_not_to_be_stopped(sentence: str) -> None:
    assert lost(sentence, STOP) > lost(sentence, RESTART) > lost(sentence, START) == 0
    assert lost(sentence, LOGS) == 0


def test_what_is_still_on_is_not_to_be_started() -> None:
    sentence = "atlas is still running and nobody needs it"
    assert lost(sentence, START) > lost(sentence, STOP) == 0


@pytest.mark.parametrize(
    "sentence",
    [
        "make sure atlas is off",
        "wait until atlas is down",
        "atlas should be off",
        "turn atlas off",
        "atlas keeps stuttering, the sound is off and on",
        "my phone is off, stop atlas",
    ],
)
def test_how_it_is_to_be_or_how_something_else_is_tells_nothing(sentence: str) -> None:
    assert [lost(sentence, tool) for tool in (START, STOP, RESTART)] == [0, 0, 0]


def test_without_a_thing_that_is_named_nothing_is_told() -> None:
    assert against(STOP, "it is off", ()) == 0
