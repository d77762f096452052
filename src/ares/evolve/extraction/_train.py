"""Training the extraction: Adam on the likelihood of the right span, fixed steps and seed, one thread."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

import torch
from torch.nn import functional

from ares.evolve.command_model import Sources
from ares.evolve.extraction._examples import Example, Examples
from ares.evolve.extraction._model import Batch, ExtractionModel, Places
from ares.evolve.schedule import share_of_rate
from ares.inference.extraction import store

_WARM_UP: Final = 100
_LAST_RATE: Final = 0.01
_UNKNOWN_WORDS: Final = 0.3
_UNKNOWN_NAMES: Final = 0.15
_DROP: Final = 0.15
_OFTEN_ENOUGH: Final = 12
_SAID_EVERY: Final = 250


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides the result, apart from the data. The steps go over ``examples`` examples, made once."""

    steps: int = 6000
    seed: int = 5
    examples: int = 200_000
    batch: int = 128
    size: int = 16
    hidden: int = 64
    rate: float = 3e-3


@dataclass(frozen=True, slots=True)
class Trained:
    """The network, and the words and names of arguments that it knows."""

    model: ExtractionModel
    words: tuple[str, ...]
    names: tuple[str, ...]

    def write(self, file: Path) -> None:
        """Write what ``ares.inference.extraction.load`` reads."""
        store(file, self.words, self.names, self.model.numbers())


def train(sources: Sources, settings: Settings, say: Callable[[str], None] = print) -> Trained:
    """The trained network; ``say`` is told how it goes on."""
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)
    rng, made = Random(settings.seed), Examples(sources)
    rows: list[Example] = []
    while len(rows) < settings.examples:
        rows += made.draw(rng)
    say(f"{len(rows)} examples")
    words, names = _known(rows, settings)
    places = Places(words, names)
    model = ExtractionModel(len(words), len(names), settings.size, settings.hidden)
    optimiser = torch.optim.Adam(model.parameters(), lr=settings.rate)
    began, running = time.monotonic(), 0.0
    for step in range(1, settings.steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = settings.rate * share_of_rate(
                step, settings.steps, warm_up=_WARM_UP, last=_LAST_RATE
            )
        batch = _forgetful(places.batch(rng.choices(rows, k=settings.batch)), places)
        loss = functional.cross_entropy(model(batch, _UNKNOWN_WORDS, _DROP), batch.right)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        running = float(loss.detach()) if step == 1 else 0.98 * running + 0.02 * float(loss.detach())
        if step % _SAID_EVERY == 0 or step == settings.steps:
            say(f"step {step}/{settings.steps} loss {running:.4f} elapsed {time.monotonic() - began:.0f} s")
    return Trained(model.eval(), words, names)


def _known(rows: Sequence[Example], settings: Settings) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words and names that are seen often enough to get a vector of their own."""
    forms = Counter(form for row in rows for form in set(row.seen.forms))
    names = Counter(row.seen.name for row in rows)
    often = min(_OFTEN_ENOUGH, settings.examples // 100)
    return (
        tuple(sorted(form for form, count in forms.items() if count >= often)),
        tuple(sorted(name for name, count in names.items() if count >= often)),
    )


def _forgetful(batch: Batch, places: Places) -> Batch:
    """``batch`` with a share of the names of arguments never seen."""
    forgotten = torch.rand(batch.names.shape) < _UNKNOWN_NAMES
    return replace(batch, names=batch.names.masked_fill(forgotten, places.unknown_name))
