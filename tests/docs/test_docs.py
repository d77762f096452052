"""The documentation is complete, and what it says can be typed."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from tests.cli.lines import commands, options, problem

from ares import Ares
from ares.cli import ExitCode
from ares.config import KEYS, VARIABLES
from ares.runtime import hookspecs

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Return what stands under a heading, up to the next one; "" when there is no such heading."""
    found = re.search(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_and_option_is_in_the_page_of_the_command_line(name: str) -> None:
    text = section(page("docs/cli.md"), f"ares {name}")
    assert text.strip(), f"docs/cli.md has no section `ares {name}`"
    command = dict(commands())[name]
    missing = [option for option in options(command) if option not in text]
    assert missing == []


def test_no_section_is_about_a_command_that_does_not_exist() -> None:
    known = {name for name, _ in commands()}
    found = re.findall(r"^##+ ares (.+)$", page("docs/cli.md"), re.MULTILINE)
    assert set(found) <= known
    assert len(found) > 20


def test_every_option_in_a_table_is_one_of_its_command() -> None:
    for name, command in commands():
        text = section(page("docs/cli.md"), f"ares {name}")
        for option in re.findall(r"`(--[a-z-]+)", text):
            subs = getattr(command, "commands", {}).values()
            known = [*options(command), *(each for sub in subs for each in options(sub))]
            assert option in known, f"{name} has no {option}"


def test_every_exit_code_is_in_its_page_and_no_other() -> None:
    rows = re.findall(r"^\| (\d+) \|", page("docs/exit-codes.md"), re.MULTILINE)
    assert [int(row) for row in rows] == [int(code) for code in ExitCode]


def test_every_setting_is_in_its_page_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([a-z._]+)` \| (\S+) \|", page("docs/configuration.md"), re.MULTILINE))
    assert rows == {key.name: str(key.default) or "empty" for key in KEYS.values()}


def test_every_choice_of_a_setting_is_in_its_row() -> None:
    for key in KEYS.values():
        (row,) = re.findall(rf"^\| `{re.escape(key.name)}` .*$", page("docs/configuration.md"), re.MULTILINE)
        assert all(choice in row for choice in key.choices)
        assert not key.most or str(key.most) in row


def test_every_variable_that_is_no_setting_is_in_its_page() -> None:
    text = section(page("docs/configuration.md"), "Environment")
    assert all(f"| `{variable}` |" in text for variable in VARIABLES)


def hooks() -> list[str]:
    found = [
        f"{name}({', '.join(inspect.signature(function).parameters)})"
        for name, function in vars(hookspecs).items()
        if name.startswith("ares_")
    ]
    assert found
    return found


@pytest.mark.parametrize("hook", hooks())
def test_every_hook_is_documented_with_its_arguments(hook: str) -> None:
    assert hook in page("docs/hooks.md")


def face(name: str) -> str:
    """Return how a method of :class:`ares.Ares` is called."""
    signature = inspect.signature(getattr(Ares, name))
    parameters = [
        each.replace(annotation=each.empty) for each in signature.parameters.values() if each.name != "self"
    ]
    called = signature.replace(parameters=parameters, return_annotation=signature.empty)
    return f"{'Ares.' if name == 'open' else ''}{name}{called}".replace("'", '"')


def test_the_calls_of_the_python_face_are_documented_as_they_are() -> None:
    rows = re.findall(r"^\| `([\w.]+\(.*?\))` \|", page("docs/python.md"), re.MULTILINE)
    assert rows == [face(name) for name in ("open", "perform", "propose", "values", "read", "ask", "undo")]


def command_lines(text: str) -> list[str]:
    """Return the lines of code blocks that call ares; in a console those after a prompt, in an indented block
    what stands before a remark.
    """
    lines = re.findall(r"^ {4}(ares .+?)(?: {2,}.*)?$", text, re.MULTILINE)
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        prompt = r"\$ " if language in ("console", "") else ""
        lines += re.findall(rf"^ *{prompt}((?:\./)?ares\b.*)$", block, re.MULTILINE)
    return lines


@pytest.mark.parametrize("name", NAMES)
def test_every_command_line_in_a_code_block_is_real(name: str) -> None:
    found = {line: problem(line) for line in command_lines(page(name)) if "--setup" not in line}
    assert {line: what for line, what in found.items() if what} == {}


def test_the_pages_do_have_command_lines() -> None:
    assert len(command_lines(page("docs/cli.md"))) > 30


def inline_calls(text: str) -> list[str]:
    """Return what stands in inline code and calls ares; a name alone, without what it needs, is no call."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    names = {f"ares {name}" for name, _ in commands()}
    # A line end within inline code counts as a space.
    found = (" ".join(code.split()) for code in re.findall(r"`((?:\./)?ares\s[^`]+)`", prose))
    return [code for code in found if code.removeprefix("./") not in names]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_line_in_a_sentence_is_real(name: str) -> None:
    found = {line: problem(line) for line in inline_calls(page(name)) if "--setup" not in line}
    assert {line: what for line, what in found.items() if what} == {}


def test_a_call_in_a_sentence_is_found_and_a_mention_is_none() -> None:
    assert len(inline_calls(page("README.md"))) == 1
    text = "See `ares audit`, `ares models\nuse`, `ares undo --lst` and\n```console\n$ `ares frob`\n```\n"
    assert inline_calls(text) == ["ares undo --lst"]
    assert problem("ares undo --lst")
    assert problem("ares modules use my-module")


@pytest.mark.parametrize("name", NAMES)
def test_every_relative_link_leads_somewhere(name: str) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page(name)):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (ROOT / name).parent / path if path else ROOT / name
        headings = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE) if file.is_file() else []
        anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
        if not file.exists() or (anchor and anchor not in anchors):
            broken.append(target)
    assert broken == []
