"""The files of a module as they are at one moment: what a grant is bound to and what is then loaded."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ares.core import digest
from ares.errors import ModuleError

_MOST_FILES: Final = 20_000
_MOST_BYTES: Final = 512 * 1024 * 1024
_CHUNK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files below ``folder``: the SHA-256 of each, and the bytes of the Python sources.

    Names are relative to the folder, with ``/``. Hidden files and ``__pycache__`` do not belong to a module.
    """

    folder: Path
    hashes: Mapping[str, str]
    sources: Mapping[str, bytes]

    @property
    def digest(self) -> str:
        """SHA-256 over the names and contents of all files."""
        return digest(dict(self.hashes))


def take_snapshot(folder: Path) -> Snapshot:
    """Read the files of a module.

    Raises :class:`ModuleError` for a folder that is not there or cannot be read, and for one that holds links
    to folders, devices, or more than 20 000 files or 512 MiB.
    """
    from hashlib import sha256

    hashes: dict[str, str] = {}
    sources: dict[str, bytes] = {}
    left = _MOST_BYTES
    try:
        for name, path in module_files(folder):
            left -= path.stat().st_size
            if left < 0 or len(hashes) >= _MOST_FILES:
                raise ModuleError(
                    f"{folder}: more than {_MOST_FILES} files or {_MOST_BYTES // 2**20} MiB; "
                    "keep data out of the module's folder"
                )
            if name.endswith(".py"):
                sources[name] = path.read_bytes()
                hashes[name] = sha256(sources[name]).hexdigest()
            else:
                hashes[name] = _hash(path)
    except OSError as error:
        raise ModuleError(f"{folder}: the module's files cannot be read ({error})") from error
    return Snapshot(folder, hashes, sources)


def module_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the relative name and the path of each file of a module, sorted by name.

    Raises :class:`ModuleError` for links to folders and for anything that is neither file nor folder,
    :class:`OSError` when a folder cannot be read.
    """
    found: list[tuple[str, Path]] = []
    pending = [folder]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name == "__pycache__":
                    continue
                if entry.is_dir(follow_symlinks=False):
                    pending.append(Path(entry.path))
                    continue
                # A link to a file is read through and hashed; one to a folder would hide code.
                if not stat.S_ISREG(entry.stat().st_mode):
                    raise ModuleError(
                        f"{entry.path}: neither a file nor a folder; a module holds nothing else"
                    )
                path = Path(entry.path)
                found.append((_name(path.relative_to(folder)), path))
    yield from sorted(found)


def _name(path: Path) -> str:
    name = path.as_posix()
    try:
        name.encode()
    except UnicodeEncodeError:
        raise ModuleError(f"{os.fsencode(path)!r}: a file name that is not UTF-8; rename it") from None
    return name


def _hash(path: Path) -> str:
    from hashlib import sha256

    state = sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            state.update(chunk)
    return state.hexdigest()
