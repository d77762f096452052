from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.store.looks import contents, one_line
from tests.store.unprivileged import as_nobody, hand_over

from ares.errors import AresError, NotFoundError, StoreError, UsageError
from ares.paths import Paths
from ares.store import Store, translated
from ares.store._create import schema, statements
from ares.store._store import APPLICATION_ID, VERSION, Database


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


def test_what_a_read_only_time_left_behind_is_named(elsewhere: Path) -> None:
    paths = Paths(elsewhere, elsewhere, elsewhere)
    filled(paths)
    hand_over(elsewhere, 0o600)
    left = [elsewhere / f"ledger.db{end}" for end in ("-wal", "-shm")]
    with as_nobody():
        paths.ledger_db.chmod(0o400)
        with Store.open(paths) as store:
            store.ledger.execute("SELECT * FROM records").fetchall()
            (damage,) = store.damage()
        assert f"{paths.ledger_db} and {left[0]} and {left[1]} are read-only" in damage
        paths.ledger_db.chmod(0o600)
        with Store.open(paths) as store:
            with pytest.raises(StoreError) as error, store.writing("ledger"):
                pass
            (damage,) = store.damage()
        # SQLite itself mends the log, which is empty.
        one_line(error, f"{left[1]} is read-only; make it writable for you: chmod u+w {left[1]}")
        assert str(error.value).startswith(str(left[1]))
        assert damage == str(error.value)
        left[1].chmod(0o600)
        with Store.open(paths) as store:
            assert store.damage() == []
            with store.writing("ledger"):
                pass


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


def test_schema_sql_is_read_statement_by_statement() -> None:
    databases: list[Database] = ["registry", "ledger"]
    for database in databases:
        script = schema(database)
        assert "".join(statements(script)).strip() == script.strip()
    assert "CREATE TABLE records" in schema("ledger")
    assert "CREATE TABLE records" not in schema("registry")
