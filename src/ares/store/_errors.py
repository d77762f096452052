"""What SQLite says, in one line that names the file and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ares.errors import StoreError, UsageError

_ADVICE = {
    sqlite3.SQLITE_BUSY: "is locked by another process; try again when that one is done",
    sqlite3.SQLITE_LOCKED: "is locked by another process; try again when that one is done",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full; free some space and try again, nothing was changed",
    sqlite3.SQLITE_READONLY: "is read-only; make the file and its folder writable for you",
    sqlite3.SQLITE_PERM: "may not be opened; make the file and its folder readable and writable for you",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; its folder must exist and be writable for you",
    sqlite3.SQLITE_CORRUPT: "is damaged; move it away and put a backup in its place (see docs/store.md)",
    sqlite3.SQLITE_NOTADB: "is not a database; move it away and put a backup in its place "
    "(see docs/store.md)",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an error; check the disk and the "
    "folder's permissions",
}


def store_error(error: sqlite3.Error, file: Path) -> StoreError:
    """Return the :class:`StoreError` that says what ``error`` means for ``file``."""
    code = getattr(error, "sqlite_errorcode", None)
    # Extended codes keep the primary one in their low byte.
    advice = _ADVICE.get(code & 0xFF) if code is not None else None
    return StoreError(f"{file} {advice}" if advice else f"{file}: {error}")


@contextmanager
def translated(file: Path) -> Iterator[None]:
    """Turn every :class:`sqlite3.Error` inside into a :class:`StoreError` about ``file``.

    Text that is not Unicode, such as a word of the command line that was not UTF-8, is a :class:`UsageError`.
    """
    try:
        yield
    except UnicodeEncodeError as error:
        raise UsageError(f"{error.object!r} is not Unicode text; nothing by that name is kept") from error
    except sqlite3.Error as error:
        raise store_error(error, file) from error
