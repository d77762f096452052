"""Moving, copying and removing files and folders: nothing is overwritten, nothing half done stays behind."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from ares.errors import AresError, ModuleError, UsageError

from ._bytes import beside, copy_bytes, open_file, require_room, share, sync
from ._reasons import may_change, plainly, reason, short
from ._shape import Entry, contents, shape, walk

_LONGEST_PATH: Final = 4095


def move(source: Path, target: Path) -> Path | None:
    """Move a file or folder to a name that is free, also to another file system.

    Returns what is left of ``source``, under a hidden name beside it, when it was moved to another file
    system and could not all be removed there; else None. Raises :class:`UsageError` when ``target`` exists,
    :class:`ModuleError` when the system does not let it be moved; then nothing was.
    """
    _require_short_paths(source, target)
    try:
        _rename(source, target)
        return None
    except OSError as error:
        if error.errno != errno.EXDEV:
            why = reason(error, source.parent, target.parent)
            raise ModuleError(f"{source} cannot be moved to {target}: {why}") from error
    return _move_across(source, target)


def copy(source: Path, target: Path) -> None:
    """Copy a file or folder to a name that is free, with modes and times; links are copied as links.

    Raises as :func:`move` does; then there is no part of a copy.
    """
    draft = beside(target)
    with _removed_on_failure(draft):
        _copy(source, draft, target)
        with plainly(f"{source} cannot be copied to {target}", target.parent):
            _rename(draft, target)


def remove(path: Path) -> None:
    """Remove a file or folder for good, if it is there. Raises :class:`ModuleError`."""
    if not os.path.lexists(path):
        return
    for entry in walk(path):
        # It is looked into next, and a folder of one's own may be closed to oneself.
        if entry.is_folder and stat.S_IRWXU & ~entry.mode:
            with suppress(OSError):
                os.chmod(entry.path, entry.mode | stat.S_IRWXU)
    with plainly(f"{path} cannot be removed"):
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        except RecursionError:
            raise ModuleError(f"{path} cannot be removed: its folders are nested too deep") from None


def _move_across(source: Path, target: Path) -> Path | None:
    """Move to another file system: copy, compare, and only then remove what was copied."""
    _require_removable(source)
    draft, aside = beside(target), beside(source)
    with _removed_on_failure(draft):
        _copy(source, draft, target, moving=True)
        if shape(draft) != shape(source) or contents(draft) != contents(source):
            raise ModuleError(
                f"{source} and its copy at {target} differ: it changed meanwhile, or that file system cannot "
                "keep its modes and times; it is still there, and the copy was removed"
            )
        with plainly(f"{source} cannot be moved to {target}", target.parent):
            _rename(draft, target)
    try:
        # All of it leaves its place at once, or none does.
        os.rename(source, aside)
    except OSError as error:
        with _removed_on_failure(target):
            raise ModuleError(f"{source} cannot be moved: {reason(error, source.parent)}") from error
    try:
        remove(aside)
    except ModuleError:
        return aside
    return None


@contextmanager
def _removed_on_failure(path: Path) -> Iterator[None]:
    """Remove ``path`` when what is done meanwhile fails; what went wrong first is what is told."""
    try:
        yield
    except BaseException as first:
        try:
            remove(path)
        except ModuleError as second:
            if isinstance(first, AresError):
                raise type(first)(f"{first}; what was copied by then is still there: {second}") from first
        raise


def _require_short_paths(source: Path, target: Path) -> None:
    """Raise :class:`UsageError` when something in ``source`` could not be reached below ``target``."""
    longest = max(len(os.fsencode(entry.name)) for entry in walk(source))
    if len(os.fsencode(target)) + 1 + longest > _LONGEST_PATH:
        raise UsageError(
            f"{source} holds paths that would be too long to be reached below {target}; shorten names in it "
            "first; nothing was changed"
        )


def _require_removable(source: Path) -> None:
    """Raise :class:`ModuleError` when ``source`` could not be removed after it was copied."""
    me, top = os.geteuid(), source.lstat()
    folder = source.parent.stat()
    others = folder.st_mode & stat.S_ISVTX and me not in (0, folder.st_uid, top.st_uid)
    if others or not may_change(source.parent):
        raise ModuleError(
            f"{source} cannot be moved to another file system: you may not remove it from {source.parent}; "
            "look at its permissions; nothing was changed"
        )
    for entry in walk(source):
        if not entry.is_folder:
            continue
        if entry.found.st_dev != top.st_dev:
            raise ModuleError(
                f"{source} cannot be moved to another file system: another one is mounted at "
                f"{short(entry.path)}; unmount that first; nothing was changed"
            )
        if entry.found.st_uid != me and not may_change(entry.path):
            raise ModuleError(
                f"{source} cannot be moved to another file system: you may not remove what is in "
                f"{short(entry.path)}, which is somebody else's; look at its permissions; nothing was changed"
            )


def _rename(source: Path, target: Path) -> None:
    """Rename within a file system, to a name that is free. Raises :class:`OSError`; then nothing was."""
    if source.is_dir() and not source.is_symlink():
        _rename_folder(source, target)
    else:
        try:
            # Unlike a rename, a link never replaces a file that appears at the last moment.
            os.link(source, target, follow_symlinks=False)
        except FileExistsError:
            raise _taken(target) from None
        except OSError as error:
            if error.errno == errno.EXDEV:
                raise
            # This file system has no links, or lets nobody make one to what is somebody else's.
            _look_and_rename(source, target)
        else:
            try:
                source.unlink()
            except BaseException:
                # Both names are the same file.
                if os.path.lexists(source):
                    target.unlink()
                raise
    sync(target.parent)


def _rename_folder(source: Path, target: Path) -> None:
    try:
        _look_and_rename(source, target)
    except PermissionError:
        mode = stat.S_IMODE(source.lstat().st_mode)
        if mode & stat.S_IWUSR:
            raise
        # A folder that gets another parent is itself written: its entry "..".
        os.chmod(source, mode | stat.S_IWUSR)
        try:
            _look_and_rename(source, target)
        except BaseException:
            os.chmod(source, mode)
            raise
        os.chmod(target, mode)


def _look_and_rename(source: Path, target: Path) -> None:
    if os.path.lexists(target):
        raise _taken(target)
    os.rename(source, target)


def _taken(target: Path) -> UsageError:
    return UsageError(f"{target} is there already; choose another name or move it away first")


def _copy(source: Path, draft: Path, target: Path, *, moving: bool = False) -> None:
    """Copy to a free name, ``draft``, what is to be at ``target`` in the end, which is what errors name.

    Modes, times and extended attributes are kept, hard links within ``source`` and holes too; when ``moving``
    owners as well, where that is permitted, and all is on the disk when this returns.
    """
    needed = _bytes_in(source)
    folders: list[tuple[Entry, str]] = []
    linked: dict[tuple[int, int], str] = {}
    for entry in walk(source):
        to = os.path.join(draft, entry.name) if entry.name else str(draft)
        with plainly(_cannot(entry, target), target.parent):
            if entry.is_folder:
                # What is kept from writing is filled first.
                os.mkdir(to, 0o700)
                folders.append((entry, to))
                continue
            same = (entry.found.st_dev, entry.found.st_ino)
            if not _link(linked.get(same), to):
                _copy_one(entry, to, target, needed, moving)
                _dress(entry, to, moving)
                needed -= _taken_up(entry)
            if entry.found.st_nlink > 1:
                linked[same] = to
    for entry, to in reversed(folders):
        with plainly(_cannot(entry, target), target.parent):
            _dress(entry, to, moving)
        if moving:
            sync(Path(to))


def _cannot(entry: Entry, target: Path) -> str:
    meant = os.path.join(target, entry.name) if entry.name else str(target)
    return f"{short(entry.path)} cannot be copied to {short(meant)}"


def _bytes_in(source: Path) -> int:
    """Return what a copy takes up. Raises :class:`UsageError` for what cannot be copied."""
    total, counted = 0, set[tuple[int, int]]()
    for entry in walk(source):
        if not (entry.is_file or entry.is_folder or entry.is_link):
            raise UsageError(
                f"{short(entry.path)} is a pipe, a socket or a device; only files, folders and links can be "
                "copied; nothing was"
            )
        same = (entry.found.st_dev, entry.found.st_ino)
        if same not in counted:
            total += _taken_up(entry)
        if entry.found.st_nlink > 1:
            counted.add(same)
    return total


def _taken_up(entry: Entry) -> int:
    # Holes take up nothing.
    return min(entry.found.st_size, entry.found.st_blocks * 512) if entry.is_file else 0


def _link(first: str | None, to: str) -> bool:
    """Make ``to`` another name of ``first``, if there is one; False when it must be a copy."""
    if first is None:
        return False
    try:
        os.link(first, to, follow_symlinks=False)
    except OSError:
        return False
    return True


def _copy_one(entry: Entry, to: str, target: Path, needed: int, moving: bool) -> None:
    if entry.is_link:
        os.symlink(os.readlink(entry.path), to)
        return
    with open_file(entry.path) as source:
        made = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            if not share(source.fileno(), made):
                require_room(target.parent, needed, f"a copy at {target}")
                copy_bytes(source.fileno(), made)
            size = os.fstat(made).st_size
            if moving:
                os.fsync(made)
        finally:
            os.close(made)
    if size != entry.found.st_size:
        raise ModuleError(
            f"{short(entry.path)} changed while it was copied, or has no size at all, as files that the "
            "kernel makes up; nothing was copied"
        )


def _dress(entry: Entry, to: str, moving: bool) -> None:
    """Give a copy the mode, the times and the attributes; when ``moving``, the owner where permitted."""
    if moving:
        with suppress(OSError):
            os.chown(to, entry.found.st_uid, entry.found.st_gid, follow_symlinks=False)
    shutil.copystat(entry.path, to, follow_symlinks=False)
