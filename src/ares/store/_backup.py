"""Copies of the databases, made while they are in use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from ares.errors import StoreError
from ares.store._errors import translated


def backup(connection: sqlite3.Connection, file: Path, folder: Path, stem: str) -> Path:
    """Copy the database behind ``connection``, which is ``file``, to ``folder/<stem>-<time>.db``.

    The copy is one moment of the database whatever others write meanwhile, and is checked before it gets
    its name. Raises :class:`StoreError` when it cannot be made.
    """
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    target = folder / f"{stem}-{moment}.db"
    unfinished = target.with_suffix(".part")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with translated(unfinished), closing(sqlite3.connect(unfinished)) as copy:
            with translated(file):
                connection.backup(copy)
            found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise StoreError(f"{file} is damaged ({found}); no backup of it was kept")
        unfinished.replace(target)
    except OSError as error:
        raise StoreError(
            f"{folder}: no backup can be written ({error.strerror}); nothing was changed"
        ) from error
    finally:
        with suppress(OSError):
            unfinished.unlink()
    return target


def keep_newest(folder: Path, stem: str, number: int) -> None:
    """Remove all but the newest backups of one stem. Their names sort by time."""
    for old in sorted(folder.glob(f"{stem}-*.db"))[:-number]:
        old.unlink(missing_ok=True)
