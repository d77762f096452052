"""Training the network that finds free text at a small size; the runtime computes what was trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from ares.evolve.command_model import Sources, load_sources
from ares.evolve.extraction import Examples
from ares.inference.extraction import load

pytestmark = pytest.mark.train
CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def sources() -> Sources:
    """The invented tools of a few letters, and a bundled module."""
    found = load_sources(CHECKOUT / "modules", held_out=CHECKOUT / "tests" / "data" / "requests")
    kept = [tool for tool in found.tools if tool.module == "notes" or tool.name[0] in "ab"]
    return replace(found, tools=tuple(kept))


def test_training_learns_to_find_values_and_the_runtime_computes_the_same(
    sources: Sources, tmp_path: Path
) -> None:
    import torch

    from ares.evolve.extraction._model import Places
    from ares.evolve.extraction._train import Settings, train

    settings = Settings(steps=250, examples=3000, batch=64, size=8, hidden=32)
    said: list[str] = []
    trained = train(sources, settings, said.append)
    assert len(said) == 2
    trained.write(tmp_path / "extraction.npz")
    with (tmp_path / "extraction.npz").open("rb") as file:
        runtime = load(file)
    made, rng = Examples(sources), Random(11)
    examples = [each for _ in range(60) for each in made.draw(rng)]
    places = Places(trained.words, trained.names)
    right = 0
    for each in examples:
        with torch.no_grad():
            wanted = trained.model(places.batch([each]))[0].tolist()
        scores = runtime.scores(each.seen).tolist()
        assert scores == pytest.approx(wanted, rel=0.02, abs=0.1)
        spans = runtime.find(each.seen)
        best = spans.spans[0][1:] if spans.spans[0][0] > spans.none else None
        right += best == each.span
    assert right > len(examples) / 3


def test_the_same_data_and_seed_give_the_same_file(sources: Sources, tmp_path: Path) -> None:
    from ares.evolve.extraction._train import Settings, train

    settings = Settings(steps=5, examples=200, batch=16, size=4, hidden=8)
    for name in ("one.npz", "two.npz"):
        train(sources, settings, lambda line: None).write(tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
