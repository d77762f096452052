from __future__ import annotations

import itertools
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.helpers import question, rule

from ares.core import Answer, Effect, Origin
from ares.errors import PolicyError
from ares.policy import STATE_RULE, Place, Question, Rule, always_rule, decide

ANSWERS = [str(answer) for answer in Answer]


def test_silence_asks() -> None:
    decision = decide(question(), ())
    assert (decision.answer, decision.rule) == (Answer.ASK, "")
    assert "notes.add" in decision.reason


@pytest.mark.parametrize("order", list(itertools.permutations(ANSWERS)))
def test_the_strictest_of_all_matching_rules_wins_in_any_order(order: tuple[str, ...]) -> None:
    rules = [rule(answer, answer) for answer in order]
    for count in range(1, 4):
        wanted = max((each.answer for each in rules[:count]), key=lambda answer: answer.strictness)
        decision = decide(question(), rules[:count])
        assert decision.answer is wanted
        assert decision.rule == str(wanted)
        assert decision.reason == f"because {wanted}"


def test_an_argument_that_stands_for_a_path_is_denied_until_the_path_is_told() -> None:
    schema = {"properties": {"item": {"type": "string", "x-place": True}}}
    untold = question(arguments={"item": "3"}, input_schema=schema)
    told = question(arguments={"item": "3"}, input_schema=schema, paths=(Place("item", "/a/b", "cwd"),))
    left_out = question(input_schema=schema)
    assert "which path 'item' stands for" in decide(untold, ()).reason
    assert [decide(each, ()).answer for each in (untold, told, left_out)] == [
        Answer.DENY,
        Answer.ASK,
        Answer.ASK,
    ]


def test_the_first_of_two_equally_strict_rules_gives_the_reason() -> None:
    assert decide(question(), [rule("deny", "one"), rule("deny", "two")]).rule == "one"


@pytest.mark.parametrize(
    ("when", "fits", "misfits"),
    [
        ({"capability": ["notes.add"]}, question("notes.add"), question("notes.added")),
        ({"capability": ["notes.*"]}, question("notes.delete"), question("notes2.delete")),
        ({"capability": "notes.add"}, question("notes.add"), question("files.add")),
        ({"other_than": ["notes.add"]}, question("files.read"), question("notes.add")),
        ({"other_than": ["notes.*"]}, question("files.read"), question("notes.list")),
        ({"effect": ["write"]}, question(effect=Effect.WRITE), question(effect=Effect.READ)),
        ({"origin": ["chat"]}, question(origin=Origin.CHAT), question(origin=Origin.MCP)),
        ({"tainted": True}, question(tainted=("text",)), question()),
        ({"tainted": False}, question(), question(tainted=("text",))),
        ({"interactive": False}, question(interactive=False), question()),
    ],
)
def test_each_condition_matches_what_it_says_and_nothing_else(
    when: dict[str, Any], fits: Question, misfits: Question
) -> None:
    only = rule("deny", **when)
    assert decide(fits, [only]).rule == "r"
    assert decide(misfits, [only]).answer is Answer.ASK


@pytest.mark.parametrize(
    ("test", "fits", "misfits"),
    [
        ({"equals": "milk"}, ["milk"], ["Milk", "milk ", "", ["milk"]]),
        ({"equals": 1}, [1, 1.0], [True, "1", 2]),
        ({"equals": True}, [True], [1, "true"]),
        ({"equals": {"a": [1, None]}}, [{"a": [1, None]}], [{"a": [1]}, {"a": [1, None], "b": 2}]),
        ({"one_of": ["a", 2]}, ["a", 2], ["b", "2"]),
        ({"pattern": "a[0-9]+"}, ["a1", "a12"], ["xa1", "a1x", "a1\n", "A1", "a"]),
        ({"pattern": "one|two"}, ["one", "two"], ["oneone", "onex", "xtwo"]),
    ],
)
def test_argument_conditions_compare_whole_values(test: dict[str, Any], fits: Any, misfits: Any) -> None:
    only = rule("deny", capability=["notes.*"], arguments={"text": test})
    for value in fits:
        assert decide(question(arguments={"text": value}), [only]).rule == "r"
    for value in misfits:
        assert decide(question(arguments={"text": value}), [only]).answer is Answer.ASK
    assert decide(question(), [only]).answer is Answer.ASK


def test_absent_holds_only_for_an_argument_that_is_not_given() -> None:
    only = rule("deny", arguments={"text": {"absent": True}})
    assert decide(question(), [only]).rule == "r"
    assert decide(question(arguments={"text": "x"}), [only]).answer is Answer.ASK


