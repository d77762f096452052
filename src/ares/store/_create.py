"""Making the databases and bringing older ones up to date. Imported only when there is such work."""

from __future__ import annotations

import fcntl
import importlib
import os
import pkgutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Final

from ares.errors import StoreError
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
                    check(connection, name, file)
        # The ledger first: a registry without a ledger then never comes from being interrupted here.
        for name in ("ledger", "registry"):
            if not _has_content(files[name]):
                _make(name, files[name])


def bring_up_to_date(
    paths: Paths, files: dict[Database, Path], connections: dict[Database, sqlite3.Connection]
) -> None:
    """Apply the migrations that each database lacks, each file in one transaction, after a backup of it.

    Raises :class:`StoreError` when that fails; the database is then as it was.
    """
    with _alone(paths):
        for name, connection in connections.items():
            with translated(files[name]):
                # Another process may have been here first.
                version: int = connection.execute("PRAGMA user_version").fetchone()[0]
                if version < VERSION:
                    stem = f"{files[name].stem}-v{version}"
                    backup(connection, files[name], paths.backups, stem)
                    keep_newest(paths.backups, stem, _KEPT_BACKUPS)
                    _migrate(name, connection, version)


def schema(database: Database) -> str:
    """Return the part of schema.sql that makes one database."""
    text = shipped("schema.sql").read_text(encoding="utf-8")
    _, _, part = text.partition(f"-- database: {'ares' if database == 'registry' else 'ledger'}.db\n")
    return part.partition("-- database: ")[0]


def _migrate(database: Database, connection: sqlite3.Connection, version: int) -> None:
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            for number, migration in _migrations():
                if number > version:
                    for statement in statements(getattr(migration, database.upper())):
                        connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


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
