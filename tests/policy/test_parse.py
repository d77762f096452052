from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.helpers import question

from ares.config import parse_yaml
from ares.core import Answer
from ares.errors import ConfigError, PolicyError
from ares.policy import Rule, decide, parse_rules

ALLOW = """
rules:
  - id: add-milk
    answer: allow
    reason: milk is fine
    when:
      capability: [notes.add]
      effect: [write]
      arguments:
        text: {pattern: "milk.*"}
    match:
      - {capability: notes.add, effect: write, arguments: {text: milk and bread}}
    not_match:
      - {capability: notes.add, effect: write, arguments: {text: bread and milk}}
"""


def parse(text: str, onto: tuple[Rule, ...] | None = None) -> tuple[Rule, ...]:
    document = parse_yaml(text, "policy.yaml")
    return parse_rules(document.data, "policy.yaml", document.line, onto=onto)


def test_a_rule_file_becomes_rules_that_decide() -> None:
    rules = parse(ALLOW)
    assert [rule.id for rule in rules] == ["add-milk"]
    assert rules[0].where == "policy.yaml:3"
    assert decide(question(arguments={"text": "milk"}), rules).answer is Answer.ALLOW
    assert decide(question(arguments={"text": "beer"}), rules).answer is Answer.ASK


@pytest.mark.parametrize("text", ["", "# nothing\n", "rules:\n", "rules: []\n", "{}\n"])
def test_an_empty_file_has_no_rules(text: str) -> None:
    assert parse(text) == ()


RULE = "rules:\n  - id: x\n    answer: deny\n    reason: r\n"

BROKEN = [
    ("rules: 3", 1, "list"),
    ("- id: x", 1, "key: value"),
    ("rule:\n  - id: x", 1, "rule"),
    ("drop: x", 1, "list"),
    ("rules:\n  - 3", 2, "key: value"),
    ("rules:\n  - id: x\n    answer: deny", 2, "reason"),
    ("rules:\n  - id: x\n    answer: no\n    reason: r", 3, "not one of"),
    ("rules:\n  - id: x\n    answer: Deny\n    reason: r", 3, "'Deny'"),
    ("rules:\n  - id: ares.state\n    answer: deny\n    reason: r", 2, "ares."),
    ("rules:\n  - id: Up\n    answer: deny\n    reason: r", 2, "'Up'"),
    (RULE + "    wehn: {}", 5, "'wehn'"),
    (RULE + "    locked: 1", 5, "true or false"),
    (RULE + "  - id: x\n    answer: deny\n    reason: r", 5, "twice"),
    *(
        (f"{RULE}    when: {{{when}}}", 5, says)
        for when, says in (
            ("efect: [read]", "'efect'"),
            ("effect: [raed]", "'raed'"),
            ("effect: []", "empty"),
            ("origin: web", "'web'"),
            ("capability: [notes]", "module.name"),
            ("capability: ['*']", "module.name"),
            ("capability: [no*.x]", "module.name"),
            ("every_place: [work]", "'work'"),
            ("some_place: [/a/../b]", "place"),
            ("tainted: maybe", "true or false"),
            ("arguments: {a: b}", "key: value"),
            ("arguments: {a: {is: 1}}", "'is'"),
            ("arguments: {a: {}}", "one of"),
            ("arguments: {a: {one_of: 1}}", "list"),
            ("arguments: {a: {absent: no}}", "true"),
            ("arguments: {a: {equals: 2026-01-02}}", "quotes"),
            ("arguments: {a: {pattern: '('}}", "regular"),
        )
    ),
]


