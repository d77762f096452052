"""The command model in torch: a small Llama whose first layers start out able to copy.

The architecture is exactly llama.cpp's `llama` (RMSNorm before each block, rotary positions, SwiGLU, tied
embeddings). A training row is a tree: one prefix (the tool list) and many branches (request and answer)
that see the prefix and themselves, which gives the same numbers as independent sequences at a third of
their length.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

HEAD_SIZE = 32
ROPE_BASE = 500_000.0
NORM_EPSILON = 1e-5
_SLOW_PAIRS = 8  # rotary pairs that turn by less than a radian over a whole prompt
_CONSTANT = 0  # the coordinate of the embedding that is the same for every token


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a model: tokens, width (a multiple of 32), layers, width of the feed-forward layer."""

    vocabulary: int
    width: int = 160
    layers: int = 6
    hidden: int = 448

    @property
    def heads(self) -> int:
        return self.width // HEAD_SIZE


@dataclass(slots=True)
class Tree:
    """A batch of rows, padded on the right. ``prefix`` [rows, length] is what all branches of a row see;
    ``branches`` [rows, bins, size] are a row's branches packed into bins, with the ``segments`` (which
    branch, -1 for padding) and ``positions`` of their tokens; ``places`` are flat places in ``branches``
    whose next token is in ``targets``."""

    prefix: Tensor
    prefix_lengths: Tensor
    branches: Tensor
    segments: Tensor
    positions: Tensor
    places: Tensor
    targets: Tensor
    weights: Tensor


class RMSNorm(nn.Module):
    def __init__(self, width: int, start: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((width,), start))

    def forward(self, x: Tensor) -> Tensor:
        return functional.rms_norm(x, (x.shape[-1],), self.weight, NORM_EPSILON)


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, hidden = shape.width, shape.hidden
        self.heads = shape.heads
        self.attention_norm = RMSNorm(width)
        self.q = nn.Linear(width, width, bias=False)
        self.k = nn.Linear(width, width, bias=False)
        self.v = nn.Linear(width, width, bias=False)
        self.o = nn.Linear(width, width, bias=False)
        self.feed_norm = RMSNorm(width)
        self.gate = nn.Linear(width, hidden, bias=False)
        self.up = nn.Linear(width, hidden, bias=False)
        self.down = nn.Linear(hidden, width, bias=False)

    def query(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Scaled queries [rows, heads, length, size] of ``x`` [rows, length, width]."""
        return _rotate(self._split(self.q(x)), cos, sin) * HEAD_SIZE**-0.5

    def key_value(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values [rows, heads, length, size] of ``x`` [rows, length, width]."""
        return _rotate(self._split(self.k(x)), cos, sin), self._split(self.v(x))

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, HEAD_SIZE)).transpose(1, 2)

    def feed(self, x: Tensor) -> Tensor:
        normal = self.feed_norm(x)
        return x + self.down(functional.silu(self.gate(normal)) * self.up(normal))


