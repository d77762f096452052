from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.helpers import question

from ares.config import parse_yaml
from ares.core import Answer, Effect, Origin
from ares.errors import PolicyError
from ares.policy import Place, Question, always_rule, decide, parse_rules, write_rules


def read_back(text: str) -> Any:
    return parse_yaml("rules:\n" + text, "always.yaml").data


def test_the_written_rule_is_the_returned_rule_and_allows_the_same_again() -> None:
    asked = question(arguments={"text": "milk"}, origin=Origin.SENTENCE)
    rule, text = always_rule(asked)
    (again,) = parse_rules(read_back(text), "always.yaml")
    assert again == rule
    assert decide(asked, [again]).answer is Answer.ALLOW
    assert "milk" in text


def test_it_allows_nothing_but_what_was_shown() -> None:
    place = Place("path", "/home/u/list", "home")
    asked = question(arguments={"text": "milk", "path": "/home/u/list"}, paths=(place,))
    rule, _ = always_rule(asked)
    others: list[Question] = [
        replace(asked, arguments={"text": "beer", "path": "/home/u/list"}),
        replace(asked, arguments={"path": "/home/u/list"}),
        replace(asked, paths=(replace(place, resolved="/home/u/other"),)),
        replace(asked, tainted=("text",)),
        replace(asked, tainted=("capability",)),
        replace(asked, origin=Origin.MCP),
        replace(asked, origin=Origin.PYTHON),
        replace(asked, capability=replace(asked.capability, name="delete")),
        replace(asked, capability=replace(asked.capability, module="files")),
        replace(asked, capability=replace(asked.capability, effect=Effect.EXECUTE)),
    ]
    assert decide(asked, [rule]).answer is Answer.ALLOW
    assert decide(replace(asked, origin=Origin.CHAT), [rule]).answer is Answer.ALLOW
    for other in others:
        assert decide(other, [rule]).answer is not Answer.ALLOW


def test_an_argument_that_was_not_given_stays_out() -> None:
    asked = question(arguments={"text": "milk"})
    rule, _ = always_rule(asked)
    assert decide(replace(asked, arguments={"text": "milk", "path": "x"}), [rule]).answer is Answer.ASK


def test_a_link_that_leads_elsewhere_later_is_asked_about() -> None:
    asked = question(arguments={"path": "/home/u/link"}, paths=(Place("path", "/srv/a", "system"),))
    rule, _ = always_rule(asked)
    assert decide(asked, [rule]).answer is Answer.ALLOW
    moved = replace(asked, paths=(Place("path", "/etc/a", "system"),))
    assert decide(moved, [rule]).answer is Answer.ASK


def test_the_same_answer_gives_the_same_id_and_another_one_another() -> None:
    one = always_rule(question(arguments={"text": "milk"}))[0].id
    assert always_rule(question(arguments={"text": "milk"}))[0].id == one
    assert always_rule(question(arguments={"text": "beer"}))[0].id != one


@pytest.mark.parametrize(
    "facts", [{"destructive": True}, {"reversible": False}, {"outward": True}, {"self_affecting": True}]
)
def test_there_is_no_rule_for_what_is_asked_about_every_time(facts: dict[str, Any]) -> None:
    with pytest.raises(PolicyError, match="every time"):
        always_rule(question(**facts))


def test_there_is_no_rule_for_what_the_owner_did_not_say() -> None:
    with pytest.raises(PolicyError, match="text"):
        always_rule(question(arguments={"text": "x"}, tainted=("text",)))


def test_what_yaml_cannot_carry_is_refused() -> None:
    for value in ({"k" * 600: 1}, "\ud800", float("nan")):
        with pytest.raises(PolicyError):
            always_rule(question(arguments={"text": value}))


def test_the_text_hides_nothing() -> None:
    _, text = always_rule(question(arguments={"text": "a\u202eb\u200bc\x1b[2Kd\u2028e\x85f\U000e0041"}))
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "\\u202e" in text


texts = st.text(st.characters(codec="utf-8"), max_size=12)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | st.sampled_from(["yes", "~", "1e3", "#a", "- a", ": ", "%", "{}", "0x1", "2026-01-02"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(values)
def test_every_value_comes_back_from_the_yaml_as_it_was(value: Any) -> None:
    data: dict[str, Any] = {
        "id": "x",
        "when": {"arguments": {"text": {"equals": value}}},
        "match": [{"a": value}],
    }
    assert read_back(write_rules([data])) == {"rules": [data]}


@settings(max_examples=150, deadline=None)
@given(values)
def test_every_always_rule_loads_again_and_allows_what_it_was_made_for(value: Any) -> None:
    asked = question(arguments={"text": value})
    _, text = always_rule(asked)
    rules = parse_rules(read_back(text), "always.yaml")
    assert decide(asked, rules).answer is Answer.ALLOW