def test_a_rule_that_names_an_argument_the_capability_lacks_denies_instead_of_never_matching() -> None:
    misspelt = rule("deny", "typo", capability=["notes.add"], arguments={"txet": {"equals": "x"}})
    decision = decide(question(arguments={"text": "x"}), [misspelt])
    assert decision.answer is Answer.DENY
    assert "'txet'" in decision.reason
    assert "typo" in decision.reason


@pytest.mark.parametrize("value", [3, None, ["a"], "a" * 1001])
def test_a_pattern_that_cannot_be_judged_denies_even_in_an_allow_rule(value: Any) -> None:
    only = rule("allow", "p", arguments={"text": {"pattern": "a*"}})
    assert decide(question(arguments={"text": "aaa"}), [only]).answer is Answer.ALLOW
    decision = decide(question(arguments={"text": value}), [only])
    assert decision.answer is Answer.DENY
    assert "'text'" in decision.reason


def place(inside: str, resolved: str = "/somewhere/x", argument: str = "path", **more: Any) -> Place:
    return Place(argument, resolved, inside, **more)


def test_every_place_wants_all_places_and_some_place_wants_one() -> None:
    both = question(paths=(place("cwd"), place("system", argument="text")))
    assert decide(both, [rule("deny", every_place=["cwd"])]).answer is Answer.ASK
    assert decide(both, [rule("deny", every_place=["cwd", "system"])]).rule == "r"
    assert decide(both, [rule("deny", some_place=["system"])]).rule == "r"
    assert decide(both, [rule("deny", some_place=["home", "hidden"])]).answer is Answer.ASK
    assert decide(question(), [rule("deny", every_place=["cwd"])]).rule == "r"
    assert decide(question(), [rule("deny", some_place=["cwd"])]).answer is Answer.ASK


@pytest.mark.parametrize(
    ("resolved", "below"),
    [("/srv/media", True), ("/srv/media/a/b", True), ("/srv/media2", False), ("/srv", False)],
)
def test_a_folder_in_a_rule_covers_itself_and_what_is_below_it(resolved: str, below: bool) -> None:
    asked = question(paths=(place("system", resolved),))
    assert (decide(asked, [rule("deny", every_place=["/srv/media"])]).rule == "r") is below
    assert decide(asked, [rule("deny", every_place=["/"])]).rule == "r"


def test_a_link_counts_where_it_is_and_where_it_leads() -> None:
    link = question(arguments={"path": "/etc/link"}, paths=(place("system", "/srv/media/x"),))
    assert decide(link, [rule("allow", every_place=["/srv/media"])]).answer is Answer.ASK
    assert decide(link, [rule("deny", some_place=["/etc"])]).answer is Answer.DENY
    assert decide(link, [rule("deny", some_place=["/srv"])]).answer is Answer.DENY
    assert decide(link, [rule("allow", every_place=["/srv/media", "/etc"])]).answer is Answer.ALLOW


@pytest.mark.parametrize("effect", list(Effect))
def test_no_rule_opens_ares_own_state(effect: Effect) -> None:
    asked = question(effect=effect, paths=(place("cwd"), place("state", "/h/ledger.db")))
    decision = decide(asked, [rule("allow")])
    assert (decision.answer, decision.rule) == (Answer.DENY, STATE_RULE)
    assert "/h/ledger.db" in decision.reason


def test_a_folder_that_holds_the_state_can_be_read_and_not_changed() -> None:
    above = (place("home", "/h", holds_state=True),)
    assert decide(question(effect=Effect.READ, paths=above), [rule("allow")]).answer is Answer.ALLOW
    decision = decide(question(effect=Effect.WRITE, paths=above), [rule("allow")])
    assert (decision.answer, decision.rule) == (Answer.DENY, STATE_RULE)


def test_no_rule_lets_the_program_itself_be_changed_unasked() -> None:
    part = (place("home", "/h/ares/config/policy.yaml", program=True),)
    assert decide(question(effect=Effect.READ, paths=part), [rule("allow")]).answer is Answer.ALLOW
    decision = decide(question(effect=Effect.WRITE, paths=part), [rule("allow")])
    assert decision.answer is Answer.ASK
    assert "/h/ares/config/policy.yaml is part of ARES itself" in decision.reason
    assert decide(question(effect=Effect.WRITE, paths=part), [rule("deny")]).answer is Answer.DENY
    with pytest.raises(PolicyError, match="part of ARES itself"):
        always_rule(question(effect=Effect.WRITE, paths=part))


