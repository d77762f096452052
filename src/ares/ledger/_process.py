"""Which process wrote an intent, so that a later one can tell whether it still lives."""

from __future__ import annotations

import os

from ares.core import Json


def this_process() -> dict[str, Json]:
    """Return what names this process for good: its ``pid`` and when it ``started``."""
    return {"pid": os.getpid(), "started": process_start(os.getpid())}


def process_start(pid: int) -> str:
    """Return when a process started, in clock ticks since boot, or "" when there is no such process.

    Together with the pid it names a process for good: pids are used again, the pair is not.
    """
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            # The second field is the command in parentheses and may hold spaces: count from its end.
            return file.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
