"""Files that the owner writes or names: regular ones, of a size that makes sense, as UTF-8 text."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from ares.errors import ConfigError
from ares.interrupts import held_back

LARGEST: Final = 1 << 20
"""Bytes that a file written by hand may have. YAML of this size takes a second to read."""


def exists(path: Path) -> bool:
    """Return whether anything lies at ``path``, a link that leads nowhere included.

    Raises :class:`ConfigError` when that cannot be told: what cannot be looked at is not simply missing.
    """
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be looked at ({error.strerror}); make its folder one that you may read"
        ) from error
    return True


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file, or a link to one, for reading. Never waits, as opening a pipe would.

    Raises :class:`OSError` for anything else.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is a pipe or a device", str(path))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_text(path: Path) -> str:
    """Return the text of a file of at most :data:`LARGEST` bytes, without a byte order mark.

    Line ends stay as they are. Raises :class:`ConfigError` with one line for everything else.
    """
    try:
        with open_regular(path) as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read ({error.strerror}); a text file that you may read belongs here"
        ) from error
    if len(data) > LARGEST:
        raise ConfigError(
            f"{path}: larger than {LARGEST >> 20} MiB, which nothing written by hand is; "
            "check that it is the right file"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: a byte here is not UTF-8 text; save the file as UTF-8") from error


def replace_text(path: Path, text: str) -> Callable[[], None]:
    """Give a file this text, whole or not at all; where a link stands, the file it leads to. A file that
    stands there keeps its permissions, a new one is for its owner alone.

    Returns what puts back what was there before. Raises :class:`OSError`; then nothing was changed.
    """
    target = Path(os.path.realpath(path))
    before = target.read_bytes() if target.is_file() else None
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _replace(target, text.encode())

    def put_back() -> None:
        try:
            target.unlink() if before is None else _replace(target, before)
        except OSError as error:
            raise ConfigError(
                f"{path}: cannot be put back as it was ({error.strerror}); take out what was just added"
            ) from error

    return put_back


def _replace(target: Path, data: bytes) -> None:
    import tempfile

    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}-", delete=False) as new:
        try:
            new.write(data)
            new.flush()
            if target.exists():
                os.fchmod(new.fileno(), stat.S_IMODE(target.stat().st_mode))
            os.fsync(new.fileno())
            os.replace(new.name, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(new.name)
            raise


@contextmanager
def all_or_nothing() -> Iterator[list[Callable[[], None]]]:
    """Hold back what would stop the process, and when the block raises, call what it put into the list."""
    with held_back():
        undo: list[Callable[[], None]] = []
        try:
            yield undo
        except BaseException:
            for put_back in reversed(undo):
                put_back()
            raise