@pytest.mark.parametrize("effect", [effect for effect in Effect if effect is not Effect.READ])
def test_a_tainted_side_effect_loses_its_allow(effect: Effect) -> None:
    decision = decide(question(effect=effect, tainted=("text",)), [rule("allow")])
    assert decision.answer is Answer.ASK
    assert "text" in decision.reason


def test_a_tainted_read_keeps_its_allow_only_inside_the_working_folder_and_this_machine() -> None:
    allow = [rule("allow")]
    tainted = ("path",)
    assert decide(question(effect=Effect.READ, tainted=tainted), allow).answer is Answer.ALLOW
    here = question(effect=Effect.READ, tainted=tainted, paths=(place("cwd"),))
    assert decide(here, allow).answer is Answer.ALLOW
    for inside in ("home", "hidden", "system"):
        far = question(effect=Effect.READ, tainted=tainted, paths=(place(inside),))
        assert decide(far, allow).answer is Answer.ASK
    other = question(effect=Effect.READ, tainted=("text",), paths=(place("home"),))
    assert decide(other, allow).answer is Answer.ALLOW
    assert decide(question(effect=Effect.READ, tainted=tainted, outward=True), allow).answer is Answer.ASK


def test_taint_makes_a_deny_no_milder() -> None:
    assert decide(question(tainted=("text",)), [rule("deny")]).answer is Answer.DENY


def test_a_path_that_was_not_resolved_denies() -> None:
    schema = {"properties": {"path": {"type": "string", "format": "path"}}}
    asked = question(arguments={"path": "/x"}, input_schema=schema)
    assert decide(asked, [rule("allow")]).answer is Answer.DENY
    resolved = question(arguments={"path": "/x"}, input_schema=schema, paths=(place("cwd"),))
    assert decide(resolved, [rule("allow")]).answer is Answer.ALLOW


@pytest.mark.parametrize(
    "broken", [None, 7, question(paths=(place("nowhere"),)), question(paths=cast(Any, 3))]
)
def test_what_cannot_be_judged_is_denied(broken: Any) -> None:
    decision = decide(broken, [rule("allow")])
    assert decision.answer is Answer.DENY
    assert decision.reason


def test_rules_that_are_none_deny() -> None:
    assert decide(question(), cast(Any, [object()])).answer is Answer.DENY
    assert decide(question(), cast(Any, 5)).answer is Answer.DENY


