"""Training rows: the same for the same seed, and every answer is what the request says."""

from __future__ import annotations

from random import Random

import pytest

from ares.evolve.command_model import Row, RowMaker, Sources
from ares.evolve.command_model._catalogue import Catalogue
from ares.evolve.command_model._questions import OFFERED, questions
from ares.evolve.command_model._rows import in_validation, validation_tools
from ares.inference.command import (
    ARGUMENT_IDS,
    END,
    MISSING,
    NAME,
    NONE,
    REQUEST,
    SPECIALS,
    Encoder,
)

SHIFT = len(SPECIALS)


@pytest.fixture(scope="module")
def maker(sources: Sources) -> RowMaker:
    return RowMaker(sources, Encoder(lambda text: [SHIFT + byte for byte in text]))


@pytest.fixture(scope="module")
def rows(maker: RowMaker) -> list[Row]:
    return [maker.row(8, 16, Random(seed)) for seed in range(40)]


def test_the_same_seed_makes_the_same_row(maker: RowMaker, rows: list[Row]) -> None:
    assert maker.row(8, 16, Random(3)) == rows[3]
    assert maker.row(8, 16, Random(4)) != rows[3]


def test_every_answer_is_an_offered_name_or_none(rows: list[Row]) -> None:
    for row in rows:
        assert row.prefix.count(NAME) == 8
        for branch, start, lead in zip(row.branches, row.starts, row.leads, strict=True):
            assert branch[0] == REQUEST
            assert branch[start] == NAME
            said = branch[start + 1 : start + 1 + lead]
            assert said == [NONE] or _inside([NAME, *said], row.prefix)
            assert branch[-1] in (END, NONE)


def test_every_value_stands_in_the_request_and_every_choice_in_the_tool_list(rows: list[Row]) -> None:
    seen = 0
    for row in rows:
        for branch, start, lead in zip(row.branches, row.starts, row.leads, strict=True):
            for value in _values(branch[start + 1 + lead : -1]):
                seen += 1
                assert value == [MISSING] or _inside(value, branch[1:start]) or _inside(value, row.prefix)
    assert seen > 200


def test_none_is_an_answer_but_a_rare_one(rows: list[Row]) -> None:
    answers = [row.branches[i][row.starts[i] + 1] for row in rows for i in range(len(row.branches))]
    assert 0.03 < answers.count(NONE) / len(answers) < 0.2


def test_missing_arguments_are_trained(rows: list[Row]) -> None:
    assert any(MISSING in branch for row in rows for branch in row.branches)


def test_tools_that_could_both_be_right_are_never_offered_together(sources: Sources) -> None:
    catalogue = Catalogue(sources.tools)
    by_name = {tool.name: tool for tool in sources.tools}
    assert catalogue.rivals(by_name["hosts.wake"], by_name["host.wake"])
    assert not catalogue.rivals(by_name["notes.list"], by_name["notes.search"])
    for seed in range(50):
        offered = catalogue.offer([by_name["hosts.wake"]], sources.tools, 16, Random(seed))
        assert not any(
            catalogue.rivals(one, other) for one in offered for other in offered if one is not other
        )


def test_validation_phrases_and_tools_are_not_trained(sources: Sources, maker: RowMaker) -> None:
    kept = validation_tools(sources.tools)
    assert 120 <= len(kept) < 130
    modules = {name.partition(".")[0] for name in kept}
    assert not any(tool.module in modules and tool.name not in kept for tool in sources.tools)
    trained = maker.phrases
    assert not kept & set(trained)
    for tool in sources.tools:
        if tool.bundled:
            assert not any(in_validation(tool, phrase) for phrase in trained[tool.name])
            assert set(tool.examples) <= set(trained[tool.name])


def test_a_question_offers_the_right_tool_among_a_dozen_and_never_its_own_phrase(sources: Sources) -> None:
    asked = questions(sources)
    assert {kind for kind, some in asked.items() if len(some) >= 100} == {
        "bundled",
        "unseen",
        "described",
        "none",
        "near",
    }
    for question in asked["unseen"]:
        assert len(question.views) == OFFERED
        view = question.views[question.right]
        assert view.source is question.request.tool
        assert view.tool.example != question.request.phrase
    assert all(view.tool.example == "" for question in asked["described"] for view in question.views)
    assert all(question.right == -1 for question in (*asked["none"], *asked["near"]))


def _values(answer: list[int]) -> list[list[int]]:
    values: list[list[int]] = []
    for token in answer:
        if token in ARGUMENT_IDS:
            values.append([])
        else:
            values[-1].append(token)
    return values


def _inside(part: list[int], whole: list[int]) -> bool:
    return any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1))
