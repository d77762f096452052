"""The whole recipe at a small size: train, export, load in llama.cpp, compare."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random

import pytest

from ares.evolve.command_model import RequestMaker, Row, RowMaker, Sources
from ares.inference.command import CommandModel, Encoder, LlamaEngine, tool_from_schema

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def small(sources: Sources) -> Sources:
    """The bundled capabilities and the invented tools of a few letters."""
    kept = [tool for tool in sources.tools if tool.bundled or tool.name[0] in "abc"]
    return replace(sources, tools=tuple(kept))


@pytest.fixture(scope="module")
def encoder(small: Sources, tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    from ares.evolve.command_model._tokenizer import load_tokenizer, tokenize_with, train_tokenizer

    rng, maker = Random(1), RequestMaker(small)
    made = [maker.request(tool, rng.choice(tool.phrases), rng) for tool in small.tools for _ in range(20)]
    texts = [request.text for request in made if request] + [tool.description for tool in small.tools]
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    train_tokenizer(texts, 1024).save(str(path))
    return Encoder(partial(tokenize_with, load_tokenizer(path)))


def batch(small: Sources, encoder: Encoder, seed: int = 1) -> list[Row]:
    maker = RowMaker(small, encoder)
    return [maker.row(4, 4, Random(seed * 100 + number)) for number in range(2)]


def test_a_tree_gives_the_same_numbers_as_single_sequences(small: Sources, encoder: Encoder) -> None:
    import torch

    from ares.evolve.command_model._model import CommandLlama, Shape
    from ares.evolve.command_model._train import collate

    torch.manual_seed(0)
    model = CommandLlama(Shape(1024, 160, 3, 64))
    for parameter in model.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    rows = batch(small, encoder)
    at = 0
    with torch.no_grad():
        together = model(collate(rows))
        for row in rows:
            for branch, start in zip(row.branches, row.starts, strict=True):
                alone = model.sequence(torch.tensor(row.prefix + branch))[len(row.prefix) + start : -1]
                assert torch.allclose(together[at : at + len(alone)], alone, atol=1e-4)
                at += len(alone)
    assert at == len(together)


def test_a_fresh_model_already_copies() -> None:
    import torch

    from ares.evolve.command_model._model import CommandLlama, Shape

    torch.manual_seed(0)
    model = CommandLlama(Shape(1024, 160, 4, 64))
    noise = torch.randint(60, 1024, (120,))
    with torch.no_grad():
        logits = model.sequence(torch.cat([noise, noise[20:60]]))[120:-1]
    places = (logits > logits.gather(1, noise[21:60, None])).sum(1).float()
    assert places.median() < 5  # by chance it would be about 512


def test_training_goes_on_where_it_stopped(small: Sources, encoder: Encoder, tmp_path: Path) -> None:
    import torch

    from ares.evolve.command_model._train import Settings, Trainer

    settings = Settings(steps=6, shards=1, rows=1, requests=3, layers=2, hidden=64, width=64)
    maker = RowMaker(small, encoder)

    class StoppedError(Exception):
        pass

    def stop(model: object, step: int) -> str:
        raise StoppedError

    def trainer(folder: str) -> Trainer:
        (tmp_path / folder).mkdir(exist_ok=True)
        return Trainer(settings, maker, 1024, tmp_path / folder, log=lambda line: None)

    whole = trainer("whole").run(lambda model, step: "", save_every=100).state_dict()
    with pytest.raises(StoppedError):
        trainer("parts").run(stop, watch_every=3, save_every=3)
    parts = trainer("parts").run(lambda model, step: "", save_every=100).state_dict()
    assert all(torch.allclose(whole[name], parts[name], atol=1e-6) for name in whole)


def test_a_checkpoint_of_other_settings_is_refused(small: Sources, encoder: Encoder, tmp_path: Path) -> None:
    from ares.evolve.command_model._train import Settings, Trainer

    settings = Settings(steps=2, shards=1, rows=1, requests=2, layers=2, hidden=64, width=64)
    maker = RowMaker(small, encoder)
    Trainer(settings, maker, 1024, tmp_path, log=lambda line: None).run(lambda model, step: "", save_every=1)
    other = Trainer(replace(settings, seed=2), maker, 1024, tmp_path, log=lambda line: None)
    with pytest.raises(ValueError, match="other settings"):
        other.run(lambda model, step: "")


def test_a_short_run_learns_exports_and_gives_the_same_logits_in_llama(
    small: Sources, tmp_path: Path
) -> None:
    from ares.evolve.command_model._export import logit_difference, tokenizer_differences, write_gguf
    from ares.evolve.command_model._recipe import TOKENIZER, make_encoder, make_tokenizer
    from ares.evolve.command_model._tokenizer import VOCABULARY, load_tokenizer
    from ares.evolve.command_model._train import Settings, Trainer

    make_tokenizer(small, tmp_path, 1)
    encoder = make_encoder(tmp_path)
    maker = RowMaker(small, encoder)
    lines: list[str] = []
    settings = Settings(steps=50, shards=1, rows=2, requests=8, layers=3, hidden=64)
    model = Trainer(settings, maker, VOCABULARY, tmp_path, log=lines.append).run(lambda model, step: "")
    losses = [float(line.split("loss ")[1].split()[0]) for line in lines if "loss" in line]
    assert losses[-1] < math.log(VOCABULARY) - 1.5  # where a model that knows nothing starts
    path = tmp_path / "command.gguf"
    write_gguf(model, load_tokenizer(tmp_path / TOKENIZER), path, "f16")
    engine = LlamaEngine(path)
    sequences = [row.prefix + row.branches[0] for row in batch(small, encoder, 5)]
    worst, same = logit_difference(model, engine, sequences)
    assert worst < 0.2
    assert same == 1.0
    texts = [phrase for tool in small.tools for phrase in tool.phrases[:3]]
    assert tokenizer_differences(encoder, engine, [*texts, "naïve 5pm's 日本 \U0001f600 a\tb"]) == 0
    schema = {"properties": {"path": {"type": "string", "format": "path"}}, "required": ["path"]}
    tools = [
        tool_from_schema("files.read", "show a file", schema),
        tool_from_schema("notes.list", "notes", {}),
    ]
    command = CommandModel(LlamaEngine(path))
    assert len(command.choose(tools, "read Todo.md").tools) == 2
    filled = command.fill(tools, "read Todo.md", 0)
    assert all(value.text in "read Todo.md" for value in filled.arguments.values())
