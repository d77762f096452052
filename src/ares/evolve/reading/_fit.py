"""Fits the weights of the choice by maximum likelihood, and the margin that a changing pick needs.

The log-linear choice (``ares.inference.proposer``) is a conditional logit; its likelihood is concave, so that
gradient ascent from zero finds the one best set of weights. A ridge penalty keeps features that occur in few
requests from being trusted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ares.core import Capability
from ares.evolve.reading._requests import Machine, Request
from ares.inference.command import CommandModel, tool_from_schema
from ares.inference.matching import Matcher
from ares.inference.proposer import (
    FEATURES,
    LOWEST,
    MODEL_FEATURE,
    NONE_FEATURES,
    look,
    model_feature,
    none_features,
    shortlist,
)
from ares.inference.values import Normaliser

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_STEPS: Final = 600
_RATE: Final = 0.1
_RIDGE: Final = 3e-3
_MOST_HARM: Final = 0.01
_UNKNOWN_COUNTS: Final = 3.0
"""So many times a request counts that is for a capability that nobody was trained on: there are fewer."""
_BAR: Final = 0.15
_LEAST_MARGIN: Final = 1.15
"""However seldom a change is picked wrongly here, one that is hardly likelier than a look is asked about."""


@dataclass(frozen=True, slots=True)
class Example:
    """One request as the choice sees it: features of every capability, those of none, which is right (the
    number of capabilities stands for none), and how many times it counts.
    """

    capabilities: NDArray[np.float64]
    none: NDArray[np.float64]
    right: int
    changes: tuple[bool, ...]
    count: float = 1.0


def examples(
    requests: Sequence[Request], world: Machine, model: CommandModel | None, offer: int = 12
) -> list[Example]:
    """The requests with one right capability or none, as examples to fit on."""
    found = []
    for request in requests:
        names = {answer[0][0] for answer in request.answers if len(answer) == 1}
        wanted = request.clarify or next(iter(names), "")
        if request.answers and not wanted:
            continue
        example = _example(request.text, wanted, world, world.tools(request), model, offer)
        if example is not None:
            found.append(example)
    return found


def _example(
    sentence: str,
    wanted: str,
    world: Machine,
    tools: Sequence[Capability],
    model: CommandModel | None,
    offer: int,
) -> Example | None:
    import numpy as np

    tools = shortlist(sentence, tools, Normaliser(world.world, tools), offer)
    scene = look(sentence, Matcher(tools), tools, Normaliser(world.world, tools))
    names = [each.capability.full_name for each in scene.signals]
    if wanted and wanted not in names:
        return None
    rows = [list(each.features) for each in scene.signals]
    none = list(none_features(scene))
    if model is not None:
        shown = [
            tool_from_schema(tool.full_name, tool.description, tool.input_schema, scene.example(tool))
            for tool in tools
        ]
        choice = model.choose(shown, sentence)
        said = dict(zip((tool.full_name for tool in tools), choice.tools, strict=True))
        told = [model_feature(each, said[each.capability.full_name]) for each in scene.signals]
        rows = [[*row, each] for row, each in zip(rows, told, strict=True)]
        none.append(max(LOWEST, choice.none))
    right = names.index(wanted) if wanted else len(names)
    changes = tuple(each.capability.changes for each in scene.signals)
    unknown = bool(wanted) and not scene.signals[right].trained
    return Example(np.array(rows), np.array(none), right, changes, _UNKNOWN_COUNTS if unknown else 1.0)


def probabilities(example: Example, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability of every capability and, last, of none."""
    import numpy as np

    width = example.capabilities.shape[1]
    scores: NDArray[np.float64] = np.append(
        example.capabilities @ weights[:width], example.none @ weights[width:]
    )
    shares = np.exp(scores - scores.max())
    result: NDArray[np.float64] = shares / shares.sum()
    return result


def fit(found: Sequence[Example], ridge: float = _RIDGE) -> NDArray[np.float64]:
    """The weights of the capabilities' features followed by those of none's (Adam on the log-likelihood)."""
    import numpy as np

    width = found[0].capabilities.shape[1]
    total = sum(example.count for example in found)
    weights = np.zeros(width + len(found[0].none))
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        slope = ridge * weights
        for example in found:
            error = probabilities(example, weights)
            error[example.right] -= 1
            error *= example.count / total
            slope[:width] += error[:-1] @ example.capabilities
            slope[width:] += error[-1] * example.none
        mean = 0.9 * mean + 0.1 * slope
        square = 0.999 * square + 0.001 * slope**2
        weights -= _RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights


def margin(found: Sequence[Example], weights: NDArray[np.float64]) -> float:
    """How many times as probable as anything harmless a changing pick must be: the least margin at which at
    most `_MOST_HARM` of the requests that only ask for something would change something.
    """
    reading = [each for each in found if each.right < len(each.changes) and not each.changes[each.right]]
    ratios = sorted((_ratio(each, weights) for each in reading), reverse=True)
    allowed = int(_MOST_HARM * len(ratios))
    harmful = ratios[allowed] if allowed < len(ratios) else 0.0
    return round(max(_LEAST_MARGIN, harmful) + 0.05, 2)


def _ratio(example: Example, weights: NDArray[np.float64]) -> float:
    """How many times as probable as anything harmless the pick is, if it changes something; else 0."""
    shares = probabilities(example, weights)
    best = int(shares[:-1].argmax())
    if not example.changes[best] or shares[best] <= shares[-1]:
        return 0.0
    harmless = [share for share, changes in zip(shares, example.changes, strict=False) if not changes]
    return float(shares[best] / max(float(shares[-1]), *harmless, 1e-9))


def fitted(found: Sequence[Example], with_model: bool) -> dict[str, object]:
    """The weights as they are stored."""
    weights = fit(found)
    names = [*FEATURES, *([MODEL_FEATURE] if with_model else [])]
    rest = [*NONE_FEATURES, *([MODEL_FEATURE] if with_model else [])]
    values = [round(float(value), 3) for value in weights]
    return {
        "capability": dict(zip(names, values[: len(names)], strict=True)),
        "none": dict(zip(rest, values[len(names) :], strict=True)),
        "bar": _BAR,
        "margin": margin(found, weights),
    }


def write_weights(file: Path, sets: dict[str, dict[str, object]]) -> None:
    """Replace the named sets of weights in ``file``."""
    stored = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    file.write_text(json.dumps(stored | sets, indent=2) + "\n", encoding="utf-8")
