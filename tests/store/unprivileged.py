"""Helpers of tests about files and databases that cannot be written."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PASSABLE = stat.S_IXGRP | stat.S_IXOTH  # the group stays root's


@contextmanager
def as_nobody() -> Iterator[None]:
    """Do without root's rights for a while: root may write to read-only folders. The code stays within reach
    also when only root may pass through the folder that it was cloned into, as one of ``mktemp -d``.
    """
    if os.geteuid():
        yield
        return
    closed = {
        folder: mode
        for folder in (CHECKOUT, *CHECKOUT.parents)
        if (mode := stat.S_IMODE(folder.stat().st_mode)) & PASSABLE != PASSABLE
    }
    for folder, mode in closed.items():
        folder.chmod(mode | PASSABLE)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        for folder, mode in closed.items():
            folder.chmod(mode)


def hand_over(folder: Path, mode: int) -> None:
    """Give a tree to the unprivileged user with these permissions, folders passable."""
    for path in [folder, *folder.rglob("*")]:
        if not os.geteuid():
            os.chown(path, 65534, 65534)
        path.chmod(mode | (stat.S_IXUSR if path.is_dir() else 0))


def refuse_to_commit(connection: sqlite3.Connection) -> None:
    """Make every transaction of a connection that adds a record fail at its end, not before."""
    connection.executescript(
        """
        CREATE TEMP TABLE one (id INTEGER PRIMARY KEY);
        CREATE TEMP TABLE two (one INTEGER REFERENCES one (id) DEFERRABLE INITIALLY DEFERRED);
        CREATE TEMP TRIGGER refuse AFTER INSERT ON main.records BEGIN INSERT INTO two VALUES (1); END;
        """
    )
