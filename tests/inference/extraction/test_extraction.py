"""Which words of a request are the value of a free text, for capabilities that nothing was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ares.core import Capability, Effect, Json
from ares.inference.extraction import (
    BUCKETS,
    SLOT_FEATURES,
    WORD_FEATURES,
    Extractor,
    bucket,
    extractor,
    load,
    see,
    store,
)
from ares.inference.matching import Analysis, Matcher


def capability(name: str, description: str, *examples: str, **properties: dict[str, Json]) -> Capability:
    return Capability(
        module="harbour",
        name=name,
        description=description,
        effect=Effect.WRITE,
        input_schema={"type": "object", "properties": properties, "required": list(properties)[:1]},
        output_schema={},
        examples=examples,
    )


TEXT: dict[str, Json] = {"type": "string"}
MOOR = capability(
    "moor",
    "give a boat a berth in the harbour",
    "moor {boat}",
    "{boat} is coming in, find it a berth",
    "give {boat} a berth for {skipper}",
    "berth {boat}, the skipper is {skipper}",
    boat=TEXT,
    skipper=TEXT,
)
RADIO = capability(
    "radio",
    "send a message to all boats over the radio",
    "tell all boats that {message}",
    "radio message: {message}",
    "let the boats know {message}",
    message=TEXT,
)


def request(sentence: str) -> Analysis:
    return Matcher([MOOR, RADIO]).analyse(sentence)


def found(sentence: str, tool: Capability, name: str, taken: frozenset[int] = frozenset()) -> str | None:
    """The likeliest value of the argument, None when it is likelier that there is none."""
    asked = request(sentence)
    spans = extractor().find(see(asked, tool, name, taken))
    best = spans.spans[0]
    if spans.none > best[0]:
        return None
    return sentence[asked.words[best[1]].start : asked.words[best[2] - 1].end]


@pytest.mark.parametrize(
    ("sentence", "tool", "name", "value"),
    [
        ("could you find a place for Aurora tonight", MOOR, "boat", "Aurora"),
        ("moor the Lady Jane", MOOR, "boat", "Lady Jane"),
        ("berth Esmeralda, the skipper is Tom Baker", MOOR, "skipper", "Tom Baker"),
        ("berth Esmeralda, the skipper is Tom Baker", MOOR, "boat", "Esmeralda"),
        ("tell all boats that storms are coming at six", RADIO, "message", "storms are coming at six"),
        ("radio message: the bridge stays closed", RADIO, "message", "the bridge stays closed"),
        ("moor Aurora", MOOR, "skipper", None),
        ("could you give one a berth please", MOOR, "skipper", None),
    ],
)
def test_the_words_of_a_free_text_are_found(
    sentence: str, tool: Capability, name: str, value: str | None
) -> None:
    assert found(sentence, tool, name) == value


def test_the_probabilities_of_all_spans_and_of_none_add_up_to_one() -> None:
    seen = see(request("moor Aurora for Tom"), MOOR, "boat", ())
    spans = extractor().find(seen, most=10)
    assert len(spans.spans) == 10  # of four words
    assert sum(share for share, _, _ in spans.spans) + spans.none == pytest.approx(1, abs=1e-4)
    assert list(spans.spans) == sorted(spans.spans, key=lambda span: -span[0])


def test_an_empty_request_has_no_value() -> None:
    spans = extractor().find(see(request("!?"), MOOR, "boat", ()))
    assert (spans.spans, spans.none) == ((), 1.0)


def test_of_a_request_too_long_to_weigh_all_its_spans_nothing_is_found() -> None:
    sentence = "tell all boats that " + " ".join(["fog"] * 1000)
    spans = extractor().find(see(request(sentence), RADIO, "message", ()))
    assert (spans.spans, spans.none) == ((), 1.0)


def test_a_long_request_is_read_as_well() -> None:
    sentence = "tell all boats that " + " ".join(["fog"] * 300)
    spans = extractor().find(see(request(sentence), RADIO, "message", ()))
    assert spans.spans
    assert all(0 <= first < last <= 304 for _, first, last in spans.spans)


def test_what_an_argument_sees_says_what_stands_around_it() -> None:
    seen = see(request('moor "Lady, Aurora", the skipper is Tom'), MOOR, "boat", {6})
    by_name = [dict(zip(WORD_FEATURES, row, strict=True)) for row in seen.words]
    assert len(seen.slot) == len(SLOT_FEATURES)
    assert by_name[0]["before"] == by_name[0]["first"] == by_name[6]["last"] == 1
    assert [row["quoted"] for row in by_name] == [0, 1, 1, 0, 0, 0, 0]
    assert (by_name[1]["opens"], by_name[2]["closes"], by_name[2]["comma"]) == (1, 1, 1)
    assert by_name[6]["taken"] == by_name[5]["leads to taken"] == 1
    assert dict(zip(SLOT_FEATURES, seen.slot, strict=True))["required"] == 1


def test_what_is_stored_is_loaded(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    hidden, size, name_size = 6, 4, 2
    given = size + len(WORD_FEATURES) + len(SLOT_FEATURES) + name_size

    def made(*shape: int) -> Any:
        return rng.normal(size=shape).astype(np.float16).astype(np.float32)

    numbers = {
        "words": made(2 + BUCKETS, size),
        "names": made(2, name_size),
        "in": made(hidden, given),
        "near": made(hidden, hidden, 5),
        "middle": made(hidden, hidden, 5),
        "far": made(hidden, hidden, 3),
        "ends": made(3, hidden),
        "first": made(4, hidden),
        "last": made(4, hidden),
        "lengths": made(2, 16),
        "none": made(hidden),
        "none_bias": made(1),
        "ends_bias": made(3),
        **{f"{layer}_bias": made(hidden) for layer in ("in", "near", "middle", "far")},
        **{f"{layer}_bias": made(4) for layer in ("first", "last")},
    }
    one = Extractor(["moor", "boat"], ["boat"], numbers)
    store(tmp_path / "small.npz", ["moor", "boat"], ["boat"], numbers)
    with (tmp_path / "small.npz").open("rb") as file:
        other = load(file)
    seen = see(request("moor the boat Aurora"), MOOR, "boat", ())
    assert np.allclose(one.scores(seen), other.scores(seen))


def test_a_word_that_was_never_seen_goes_by_its_ending() -> None:
    assert bucket("floating") == bucket("boating")
    assert 0 <= bucket("") < BUCKETS
