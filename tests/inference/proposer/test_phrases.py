"""What the manifests that come with ARES say by example is understood, without a model."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from ares.evolve.reading import Machine, load_world
from ares.inference.proposer import CommandProposer, shortlist
from ares.inference.values import Normaliser

ROOT: Final = Path(__file__).resolve().parents[3]
SAID: Final = {
    "path": "report.pdf",
    "source": "report.pdf",
    "destination": "~/Documents",
    "text": "buy stamps",
    "name": "nas",
    "mac": "02:1a:2b:3c:4d:5e",
    "address": "10.0.0.7",
    "zone": "tokyo",
    "to": "tokyo",
    "from": "lima",
    "time": "5 pm",
    "date": "3 october",
    "item": "holiday.jpg",
    "note": "12",
    "query": "stamps",
    "limit": "5",
    "sort": "memory",
}
OTHERWISE: Final = {
    "files.find": {"name": "invoice", "path": "~/Downloads"},
    "files.list": {"path": "~/Downloads"},
    "system.disk": {"path": "~/Downloads"},
    "hosts.add": {"name": "zeus"},
}


def spoken(phrase: str, said: dict[str, str]) -> str:
    """``phrase`` with its slots filled."""
    return re.sub(r"\{(\w+)\}", lambda slot: said[slot[1]], phrase)


def test_every_example_phrase_of_a_bundled_capability_is_read_as_that_capability(machine: Machine) -> None:
    wrong = []
    for tool in machine.bundled:
        said = SAID | OTHERWISE.get(tool.full_name, {})
        for phrase in tool.examples:
            sentence = spoken(phrase, said)
            offered = shortlist(sentence, machine.bundled, Normaliser(machine.world, machine.bundled), 12)
            reading = CommandProposer().read(sentence, offered, machine.world)
            given = [(call.capability, {*call.arguments} - {"path"}) for call in reading.calls]
            if given != [(tool.full_name, {*re.findall(r"\{(\w+)\}", phrase)} - {"path"})]:
                wrong.append((tool.full_name, sentence, given))
    assert wrong == []


@pytest.fixture
def with_shopping(tmp_path: Path) -> Machine:
    """The machine with the module of docs/modules.md, and milk on its list."""
    page = (ROOT / "docs" / "modules.md").read_text("utf-8")
    folder = tmp_path / "modules" / "shopping"
    folder.mkdir(parents=True)
    (folder / "module.yaml").write_text(page.split("```yaml")[1].partition("```")[0], "utf-8")
    world = (ROOT / "tests" / "data" / "requests" / "world.yaml").read_text("utf-8")
    listed = world.replace("values:\n", "values:\n  shopping.items: [milk, bread]\n", 1)
    (tmp_path / "world.yaml").write_text(listed, "utf-8")
    return load_world(tmp_path, ROOT / "modules")


@pytest.mark.parametrize("what", ["milk", "candles"])
@pytest.mark.parametrize("phrase", ["put {} on the shopping list", "add {} to the groceries", "buy {}"])
def test_what_another_capability_lists_may_be_said_to_one_that_takes_any_text(
    with_shopping: Machine, phrase: str, what: str
) -> None:
    tools = (*with_shopping.bundled, *with_shopping.unseen)
    sentence = phrase.format(what)
    offered = shortlist(sentence, tools, Normaliser(with_shopping.world, tools), 12)
    reading = CommandProposer().read(sentence, offered, with_shopping.world)
    assert [(call.capability, call.arguments) for call in reading.calls] == [("shopping.add", {"what": what})]
