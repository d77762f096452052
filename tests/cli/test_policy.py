from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.cli.console import Console, ares, records

from ares.paths import Paths


@pytest.fixture
def permissions(tmp_path: Path) -> Path:
    file = tmp_path / "permissions.json"
    file.write_text(json.dumps({"global_policy": "deny", "rules": {"list": "allow", "delete": "deny"}}))
    return file


def test_the_rules_in_force_are_listed_with_where_they_stand() -> None:
    rows = ares("policy", "list", "--json").json
    assert {row["answer"] for row in rows} <= {"allow", "ask", "deny"}
    assert all(row["where"].rpartition(":")[2].isdigit() for row in rows)


def test_imported_permissions_are_shown_and_hold_after_a_yes(permissions: Path) -> None:
    with Console("policy", "import", str(permissions), "--module", "files") as console:
        assert "files.delete" in console.answer("Write them?", "yes")
        assert console.finish() == 0
    assert "aether-files.files.delete" in {row["id"] for row in ares("policy", "list", "--json").json}
    (record,) = records(kind="policy")
    assert record["payload"]["event"] == "rules added"


def imported(file: Path, module: str) -> int:
    with Console("policy", "import", str(file), "--module", module) as console:
        console.answer("Write them?", "yes")
        return console.finish()


def test_two_hosts_with_the_same_tools_and_the_same_default_are_imported_beside_each_other(
    permissions: Path,
) -> None:
    tools = {"list": "allow", "files.delete": "deny"}
    permissions.write_text(json.dumps({"global_policy": "deny", "rules": tools}))
    assert [imported(permissions, module) for module in ("laptop", "nas")] == [0, 0]
    assert ares("run", "system.uptime").code == 0
    names = {row["id"] for row in ares("policy", "list", "--json").json}
    assert {
        f"aether-{host}.{rule}" for host in ("laptop", "nas") for rule in ("files.delete", "everything-else")
    } <= names


def test_an_import_that_contradicts_an_earlier_one_is_refused_and_changes_nothing(permissions: Path) -> None:
    assert imported(permissions, "files") == 0
    before = Paths.find().policy_d.joinpath("aether-files.yaml").read_bytes()
    permissions.write_text(json.dumps({"global_policy": "deny", "rules": {"list": "deny"}}))
    with Console("policy", "import", str(permissions), "--module", "files", columns=400) as console:
        console.answer("Write them?", "yes")
        assert console.finish() == 2
    assert "ares: no rule was written, " in console.text
    assert "the id 'aether-files.files.list' is used twice" in console.text
    assert Paths.find().policy_d.joinpath("aether-files.yaml").read_bytes() == before
    assert len(records(kind="policy")) == 1
    assert ares("policy", "list").code == 0


def test_what_was_imported_is_read_whatever_the_file_was_called(permissions: Path) -> None:
    hidden = permissions.rename(permissions.with_name(".permissions.json"))
    policy_d = Paths.find().policy_d
    policy_d.mkdir(parents=True)
    mine = policy_d / "permissions.yaml"
    mine.write_text("rules: []\n")
    assert imported(hidden, "files") == 0
    assert "aether-files.files.delete" in {row["id"] for row in ares("policy", "list", "--json").json}
    assert mine.read_text() == "rules: []\n"


def test_a_no_writes_no_rule(permissions: Path) -> None:
    with Console("policy", "import", str(permissions)) as console:
        console.answer("Write them?", "no")
        assert console.finish() == 4
    assert not Paths.find().policy_d.exists()


@pytest.mark.parametrize("keys", ["\nyes\n", "yes\n\n", "perhaps\n"])
def test_what_is_pasted_imports_no_rule(permissions: Path, keys: str) -> None:
    with Console("policy", "import", str(permissions)) as console:
        console.expect("Write them? yes / no [no] ")
        console.send(keys)
        console.expect("Please answer yes / no.\n")
        console.answer("Write them? yes / no [no] ", "")
        assert console.finish() == 4
    assert not Paths.find().policy_d.exists()


def test_without_a_terminal_no_rule_is_written(permissions: Path) -> None:
    done = ares("policy", "import", str(permissions))
    assert done.code == 4
    assert not Paths.find().policy_d.exists()