class CommandLlama(nn.Module):
    """The model. ``forward`` gives the logits at the places of a `Tree`, ``sequence`` those of plain
    sequences."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = RMSNorm(shape.width, 0.8 / math.sqrt(shape.width))
        self._start()

    def _start(self) -> None:
        nn.init.normal_(self.embedding.weight, std=0.7)
        self.embedding.weight.data[:, _CONSTANT] = 1.0
        for module in self.layers:
            assert isinstance(module, Layer)
            for linear in (module.q, module.k, module.v, module.gate, module.up):
                nn.init.normal_(linear.weight, std=1 / math.sqrt(self.shape.width))
            nn.init.zeros_(module.o.weight)
            nn.init.zeros_(module.down.weight)
        if self.shape.layers >= 2 and self.shape.width > 4 * HEAD_SIZE:
            with torch.no_grad():
                _start_copying(self)

    def forward(self, tree: Tree) -> Tensor:
        """The logits [places, vocabulary] at ``tree.places``."""
        rows, length = tree.prefix.shape
        dtype, device = self.embedding.weight.dtype, tree.prefix.device
        turn_a = _rotations(torch.arange(length, device=device).expand(rows, -1), dtype)
        turn_b = _rotations(tree.positions.flatten(1), dtype)
        far, near = _branch_biases(tree, dtype)
        a, b = self.embedding(tree.prefix), self.embedding(tree.branches.flatten(1))
        for index, layer in enumerate(self.layers):
            assert isinstance(layer, Layer)
            normal_a, normal_b = layer.attention_norm(a), layer.attention_norm(b)
            ka, va = layer.key_value(normal_a, *turn_a)
            kb, vb = layer.key_value(normal_b, *turn_b)
            qb = layer.query(normal_b, *turn_b)
            b = b + layer.o(_join(_branch_attention(qb, (ka, va), (kb, vb), far, near)))
            if index + 1 < len(self.layers):
                b = layer.feed(b)
                mixed = _causal_attention(layer.query(normal_a, *turn_a), ka, va)
                a = layer.feed(a + layer.o(_join(mixed)))
        last = self.layers[-1]
        assert isinstance(last, Layer)
        picked = last.feed(b.flatten(0, 1)[tree.places])
        return functional.linear(self.norm(picked), self.embedding.weight)

    def sequence(self, tokens: Tensor) -> Tensor:
        """The logits [length, vocabulary] of one sequence [length] of token ids."""
        cos, sin = _rotations(
            torch.arange(len(tokens), device=tokens.device)[None], self.embedding.weight.dtype
        )
        x = self.embedding(tokens)[None]
        for layer in self.layers:
            assert isinstance(layer, Layer)
            normal = layer.attention_norm(x)
            k, v = layer.key_value(normal, cos, sin)
            x = layer.feed(x + layer.o(_join(_causal_attention(layer.query(normal, cos, sin), k, v))))
        return functional.linear(self.norm(x[0]), self.embedding.weight)


def _join(x: Tensor) -> Tensor:
    return x.transpose(1, 2).flatten(-2)


def _rotations(positions: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Cosines and sines [rows, 1, length, pairs] for ``positions`` [rows, length]."""
    pairs = HEAD_SIZE // 2
    speeds = ROPE_BASE ** (-torch.arange(pairs, device=positions.device, dtype=torch.float32) / pairs)
    angles = (positions[..., None].float() * speeds)[:, None]
    return angles.cos().to(dtype), angles.sin().to(dtype)


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = x.chunk(2, -1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)


