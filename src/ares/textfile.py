"""Files that the owner writes or names: regular ones, of a size that makes sense, as UTF-8 text."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from ares.errors import ConfigError

LARGEST: Final = 1 << 20
"""Bytes that a file written by hand may have. YAML of this size takes a second to read."""


_REMEDIES: Final = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "the disk is full; free some space"),
    **dict.fromkeys((errno.ENOTDIR, errno.EEXIST), "a file is where a folder has to be; move it away"),
    errno.EROFS: "the disk is mounted read-only; mount it so that it can be written",
    errno.EIO: "check the disk",
}
_MAKE_WRITABLE: Final = "make its folder writable"


def remedy(error: OSError, otherwise: str) -> str:
    """Return what to do about an error of the system: ``otherwise``, where ``error`` names nothing better."""
    return _REMEDIES.get(error.errno or 0, otherwise)


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
        dangling = error.errno == errno.ENOENT and path.is_symlink()
        why = "it is a link that leads nowhere" if dangling else error.strerror
        raise ConfigError(
            f"{path}: cannot be read ({why}); a text file that you may read belongs here"
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


def draft_of(path: Path) -> Path:
    """Return where the new text of a file lies until it takes its place: beside it, hidden; where a link
    stands, beside the file it leads to."""
    target = Path(os.path.realpath(path))
    return target.with_name(f".{target.name}.new")


def write_draft(path: Path, text: str) -> None:
    """Lay the new text of a file down beside it, on the disk when this returns. It has the permissions of
    the file that stands there; a new one is for its owner alone.

    Raises :class:`ConfigError`; then nothing was changed.
    """
    draft, target = draft_of(path), Path(os.path.realpath(path))
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What was cut off before its text took its place.
        draft.unlink(missing_ok=True)
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
                new.write(text.encode())
                new.flush()
                if target.exists():
                    os.fchmod(new.fileno(), stat.S_IMODE(target.stat().st_mode))
                os.fsync(new.fileno())
        except BaseException:
            drop_draft(path)
            raise
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be written ({error.strerror}); {remedy(error, _MAKE_WRITABLE)}"
        ) from error


def place_draft(path: Path) -> None:
    """Put the new text of a file in its place, in one step. Raises :class:`ConfigError`."""
    try:
        os.replace(draft_of(path), os.path.realpath(path))
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be replaced ({error.strerror}) and is as it was; {remedy(error, _MAKE_WRITABLE)}"
        ) from error


def drop_draft(path: Path) -> None:
    """Remove new text that did not take its place, if there is any."""
    with suppress(OSError):
        # What cannot be removed harms nobody: the next one takes its place.
        draft_of(path).unlink()
