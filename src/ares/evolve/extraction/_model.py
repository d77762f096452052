"""The network of ``ares.inference.extraction`` in torch, with gradients.

Indices: b examples, n words, h hidden numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from ares.evolve.extraction._examples import Example
from ares.inference.extraction import BUCKETS, LENGTHS, SLOT_FEATURES, WORD_FEATURES, Numbers, bucket

_NAME_SIZE: Final = 8
_ENDS: Final = 16
_FARTHEST: Final = -1e4


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples as numbers: ``forms`` [b, n] places of words, ``endings`` [b, n] those of their endings,
    ``words`` [b, n, WORD_FEATURES], ``slots`` [b, SLOT_FEATURES], ``names`` [b], ``there`` [b, n] 1 where
    there is a word, ``right`` [b] the number of the span, n * n for none.
    """

    forms: Tensor
    endings: Tensor
    words: Tensor
    slots: Tensor
    names: Tensor
    there: Tensor
    right: Tensor


class Places:
    """The places of words and names of arguments in the tables of the network."""

    def __init__(self, words: Sequence[str], names: Sequence[str]) -> None:
        self._words = {word: place for place, word in enumerate(words)}
        self._names = {name: place for place, name in enumerate(names)}

    def batch(self, examples: Sequence[Example]) -> Batch:
        """``examples`` as numbers."""
        longest = max(len(each.seen.forms) for each in examples)
        shape = len(examples), longest
        forms, endings = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
        there = torch.zeros(shape)
        words = torch.zeros(*shape, len(WORD_FEATURES))
        right = []
        for row, each in enumerate(examples):
            count = len(each.seen.forms)
            ends = [len(self._words) + bucket(form) for form in each.seen.forms]
            own = [self._words.get(form, end) for form, end in zip(each.seen.forms, ends, strict=True)]
            forms[row, :count], endings[row, :count] = torch.tensor(own), torch.tensor(ends)
            words[row, :count] = torch.tensor(each.seen.words)
            there[row, :count] = 1
            right.append(
                longest * longest if each.span is None else each.span[0] * longest + each.span[1] - 1
            )
        slots = torch.tensor([each.seen.slot for each in examples])
        names = torch.tensor([self._names.get(each.seen.name, len(self._names)) for each in examples])
        return Batch(forms, endings, words, slots, names, there, torch.tensor(right))

    @property
    def unknown_name(self) -> int:
        """The place of every name that was never seen."""
        return len(self._names)


class ExtractionModel(nn.Module):
    """The network with ``size`` numbers for each of ``words`` words and ``hidden`` for what it makes of
    them.
    """

    def __init__(self, words: int, names: int, size: int, hidden: int) -> None:
        super().__init__()
        self.words = nn.Embedding(words + BUCKETS, size)
        self.names = nn.Embedding(names + 1, _NAME_SIZE)
        for table in (self.words, self.names):
            nn.init.normal_(table.weight, std=0.1)
        given = size + len(WORD_FEATURES) + len(SLOT_FEATURES) + _NAME_SIZE
        self.given = nn.Linear(given, hidden)
        self.near = nn.Conv1d(hidden, hidden, 5, padding=2)
        self.middle = nn.Conv1d(hidden, hidden, 5, padding=4, dilation=2)
        self.far = nn.Conv1d(hidden, hidden, 3, padding=4, dilation=4)
        self.ends = nn.Linear(hidden, 3)
        self.first, self.last = nn.Linear(hidden, _ENDS), nn.Linear(hidden, _ENDS)
        for layer in (self.first, self.last):
            nn.init.normal_(layer.weight, std=0.05)
        self.lengths = nn.Parameter(torch.zeros(2, LENGTHS))
        self.none = nn.Linear(hidden, 1)

    def forward(self, batch: Batch, unknown: float = 0.0, drop: float = 0.0) -> Tensor:
        """The scores [b, n * n + 1] of all spans and of none; a share of ``unknown`` of the words is known by
        its ending alone, a share of ``drop`` of the hidden numbers is left out.
        """
        hidden = self._read(batch, unknown, drop)
        begin, end, inside = self.ends(hidden).unbind(-1)
        before = functional.pad(inside.cumsum(1), (1, 0))
        scores = begin[:, :, None] + end[:, None] + before[:, None, 1:] - before[:, :-1, None]
        scores = scores + self.first(hidden) @ self.last(hidden).transpose(1, 2)
        places = torch.arange(hidden.shape[1])
        length = places[None] - places[:, None]
        scores = scores + self.lengths[batch.slots[:, 0].long()][:, length.clamp(0, LENGTHS - 1)]
        exists = (length >= 0) & (batch.there[:, :, None] * batch.there[:, None] > 0)
        scores = scores.masked_fill(~exists, _FARTHEST)
        none = self.none((hidden * batch.there[..., None]).amax(1))
        return torch.cat([scores.flatten(1), none], 1)

    def _read(self, batch: Batch, unknown: float, drop: float) -> Tensor:
        forms = batch.forms
        if unknown and self.training:
            forms = torch.where(torch.rand(forms.shape) < unknown, batch.endings, forms)
        same = torch.cat([batch.slots, self.names(batch.names)], -1)
        same = same[:, None].expand(-1, forms.shape[1], -1)
        given = torch.cat([self.words(forms), batch.words, same], -1)
        there = batch.there[:, None]
        hidden = functional.relu(self.given(given))
        hidden = functional.dropout(hidden, drop, self.training).transpose(1, 2) * there
        for layer in (self.near, self.middle, self.far):
            hidden = (hidden + functional.relu(layer(hidden))) * there
        return functional.dropout(hidden.transpose(1, 2), drop, self.training)

    def numbers(self) -> Numbers:
        """What is stored."""
        found = {"words": self.words.weight, "names": self.names.weight, "lengths": self.lengths}
        layers = {"in": self.given, "near": self.near, "middle": self.middle, "far": self.far}
        layers |= {"ends": self.ends, "first": self.first, "last": self.last}
        for name, layer in layers.items():
            assert isinstance(layer.bias, Tensor)
            assert isinstance(layer.weight, Tensor)
            found |= {name: layer.weight, f"{name}_bias": layer.bias}
        found |= {"none": self.none.weight[0], "none_bias": self.none.bias}
        return {name: each.detach().numpy() for name, each in found.items()}