@pytest.mark.parametrize("text", ["", "[]", '{"rulez": {}}', "{"])
def test_what_are_no_permissions_is_one_line(text: str, permissions: Path) -> None:
    permissions.write_text(text)
    done = ares("policy", "import", str(permissions))
    assert done.code == 2
    assert done.err.startswith("ares: ")
    assert done.err.count("\n") == 1


def test_permissions_that_are_no_file_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    done = ares("policy", "import", str(tmp_path / "pipe.json"))
    assert done.code == 2
    assert "pipe.json: cannot be read (it is a pipe or a device)" in done.err


def test_a_policy_that_does_not_load_is_named_with_its_line() -> None:
    ares("status")
    Paths.find().config.mkdir(parents=True, exist_ok=True)
    Paths.find().user_policy.write_text("rules:\n  - {id: x, answer: maybe, reason: r}\n")
    done = ares("policy", "list")
    assert done.code == 2
    assert "policy.yaml:2" in done.err


def write_policy(text: str) -> None:
    ares("status")
    Paths.find().config.mkdir(parents=True, exist_ok=True)
    Paths.find().user_policy.write_text(text)


def test_a_rule_about_what_no_module_has_is_pointed_out() -> None:
    write_policy(
        "rules:\n"
        "  - {id: a, answer: deny, reason: r, when: {capability: [files.delet, files.delete, 'files.*']}}\n"
        "  - {id: b, answer: ask, reason: r, when: {other_than: ['filez.*']}}\n"
    )
    done = ares("policy", "list")
    assert done.code == 0
    assert [line.partition("policy.yaml:")[2] for line in done.err.splitlines()] == [
        "2: rule a names files.delet, which no module here has: is it misspelt?",
        "3: rule b names filez.*, which no module here has: is it misspelt?",
    ]
    unknown = {row["id"]: row["unknown"] for row in ares("policy", "list", "--json").json if row["unknown"]}
    assert unknown == {"a": ["files.delet"], "b": ["filez.*"]}


MISSPELT = (
    "rules:\n"
    "  - {id: a, answer: deny, reason: r, when: {capability: ['system.*'], arguments: {pth: {equals: /}}}}\n"
    "  - {id: b, answer: deny, reason: r, when: {arguments: {txt: {equals: x}, text: {equals: x}}}}\n"
    "  - {id: c, answer: deny, reason: r, when: {effect: read, other_than: [files.read],"
    " arguments: {mac: {absent: true}, path: {equals: /}}}}\n"
    "  - {id: d, answer: deny, reason: r, when: {capability: ['later.*'], arguments: {any: {equals: /}}}}\n"
    "  - {id: e, answer: deny, reason: r, when: {capability: [notes.add], arguments: {query: {equals: x}}}}\n"
)


def test_a_condition_on_an_argument_that_nothing_takes_is_pointed_out() -> None:
    write_policy(MISSPELT)
    named = {
        row["id"]: row["unknown_arguments"]
        for row in ares("policy", "list", "--json").json
        if row["unknown_arguments"]
    }
    assert named == {"a": ["pth"], "b": ["txt"], "c": ["mac"], "e": ["query"]}
    said = [line.partition("policy.yaml:")[2] for line in ares("policy", "list").err.splitlines()]
    assert said[1:3] == [
        f"{line}: rule {rule} has a condition on the argument {name}, which nothing that it is about takes: "
        "is it misspelt?"
        for line, rule, name in ((2, "a", "pth"), (3, "b", "txt"))
    ]
    (row,) = [row for row in ares("doctor", "--json").json if row["what"] == "policy"]
    assert not row["ok"]
    assert "the argument pth (" in row["seen"]


def test_the_rules_that_come_with_ares_name_what_there_is_even_when_it_is_disabled() -> None:
    assert ares("modules", "disable", "notes").code == 0
    assert ares("policy", "list").err == ""


def test_doctor_points_a_misspelt_rule_out() -> None:
    write_policy("rules:\n  - {id: a, answer: deny, reason: r, when: {capability: [files.delet]}}\n")
    done = ares("doctor", "--json")
    assert done.code == 1
    (row,) = [row for row in done.json if row["what"] == "policy"]
    assert not row["ok"]
    assert "files.delet (" in row["seen"]
