"""What a module needs is looked for, and each thing that is missing is named."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.modules.desk import Desk
from tests.runtime.samples import ECHO, ECHO_CODE

from ares.errors import DependencyError

Write = Callable[..., Path]

NEEDY = """\
dependencies:
  python: ["pyyaml>=5", "pyyaml>=999", "no-such-distribution-anywhere>=1"]
  system: [sh, no-such-program-anywhere]
  modules: ["friend>=2.0", stranger]
  apis:
    - {name: Pigeon API, endpoint: "https://pigeons.example", auth: key}
    - {name: Owl API, endpoint: "https://owls.example", auth: none}
configuration: {key: ""}
capabilities:"""


def test_each_of_the_four_kinds_is_looked_for_and_named(desk: Desk, write: Write) -> None:
    desk.modules.register(
        write(ECHO.replace("name: echo", "name: friend"), folder="friend", module=ECHO_CODE)
    )
    registration = desk.modules.register(write(ECHO.replace("capabilities:", NEEDY), module=ECHO_CODE))
    told = [str(finding) for finding in registration.findings]
    assert [finding.met for finding in registration.findings] == [
        True, False, False, True, False, False, False, False, True,
    ]  # fmt: skip
    assert told[1].startswith("Python package pyyaml>=999: 6.")
    assert "is installed; install it: " in told[1]
    assert told[2].startswith("Python package no-such-distribution-anywhere>=1: not installed")
    assert told[4].startswith("program no-such-program-anywhere: not on PATH")
    assert told[5].startswith("module friend>=2.0: version 1.0 is active")
    assert told[6] == "module stranger: not registered; register it: ares modules register FOLDER"
    assert told[7] == "API Pigeon API: no value for key; set it: ares modules set echo key VALUE"
    with pytest.raises(DependencyError) as caught:
        desk.do("echo.say", text="x")
    for name in (
        "pyyaml>=999",
        "no-such-distribution",
        "no-such-program",
        "friend>=2.0",
        "stranger",
        "Pigeon API",
    ):
        assert name in str(caught.value)
    assert desk.registry.row("echo").state == "error"
    assert "no-such-program-anywhere" in desk.registry.row("echo").error


def test_what_is_not_required_does_not_block(desk: Desk, write: Write) -> None:
    needs = "dependencies: {python: [{name: no-such-distribution-anywhere, required: false}]}\ncapabilities:"
    registration = desk.modules.register(write(ECHO.replace("capabilities:", needs), module=ECHO_CODE))
    assert [finding.met for finding in registration.findings] == [False]
    assert desk.do("echo.say", text="x").result == {"said": "x"}
    assert desk.registry.row("echo").state == "stopped"


def test_a_disabled_module_is_missing_to_those_that_need_it(desk: Desk, write: Write) -> None:
    friend = write(ECHO.replace("name: echo", "name: friend"), folder="friend", module=ECHO_CODE)
    desk.modules.register(friend)
    text = ECHO.replace("capabilities:", "dependencies: {modules: [friend]}\ncapabilities:")
    desk.modules.register(write(text, module=ECHO_CODE))
    assert desk.do("echo.say", text="x").result == {"said": "x"}
    desk.modules.disable("friend")
    with pytest.raises(
        DependencyError, match="module friend: disabled; enable it: ares modules enable friend"
    ):
        desk.do("echo.say", text="x")


def test_setting_what_an_api_needs_lets_the_module_run(desk: Desk, write: Write) -> None:
    needs = "dependencies: {apis: [{name: Owl API, auth: key}]}\nconfiguration: {key: ''}\ncapabilities:"
    desk.modules.register(write(ECHO.replace("capabilities:", needs), module=ECHO_CODE))
    assert desk.registry.row("echo").state == "error"
    desk.modules.configure("echo", "key", "an invented key")
    assert desk.registry.row("echo").state == "stopped"
    assert desk.do("echo.say", text="x").result == {"said": "x"}


def test_a_package_that_comes_or_goes_is_noticed(
    desk: Desk, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    needs = "dependencies: {python: ['pigeon-post>=2']}\ncapabilities:"
    desk.modules.register(write(ECHO.replace("capabilities:", needs), module=ECHO_CODE))
    with pytest.raises(DependencyError, match="not installed"):
        desk.do("echo.say", text="x")
    distribution = install(site, "1.9")
    with pytest.raises(DependencyError, match=r"1\.9 is installed"):
        desk.do("echo.say", text="x")
    distribution.rename(site / "pigeon_post-2.0.dist-info")
    (site / "pigeon_post-2.0.dist-info" / "METADATA").write_text(METADATA.format("2.0"))
    for _ in range(2):
        assert desk.do("echo.say", text="x").result == {"said": "x"}
    (site / "pigeon_post-2.0.dist-info").rename(site / "gone")
    with pytest.raises(DependencyError, match="not installed"):
        desk.do("echo.say", text="x")


METADATA = "Metadata-Version: 2.1\nName: pigeon-post\nVersion: {}\n"


def install(site: Path, version: str) -> Path:
    folder = site / f"pigeon_post-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(METADATA.format(version))
    return folder
