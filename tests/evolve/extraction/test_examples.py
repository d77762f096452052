"""What the network that finds free text is trained on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from ares.evolve.command_model import Sources, load_sources
from ares.evolve.extraction import Example, Examples
from ares.evolve.extraction._examples import as_capability
from ares.inference.extraction import WORD_FEATURES

CHECKOUT = Path(__file__).resolve().parents[3]
REQUESTS = CHECKOUT / "tests" / "data" / "requests"


@pytest.fixture(scope="module")
def sources() -> Sources:
    """The bundled capabilities and the invented tools of a few letters."""
    found = load_sources(CHECKOUT / "modules", held_out=REQUESTS)
    return replace(found, tools=tuple(tool for tool in found.tools if tool.bundled or tool.name[0] in "abc"))


@pytest.fixture(scope="module")
def drawn(sources: Sources) -> list[Example]:
    made, rng = Examples(sources), Random(1)
    return [each for _ in range(400) for each in made.draw(rng)]


def test_most_examples_have_a_value_in_the_request_and_some_have_none(drawn: list[Example]) -> None:
    assert len(drawn) > 400
    for each in drawn:
        assert len(each.seen.forms) == len(each.seen.words) <= 40
        if each.span is not None:
            assert 0 <= each.span[0] < each.span[1] <= len(each.seen.forms)
    absent = sum(each.span is None for each in drawn) / len(drawn)
    assert 0.03 < absent < 0.5


def test_examples_are_the_same_each_time(sources: Sources) -> None:
    made = Examples(sources)
    one, two = ([each for _ in range(20) for each in made.draw(rng)] for rng in (Random(3), Random(3)))
    assert one == two


def test_a_value_of_another_kind_is_marked_as_taken(drawn: list[Example]) -> None:
    taken = WORD_FEATURES.index("taken")
    marked = [each for each in drawn if any(row[taken] for row in each.seen.words)]
    assert marked
    for each in marked:
        if each.span is not None:
            assert not any(row[taken] for row in each.seen.words[each.span[0] : each.span[1]])


def test_what_is_named_stands_without_its_article(sources: Sources) -> None:
    tool = next(
        tool
        for tool in sources.tools
        if any(slot.samples and slot.argument.kind == "text" for slot in tool.slots)
    )
    slots = tuple(replace(slot, samples=("the old lamp",)) for slot in tool.slots)
    made, rng = Examples(sources), Random(5)
    capital = WORD_FEATURES.index("capital")
    small = {
        each.seen.forms[slice(*each.span)]
        for _ in range(60)
        for each in made.of(replace(tool, slots=slots), rng)
        if each.span is not None and not each.seen.words[each.span[0]][capital]
    }
    assert ("old", "lamp") in small
    assert ("the", "old", "lamp") not in small


def test_a_source_tool_becomes_the_capability_that_a_module_would_register(sources: Sources) -> None:
    tool = next(tool for tool in sources.tools if tool.name == "files.move")
    made = as_capability(tool, ("move {source} to {destination}",))
    assert (made.full_name, made.required) == ("files.move", ("source", "destination"))
    assert made.properties["source"] == {"type": "string", "format": "path"}
    assert made.changes
