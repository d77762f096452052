"""The copy automaton: what an answer can and cannot be."""

from __future__ import annotations

from random import Random

from ares.inference.command import (
    ARGUMENT_IDS,
    END,
    MISSING,
    SPECIALS,
    Argument,
    Atom,
    CopyAutomaton,
    Encoder,
    State,
    Value,
)

A, B = ARGUMENT_IDS[:2]
PATH = Argument("path", "path")
SPOT = Argument("spot", "path", required=False)


def words(request: str) -> tuple[Atom, ...]:
    return Encoder(lambda text: [len(SPECIALS) + byte for byte in text]).atoms(request)


def follow(automaton: CopyAutomaton, tokens: list[int]) -> State:
    state = State()
    for token in tokens:
        state = automaton.allowed(state)[token]
    return state


def test_a_required_argument_cannot_be_skipped() -> None:
    automaton = CopyAutomaton([PATH, SPOT], words("delete it"), {})
    assert list(automaton.allowed(State())) == [A]


def test_an_optional_argument_can_be_skipped_but_not_taken_out_of_order() -> None:
    automaton = CopyAutomaton([SPOT, Argument("other", required=False)], words("go"), {})
    assert set(automaton.allowed(State())) == {A, B, END}
    atoms = words("go")
    after = follow(automaton, [B, *atoms[0].tokens])
    assert set(automaton.allowed(after)) == {END}


def test_a_value_ends_only_where_a_word_ends() -> None:
    atoms = words("delete report")
    automaton = CopyAutomaton([PATH], atoms, {})
    inside = follow(automaton, [A, *atoms[1].tokens[:-1]])
    assert END not in automaton.allowed(inside)
    whole = follow(automaton, [A, *atoms[1].tokens])
    assert follow(automaton, [A, *atoms[1].tokens, END]).values == (Value(0, 1, 2),)
    assert END in automaton.allowed(whole)


def test_a_value_cannot_jump_to_words_that_do_not_follow() -> None:
    atoms = words("put anna near zoe")
    automaton = CopyAutomaton([PATH], atoms, {})
    state = follow(automaton, [A, *atoms[1].tokens])
    assert set(automaton.allowed(state)) == {END, atoms[2].tokens[0]}


def test_words_given_to_one_argument_are_not_given_to_the_next() -> None:
    atoms = words("swap x x")
    automaton = CopyAutomaton([PATH, Argument("to")], atoms, {})
    state = follow(automaton, [A, *atoms[1].tokens, B, *atoms[2].tokens, END])
    assert state.values == (Value(0, 1, 2), Value(1, 2, 3))


def test_an_argument_finds_its_word_when_an_earlier_one_took_the_same_word_first() -> None:
    atoms = words("x")
    automaton = CopyAutomaton([PATH, Argument("to")], atoms, {})
    state = follow(automaton, [A, *atoms[0].tokens, B])
    assert list(automaton.allowed(state)) == [MISSING]


def test_only_a_required_argument_can_be_missing() -> None:
    automaton = CopyAutomaton([PATH], words("delete it"), {})
    state = follow(automaton, [A, MISSING, END])
    assert state.done
    assert state.values == (Value(0),)
    optional = CopyAutomaton([SPOT], words("list it"), {})
    assert MISSING not in optional.allowed(follow(optional, [A]))


def test_a_choice_is_one_of_the_choices_and_never_words_of_the_request() -> None:
    sort = Argument("sort", "choice", False, ("cpu", "cpu time"))
    automaton = CopyAutomaton([sort], words("by zebra"), {0: [(101, 102), (101, 102, 103)]})
    assert list(automaton.allowed(follow(automaton, [A]))) == [101]
    between = follow(automaton, [A, 101, 102])
    assert set(automaton.allowed(between)) == {END, 103}
    assert follow(automaton, [A, 101, 102, END]).values == (Value(0, choice=0),)
    assert follow(automaton, [A, 101, 102, 103, END]).values == (Value(0, choice=1),)


def test_every_random_walk_ends_in_spans_of_the_request() -> None:
    atoms = words("copy a.txt and a.txt to a b a, then 5 5pm")
    arguments = [PATH, Argument("to"), SPOT, Argument("mode", "choice", False, ("on", "off"))]
    automaton = CopyAutomaton(arguments, atoms, {3: [(901,), (902, 903)]})
    for seed in range(300):
        rng, state, path = Random(seed), State(), []
        while not state.done:
            token, state = rng.choice(list(automaton.allowed(state).items()))
            path.append(token)
        assert path[-1] == END
        assert [value.argument for value in state.values][:2] == [0, 1]
        taken: set[int] = set()
        for value in state.values:
            span = set(range(value.first, value.last)) if value.first >= 0 else set()
            assert span <= set(range(len(atoms)))
            assert not span & taken
            taken |= span
