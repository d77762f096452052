"""Registering and switching modules: idempotent, atomic, versions side by side, all of it recorded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.modules.desk import Desk, open_desk
from tests.runtime.samples import ECHO, ECHO_CODE
from tests.store.unprivileged import refuse_to_commit

from ares.core import Json, canonical
from ares.errors import ConfigError, ManifestError, NotFoundError, StoreError, UsageError
from ares.paths import Paths, shipped
from ares.store import Store

Write = Callable[..., Path]

SECOND = ECHO.replace('version: "1.0"', 'version: "2.0"')
SECOND_CODE = ECHO_CODE.replace('["text"]', '["text"].upper()')


def events(desk: Desk) -> list[str]:
    records = desk.ledger.records(kind="event")
    return [str(record.payload["event"]) for record in records if isinstance(record.payload, dict)]


def test_registering_twice_is_registering_once(desk: Desk, write: Write) -> None:
    folder = write(ECHO, module=ECHO_CODE)
    assert desk.modules.register(folder).how == "registered"
    assert desk.modules.register(folder).how == "unchanged"
    assert [row.name for row in desk.registry.modules()] == ["echo"]
    assert events(desk) == ["registered"]


def test_what_runs_is_what_was_registered(desk: Desk, write: Write) -> None:
    folder = write(ECHO, module=ECHO_CODE)
    desk.modules.register(folder)
    (folder / "module.py").write_text(SECOND_CODE)
    assert desk.do("echo.say", text="x").result == {"said": "x"}
    with pytest.raises(UsageError, match=r"echo 1\.0 is registered with other files; raise the version"):
        desk.modules.register(folder)
    assert desk.do("echo.say", text="x").result == {"said": "x"}
    assert desk.modules.register(folder, replace_files=True).how == "updated"
    assert desk.do("echo.say", text="x").result == {"said": "X"}
    shutil.rmtree(folder)
    assert desk.do("echo.say", text="y").result == {"said": "Y"}
    # The copy that no row refers to any more is gone.
    assert len(list((desk.paths.modules / "echo" / "1.0").iterdir())) == 1


def test_versions_live_side_by_side_and_one_can_go_back(desk: Desk, write: Write) -> None:
    folder = write(ECHO, module=ECHO_CODE)
    desk.modules.register(folder)
    desk.modules.register(write(SECOND, module=SECOND_CODE))
    assert desk.registry.versions("echo") == ["1.0", "2.0"]
    assert desk.do("echo.say", text="x").result == {"said": "X"}
    desk.modules.use("echo", "1.0")
    assert desk.do("echo.say", text="x").result == {"said": "x"}
    desk.modules.use("echo", "1.0")
    desk.modules.unregister("echo", "1.0")
    assert desk.do("echo.say", text="x").result == {"said": "X"}
    assert events(desk) == ["registered", "registered", "used", "unregistered", "used"]


def test_registering_an_older_version_again_makes_it_the_active_one_and_says_so(
    desk: Desk, write: Write
) -> None:
    desk.modules.register(write(ECHO, folder="one", module=ECHO_CODE))
    desk.modules.register(write(SECOND, folder="two", module=SECOND_CODE))
    assert desk.modules.register(desk.paths.home.parent / "written" / "one").how == "unchanged"
    assert desk.registry.module("echo").version == "1.0"
    assert events(desk) == ["registered", "registered", "used"]


def test_a_bad_manifest_leaves_everything_as_it_was(desk: Desk, write: Write) -> None:
    desk.modules.register(write(ECHO, module=ECHO_CODE))
    head = desk.ledger.head()
    with pytest.raises(ManifestError):
        desk.modules.register(write(ECHO.replace("effect: read", "effect: reed"), module=ECHO_CODE))
    assert desk.ledger.head() == head
    assert desk.do("echo.say", text="x").result == {"said": "x"}


def test_a_change_that_cannot_be_recorded_does_not_happen(desk: Desk, write: Write) -> None:
    folder = write(ECHO, module=ECHO_CODE)
    with desk.ledger.batch(), pytest.raises(StoreError):
        desk.modules.register(folder)
    assert desk.registry.modules() == []
    assert list(desk.paths.modules.iterdir()) == []


def test_a_copy_that_was_there_outlives_a_registration_that_fails(
    desk: Desk, write: Write, store: Store
) -> None:
    """Whoever lost ares.db registers again from what was copied."""
    source = Path(desk.modules.register(write(ECHO, module=ECHO_CODE)).module.source)
    with store.writing("registry") as connection:
        connection.execute("DELETE FROM modules")
    refuse_to_commit(store.ledger)
    with pytest.raises(StoreError):
        desk.modules.register(source)
    assert (source / "module.yaml").is_file()


def test_whether_a_module_can_run_follows_what_it_needs(desk: Desk, write: Write) -> None:
    needing = ECHO.replace("name: echo", "name: needing") + 'dependencies: {modules: ["echo>=2.0"]}\n'
    desk.modules.register(write(needing, folder="needing", module=ECHO_CODE))

    def errors() -> int:
        assert bool(desk.registry.totals().error) == (desk.registry.row("needing").state == "error")
        return desk.registry.totals().error

    assert errors() == 1
    desk.modules.register(write(SECOND, folder="two", module=SECOND_CODE))
    assert errors() == 0
    desk.modules.disable("echo")
    assert errors() == 1
    desk.modules.enable("echo")
    assert errors() == 0
    desk.modules.register(write(ECHO, folder="one", module=ECHO_CODE))
    assert errors() == 1
    desk.modules.use("echo", "2.0")
    assert errors() == 0
    desk.modules.unregister("echo", "2.0")
    assert errors() == 1
    desk.modules.register(write(SECOND, folder="two", module=SECOND_CODE))
    desk.modules.unregister("echo")
    assert errors() == 1
    assert "module echo>=2.0: not registered" in desk.registry.row("needing").error


def test_enabling_and_disabling_are_recorded_once(desk: Desk, write: Write) -> None:
    desk.modules.register(write(ECHO, module=ECHO_CODE))
    for _ in range(2):
        desk.modules.disable("echo")
    with pytest.raises(UsageError):
        desk.do("echo.say", text="x")
    for _ in range(2):
        desk.modules.enable("echo")
    assert desk.do("echo.say", text="x").result == {"said": "x"}
    assert events(desk) == ["registered", "disabled", "enabled"]


def test_a_module_may_come_disabled(desk: Desk, write: Write) -> None:
    desk.modules.register(write("enabled: false\n" + ECHO, module=ECHO_CODE))
    assert desk.registry.row("echo").enabled is False


def test_a_module_that_is_gone_is_gone_but_for_its_data(desk: Desk, write: Write) -> None:
    desk.modules.register(write(ECHO, module=ECHO_CODE))
    desk.do("echo.say", text="x")
    (desk.paths.data / "echo" / "kept").touch()
    desk.modules.unregister("echo")
    assert desk.registry.modules() == []
    assert desk.runtime.loaded == ()
    assert list(desk.paths.modules.iterdir()) == []
    assert (desk.paths.data / "echo" / "kept").exists()
    with pytest.raises(NotFoundError):
        desk.modules.unregister("echo")
    assert events(desk) == ["registered", "unregistered"]


def test_who_can_say_lists_all_enabled_providers_in_order(desk: Desk, write: Write) -> None:
    for name in ("one", "two", "three"):
        desk.modules.register(
            write(ECHO.replace("name: echo", f"name: {name}"), folder=name, module=ECHO_CODE)
        )
    desk.modules.disable("two")
    desk.modules.prefer("three")
    assert [capability.full_name for capability in desk.registry.providers("say")] == ["three.say", "one.say"]


def test_a_short_name_that_several_have_is_the_preferred_ones(desk: Desk, write: Write) -> None:
    for name in ("one", "two", "three"):
        desk.modules.register(
            write(ECHO.replace("name: echo", f"name: {name}"), folder=name, module=ECHO_CODE)
        )
    before = desk.ledger.head().seq
    for _ in range(2):
        desk.modules.prefer("two")
    assert desk.registry.capability("say").full_name == "two.say"
    desk.modules.register(write(SECOND.replace("name: echo", "name: two"), folder="new", module=ECHO_CODE))
    assert desk.registry.capability("say").full_name == "two.say"
    desk.modules.prefer("three")
    with pytest.raises(UsageError, match=r"several modules can say: three\.say, two\.say, one\.say; give"):
        desk.registry.capability("say")
    assert desk.registry.capability("one.say").full_name == "one.say"
    desk.modules.disable("two")
    assert desk.registry.capability("say").full_name == "three.say"
    for _ in range(2):
        desk.modules.prefer("three", False)
    with pytest.raises(UsageError, match="several modules can say"):
        desk.registry.capability("say")
    told = [record.payload for record in desk.ledger.records() if record.seq > before]
    events = [payload["event"] for payload in told if isinstance(payload, dict)]
    assert events == ["preferred", "registered", "preferred", "disabled", "no longer preferred"]


def test_settings_come_from_manifest_file_database_and_environment_in_that_order(
    desk: Desk, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = ECHO.replace("capabilities:", "configuration: {a: 1, b: 1, c: 1, d: x-y}\ncapabilities:")
    desk.modules.register(write(text, module=ECHO_CODE))
    (desk.paths.config / "modules.yaml").write_text("echo: {b: 2, c: 2}\n")
    desk.modules.configure("echo", "c", 3)
    assert desk.runtime.settings(desk.registry.module("echo")) == {"a": 1, "b": 2, "c": 3, "d": "x-y"}
    monkeypatch.setenv("ARES_MODULE_ECHO_C", "4")
    monkeypatch.setenv("ARES_MODULE_ECHO_D", "5")
    assert desk.runtime.settings(desk.registry.module("echo")) == {"a": 1, "b": 2, "c": 4, "d": "5"}


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("z", 1, "has no setting 'z'; known: a"),
        ("a", "1", "takes a whole number"),
        ("a", True, "whole number"),
    ],
)
def test_settings_that_are_not_declared_or_of_another_type_are_refused(
    desk: Desk, write: Write, key: str, value: object, problem: str
) -> None:
    text = ECHO.replace("capabilities:", "configuration: {a: 1}\ncapabilities:")
    desk.modules.register(write(text, module=ECHO_CODE))
    with pytest.raises(ConfigError, match=problem):
        desk.modules.configure("echo", key, value)  # type: ignore[arg-type]
    (desk.paths.config / "modules.yaml").write_text(f"echo: {{{key}: {str(value).lower()!r}}}\n")
    with pytest.raises(ConfigError, match=r"modules\.yaml"):
        desk.do("echo.say", text="x")


def test_the_file_of_settings_is_named_with_the_line(desk: Desk, write: Write) -> None:
    text = ECHO.replace("capabilities:", "configuration: {a: 1}\ncapabilities:")
    desk.modules.register(write(text, module=ECHO_CODE))
    file = desk.paths.config / "modules.yaml"
    for content, problem in (
        ("echo:\n  a: 2\n  z: 1\n", r"modules\.yaml:3: module echo has no setting 'z'; known: a"),
        ("# mine\nehco: {a: 1}\n", r"modules\.yaml:2: there is no module 'ehco'; .*, or write echo$"),
        ("echo: false\n", r"modules\.yaml:1: echo: settings are written"),
        ("- echo\n", r"modules\.yaml:1: module settings are written"),
    ):
        file.write_text(content)
        with pytest.raises(ConfigError, match=problem):
            desk.runtime.settings(desk.registry.module("echo"))
    for content in ("", "echo:\n"):
        file.write_text(content)
        assert desk.runtime.settings(desk.registry.module("echo")) == {"a": 1}
    file.unlink()
    file.mkdir()
    with pytest.raises(ConfigError, match="it is a folder"):
        desk.runtime.settings(desk.registry.module("echo"))


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("ARES_MODULE_ECHO_B", "1", "no setting of a module has this variable; unset it"),
        ("ARES_MODULE_EHCO_A", "1", "unset it, or write ARES_MODULE_ECHO_A"),
        ("ARES_MODULE_ECHO_A", "one", "takes a whole number written as JSON"),
        ("ARES_MODULE_ECHO_A", "1.5", "echo.a takes a whole number, not 1.5"),
        ("ARES_MODULE_ECHO_RATE", "NaN", "no value that a setting can have"),
    ],
)
def test_a_variable_that_no_module_can_use_is_refused_where_it_may_be_meant(
    desk: Desk, write: Write, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, problem: str
) -> None:
    text = ECHO.replace("capabilities:", "configuration: {a: 1, rate: 0.5}\ncapabilities:")
    desk.modules.register(write(text, module=ECHO_CODE))
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError, match=f"^{variable}: .*{problem}"):
        desk.do("echo.say", text="x")


def test_a_variable_of_one_module_does_not_keep_another_from_running(
    desk: Desk, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("echo", "echo-two"):
        text = ECHO.replace("name: echo", f"name: {name}")
        text = text.replace("capabilities:", "configuration: {a: 1}\ncapabilities:")
        desk.modules.register(write(text, folder=name, module=ECHO_CODE))
    monkeypatch.setenv("ARES_MODULE_ECHO_TWO_A", "2")
    assert desk.runtime.settings(desk.registry.module("echo-two")) == {"a": 2}
    assert desk.runtime.settings(desk.registry.module("echo")) == {"a": 1}
    monkeypatch.setenv("ARES_MODULE_ECHO_TWO_B", "2")
    with pytest.raises(ConfigError, match="ARES_MODULE_ECHO_TWO_B"):
        desk.runtime.settings(desk.registry.module("echo-two"))


def bundle(desk: Desk, write: Write, text: str, code: str) -> Path:
    folder = write(text, folder="../bundled/echo", module=code)
    return folder.resolve()


def test_bundled_modules_are_registered_once_and_again_when_they_change(desk: Desk, write: Write) -> None:
    folder = bundle(desk, write, ECHO, ECHO_CODE)
    assert [done.how for done in desk.modules.register_bundled()] == ["registered"]
    assert desk.modules.register_bundled() == ()
    assert desk.modules.folder(desk.registry.module("echo").source) == folder
    bundle(desk, write, SECOND, SECOND_CODE)
    assert [done.how for done in desk.modules.register_bundled()] == ["registered"]
    # The old version's files are not there any more, so neither is the version.
    assert desk.registry.versions("echo") == ["2.0"]
    assert desk.do("echo.say", text="x").result == {"said": "X"}


def test_registering_bundled_modules_again_reads_no_manifest(desk: Desk, write: Write) -> None:
    folder = bundle(desk, write, ECHO, ECHO_CODE)
    desk.modules.register_bundled()
    found = (folder / "module.yaml").stat()
    (folder / "module.yaml").write_bytes(b"]" * found.st_size)
    os.utime(folder / "module.yaml", ns=(found.st_mtime_ns, found.st_mtime_ns))
    assert desk.modules.register_bundled() == ()
    os.utime(folder / "module.yaml")
    with pytest.raises(ManifestError):
        desk.modules.register_bundled()


def test_what_the_owner_chose_survives_a_new_bundled_version(desk: Desk, write: Write) -> None:
    desk.modules.register(write(ECHO.replace('"1.0"', '"1.5"'), module=ECHO_CODE))
    desk.modules.disable("echo")
    bundle(desk, write, ECHO, ECHO_CODE)
    desk.modules.register_bundled()
    bundle(desk, write, SECOND, SECOND_CODE)
    desk.modules.register_bundled()
    assert desk.registry.module("echo").version == "1.5"
    assert desk.registry.row("echo").enabled is False


def test_a_bundled_module_is_disabled_rather_than_removed(desk: Desk, write: Write) -> None:
    bundle(desk, write, ECHO, ECHO_CODE)
    desk.modules.register_bundled()
    with pytest.raises(UsageError, match="ares modules disable echo"):
        desk.modules.unregister("echo")


@pytest.mark.parametrize("text", [ECHO, SECOND, ECHO.split("capabilities:")[0]])
def test_no_other_module_takes_the_name_of_one_that_comes_with_ares(
    desk: Desk, write: Write, text: str
) -> None:
    folder = bundle(desk, write, ECHO, ECHO_CODE)
    desk.modules.register_bundled()
    for replace_files in (False, True):
        with pytest.raises(UsageError, match=r"a module named echo comes with ARES; .* another name"):
            desk.modules.register(write(text, module=SECOND_CODE), replace_files=replace_files)
    assert desk.modules.register(folder).how == "unchanged"
    assert desk.do("echo.say", text="x").result == {"said": "x"}
    assert desk.registry.versions("echo") == ["1.0"]


@pytest.mark.parametrize("old_place_stays", [True, False])
def test_what_comes_with_ares_runs_from_where_ares_is_now(
    desk: Desk, write: Write, store: Store, tmp_path: Path, old_place_stays: bool
) -> None:
    bundle(desk, write, ECHO, ECHO_CODE)
    desk.modules.register_bundled()
    (shutil.copytree if old_place_stays else shutil.move)(tmp_path / "bundled", tmp_path / "elsewhere")
    moved = open_desk(store, desk.paths, tmp_path / "elsewhere")
    moved.modules.register_bundled()
    assert moved.do("echo.say", text="x").result == {"said": "x"}
    (tmp_path / "elsewhere" / "echo" / "module.py").write_text(SECOND_CODE)
    assert [done.how for done in moved.modules.register_bundled()] == ["updated"]
    assert moved.do("echo.say", text="x").result == {"said": "X"}
    with pytest.raises(UsageError, match="a module named echo comes with ARES"):
        moved.modules.register(write(SECOND, module=ECHO_CODE))
    with pytest.raises(UsageError, match="ares modules disable echo"):
        moved.modules.unregister("echo")


def kept_as_path(desk: Desk, store: Store, folder: Path, place: Path) -> None:
    """Make the home one of an ARES that kept the paths of what came with it."""
    with store.writing("registry") as connection:
        connection.execute("UPDATE modules SET source = ? WHERE name = 'echo'", (str(place / "echo"),))
    seen: list[Json] = [str(place)]
    for file in sorted(folder.iterdir()):
        found = file.stat()
        seen.append(["echo", file.name, found.st_size, found.st_mtime_ns, found.st_ino])
    desk.registry.cache("bundled", "modules", canonical(seen).decode(), True)


@pytest.mark.parametrize("place", ["bundled", "gone"])
@pytest.mark.parametrize("version", [ECHO, SECOND])
def test_a_home_that_kept_paths_of_what_came_with_ares_is_brought_over(
    desk: Desk, write: Write, store: Store, tmp_path: Path, place: str, version: str
) -> None:
    folder = bundle(desk, write, ECHO, ECHO_CODE)
    desk.modules.register_bundled()
    desk.modules.disable("echo")
    kept_as_path(desk, store, folder, tmp_path / place)
    bundle(desk, write, version, SECOND_CODE if version == SECOND else ECHO_CODE)
    desk.modules.register_bundled()
    number = "1.0" if version == ECHO else "2.0"
    assert [(row.version, row.source) for row in desk.registry.modules()] == [(number, "bundled:echo")]
    assert desk.registry.row("echo").enabled is False
    with pytest.raises(UsageError, match="a module named echo comes with ARES"):
        desk.modules.register(write(ECHO.replace('"1.0"', '"9.0"'), module=ECHO_CODE))


def test_what_no_longer_comes_with_ares_can_be_taken_out(desk: Desk, write: Write) -> None:
    folder = bundle(desk, write, ECHO, ECHO_CODE)
    desk.modules.register_bundled()
    shutil.rmtree(folder)
    desk.modules.register_bundled()
    desk.modules.unregister("echo")
    assert desk.registry.modules() == []
    assert desk.modules.register(write(ECHO, module=ECHO_CODE)).how == "registered"


def test_a_folder_that_comes_with_ares_is_known_under_every_path(
    desk: Desk, write: Write, tmp_path: Path
) -> None:
    bundle(desk, write, ECHO, ECHO_CODE)
    desk.modules.register_bundled()
    (tmp_path / "link").symlink_to(tmp_path / "bundled")
    assert desk.modules.register(tmp_path / "link" / "echo").how == "unchanged"


def test_what_the_database_says_otherwise_than_the_manifest_is_named_and_mended_by_registering(
    desk: Desk, write: Write, store: Store
) -> None:
    desk.modules.register(write(ECHO, module=ECHO_CODE))
    row = desk.registry.row("echo")
    assert desk.modules.departures(row) == []
    with store.writing("registry") as connection:
        connection.execute("UPDATE capabilities SET effect = 'write', reversible = 1")
        connection.execute("UPDATE modules SET entry_point = 'other.py'")
    assert desk.modules.departures(row) == ["echo", "echo.say"]
    assert desk.modules.register(desk.modules.folder(row.source)).how == "updated"
    assert desk.modules.departures(row) == []
    with store.writing("registry") as connection:
        connection.execute("DELETE FROM capabilities")
    assert desk.modules.departures(row) == ["echo.say"]


def test_every_bundled_module_loads_and_keeps_what_its_manifest_promises(store: Store, paths: Paths) -> None:
    desk = open_desk(store, paths, shipped("modules"))
    for done in desk.modules.register_bundled():
        assert all(finding.met for finding in done.findings), done
        desk.runtime.values(f"{done.module.name}.nothing")
        assert done.module.name in desk.runtime.loaded
