"""What is at and below a path: names, kinds, modes, sizes, times, bytes."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ares.errors import ModuleError

from ._bytes import digest, open_file
from ._reasons import plainly, reason, short


class Entry(NamedTuple):
    """One thing at or below a path: its name relative to that, empty for the path itself."""

    name: str
    path: str
    found: os.stat_result

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.found.st_mode)

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.found.st_mode)

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.found.st_mode)

    @property
    def mode(self) -> int:
        return stat.S_IMODE(self.found.st_mode)


class Shape(NamedTuple):
    """Digests of names, kinds, modes, sizes, times and link targets: what a move must keep.

    ``lasting`` leaves the times of folders out: they differ once something in a folder was changed, even when
    that was taken back since.
    """

    exact: str
    lasting: str


def walk(top: Path) -> Iterator[Entry]:
    """Yield ``top`` and everything below it, in a fixed order; a folder before it is looked into.

    Raises :class:`ModuleError` for what cannot be read. Links are not followed.
    """
    first = _entry("", str(top), top)
    yield first
    folders = [first] if first.is_folder else []
    while folders:
        folder = folders.pop()
        inner = []
        for name in _names(folder.path, top):
            entry = _entry(os.path.join(folder.name, name), os.path.join(folder.path, name), top)
            yield entry
            if entry.is_folder:
                inner.append(entry)
        folders += reversed(inner)


def shape(path: Path) -> Shape:
    """Return what is at and below ``path``, without reading the bytes of files."""
    exact, lasting = hashlib.sha256(), hashlib.sha256()
    for entry in walk(path):
        size = 0 if entry.is_folder else entry.found.st_size
        # A link's own mode and time cannot be set everywhere.
        kept = [] if entry.is_link else [entry.mode, entry.found.st_mtime_ns]
        for state, members in ((exact, kept), (lasting, kept[:1] if entry.is_folder else kept)):
            kind = stat.S_IFMT(entry.found.st_mode)
            state.update(repr((entry.name, kind, size, members, _target(entry))).encode())
    return Shape(exact.hexdigest(), lasting.hexdigest())


def contents(path: Path) -> str:
    """Return a digest of names, kinds and bytes."""
    state = hashlib.sha256()
    for entry in walk(path):
        state.update(repr((entry.name, stat.S_IFMT(entry.found.st_mode), _target(entry))).encode())
        if entry.is_file:
            with open_file(entry.path) as file, plainly(f"{entry.path} cannot be read"):
                state.update(digest(file).encode())
    return state.hexdigest()


def count_files(path: Path) -> int:
    """Return how many files there are at or below ``path``."""
    return sum(not entry.is_folder for entry in walk(path))


def _names(folder: str, top: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError as error:
        raise _unreadable(folder, top, error) from error


def _entry(name: str, path: str, top: Path) -> Entry:
    try:
        return Entry(name, path, os.lstat(path))
    except OSError as error:
        raise _unreadable(path, top, error) from error


def _unreadable(path: str, top: Path, error: OSError) -> ModuleError:
    if error.errno == errno.ENAMETOOLONG:
        return ModuleError(f"{top} holds paths that are too long to be reached; shorten names in it first")
    where = short(path) if path == str(top) else f"{short(path)}, in {top},"
    return ModuleError(f"{where} cannot be read: {reason(error)}")


def _target(entry: Entry) -> str:
    return os.readlink(entry.path) if entry.is_link else ""
