"""``ares doctor`` says each thing once, and goes on as far as it can."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.cli.console import ares
from tests.runtime.samples import ECHO, ECHO_CODE
from typer.testing import CliRunner

from ares.cli.commands.doctor import app
from ares.paths import Paths


def rows(**environ: str) -> dict[str, dict[str, Any]]:
    done = ares("doctor", "--json", environ=environ)
    assert done.err == ""
    found = {row["what"]: row for row in done.json}
    assert done.code == (0 if all(row["ok"] for row in found.values()) else 1)
    return found


def wrong(found: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {what: row["seen"] for what, row in found.items() if not row["ok"]}


@pytest.fixture
def config() -> Path:
    """The configuration folder of a home that was opened."""
    assert ares("status").code == 0
    return Paths.find().config


def test_a_sound_home_has_nothing_wrong(config: Path) -> None:
    found = rows()
    assert wrong(found) == {}
    assert {"disk", "home", "databases", "settings", "module settings", "module hosts"} <= set(found)


def test_a_row_of_the_registry_that_is_no_json_is_a_finding_and_an_error_in_one_line(config: Path) -> None:
    with closing(sqlite3.connect(Paths.find().registry_db)) as connection:
        connection.execute("UPDATE capabilities SET input_schema = '{' WHERE capability = 'disk'")
        connection.commit()
    found = wrong(rows())
    assert {"model", "module system"} <= set(found)
    manifest = found.pop("manifests")
    assert all("ares.db: input_schema of row" in seen for seen in found.values())
    done = ares("run", "system.disk")
    assert (done.code, done.err.count("\n")) == (8, 1)
    assert "is not what ARES wrote; register the module again from its folder" in done.err
    assert ares(*manifest.partition(": ares ")[2].split()).code == 0
    assert wrong(rows()) == {}


def test_a_setting_that_is_no_json_is_set_again(config: Path) -> None:
    for command in (("config", "set", "agent.offer", "5"), ("modules", "set", "hosts", "port", "7")):
        assert ares(*command).code == 0
        with closing(sqlite3.connect(Paths.find().registry_db)) as connection:
            connection.execute("UPDATE configurations SET value = '{' WHERE key = ?", (command[-2],))
            connection.commit()
        assert "of table configurations is not what ARES wrote" in str(wrong(rows()))
        assert ares(*command).code == 0
        assert wrong(rows()) == {}


def test_one_mistake_in_the_settings_is_said_in_one_row(config: Path) -> None:
    (config / "ares.yaml").write_text("agent: {offr: 3}\n")
    found = wrong(rows())
    assert sorted(found) == ["model", "policy", "settings"]
    assert "ares.yaml:1: there is no setting 'agent.offr'" in found["settings"]
    assert found["policy"] == found["model"] == "needs the settings mended first"


def test_a_variable_that_names_no_setting_is_reported(config: Path) -> None:
    assert "ARES_AGENT_OFFER" in wrong(rows(ARES_AGENT_OFFR="3"))["settings"]


@pytest.mark.parametrize(
    ("content", "environ", "problem"),
    [
        ("hosts: {prot: 9}\n", {}, "modules.yaml:1: module hosts has no setting 'prot'"),
        ("hsots: {port: 9}\n", {}, "modules.yaml:1: there is no module 'hsots'"),
        ("", {"ARES_MODULE_HOSTS_PROT": "9"}, "or write ARES_MODULE_HOSTS_PORT"),
        ("", {"ARES_MODULE_HSOTS_PORT": "9"}, "or write ARES_MODULE_HOSTS_PORT"),
    ],
)
def test_settings_of_modules_are_looked_at_and_refused_where_they_are_used(
    config: Path, content: str, environ: dict[str, str], problem: str
) -> None:
    (config / "modules.yaml").write_text(content)
    found = wrong(rows(**environ))
    assert list(found) == ["module settings"]
    assert problem in found["module settings"]
    done = ares("run", "hosts.list", environ=environ)
    assert (done.code, done.out) == (2, "")
    assert problem in done.err
    assert ares("status", environ=environ).code == 0


def test_a_capability_that_was_changed_in_the_database_is_named_with_what_mends_it(config: Path) -> None:
    with closing(sqlite3.connect(Paths.find().registry_db)) as database, database:
        database.execute(
            "UPDATE capabilities SET destructive = 0, effect = 'read' WHERE capability = 'delete'"
            " AND module_id = (SELECT id FROM modules WHERE name = 'files')"
        )
    found = wrong(rows())
    assert list(found) == ["manifests"]
    said, command = found["manifests"].split(": ares ")
    assert said.startswith("files.delete is not what ")
    assert ares(*command.split()).code == 0
    assert wrong(rows()) == {}


def test_a_module_whose_files_are_gone_is_named_with_what_mends_it(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "echo"
    folder.mkdir()
    (folder / "module.yaml").write_text(ECHO)
    (folder / "module.py").write_text(ECHO_CODE)
    assert ares("register", str(folder)).code == 0
    shutil.rmtree(Paths.find().modules / "echo")
    with closing(sqlite3.connect(Paths.find().registry_db)) as database, database:
        database.execute("UPDATE capabilities SET destructive = 0 WHERE capability = 'delete'")
    found = wrong(rows())
    assert list(found) == ["manifests"]
    assert "there is no such file" in found["manifests"]
    assert "register echo from your own folder again, or take it out: ares modules" in found["manifests"]
    assert "files.delete is not what" in found["manifests"]
    assert ares("register", str(folder)).code == 0
    assert "echo" not in wrong(rows())["manifests"]
    shutil.rmtree(Paths.find().modules / "echo")
    assert ares(*found["manifests"].partition("take it out: ares ")[2].partition(";")[0].split()).code == 0
    assert "echo" not in wrong(rows())["manifests"]


def test_the_disk_is_looked_at_even_when_the_home_cannot_be_opened(config: Path) -> None:
    database = Paths.find().registry_db
    database.unlink()
    database.mkdir()
    found = rows()
    assert found["disk"]["ok"]
    assert wrong(found) == {
        "home": f"{database} is a folder, where ARES keeps a database; move it away",
    }


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ("ares.cli.commands.doctor.shutil.disk_usage", "disk"),
        ("ares.cli.commands.doctor._home", "home"),
        ("ares.store.Store.damage", "databases"),
        ("ares.ledger.Ledger.verify", "ledger"),
        ("ares.runtime.Modules.check", "module hosts"),
        ("ares.cli._terminal.Terminal.find", "terminal"),
    ],
)
def test_what_may_not_be_looked_at_is_a_row_and_the_rest_is_looked_at(
    config: Path, monkeypatch: pytest.MonkeyPatch, broken: str, what: str
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "/closed")

    monkeypatch.setattr(broken, refuse)
    done = CliRunner().invoke(app, ["--json"])
    found = {row["what"]: row for row in json.loads(done.stdout)}
    assert done.exit_code == 1
    assert (found[what]["ok"], "Permission denied" in found[what]["seen"]) == (False, True)
    assert {"disk", "home", "databases", "ledger", "settings", "module hosts", "terminal"} <= set(found)


def test_a_home_that_nobody_can_name_is_a_row_too() -> None:
    assert list(wrong(rows(HOME=""))) == ["home"]


@pytest.mark.parametrize(
    ("home", "code", "words"),
    [("", 2, "HOME is empty; set it"), ("me", 2, "HOME is 'me'")],
)
def test_a_home_that_is_not_set_right_is_one_line(home: str, code: int, words: str) -> None:
    done = ares("status", environ={"HOME": home, "ARES_HOME": ""})
    assert (done.code, done.out, len(done.err.splitlines())) == (code, "", 1)
    assert words in done.err


def test_a_setting_can_be_mended_while_another_is_wrong(config: Path) -> None:
    (config / "ares.yaml").write_text("agent: {offer: 0}\n")
    refused = ares("status")
    assert refused.code == 2
    assert "ares.yaml:1: agent.offer takes a number from 1 to 100, not 0" in refused.err
    assert ares("config", "set", "output.show_work", "never").code == 0
    (config / "ares.yaml").unlink()
    assert ares("config", "get", "output.show_work").out == "never\n"
