"""Words: endings, slips, weights, and groups that mean the same."""

from __future__ import annotations

import pytest

from ares.inference._lexicon import Lexicon, lexicon
from ares.inference._words import alike, nearest, pieces, stem, words


@pytest.mark.parametrize(
    "forms",
    [
        ("copy", "copies", "copied", "copying"),
        ("note", "notes", "noted", "noting"),
        ("delete", "deleted", "deleting", "deletes"),
        ("run", "running", "runs", "ran"),
        ("wake", "waking", "woke", "woken"),
        ("write", "writing", "wrote", "written"),
        ("box", "boxes"),
        ("add", "added", "adding"),
    ],
)
def test_the_forms_of_a_word_have_one_stem(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("note", "not"), ("disk", "dish"), ("timer", "time"), ("new", "news")]
)
def test_other_words_keep_other_stems(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("reprot", "report"), ("repot", "report"), ("reportt", "report"), ("repord", "report")],
)
def test_one_slip_of_the_fingers_is_seen_through(typed: str, meant: str) -> None:
    assert nearest(typed, {"report", "repair"}) == meant
    assert alike(typed, meant)


@pytest.mark.parametrize(
    ("typed", "known"), [("rport", "repair"), ("teh", "ten"), ("ab", "ba"), ("rpeotr", "report")]
)
def test_more_than_one_slip_or_a_short_word_is_not(typed: str, known: str) -> None:
    assert nearest(typed, {known}) == ""


def test_a_swap_is_seen_through_even_in_a_short_word() -> None:
    assert nearest("teh", {"the"}) == "the"


def test_slips_are_found_the_same_way_among_few_and_many_words() -> None:
    many = {"report", *(f"word{number}" for number in range(100))}
    assert nearest("reprot", many) == nearest("reprot", {"report"}) == "report"


def test_words_keep_their_places_and_lose_the_punctuation_around_them() -> None:
    sentence = 'Read "report.pdf", please!'
    assert [(word.text, sentence[word.start : word.end]) for word in words(sentence)] == [
        ("read", "Read"),
        ("report.pdf", "report.pdf"),
        ("please", "please"),
    ]


def test_pieces_part_numbers_from_letters_and_leave_hesitation_out() -> None:
    assert [piece.text for piece in pieces("at um 5pm, 17:30")] == ["at", "5", "pm", ",", "17:30"]


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    assert lexicon().weight(stem("show")) < lexicon().weight(stem("printer")) < lexicon().weight("zebrafish")


SMALL = Lexicon("# 100 phrases\ntoss 5 toss\nit 40 it\n", "away = toss _ out, discard\nempty = empty\n")


def test_a_phrase_of_the_thesaurus_is_found_with_words_in_between() -> None:
    (found,) = SMALL.mentions(["toss", "the", "old", "box", "out"])
    assert (found.concept, found.at) == ("away", (0, 4))


def test_a_phrase_with_too_much_in_between_is_not_found() -> None:
    assert SMALL.mentions(["toss", *["x"] * 6, "out"]) == ()


def test_every_group_of_the_shipped_thesaurus_has_two_entries_and_a_name_of_its_own() -> None:
    from importlib import resources

    text = resources.files("ares.inference").joinpath("thesaurus.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    names = [line.partition(" = ")[0] for line in lines]
    assert len(names) == len(set(names))
    for line in lines:
        entries = line.partition(" = ")[2].split(", ")
        assert len(entries) == len(set(entries)), line
        assert len(entries) > 1, line


@pytest.mark.parametrize(
    "word", ["peanut", "butter", "rice", "treasure", "brackets", "weekdays", "plumbers", "glued", "kraftwerk"]
)
def test_a_real_word_is_no_slip_although_no_phrase_has_it(word: str) -> None:
    assert lexicon().knows(word)


@pytest.mark.parametrize("word", ["pritned", "evry", "fodler", "hte", "recieve"])
def test_a_slip_is_not_known(word: str) -> None:
    assert not lexicon().knows(word)


def test_a_well_known_name_is_no_slip_and_no_ordinary_word() -> None:
    assert lexicon().knows("aerosmith")
    assert not lexicon().common("aerosmith")


def test_an_ending_needs_a_word_before_it() -> None:
    small = Lexicon("# 9 phrases\ngarden 3 garden\n+ shovel glue\n- rome", "")
    assert [small.knows(word) for word in ("shovels", "glued", "rome", "romes", "tings")] == [
        True,
        True,
        True,
        False,
        False,
    ]