@pytest.mark.parametrize(("text", "line", "says"), BROKEN)
def test_a_broken_file_is_refused_with_its_line_and_the_reason(text: str, line: int, says: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse(text)
    message = str(caught.value)
    assert message.startswith(f"policy.yaml:{line}: ")
    assert says in message
    assert "\n" not in message


def test_an_allow_rule_needs_a_capability_and_both_kinds_of_examples() -> None:
    for cut, says in ((("    match:", "    not_match:"), "match"), (("    not_match:", "zzz"), "not_match")):
        head, _, tail = ALLOW.partition(cut[0])
        rest = tail.partition(cut[1])
        with pytest.raises(PolicyError, match=says):
            parse(head + (cut[1] + rest[2] if rest[1] else ""))
    with pytest.raises(PolicyError, match="capability"):
        parse(ALLOW.replace("      capability: [notes.add]\n", ""))


def test_examples_that_do_not_hold_are_refused_where_they_stand() -> None:
    with pytest.raises(PolicyError, match=r"policy\.yaml:14: .*matches, but should not"):
        parse(ALLOW.replace("bread and milk", "milk only"))
    with pytest.raises(PolicyError, match=r"policy\.yaml:12: .*does not match, but should"):
        parse(ALLOW.replace("milk and bread", "bread"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{capability: notes.add, effect: write, arguments: {text: milk and bread}}", "3", "key: value"),
        ("text: milk and bread}}", "text: milk and bread}, wrod: 1}", "'wrod'"),
        ("effect: write, arguments: {text: milk and", "effect: rite, arguments: {text: milk and", "'rite'"),
        ("{capability: notes.add, effect", "{capability: notes.*, effect", "module.name"),
        ("{text: milk and bread}", "[milk]", "name: value"),
        ("{text: milk and bread}}", "{text: milk}, places: {text: moon}}", "'moon'"),
        ("{text: milk and bread}", "{text: 3}", "cannot be judged"),
    ],
)
def test_broken_examples_are_refused(old: str, new: str, says: str) -> None:
    assert old in ALLOW
    with pytest.raises(PolicyError, match=r"policy\.yaml:12: ") as caught:
        parse(ALLOW.replace(old, new, 1))
    assert says in str(caught.value)


SHIPPED = """
rules:
  - {id: soft, answer: deny, reason: r}
  - {id: hard, answer: deny, reason: r, locked: true}
"""


def test_a_later_file_adds_rules_and_drops_what_is_not_locked() -> None:
    shipped = parse(SHIPPED)
    joined = parse("drop: [soft]\nrules:\n  - {id: mine, answer: ask, reason: r}\n", shipped)
    assert [rule.id for rule in joined] == ["hard", "mine"]
    assert parse("", shipped) == shipped


def test_a_later_file_cannot_drop_what_is_locked_or_not_there_nor_take_an_id_again() -> None:
    shipped = parse(SHIPPED)
    with pytest.raises(PolicyError, match=r"policy\.yaml:1: rule 'hard' is locked \(policy\.yaml:4\)"):
        parse("drop: [hard]", shipped)
    with pytest.raises(PolicyError, match="no rule 'sfot'"):
        parse("drop: [sfot]", shipped)
    with pytest.raises(PolicyError, match="twice"):
        parse("rules: [{id: hard, answer: ask, reason: r}]", shipped)


def test_a_dropped_id_can_be_used_for_a_new_rule() -> None:
    joined = parse("drop: [soft]\nrules: [{id: soft, answer: ask, reason: r}]", parse(SHIPPED))
    assert [(rule.id, rule.answer) for rule in joined] == [("hard", Answer.DENY), ("soft", Answer.ASK)]


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+", "(a|a)*", "(ab){2}", "(a){1,}", "a*b*c*d*", "a?" * 9, "(?=a)a", "(?i)a", r"(a)\1", "a" * 401],
)
def test_patterns_that_could_run_for_hours_are_refused(pattern: str) -> None:
    when = {"arguments": {"text": {"pattern": pattern}}}
    with pytest.raises(PolicyError):
        parse_rules({"rules": [{"id": "x", "answer": "deny", "reason": "r", "when": when}]}, "p")


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        (r"[a-z0-9-]+\.[a-z]+", "nas.local"),
        (r"\d{4}-\d{2}-\d{2}", "2027-01-31"),
        (r"(?:one|two)? ?way", "two way"),
        (r"a\)+", "a))"),
        (r"[(]+x", "((x"),
        (r"[]*)]+", "*])"),
    ],
)
def test_ordinary_patterns_are_taken(pattern: str, fits: str) -> None:
    when = {"arguments": {"text": {"pattern": pattern}}}
    rules = parse_rules({"rules": [{"id": "x", "answer": "deny", "reason": "r", "when": when}]}, "p")
    assert decide(question(arguments={"text": fits}), rules).rule == "x"
    assert decide(question(arguments={"text": fits + "!"}), rules).rule == ""


def test_the_worst_pattern_that_is_taken_ends_soon() -> None:
    when = {"arguments": {"text": {"pattern": "a*a*a*b"}}}
    rules = parse_rules({"rules": [{"id": "x", "answer": "deny", "reason": "r", "when": when}]}, "p")
    began = time.process_time()
    decide(question(arguments={"text": "a" * 1000}), rules)
    assert time.process_time() - began < 60


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6) | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)
keys = [
    *("id", "answer", "reason", "when", "match", "not_match", "locked"),
    *("capability", "other_than", "effect", "origin", "arguments", "every_place", "some_place"),
    *("tainted", "interactive", "places", "equals", "one_of", "pattern", "absent"),
]
words = st.sampled_from(["allow", "deny", "read", "chat", "notes.add", "notes.*", "cwd", "/a", "x", "(a", ""])
nearly = st.recursive(
    words | st.booleans() | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(keys), inner, max_size=5),
    max_leaves=12,
)
likely_rule = st.fixed_dictionaries(
    {"id": st.sampled_from(["a", "b"]), "answer": st.sampled_from(["deny", "allow", "ask"]), "reason": words},
    optional={
        "when": st.dictionaries(st.sampled_from(keys), nearly, max_size=4),
        "match": st.lists(nearly, max_size=2),
        "not_match": st.lists(st.dictionaries(st.sampled_from(keys), nearly, max_size=4), max_size=2),
    },
)


@settings(max_examples=400, deadline=None)
@given(plain | nearly | st.fixed_dictionaries({"rules": st.lists(likely_rule, max_size=3)}))
def test_whatever_stands_in_a_file_it_gives_rules_or_a_policy_error(data: Any) -> None:
    try:
        rules = parse_rules(data, "p")
    except PolicyError as error:
        assert str(error).startswith("p:1: ")
        assert "\n" not in str(error)
    else:
        assert all(isinstance(rule, Rule) for rule in rules)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="rules:-[]{} \n'\"#&*!|>?%@`ida,0~\t\x00\ufeff", max_size=60) | st.text(max_size=60))
def test_whatever_the_bytes_of_a_file_are_the_error_is_one_of_ours(text: str) -> None:
    try:
        parse(text)
    except (PolicyError, ConfigError) as error:
        assert "\n" not in str(error)


def test_data_that_contains_itself_is_refused() -> None:
    loop: dict[str, Any] = {}
    loop["a"] = loop
    when = {"arguments": {"text": {"equals": loop}}}
    with pytest.raises(PolicyError, match="JSON"):
        parse_rules({"rules": [{"id": "x", "answer": "deny", "reason": "r", "when": when}]}, "p")
