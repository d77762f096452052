"""Where a sentence may be cut into requests."""

from __future__ import annotations

import pytest

from ares.inference.proposer._clauses import MOST, calls_back, demands, order, parts, states, tells, wishes


@pytest.mark.parametrize(
    ("sentence", "cut"),
    [
        ("wake atlas and show the disk", ["wake atlas", "show the disk"]),
        ("first wake atlas, then list the notes", ["wake atlas", "list the notes"]),
        ("ls src; cat plan.md", ["ls src", "cat plan.md"]),
        ("cp a.txt b.txt && rm a.txt", ["cp a.txt b.txt", "rm a.txt"]),
        ("show the trash adn wake atlas", ["show the trash", "wake atlas"]),
        ("how full is the disk? and the memory?", ["how full is the disk", "the memory?"]),
        ('note "milk and eggs"', ['note "milk and eggs"']),
        ("what time is it", ["what time is it"]),
    ],
)
def test_a_sentence_may_be_cut_at_what_joins(sentence: str, cut: list[str]) -> None:
    assert [part.text for part in parts(sentence)] == cut


def test_what_comes_before_is_done_first() -> None:
    after, first = parts("Before you delete plan.md, copy it to ~/Archive")
    assert (first.text, after.text) == ("copy it to ~/Archive", "delete plan.md")
    assert first.rank < after.rank


def test_a_part_that_says_first_goes_before_its_neighbour() -> None:
    delete, copy = parts("delete plan.md, but copy it to ~/Archive first")
    assert (copy.text, copy.rank < delete.rank) == ("copy it to ~/Archive", True)


def test_then_is_a_stronger_sign_than_and() -> None:
    assert parts("wake atlas and then show the disk")[1].strong
    assert not parts("wake atlas and show the disk")[1].strong


def test_a_part_stands_where_it_was_said() -> None:
    sentence = "wake atlas, then list the notes"
    assert all(sentence[part.start :].startswith(part.text) for part in parts(sentence))


def test_a_list_without_end_is_not_cut_without_end() -> None:
    assert len(parts(", ".join(["ls"] * 50))) == MOST


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("it sounds like a jet", True),
        ("we moved last week", True),
        ("I want to see the trash", False),
        ("show the trash", False),
        ("my notes", False),
    ],
)
def test_telling_is_not_asking(text: str, told: bool) -> None:
    assert tells(text) is told


@pytest.mark.parametrize(
    ("sentence", "verb"),
    [
        ("defrag the disk", "defrag"),
        ("could you please defrag the disk", "defrag"),
        ("should I wake atlas", ""),
        ("which files are here", ""),
        ("the fan is loud", ""),
        ("disk", ""),
    ],
)
def test_an_order_begins_with_its_verb(sentence: str, verb: str) -> None:
    begin = order(sentence)
    assert ("" if begin is None else sentence[begin:].split()[0]) == verb


@pytest.mark.parametrize(
    ("part", "calls"),
    [
        ("ping me", True),
        ("tell me then", True),
        ("please tell", True),
        ("help an old man out", True),
        ("then chime", True),
        ("tell me a joke", False),
        ("help me out of here", False),
    ],
)
def test_a_part_that_only_says_whom_to_tell_is_known(part: str, calls: bool) -> None:
    assert calls_back(part) is calls


@pytest.mark.parametrize(("part", "wished"), [("the nas must wake up", True), ("the nas is slow", False)])
def test_how_things_should_be_is_a_wish(part: str, wished: bool) -> None:
    assert wishes(part) is wished


@pytest.mark.parametrize(
    "sentence",
    [
        "take nothing but the red ones",
        "everything but that",
        "play it longer then yesterday",
        "one more then",
        "turn it off and on again",
        "take it down and bring it straight back up",
        "which of them are up and which are down",
        "wake the nas, which has been off since thursday",
    ],
)
def test_a_joiner_that_goes_on_with_the_word_before_it_joins_no_requests(sentence: str) -> None:
    assert [part.text for part in parts(sentence)] == [sentence]


def test_another_question_is_cut_off_however_it_begins() -> None:
    cut = parts("which hosts are up and which song is on")
    assert [part.text for part in cut] == ["which hosts are up", "which song is on"]


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("somebody tripped over the cable", True),
        ("the landlady's at the door", True),
        ("move unused files to the trash", False),
        ("show archived ones to me", False),
    ],
)
def test_what_is_told_of_is_no_order(text: str, stated: bool) -> None:
    assert states(text) is stated
    assert demands(text) is not stated


def test_what_somebody_else_does_is_no_order() -> None:
    assert not demands("wants her detective series")
    assert not demands("will end me if the bins are still out")
    assert not demands("want my series")
    assert demands("print the report")
