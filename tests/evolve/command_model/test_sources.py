"""The training data is whole, and as large and varied as the recipe says."""

from __future__ import annotations

import re

from ares.evolve.command_model import Sources, load_tools
from ares.evolve.meaning import TOOLS

KEPT_OUT = (
    *("docker", "container", "playlist", "reminder", "timer", "alarm"),
    *("backup", "backups", "shopping", "bookmark", "bookmarks"),
)


def test_there_are_five_hundred_invented_tools_and_all_bundled_ones(sources: Sources) -> None:
    bundled = [tool for tool in sources.tools if tool.bundled]
    assert len(sources.tools) - len(bundled) >= 500
    tools = (*sources.tools, *load_tools(TOOLS))
    assert len({tool.name for tool in tools}) == len(tools)
    assert {"files.delete", "hosts.wake", "clock.convert"} <= {tool.name for tool in bundled}
    assert "files.revert" not in {tool.name for tool in bundled}


def test_every_bundled_capability_has_many_phrases_besides_its_examples(sources: Sources) -> None:
    for tool in sources.tools:
        if tool.bundled:
            assert len(tool.phrases) >= 60, tool.name
            assert set(tool.examples) <= set(tool.phrases)


def test_every_slot_of_a_phrase_is_an_argument_and_stands_once(sources: Sources) -> None:
    for tool in (*sources.tools, *load_tools(TOOLS)):
        names = {slot.argument.name for slot in tool.slots}
        for phrase in tool.phrases:
            slots = re.findall(r"\{(\w+)\}", phrase)
            assert set(slots) <= names, (tool.name, phrase)
            assert len(slots) == len(set(slots)), (tool.name, phrase)


def test_sentences_near_a_module_are_about_one_that_is_there(sources: Sources) -> None:
    assert set(sources.near) <= {tool.module for tool in sources.tools}
    assert all(len(some) >= 8 for some in sources.near.values())


def test_asides_have_no_slots_and_no_values(sources: Sources) -> None:
    asides = [*sources.asides.before, *sources.asides.after]
    assert len(asides) == len(set(asides)) > 700
    assert not [each for each in asides if "{" in each or "~" in each or "/" in each]


def test_every_choice_can_be_said(sources: Sources) -> None:
    for tool in sources.tools:
        for slot in tool.slots:
            assert len(slot.sayings) == len(slot.argument.choices), tool.name
            assert all(slot.sayings), tool.name


def test_what_the_modules_that_judge_are_about_is_not_trained(sources: Sources) -> None:
    for tool in (*sources.tools, *load_tools(TOOLS)):
        words = re.findall(r"[a-z]+", f"{tool.name} {tool.description}".lower())
        assert not set(words) & set(KEPT_OUT), tool.name


def test_the_digest_changes_with_the_data(sources: Sources) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", sources.digest)
