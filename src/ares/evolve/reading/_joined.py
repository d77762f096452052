"""Sentences that ask for two things at once, written by hand with slots, filled from small fixed pools."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from ares.core import Json
from ares.evolve.reading._requests import Request

_SLOT: Final = re.compile(r"\{([12])\.(\w+)\}")

# What is said for an argument of the first and of the second request, and what it means to the machine in
# ``tests/data/requests/world.yaml``. Several values hold a word that joins.
_POOLS: Final[dict[str, tuple[tuple[str, Json], ...]]] = {
    "files.find name": (("*.mp3", "*.mp3"), ("salt and pepper.txt", "salt and pepper.txt")),
    "hosts.add name": (("kodi", "kodi"), ("garage-pc", "garage-pc")),
    "name": (("nas", "nas"), ("laptop", "laptop")),
    "path": (("todo.md", "todo.md"), ("old-logs", "old-logs")),
    "files.list path": (("photos", "photos"), ("~/Downloads", "~/Downloads")),
    "files.read path": (("readme.md", "readme.md"), ("config.yaml", "config.yaml")),
    "system.disk path": (("~/Videos", "~/Videos"), ("/mnt/data", "/mnt/data")),
    "source": (("report.pdf", "report.pdf"), ("budget.xlsx", "budget.xlsx")),
    "destination": (("~/Documents", "~/Documents"), ("recipes", "recipes")),
    "item": (("holiday.jpg", "2"), ("thesis.docx", "3")),
    "text": (("milk and eggs are out", None), ("the boiler man comes on monday", None)),
    "note": (("the dentist", "dentist"), ("printer ink", None)),
    "query": (("wifi", None), ("bread and butter", None)),
    "mac": (("00:11:22:33:44:55", "00:11:22:33:44:55"), ("66:77:88:99:aa:bb", "66:77:88:99:AA:BB")),
    "zone": (("tokyo", "Asia/Tokyo"), ("lisbon", "Europe/Lisbon")),
    "from": (("london", "Europe/London"), ("denver", "America/Denver")),
    "to": (("tokyo", "Asia/Tokyo"), ("lisbon", "Europe/Lisbon")),
    "time": (("17:30", "17:30"), ("9pm", "21:00")),
    "date": (("3 march", "2027-03-03"), ("christmas", "2026-12-25")),
    "limit": (("5", 5), ("10", 10)),
    "sort": (("memory", "memory"), ("cpu", "cpu")),
}


def load_joined(file: Path) -> tuple[Request, ...]:
    """Read a file of joined sentences (``phrase`` with slots such as ``{1.path}``, ``capabilities`` in order)
    and fill them.
    """
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return tuple(_filled(number, row["phrase"], row["capabilities"]) for number, row in enumerate(rows, 1))


def _filled(number: int, phrase: str, capabilities: list[str]) -> Request:
    arguments: list[dict[str, Json]] = [{} for _ in capabilities]

    def fill(slot: re.Match[str]) -> str:
        place, name = int(slot[1]) - 1, slot[2]
        pool = _POOLS.get(f"{capabilities[place]} {name}") or _POOLS[name]
        said, meant = pool[place]
        arguments[place][name] = said if meant is None else meant
        return said

    text = _SLOT.sub(fill, phrase)
    answer = tuple(zip(capabilities, arguments, strict=True))
    return Request(f"j{number:03}", "joined", "joined", text, (answer,), "")
