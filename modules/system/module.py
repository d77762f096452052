"""What this machine is doing, as psutil sees it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ares.errors import NotFoundError
from ares.runtime import Arguments, Context, Result
from ares.runtime.hookspecs import hookimpl

if TYPE_CHECKING:
    import psutil

SAMPLE: Final = 0.2
"""Seconds over which busy shares are measured."""


@hookimpl
def ares_operations() -> Mapping[str, Callable[[Arguments, Context], Result]]:
    """Offer the five capabilities; each only reads."""
    return {"disk": disk, "memory": memory, "cpu": cpu, "processes": processes, "uptime": uptime}


def disk(arguments: Arguments, context: Context) -> Result:
    """Measure the file system that holds a folder."""
    import psutil

    path = os.path.join(context.cwd, arguments.get("path", "/"))
    try:
        usage = psutil.disk_usage(path)
    except FileNotFoundError:
        raise NotFoundError(f"there is no folder {path}") from None
    return {
        "path": path,
        "total": usage.total,
        "used": usage.used,
        "free": usage.free,
        "percent": usage.percent,
    }


def memory(arguments: Arguments, context: Context) -> Result:
    """Measure memory and swap."""
    import psutil

    main, swap = psutil.virtual_memory(), psutil.swap_memory()
    return {
        "total": main.total,
        "available": main.available,
        "used": main.total - main.available,
        "percent": main.percent,
        "swap_total": swap.total,
        "swap_used": swap.used,
    }


def cpu(arguments: Arguments, context: Context) -> Result:
    """Measure the busy share of all cores together over a short sample, and read the load averages."""
    import psutil

    return {
        "percent": psutil.cpu_percent(SAMPLE),
        "cores": psutil.cpu_count() or 1,
        "load": [round(load, 2) for load in psutil.getloadavg()],
    }


def processes(arguments: Arguments, context: Context) -> Result:
    """List the processes that use most; a process's share is of one core, as `top` shows it."""
    import psutil

    running = list(psutil.process_iter(["pid"]))
    for process in running:
        _share(process)
    time.sleep(SAMPLE)
    rows = [row for process in running if (row := _row(process)) is not None]
    key = "memory" if arguments.get("sort") == "memory" else "cpu_percent"
    rows.sort(key=lambda row: (-row[key], row["pid"]))
    return {"processes": rows[: arguments.get("limit", 10)]}


def uptime(arguments: Arguments, context: Context) -> Result:
    """Tell how long ago the machine was started."""
    import psutil

    now = context.now()
    started = datetime.fromtimestamp(psutil.boot_time(), now.tzinfo)
    return {
        "seconds": max(0, int((now - started).total_seconds())),
        "since": started.isoformat(timespec="seconds"),
    }


def _share(process: psutil.Process) -> float | None:
    """Return the processor share since the last call, None for a process that has ended or is hidden."""
    import psutil

    try:
        return process.cpu_percent()
    except psutil.Error:
        return None


def _row(process: psutil.Process) -> dict[str, Any] | None:
    import psutil

    try:
        share = process.cpu_percent()
        name = process.name().encode("utf-8", "replace").decode("utf-8")
        return {"pid": process.pid, "name": name, "cpu_percent": share, "memory": process.memory_info().rss}
    except psutil.Error:
        return None
