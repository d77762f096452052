"""Training the meaning: Adam on the likelihood of the right answers and on the associations, fixed steps and
seed, one thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import torch
from torch.nn import functional

from ares.evolve.command_model import Sources
from ares.evolve.meaning._episodes import Associations, Episodes
from ares.evolve.meaning._model import MeaningModel, Tokens
from ares.evolve.schedule import share_of_rate
from ares.inference.meaning import store

_WARM_UP: Final = 100
_LAST_RATE: Final = 0.02
_DROP: Final = 0.15
_SMOOTHING: Final = 0.02
_SAID_EVERY: Final = 100


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides the result, apart from the data. ``pairs`` associations are seen a step, and count
    ``associated`` beside the episodes; with ``bigrams``, these have vectors too.
    """

    steps: int = 4000
    seed: int = 5
    bigrams: bool = False
    dimensions: int = 64
    episodes: int = 144
    pairs: int = 1536
    rate: float = 3e-3
    associated: float = 0.3


def train(
    sources: Sources, related: Associations, settings: Settings, say: Callable[[str], None] = print
) -> tuple[MeaningModel, list[str]]:
    """The trained model and the words that have vectors; ``say`` is told how it goes on."""
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)
    rng, made = Random(settings.seed), Episodes(sources)
    words = made.vocabulary(related)
    tokens = Tokens(words, bigrams=settings.bigrams)
    model = MeaningModel(len(words), settings.dimensions, bigrams=settings.bigrams)
    optimiser = torch.optim.Adam(model.parameters(), lr=settings.rate)
    began, running = time.monotonic(), 0.0
    for step in range(1, settings.steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = settings.rate * share_of_rate(
                step, settings.steps, warm_up=_WARM_UP, last=_LAST_RATE
            )
        batch = tokens.batch([made.episode(rng) for _ in range(settings.episodes)])
        loss = functional.cross_entropy(model(batch, _DROP), batch.right, label_smoothing=_SMOOTHING)
        if related:
            pairs = [_pair(related, rng) for _ in range(settings.pairs)]
            loss = loss + settings.associated * model.associated(tokens, pairs)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        running = float(loss.detach()) if step == 1 else 0.98 * running + 0.02 * float(loss.detach())
        if step % _SAID_EVERY == 0 or step == settings.steps:
            say(f"step {step}/{settings.steps} loss {running:.4f} elapsed {time.monotonic() - began:.0f} s")
    return model.eval(), words


def _pair(related: Associations, rng: Random) -> tuple[str, tuple[str, ...]]:
    """A word and one that belongs to it; the first of its list, which would do instead, more often."""
    head, others = rng.choice(related)
    return head, others[int(rng.random() ** 1.5 * len(others))]


def write_meaning(model: MeaningModel, words: list[str], file: Path) -> None:
    """Write what ``ares.inference.meaning.load`` reads."""
    with torch.no_grad():
        vectors = model.vectors(Tokens(words).alone(words))[1:].numpy()
        gate = torch.cat([model.gate.weight[0], model.gate.bias]).numpy()
        bigrams = None if model.bigrams is None else model.bigrams.weight[:-1].numpy()
        store(file, words, vectors, model.groups.weight[:-1].numpy(), gate, model.numbers(), bigrams)
