"""The meaning of words: how near a request is to what a capability is said to do, also in other words."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from ares.inference._lexicon import lexicon
from ares.inference.matching import analyse
from ares.inference.meaning import (
    BIGRAMS,
    GROUPS,
    MOST_TOKENS,
    Likely,
    Meaning,
    Meanings,
    Numbers,
    Texts,
    about_tokens,
    bigrams,
    letter_groups,
    load,
    meaning,
    phrase_tokens,
    said_tokens,
    store,
)

# A module that nothing was trained on, as somebody would write it.
FERRIES = {
    "ferries.list": ("list the ferries that leave today", "show the ferries", "which ferries are there"),
    "ferries.book": ("book a place on a ferry", "book the ferry to {port}", "reserve a place to {port}"),
    "ferries.cancel": ("cancel a booking", "cancel the booking {number}", "drop my booking {number}"),
}


def said(sentence: str, **values: list[tuple[int, int]]) -> tuple[str, ...]:
    return said_tokens(analyse(sentence, lexicon()), values)


def texts(name: str, description: str, *phrases: str) -> tuple[Texts, ...]:
    marks = {"port": "text", "number": "number"}
    return meaning().texts(
        [*(phrase_tokens(each, marks) for each in phrases), about_tokens(name, description)]
    )


OFFERED = {name: texts(name, *rest) for name, rest in FERRIES.items()}


def best(sentence: str) -> str:
    likely = meaning().likely(said(sentence), list(OFFERED.values()))
    return max([*zip(likely.each, OFFERED, strict=True), (likely.none, "none")])[1]


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("which boats sail today", "ferries.list"),
        ("I need a seat on the boat to Calais", "ferries.book"),
        ("forget reservation 12, we are staying at home", "ferries.cancel"),
    ],
)
def test_a_request_is_understood_in_words_that_no_example_has(sentence: str, name: str) -> None:
    assert best(sentence) == name


def test_probabilities_add_up_to_one_and_do_not_depend_on_the_order() -> None:
    offered = list(OFFERED.values())
    one = meaning().likely(said("book a crossing"), offered)
    assert sum(map(math.exp, [*one.each, one.none])) == pytest.approx(1, abs=1e-5)
    other = meaning().likely(said("book a crossing"), offered[::-1])
    assert other.each[::-1] == pytest.approx(one.each, abs=1e-4)
    assert other.none == pytest.approx(one.none, abs=1e-4)


def test_a_request_without_words_and_an_empty_offer_tell_nothing() -> None:
    likely = meaning().likely((), list(OFFERED.values()))
    assert {*likely.each, likely.none} == {-math.log(4)}
    assert meaning().likely(("ferry",), []) == Likely([], 0)


def test_words_that_were_never_seen_are_told_by_their_letters() -> None:
    zorbs = [texts("zorb.list", "list the zorbulators"), texts("kwip.list", "list the kwippings")]
    told = meaning().likely(said("zorbulator"), zorbs).each
    assert told[0] > told[1] + 1


def test_values_stand_as_marks_the_longest_first() -> None:
    sentence = "send report.pdf to anna@example.org at 5pm"
    tokens = said(sentence, path=[(5, 15)], email=[(19, 35)], url=[(24, 35)], time=[(39, 42)])
    assert tokens == ("send", "<path>", "to", "<email>", "at", "<time>")


def test_numbers_stand_as_a_mark_and_joined_words_are_taken_apart() -> None:
    assert said("turn the dish-washer to 30%") == ("turn", "the", "dish", "washer", "to", "<number>")
    assert phrase_tokens("turn it to {level}", {"level": "number"}) == ("turn", "it", "to", "<number>")
    assert about_tokens("dish_washer.set_level", "say how hot") == (
        "dish",
        "washer",
        "set",
        "level",
        "say",
        "how",
        "hot",
    )


def test_slips_are_mended_before_their_meaning_is_looked_up() -> None:
    assert said("shwo me the weahter") == ("show", "me", "the", "weather")


def test_no_more_tokens_are_kept_than_there_is_room_for() -> None:
    assert len(said("word " * 500)) == MOST_TOKENS
    assert len(phrase_tokens("word " * 500, {})) == MOST_TOKENS


def test_a_word_has_groups_of_letters_with_its_ends_and_a_mark_has_none() -> None:
    assert letter_groups("<path>") == []
    assert len(letter_groups("ab")) == 3  # "^ab", "ab$" and "^ab$"
    assert all(0 <= group < GROUPS for group in letter_groups("internationalisation"))


def test_a_token_has_the_same_bigram_after_the_same_token_only() -> None:
    turn, off, turn_on = (bigrams(each.split()) for each in ("turn it off", "off", "turn it on"))
    assert len(turn) == 3
    assert turn[:2] == turn_on[:2]
    assert len({turn[2], turn_on[2], *off}) == 3
    assert all(0 <= each < BIGRAMS for each in (*turn, *turn_on))
    assert bigrams(()) == []


def vectors_at_random(seed: int) -> tuple[Meaning, Meaning]:
    """A set of vectors without bigrams, and the same one with them."""
    pick = np.random.default_rng(seed)
    words = ["boat", "naïve", "<path>"]
    vectors, groups, pairs = (pick.normal(size=(n, 8)).astype(np.float32) for n in (3, GROUPS, BIGRAMS))
    gate = pick.normal(size=9).astype(np.float32)
    numbers = Numbers(6, 6, 4, 3, 0.1, -0.1, 1.5, 11, 12, 1)
    own = (words, vectors, groups, gate, numbers)
    return Meaning(*own), Meaning(*own, pairs)


def test_what_stands_before_a_word_counts_where_there_are_bigrams() -> None:
    alone, paired = vectors_at_random(1)
    for each, differs in ((alone, False), (paired, True)):
        own = [each.texts([["boat", "naïve"]]), each.texts([["naïve", "boat"]])]
        one, other = each.likely(["boat", "naïve"], own).each
        assert (one - other > 0.5) is differs
        assert each.likeness(["boat"], ["boat"]) == [[pytest.approx(1, abs=1e-5)]]


def test_several_sets_of_vectors_count_the_same() -> None:
    sets = [vectors_at_random(seed)[1] for seed in (1, 2)]
    own, request = [[["boat", "<path>"]], [["naïve"], ["boat"]]], ("boat", "naïve")
    alone = [each.likely(request, [each.texts(text) for text in own]) for each in sets]
    both = Meanings(sets)
    likely = both.likely(request, [both.texts(text) for text in own])
    assert math.fsum(map(math.exp, [*likely.each, likely.none])) == pytest.approx(1)
    shift = [
        (one + other) / 2 - told
        for one, other, told in zip(alone[0].each, alone[1].each, likely.each, strict=True)
    ]
    shift.append((alone[0].none + alone[1].none) / 2 - likely.none)
    assert shift == pytest.approx([shift[0]] * 3)
    assert both.likeness(["boat"], ["naïve"]) == sets[0].likeness(["boat"], ["naïve"])


@pytest.mark.parametrize("with_bigrams", [False, True])
def test_what_is_stored_is_what_is_read_but_for_rounding(tmp_path: Path, with_bigrams: bool) -> None:
    pick = np.random.default_rng(1)
    vectors, groups, pairs = (pick.normal(size=(n, 8)).astype(np.float32) for n in (3, GROUPS, BIGRAMS))
    extra = pairs if with_bigrams else None
    gate = pick.normal(size=9).astype(np.float32)
    numbers = Numbers(6, 6, 4, 3, 0.1, -0.1, 1.5, 11, 12, 1)
    words = ["boat", "naïve", "<path>"]
    for name in ("one.npz", "two.npz"):
        store(tmp_path / name, words, vectors, groups, gate, numbers, extra)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with (tmp_path / "one.npz").open("rb") as file:
        stored = load(file)
    exact = Meaning(words, vectors, groups, gate, numbers, extra)
    own = [["boat", "ship"], ["<path>"], ["naïve", "boat"]]
    request = ("boat", "ships", "<path>")
    one, two = (each.likely(request, [each.texts(own), each.texts(own[1:])]) for each in (stored, exact))
    assert one.each == pytest.approx(two.each, abs=0.05)
    assert one.none == pytest.approx(two.none, abs=0.05)
