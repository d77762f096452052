"""The bytes of single files: read, compared, copied and written in blocks, however large they are."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import secrets
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BufferedIOBase, BufferedReader
from itertools import chain
from pathlib import Path
from typing import Final

from ares.errors import ModuleError, NotFoundError, UsageError

from ._attributes import carry_over
from ._reasons import plainly

CHUNK: Final = 1024 * 1024
_FICLONE: Final = 0x40049409
"""Linux's request to let a file share the blocks of another until one of them is changed."""
_NO_RANGES: Final = frozenset(
    {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF}
)


def open_file(path: Path | str) -> BufferedReader:
    """Open a file to read it.

    Raises :class:`NotFoundError`, :class:`UsageError` for a folder and whatever else is no file,
    :class:`ModuleError` when it may not be read.
    """
    with plainly(f"{path} cannot be read"):
        try:
            # Opening a pipe would wait for its other end.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            raise NotFoundError(f"there is no {path}") from None
        except OSError as error:
            if error.errno == errno.ENXIO:
                raise UsageError(f"{path} is not a file that can be read") from None
            raise
    kind = os.fstat(descriptor).st_mode
    if stat.S_ISREG(kind):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(kind):
        raise UsageError(f"{path} is a folder; name a file in it, or list it with `files.list`")
    raise UsageError(f"{path} is not a file that can be read")


def sha256(file: BufferedIOBase) -> str:
    """Return the SHA-256 of what is in an open file, from its beginning."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def digest(file: BufferedReader) -> str:
    """Return a digest of what is in an open file; holes are not read, and are the same as zeros."""
    state, at, size = hashlib.sha256(), 0, os.fstat(file.fileno()).st_size
    # What grows meanwhile has more, and files that the kernel makes up say that they have nothing.
    for start, end in chain(_data(file.fileno()), [(size, sys.maxsize)]):
        # Blocks begin at the same places in every file, wherever its holes are.
        at = max(at, start - start % CHUNK)
        while at < end:
            file.seek(at)
            block = file.read(CHUNK)
            if block.strip(b"\0"):
                state.update(b"%d:" % at + hashlib.sha256(block).digest())
            at += CHUNK
            if len(block) < CHUNK:
                break
    state.update(b"%d" % size)
    return state.hexdigest()


def require_room(folder: Path, size: int, what: str) -> None:
    """Raise :class:`ModuleError` when the disk that holds ``folder`` has not ``size`` bytes free."""
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    # A file system without blocks does not say what is free.
    if disk.f_blocks and size > free:
        raise ModuleError(
            f"{what} takes {_human(size)}, and the disk that holds {folder} has {_human(free)} free; "
            "make room there first; nothing was changed"
        )


def share(source: int, target: int) -> bool:
    """Let an open empty file share the blocks of another; False where the file system cannot."""
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True


def copy_bytes(source: int, target: int) -> None:
    """Copy what is in one open file to another, which is empty: holes stay holes."""
    size, at = os.fstat(source).st_size, 0
    for start, at in _data(source):
        _copy_range(source, target, start, at)
    if at < size:
        # There is but a hole up to the end.
        os.ftruncate(target, size)
    # As in `digest`.
    _copy_blocks(source, target, size, None)


def write_bytes(target: Path, data: bytes, mode: int | None = None) -> None:
    """Make ``target`` hold ``data``. See :func:`write`."""
    write(target, lambda descriptor: _write_all(descriptor, data), mode)


def write(
    target: Path, fill: Callable[[int], None], mode: int | None = None, mtime_ns: int | None = None
) -> None:
    """Make ``target`` hold what ``fill`` writes into a descriptor, all at once: the old or the new is seen.

    ``mode`` and ``mtime_ns`` (since the epoch) are those of a new file when left out. Owner, access lists and
    extended attributes stay. Raises what ``fill`` and :func:`carry_over` raise, and :class:`ModuleError` when
    the system does not let it; then nothing was written.
    """
    draft = beside(target)
    try:
        with plainly(f"{target} cannot be written", target.parent):
            # Nobody else may read the draft of a private file either.
            descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666 if mode is None else 0o600)
            try:
                fill(descriptor)
                carry_over(target, descriptor)
                if mode is not None:
                    os.fchmod(descriptor, mode)
                if mtime_ns is not None:
                    os.utime(descriptor, ns=(mtime_ns, mtime_ns))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            os.replace(draft, target)
        sync(target.parent)
    finally:
        # The first error is the one to tell.
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def beside(target: Path) -> Path:
    """Return a free hidden name in the folder of ``target``."""
    return target.with_name(f".ares-{secrets.token_hex(8)}")


def sync(folder: Path) -> None:
    """Make what was renamed in ``folder`` survive a loss of power, where that can be asked for.

    A folder may let its owner change it and not read it; what was done there is done all the same.
    """
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _data(descriptor: int) -> Iterator[tuple[int, int]]:
    """Yield where each part of an open file that is no hole begins and ends."""
    size, end = os.fstat(descriptor).st_size, 0
    while end < size:
        try:
            start = os.lseek(descriptor, end, os.SEEK_DATA)
            end = os.lseek(descriptor, start, os.SEEK_HOLE)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return
            if error.errno != errno.EINVAL:
                raise
            # This file system knows no holes.
            start, end = end, size
        yield start, end


def _copy_range(source: int, target: int, at: int, end: int) -> None:
    """Copy bytes within the kernel, or block by block where it does not do that."""
    while at < end:
        try:
            done = os.copy_file_range(source, target, end - at, at, at)
        except OSError as error:
            if error.errno not in _NO_RANGES:
                raise
            done = 0
        if not done:
            _copy_blocks(source, target, at, end)
            return
        at += done


def _copy_blocks(source: int, target: int, at: int, end: int | None) -> None:
    """Copy bytes block by block, up to ``end`` or the end of the file."""
    os.lseek(target, at, os.SEEK_SET)
    while block := os.pread(source, CHUNK if end is None else min(CHUNK, end - at), at):
        _write_all(target, block)
        at += len(block)


def _write_all(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def _human(size: int) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.1f} MiB"
