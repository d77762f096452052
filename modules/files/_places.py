"""Which paths there are to work on, and which are never touched."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ares.errors import NotFoundError, UsageError
from ares.runtime import Context

from ._reasons import plainly


def locate(path: str, context: Context) -> Path:
    """Return ``path`` as an absolute path; links in its folder are followed, a link at its end is not.

    Raises :class:`UsageError` for what belongs to ARES itself.
    """
    if path == "~" or path.startswith("~/"):
        path = f"{context.home}{path[1:]}"
    whole = os.path.normpath(os.path.join(context.cwd, path))
    folder, last = os.path.split(whole)
    found = Path(os.path.realpath(folder)) / last
    for place in (found, Path(os.path.realpath(found))):
        if is_state(place, context):
            raise UsageError(f"{found} belongs to ARES itself; use its own commands for that")
    return found


def existing(path: str, context: Context) -> Path:
    """Like :func:`locate`, for something that must be there.

    Raises :class:`NotFoundError`, :class:`ModuleError` when it cannot be told.
    """
    found = locate(path, context)
    with plainly(f"{found} cannot be looked at"):
        try:
            found.lstat()
        except (FileNotFoundError, NotADirectoryError):
            raise NotFoundError(f"there is no {found}") from None
    return found


def changeable(path: str, context: Context) -> Path:
    """Like :func:`existing`, for something that may be moved away or deleted.

    Raises :class:`UsageError` for the root, the home and the working folder, for ARES's own folders, and for
    every folder that one of these lies in.
    """
    found = existing(path, context)
    kept = [(context.home, "your home folder"), (context.cwd, "the working folder")]
    kept += [(folder, "a folder of ARES itself") for folder in context.state]
    if found == Path(found.anchor):
        raise UsageError(f"{found} is the root of the file system; it stays where it is")
    for folder, name in kept:
        real = Path(os.path.realpath(folder))
        if found in (real, folder) or found in real.parents or found in folder.parents:
            relation = "is" if found in (real, folder) else "holds"
            raise UsageError(f"{found} {relation} {name}; it stays where it is")
    return found


def new(path: str, context: Context, name: str) -> Path:
    """Return where something called ``name`` goes when it is put at ``path``: a folder, or a new name.

    Raises as :func:`free` does.
    """
    target = locate(path, context)
    with plainly(f"{target} cannot be looked at"):
        inside = target.is_dir()
    return free(str(target / name) if inside else path, context)


def free(path: str, context: Context) -> Path:
    """Like :func:`locate`, for something that is made there.

    Raises :class:`UsageError` when something is there already, :class:`NotFoundError` without its folder.
    """
    target = locate(path, context)
    with plainly(f"{target} cannot be looked at"):
        if not target.parent.is_dir():
            raise NotFoundError(f"there is no folder {target.parent}; make it first")
        with suppress(FileNotFoundError):
            target.lstat()
            raise UsageError(f"{target} is there already; choose another name or move it away first")
    return target


def is_state(path: Path, context: Context) -> bool:
    """Return whether ``path`` is one of ARES's own folders or lies in one."""
    for folder in context.state:
        real = Path(os.path.realpath(folder))
        if path == real or real in path.parents:
            return True
    return False


def exact(path: Path) -> str:
    """Return a path as text that leads back to it, for the record.

    Raises :class:`UsageError` for bytes that are not UTF-8, which no record can carry.
    """
    text = shown(path)
    if text != str(path):
        raise UsageError(f"{text}: a name in it is not UTF-8, so no way back could be noted; rename it")
    return text


def shown(path: str | Path) -> str:
    """Return a path as text that JSON can carry: bytes that are not UTF-8 become question marks."""
    return os.fsencode(path).decode("utf-8", "replace")
