"""``ares modules``: what is said when code changes, and what of a module's settings is not shown."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from tests.cli.console import ares
from tests.runtime.samples import ECHO, ECHO_CODE, FOUNDING, FOUNDING_CODE, FOUNDING_HELPER

import ares as package
from ares.paths import Paths, shipped

RULE = """\
rules:
  - id: mine
    answer: allow
    reason: it only echoes
    when: {capability: [echo.say]}
    match: [{capability: echo.say}]
    not_match: [{capability: notes.add}]
"""


@pytest.fixture
def echo(tmp_path: Path) -> Path:
    """The folder of a module of the owner."""
    folder = tmp_path / "echo"
    folder.mkdir()
    (folder / "module.yaml").write_text(ECHO)
    (folder / "module.py").write_text(ECHO_CODE)
    return folder


def test_other_files_need_another_version_or_a_word_and_rules_that_allow_them_are_named(echo: Path) -> None:
    assert ares("modules", "register", str(echo)).err == ""
    file = Paths.find().policy_d / "always.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(RULE)
    (echo / "module.py").write_text(ECHO_CODE + "\n# changed\n")
    for command in (("modules", "register"), ("register",)):
        refused = ares(*command, str(echo))
        assert (refused.code, refused.out, len(refused.err.splitlines())) == (2, "", 1)
        assert "raise the version" in refused.err
        assert "--replace" in refused.err
    done = ares("register", str(echo), "--replace")
    assert (done.code, done.out) == (0, "echo 1.0 updated, 1 capability\n")
    assert done.err == f"these rules allow it unasked: mine ({file}:2)\n"
    again = ares("modules", "register", str(echo), "--json")
    assert again.json["how"] == "unchanged"
    assert again.json["allowed_by"] == [{"id": "mine", "where": f"{file}:2"}]


def test_a_folder_that_calls_itself_clock_is_refused(echo: Path) -> None:
    (echo / "module.yaml").write_text(ECHO.replace("name: echo", "name: clock"))
    done = ares("modules", "register", str(echo), "--replace")
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert "a module named clock comes with ARES" in done.err


def test_a_home_goes_on_with_the_program_in_another_place(echo: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    here = Path(package.__file__).parent
    shutil.copytree(here, first / "ares", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("config", "knowledge", "modules"):
        shutil.copytree(shipped(name), first / "ares" / "_shipped" / name)
    shutil.copy(shipped("schema.sql"), first / "ares" / "_shipped")
    assert ares("run", "clock.now", environ={"PYTHONPATH": str(first)}).code == 0
    first.rename(second)
    there = {"PYTHONPATH": str(second)}
    assert ares("run", "clock.now", environ=there).code == 0
    shown = ares("modules", "list", "--json", environ=there).json
    assert {Path(row["folder"]).parent for row in shown} == {second / "ares" / "_shipped" / "modules"}
    (echo / "module.yaml").write_text(ECHO.replace("name: echo", "name: clock").replace('"1.0"', '"9.0.0"'))
    assert "a module named clock comes with ARES" in ares("register", str(echo), environ=there).err
    assert ares("doctor", environ=there).code == 0


def test_who_can_do_something_is_listed_as_run_takes_them(echo: Path) -> None:
    for name in ("one", "two", "three"):
        (echo / "module.yaml").write_text(ECHO.replace("name: echo", f"name: {name}"))
        assert ares("register", str(echo)).code == 0
    refused = ares("run", "say", "text=x")
    assert (refused.code, refused.out) == (2, "")
    assert (
        "several modules can say: one.say, two.say, three.say; give the full name, or prefer" in refused.err
    )
    assert ares("modules", "prefer", "two").out == "two preferred\n"
    assert ares("modules", "disable", "three").code == 0
    listed = ares("capabilities", "say")
    assert [line.split()[0] for line in listed.out.splitlines()[1:]] == ["two.say", "one.say"]
    assert [each["name"] for each in ares("capabilities", "say", "--json").json] == ["two.say", "one.say"]
    # What no rule allows is not run here, but it is chosen.
    assert "two.say" in ares("run", "say", "text=x").err
    assert "preferred" in ares("modules", "show", "two").out
    assert ares("modules", "prefer", "two", "--off").out == "two no longer preferred\n"
    assert ares("run", "say", "text=x").code == 2


@pytest.mark.parametrize("depth", [150, 2000])
def test_a_value_that_is_nested_too_deep_is_one_line(echo: Path, depth: int) -> None:
    manifest = echo / "module.yaml"
    text = manifest.read_text().replace("capabilities:", "configuration: {e: null}\ncapabilities:")
    manifest.write_text(text.replace('"1.0"', '"2.0"'))
    assert ares("modules", "register", str(echo)).code == 0
    done = ares("modules", "set", "echo", "e", '{"a":' * depth + "1" + "}" * depth)
    assert (done.code, done.out) == (2, "")
    assert re.fullmatch("ares: ares modules set: .*(flatter|no value that a setting can have)\n", done.err)


def test_what_an_api_is_opened_with_is_not_shown(tmp_path: Path) -> None:
    folder = tmp_path / "bridge"
    folder.mkdir()
    text = FOUNDING.replace("auth: bearer_token", "auth: bot_token")
    text = text.replace("  port: 5000", "  port: 5000\n  bot_token: ''")
    (folder / "module.yaml").write_text(text)
    (folder / "bridge.py").write_text(FOUNDING_CODE)
    (folder / "birds.py").write_text(FOUNDING_HELPER)
    assert ares("modules", "register", str(folder)).code == 0
    assert ares("modules", "show", "pigeon-bridge", "--json").json["settings"]["bot_token"] == ""
    assert ares("modules", "set", "pigeon-bridge", "bot_token", "made-up-word").code == 0
    for more in ((), ("--json",)):
        done = ares("modules", "show", "pigeon-bridge", *more)
        assert done.code == 0
        assert "made-up-word" not in done.out
        assert "set, not shown" in done.out
        assert "5000" in done.out


def test_what_a_child_of_a_module_prints_leaves_the_answer_readable(echo: Path) -> None:
    says = "    import subprocess\n    subprocess.run(['echo', 'CHILD'], check=True)\n"
    head, body, tail = ECHO_CODE.partition("def say(")
    lines = (body + tail).split("\n", 1)
    (echo / "module.py").write_text(f"{head}{lines[0]}\n{says}{lines[1]}")
    rule = RULE.replace("[echo.say]", "[echo.say]")
    file = Paths.find().policy_d / "always.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(rule)
    assert ares("modules", "register", str(echo)).code == 0
    done = ares("run", "echo.say", "text=x", "--json")
    assert done.code == 0, done.err
    assert done.json
    assert "CHILD" in done.err
