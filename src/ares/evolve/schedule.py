"""How the learning rate goes over the steps of a training."""

from __future__ import annotations


def share_of_rate(step: int, steps: int, *, warm_up: int, last: float) -> float:
    """The share of the full rate at ``step`` (from 1) of ``steps``: up evenly over the first ``warm_up``
    steps, while it falls evenly to 0 but never below ``last``.
    """
    return min(1.0, step / warm_up) * max(last, 1 - step / steps)
