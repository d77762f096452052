"""One line about a result, made from the manifest's ``summary`` and the result alone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ares.core import Capability, Json

_FIELD = re.compile(r"\{(\w+)(?::(\w+))?\}")


def summarise(capability: Capability, result: Json) -> str:
    """Return the capability's summary line with the members of ``result`` in it.

    ``{size:bytes}`` writes a byte count as people do, ``{age:duration}`` seconds as days and hours,
    ``{items:count}`` the number of items. An unknown member leaves the line out: no line is better than a
    wrong one.
    """
    if not capability.summary or not isinstance(result, Mapping):
        return ""
    if any(result.get(match.group(1)) is None for match in _FIELD.finditer(capability.summary)):
        return ""
    return _FIELD.sub(lambda match: _write(result[match.group(1)], match.group(2) or ""), capability.summary)


def _write(value: Json, how: str) -> str:
    if how == "bytes" and isinstance(value, int | float):
        return human_bytes(value)
    if how == "duration" and isinstance(value, int | float):
        return human_duration(value)
    if how == "count" and isinstance(value, list | tuple):
        return str(len(value))
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return " ".join(_write(item, "") for item in value)
    return str(value)


def human_bytes(count: float) -> str:
    """Return a byte count in the largest unit that leaves a number from 1, powers of 1024."""
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB"):
        if abs(count) < 1024:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} PiB"


def human_duration(seconds: float) -> str:
    """Return seconds as the two largest of days, hours, minutes and seconds."""
    left = int(seconds)
    parts: list[str] = []
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return " ".join(parts[:2]) or "0 seconds"
