"""Sentences that go on with the ones before them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ares.agent import Reader
from ares.config import Config
from ares.core import Capability, Json, Kind, Reading
from ares.inference import World
from ares.ledger import Ledger
from ares.paths import Paths
from ares.registry import Registry
from ares.runtime import Runtime, read_manifest
from ares.store import Store

MODULES = Path(__file__).resolve().parents[2] / "modules"


@pytest.fixture
def reader(store: Store, paths: Paths) -> Reader:
    registry = Registry(store)
    for folder in sorted(MODULES.iterdir()):
        registry.register(read_manifest(folder))
    for name in ("todo.md", "report.txt"):
        Path(name).write_text("words", encoding="utf-8")
    runtime = Runtime(registry, paths, claim=Ledger(store).claim, home=Path.home())
    return Reader.open(registry, runtime, Config.load(Path("none.yaml"), environ={}), paths)


def calls(reading: Reading) -> list[tuple[str, dict[str, Json]]]:
    return [(call.capability, dict(call.arguments)) for call in reading.calls]


def test_the_answer_to_a_question_fills_what_was_missing(reader: Reader) -> None:
    assert reader.read("delete the file").kind is Kind.CLARIFY
    answered = reader.read("the report", ["delete the file"])
    assert calls(answered) == [("files.delete", {"path": "report.txt"})]
    assert not answered.calls[0].provenance["path"].source.tainted


def test_two_things_missing_take_two_answers(reader: Reader) -> None:
    first = reader.read("todo.md", ["copy a file"])
    assert (first.kind, first.notes["missing"]) == (Kind.CLARIFY, ["destination"])
    second = reader.read("to spare.md", ["copy a file", "todo.md"])
    assert calls(second) == [("files.copy", {"source": "todo.md", "destination": "spare.md"})]


def test_it_is_what_the_sentence_before_named(reader: Reader) -> None:
    assert calls(reader.read("delete it", ["read report.txt"])) == [("files.delete", {"path": "report.txt"})]
    assert reader.read("delete it", ["how full is the disk"]).kind is Kind.CLARIFY


def test_a_new_request_is_no_answer(reader: Reader) -> None:
    assert calls(reader.read("and memory?", ["delete the file"])) == [("system.memory", {})]
    assert calls(reader.read("list my notes", ["delete the file"])) == [("notes.list", {})]


def test_what_does_not_answer_the_question_is_read_alone(reader: Reader) -> None:
    assert reader.read("whatever", ["delete the file"]).kind is Kind.NONE
    assert reader.read("the report", ["how full is the disk"]).calls == reader.read("the report").calls


@pytest.fixture
def texts(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that ``reader`` reads from now on, whole or joined from several sentences."""
    read: list[str] = []
    offer = reader.offer

    def noted(sentence: str, world: World) -> tuple[Capability, ...]:
        read.append(sentence)
        return offer(sentence, world)

    monkeypatch.setattr(reader, "offer", noted)
    return read


def test_what_was_read_a_moment_ago_is_not_read_again(reader: Reader, texts: list[str]) -> None:
    reader.read("delete the file")
    assert calls(reader.read("the report", ["delete the file"])) == [("files.delete", {"path": "report.txt"})]
    assert texts == ["delete the file", "the report", "delete the file the report"]
    reader.read("the report")
    assert texts.count("the report") == 2, "what is said anew is read anew"


def test_a_chat_goes_on_after_a_sentence_that_is_too_long_to_be_joined(
    reader: Reader, texts: list[str]
) -> None:
    for too_long in ("word " * 800, "x" * 500):
        assert reader.read("thanks", ["delete the file", too_long]).kind is Kind.NONE
    assert texts == ["thanks", "thanks"]
