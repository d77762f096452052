"""The agent: from a sentence, the registry and live values to a reading."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ares.agent import BUILT_IN, Reader, built_in_file, open_proposer
from ares.config import Config
from ares.core import Capability, Effect, Kind, Module, Source
from ares.errors import ModelError, NotFoundError, UsageError
from ares.inference import World
from ares.inference.proposer import WITHOUT_MODEL
from ares.ledger import Ledger
from ares.paths import Paths
from ares.registry import Registry
from ares.runtime import Runtime, read_manifest
from ares.store import Store

MODULES = Path(__file__).resolve().parents[2] / "modules"


def config(settings: Mapping[str, object] | None = None) -> Config:
    return Config.load(Path("none.yaml"), database=dict(settings or {}), environ={})


def reader(store: Store, paths: Paths, settings: Mapping[str, object] | None = None) -> Reader:
    registry = Registry(store)
    for folder in sorted(MODULES.iterdir()):
        registry.register(read_manifest(folder))
    runtime = Runtime(registry, paths, claim=Ledger(store).claim, home=Path.home())
    return Reader.open(registry, runtime, config(settings), paths)


def test_a_file_of_the_working_folder_is_found_by_a_part_of_its_name(store: Store, paths: Paths) -> None:
    Path("letter-to-bank.odt").write_text("dear bank", encoding="utf-8")
    reading = reader(store, paths).read("delete the letter to the bank")
    assert [(call.capability, dict(call.arguments)) for call in reading.calls] == [
        ("files.delete", {"path": "letter-to-bank.odt"})
    ]
    assert "letter-to-bank.odt" in reading.calls[0].provenance["path"].how


@pytest.mark.parametrize("sentence", ["wake up the nas", "wake the nas", "please wake the nas"])
def test_where_nothing_is_listed_a_name_is_taken_as_said(store: Store, paths: Paths, sentence: str) -> None:
    (call,) = reader(store, paths).read(sentence).calls
    assert (call.capability, dict(call.arguments)) == ("hosts.wake", {"name": "nas"})
    assert call.provenance["name"].source is Source.OWNER


def test_a_machine_that_is_not_named_is_asked_about(store: Store, paths: Paths) -> None:
    reading = reader(store, paths).read("wake up a machine")
    assert (reading.kind, reading.candidates) == (Kind.CLARIFY, ("hosts.wake",))


def test_no_more_is_offered_than_the_setting_says(store: Store, paths: Paths) -> None:
    opened = reader(store, paths, {"agent.offer": 5})
    offered = opened.offer("how full is the disk", opened.world())
    assert len(offered) <= 5
    assert offered[0].full_name == "system.disk"


def test_what_no_sentence_may_choose_is_never_offered(store: Store, paths: Paths) -> None:
    opened = reader(store, paths, {"agent.offer": 100})
    names = {tool.full_name for tool in opened.offer("put back the bytes a file had", opened.world())}
    assert "files.revert" not in names
    assert "files.restore" in names


def test_among_a_thousand_capabilities_the_fitting_one_is_offered(store: Store, paths: Paths) -> None:
    registry = Registry(store)
    for number in range(200):
        registry.register(_module(number))
    runtime = Runtime(registry, paths, claim=Ledger(store).claim, home=Path.home())
    opened = Reader.open(registry, runtime, config(), paths)
    offered = opened.offer("please discard gadget137", opened.world())
    assert "m137.remove" in {tool.full_name for tool in offered}
    assert len(offered) <= 12


def _module(number: int) -> Module:
    capabilities = tuple(
        Capability(
            module=f"m{number}",
            name=verb,
            description=f"{verb} a gadget{number}",
            effect=Effect.READ,
            input_schema={"type": "object", "properties": {}},
            output_schema={"type": "object"},
            examples=(f"{verb} gadget{number}", f"please {verb} my gadget{number}"),
        )
        for verb in ("add", "remove", "list", "show", "copy")
    )
    return Module(
        name=f"m{number}",
        version="1.0.0",
        display_name=f"M{number}",
        type="tool",
        description="gadgets",
        entry_point="module.py",
        capabilities=capabilities,
    )


def test_without_a_setting_the_built_in_model_reads(store: Store) -> None:
    opened = open_proposer(Registry(store), config())
    name = WITHOUT_MODEL if built_in_file() is None else BUILT_IN
    try:
        assert opened.proposer.read("", (), _world()).model == name
    finally:
        opened.close()


def _world() -> World:
    return World(datetime(2026, 1, 1, tzinfo=UTC), "UTC", "/", "/", lambda source: ())


def test_an_unknown_model_is_named_with_those_there_are(store: Store) -> None:
    with pytest.raises(NotFoundError, match=r"'gone' is neither a model known by name .built-in. nor a file"):
        open_proposer(Registry(store), config({"model": "gone"}))


def test_a_file_that_is_no_model_is_refused_in_one_line(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "fake.gguf"
    file.write_bytes(b"not a model at all")
    with pytest.raises(ModelError) as caught:
        open_proposer(Registry(store), config({"model": str(file)}))
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_closing_twice_does_no_harm(store: Store, paths: Paths) -> None:
    opened = reader(store, paths)
    opened.read("how full is the disk")
    opened.close()
    opened.close()


@pytest.mark.parametrize("sentence", ["\udce9t\udce9 soir", "xyzzy\udcaa plugh", "delete \udcff.txt"])
def test_bytes_that_are_no_text_are_refused_in_one_line(store: Store, paths: Paths, sentence: str) -> None:
    with pytest.raises(UsageError, match="not Unicode text; check what your terminal sends"):
        reader(store, paths).read(sentence)
