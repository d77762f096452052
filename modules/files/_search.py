"""Finding files by name, within bounds."""

from __future__ import annotations

import fnmatch
import os
import time
from collections import deque
from pathlib import Path
from typing import Final

from ares.runtime import Context

from ._places import is_state, shown

MOST: Final = 1000
SECONDS: Final = 10.0
NOT_FILES: Final = frozenset({"/proc", "/sys", "/dev"})
"""What the kernel shows as folders."""


def search(
    folder: Path, name: str, context: Context, *, most: int = MOST, seconds: float = SECONDS
) -> tuple[list[str], bool]:
    """Return the paths below ``folder`` whose name matches, and whether everything was looked at.

    ``name`` is a pattern if it has ``*``, ``?`` or ``[``, else part of a name; case does not matter. Folders
    near ``folder`` come first; links are not followed, and dot-folders are looked into only when ``folder``
    is one or lies in one: what is in them is asked for by name. Looking stops at ``most`` matches or after
    ``seconds``, and folders that may not be read also make it incomplete.
    """
    wanted = name.casefold()
    pattern = wanted if any(sign in wanted for sign in "*?[") else f"*{wanted}*"
    deadline = time.monotonic() + seconds
    hidden = any(part.startswith(".") for part in folder.parts)
    complete, found, pending = True, list[str](), deque([folder])
    while pending:
        here = pending.popleft()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError:
            complete = False
            continue
        for entry in entries:
            if len(found) >= most or time.monotonic() > deadline:
                return found, False
            inside = entry.is_dir(follow_symlinks=False)
            if inside and (entry.path in NOT_FILES or is_state(Path(entry.path), context)):
                continue
            if fnmatch.fnmatchcase(entry.name.casefold(), pattern):
                found.append(shown(entry.path))
            if inside and (hidden or not entry.name.startswith(".")):
                pending.append(Path(entry.path))
    return found, complete
