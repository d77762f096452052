"""Training: fixed steps and seed, gradients summed over shards, resumable.

A step is made of a fixed number of shards (small batches), shared out among the processes; their gradients
are added up before the one optimiser step that every process then takes alike. So the data a step sees does
not depend on the number of processes, and neither, up to rounding, does the result. A process runs on one
thread: two threads in one process are slower than one when the machine has other work.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import torch
import torch.distributed as distributed
import torch.nn.functional as functional
from torch import Tensor

from ares.evolve.command_model._model import CommandLlama, Shape, Tree
from ares.evolve.command_model._muon import Muon
from ares.evolve.command_model._rows import Row, RowMaker

_CHOICE_WEIGHT: Final = 2.0
_WARM_UP: Final = 30
_BIN: Final = 96
_EASY_STEPS: Final = 200  # at first few tools are offered: reading their lines is learned much sooner so
_EASY_COUNTS: Final = (2, 3, 3, 4, 4, 5)
_TOOL_COUNTS: Final = (3, 4, 5, 6, 7, 8, 8, 9, 10, 10, 11, 12, 12, 12, 13, 14, 15, 16)


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides the result of a training run, apart from the data."""

    steps: int = 7000
    seed: int = 1
    shards: int = 2
    rows: int = 3
    requests: int = 12
    width: int = 160
    layers: int = 6
    hidden: int = 448
    matrix_rate: float = 0.02
    other_rate: float = 3e-3
    matrix_decay: float = 0.05

    def shape(self, vocabulary: int) -> Shape:
        return Shape(vocabulary, self.width, self.layers, self.hidden)


