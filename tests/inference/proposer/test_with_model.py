"""The command proposer with the command model that ARES ships."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ares.agent import built_in_file
from ares.core import Json, Kind
from ares.evolve.reading import Machine, load_requests, measure
from ares.inference.command import CommandModel, LlamaEngine
from ares.inference.proposer import CommandProposer

REQUESTS = Path(__file__).resolve().parents[2] / "data" / "requests" / "dev.jsonl"


class Watched(LlamaEngine):
    """The engine, counting the tokens it reads."""

    read = 0

    def eval(self, tokens: Sequence[int]) -> None:
        self.read += len(tokens)
        super().eval(tokens)


@pytest.fixture(scope="module")
def engine() -> Watched:
    file = built_in_file()
    assert file is not None, (
        "src/ares/inference/models/command.gguf is missing; `make command-model` builds it"
    )
    return Watched(file)


@pytest.fixture(scope="module")
def proposer(engine: Watched) -> CommandProposer:
    return CommandProposer(CommandModel(engine), "built-in")


@pytest.mark.parametrize(
    ("sentence", "call"),
    [
        ("how full is the disk?", ("system.disk", {})),
        ("wake up the nas", ("hosts.wake", {"name": "nas"})),
        ("delete the notes about milk", ("notes.delete", {"note": "milk"})),
        ("is the ssd nearly stuffed", ("system.disk", {})),
    ],
)
def test_a_sentence_becomes_its_call(
    proposer: CommandProposer, machine: Machine, sentence: str, call: tuple[str, dict[str, Json]]
) -> None:
    named = [each for each in machine.bundled if each.full_name == call[0]]
    reading = proposer.read(sentence, [*named, *machine.bundled[:12]], machine.world)
    assert [(each.capability, dict(each.arguments)) for each in reading.calls] == [call]
    assert reading.model == "built-in"


def test_the_model_is_not_asked_what_the_matcher_is_sure_of(
    proposer: CommandProposer, engine: Watched, machine: Machine
) -> None:
    before = engine.read
    tools = [each for each in machine.bundled if each.module in ("system", "notes")]
    assert proposer.read("how full is the disk", tools, machine.world).kind is Kind.ACTIONS
    assert engine.read == before
    proposer.read("what did I put there", tools, machine.world)
    assert engine.read > before


def test_no_argument_is_ever_the_models_own(proposer: CommandProposer, machine: Machine) -> None:
    for request in load_requests(REQUESTS)[::25]:
        for call in proposer.read(request.text, machine.bundled[:16], machine.world).calls:
            assert not call.choice.tainted
            assert not any(each.source.tainted for each in call.provenance.values())
            assert set(call.provenance) == set(call.arguments)


def test_most_of_the_development_half_is_read_right(proposer: CommandProposer, machine: Machine) -> None:
    measured = measure(proposer, machine, load_requests(REQUESTS)[::7])
    assert measured.share(list(measured.results)) > 0.7
