from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils

from ares.errors import AresError, NotFoundError, StoreError, UsageError
from ares.paths import Paths
from ares.store import Store, translated
from ares.store._create import schema, statements
from ares.store._store import APPLICATION_ID, VERSION, Database

V1 = Path(__file__).with_name("v1.sql")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder that is not a write-ahead log or its index, with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".db-wal", ".db-shm", ".lock")
    }


def one_line(error: pytest.ExceptionInfo[StoreError], *words: str) -> None:
    text = str(error.value)
    assert "\n" not in text
    for word in words:
        assert word in text


def filled(paths: Paths) -> None:
    """Make a home with a module row and a record in it."""
    with Store.open(paths) as store:
        with store.writing("registry") as registry:
            registry.execute("INSERT INTO models (name, path, size, added_at) VALUES ('m', '/m', 1, 't')")
        with store.writing("ledger") as ledger:
            ledger.execute("INSERT INTO grants VALUES ('n', 'a', 'b', 1.0, 2.0, NULL, NULL)")


# Opening and making


def test_a_new_home_gets_both_databases_readable_for_their_owner_alone(paths: Paths) -> None:
    os.umask(0o022)
    with Store.open(paths):
        for file in (paths.registry_db, paths.ledger_db):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            assert stat.S_IMODE(file.with_name(file.name + "-wal").stat().st_mode) == 0o600
        assert stat.S_IMODE(paths.home.stat().st_mode) == 0o700


@pytest.mark.parametrize(("database", "synchronous"), [("registry", 1), ("ledger", 2)])
def test_pragmas_are_as_decided(store: Store, database: Database, synchronous: int) -> None:
    connection = store.registry if database == "registry" else store.ledger
    expected = {
        "journal_mode": "wal",
        "synchronous": synchronous,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "secure_delete": 1,
        "busy_timeout": 10_000,
        "user_version": VERSION,
        "application_id": APPLICATION_ID[database],
    }
    assert {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in expected} == expected


def test_every_ordinary_table_is_strict(store: Store) -> None:
    for connection in (store.registry, store.ledger):
        rows = connection.execute(
            "SELECT name, strict FROM pragma_table_list WHERE type = 'table'"
        ).fetchall()
        loose = {row["name"] for row in rows if not row["strict"] and not row["name"].startswith("sqlite_")}
        assert loose == set()


