"""The meaning in torch: the formulas of ``ares.inference.meaning``, with gradients.

Indices: b episodes, c capabilities, t texts, m words of a text, l words of a request, d dimensions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ares.evolve.meaning._episodes import Episode
from ares.inference.meaning import BIGRAMS, FARTHEST, GROUPS, Numbers, bigrams, letter_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Token = tuple[str, int]

_MOST_GROUPS: Final = 24
_MOST_TEXTS: Final = 8
_FORBIDDEN: Final = -30.0


@dataclass(frozen=True, slots=True)
class Table:
    """Tokens as numbers, those of no token first: ``ids`` [places] of words, 0 for one without a vector of
    its own, ``groups`` [places, 24] of letters, and ``bigrams`` [places], BIGRAMS for a token alone.
    """

    ids: Tensor
    groups: Tensor
    bigrams: Tensor


@dataclass(frozen=True, slots=True)
class Batch:
    """Episodes as numbers: ``said`` [b, l] and ``texts`` [n, m] are places in ``table``; place 0 is no token.
    ``own`` [b, c, t] are places in ``texts``, ``there`` [b, c, t] which exist, ``right`` [b] the answers.
    """

    said: Tensor
    texts: Tensor
    table: Table
    own: Tensor
    there: Tensor
    right: Tensor


class Tokens:
    """Gives tokens places in the order in which they are asked for, and makes their numbers; with those of
    their ``bigrams``, if asked to.
    """

    def __init__(self, words: Sequence[str], *, bigrams: bool = False) -> None:
        self._ids = {word: number for number, word in enumerate(words, 1)}
        self._bigrams = bigrams
        self._groups: dict[str, NDArray[np.int64]] = {}

    def alone(self, tokens: Sequence[str]) -> Table:
        """The numbers of ``tokens``, each with nothing to do with the one before it."""
        return self._table([(token, BIGRAMS) for token in tokens])

    def _table(self, tokens: Sequence[_Token]) -> Table:
        ids = torch.tensor([0, *(self._ids.get(token, 0) for token, _ in tokens)])
        groups = np.stack([self._groups_of("<none>"), *(self._groups_of(token) for token, _ in tokens)])
        before = torch.tensor([BIGRAMS, *(bigram for _, bigram in tokens)])
        return Table(ids, torch.from_numpy(groups), before)

    def _groups_of(self, token: str) -> NDArray[np.int64]:
        found = self._groups.get(token)
        if found is None:
            found = self._groups[token] = np.full(_MOST_GROUPS, GROUPS, np.int64)
            own = letter_groups(token)[:_MOST_GROUPS]
            found[: len(own)] = own
        return found

    def _in_order(self, text: Sequence[str]) -> list[_Token]:
        return list(zip(text, bigrams(text) if self._bigrams else repeat(BIGRAMS), strict=False))

    def batch(self, episodes: Sequence[Episode]) -> Batch:
        """``episodes``, all with the same number of capabilities, as numbers."""
        places: dict[_Token, int] = {}
        rows: dict[tuple[str, ...], int] = {}
        most = max(len(each.texts) for each in episodes)
        own: NDArray[np.int64] = np.zeros((len(episodes), most, _MOST_TEXTS), np.int64)
        there: NDArray[np.bool_] = np.zeros((len(episodes), most, _MOST_TEXTS), np.bool_)
        for at, episode in enumerate(episodes):
            for column, texts in enumerate(episode.texts):
                places_of = [*range(len(texts) - 1), _MOST_TEXTS - 1]
                own[at, column, places_of] = [rows.setdefault(text, len(rows)) for text in texts]
                there[at, column, places_of] = True
        said = _padded([_placed(places, self._in_order(each.said)) for each in episodes])
        texts = _padded([_placed(places, self._in_order(text)) for text in rows])
        right = [each.right if each.right < len(each.texts) else most for each in episodes]
        table = self._table(list(places))
        return Batch(said, texts, table, torch.from_numpy(own), torch.from_numpy(there), torch.tensor(right))

    def pairs(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> tuple[Tensor, Tensor, Table]:
        """Words [n, 1] and what is associated with them [n, m], as places in the table."""
        places: dict[_Token, int] = {}
        heads = _padded([_placed(places, [(head, BIGRAMS)]) for head, _ in pairs])
        others = _padded([_placed(places, [(token, BIGRAMS) for token in other]) for _, other in pairs])
        return heads, others, self._table(list(places))


def _placed(places: dict[_Token, int], tokens: Sequence[_Token]) -> list[int]:
    return [places.setdefault(token, len(places) + 1) for token in tokens]


def _padded(rows: Sequence[Sequence[int]]) -> Tensor:
    longest = max(1, *(len(row) for row in rows)) if rows else 1
    return torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])


@dataclass(frozen=True, slots=True)
class _Likeness:
    """How alike ``words`` [b, l, c, t, m] and ``wholes`` [b, c, t] of requests and texts are, -1 or less
    where there is no word; and the weights of what is ``said`` [b, l] and of the ``texts`` [b, c, t, m].
    """

    words: Tensor
    wholes: Tensor
    said: Tensor
    texts: Tensor


class MeaningModel(nn.Module):
    """``words`` vectors of ``dimensions`` and what goes with them, ``bigrams`` among it if asked for."""

    def __init__(self, words: int, dimensions: int, *, bigrams: bool = False) -> None:
        super().__init__()
        self.words = nn.Embedding(words + 1, dimensions, padding_idx=0)
        self.groups = nn.Embedding(GROUPS + 1, dimensions, padding_idx=GROUPS)
        nn.init.normal_(self.words.weight, std=0.1)
        nn.init.normal_(self.groups.weight, std=0.05)
        with torch.no_grad():
            self.words.weight[0] = 0
            self.groups.weight[GROUPS] = 0
        self.bigrams = nn.Embedding(BIGRAMS + 1, dimensions, padding_idx=BIGRAMS) if bigrams else None
        if self.bigrams is not None:
            nn.init.zeros_(self.bigrams.weight)
        self.gate = nn.Linear(dimensions, 1)
        self.shares = nn.Parameter(torch.tensor([6.0, 6.0, 4.0, 3.0]))
        self.constants = nn.Parameter(torch.zeros(2))
        self.sharp = nn.Parameter(torch.tensor(1.5))
        self.none = nn.Parameter(torch.tensor([11.6, 12.0]))
        self.scale = nn.Parameter(torch.tensor(1.0))

    def vectors(self, table: Table, drop: float = 0.0) -> Tensor:
        """The vectors [places, d] of tokens; a share of ``drop`` goes by its groups alone, as an unknown word
        does.
        """
        own = self.words(table.ids)
        if drop and self.training:
            own = own * (torch.rand(table.ids.shape) > drop).float()[:, None]
        count = (table.groups != GROUPS).sum(-1, keepdim=True).clamp(min=1)
        vectors: Tensor = own + self.groups(table.groups).sum(-2) / count.sqrt()
        return vectors if self.bigrams is None else vectors + self.bigrams(table.bigrams)

    def forward(self, batch: Batch, drop: float = 0.0) -> Tensor:
        """The scores [b, c + 1] of all capabilities and of none; their softmax is the probability."""
        vectors = self.vectors(batch.table, drop)
        directions = functional.normalize(vectors, dim=-1)
        weights = functional.softplus(self.gate(vectors)).squeeze(-1)
        # Two more dimensions make a product -1 or less where a word of a request or a text is none, which is
        # quicker than filling that in afterwards.
        present = torch.ones_like(directions[:, :1])
        absent = torch.zeros_like(present)
        absent[0] = -1

        def read(places: Tensor, *more: Tensor) -> tuple[Tensor, Tensor]:
            table = torch.cat([directions, *more], -1)
            return functional.embedding(places, table), weights[places] * (places != 0)

        def whole(places: Tensor) -> Tensor:
            shares = weights[places] * (places != 0)
            summed = functional.embedding_bag(places, directions, mode="sum", per_sample_weights=shares)
            return functional.normalize(summed, dim=-1)

        said, said_weights = read(batch.said, present, absent)
        words, word_weights = read(batch.texts[batch.own], absent, present)
        wholes = functional.embedding(batch.own, whole(batch.texts))
        alike = (whole(batch.said)[:, None, None] * wholes).sum(-1)
        return self._scores(_Likeness(_cosines(said, words), alike, said_weights, word_weights), batch.there)

    def _scores(self, likeness: _Likeness, there: Tensor) -> Tensor:
        near = likeness.words.max(-1).values.clamp(min=FARTHEST).permute(0, 2, 3, 1)
        found = likeness.words.max(1).values.clamp(min=FARTHEST)
        share = likeness.said / likeness.said.sum(-1, keepdim=True).clamp(min=1e-6)
        heard = (near * share[:, None, None]).sum(-1)
        found = (found * likeness.texts).sum(-1) / likeness.texts.sum(-1).clamp(min=1e-6)
        alike = likeness.wholes
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
        heads, others, table = tokens.pairs(pairs)
        vectors = self.vectors(table, 0.1)
        one = functional.normalize(functional.embedding(heads, vectors).sum(1), dim=-1)
        other = functional.normalize(functional.embedding(others, vectors).sum(1), dim=-1)
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


def _cosines(said: Tensor, words: Tensor) -> Tensor:
    """The products [b, l, c, t, m] of the words of requests [b, l, d] with those of texts [b, c, t, m, d]."""
    b, c, t, m, d = words.shape
    products = torch.bmm(said, words.reshape(b, c * t * m, d).transpose(1, 2))
    return products.view(b, -1, c, t, m)


def _same(values: Sequence[object]) -> Tensor:
    """Which of ``values`` [n, n] are the same one at two places."""
    number: dict[object, int] = {}
    places = torch.tensor([number.setdefault(value, len(number)) for value in values])
    same: Tensor = (places[:, None] == places[None]) & ~torch.eye(len(values), dtype=torch.bool)
    return same
