"""What is kept before something is changed: old states of files, each under a number of its own."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import stat
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ares.errors import ModuleError, NotFoundError
from ares.runtime import Context

from ._tree import write_bytes


@dataclass(frozen=True, slots=True)
class State:
    """What a file was: ``sha256`` of its bytes, mode and time, or that it did not exist."""

    path: str
    existed: bool
    sha256: str = ""
    mode: int = 0
    mtime_ns: int = 0


def state_of(path: Path) -> State:
    """Return what ``path`` is now."""
    return _read(path)[0]


def keep(path: Path, context: Context, left: str) -> dict[str, Any]:
    """Keep what ``path`` is now and return the number it is kept under, and its digest.

    ``left`` is the SHA-256 of what will be there instead, empty for nothing.
    """
    state, data = _read(path)
    number = secrets.token_hex(8)
    folder = context.data / "kept" / number
    folder.mkdir(mode=0o700, parents=True)
    write_bytes(folder / "bytes", data, 0o600)
    write_bytes(folder / "state.json", json.dumps(asdict(state)).encode(), 0o600)
    return {"id": number, "existed": state.existed, "sha256": state.sha256, "left": left}


def load(number: str, context: Context) -> tuple[State, bytes]:
    """Return a kept state. Raises :class:`NotFoundError`, :class:`ModuleError` when it is damaged."""
    folder = context.data / "kept" / number
    if not re.fullmatch(r"[0-9a-f]{16}", number) or not folder.is_dir():
        raise NotFoundError(f"no state of a file is kept under {number!r}")
    try:
        state = State(**json.loads((folder / "state.json").read_bytes()))
        data = (folder / "bytes").read_bytes()
    except (OSError, TypeError, ValueError) as error:
        raise ModuleError(f"{folder} is damaged: {error}") from error
    if state.existed and hashlib.sha256(data).hexdigest() != state.sha256:
        raise ModuleError(f"{folder} is damaged: its bytes are not those that were kept")
    return state, data


def member(context: Context, name: str) -> str:
    """Return a text that was kept for this action. Raises :class:`ModuleError` when there is none."""
    found = context.kept.get(name) if isinstance(context.kept, dict) else None
    if not isinstance(found, str):
        raise ModuleError(f"no {name} was kept for this action; nothing was changed")
    return found


def unchanged(path: Path, context: Context) -> None:
    """Raise :class:`ModuleError` unless ``path`` is what was kept for this action a moment ago."""
    kept = context.kept
    if not isinstance(kept, dict):
        raise ModuleError(f"{path}: what is there was not kept, so it is not written over")
    state = state_of(path)
    if (state.existed, state.sha256) != (kept.get("existed"), kept.get("sha256")):
        raise ModuleError(f"{path} was changed by somebody else just now; nothing was written")


def _read(path: Path) -> tuple[State, bytes]:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return State(str(path), False), b""
    if not stat.S_ISREG(found.st_mode):
        raise ModuleError(f"{path} is not a file")
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return State(str(path), True, digest, stat.S_IMODE(found.st_mode), found.st_mtime_ns), data
