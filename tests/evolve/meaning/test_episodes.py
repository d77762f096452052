"""What the vectors of meaning are trained on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from ares.evolve.command_model import RequestMaker, Sources, load_sources
from ares.evolve.meaning import REQUESTS as ROUNDABOUT
from ares.evolve.meaning import TOOLS, Episodes, associations, with_requests, with_tools
from ares.evolve.meaning._episodes import OFFERED

CHECKOUT = Path(__file__).resolve().parents[3]
REQUESTS = CHECKOUT / "tests" / "data" / "requests"


@pytest.fixture(scope="module")
def sources() -> Sources:
    """The bundled capabilities and the invented tools of a few letters."""
    found = load_sources(CHECKOUT / "modules", held_out=REQUESTS)
    return replace(found, tools=tuple(tool for tool in found.tools if tool.bundled or tool.name[0] in "abc"))


@pytest.fixture(scope="module")
def made(sources: Sources) -> Episodes:
    return Episodes(sources)


def test_an_episode_offers_a_dozen_capabilities_and_asks_for_one_or_none(made: Episodes) -> None:
    rng = Random(1)
    episodes = [made.episode(rng) for _ in range(300)]
    for each in episodes:
        assert OFFERED - 1 <= len(each.texts) <= OFFERED
        assert each.said
        assert all(texts and texts[-1] for texts in each.texts)
        assert 0 <= each.right <= len(each.texts)
    none = sum(each.right == len(each.texts) for each in episodes) / len(episodes)
    assert 0.1 < none < 0.35


def test_episodes_are_the_same_each_time(made: Episodes) -> None:
    one, two = ([made.episode(rng) for _ in range(20)] for rng in (Random(3), Random(3)))
    assert one == two


def test_values_that_can_be_told_by_their_form_mostly_stand_as_marks(made: Episodes) -> None:
    rng = Random(2)
    said = [token for _ in range(300) for token in made.episode(rng).said if token.startswith("<")]
    assert {"<path>", "<number>"} <= set(said)
    assert "<text>" not in said


def test_a_short_text_at_times_stands_as_a_value_that_another_capability_lists(made: Episodes) -> None:
    rng = Random(4)
    tool = next(tool for tool in made.tools if tool.name == "notes.search")
    maker = RequestMaker(load_sources(CHECKOUT / "modules", held_out=REQUESTS))
    requests = filter(None, [maker.request(tool, tool.phrases[0], rng) for _ in range(80)])
    marked = sum("<live>" in made.said(request, rng) for request in requests)
    assert 0 < marked < 40


def test_tools_are_also_asked_for_with_the_requests_of_a_folder(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "some.jsonl").write_text(
        '{"capability": "notes.list", "phrases": ["out with my scribbles"]}\n'
    )
    tools = {tool.name: tool for tool in with_requests(sources, tmp_path).tools}
    assert tools["notes.list"].phrases[-1] == "out with my scribbles"
    assert [tool.name for tool in sources.tools] == list(tools)


def test_the_requests_that_come_with_it_are_for_tools_that_there_are() -> None:
    found = load_sources(CHECKOUT / "modules", held_out=REQUESTS)
    names = {tool.name for tool in found.tools}
    bundled = {tool.name for tool in found.tools if tool.bundled}
    rows = [
        json.loads(line)
        for file in ROUNDABOUT.glob("*.jsonl")
        for line in file.read_text("utf-8").splitlines()
    ]
    assert {row["capability"] for row in rows} == names - bundled


def test_the_vocabulary_has_words_that_occur_twice_and_heads_of_associations(made: Episodes) -> None:
    words = made.vocabulary([("zymurgy", [("beer", "making"), ("quaffery",)])])
    assert words == sorted(set(words))
    assert {"zymurgy", "<path>", "file"} <= set(words)
    assert "quaffery" not in words


def test_associations_are_words_with_others_than_themselves() -> None:
    related = associations()
    heads = [head for head, _ in related]
    assert len(heads) == len(set(heads)) > 3000
    for head, others in related:
        assert others
        assert (head,) not in others
        assert all(word == word.lower() and word for other in others for word in other)


def test_the_further_tools_are_for_other_modules_and_each_can_be_asked_for() -> None:
    found = load_sources(CHECKOUT / "modules", held_out=REQUESTS)
    further = with_tools(replace(found, tools=()), TOOLS)
    assert len(further.tools) > 1800
    modules = {tool.module for tool in further.tools}
    assert len(modules) > 350
    assert not modules & {tool.module for tool in found.tools}
    assert not modules & {file.parent.name for file in REQUESTS.rglob("module.yaml")}
    maker, rng = RequestMaker(further), Random(1)
    for tool in further.tools:
        assert len(tool.examples) >= 4, tool.name
        assert len(tool.phrases) >= 12, tool.name
        assert any(maker.request(tool, phrase, rng) for phrase in tool.phrases), tool.name
