"""What SQLite says, in one line that names the file and what to do."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ares.errors import StoreError, UsageError

_ADVICE = {
    sqlite3.SQLITE_BUSY: "is locked by another process; wait until that one is done",
    sqlite3.SQLITE_LOCKED: "is locked by another process; wait until that one is done",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full; free some space",
    sqlite3.SQLITE_READONLY: "is read-only; make the file and its folder writable for you",
    sqlite3.SQLITE_PERM: "may not be opened; make the file and its folder readable and writable for you",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; its folder must exist and be writable for you",
    sqlite3.SQLITE_CORRUPT: "is damaged; move it away and put a backup in its place (see docs/store.md)",
    sqlite3.SQLITE_NOTADB: "is not a database; move it away and put a backup in its place "
    "(see docs/store.md)",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an error; check the disk and the "
    "folder's permissions",
}
# Without room for its log and index SQLite reports a file it cannot open or a failing disk.
_MAYBE_FULL = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
_LEAST_ROOM = 64 * 1024


def store_error(error: sqlite3.Error, file: Path) -> StoreError:
    """Return the :class:`StoreError` that says what ``error`` means for ``file``."""
    code = getattr(error, "sqlite_errorcode", None)
    # Extended codes keep the primary one in their low byte.
    primary = None if code is None else code & 0xFF
    if primary in _MAYBE_FULL and _is_full(file.parent):
        primary = sqlite3.SQLITE_FULL
    if primary == sqlite3.SQLITE_READONLY and (line := read_only(file)):
        return StoreError(line)
    advice = None if primary is None else _ADVICE.get(primary)
    return StoreError(f"{file} {advice}" if advice else f"{file}: {error}")


def read_only(file: Path) -> str:
    """Return the line that names which file of a database this user may not write; nothing when all may be.

    A database that was opened while it was read-only leaves a log and an index that are read-only too.
    """
    files = [file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))]
    locked = [
        str(each) for each in files if each.exists() and not os.access(each, os.W_OK, effective_ids=True)
    ]
    if not locked:
        return ""
    be, them = ("are", "them") if len(locked) > 1 else ("is", "it")
    advice = f"make {them} writable for you: chmod u+w {' '.join(locked)}"
    return f"{' and '.join(locked)} {be} read-only; {advice}"


def folder_error(folder: Path, what: str, error: OSError) -> StoreError:
    """Return the :class:`StoreError` for a folder of the home that ``what`` (such as "cannot be made")."""
    place = Path(error.filename or folder)
    if isinstance(error, (NotADirectoryError, FileExistsError)):
        file = next((each for each in (place, *place.parents) if os.path.lexists(each)), place)
        return StoreError(
            f"{file} is a file where a folder has to be; move it away, or set ARES_HOME to another folder"
        )
    from ares.textfile import remedy

    advice = remedy(error, "make it readable and writable for you, or set ARES_HOME to another folder")
    return StoreError(f"{place} {what} ({error.strerror}); {advice}")


def _is_full(folder: Path) -> bool:
    """Return whether the disk has no room left for the files that SQLite keeps beside a database."""
    try:
        room = os.statvfs(folder)
    except OSError:
        return False
    # What is held back for root is room for root alone.
    free = room.f_bavail if os.geteuid() else room.f_bfree
    return free * room.f_frsize < _LEAST_ROOM or (room.f_files > 0 and room.f_ffree == 0)


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