def _branch_biases(tree: Tree, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """What is added to the scores of branch tokens, 0 where one sees and minus infinity where not: for the
    prefix [rows, 1, 1, length] and within a bin [rows, 1, bins, size, size]."""
    length = tree.prefix.shape[1]
    far = torch.arange(length, device=tree.prefix.device) < tree.prefix_lengths[:, None]
    near = (tree.segments[..., :, None] == tree.segments[..., None, :]).tril()
    return _bias(far, dtype)[:, None, None], _bias(near, dtype)[:, None]


def _bias(seen: Tensor, dtype: torch.dtype) -> Tensor:
    return torch.zeros(seen.shape, dtype=dtype, device=seen.device).masked_fill(~seen, -torch.inf)


def _branch_attention(
    q: Tensor, prefix: tuple[Tensor, Tensor], own: tuple[Tensor, Tensor], far: Tensor, near: Tensor
) -> Tensor:
    """Attention of the branch tokens ``q`` [rows, heads, bins * size, head] to the prefix and to their own
    bin."""
    bins, size = near.shape[2:4]
    length = prefix[0].shape[2]
    keys, values = (x.unflatten(2, (bins, size)) for x in own)
    distant = (q @ prefix[0].transpose(-1, -2)).add_(far)
    close = (q.unflatten(2, (bins, size)) @ keys.transpose(-1, -2)).add_(near)
    weights = torch.cat([distant, close.flatten(2, 3)], -1).softmax(-1)
    mixed = weights[..., length:].unflatten(2, (bins, size)) @ values
    return weights[..., :length] @ prefix[1] + mixed.flatten(2, 3)


def _causal_attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention of [rows, heads, length, size] with every token seeing itself and what is before it, in
    blocks of queries so that most of the unseen half is never computed."""
    length, block = q.shape[2], 128
    parts = []
    for start in range(0, length, block):
        end = min(start + block, length)
        unseen = torch.ones(end - start, end, dtype=torch.bool, device=q.device).triu(start + 1)
        scores = (q[:, :, start:end] @ k[:, :, :end].transpose(-1, -2)).masked_fill(unseen, -torch.inf)
        parts.append(scores.softmax(-1) @ v[:, :, :end])
    return torch.cat(parts, 2)


def _start_copying(model: CommandLlama) -> None:
    """Set the weights so that copying works before training.

    Layer 0 writes down for every token the one before it and the one before that. Two heads of layer 1 look
    for the place whose last token is the current one and fetch what stands there, one half of it each. A
    token is told by `_SLOW_PAIRS` rotary pairs, those that hardly turn. The rows of `basis` are directions
    beside the constant coordinate, in blocks of a head's size: 0 and 1 hold the token itself, 2 and 3 the two
    tokens before it. The embeddings leave 2 and 3 empty at the start: where they do not, half of what is read
    there is noise, and the copying heads put less than half of their attention on the right place."""
    width = model.shape.width
    basis = torch.zeros(4 * HEAD_SIZE, width)
    basis[:, 1:] = torch.linalg.qr(torch.randn(width - 1, width - 1)).Q[: 4 * HEAD_SIZE]
    blocks = basis.split(HEAD_SIZE)
    first, second = model.layers[0], model.layers[1]
    assert isinstance(first, Layer)
    assert isinstance(second, Layer)
    scratch = torch.cat([blocks[2], blocks[3]])
    embedding = model.embedding.weight
    embedding -= embedding @ scratch.T @ scratch
    speeds = ROPE_BASE ** (-torch.arange(HEAD_SIZE // 2, dtype=torch.float32) / (HEAD_SIZE // 2))
    for head in range(2):
        rows = slice(head * HEAD_SIZE, (head + 1) * HEAD_SIZE)
        _look_back(first, rows, head + 1, speeds)
        _carry(first, rows, blocks[0], blocks[2 + head], 1.0)
    slow = _slow_rows()
    for head in range(2):
        rows = slice(head * HEAD_SIZE, (head + 1) * HEAD_SIZE)
        take = slice(head * len(slow), (head + 1) * len(slow))
        second.q.weight[rows] = _only(slow, 2.5 * blocks[0][take])
        second.k.weight[rows] = _only(slow, 2.5 * blocks[2][take])
        _carry(second, rows, blocks[head], blocks[head], 3.0)


def _carry(layer: Layer, rows: slice, seen: Tensor, written: Tensor, gain: float) -> None:
    """Make a head copy what stands in the directions ``seen`` into the directions ``written``."""
    layer.v.weight[rows] = seen
    layer.o.weight[:, rows] = gain * written.T


def _slow_rows() -> list[int]:
    half = HEAD_SIZE // 2
    return [*range(half - _SLOW_PAIRS, half), *range(HEAD_SIZE - _SLOW_PAIRS, HEAD_SIZE)]


def _only(rows: list[int], values: Tensor) -> Tensor:
    weight = torch.zeros(HEAD_SIZE, values.shape[1])
    weight[rows] = values
    return weight


def _look_back(layer: Layer, rows: slice, distance: int, speeds: Tensor) -> None:
    """A head that looks ``distance`` tokens back."""
    half = HEAD_SIZE // 2
    strength = torch.zeros(half)
    strength[:5] = 7.0
    angle = distance * speeds
    q = torch.zeros(HEAD_SIZE, layer.q.weight.shape[1])
    k = torch.zeros_like(q)
    q[:half, _CONSTANT] = strength * angle.cos()
    q[half:, _CONSTANT] = -strength * angle.sin()
    k[:half, _CONSTANT] = strength
    layer.q.weight[rows] = q
    layer.k.weight[rows] = k
