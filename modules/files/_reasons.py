"""What the system refused, in words: which path was meant, why, and what to do about it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ares.errors import ModuleError

_DENIED: Final = frozenset({errno.EACCES, errno.EPERM})
_REASONS: Final = {
    errno.EACCES: "permission denied; look at its permissions and those of its folder",
    errno.EPERM: "the system does not permit it; look at its owner and its attributes",
    errno.ENOSPC: "no space is left on that disk; make room there first",
    errno.EDQUOT: "your share of that disk is used up; make room there first",
    errno.EFBIG: "it is larger than files may be there; choose another disk",
    errno.EROFS: "that disk is read-only; choose another place",
    errno.ENAMETOOLONG: "the name or path is too long; use shorter names",
    errno.ELOOP: "its links lead round in a circle; mend them first",
    errno.EBUSY: "it is in use, by a mount or by the system; free it first",
}
_LONGEST: Final = 200


@contextmanager
def plainly(what: str, *folders: Path) -> Iterator[None]:
    """Turn what the system refuses into a line that begins with ``what``, such as "/x cannot be read".

    ``folders`` are those in which something is changed: the one that may not be changed is named.
    """
    try:
        yield
    except OSError as error:
        raise ModuleError(f"{what}: {reason(error, *folders)}") from error


def reason(error: OSError, *folders: Path) -> str:
    """Return why the system refused, and what to do. See :func:`plainly`."""
    if error.errno in _DENIED:
        for folder in folders:
            if not may_change(folder):
                return f"you may not change what is in {folder}; look at its permissions"
    return _REASONS.get(error.errno or 0, error.strerror or str(error))


def may_change(folder: Path | str) -> bool:
    """Return whether names may be made in, and taken from, a folder, as far as its permissions say."""
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=True)


def short(path: str) -> str:
    """Return a path with its middle left out when it would take up the whole line."""
    return path if len(path) <= _LONGEST else f"{path[: _LONGEST // 2]}…{path[-_LONGEST // 2 :]}"
