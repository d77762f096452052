"""Migrations, and the backups that are made before them or when asked for."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils
from tests.store.looks import contents, one_line

from ares.errors import StoreError
from ares.paths import Paths
from ares.store import Store
from ares.store._store import APPLICATION_ID

V1 = Path(__file__).with_name("v1.sql")


def old_home(paths: Paths) -> None:
    """Make a home of schema version 1 with something in each database."""
    paths.create()
    script = V1.read_text(encoding="utf-8")
    for database, file in (("registry", paths.registry_db), ("ledger", paths.ledger_db)):
        _, _, part = script.partition(f"-- database: {file.name}\n")
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript(part.partition("-- database: ")[0])
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID[database]}")  # type: ignore[index]
            connection.execute("PRAGMA user_version = 1")
            connection.execute("PRAGMA journal_mode = WAL")
    with closing(sqlite3.connect(paths.registry_db)) as connection:
        connection.execute(
            "INSERT INTO modules (name, display_name, type, version, entry_point, installed_at, updated_at)"
            " VALUES ('m', 'M', 'tool', '1', 'm.py', 't', 't')"
        )
        connection.execute("INSERT INTO status (module_id, state, error_message) VALUES (1, 'error', 'why')")
        connection.commit()


def shape(connection: sqlite3.Connection) -> dict[str, Any]:
    """Describe tables, columns, keys and indexes, and say SQL apart from its spacing."""
    database = sqlite_utils.Database(connection)
    described: dict[str, Any] = {}
    for table in database.tables:
        described[table.name] = (
            [tuple(column) for column in table.columns],
            sorted(map(str, table.foreign_keys)),
            sorted((index.name, index.unique, tuple(index.columns)) for index in table.indexes),
            table.strict,
            table.pks,
            " ".join(table.schema.replace('"', "").split()),
        )
    described["views"] = {view.name: " ".join(view.schema.split()) for view in database.views}
    return described


def test_an_upgraded_store_has_the_schema_of_a_fresh_one(paths: Paths, tmp_path: Path) -> None:
    old_home(paths)
    fresh_paths = Paths(tmp_path / "fresh", tmp_path / "fresh", tmp_path / "fresh")
    with Store.open(paths) as upgraded, Store.open(fresh_paths) as fresh:
        assert shape(upgraded.registry) == shape(fresh.registry)
        assert shape(upgraded.ledger) == shape(fresh.ledger)
        assert upgraded.altered("ledger") == fresh.altered("ledger") == fresh.altered("registry") == []


def test_migrating_keeps_the_rows_and_their_keys(paths: Paths) -> None:
    old_home(paths)
    with Store.open(paths) as store:
        row = store.registry.execute("SELECT * FROM status").fetchone()
        assert (row["module_id"], row["state"], row["error_message"]) == (1, "error", "why")
        assert (row["restart_count"], row["health_status"]) == (0, None)
        assert store.registry.execute("PRAGMA foreign_key_check").fetchall() == []
        assert store.registry.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        with store.writing("registry") as connection:
            connection.execute("DELETE FROM modules")
        assert store.registry.execute("SELECT count(*) FROM status").fetchone()[0] == 0


def test_a_backup_of_each_database_is_made_before_a_migration(paths: Paths) -> None:
    old_home(paths)
    Store.open(paths).close()
    names = sorted(path.name.rpartition("-")[0] for path in paths.backups.iterdir())
    assert names == ["ares-v1", "ledger-v1"]
    copy = next(paths.backups.glob("ares-v1-*.db"))
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == 1
        assert connection.execute("SELECT name FROM modules").fetchone()[0] == "m"
    Store.open(paths).close()
    assert len(list(paths.backups.iterdir())) == 2


def test_only_the_newest_backups_are_kept(paths: Paths) -> None:
    paths.backups.mkdir(parents=True)
    for number in range(9):
        (paths.backups / f"ares-v1-2020010{number}T000000.000000Z.db").touch()
    old_home(paths)
    Store.open(paths).close()
    kept = sorted(path.name for path in paths.backups.glob("ares-v1-*"))
    assert len(kept) == 5
    assert kept[0] == "ares-v1-20200105T000000.000000Z.db"


def test_a_migration_that_fails_leaves_the_database_as_it_was(paths: Paths) -> None:
    old_home(paths)
    with closing(sqlite3.connect(paths.registry_db)) as connection:
        connection.execute("CREATE TABLE status_before (x)")
        connection.commit()
    before = contents(paths.home)
    with pytest.raises(StoreError) as error:
        Store.open(paths)
    one_line(error, "ares.db")
    after = contents(paths.home)
    assert after["ares.db"] == before["ares.db"]


def test_two_processes_may_meet_an_old_store_at_once(paths: Paths) -> None:
    old_home(paths)
    program = "from ares.paths import Paths; from ares.store import Store; Store.open(Paths.find()).close()"
    running = [
        subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert [(each.communicate()[1], each.returncode) for each in running] == [("", 0)] * 4
    with Store.open(paths) as store:
        assert store.registry.execute("SELECT count(*) FROM status").fetchone()[0] == 1


def test_a_backup_is_whole_and_never_half_there(store: Store, tmp_path: Path) -> None:
    with store.writing("registry") as connection:
        connection.execute("INSERT INTO models (name, path, size, added_at) VALUES ('m', '/m', 1, 't')")
    copies = store.backup(tmp_path / "copies")
    assert sorted(copies) == sorted((tmp_path / "copies").iterdir())
    registry = next(copy for copy in copies if copy.name.startswith("ares-"))
    assert stat.S_IMODE(registry.stat().st_mode) == 0o600
    with closing(sqlite3.connect(registry)) as connection:
        assert connection.execute("SELECT name FROM models").fetchone()[0] == "m"


def test_a_backup_that_cannot_be_written_is_one_error(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError) as error:
        store.backup(tmp_path / "file" / "below")
    one_line(error, str(tmp_path / "file"))
