"""The time here, in a zone that has a name: a fixed offset cannot say what the time will be in summer."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path


def local_now() -> datetime:
    """Return the time now in this machine's zone (``TZ``, else ``/etc/localtime``), else with its offset."""
    from zoneinfo import ZoneInfo

    for name in (os.environ.get("TZ", "").removeprefix(":"), _of_localtime()):
        if name:
            try:
                return datetime.now(ZoneInfo(name))
            except (OSError, ValueError, LookupError):
                # No such zone: TZ may also hold a rule such as CET-1CEST.
                continue
    return datetime.now().astimezone()


def _of_localtime() -> str:
    _, found, name = str(Path("/etc/localtime").resolve()).partition("/zoneinfo/")
    return name if found else ""