names = st.sampled_from(["notes.add", "notes.list", "files.read"])
whens = st.fixed_dictionaries(
    {},
    optional={
        "capability": st.lists(st.sampled_from(["notes.add", "notes.*", "files.read"]), min_size=1),
        "other_than": st.lists(names, min_size=1),
        "effect": st.lists(st.sampled_from([str(effect) for effect in Effect]), min_size=1),
        "origin": st.lists(st.sampled_from([str(origin) for origin in Origin]), min_size=1),
        "every_place": st.lists(st.sampled_from(["cwd", "home", "/srv"]), min_size=1),
        "some_place": st.lists(st.sampled_from(["system", "hidden", "/srv"]), min_size=1),
        "tainted": st.booleans(),
        "arguments": st.dictionaries(
            st.sampled_from(["text", "path", "nope"]),
            st.sampled_from([{"equals": "a"}, {"pattern": "a+"}, {"absent": True}, {"one_of": [1, "a"]}]),
            min_size=1,
        ),
    },
)
rules = st.builds(
    lambda answer, name, when: rule(answer, name, **when),
    st.sampled_from(ANSWERS),
    st.sampled_from(["a", "b", "c"]),
    whens,
)
places = st.builds(
    Place,
    st.sampled_from(["text", "path"]),
    st.sampled_from(["/srv/x", "/home/u/x"]),
    st.sampled_from(["cwd", "home", "hidden", "system", "state", "nowhere"]),
    st.booleans(),
)
questions = st.builds(
    lambda name, effect, arguments, origin, tainted, paths, outward: question(
        name,
        effect,
        arguments=arguments,
        origin=origin,
        tainted=tuple(tainted),
        paths=tuple(paths),
        outward=outward,
    ),
    names,
    st.sampled_from(list(Effect)),
    st.dictionaries(st.sampled_from(["text", "path"]), st.sampled_from(["a", "b", 1, None])),
    st.sampled_from(list(Origin)),
    st.lists(st.sampled_from(["text", "path", "capability"]), max_size=2),
    st.lists(places, max_size=2),
    st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(questions, st.lists(rules, max_size=4), rules)
def test_adding_a_rule_never_makes_an_answer_milder_but_where_no_rule_spoke(
    asked: Question, before: list[Rule], new: Rule
) -> None:
    old, now = decide(asked, before), decide(asked, [*before, new])
    if now.answer.strictness < old.answer.strictness:
        assert old.answer is Answer.ASK
        assert old.rule == ""
        assert new.answer is Answer.ALLOW
        assert new.matches(asked)


@settings(max_examples=200, deadline=None)
@given(questions, st.lists(rules, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_the_rules_does_not_change_the_answer(
    asked: Question, some: list[Rule], random: Any
) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)
    assert decide(asked, some).answer is decide(asked, shuffled).answer


@settings(max_examples=200, deadline=None)
@given(questions, st.lists(rules, max_size=4))
def test_the_state_stays_shut_and_taint_never_helps(asked: Question, some: list[Rule]) -> None:
    from dataclasses import replace

    decision = decide(asked, some)
    if any(each.inside == "state" for each in asked.paths):
        assert decision.answer is Answer.DENY
    if asked.tainted and asked.capability.changes:
        assert decision.answer is not Answer.ALLOW
    plain = [each for each in some if each.tainted is None]
    clean = decide(replace(asked, tainted=()), plain)
    assert decide(asked, plain).answer.strictness >= clean.answer.strictness


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(junk, junk, junk, st.lists(rules, max_size=3))
def test_decide_answers_any_question_at_all(
    arguments: Any, tainted: Any, paths: Any, some: list[Rule]
) -> None:
    asked = Question(question().capability, arguments, Origin.COMMAND, tainted, paths)
    assert decide(asked, some).answer in Answer


WHOLE = {"properties": {"path": {"type": "string", "format": "path", "x-whole": True}}}
PART = {"properties": {"path": {"type": "string", "format": "path"}}}


def acting_on(resolved: str, schema: dict[str, Any] = WHOLE, named: str = "") -> Question:
    arguments = {"path": named or resolved}
    return question(arguments=arguments, input_schema=schema, paths=(place("home", resolved),))


@pytest.mark.parametrize("condition", ["some_place", "every_place"])
@pytest.mark.parametrize(
    ("folder", "held"),
    [("/h/vault/secret", True), ("/h/vault/a/b/", True), ("/h/vault2", False), ("/h/other/vault", False)],
)
def test_acting_on_a_folder_with_all_in_it_is_acting_on_what_a_rule_names_below_it(
    condition: str, folder: str, held: bool
) -> None:
    when: dict[str, Any] = {condition: [folder]}
    for answer in ("deny", "ask"):
        only = [rule("allow", "all", every_place=["home"]), rule(answer, "nosecret", **when)]
        assert (decide(acting_on("/h/vault"), only).rule == "nosecret") is held
        assert (decide(acting_on("/"), only).rule) == "nosecret"
        assert decide(acting_on("/h/vault", PART), only).rule == "all"


def test_the_reason_names_what_is_held_and_the_rule() -> None:
    deny, ask = (rule(answer, "nosecret", some_place=["/h/vault/secret"]) for answer in ("deny", "ask"))
    wanted = "/h/vault holds /h/vault/secret, which rule nosecret {}: because nosecret"
    assert decide(acting_on("/h/vault"), [deny]).reason == wanted.format("denies")
    assert decide(acting_on("/h/vault"), [ask]).reason == wanted.format("asks about")
    for inside in ("/h/vault/secret", "/h/vault/secret/x"):
        assert decide(acting_on(inside), [deny]).reason == "because nosecret"


def test_a_link_in_a_path_does_not_hide_what_a_folder_holds() -> None:
    only = rule("deny", "nosecret", some_place=["/h/vault/secret"])
    assert decide(acting_on("/srv/real", named="/h/vault"), [only]).answer is Answer.DENY


@pytest.mark.parametrize("condition", ["some_place", "every_place"])
def test_an_allow_rule_reaches_no_further_for_a_whole_folder(condition: str) -> None:
    when: dict[str, Any] = {condition: ["/h/vault/secret"]}
    only = rule("allow", **when)
    assert decide(acting_on("/h/vault/secret"), [only]).answer is Answer.ALLOW
    assert decide(acting_on("/h/vault"), [only]).answer is Answer.ASK
