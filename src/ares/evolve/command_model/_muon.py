"""The optimiser: Muon for the matrices inside the layers, Adam for the embedding and the norms."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ares.evolve.command_model._model import CommandLlama

_MOMENTUM = 0.95
_BETAS = (0.9, 0.98)
_NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)  # Jordan et al. 2024, the quintic iteration of Muon
_NEWTON_SCHULZ_STEPS = 4


class Muon:
    """One step moves every matrix along its momentum with all singular values made about 1 (Muon, Jordan et
    al. 2024); the embedding and the norms go by Adam (Kingma and Ba 2015)."""

    def __init__(self, model: CommandLlama, matrix_rate: float, other_rate: float, decay: float) -> None:
        self._matrix_rate, self._other_rate, self._decay = matrix_rate, other_rate, decay
        named = list(model.named_parameters())
        matrices = [p for name, p in named if p.ndim == 2 and name.startswith("layers.")]
        self._others = [p for name, p in named if p.ndim != 2 or not name.startswith("layers.")]
        self._groups: dict[tuple[int, ...], list[Tensor]] = {}
        for matrix in matrices:
            self._groups.setdefault(tuple(matrix.shape), []).append(matrix)
        self._momenta = {shape: torch.zeros(len(group), *shape) for shape, group in self._groups.items()}
        self._first = [torch.zeros_like(p) for p in self._others]
        self._second = [torch.zeros_like(p) for p in self._others]
        self._count = 0

    @torch.no_grad()
    def step(self, share: float) -> None:
        """Take one step with ``share`` of the full learning rates, from the gradients in the parameters."""
        self._count += 1
        for shape, group in self._groups.items():
            grads = torch.stack([_grad(matrix) for matrix in group])
            momentum = self._momenta[shape].lerp_(grads, 1 - _MOMENTUM)
            update = _orthogonal(grads.lerp(momentum, _MOMENTUM))
            scale = max(1.0, shape[0] / shape[1]) ** 0.5
            rate = self._matrix_rate * share
            for matrix, change in zip(group, update, strict=True):
                matrix.mul_(1 - rate * self._decay).add_(change, alpha=-rate * scale)
        self._adam(self._other_rate * share)

    def _adam(self, rate: float) -> None:
        one, two = _BETAS
        for parameter, first, second in zip(self._others, self._first, self._second, strict=True):
            grad = _grad(parameter)
            first.lerp_(grad, 1 - one)
            second.lerp_(grad.square(), 1 - two)
            mean = first / (1 - one**self._count)
            spread = (second / (1 - two**self._count)).sqrt_().add_(1e-8)
            parameter.sub_(rate * mean / spread)

    def state(self) -> dict[str, Any]:
        """What `load` needs to go on."""
        momenta = {"x".join(map(str, shape)): value for shape, value in self._momenta.items()}
        return {"momenta": momenta, "first": self._first, "second": self._second, "count": self._count}

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a `state`."""
        for shape in self._momenta:
            self._momenta[shape] = state["momenta"]["x".join(map(str, shape))]
        self._first, self._second, self._count = state["first"], state["second"], state["count"]


def _grad(parameter: Tensor) -> Tensor:
    assert parameter.grad is not None
    return parameter.grad


def _orthogonal(matrices: Tensor) -> Tensor:
    """Every matrix [count, rows, columns] with its singular values brought near 1."""
    x = matrices.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    x = x.transpose(-1, -2) if tall else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    a, b, c = _NEWTON_SCHULZ
    for _ in range(_NEWTON_SCHULZ_STEPS):
        square = x @ x.transpose(-1, -2)
        x = a * x + (b * square + c * square @ square) @ x
    return (x.transpose(-1, -2) if tall else x).float()
