from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.policy.helpers import question

from ares.config import KEYS, Config, parse_yaml, read_yaml
from ares.core import Answer, Effect, Origin
from ares.paths import shipped
from ares.policy import Place, Rule, decide, outside_rules, parse_rules


@pytest.fixture(scope="module")
def rules() -> tuple[Rule, ...]:
    document = read_yaml(shipped("config") / "policy.yaml")
    return parse_rules(document.data, document.where, document.line)


def manifest() -> list[tuple[str, Effect]]:
    found = []
    for file in sorted(shipped("modules").glob("*/module.yaml")):
        data = read_yaml(file).data
        found += [(f"{data['name']}.{each['name']}", Effect(each["effect"])) for each in data["capabilities"]]
    return found


def inside(label: str) -> tuple[Place, ...]:
    return (Place("path", "/somewhere/x", label),)


def test_the_reads_of_the_bundled_modules_are_allowed_and_nothing_else_is(rules: tuple[Rule, ...]) -> None:
    capabilities = manifest()
    assert len(capabilities) >= 25
    for name, effect in capabilities:
        wanted = Answer.ALLOW if effect is Effect.READ else Answer.ASK
        assert decide(question(name, effect), rules).answer is wanted, name


def test_every_allowed_name_is_a_capability_that_exists(rules: tuple[Rule, ...]) -> None:
    known = {name for name, _ in manifest()}
    assert {name for rule in rules for name in rule.capability} <= known


def test_a_read_that_a_later_version_turns_into_something_else_is_asked_about(
    rules: tuple[Rule, ...],
) -> None:
    for name, _ in manifest():
        for effect in Effect:
            if effect is not Effect.READ:
                assert decide(question(name, effect), rules).answer is not Answer.ALLOW


@pytest.mark.parametrize("name", ["files.list", "files.find", "files.read"])
def test_files_are_read_in_the_working_folder_and_the_home_only(rules: tuple[Rule, ...], name: str) -> None:
    for label, answer in {
        "cwd": Answer.ALLOW,
        "home": Answer.ALLOW,
        "hidden": Answer.ASK,
        "system": Answer.ASK,
        "state": Answer.DENY,
    }.items():
        assert decide(question(name, Effect.READ, paths=inside(label)), rules).answer is answer, label


def test_how_full_any_disk_is_may_be_asked(rules: tuple[Rule, ...]) -> None:
    assert decide(question("system.disk", Effect.READ, paths=inside("system")), rules).answer is Answer.ALLOW


@pytest.mark.parametrize("origin", [Origin.MCP, Origin.SCHEDULE])
def test_what_comes_from_elsewhere_is_asked_about(rules: tuple[Rule, ...], origin: Origin) -> None:
    assert decide(question("notes.list", Effect.READ, origin=origin), rules).answer is Answer.ASK


def test_the_outside_setting_denies_what_other_rules_would_allow(rules: tuple[Rule, ...]) -> None:
    allow = replace(rules[-1], id="media", every_place=("/somewhere",))
    outside = question("files.read", Effect.READ, paths=inside("system"))
    at_home = question("files.read", Effect.READ, paths=inside("home"))
    disk = question("system.disk", Effect.READ, paths=inside("system"))
    assert decide(outside, [*rules, allow, *outside_rules("ask")]).answer is Answer.ALLOW
    for setting in ("deny", "anything"):
        strict = [*rules, allow, *outside_rules(setting)]
        assert decide(outside, strict).answer is Answer.DENY
        assert decide(at_home, strict).answer is Answer.ALLOW
        assert decide(disk, strict).answer is Answer.ALLOW


def test_the_shipped_settings_file_changes_nothing_and_names_every_setting_with_its_default() -> None:
    file = shipped("config") / "ares.yaml"
    before = {key: setting.value for key, setting in Config.load(file, environ={}).all().items()}
    assert before == {name: key.default for name, key in KEYS.items()}
    lines = re.findall(r"^# ([a-z_.]+: \S.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    settings = [line for line in lines if line.split(":")[0] in KEYS]
    written = parse_yaml("\n".join(settings), "ares.yaml").data
    assert written == {name: key.default for name, key in KEYS.items()}
