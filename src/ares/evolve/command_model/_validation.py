"""How well a model in torch answers the validation questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import torch

from ares.evolve.command_model._model import CommandLlama
from ares.evolve.command_model._questions import Question, question_row
from ares.evolve.command_model._train import collate
from ares.inference.command import NONE, Encoder

_BATCH: Final = 16


def score(
    model: CommandLlama, encoder: Encoder, asked: Mapping[str, Sequence[Question]], limit: int = 10**9
) -> dict[str, tuple[int, int, int]]:
    """For every kind: how many of at most ``limit`` questions there are, for how many the model chooses
    right, and for how many all arguments are right as well (when it is told the right tokens before
    each)."""
    return {kind: _score(model, encoder, _spread(some, limit)) for kind, some in asked.items()}


def _spread(some: Sequence[Question], limit: int) -> Sequence[Question]:
    return some if len(some) <= limit else [some[i * len(some) // limit] for i in range(limit)]


def _score(model: CommandLlama, encoder: Encoder, asked: Sequence[Question]) -> tuple[int, int, int]:
    rows = [made for question in asked if (made := question_row(encoder, question))]
    order = sorted(range(len(rows)), key=lambda index: len(rows[index][0].prefix))
    chosen = exact = 0
    for start in range(0, len(order), _BATCH):
        batch = [rows[index] for index in order[start : start + _BATCH]]
        tree = collate([row for row, _ in batch])
        with torch.no_grad():
            logits = model(tree)
        at = 0
        for row, names in batch:
            length = len(row.branches[0]) - row.starts[0] - 1
            answer = tree.targets[at : at + length]
            best = logits[at : at + length].argmax(-1)
            right = _named(logits[at : at + length], [int(one) for one in answer[: row.leads[0]]], names)
            chosen += right
            exact += right and bool((best[row.leads[0] :] == answer[row.leads[0] :]).all())
            at += length
    return len(rows), chosen, exact


def _named(logits: torch.Tensor, answer: list[int], names: Sequence[tuple[int, ...]]) -> bool:
    """Whether the right name is what the best offered token after token spells."""
    for place, wanted in enumerate(answer):
        follow = {name[place] for name in names if len(name) > place and list(name[:place]) == answer[:place]}
        if place == 0:
            follow.add(NONE)
        allowed = torch.tensor(sorted(follow))
        if int(allowed[logits[place, allowed].argmax()]) != wanted:
            return False
    return True


def summary(scores: Mapping[str, tuple[int, int, int]]) -> str:
    """The scores in one line: chosen and exact in percent."""
    parts: Iterable[str] = (
        f"{kind} {100 * chosen / max(1, count):.1f}/{100 * exact / max(1, count):.1f} of {count}"
        for kind, (count, chosen, exact) in scores.items()
    )
    return "; ".join(parts)
