"""Asking a model: a tiny engine that knows its answer stands in for the trained one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ares.inference.command import (
    ARGUMENT_IDS,
    END,
    MISSING,
    NAME,
    NONE,
    REQUEST,
    SPECIALS,
    Argument,
    CommandModel,
    Tool,
)

SHIFT = len(SPECIALS)
TOOLS = [
    Tool("files.read", "show a file", (Argument("path", "path"),)),
    Tool("files.move", "move a file", (Argument("source", "path"), Argument("to", "path"))),
    Tool("top.show", "show programs", (Argument("sort", "choice", False, ("cpu", "memory")),)),
]


class Wishes:
    """An engine with one token a byte that wants the tokens of ``wishes`` in this order, whatever it read."""

    def __init__(self, wishes: Sequence[int]) -> None:
        self.wishes = wishes
        self.read: list[int] = []
        self.evaluated = 0

    def tokenize(self, text: bytes) -> list[int]:
        return [SHIFT + byte for byte in text]

    def eval(self, tokens: Sequence[int]) -> None:
        self.read.extend(tokens)
        self.evaluated += len(tokens)

    def rewind(self, length: int) -> None:
        del self.read[length:]

    def logits(self) -> NDArray[np.float32]:
        done = len(self.read) - 1 - max(place for place, token in enumerate(self.read) if token == NAME)
        row: NDArray[np.float32] = np.zeros(SHIFT + 256, dtype=np.float32)
        if done < len(self.wishes):
            row[self.wishes[done]] = 5.0
        return row


def letters(text: str) -> list[int]:
    return [SHIFT + byte for byte in text.encode()]


def test_probabilities_over_tools_and_none_add_up_to_one() -> None:
    choice = CommandModel(Wishes(letters(" files move"))).choose(TOOLS, "move a to b")
    assert max(range(3), key=lambda index: choice.tools[index]) == 1
    assert math.isclose(sum(map(math.exp, [*choice.tools, choice.none])), 1.0)
    refused = CommandModel(Wishes([NONE])).choose(TOOLS, "sing")
    assert refused.none > max(refused.tools)


def test_a_name_that_is_the_beginning_of_another_can_be_chosen() -> None:
    tools = [Tool("notes", "all notes"), Tool("notes.add", "a new note")]
    short = CommandModel(Wishes([*letters(" notes"), END])).choose(tools, "my notes")
    long = CommandModel(Wishes(letters(" notes add"))).choose(tools, "new note")
    assert short.tools[0] > short.tools[1]
    assert long.tools[1] > long.tools[0]


def test_tools_of_the_same_name_share_its_probability() -> None:
    tools = [Tool("x.y", "one"), Tool("x.y", "other"), Tool("z", "more")]
    choice = CommandModel(Wishes([*letters(" x y"), END])).choose(tools, "go")
    assert choice.tools[0] == choice.tools[1] > choice.tools[2]


def test_values_are_spans_of_the_request_as_it_was_written() -> None:
    wishes = [
        *letters(" files move"),
        ARGUMENT_IDS[0],
        *letters(" my.txt"),
        ARGUMENT_IDS[1],
        *letters(" old stuff"),
        END,
    ]
    request = "Move My.TXT to Old Stuff"
    fill = CommandModel(Wishes(wishes)).fill(TOOLS, request, 1)
    assert {name: value.text for name, value in fill.arguments.items()} == {
        "source": "My.TXT",
        "to": "Old Stuff",
    }
    assert all(request[value.start : value.end] == value.text for value in fill.arguments.values())
    assert fill.missing == ()


def test_what_the_automaton_forbids_is_never_produced() -> None:
    fill = CommandModel(Wishes([*letters(" files read"), *letters("rm -rf /" * 9)])).fill(
        TOOLS, "read this", 0
    )
    assert set(fill.arguments) | set(fill.missing) == {"path"}
    assert all(value.text in "read this" for value in fill.arguments.values())


def test_a_choice_has_no_place_in_the_request() -> None:
    wishes = [*letters(" top show"), ARGUMENT_IDS[0], *letters(" memory"), END]
    fill = CommandModel(Wishes(wishes)).fill(TOOLS, "who eats my ram", 2)
    assert (fill.arguments["sort"].text, fill.arguments["sort"].start) == ("memory", -1)


def test_a_missing_argument_is_named() -> None:
    fill = CommandModel(Wishes([*letters(" files read"), ARGUMENT_IDS[0], MISSING, END])).fill(
        TOOLS, "read it", 0
    )
    assert fill.missing == ("path",)
    assert fill.arguments == {}


def test_filling_after_choosing_reads_the_prompt_only_once() -> None:
    engine = Wishes([*letters(" files read"), ARGUMENT_IDS[0], *letters(" notes"), END])
    model = CommandModel(engine)
    model.choose(TOOLS, "read notes")
    prompt = engine.evaluated
    model.fill(TOOLS, "read notes", 0)
    assert engine.evaluated < prompt + 30


def test_a_model_keeps_apart_what_two_requests_made_it_read() -> None:
    engine = Wishes([*letters(" files read"), ARGUMENT_IDS[0], *letters(" b"), END])
    model = CommandModel(engine)
    model.choose(TOOLS, "read a")
    assert model.fill(TOOLS, "read b", 0).arguments["path"].text == "b"
    tail = engine.read[engine.read.index(REQUEST) :]
    assert tail[1:8] == letters(" read b")


def test_a_surer_answer_has_the_higher_log_probability() -> None:
    sure = CommandModel(Wishes([*letters(" files read"), ARGUMENT_IDS[0], *letters(" notes"), END]))
    unsure = CommandModel(Wishes([*letters(" files read"), *letters("?" * 20)]))
    assert (
        sure.fill(TOOLS, "read notes", 0).log_probability
        > unsure.fill(TOOLS, "read notes", 0).log_probability
    )


def test_an_unknown_tool_number_is_an_error() -> None:
    with pytest.raises(IndexError):
        CommandModel(Wishes([])).fill(TOOLS, "go", 9)
