"""What a file keeps when other bytes take its place: owner, group, access lists and extended attributes."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

from ares.errors import ModuleError, UsageError

OF_THE_BYTES: Final = frozenset({"security.capability", "security.evm", "security.ima"})
"""Rights lent to the bytes that go, and digests of them: no likeness of the file, but of what was in it."""


def carry_over(before: Path, descriptor: int) -> None:
    """Give the new file that is open as ``descriptor`` what the file ``before``, if there is one, has.

    Raises :class:`UsageError` when ``before`` has other names, since they would keep the old bytes, and
    :class:`ModuleError` when something cannot be kept.
    """
    try:
        found = os.lstat(before)
    except FileNotFoundError:
        return
    if found.st_nlink > 1:
        raise UsageError(
            f"{before} is one file under {found.st_nlink} names (hard links), and only this name was asked "
            "about; nothing was written. Put a copy in its place first, then write into that"
        )
    try:
        _keep_owner(found, descriptor)
        _keep_attributes(before, descriptor)
    except OSError as error:
        raise ModuleError(
            f"{before}: its owner, access list or extended attributes cannot be kept "
            f"({error.strerror}); nothing was written"
        ) from error


def _keep_owner(before: os.stat_result, descriptor: int) -> None:
    here = os.fstat(descriptor)
    if (before.st_uid, before.st_gid) != (here.st_uid, here.st_gid):
        os.fchown(descriptor, before.st_uid, before.st_gid)


def _keep_attributes(before: Path, descriptor: int) -> None:
    wanted, given = _attributes(before), _attributes(descriptor)
    # A folder lends new files an access list that the old one need not have had.
    for name in given.keys() - wanted.keys():
        os.removexattr(descriptor, name)
    for name, value in wanted.items():
        if given.get(name) != value:
            os.setxattr(descriptor, name, value)


def _attributes(file: Path | int) -> dict[str, bytes]:
    try:
        names = os.listxattr(file)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return {}
        raise
    return {name: os.getxattr(file, name) for name in names if name not in OF_THE_BYTES}
