from __future__ import annotations

import json
from typing import Any

import pytest

from ares.core import Capability, Effect, Kind, Provenance, Source, Value
from ares.errors import ModelError
from ares.inference.chat._answer import literal_span, parse_answer, read_calls

WAKE = Capability(
    module="hosts",
    name="wake",
    description="wake up a machine",
    effect=Effect.POWER,
    input_schema={
        "type": "object",
        "properties": {"name": {"type": "string", "x-values": "hosts.names"}, "wait": {"type": "integer"}},
        "required": ["name"],
        "additionalProperties": False,
    },
    output_schema={},
)
HOSTS = (Value("nas", ("network storage", "both")), Value("desk", ("both",)))


def values(source: str) -> tuple[Value, ...]:
    return HOSTS if source == "hosts.names" else ()


def traced(sentence: str, **arguments: Any) -> tuple[dict[str, Any], dict[str, Provenance]]:
    calls: Any = [{"capability": "hosts.wake", "arguments": arguments}]
    (call,) = read_calls(calls, [WAKE], sentence, values, 0.5, "some model")
    assert call.choice is Source.MODEL
    assert (call.confidence, call.words) == (0.5, sentence)
    return dict(call.arguments), dict(call.provenance)


def test_an_answer_is_one_of_three_forms() -> None:
    calls = [{"capability": "hosts.wake", "arguments": {"name": "nas"}}]
    assert parse_answer(json.dumps({"actions": calls}), [WAKE]) == (Kind.ACTIONS, calls)
    assert parse_answer('{"none": "no"}', [WAKE]) == (Kind.NONE, "no")
    assert parse_answer('{"clarify": "which?"}', [WAKE]) == (Kind.CLARIFY, "which?")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("", "is not JSON"),
        ('{"none": "cut o', "is not JSON"),
        ("[]", "none of the three forms"),
        ('{"none": "a", "clarify": "b"}', "none of the three forms"),
        ('{"none": 3}', "none of the three forms"),
        ('{"actions": []}', "none of the three forms"),
        ('{"actions": ["hosts.wake"]}', "was not offered"),
        ('{"actions": [{"capability": "files.delete", "arguments": {}}]}', "was not offered"),
        (
            '{"actions": [{"capability": "hosts.wake", "arguments": {"name": "a"}, "x": 1}]}',
            "was not offered",
        ),
        ('{"actions": [{"capability": "hosts.wake", "arguments": {}}]}', "with wrong arguments: .*name"),
        ('{"actions": [{"capability": "hosts.wake", "arguments": {"name": 3}}]}', "wrong arguments: name: "),
    ],
)
def test_any_other_answer_is_an_error_in_one_line(answer: str, says: str) -> None:
    with pytest.raises(ModelError, match=says) as caught:
        parse_answer(answer, [WAKE])
    assert "\n" not in str(caught.value)


def test_what_the_owner_said_word_for_word_is_the_owners() -> None:
    arguments, provenance = traced("wake the printer in 5 seconds", name="printer", wait=5)
    assert arguments == {"name": "printer", "wait": 5}
    assert provenance == {
        "name": Provenance(Source.OWNER, said="printer"),
        "wait": Provenance(Source.OWNER, said="5"),
    }


def test_what_the_owner_did_not_say_is_the_models() -> None:
    _, provenance = traced("wake the print server", name="printer", wait=5)
    assert {name: p.source for name, p in provenance.items()} == {"name": Source.MODEL, "wait": Source.MODEL}


def test_a_live_value_is_the_registrys_also_by_another_name() -> None:
    arguments, provenance = traced("wake my storage box", name="nas")
    assert arguments["name"] == "nas"
    assert provenance["name"] == Provenance(Source.REGISTRY, how="hosts.names")
    arguments, provenance = traced("wake the Network Storage", name="Network Storage")
    assert arguments["name"] == "nas"
    assert provenance["name"].source is Source.REGISTRY
    assert provenance["name"].said == "Network Storage"
    assert provenance["name"].how == "Network Storage is nas in hosts.names"


def test_a_name_of_two_live_values_is_not_resolved() -> None:
    arguments, provenance = traced("wake them", name="both")
    assert arguments["name"] == "both"
    assert provenance["name"].source is Source.MODEL


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("nas", "wake nas"),
        ("nas", "wake nas, please"),
        ("nas", 'wake "nas".'),
        ("/srv/photos", "delete /srv/photos!"),
        ("buy milk", "note that I must buy milk"),
        ("a+b (c)", "search a+b (c)"),
        (10, "the top 10 processes"),
        (-2.5, "set it to -2.5."),
    ],
)
def test_whole_words_of_the_sentence_are_a_span(value: str | float, sentence: str) -> None:
    assert literal_span(value, sentence) == str(value)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("/srv", "delete /srv/photos"),
        ("photos", "delete /srv/photos"),
        ("photos", "delete photos.zip"),
        ("report", "delete report-final"),
        ("NAS", "wake nas"),
        ("as", "wake nas"),
        (10, "ping 10.0.0.1"),
        (5, "at 12:5"),
        (1, "in 1.5 hours"),
        (True, "true"),
        ("", "anything"),
        (" ", "a b"),
        (["a"], "a"),
        (None, "null"),
    ],
)
def test_a_part_of_a_word_a_path_or_a_number_is_no_span(value: Any, sentence: str) -> None:
    assert literal_span(value, sentence) == ""
