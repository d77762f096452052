"""Which token may come next in an answer: the copy automaton.

A value is a run of whole atoms of the request, or one of the argument's choices; arguments come in schema
order; a required argument cannot be skipped, only said to be missing; no other text can be produced. The
automaton follows all places at once at which the copied tokens occur, and takes the first when the value
ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ares.inference.command._prompt import ARGUMENT_IDS, END, MAX_ARGUMENTS, MISSING, Argument, Atom


@dataclass(frozen=True, slots=True)
class Value:
    """What an argument was given. A copied value is ``atoms[first:last]`` of the request; a chosen one is
    number ``choice`` of the argument's choices; with neither the request does not say it."""

    argument: int
    first: int = -1
    last: int = -1
    choice: int = -1


@dataclass(frozen=True, slots=True)
class State:
    """Where an answer stands: ``argument`` is the next to give or the one being given (``open``);
    ``places`` are (first atom, atom, token in it) of the copies or (choice, 0, tokens read) that fit what
    was read."""

    argument: int = 0
    open: bool = False
    places: tuple[tuple[int, int, int], ...] = ()
    values: tuple[Value, ...] = ()
    done: bool = False


class CopyAutomaton:
    """The automaton for one tool and one request; ``choices[i]`` are the token ids of the choices of
    argument i."""

    def __init__(
        self,
        arguments: Sequence[Argument],
        atoms: Sequence[Atom],
        choices: Mapping[int, Sequence[tuple[int, ...]]],
    ) -> None:
        self._arguments = arguments[:MAX_ARGUMENTS]
        self._atoms = atoms
        self._choices = choices

    def allowed(self, state: State) -> dict[int, State]:
        """The tokens that may follow, each with the state it leads to; empty only when the answer is done."""
        if state.done:
            return {}
        if not state.open:
            return self._next_argument(state, state.argument, state.values)
        if state.argument in self._choices:
            return self._in_choice(state)
        return self._in_copy(state)

    def _next_argument(self, state: State, start: int, values: tuple[Value, ...]) -> dict[int, State]:
        moves: dict[int, State] = {}
        for index in range(start, len(self._arguments)):
            moves[ARGUMENT_IDS[index]] = State(index, True, (), values)
            if self._arguments[index].required:
                return moves
        moves[END] = State(len(self._arguments), False, (), values, True)
        return moves

    def _missing(self, state: State) -> dict[int, State]:
        if not self._arguments[state.argument].required:
            return {}
        values = (*state.values, Value(state.argument))
        return {MISSING: State(state.argument + 1, False, (), values)}

    def _in_choice(self, state: State) -> dict[int, State]:
        choices = self._choices[state.argument]
        places = state.places or tuple((index, 0, 0) for index in range(len(choices)))
        moves: dict[int, State] = {} if state.places else self._missing(state)
        for choice, _, read in places:
            if read == len(choices[choice]):
                values = (*state.values, Value(state.argument, choice=choice))
                moves |= self._next_argument(state, state.argument + 1, values)
            else:
                _advance(moves, state, choices[choice][read], (choice, 0, read + 1))
        return moves

    def _in_copy(self, state: State) -> dict[int, State]:
        if not state.places:
            moves = self._missing(state)
            for index, atom in enumerate(self._atoms):
                if not self._taken(state, index):
                    _advance(moves, state, atom.tokens[0], (index, index, 1))
            return moves or {MISSING: State(state.argument + 1, False, (), state.values)}
        moves = {}
        ended = False
        for first, index, read in state.places:
            atom = self._atoms[index]
            if read < len(atom.tokens):
                _advance(moves, state, atom.tokens[read], (first, index, read + 1))
                continue
            if not ended:
                ended = True
                values = (*state.values, Value(state.argument, first, index + 1))
                moves |= self._next_argument(state, state.argument + 1, values)
            following = index + 1
            if following < len(self._atoms) and not self._taken(state, following):
                _advance(moves, state, self._atoms[following].tokens[0], (first, following, 1))
        return moves

    def _taken(self, state: State, index: int) -> bool:
        return any(value.first <= index < value.last for value in state.values)


def _advance(moves: dict[int, State], state: State, token: int, place: tuple[int, int, int]) -> None:
    known = moves.get(token)
    if known is not None and known.open and known.argument == state.argument and known.places:
        moves[token] = replace(known, places=(*known.places, place))
    else:
        moves[token] = State(state.argument, True, (place,), state.values)
