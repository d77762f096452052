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
from ares.store._create import bring_up_to_date
from ares.store._store import APPLICATION_ID, VERSION, Database, connect


def old_home(paths: Paths, version: int = 1) -> None:
    """Make a home of an older schema version with something in it."""
    paths.create()
    script = Path(__file__).with_name(f"v{version}.sql").read_text(encoding="utf-8")
    for database, file in (("registry", paths.registry_db), ("ledger", paths.ledger_db)):
        _, _, part = script.partition(f"-- database: {file.name}\n")
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript(part.partition("-- database: ")[0])
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID[database]}")  # type: ignore[index]
            connection.execute(f"PRAGMA user_version = {version}")
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


def versions(paths: Paths) -> list[int]:
    """The schema versions of ares.db and ledger.db."""
    found = []
    for file in (paths.registry_db, paths.ledger_db):
        with closing(sqlite3.connect(file)) as connection:
            found.append(connection.execute("PRAGMA user_version").fetchone()[0])
    return found


@pytest.mark.parametrize("version", range(1, VERSION))
def test_an_upgraded_store_has_the_schema_of_a_fresh_one(paths: Paths, tmp_path: Path, version: int) -> None:
    old_home(paths, version)
    fresh_paths = Paths(tmp_path / "fresh", tmp_path / "fresh", tmp_path / "fresh")
    with Store.open(paths) as upgraded, Store.open(fresh_paths) as fresh:
        assert shape(upgraded.registry) == shape(fresh.registry)
        assert shape(upgraded.ledger) == shape(fresh.ledger)
        assert upgraded.altered("ledger") == fresh.altered("ledger") == fresh.altered("registry") == []
    assert versions(paths) == [VERSION, VERSION]


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


def test_a_backup_of_each_database_is_made_before_each_migration(paths: Paths) -> None:
    old_home(paths)
    Store.open(paths).close()
    names = sorted(path.name.rpartition("-")[0] for path in paths.backups.iterdir())
    assert names == ["ares-v1", "ares-v2", "ledger-v1", "ledger-v2"]
    for number, restarts in ((1, False), (2, True)):
        with closing(sqlite3.connect(next(paths.backups.glob(f"ares-v{number}-*.db")))) as connection:
            assert connection.execute("PRAGMA user_version").fetchone()[0] == number
            assert connection.execute("SELECT name FROM modules").fetchone()[0] == "m"
            columns = {row[1] for row in connection.execute("PRAGMA table_info(status)")}
            assert ("restart_count" in columns) is restarts
    Store.open(paths).close()
    assert len(list(paths.backups.iterdir())) == 4


def test_only_the_newest_backups_are_kept(paths: Paths) -> None:
    paths.backups.mkdir(parents=True)
    for number in range(9):
        (paths.backups / f"ares-v1-2020010{number}T000000.000000Z.db").touch()
    old_home(paths)
    Store.open(paths).close()
    kept = sorted(path.name for path in paths.backups.glob("ares-v1-*"))
    assert len(kept) == 5
    assert kept[0] == "ares-v1-20200105T000000.000000Z.db"


@pytest.mark.parametrize(
    ("database", "obstacle", "stays"),
    [("ares.db", "CREATE TABLE status_before (x)", 1), ("ledger.db", "DROP VIEW events", 2)],
)
def test_a_migration_that_fails_leaves_both_databases_as_they_were_and_names_the_copies(
    paths: Paths, database: str, obstacle: str, stays: int
) -> None:
    old_home(paths)
    with closing(sqlite3.connect(paths.home / database)) as connection:
        connection.execute(obstacle)
        connection.commit()
    before = contents(paths.home)
    with pytest.raises(StoreError) as error:
        Store.open(paths)
    copies = [str(next(paths.backups.glob(f"{stem}-v{stays}-*.db"))) for stem in ("ares", "ledger")]
    one_line(error, database, "the databases are as they were before", *copies)
    assert versions(paths) == [stays, stays]
    if stays == 1:
        after = contents(paths.home)
        assert [after[name] for name in ("ares.db", "ledger.db")] == [before["ares.db"], before["ledger.db"]]


def test_a_commit_that_fails_after_the_other_names_the_copies_and_the_next_start_goes_on(
    paths: Paths,
) -> None:
    def refuse(action: int, said: str | None, *_: object) -> int:
        commits = action == sqlite3.SQLITE_TRANSACTION and said == "COMMIT"
        return sqlite3.SQLITE_DENY if commits else sqlite3.SQLITE_OK

    old_home(paths)
    files: dict[Database, Path] = {"registry": paths.registry_db, "ledger": paths.ledger_db}
    with (
        closing(connect("registry", paths.registry_db)) as registry,
        closing(connect("ledger", paths.ledger_db)) as ledger,
    ):
        registry.set_authorizer(refuse)
        with pytest.raises(StoreError) as error:
            bring_up_to_date(paths, files, {"registry": registry, "ledger": ledger})
    copies = [str(next(paths.backups.glob(f"{stem}-v1-*.db"))) for stem in ("ares", "ledger")]
    one_line(error, "ledger.db has it already; run ARES again, or put back both", *copies)
    assert versions(paths) == [1, 2]
    Store.open(paths).close()
    assert versions(paths) == [VERSION, VERSION]


def test_a_program_that_is_too_old_names_the_copy_that_it_can_read(paths: Paths) -> None:
    Store.open(paths).close()
    paths.backups.mkdir()
    for day in (1, 2):
        (paths.backups / f"ares-v{VERSION}-2020010{day}T000000.000000Z.db").touch()
    with closing(sqlite3.connect(paths.registry_db)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(StoreError) as error:
        Store.open(paths)
    one_line(error, "newer ARES", str(paths.backups / f"ares-v{VERSION}-20200102T000000.000000Z.db"))


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
