"""The meaning in torch: the formulas of ``ares.inference.meaning``, with gradients.

Indices: b episodes, c capabilities, t texts, m words of a text, l words of a request, d dimensions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from ares.evolve.meaning._episodes import Episode
from ares.inference.meaning import FARTHEST, GROUPS, Numbers, letter_groups

_MOST_GROUPS: Final = 24
_MOST_TEXTS: Final = 8
_FORBIDDEN: Final = -30.0


@dataclass(frozen=True, slots=True)
class Batch:
    """Episodes as numbers: ``said`` [b, l] and ``texts`` [n, m] are places in ``tokens`` [places] (ids of
    words, 0 for one without a vector of its own) and ``groups`` [places, 24]; place 0 is no token. ``own``
    [b, c, t] are places in ``texts``, ``there`` [b, c, t] which exist, ``right`` [b] the answers.
    """

    said: Tensor
    texts: Tensor
    tokens: Tensor
    groups: Tensor
    own: Tensor
    there: Tensor
    right: Tensor


class Tokens:
    """Gives tokens places in the order in which they are asked for, and makes their ids and groups."""

    def __init__(self, words: Sequence[str]) -> None:
        self._ids = {word: number for number, word in enumerate(words, 1)}
        self._groups: dict[str, list[int]] = {}

    def table(self, tokens: Sequence[str]) -> tuple[Tensor, Tensor]:
        """The ids [places] and groups of letters [places, 24] of ``tokens``, those of no token first."""
        ids = torch.tensor([0, *(self._ids.get(token, 0) for token in tokens)])
        groups = torch.full((len(tokens) + 1, _MOST_GROUPS), GROUPS)
        for place, token in enumerate(tokens, 1):
            own = self._groups.get(token)
            if own is None:
                own = self._groups[token] = letter_groups(token)[:_MOST_GROUPS]
            groups[place, : len(own)] = torch.tensor(own, dtype=torch.long)
        return ids, groups

    def batch(self, episodes: Sequence[Episode]) -> Batch:
        """``episodes``, all with the same number of capabilities, as numbers."""
        places: dict[str, int] = {}
        rows: dict[tuple[str, ...], int] = {}
        most = max(len(each.texts) for each in episodes)
        own = torch.zeros(len(episodes), most, _MOST_TEXTS, dtype=torch.long)
        there = torch.zeros(len(episodes), most, _MOST_TEXTS, dtype=torch.bool)
        for at, episode in enumerate(episodes):
            for column, texts in enumerate(episode.texts):
                for number, text in enumerate(texts):
                    place = _MOST_TEXTS - 1 if number == len(texts) - 1 else number
                    own[at, column, place] = rows.setdefault(text, len(rows))
                    there[at, column, place] = True
        said = _padded([[_place(places, token) for token in each.said] for each in episodes])
        texts = _padded([[_place(places, token) for token in text] for text in rows])
        right = [each.right if each.right < len(each.texts) else most for each in episodes]
        return Batch(said, texts, *self.table(list(places)), own, there, torch.tensor(right))


def _place(places: dict[str, int], token: str) -> int:
    return places.setdefault(token, len(places) + 1)


def _padded(rows: Sequence[Sequence[int]]) -> Tensor:
    longest = max(1, *(len(row) for row in rows)) if rows else 1
    return torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])


@dataclass(frozen=True, slots=True)
class _Read:
    directions: Tensor
    weights: Tensor
    there: Tensor


class MeaningModel(nn.Module):
    """``words`` vectors of ``dimensions`` and what goes with them."""

    def __init__(self, words: int, dimensions: int) -> None:
        super().__init__()
        self.words = nn.Embedding(words + 1, dimensions, padding_idx=0)
        self.groups = nn.Embedding(GROUPS + 1, dimensions, padding_idx=GROUPS)
        nn.init.normal_(self.words.weight, std=0.1)
        nn.init.normal_(self.groups.weight, std=0.05)
        with torch.no_grad():
            self.words.weight[0] = 0
            self.groups.weight[GROUPS] = 0
        self.gate = nn.Linear(dimensions, 1)
        self.shares = nn.Parameter(torch.tensor([6.0, 6.0, 4.0, 3.0]))
        self.constants = nn.Parameter(torch.zeros(2))
        self.sharp = nn.Parameter(torch.tensor(1.5))
        self.none = nn.Parameter(torch.tensor([11.6, 12.0]))
        self.scale = nn.Parameter(torch.tensor(1.0))

    def vectors(self, ids: Tensor, groups: Tensor, drop: float = 0.0) -> Tensor:
        """The vectors [places, d] of tokens by their ids and groups; a share of ``drop`` goes by its groups
        alone, as an unknown word does."""
        own = self.words(ids)
        if drop and self.training:
            own = own * (torch.rand(ids.shape) > drop).float()[:, None]
        count = (groups != GROUPS).sum(-1, keepdim=True).clamp(min=1)
        return own + self.groups(groups).sum(-2) / count.sqrt()

    def _read(self, table: Tensor, places: Tensor) -> _Read:
        vectors = functional.embedding(places, table)
        there = places != 0
        weights = functional.softplus(self.gate(vectors)).squeeze(-1) * there
        return _Read(functional.normalize(vectors, dim=-1) * there[..., None], weights, there)

    def forward(self, batch: Batch, drop: float = 0.0) -> Tensor:
        """The scores [b, c + 1] of all capabilities and of none; their softmax is the probability."""
        table = self.vectors(batch.tokens, batch.groups, drop)
        request, texts = self._read(table, batch.said), self._read(table, batch.texts)
        return self._scores(request, _chosen(texts, batch.own), batch.there)

    def _scores(self, request: _Read, texts: _Read, there: Tensor) -> Tensor:
        likeness = torch.einsum("bld,bctmd->bctlm", request.directions, texts.directions)
        likeness = likeness.masked_fill(~request.there[:, None, None, :, None], -1)
        likeness = likeness.masked_fill(~texts.there[:, :, :, None, :], -1)
        near = likeness.amax(-1).clamp(min=FARTHEST)
        found = likeness.amax(-2).clamp(min=FARTHEST)
        share = request.weights / request.weights.sum(-1, keepdim=True).clamp(min=1e-6)
        heard = (near * share[:, None, None]).sum(-1)
        found = (found * texts.weights).sum(-1) / texts.weights.sum(-1).clamp(min=1e-6)
        whole = functional.normalize((request.directions * share[..., None]).sum(1), dim=-1)
        text_whole = functional.normalize((texts.directions * texts.weights[..., None]).sum(-2), dim=-1)
        alike = torch.einsum("bd,bctd->bct", whole, text_whole)
        constants = torch.cat([self.constants[0].expand(there.shape[-1] - 1), self.constants[1:]])
        fits = self.shares[0] * heard + self.shares[1] * found + self.shares[2] * alike + constants
        fits = fits.masked_fill(~there, _FORBIDDEN)
        count = there.sum(-1).clamp(min=1)
        together = (torch.logsumexp(fits * self.sharp, -1) - count.float().log()) / self.sharp
        average = (alike * there).sum(-1) / count
        offered = there.any(-1)
        scores = (together + self.shares[3] * average).masked_fill(~offered, _FORBIDDEN)
        nearest = near.masked_fill(~there[..., None], -1).amax(2)
        covered = (nearest * share[:, None]).sum(-1).masked_fill(~offered, -1).amax(-1)
        none = self.none[0] + self.none[1] * (1 - covered)
        return torch.cat([scores, none[:, None]], 1) * self.scale

    def associated(self, tokens: Tokens, pairs: Sequence[tuple[str, Sequence[str]]]) -> Tensor:
        """How badly the words of ``pairs`` are told from each other by what is associated with them
        (InfoNCE, both ways; van den Oord and others 2018, arXiv:1807.03748).
        """
        places: dict[str, int] = {}
        heads = _padded([[_place(places, head)] for head, _ in pairs])
        others = _padded([[_place(places, token) for token in other] for _, other in pairs])
        table = self.vectors(*tokens.table(list(places)), 0.1)
        one = functional.normalize(functional.embedding(heads, table).sum(1), dim=-1)
        other = functional.normalize(functional.embedding(others, table).sum(1), dim=-1)
        likeness = one @ other.T * 12
        same = _same([head for head, _ in pairs]) | _same([tuple(some) for _, some in pairs])
        likeness = likeness.masked_fill(same, -20)
        right = torch.arange(len(pairs))
        both = functional.cross_entropy(likeness, right) + functional.cross_entropy(likeness.T, right)
        return both / 2

    def numbers(self) -> Numbers:
        """What is stored beside the vectors."""
        request, text, whole, average = (float(each) for each in self.shares)
        phrase, about = (float(each) for each in self.constants)
        nothing, uncovered = (float(each) for each in self.none)
        return Numbers(
            request,
            text,
            whole,
            average,
            phrase,
            about,
            float(self.sharp),
            nothing,
            uncovered,
            float(self.scale),
        )


def _chosen(texts: _Read, own: Tensor) -> _Read:
    return _Read(texts.directions[own], texts.weights[own], texts.there[own])


def _same(values: Sequence[object]) -> Tensor:
    """Which of ``values`` [n, n] are the same one at two places."""
    number: dict[object, int] = {}
    places = torch.tensor([number.setdefault(value, len(number)) for value in values])
    same: Tensor = (places[:, None] == places[None]) & ~torch.eye(len(values), dtype=torch.bool)
    return same
