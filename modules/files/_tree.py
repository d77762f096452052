"""Moving and copying files and folders so that nothing is overwritten and nothing half done stays behind."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ares.errors import ModuleError, UsageError

from ._attributes import carry_over

_CHUNK: Final = 1024 * 1024


def write_bytes(target: Path, data: bytes, mode: int | None = None, mtime_ns: int | None = None) -> None:
    """Make ``target`` hold ``data``, all at once: a reader sees the old bytes or the new ones.

    ``mode`` and ``mtime_ns`` (since the epoch) are those of a new file when left out. Owner, access lists and
    extended attributes stay. Raises what :func:`carry_over` raises; then nothing was written.
    """
    draft = beside(target)
    try:
        # Nobody else may read the draft of a private file either.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if mode is None else 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            carry_over(target, descriptor)
            if mode is not None:
                os.fchmod(descriptor, mode)
            file.flush()
            if mtime_ns is not None:
                os.utime(descriptor, ns=(mtime_ns, mtime_ns))
            os.fsync(descriptor)
        os.replace(draft, target)
        sync(target.parent)
    finally:
        draft.unlink(missing_ok=True)


def move(source: Path, target: Path) -> None:
    """Move a file or folder to a name that is free, also to another file system.

    Raises :class:`UsageError` when ``target`` exists; then nothing was moved.
    """
    try:
        _rename(source, target)
    except OSError as error:
        # A rename cannot leave its file system.
        if not _crosses(source, target):
            raise
        draft = beside(target)
        try:
            _copy(source, draft)
            if shape(draft) != shape(source) or contents(draft) != contents(source):
                raise ModuleError(f"{source} changed while it was moved; it is still there") from error
            _rename(draft, target)
        finally:
            remove(draft)
        remove(source)


def copy(source: Path, target: Path) -> None:
    """Copy a file or folder, with modes and times, to a name that is free. Links are copied as links."""
    draft = beside(target)
    try:
        _copy(source, draft)
        _rename(draft, target)
    finally:
        remove(draft)


def remove(path: Path) -> None:
    """Remove a file or folder for good, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def shape(path: Path, *, folder_times: bool = True) -> str:
    """Return a digest of names, kinds, modes, sizes, times and link targets: what a move must keep.

    The time of a folder differs once something in it was changed, even when that was taken back since.
    """
    state = hashlib.sha256()
    for name, entry in _walk(path):
        found = entry.lstat()
        size = 0 if stat.S_ISDIR(found.st_mode) else found.st_size
        # A link's own mode and time cannot be set everywhere.
        kept = [] if entry.is_symlink() else [stat.S_IMODE(found.st_mode), found.st_mtime_ns]
        if stat.S_ISDIR(found.st_mode) and not folder_times:
            kept = kept[:1]
        state.update(repr((name, stat.S_IFMT(found.st_mode), size, kept, _target(entry))).encode())
    return state.hexdigest()


def fingerprint(path: Path) -> str:
    """Return a digest that changes with any later change to anything at or below ``path``.

    It takes in the time of the last change of each file, which no program can set, and reads no contents.
    """
    state = hashlib.sha256()
    for name, entry in _walk(path):
        found = entry.lstat()
        state.update(repr((name, found.st_ino, found.st_mode, found.st_size, found.st_ctime_ns)).encode())
    return state.hexdigest()


def contents(path: Path) -> str:
    """Return a digest of names, kinds and bytes: what a copy must have in common with its original."""
    state = hashlib.sha256()
    for name, entry in _walk(path):
        found = entry.lstat()
        state.update(repr((name, stat.S_IFMT(found.st_mode), _target(entry))).encode())
        if stat.S_ISREG(found.st_mode):
            with entry.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    state.update(hashlib.sha256(chunk).digest())
    return state.hexdigest()


def count_files(path: Path) -> int:
    """Return how many files there are at or below ``path``."""
    return sum(1 for _, entry in _walk(path) if not entry.is_dir() or entry.is_symlink())


def beside(target: Path) -> Path:
    """Return a free hidden name in the folder of ``target``."""
    return target.with_name(f".ares-{secrets.token_hex(8)}")


def sync(folder: Path) -> None:
    """Make what was renamed in ``folder`` survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _rename(source: Path, target: Path) -> None:
    """Rename within a file system, to a name that is free."""
    if source.is_dir() and not source.is_symlink():
        _look_and_rename(source, target)
    else:
        try:
            # Unlike a rename, a link never replaces a file that appears at the last moment.
            os.link(source, target, follow_symlinks=False)
        except FileExistsError:
            raise _taken(target) from None
        except OSError:
            if _crosses(source, target):
                raise
            # This file system has no links.
            _look_and_rename(source, target)
        else:
            source.unlink()
    sync(target.parent)


def _look_and_rename(source: Path, target: Path) -> None:
    if os.path.lexists(target):
        raise _taken(target)
    os.rename(source, target)


def _taken(target: Path) -> UsageError:
    return UsageError(f"{target} is there already; choose another name or move it away first")


def _crosses(source: Path, target: Path) -> bool:
    return source.lstat().st_dev != target.parent.stat().st_dev


def _copy(source: Path, target: Path) -> None:
    try:
        if source.is_dir() and not source.is_symlink():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy2(source, target, follow_symlinks=False)
    except shutil.SpecialFileError as error:
        raise UsageError(f"{source}: only files, folders and links can be copied ({error})") from error
    except shutil.Error as error:
        first = error.args[0][0]
        raise ModuleError(f"{first[0]} cannot be copied: {first[2]}") from error


def _walk(path: Path) -> Iterator[tuple[str, Path]]:
    """Yield ``path`` and everything below it, with names relative to it, in a fixed order."""
    yield "", path
    if path.is_dir() and not path.is_symlink():
        for folder, folders, files in os.walk(path, onerror=_raise):
            folders.sort()
            for name in sorted(folders + files):
                entry = Path(folder, name)
                yield str(entry.relative_to(path)), entry


def _raise(error: OSError) -> None:
    raise error


def _target(entry: Path) -> str:
    return os.readlink(entry) if entry.is_symlink() else ""