def test_the_founding_tables_have_their_columns_and_indexes(store: Store) -> None:
    founding = {
        "modules": "id name display_name type version entry_point main_function config_path installed_at"
        " updated_at enabled auto_start description author license",
        "capabilities": "id module_id capability description input_schema output_schema",
        "dependencies": "id module_id dependency_type dependency_name version_constraint required",
        "status": "id module_id state process_id started_at stopped_at last_health_check health_status"
        " error_message restart_count",
        "events": "id module_id event_type event_data timestamp",
        "configurations": "id module_id key value updated_at",
    }
    for table, columns in founding.items():
        connection = store.ledger if table == "events" else store.registry
        present = {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}
        assert set(columns.split()) <= present, table
    named = {
        "idx_modules_name", "idx_modules_type", "idx_modules_enabled", "idx_capabilities_module",
        "idx_dependencies_module", "idx_status_module", "idx_status_state", "idx_events_module",
        "idx_events_type", "idx_events_timestamp",
    }  # fmt: skip
    found = set()
    for connection in (store.registry, store.ledger):
        found |= {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    assert named <= found


def test_without_create_an_absent_home_stays_absent(paths: Paths) -> None:
    with pytest.raises(StoreError) as error:
        Store.open(paths, create=False)
    one_line(error, str(paths.home))
    assert not paths.home.exists()


def test_opening_a_current_store_changes_no_file_and_imports_nothing_but_sqlite(paths: Paths) -> None:
    filled(paths)
    before = contents(paths.home)
    program = (
        "import sys, sqlite3, json, hashlib, urllib.parse, ares.paths, ares.errors\n"
        "from contextlib import contextmanager\n"
        "before = set(sys.modules)\n"
        "from ares.store import Store\n"
        "Store.open(ares.paths.Paths.find()).close()\n"
        "print(*sorted(set(sys.modules) - before))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["ares.store", "ares.store._errors", "ares.store._store"]
    assert contents(paths.home) == before


def test_an_interrupted_first_start_is_carried_on(paths: Paths) -> None:
    paths.create()
    paths.registry_db.touch()
    paths.ledger_db.with_name("ledger.db.new").write_bytes(b"half of it" * 1000)
    with Store.open(paths) as store:
        assert store.ledger.execute("SELECT count(*) FROM records").fetchone()[0] == 0
    assert sorted(file.name for file in paths.home.glob("*.db*")) == ["ares.db", "ledger.db"]


def test_a_first_start_that_fails_shows_no_database(paths: Paths) -> None:
    paths.create()
    paths.ledger_db.with_name("ledger.db.new").mkdir()
    with pytest.raises(StoreError) as error:
        Store.open(paths)
    one_line(error, str(paths.ledger_db), "cannot be made")
    assert not paths.ledger_db.exists()
    assert not paths.registry_db.exists()


def test_first_starts_at_the_same_time_make_one_home(paths: Paths) -> None:
    program = (
        "from ares.paths import Paths; from ares.store import Store\n"
        "with Store.open(Paths.find()) as s:\n"
        "    with s.writing('ledger') as c: c.execute(\"INSERT INTO grants VALUES (hex(randomblob(8)),"
        " 'a', 'b', 1.0, 2.0, NULL, NULL)\")\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True) for _ in range(6)
    ]
    assert [(each.communicate()[1], each.returncode) for each in running] == [("", 0)] * 6
    with Store.open(paths) as store:
        assert store.ledger.execute("SELECT count(*) FROM grants").fetchone()[0] == 6


def test_a_ledger_that_is_gone_is_not_replaced_by_an_empty_one(paths: Paths) -> None:
    filled(paths)
    for file in paths.home.glob("ledger.db*"):
        file.unlink()
    with pytest.raises(StoreError) as error:
        Store.open(paths)
    one_line(error, str(paths.ledger_db), "backup")
    assert not paths.ledger_db.exists()


def test_a_registry_that_is_gone_is_made_again_beside_the_ledger(paths: Paths) -> None:
    filled(paths)
    for file in paths.home.glob("ares.db*"):
        file.unlink()
    with Store.open(paths) as store:
        assert store.ledger.execute("SELECT count(*) FROM grants").fetchone()[0] == 1


# What cannot be opened


def scribble(file: Path) -> None:
    file.write_bytes(b"this is no database, whatever its name says\n" * 200)


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
        connection.commit()


def foreign(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
        connection.commit()


def read_models(paths: Paths) -> None:
    with Store.open(paths) as store, store.reading("registry") as connection:
        connection.execute("SELECT * FROM models").fetchall()


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:5000])


@pytest.mark.parametrize("name", ["ares.db", "ledger.db"])
@pytest.mark.parametrize(
    ("spoil", "word"),
    [(scribble, "not a database"), (newer, "newer ARES"), (foreign, "another program")],
)
def test_a_file_that_cannot_be_used_is_named_and_left_alone(
    paths: Paths, name: str, spoil: Callable[[Path], None], word: str
) -> None:
    filled(paths)
    spoil(paths.home / name)
    before = contents(paths.home)
    with pytest.raises(StoreError) as error:
        Store.open(paths)
    one_line(error, str(paths.home / name), word)
    assert contents(paths.home) == before


@pytest.mark.parametrize("name", ["ares.db", "ledger.db"])
def test_what_lies_in_the_place_of_a_database_is_named(paths: Paths, name: str) -> None:
    filled(paths)
    file = paths.home / name
    for make, words in ((Path.mkdir, "is a folder"), (os.mkfifo, "is no ordinary file")):
        file.unlink() if file.is_file() else file.rmdir()
        make(file)
        with pytest.raises(StoreError) as error:
            Store.open(paths)
        one_line(error, str(file), words, "move it away")


@pytest.mark.parametrize("below", ["", "sub", "sub/home"])
def test_a_home_below_a_file_names_the_file(tmp_path: Path, below: str) -> None:
    file = tmp_path / "file"
    file.touch()
    home = file / below
    with pytest.raises(StoreError) as error:
        Store.open(Paths(home, home / "config", home / "cache"))
    one_line(error, f"{file} is a file where a folder has to be", "set ARES_HOME")


def test_a_file_in_the_place_of_another_folder_is_named(paths: Paths) -> None:
    paths.home.mkdir()
    paths.config.touch()
    with pytest.raises(StoreError) as error:
        Store.open(paths)
    one_line(error, f"{paths.config} is a file where a folder has to be")


def test_one_bad_file_keeps_the_other_from_being_made(paths: Paths) -> None:
    filled(paths)
    newer(paths.ledger_db)
    for file in paths.home.glob("ares.db*"):
        file.unlink()
    with pytest.raises(StoreError, match="newer ARES"):
        Store.open(paths)
    assert not paths.registry_db.exists()


def test_a_damaged_file_is_one_error_when_it_is_read(paths: Paths) -> None:
    filled(paths)
    cut(paths.registry_db)
    with (
        pytest.raises(StoreError) as error,
        Store.open(paths) as store,
        store.reading("registry") as connection,
    ):
        connection.execute("SELECT * FROM models").fetchall()
    one_line(error, str(paths.registry_db), "damaged")


def test_damage_that_sqlite_sees_is_told(paths: Paths) -> None:
    filled(paths)
    with Store.open(paths) as store:
        assert store.damage() == []
    content = bytearray(paths.registry_db.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    paths.registry_db.write_bytes(content)
    with Store.open(paths) as store:
        assert any(str(paths.registry_db) in line for line in store.damage())


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder that an unprivileged user can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    yield folder
    shutil.rmtree(folder)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Do without root's rights for a while: root may write to read-only folders."""
    root = not os.geteuid()
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def hand_over(folder: Path, mode: int) -> None:
    """Give a tree to the unprivileged user with these permissions, folders passable."""
    for path in [folder, *folder.rglob("*")]:
        if not os.geteuid():
            os.chown(path, 65534, 65534)
        path.chmod(mode | (stat.S_IXUSR if path.is_dir() else 0))


def test_a_folder_that_cannot_be_written_to_is_one_error(elsewhere: Path) -> None:
    hand_over(elsewhere, 0o500)
    paths = Paths(elsewhere / "home", elsewhere / "home", elsewhere / "home")
    with as_nobody(), pytest.raises(StoreError) as error:
        Store.open(paths)
    one_line(error, str(paths.home), "Permission denied")
    assert list(elsewhere.iterdir()) == []


def test_a_home_that_became_read_only_is_one_error_and_unchanged(elsewhere: Path) -> None:
    paths = Paths(elsewhere, elsewhere, elsewhere)
    filled(paths)
    before = contents(elsewhere)
    hand_over(elsewhere, 0o400)
    with as_nobody(), pytest.raises(StoreError) as error:
        Store.open(paths)
    one_line(error, "writable")
    assert contents(elsewhere) == before


# Transactions


def test_a_block_that_raises_leaves_nothing_behind(store: Store) -> None:
    def write_and_raise() -> None:
        with store.writing("registry") as connection:
            connection.execute("INSERT INTO models (name, path, size, added_at) VALUES ('m', '/m', 1, 't')")
            raise NotFoundError("no")

    with pytest.raises(NotFoundError):
        write_and_raise()
    assert store.registry.execute("SELECT count(*) FROM models").fetchone()[0] == 0
    with store.writing("registry") as connection:
        connection.execute("INSERT INTO models (name, path, size, added_at) VALUES ('m', '/m', 1, 't')")
    assert store.registry.execute("SELECT count(*) FROM models").fetchone()[0] == 1


def test_transactions_do_not_nest(store: Store) -> None:
    with store.writing("ledger"):
        with pytest.raises(StoreError, match="do not nest"), store.writing("ledger"):
            pass
        with store.writing("registry"):
            pass


def test_a_full_disk_is_one_error_and_changes_nothing(store: Store) -> None:
    def write_a_lot() -> None:
        with store.writing("registry") as connection:
            for number in range(1000):
                row = ("area", str(number), "stamp", "x" * 1000)
                connection.execute("INSERT INTO cache VALUES (?, ?, ?, ?)", row)

    # Set below the number of pages there are, SQLite takes that number.
    store.registry.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StoreError) as error:
        write_a_lot()
    one_line(error, "disk is full")
    assert store.registry.execute("SELECT count(*) FROM cache").fetchone()[0] == 0
    assert not store.registry.in_transaction


FULL = """
import os, sys
from pathlib import Path
from ares.errors import StoreError
from ares.paths import Paths
from ares.store import Store

home = Path(sys.argv[1], "home")
paths = Paths(home, home / "config", home / "cache")
if sys.argv[2] == "later":
    Store.open(paths).close()
with open(home.parent / "filling", "wb", buffering=0) as filling:
    try:
        while filling.write(b"x" * 1024):
            pass
    except OSError:
        pass
try:
    Store.open(paths)
except StoreError as error:
    print(error)
"""


@pytest.mark.parametrize("when", ["later", "first"])
def test_a_disk_that_is_full_to_the_last_byte_is_called_full(tmp_path: Path, when: str) -> None:
    """SQLite calls it a failing disk when there is no room for its log and index."""
    mount = f"mount -t tmpfs -o size=1m none {tmp_path}"
    private = ("unshare", "--mount", *(("--map-root-user",) if os.geteuid() else ()), "sh", "-c")
    if subprocess.run([*private, mount], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a disk of their own, so none can be filled")
    command = f'{mount} && exec "$0" -c "$1" {tmp_path} {when}'
    run = subprocess.run([*private, command, sys.executable, FULL], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.count("\n") == 1
    assert str(tmp_path / "home") in run.stdout
    assert "the disk is full; free some space" in run.stdout


LIMITED = """
import resource
from ares.errors import StoreError
from ares.paths import Paths
from ares.store import Store

with Store.open(Paths.find()) as store:
    # A write beyond this size fails, and SQLite calls it a failing disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
    try:
        with store.writing("registry") as connection:
            connection.execute("INSERT INTO cache VALUES ('a', 'b', 'c', hex(zeroblob(100000)))")
    except StoreError as error:
        print(error)
"""


def test_an_error_of_a_disk_with_room_is_not_called_full(paths: Paths) -> None:
    Store.open(paths).close()
    run = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=True)
    assert "ares.db cannot be read or written: the disk reports an error" in run.stdout


def test_another_thread_is_told_to_open_its_own(store: Store) -> None:
    raised: list[Exception] = []

    def use(what: Callable[[], object]) -> None:
        try:
            what()
        except (AresError, sqlite3.Error) as error:
            raised.append(error)

    uses: list[Callable[[], object]] = [
        lambda: store.registry,
        lambda: store.ledger,
        lambda: store.writing("ledger").__enter__(),
        lambda: store.snapshot("registry").__enter__(),
        store.damage,
        store.close,
    ]
    for each in uses:
        thread = threading.Thread(target=use, args=(each,))
        thread.start()
        thread.join()
    assert [type(error) for error in raised] == [UsageError] * len(uses)
    assert all("ares.Ares.open() in each thread" in str(error) for error in raised)
    assert store.damage() == []


def test_a_lock_that_stays_is_one_error(store: Store, paths: Paths) -> None:
    store.registry.execute("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(paths.registry_db, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as error, store.writing("registry"):
            pass
    one_line(error, "locked by another process")


def test_broken_rules_of_a_table_are_one_error(store: Store) -> None:
    with pytest.raises(StoreError) as error, store.writing("registry") as connection:
        connection.execute("INSERT INTO capabilities DEFAULT VALUES")
    one_line(error, "ares.db", "NOT NULL")


def test_an_error_without_a_code_is_still_one_line(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as error, translated(tmp_path / "x.db"):
        raise sqlite3.ProgrammingError("odd")
    one_line(error, "x.db", "odd")


# Migrations and backups


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


def test_schema_sql_is_read_statement_by_statement() -> None:
    databases: list[Database] = ["registry", "ledger"]
    for database in databases:
        script = schema(database)
        assert "".join(statements(script)).strip() == script.strip()
    assert "CREATE TABLE records" in schema("ledger")
    assert "CREATE TABLE records" not in schema("registry")
