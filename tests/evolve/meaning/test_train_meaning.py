"""Training the vectors of meaning at a small size, and that the runtime computes what was trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from ares.evolve.command_model import Sources, load_sources
from ares.evolve.meaning import Episodes, associations
from ares.inference.meaning import load

pytestmark = pytest.mark.train
CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def sources() -> Sources:
    """The invented tools of a few letters, and two bundled modules."""
    found = load_sources(CHECKOUT / "modules", held_out=CHECKOUT / "tests" / "data" / "requests")
    kept = [tool for tool in found.tools if tool.module in ("files", "notes") or tool.name[0] in "ab"]
    return replace(found, tools=tuple(kept))


@pytest.mark.parametrize("bigrams", [False, True])
def test_training_learns_to_tell_capabilities_apart_and_the_runtime_computes_the_same(
    sources: Sources, tmp_path: Path, bigrams: bool
) -> None:
    import torch

    from ares.evolve.meaning._model import Tokens
    from ares.evolve.meaning._train import Settings, train, write_meaning

    settings = Settings(steps=300, episodes=16, pairs=32, dimensions=32, bigrams=bigrams)
    said: list[str] = []
    model, words = train(sources, associations()[:200], settings, said.append)
    assert len(said) == 3
    write_meaning(model, words, tmp_path / "meaning.npz")
    with (tmp_path / "meaning.npz").open("rb") as file:
        runtime = load(file)
    made, rng = Episodes(sources), Random(11)
    episodes = [made.episode(rng) for _ in range(60)]
    with torch.no_grad():
        wanted = torch.log_softmax(model(Tokens(words, bigrams=bigrams).batch(episodes)), 1).tolist()
    right = 0
    for episode, row in zip(episodes, wanted, strict=True):
        likely = runtime.likely(episode.said, [runtime.texts(each) for each in episode.texts])
        told, expected = [*likely.each, likely.none], [*row[: len(likely.each)], row[-1]]
        assert told == pytest.approx(expected, abs=0.25)
        right += max(range(len(expected)), key=told.__getitem__) == episode.right
    assert right > 20  # five, by chance


def test_the_same_data_and_seed_give_the_same_file(sources: Sources, tmp_path: Path) -> None:
    from ares.evolve.meaning._train import Settings, train, write_meaning

    settings = Settings(steps=5, episodes=4, pairs=8, dimensions=8)
    for name in ("one.npz", "two.npz"):
        model, words = train(sources, associations()[:50], settings, lambda line: None)
        write_meaning(model, words, tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
