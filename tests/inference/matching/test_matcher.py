"""The matcher: which capability a request fits, and which of its phrases."""

from __future__ import annotations

import pytest

from ares.core import Capability, Effect, Json
from ares.inference.matching import (
    NO_CAPABILITY,
    Matcher,
    features_of,
    habits,
    related_words,
    request_features,
    whole_hit,
)


def tool(name: str, description: str, *examples: str, **properties: Json) -> Capability:
    module, _, verb = name.partition(".")
    return Capability(
        module=module,
        name=verb,
        description=description,
        effect=Effect.READ,
        input_schema={"type": "object", "properties": properties},
        output_schema={},
        examples=examples,
    )


TEXT: Json = {"type": "string"}
TOOLS = (
    tool(
        "oven.heat",
        "heat the oven",
        "heat the oven to {degrees}",
        "oven on {degrees}",
        degrees={"type": "integer"},
    ),
    tool("mail.search", "search the mail", "find mail about {words}", "mail from {words}", words=TEXT),
    tool("door.lock", "lock a door", "lock the {door} door", "has anybody shut the {door} door", door=TEXT),
    tool("disk.usage", "show how full a disk is", "how full is the disk", "free space"),
)
MATCHER = Matcher(TOOLS)


def best(sentence: str) -> str:
    return MATCHER.match(MATCHER.analyse(sentence))[0].capability.full_name


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("please heat up the oven to 180", "oven.heat"),
        ("could you look for mails about the holiday", "mail.search"),
        ("lokc the back door", "door.lock"),
        ("is there any space left on the hard drive", "disk.usage"),
    ],
)
def test_the_capability_whose_words_or_synonyms_are_said_fits_best(sentence: str, name: str) -> None:
    assert best(sentence) == name


def test_what_has_nothing_in_common_with_a_request_scores_zero() -> None:
    assert all(match.score == 0 for match in MATCHER.match(MATCHER.analyse("zebrafish quagga")))


def test_the_example_is_the_phrase_that_fits_best() -> None:
    (match,) = (
        m for m in MATCHER.match(MATCHER.analyse("did anybody shut it")) if m.capability.name == "lock"
    )
    assert match.example == "has anybody shut the {door} door"


def test_words_that_are_values_need_no_counterpart() -> None:
    request = MATCHER.analyse("oven on quagga")
    plain, taken = MATCHER.match(request), MATCHER.match(request, {"oven.heat": {2}})
    assert taken[0].phrase > plain[0].phrase


def test_a_slip_is_mended_and_a_name_is_not() -> None:
    assert MATCHER.analyse("heat the ovne").mended == (("ovne", "oven"),)
    assert MATCHER.analyse("heat the ovne", {"ovne"}).mended == ()


def anything(name: str, start: int, end: int) -> bool:
    return True


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("lock the back door", "back"),
        ("could you please lock my front door, thanks", "front"),
        ("Lock The Garden Shed Door", "Garden Shed"),
    ],
)
def test_a_request_that_is_a_phrase_fills_its_slots(sentence: str, value: str) -> None:
    hit = whole_hit("lock the {door} door", MATCHER.analyse(sentence), anything)
    assert hit is not None
    start, end = hit.slots["door"]
    assert sentence[start:end] == value


@pytest.mark.parametrize("sentence", ["lock the back door and the gate", "lock door", "unlock the back door"])
def test_a_request_that_says_more_or_less_is_not_that_phrase(sentence: str) -> None:
    assert whole_hit("lock the {door} door", MATCHER.analyse(sentence), anything) is None


def test_a_slot_takes_only_what_is_accepted() -> None:
    request = MATCHER.analyse("oven on high")
    assert whole_hit("oven on {degrees}", request, lambda name, start, end: False) is None


def test_habits_know_a_bundled_capability_by_words_its_manifest_has_not() -> None:
    request = MATCHER.analyse("is the hard drive nearly stuffed")
    said = habits().log_probabilities(request_features(request, {}))
    assert max(said, key=lambda name: said[name]) == "system.disk"
    assert NO_CAPABILITY in said


def test_a_value_counts_as_its_kind() -> None:
    request = MATCHER.analyse("wake quagga")
    found = request_features(request, {"hosts.names": [(5, 11)]})
    assert {"wake <hosts.names>", "quagga"} <= found
    assert features_of(["a", "b"], ()) == {"a", "b", "< a", "a b", "b >"}


def test_related_words_help_a_search_that_knows_no_synonyms() -> None:
    assert {"delete", "erase"} <= set(related_words("discard it"))


def test_one_among_five_hundred_is_found() -> None:
    many = [
        tool(
            f"m{n}.v{n}",
            f"do thing{n} with gadget{n}",
            *(f"please thing{n} my gadget{n} way{i}" for i in range(8)),
        )
        for n in range(500)
    ]
    matcher = Matcher(many)
    assert matcher.match(matcher.analyse("thing321 the gadget321"))[0].capability.full_name == "m321.v321"


def test_a_capital_inside_a_sentence_says_that_a_word_is_a_name() -> None:
    assert MATCHER.analyse("heat it for Ovne").mended == ()
    assert MATCHER.analyse("it is for Anna. Haet the oven now please").mended == (("haet", "heat"),)
    assert MATCHER.analyse("Heat The Ovne").mended == (("ovne", "oven"),)
