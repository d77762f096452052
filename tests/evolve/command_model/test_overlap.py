"""Training sentences stay clear of the sentences that judge the model."""

from __future__ import annotations

import json
from random import Random

from tests.evolve.command_model.conftest import HELD_OUT, MODULES

from ares.evolve.command_model import HeldOut, RequestMaker, Sources, grams, load_tools, overlaps
from ares.evolve.meaning import REQUESTS, TOOLS
from ares.evolve.reading import PHRASES
from ares.runtime import read_manifest

HELD = HeldOut(["please show me the last ten lines of it", "wake the tower", "is it late"])


def test_the_same_sentence_overlaps_however_it_is_written() -> None:
    assert overlaps("Please, show me the last TEN lines of it!", HELD)


def test_more_than_sixty_percent_of_the_grams_is_too_much() -> None:
    assert overlaps("show me the last ten lines now", HELD)  # 3 of its 4 grams
    assert not overlaps("show me the last ten words of that", HELD)  # 2 of 5


def test_exactly_sixty_percent_is_still_allowed() -> None:
    assert not overlaps("so go show me the last ten lines", HeldOut(["show me the last ten lines"]))


def test_grams_of_several_sentences_do_not_add_up() -> None:
    both = HeldOut(["one two three four", "two three four five"])
    assert not overlaps("one two three four five", both)


def test_short_sentences_are_compared_whole() -> None:
    assert overlaps("Wake the tower!", HELD)
    assert not overlaps("wake the", HELD)
    assert not overlaps("wake the tower now", HELD)


def test_an_empty_sentence_overlaps_with_nothing() -> None:
    assert grams("?!") == set()
    assert not overlaps("", HELD)


def test_no_manifest_example_and_no_template_overlaps_with_a_held_out_sentence(sources: Sources) -> None:
    held = HeldOut(sources.held_out)
    manifests = [*MODULES.glob("*/module.yaml"), *HELD_OUT.glob("modules/*/module.yaml")]
    examples = [
        phrase
        for manifest in manifests
        for capability in read_manifest(manifest.parent, code=False).capabilities
        for phrase in capability.examples
    ]
    tools = (*sources.tools, *load_tools(TOOLS))
    templates = [phrase for tool in tools for phrase in (*tool.phrases, *tool.examples)]
    for file in (*PHRASES.glob("*.jsonl"), *REQUESTS.glob("*.jsonl")):
        templates += [
            each for line in file.read_text("utf-8").splitlines() for each in json.loads(line)["phrases"]
        ]
    sentences = [*sources.none, *(each for some in sources.near.values() for each in some)]
    asides = [*sources.asides.before, *sources.asides.after]
    assert min(map(len, (examples, templates, sentences, asides))) > 100
    # The sentence itself is not shown: half of them are not to be seen.
    found = [each for each in (*examples, *templates, *sentences, *asides) if overlaps(each, held)]
    assert not found


def test_no_generated_request_overlaps_with_a_held_out_one(sources: Sources) -> None:
    assert len(sources.held_out) >= 700
    held, maker, rng = HeldOut(sources.held_out), RequestMaker(sources), Random(3)
    for tool in sources.tools:
        for phrase in tool.phrases if tool.bundled else tool.phrases[:2]:
            request = maker.request(tool, phrase, rng)
            assert request is None or not overlaps(request.text, held), tool.name
    for _ in range(500):
        none = maker.none(rng)
        assert none is None or not overlaps(none.text, held)


def test_a_sentence_that_is_held_out_is_never_made(sources: Sources) -> None:
    tool = next(tool for tool in sources.tools if tool.name == "system.uptime")
    phrase = "since when is the computer running"
    assert phrase in tool.phrases
    free = RequestMaker(sources)
    free.held_out = HeldOut([])
    kept = RequestMaker(sources)
    kept.held_out = HeldOut([phrase])
    assert free.request(tool, phrase, Random(1), 0) is not None
    assert kept.request(tool, phrase, Random(1), 0) is None
