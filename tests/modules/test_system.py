"""The system module, held against the operating system itself."""

from __future__ import annotations

import os
import shutil
from datetime import datetime

import pytest
from tests.modules.desk import NOW, Desk

from ares.errors import NotFoundError


def test_the_disk_is_as_large_as_the_operating_system_says(desk: Desk) -> None:
    result = desk.do("system.disk", path="/").result
    assert result["total"] == shutil.disk_usage("/").total
    assert 0 < result["used"] + result["free"] <= result["total"]
    assert result["percent"] == pytest.approx(
        100 * result["used"] / (result["used"] + result["free"]), abs=0.1
    )


def test_a_folder_that_is_not_there_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFoundError, match="there is no folder /nowhere"):
        desk.do("system.disk", path="/nowhere")


def test_memory_adds_up(desk: Desk) -> None:
    result = desk.do("system.memory").result
    with open("/proc/meminfo", encoding="ascii") as file:
        kilobytes = int(next(line for line in file if line.startswith("MemTotal")).split()[1])
    assert result["total"] == kilobytes * 1024
    assert 0 < result["available"] <= result["total"]
    assert result["used"] + result["available"] == result["total"]
    assert result["swap_used"] <= result["swap_total"]


def test_the_processor_has_cores_and_a_share(desk: Desk) -> None:
    result = desk.do("system.cpu").result
    assert result["cores"] == os.cpu_count()
    assert 0 <= result["percent"] <= 100
    assert len(result["load"]) == 3


def test_processes_come_in_the_order_asked_for(desk: Desk) -> None:
    rows = desk.do("system.processes", sort="memory", limit=200).result["processes"]
    memory = [row["memory"] for row in rows]
    assert memory == sorted(memory, reverse=True)
    assert len(desk.do("system.processes", limit=1).result["processes"]) == 1
    mine = next(row for row in rows if row["pid"] == os.getpid())
    assert mine["memory"] > 10_000_000


def test_a_busy_process_shows_its_share(desk: Desk) -> None:
    import subprocess
    import sys

    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        try:
            rows = desk.do("system.processes", sort="cpu", limit=200).result["processes"]
        finally:
            busy.kill()
    assert next(row for row in rows if row["pid"] == busy.pid)["cpu_percent"] > 0


def test_uptime_and_start_are_the_same_moment(desk: Desk) -> None:
    result = desk.do("system.uptime").result
    started = datetime.fromisoformat(result["since"])
    assert started.utcoffset() == NOW.utcoffset()
    assert result["seconds"] == max(0, int((NOW - started).total_seconds()))
