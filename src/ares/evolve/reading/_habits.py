"""Trains the linear model of how people say things (``ares.inference.matching``)."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from ares.core import Capability
from ares.inference._lexicon import lexicon
from ares.inference.matching import HABIT_SCALE, NO_CAPABILITY, analyse, features_of, mark
from ares.inference.values import Slot, slots

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SLOT: Final = re.compile(r"(\{\w+\})")
_EPOCHS: Final = 25
_RATE: Final = 0.3
_SHRINK: Final = 6e-4
_LEAST_COUNT: Final = 2
_LEAST_WEIGHT: Final = 0.4
_SEED: Final = 7
_NAMING: Final = "hosts."
PHRASES: Final = Path(__file__).with_name("phrases")
"""Roundabout ways to ask for the bundled capabilities, each file in a manner of its own. The command model,
which was trained before they were written, does not learn from them.
"""

Row = tuple[frozenset[str], str]
"""The features of a phrase and the capability it is for."""


def rows(folder: Path, capabilities: Sequence[Capability], more: Path | None = None) -> list[Row]:
    """The phrases in ``folder`` and in ``more`` for ``capabilities``, and those for none. A phrase with slots
    is there twice, the second time without its values: people leave things out; one that names a machine also
    with the name of one that is nowhere listed.
    """
    from ares.config import read_yaml

    known = {capability.full_name: capability for capability in capabilities}
    names = [str(name) for name in read_yaml(folder / "pools.yaml").data["host_names"]]
    pick = Random(_SEED)
    found: list[Row] = []
    for name, phrase in _phrases(folder, more):
        if name == NO_CAPABILITY:
            found.append((_features(phrase, {}), name))
        elif name in known:
            kinds = {slot.name: _kind(slot) for slot in slots(known[name])}
            found.append((_features(phrase, kinds), name))
            if "{" in phrase:
                found.append((_features(phrase, dict.fromkeys(kinds, "")), name))
            if "{name}" in phrase and name.startswith(_NAMING):
                found.append((_features(phrase.replace("{name}", pick.choice(names)), kinds), name))
    return found


def _phrases(folder: Path, more: Path | None) -> Iterator[tuple[str, str]]:
    for file in (*sorted(folder.glob("bundled*.jsonl")), *(sorted(more.glob("*.jsonl")) if more else ())):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield from ((str(row["capability"]), str(phrase)) for phrase in row["phrases"])
    for file in sorted(folder.glob("none*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield NO_CAPABILITY, str(json.loads(line)["request"])


def _kind(slot: Slot) -> str:
    """What a value of ``slot`` is marked as; nothing for kinds that nobody can see in a sentence."""
    if slot.kind in ("text", "number", "choice"):
        return ""
    return slot.source if slot.kind == "live" else slot.kind


def _features(phrase: str, kinds: Mapping[str, str]) -> frozenset[str]:
    tokens: list[str] = []
    forms: list[str] = []
    for part in _SLOT.split(phrase):
        if part.startswith("{") and part.endswith("}"):
            kind = kinds.get(part[1:-1], "")
            tokens += [mark(kind)] if kind else []
        else:
            read = analyse(part, lexicon())
            tokens += read.stems
            forms += read.forms
    return frozenset(features_of(tokens, lexicon().mentions(tokens), forms))


def train(found: Sequence[Row]) -> tuple[list[str], list[str], NDArray[np.float64], NDArray[np.float64]]:
    """Classes, features, and the weights of both (softmax regression, stochastic gradient descent from zero
    in a fixed order, weights shrunk at every use).
    """
    import numpy as np

    counts = Counter(feature for features, _ in found for feature in features)
    vocabulary = {f: i for i, f in enumerate(sorted(f for f in counts if counts[f] >= _LEAST_COUNT))}
    classes = sorted({name for _, name in found})
    numbers = [
        np.array(sorted(vocabulary[f] for f in features if f in vocabulary), int) for features, _ in found
    ]
    wanted = [classes.index(name) for _, name in found]
    weights, bias = np.zeros((len(vocabulary), len(classes))), np.zeros(len(classes))
    order = np.random.default_rng(_SEED)
    for _ in range(_EPOCHS):
        for row in order.permutation(len(found)):
            scale = 1 / np.sqrt(len(numbers[row]) + 1)
            scores = weights[numbers[row]].sum(0) * scale + bias
            error = np.exp(scores - scores.max())
            error /= error.sum()
            error[wanted[row]] -= 1
            weights[numbers[row]] -= _RATE * scale * error + _SHRINK * weights[numbers[row]]
            bias -= 0.05 * error
    return classes, list(vocabulary), weights, bias


def write_habits(
    folder: Path, capabilities: Sequence[Capability], target: Path, more: Path | None = None
) -> int:
    """Train on the phrases in ``folder`` and in ``more``, and write the weights to ``target``; return how
    many phrases there were.
    """
    found = rows(folder, capabilities, more)
    classes, features, weights, bias = train(found)
    weights -= weights.mean(1, keepdims=True)
    stored: dict[str, dict[str, int]] = {}
    for feature, row in zip(features, weights, strict=True):
        telling = {
            str(i): round(HABIT_SCALE * float(w)) for i, w in enumerate(row) if abs(w) >= _LEAST_WEIGHT
        }
        if telling:
            stored[feature] = telling
    document = {"classes": classes, "bias": [round(float(each), 3) for each in bias], "weights": stored}
    target.write_text(
        json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return len(found)