@dataclass(slots=True)
class Trainer:
    """One process of a run: ``rank`` of ``world``."""

    settings: Settings
    maker: RowMaker
    vocabulary: int
    out: Path
    rank: int = 0
    world: int = 1
    log: Callable[[str], None] = print
    seconds: float = 0.0  # spent on the steps so far, earlier parts of the run included

    def run(
        self, watch: Callable[[CommandLlama, int], str], watch_every: int = 500, save_every: int = 250
    ) -> CommandLlama:
        """Train to the end, from the checkpoint in ``out`` when there is one; the model in float32.
        ``watch`` is called now and then on rank 0 with the model, and what it says is logged."""
        torch.manual_seed(self.settings.seed)
        master = CommandLlama(self.settings.shape(self.vocabulary))
        worker = CommandLlama(self.settings.shape(self.vocabulary)).to(torch.bfloat16)
        optimiser = Muon(
            master, self.settings.matrix_rate, self.settings.other_rate, self.settings.matrix_decay
        )
        first = self._resume(master, optimiser)
        earlier, began, seen, running = self.seconds, time.monotonic(), 0, 0.0
        for step in range(first, self.settings.steps):
            _copy_weights(master, worker)
            loss, count = self._gradients(worker, master, step)
            optimiser.step(_rate(step, self.settings.steps))
            running = loss if step == first else 0.98 * running + 0.02 * loss
            seen += count
            done = step + 1
            self.seconds = earlier + time.monotonic() - began
            if self.rank == 0 and (done % 25 == 0 or done == self.settings.steps):
                self._say(done, running, seen, began, (done - first))
            if self.rank == 0 and done % save_every == 0:
                self._save(master, optimiser, done)
            if self.rank == 0 and (done % watch_every == 0 or done == self.settings.steps):
                self.log(f"step {done} {watch(master, done)}")
        return master

    def _say(self, done: int, loss: float, seen: int, began: float, steps: int) -> None:
        elapsed = time.monotonic() - began
        left = elapsed / steps * (self.settings.steps - done)
        self.log(
            f"step {done}/{self.settings.steps} loss {loss:.4f} requests/s {seen * self.world / elapsed:.0f}"
            f" elapsed {elapsed:.0f} s left {left:.0f} s"
        )

    def _gradients(self, worker: CommandLlama, master: CommandLlama, step: int) -> tuple[float, int]:
        """Put the mean gradient of the step's shards into ``master``; the loss and the requests of this
        process."""
        shards = range(self.rank, self.settings.shards, self.world)
        total, count = 0.0, 0
        for parameter in worker.parameters():
            parameter.grad = None
        sums: list[Tensor] | None = None
        for shard in shards:
            tree, requests = self._batch(step, shard)
            logits = worker(tree).float()
            loss = functional.cross_entropy(logits, tree.targets, reduction="none") * tree.weights
            value = loss.sum() / tree.weights.sum()
            value.backward()
            grads = [_grad(parameter) for parameter in worker.parameters()]
            sums = grads if sums is None else [one + other for one, other in zip(sums, grads, strict=True)]
            for parameter in worker.parameters():
                parameter.grad = None
            total += value.item()
            count += requests
        assert sums is not None
        flat = torch.cat([one.flatten() for one in sums]) / self.settings.shards
        if self.world > 1:
            distributed.all_reduce(flat)
        offset = 0
        for parameter in master.parameters():
            parameter.grad = flat[offset : offset + parameter.numel()].view_as(parameter)
            offset += parameter.numel()
        return total / len(shards), count

    def _batch(self, step: int, shard: int) -> tuple[Tree, int]:
        rng = Random(f"{self.settings.seed}/{step}/{shard}")
        easy = step < min(_EASY_STEPS, self.settings.steps // 4)
        tools = rng.choice(_EASY_COUNTS if easy else _TOOL_COUNTS)
        rows = self.settings.rows + (2 if tools < 9 else 0)
        made = [self.maker.row(tools, self.settings.requests, rng) for _ in range(rows)]
        return collate(made), sum(len(row.branches) for row in made)

    def _save(self, master: CommandLlama, optimiser: Muon, step: int) -> None:
        state = {"step": step, "settings": asdict(self.settings), "model": master.state_dict()}
        state |= {"optimiser": optimiser.state(), "seconds": self.seconds}
        fresh = self.out / "checkpoint.new"
        torch.save(state, fresh)
        fresh.replace(self.out / "checkpoint.pt")

    def _resume(self, master: CommandLlama, optimiser: Muon) -> int:
        path = self.out / "checkpoint.pt"
        if not path.exists():
            return 0
        state: dict[str, Any] = torch.load(path, weights_only=True)
        if state["settings"] != asdict(self.settings):
            raise ValueError(f"{path}: belongs to a run with other settings; use another folder or delete it")
        master.load_state_dict(state["model"])
        optimiser.load(state["optimiser"])
        self.seconds = float(state.get("seconds", 0.0))
        return int(state["step"])


def collate(rows: Sequence[Row]) -> Tree:
    """The rows as one padded batch; every token of an answer is a target."""
    length = max(len(row.prefix) for row in rows)
    size = max(_BIN, *(len(branch) for row in rows for branch in row.branches))
    packed = [_pack([len(branch) for branch in row.branches], size) for row in rows]
    bins = max(1 + max(number for number, _ in places) for places in packed)
    prefix = torch.zeros(len(rows), length, dtype=torch.long)
    branches = torch.zeros(len(rows), bins, size, dtype=torch.long)
    positions = torch.zeros(len(rows), bins, size, dtype=torch.long)
    segments = torch.full((len(rows), bins, size), -1)
    places: list[int] = []
    targets: list[int] = []
    weights: list[float] = []
    for number, row in enumerate(rows):
        known = len(row.prefix)
        prefix[number, :known] = torch.tensor(row.prefix)
        parts = zip(row.branches, row.starts, row.leads, strict=True)
        for segment, (branch, start, lead) in enumerate(parts):
            into, at = packed[number][segment]
            end = at + len(branch)
            branches[number, into, at:end] = torch.tensor(branch)
            positions[number, into, at:end] = torch.arange(known, known + len(branch))
            segments[number, into, at:end] = segment
            flat = (number * bins + into) * size
            places += range(flat + at + start, flat + end - 1)
            targets += branch[start + 1 :]
            weights += [_CHOICE_WEIGHT] * lead + [1.0] * (len(branch) - start - 1 - lead)
    lengths = torch.tensor([len(row.prefix) for row in rows])
    return Tree(
        prefix, lengths, branches, segments, positions,
        torch.tensor(places), torch.tensor(targets), torch.tensor(weights),
    )  # fmt: skip


def _pack(lengths: Sequence[int], size: int) -> list[tuple[int, int]]:
    """For each length the bin and the place in it, first fit, longest first, in bins of ``size``."""
    used: list[int] = []
    where = [(0, 0)] * len(lengths)
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        number = next(
            (number for number, taken in enumerate(used) if taken + lengths[index] <= size), len(used)
        )
        if number == len(used):
            used.append(0)
        where[index] = (number, used[number])
        used[number] += lengths[index]
    return where


def _rate(step: int, steps: int) -> float:
    """The share of the full learning rate: up over the first steps, then down to zero along a cosine."""
    up = min(1.0, (step + 1) / _WARM_UP)
    return up * 0.5 * (1 + math.cos(math.pi * step / steps))


def _grad(parameter: Tensor) -> Tensor:
    assert parameter.grad is not None
    return parameter.grad.float()


def _copy_weights(source: CommandLlama, target: CommandLlama) -> None:
    with torch.no_grad():
        for one, other in zip(source.parameters(), target.parameters(), strict=True):
            other.copy_(one)
