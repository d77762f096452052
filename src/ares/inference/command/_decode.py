"""Asking the command model: which tool, and with which arguments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from ares.inference.command._copy import CopyAutomaton, State
from ares.inference.command._prompt import ARGUMENT_IDS, END, NONE, Encoder, Prompt, Tool, render

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NEVER: Final = -50.0
_TOO_LITTLE: Final = math.log(0.002)
_ENDED: Final = -1


class Engine(Protocol):
    """A model that reads tokens one after another."""

    def tokenize(self, text: bytes) -> list[int]:
        """The ids of ``text``; special tokens are neither added nor recognised in it."""

    def eval(self, tokens: Sequence[int]) -> None:
        """Read ``tokens`` after what was read before."""

    def logits(self) -> NDArray[np.float32]:
        """The scores of every token to follow the last one read."""

    def rewind(self, length: int) -> None:
        """Forget all but the first ``length`` tokens that were read."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Natural logarithms of the probability of every offered tool, in the order given, and of no tool at
    all; their probabilities add up to 1."""

    tools: tuple[float, ...]
    none: float


@dataclass(frozen=True, slots=True)
class Filled:
    """The value of one argument. ``start`` and ``end`` are the character positions of ``text`` in the
    request, or both -1 when ``text`` is one of the argument's choices."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fill:
    """The arguments of one action. ``missing`` names required arguments that the request does not give;
    ``log_probability`` is that of the whole answer after the tool was chosen (steps without a choice count
    0)."""

    arguments: dict[str, Filled] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    log_probability: float = 0.0


class CommandModel:
    """The command model on ``engine``. It keeps what it has read, so that `fill` after `choose` with the
    same tools and request reads only the answer. Not for use by two threads at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._encoder = Encoder(engine.tokenize)
        self._read: list[int] = []

    def _feed(self, tokens: Sequence[int]) -> None:
        """Make the engine have read exactly ``tokens``, reusing the common beginning."""
        same = 0
        for known, wanted in zip(self._read, tokens, strict=False):
            if known != wanted:
                break
            same += 1
        same = min(same, len(tokens) - 1)
        if same < len(self._read):
            self._engine.rewind(same)
        self._read = list(tokens[:same])
        self._engine.eval(tokens[same:])
        self._read = list(tokens)

    def choose(self, tools: Sequence[Tool], request: str) -> Choice:
        """How probable each of ``tools`` (1 to 16) is for ``request``, and that none of them fits."""
        prompt = render(self._encoder, tools, request)
        names = [tuple(self._encoder.name(tool)) for tool in tools]
        found = [_NEVER] * len(tools)
        none = self._spell(prompt.tokens, names, range(len(tools)), 0, 0.0, found)
        return Choice(tuple(found), none)

    def _spell(
        self,
        tokens: Sequence[int],
        names: Sequence[tuple[int, ...]],
        left: Sequence[int],
        depth: int,
        so_far: float,
        found: list[float],
    ) -> float:
        """Share out the probability of having read ``tokens`` among the names that still fit (``left``), and
        return that of no tool at all. What is too improbable to matter is shared out evenly."""
        if (len(left) == 1 and depth) or so_far < _TOO_LITTLE:
            for index in left:
                found[index] = so_far - math.log(len(left))
            return _NEVER
        follow: dict[int, list[int]] = {}
        for index in left:
            # A name that ends here is followed by an argument or by the end; tools of one name share it.
            key = names[index][depth] if len(names[index]) > depth else _ENDED
            follow.setdefault(key, []).append(index)
        if not depth:
            follow[NONE] = []
        scores = self._scores(tokens, list(follow))
        none = _NEVER
        for (key, inside), score in zip(follow.items(), scores, strict=True):
            if key == NONE:
                none = score
            elif key == _ENDED:
                for index in inside:
                    found[index] = so_far + score - math.log(len(inside))
            else:
                self._spell([*tokens, key], names, inside, depth + 1, so_far + score, found)
        return none

    def _scores(self, tokens: Sequence[int], keys: Sequence[int]) -> list[float]:
        """The logarithms of the probabilities of what may follow ``tokens``, which add up to 1."""
        if len(keys) == 1:
            return [0.0]
        import numpy as np

        self._feed(tokens)
        logits = self._engine.logits()
        ends = np.array([*ARGUMENT_IDS, END])
        picked = [float(logits[ends].max()) if key == _ENDED else float(logits[key]) for key in keys]
        return [float(score) for score in _log_softmax(np.array(picked, dtype=np.float32))]

    def fill(self, tools: Sequence[Tool], request: str, index: int) -> Fill:
        """The arguments that ``request`` gives for ``tools[index]``, each a span of the request or a
        choice."""
        prompt = render(self._encoder, tools, request)
        tool = tools[index]
        choices = {
            place: self._encoder.choices(argument)
            for place, argument in enumerate(tool.arguments)
            if argument.choices
        }
        automaton = CopyAutomaton(tool.arguments, prompt.atoms, choices)
        tokens = [*prompt.tokens, *self._encoder.name(tool)]
        state, total = State(), 0.0
        while not state.done:
            moves = automaton.allowed(state)
            ids = list(moves)
            best = 0
            if len(ids) > 1:
                self._feed(tokens)
                scores = _log_softmax(self._engine.logits())[ids]
                best = int(scores.argmax())
                total += float(scores[best])
            tokens.append(ids[best])
            state = moves[ids[best]]
        return _result(tool, prompt, request, state, total)


def _result(tool: Tool, prompt: Prompt, request: str, state: State, total: float) -> Fill:
    arguments: dict[str, Filled] = {}
    missing: list[str] = []
    for value in state.values:
        argument = tool.arguments[value.argument]
        if value.choice >= 0:
            arguments[argument.name] = Filled(argument.choices[value.choice], -1, -1)
        elif value.first >= 0:
            start, end = prompt.atoms[value.first].start, prompt.atoms[value.last - 1].end
            arguments[argument.name] = Filled(request[start:end], start, end)
        else:
            missing.append(argument.name)
    return Fill(arguments, tuple(missing), total)


def _log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    import numpy as np

    scores = logits.astype(np.float64)
    scores -= scores.max()
    result: NDArray[np.float64] = scores - np.log(np.exp(scores).sum())
    return result
