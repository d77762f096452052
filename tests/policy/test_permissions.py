from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.policy.helpers import question

from ares.config import parse_yaml
from ares.core import Answer, Effect
from ares.errors import PolicyError
from ares.policy import decide, import_permissions, parse_rules

EXAMPLE = '{"global_policy": "deny", "rules": {"calculate_sum": "allow", "delete_file": "deny"}}'


def answer(data: Any, full_name: str, **more: Any) -> Answer:
    rules = import_permissions(data, **more).rules
    return decide(question(full_name, Effect.READ), rules).answer


def test_the_example_without_a_version_loads_and_means_what_it_meant() -> None:
    data = json.loads(EXAMPLE)
    assert answer(data, "aether.calculate_sum") is Answer.ALLOW
    assert answer(data, "aether.delete_file") is Answer.DENY
    assert answer(data, "aether.anything_else") is Answer.DENY
    assert answer({"version": "1.0", **data}, "aether.calculate_sum") is Answer.ALLOW


def test_other_modules_stay_as_they_were() -> None:
    assert answer(json.loads(EXAMPLE), "notes.list") is Answer.ASK


def test_the_module_can_be_named_and_full_names_are_taken() -> None:
    data = {"global_policy": "deny", "rules": {"sum": "allow", "files.read": "allow"}}
    assert answer(data, "calc.sum", module="calc") is Answer.ALLOW
    assert answer(data, "files.read", module="calc") is Answer.ALLOW
    assert answer(data, "files.write", module="calc") is Answer.DENY
    assert answer(data, "calc.other", module="calc") is Answer.DENY


@pytest.mark.parametrize("value", ["Allow", "alow", "ALLOW", "", True, None, ["allow"], 1])
def test_only_the_exact_word_allows(value: Any) -> None:
    imported = import_permissions({"global_policy": "allow", "rules": {"x": value}})
    assert decide(question("aether.x", Effect.READ), imported.rules).answer is Answer.DENY
    assert any("aether.x" in note for note in imported.notes)


@pytest.mark.parametrize("value", ["alow", "Deny", None, 3])
def test_a_global_policy_that_is_no_word_of_it_denies_and_is_told(value: Any) -> None:
    imported = import_permissions({"global_policy": value, "rules": {}})
    assert decide(question("aether.x", Effect.READ), imported.rules).answer is Answer.DENY
    assert any("counts as deny" in note for note in imported.notes)
    assert answer({"rules": {}}, "aether.x") is Answer.DENY


def test_a_global_allow_becomes_ask_and_is_told() -> None:
    imported = import_permissions({"global_policy": "allow", "rules": {"bad": "deny"}})
    assert decide(question("aether.x", Effect.READ), imported.rules).answer is Answer.ASK
    assert decide(question("aether.bad", Effect.READ), imported.rules).answer is Answer.DENY
    assert any("becomes ask" in note for note in imported.notes)


def test_the_text_of_an_import_loads_as_the_same_rules() -> None:
    imported = import_permissions(json.loads(EXAMPLE))
    document = parse_yaml("rules:\n" + imported.text, "aether.yaml")
    again = parse_rules(document.data, "aether.yaml", document.line)
    assert [replace(rule, where="") for rule in again] == [replace(rule, where="") for rule in imported.rules]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ([], "JSON object"),
        ({"rules": []}, "JSON object"),
        ({"globl_policy": "deny"}, "globl_policy"),
        ({"rules": {"a b": "allow"}}, "'a b'"),
        ({"rules": {"x": "allow", "aether.x": "deny"}}, "twice"),
    ],
)
def test_what_is_no_permissions_file_is_refused(data: Any, says: str) -> None:
    with pytest.raises(PolicyError, match=r"permissions\.json: ") as caught:
        import_permissions(data)
    assert says in str(caught.value)


def test_no_two_modules_get_a_rule_of_the_same_id() -> None:
    tools = {"sum": "allow", "files.read": "deny", "a-b.c": "deny", "b-c.d": "allow", "x" * 70: "allow"}
    modules = ("a", "a-b", "A", "files", "y" * 70)
    ids = [
        rule.id
        for module in modules
        for rule in import_permissions({"global_policy": "deny", "rules": tools}, module=module).rules
    ]
    assert len(set(ids)) == len(ids) == len(modules) * 6


def test_two_names_that_look_alike_in_an_id_are_still_two_rules() -> None:
    imported = import_permissions({"global_policy": "deny", "rules": {"Read": "allow", "read": "deny"}})
    assert decide(question("aether.Read", Effect.READ), imported.rules).answer is Answer.ALLOW
    assert decide(question("aether.read", Effect.READ), imported.rules).answer is Answer.DENY
