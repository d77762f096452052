"""Open databases and transactions on them."""

from __future__ import annotations

import sqlite3
import stat
from _thread import get_ident
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, TypeAlias

from ares.errors import StoreError, UsageError
from ares.paths import Paths
from ares.store._errors import folder_error, read_only, store_error, translated

Database: TypeAlias = Literal["registry", "ledger"]

VERSION: Final = 3
"""The schema version that this program writes, in ``user_version`` of both files."""

APPLICATION_ID: Final[dict[Database, int]] = {"registry": 0x41524553, "ledger": 0x4152454C}
"""What marks a file as ours: ``ARES`` and ``AREL``."""

BUSY_SECONDS: Final = 10.0
_SYNCHRONOUS: Final[dict[Database, str]] = {"registry": "NORMAL", "ledger": "FULL"}


class Store:
    """The databases of one home: ``registry`` is ares.db, ``ledger`` is ledger.db.

    Both connections are in autocommit; change something only inside :meth:`writing`. Everything raises
    :class:`UsageError` in another thread than the one that opened the store, and after :meth:`close`.
    """

    def __init__(self, files: dict[Database, Path], open_now: dict[Database, sqlite3.Connection]) -> None:
        self._files = files
        self._open = open_now
        self._thread = get_ident()

    @property
    def registry(self) -> sqlite3.Connection:
        """The connection to ares.db."""
        return self._connection("registry")

    @property
    def ledger(self) -> sqlite3.Connection:
        """The connection to ledger.db."""
        return self._connection("ledger")

    @classmethod
    def open(cls, paths: Paths, *, create: bool = True) -> Store:
        """Open the databases below ``paths``; make them when there are none, migrate older ones.

        With ``create`` false nothing is made. Raises :class:`StoreError` when a file is absent then, or
        cannot be opened, is not ours, is damaged, or was made by a newer ARES; nothing is changed then.
        """
        files: dict[Database, Path] = {"registry": paths.registry_db, "ledger": paths.ledger_db}
        if not all(_present(file) for file in files.values()):
            from ares.store._create import make_files

            make_files(paths, files, create=create)
        connections: dict[Database, sqlite3.Connection] = {}
        try:
            behind = []
            for name, file in files.items():
                connections[name] = connect(name, file)
                if check(connections[name], name, file, paths.backups) < VERSION:
                    behind.append(name)
            if behind:
                from ares.store._create import bring_up_to_date

                bring_up_to_date(paths, files, connections)
        except BaseException:
            for connection in connections.values():
                connection.close()
            raise
        return cls(files, connections)

    @contextmanager
    def writing(self, database: Database, *, join: bool = False) -> Iterator[sqlite3.Connection]:
        """Run the block as one transaction: committed at its end, rolled back when it raises.

        Waits up to ten seconds for other writers. Raises :class:`StoreError` for whatever SQLite reports,
        and when a transaction on the same database is open already; with ``join`` the block is part of that.
        """
        connection = self._connection(database)
        if connection.in_transaction:
            if not join:
                raise StoreError(f"{self._files[database]}: a transaction is open already; they do not nest")
            with translated(self._files[database]):
                yield connection
            return
        with translated(self._files[database]):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # SQLite itself may have rolled back, on a full disk for one.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self, database: Database) -> Iterator[sqlite3.Connection]:
        """Give a connection to read from. Raises :class:`StoreError` for whatever SQLite reports."""
        with translated(self._files[database]):
            yield self._connection(database)

    @contextmanager
    def snapshot(self, database: Database) -> Iterator[sqlite3.Connection]:
        """Read in a transaction of its own: every query inside sees the same moment."""
        with self.reading(database) as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    def backup(self, folder: Path) -> tuple[Path, ...]:
        """Copy both databases into ``folder`` while others write, check the copies, and return them.

        Raises :class:`StoreError` when a copy cannot be made or is not whole.
        """
        from ares.store._backup import backup

        return tuple(
            backup(self._connection(name), file, folder, file.stem) for name, file in self._files.items()
        )

    def damage(self) -> list[str]:
        """Let SQLite check both files from end to end; return what is wrong, one line each.

        That one cannot be written counts too. SQLite sees broken pages and indexes. Changed content it does
        not see: that is what verifying the ledger is for.
        """
        found = []
        for name, file in self._files.items():
            try:
                lines = [str(row[0]) for row in self._connection(name).execute("PRAGMA integrity_check(20)")]
            except sqlite3.DatabaseError as error:
                lines = [str(store_error(error, file))]
            found += [f"{file}: {line}" for line in lines if line != "ok"]
            found += [line for line in [read_only(file)] if line]
        return found

    def altered(self, database: Database) -> list[str]:
        """Return a line for each table, index, view and trigger that is not as schema.sql makes it: changed,
        gone or added. Spacing and comments do not count."""
        from ares.store._schema import altered

        return list(altered(self._connection(database), database))

    def close(self) -> None:
        """Close both databases. Doing it twice does no harm."""
        for name in self._open:
            self._connection(name).close()
        self._open = {}

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connection(self, database: Database) -> sqlite3.Connection:
        if not self._open:
            raise UsageError("this Ares is closed; open another with ares.Ares.open()")
        if get_ident() != self._thread:
            raise UsageError(
                "this home was opened in another thread; call ares.Ares.open() in each thread that uses it"
            )
        return self._open[database]


def connect(database: Database, file: Path) -> sqlite3.Connection:
    """Open one file that exists. Raises :class:`StoreError`."""
    with translated(file):
        connection = sqlite3.connect(
            f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS, isolation_level=None
        )
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute(f"PRAGMA synchronous = {_SYNCHRONOUS[database]}")
        except BaseException:
            connection.close()
            raise
        return connection


def check(connection: sqlite3.Connection, database: Database, file: Path, backups: Path) -> int:
    """Return the schema version of a file. Raises :class:`StoreError` unless it is ours and not newer; for a
    newer one it names the copy of our version in ``backups``."""
    with translated(file):
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    if application != APPLICATION_ID[database]:
        raise StoreError(f"{file} is a database of another program; move it away")
    if version > VERSION:
        copies = sorted(backups.glob(f"{file.stem}-v{VERSION}-*.db"))
        raise StoreError(
            f"{file} was made by a newer ARES (version {version} of the schema, this one knows {VERSION}); "
            f"run that one, or put an older backup in its place{f', such as {copies[-1]}' if copies else ''}"
        )
    return version


def _present(file: Path) -> bool:
    """Return whether the file has content: an empty one is what is left when making it was cut short."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise folder_error(file.parent, "cannot be looked into", error) from error
    if not stat.S_ISREG(found.st_mode):
        kind = "a folder" if stat.S_ISDIR(found.st_mode) else "no ordinary file"
        raise StoreError(f"{file} is {kind}, where ARES keeps a database; move it away")
    return found.st_size > 0
