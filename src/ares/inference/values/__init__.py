"""Values: what the words of a sentence are as numbers, durations, times, dates, zones, addresses, paths,
choices and live values of modules. Nothing is guessed in silence: what had to be concluded stands in
``Found.how``.
"""

from __future__ import annotations

from ares.inference.values._addresses import emails, ips, macs, urls
from ares.inference.values._dates import dates
from ares.inference.values._durations import durations
from ares.inference.values._found import Found
from ares.inference.values._live import live_values
from ares.inference.values._names import Names
from ares.inference.values._normaliser import Normaliser, Slot, slots
from ares.inference.values._numbers import as_number, numbered, numbers
from ares.inference.values._paths import KnownPaths, paths, quoted, written_paths
from ares.inference.values._times import times
from ares.inference.values._zones import zones

__all__ = [
    "Found",
    "KnownPaths",
    "Names",
    "Normaliser",
    "Slot",
    "as_number",
    "dates",
    "durations",
    "emails",
    "ips",
    "live_values",
    "macs",
    "numbered",
    "numbers",
    "paths",
    "quoted",
    "slots",
    "times",
    "urls",
    "written_paths",
    "zones",
]
