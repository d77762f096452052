"""Making the databases and bringing older ones up to date. Imported only when there is such work."""

from __future__ import annotations

import fcntl
import importlib
import os
import pkgutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Final

from ares.errors import StoreError
from ares.interrupts import held_back
from ares.paths import Paths, shipped
from ares.store import migrations
from ares.store._backup import backup, keep_newest
from ares.store._errors import folder_error, translated
from ares.store._store import APPLICATION_ID, VERSION, Database, check, connect

_KEPT_BACKUPS = 5
# A proposal takes two to three kB: pages of 4096 would be a third empty, on the disk and when they are read.
_PAGE_SIZE: Final[dict[Database, int]] = {"registry": 4096, "ledger": 8192}


def make_files(paths: Paths, files: dict[Database, Path], *, create: bool) -> None:
    """Make the databases that are missing.

    Raises :class:`StoreError` when nothing may be made or can be, and when the ledger alone is missing: an
    empty one in its place would hide that the old one is gone.
    """
    if not create:
        raise StoreError(f"{paths.home} holds no ARES home; any command that records something makes one")
    try:
        paths.create()
    except OSError as error:
        raise folder_error(paths.home, "cannot be made", error) from error
    with _alone(paths):
        ledger = files["ledger"]
        if _has_content(files["registry"]) and not _has_content(ledger):
            raise StoreError(
                f"{ledger} is gone while {files['registry'].name} is there; put a backup of it back, "
                f"or move {files['registry'].name} away too to start afresh"
            )
        for name, file in files.items():
            if _has_content(file):
                with closing(connect(name, file)) as connection:
                    check(connection, name, file, paths.backups)
        # The ledger first: a registry without a ledger then never comes from being interrupted here.
        for name in ("ledger", "registry"):
            if not _has_content(files[name]):
                _make(name, files[name])


def bring_up_to_date(
    paths: Paths, files: dict[Database, Path], connections: dict[Database, sqlite3.Connection]
) -> None:
    """Apply the migrations that the databases lack, one after the other: each after a backup of every file it
    changes, and to all of them or to none.

    Raises :class:`StoreError` when one fails; the databases are then as they were before it.
    """
    with _alone(paths):
        for number, migration in _migrations():
            behind: dict[Database, sqlite3.Connection] = {}
            copies: list[Path] = []
            # The ledger first, as when they are made.
            for name in ("ledger", "registry"):
                with translated(files[name]):
                    # Another process may have been here first.
                    version: int = connections[name].execute("PRAGMA user_version").fetchone()[0]
                    if version < number:
                        behind[name] = connections[name]
                        copies.append(_copied(paths, files[name], connections[name], version))
            _migrate(number, migration, files, behind, copies)


def _copied(paths: Paths, file: Path, connection: sqlite3.Connection, version: int) -> Path:
    stem = f"{file.stem}-v{version}"
    copy = backup(connection, file, paths.backups, stem)
    keep_newest(paths.backups, stem, _KEPT_BACKUPS)
    return copy


def schema(database: Database) -> str:
    """Return the part of schema.sql that makes one database."""
    text = shipped("schema.sql").read_text(encoding="utf-8")
    _, _, part = text.partition(f"-- database: {'ares' if database == 'registry' else 'ledger'}.db\n")
    return part.partition("-- database: ")[0]


def _migrate(
    number: int,
    migration: ModuleType,
    files: dict[Database, Path],
    behind: dict[Database, sqlite3.Connection],
    copies: Sequence[Path],
) -> None:
    """Apply one migration to the databases that are behind: to all of them, or to none."""
    done: list[Database] = []
    try:
        for name, connection in behind.items():
            with translated(files[name]):
                connection.execute("PRAGMA foreign_keys = OFF")
                connection.execute("BEGIN IMMEDIATE")
                for statement in statements(getattr(migration, name.upper())):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")
        with held_back():
            for name, connection in behind.items():
                with translated(files[name]):
                    connection.execute("COMMIT")
                    done.append(name)
    except StoreError as error:
        raise StoreError(_stuck(error, number, [files[name] for name in done], copies)) from error
    finally:
        for connection in behind.values():
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            connection.execute("PRAGMA foreign_keys = ON")


def _stuck(error: StoreError, number: int, done: Sequence[Path], copies: Sequence[Path]) -> str:
    """Return what is said of a migration that failed; two files cannot commit as one."""
    if done:
        there = f"{done[0].name} has it already; run ARES again, or put back both files as they were before"
    else:
        there = "the databases are as they were before"
    kept = " and ".join(map(str, copies))
    return f"{error} (on the way to version {number} of the schema); {there}, copied to {kept}"


def _migrations() -> Iterator[tuple[int, ModuleType]]:
    names = sorted(each.name for each in pkgutil.iter_modules(migrations.__path__))
    for name in names:
        yield int(name.partition("_")[0]), importlib.import_module(f"{migrations.__name__}.{name}")


def statements(script: str) -> Iterator[str]:
    """Yield the statements of a script one by one, so that they can share a transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _make(database: Database, file: Path) -> None:
    """Make one database under another name and move it into place whole: others open it as soon as they see
    it, and a start that is cut short must not leave half of it."""
    new = file.with_name(f"{file.name}.new")
    try:
        # Made by hand, because SQLite would make it readable for others.
        os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
        with translated(file), closing(connect(database, new)) as connection:
            connection.execute(f"PRAGMA page_size = {_PAGE_SIZE[database]}")
            connection.execute("BEGIN IMMEDIATE")
            for statement in statements(schema(database)):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID[database]}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode = WAL")
        new.replace(file)
        _sync(file.parent)
    except OSError as error:
        raise folder_error(file, "cannot be made", error) from error


def _sync(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _has_content(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > 0


@contextmanager
def _alone(paths: Paths) -> Iterator[None]:
    """Keep other processes from making or migrating the same databases meanwhile."""
    try:
        lock = os.open(paths.home / "store.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise folder_error(paths.home, "cannot be written to", error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
