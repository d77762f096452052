"""Values and wordings for training requests."""

from __future__ import annotations

import re
from random import Random

import pytest

from ares.evolve.command_model import RequestMaker, Sources
from ares.evolve.command_model._values import number_words, ordinal

SHAPES = {
    "mac": r"(?:[0-9a-f]{2}[:\- ]?){5}[0-9a-f]{2}",
    "ip": r"(?:\d{1,3}\.){3}\d{1,3}",
    "percent": r"\d+|[a-z ]+",
    "count": r"\d+|[a-z ]+",
}


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "zero"), (19, "nineteen"), (40, "forty"), (99, "ninety nine"), (600, "six hundred")],
)
def test_numbers_in_words(number: int, words: str) -> None:
    assert number_words(number) == words


def test_hundreds_carry_the_rest() -> None:
    assert number_words(342) == "three hundred forty two"


@pytest.mark.parametrize(
    ("number", "word"), [(1, "1st"), (12, "12th"), (22, "22nd"), (23, "23rd"), (113, "113th")]
)
def test_ordinals(number: int, word: str) -> None:
    assert ordinal(number) == word


@pytest.mark.parametrize("kind", sorted(SHAPES))
def test_made_up_values_have_the_shape_of_their_kind(sources: Sources, kind: str) -> None:
    maker = RequestMaker(sources)
    for seed in range(60):
        assert re.fullmatch(SHAPES[kind], maker.values.draw(kind, Random(seed)))


def test_slots_survive_any_rewording(sources: Sources) -> None:
    wording = RequestMaker(sources).wording
    phrase = "could you please move {source} to {destination} for me"
    changed = set()
    for seed in range(400):
        varied = wording.vary(phrase, Random(seed), 2.0)
        assert re.findall(r"\{\w+\}", varied) == ["{source}", "{destination}"]
        changed.add(varied)
    assert len(changed) > 100


def test_without_strength_nothing_is_reworded(sources: Sources) -> None:
    wording = RequestMaker(sources).wording
    assert wording.vary("wake up {name}", Random(1), 0) == "wake up {name}"


def test_spans_point_at_the_values_in_the_request(sources: Sources) -> None:
    maker = RequestMaker(sources)
    tool = next(tool for tool in sources.tools if tool.name == "files.move")
    for seed in range(200):
        request = maker.request(tool, "move {source} to {destination}", Random(seed), 0)
        assert request is not None
        start, end = request.spans["source"]
        to_start, to_end = request.spans["destination"]
        assert request.text[:start].startswith("move ")
        assert " to " in request.text[end:to_start]
        assert request.text[start:end].strip() == request.text[start:end]
        assert request.text[to_start:to_end]


def test_talk_around_a_request_leaves_its_values_in_place(sources: Sources) -> None:
    maker, rng = RequestMaker(sources), Random(5)
    tool = next(tool for tool in sources.tools if tool.name == "notes.delete")
    made = [maker.request(tool, "delete the note about {note}", rng) for _ in range(600)]
    texts = [request.text for request in made if request is not None]
    asides = (*sources.asides.before, *sources.asides.after)
    assert sum(any(aside in text for aside in asides) for text in texts) > 30
    for request in made:
        if request is not None and "note" in request.spans:
            start, end = request.spans["note"]
            assert not any(aside in request.text[start:end] for aside in asides)


def test_what_leads_into_a_verb_is_followed_by_one(sources: Sources) -> None:
    wording, rng = RequestMaker(sources).wording, Random(5)
    leading = [aside for aside in sources.asides.before if aside.endswith(("you", "let's", " to"))]
    assert leading
    said = [wording.talk_around("is there a note about it", rng) for _ in range(3000)]
    assert not [text for text in said if any(text.startswith(f"{aside} is") for aside in leading)]


def test_nothing_follows_a_text_that_is_kept_as_it_is_without_a_full_stop(sources: Sources) -> None:
    wording, rng = RequestMaker(sources).wording, Random(5)
    said = {wording.talk_around("note that {text}", rng) for _ in range(2000)}
    after = [text for text in said if not text.endswith("{text}")]
    assert after
    assert all(text.split("{text}", 1)[1].startswith(". ") for text in after)
