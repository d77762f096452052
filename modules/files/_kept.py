"""What is kept before something is changed: old states of files, each under a number of its own."""

from __future__ import annotations

import json
import os
import re
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ares.errors import ModuleError, NotFoundError
from ares.runtime import Context

from ._bytes import copy_bytes, open_file, require_room, sha256, write, write_bytes
from ._reasons import plainly
from ._tree import remove


@dataclass(frozen=True, slots=True)
class State:
    """What a file was: ``sha256`` of its bytes, mode and time, or that it did not exist."""

    path: str
    existed: bool
    sha256: str = ""
    mode: int = 0
    mtime_ns: int = 0


def state_of(path: Path) -> State:
    """Return what ``path`` is now. Raises as :func:`open_file` does for what is there and no file."""
    try:
        file = open_file(path)
    except NotFoundError:
        return State(str(path), False)
    with file, plainly(f"{path} cannot be read"):
        found = os.fstat(file.fileno())
        return State(str(path), True, sha256(file), found.st_mode & 0o7777, found.st_mtime_ns)


def keep(path: Path, context: Context, left: str) -> dict[str, Any]:
    """Keep what ``path`` is now and return the number it is kept under, and its digest.

    ``left`` is the SHA-256 of what will be there instead, empty for nothing. Raises :class:`ModuleError` when
    there is no room for it; then nothing is kept.
    """
    number = secrets.token_hex(8)
    folder = context.data / "kept" / number
    with plainly(f"{path} cannot be kept for an undo in {context.data}"):
        folder.mkdir(mode=0o700, parents=True)
    try:
        state = _keep_bytes(path, folder / "bytes")
        write_bytes(folder / "state.json", json.dumps(asdict(state)).encode(), 0o600)
    except BaseException:
        # The first error is the one to tell.
        with suppress(ModuleError):
            remove(folder)
        raise
    return {"id": number, "existed": state.existed, "sha256": state.sha256, "mode": state.mode, "left": left}


def load(number: str, context: Context) -> State:
    """Return a kept state. Raises :class:`NotFoundError`, :class:`ModuleError` when it is damaged."""
    folder = context.data / "kept" / number
    if not re.fullmatch(r"[0-9a-f]{16}", number) or not folder.is_dir():
        raise NotFoundError(f"no state of a file is kept under {number!r}")
    try:
        return State(**json.loads((folder / "state.json").read_bytes()))
    except (OSError, TypeError, ValueError) as error:
        raise ModuleError(f"{folder} is damaged: {error}") from error


def put_back(number: str, path: Path, context: Context) -> None:
    """Give ``path`` the bytes, mode and time that were kept under a number.

    Raises :class:`ModuleError` when the bytes are not those that were kept; then nothing was written.
    """
    state, folder = load(number, context), context.data / "kept" / number

    def fill(descriptor: int) -> None:
        with open_file(folder / "bytes") as kept:
            copy_bytes(kept.fileno(), descriptor)
        with os.fdopen(descriptor, "rb", closefd=False) as copied:
            if sha256(copied) != state.sha256:
                raise ModuleError(f"{folder} is damaged: its bytes are not those that were kept")

    write(path, fill, state.mode, state.mtime_ns)


def member(context: Context, name: str) -> str:
    """Return a text that was kept for this action. Raises :class:`ModuleError` when there is none."""
    found = context.kept.get(name) if isinstance(context.kept, dict) else None
    if not isinstance(found, str):
        raise ModuleError(f"no {name} was kept for this action; nothing was changed")
    return found


def unchanged(path: Path, context: Context) -> State:
    """Return what ``path`` is. Raises :class:`ModuleError` unless it is what was kept for this action."""
    kept = context.kept
    if not isinstance(kept, dict):
        raise ModuleError(f"{path}: what is there was not kept, so it is not written over")
    state = state_of(path)
    if (state.existed, state.sha256) != (kept.get("existed"), kept.get("sha256")):
        raise ModuleError(f"{path} was changed by somebody else just now; nothing was written")
    return state


def _keep_bytes(path: Path, target: Path) -> State:
    try:
        source = open_file(path)
    except NotFoundError:
        return State(str(path), False)
    with source:
        found = os.fstat(source.fileno())
        require_room(target.parent.parent, found.st_size, f"keeping what is in {path} for an undo")
        with plainly(f"{path} cannot be kept for an undo in {target.parent}"), target.open("x+b") as made:
            copy_bytes(source.fileno(), made.fileno())
            os.fsync(made.fileno())
            digest = sha256(made)
    return State(str(path), True, digest, found.st_mode & 0o7777, found.st_mtime_ns)
