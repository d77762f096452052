"""The time here and elsewhere, from the IANA time zone database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from ares.core import Value
from ares.errors import ModuleError, NotFoundError, UsageError
from ares.runtime import Arguments, Context, Result
from ares.runtime.hookspecs import hookimpl

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# What people say, where the database has no zone of that name: countries with several zones by their capital
# or largest city, other names of countries, large cities without a zone of their own, older spellings.
SPOKEN: Final[Mapping[str, str]] = {
    "Africa/Johannesburg": "south africa, cape town, durban, pretoria",
    "America/Argentina/Buenos_Aires": "argentina",
    "America/Chicago": "dallas, houston, austin, new orleans, central time",
    "America/Denver": "mountain time, salt lake city",
    "America/Guayaquil": "ecuador, quito",
    "America/Los_Angeles": "california, san francisco, seattle, las vegas, san diego, pacific time",
    "America/Mexico_City": "mexico",
    "America/New_York": "usa, us, america, the states, united states, washington, boston, miami, atlanta, "
    "philadelphia, nyc, eastern time",
    "America/Santiago": "chile",
    "America/Sao_Paulo": "brazil, rio, rio de janeiro, brasilia",
    "America/Toronto": "canada, montreal, ottawa",
    "Asia/Almaty": "kazakhstan",
    "Asia/Dubai": "uae, emirates, abu dhabi",
    "Asia/Ho_Chi_Minh": "saigon, hanoi",
    "Asia/Jakarta": "indonesia",
    "Asia/Kolkata": "calcutta, delhi, new delhi, mumbai, bombay, bangalore, chennai",
    "Asia/Kuala_Lumpur": "malaysia",
    "Asia/Nicosia": "cyprus",
    "Asia/Seoul": "korea, south korea",
    "Asia/Shanghai": "china, beijing, shenzhen",
    "Asia/Taipei": "taiwan",
    "Asia/Tashkent": "uzbekistan",
    "Asia/Tokyo": "osaka, kyoto",
    "Asia/Ulaanbaatar": "mongolia",
    "Asia/Yangon": "rangoon, burma",
    "Atlantic/Reykjavik": "iceland",
    "Australia/Sydney": "australia, canberra",
    "Europe/Amsterdam": "holland, the netherlands",
    "Europe/Berlin": "germany, munich, hamburg, frankfurt, cologne",
    "Europe/Istanbul": "turkey, ankara",
    "Europe/Kyiv": "ukraine, kiev",
    "Europe/Lisbon": "portugal",
    "Europe/London": "uk, britain, great britain, england, scotland, wales, united kingdom, edinburgh, "
    "manchester",
    "Europe/Madrid": "spain, barcelona",
    "Europe/Moscow": "russia, saint petersburg",
    "Europe/Prague": "czech republic, czechia",
    "Europe/Rome": "milan, naples",
    "Europe/Zurich": "geneva, bern, basel",
    "Pacific/Auckland": "new zealand, wellington",
    "Pacific/Honolulu": "hawaii",
    "UTC": "gmt, greenwich, zulu, universal time, coordinated universal time",
}  # fmt: skip

# Names of two places far apart, neither of which is meant more often.
SHARED: Final[Mapping[str, str]] = {
    "congo": "Kinshasa or Brazzaville",
    "georgia": "Tbilisi or Atlanta",
}


@hookimpl
def ares_operations() -> Mapping[str, Callable[[Arguments, Context], Result]]:
    """Offer the three capabilities."""
    return {"now": now, "convert": convert, "until": until}


@hookimpl
def ares_values(source: str, context: Context) -> Iterable[Value] | None:
    """Offer the zones by their cities and countries."""
    return zones() if source == "clock.zones" else None


def now(arguments: Arguments, context: Context) -> Result:
    """Tell the time in a zone, by default in the one here."""
    moment = context.now()
    if "zone" in arguments:
        moment = moment.astimezone(find_zone(arguments["zone"]))
    return {
        "time": f"{moment:%H:%M}",
        "date": moment.date().isoformat(),
        "zone": zone_name(moment),
        "weekday": WEEKDAYS[moment.weekday()],
    }


def convert(arguments: Arguments, context: Context) -> Result:
    """Convert a time of today in one zone to another."""
    clock = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", arguments["time"])
    if clock is None:
        raise UsageError(f"{arguments['time']!r} is no time of day; write it as 17:30")
    here = context.now()
    source: tzinfo | None = find_zone(arguments["from"]) if "from" in arguments else here.tzinfo
    target = find_zone(arguments["to"])
    today = here.astimezone(source).date()
    given = datetime.combine(today, time(int(clock[1]), int(clock[2])), source)
    if not _exists(given):
        raise UsageError(
            f"there is no {given:%H:%M} on {today} in {zone_name(given)}, where the clocks are put forward; "
            f"the next time there is {_next_existing(given):%H:%M}"
        )
    there = given.astimezone(target)
    return {
        "time": f"{there:%H:%M}",
        "date": there.date().isoformat(),
        "from": zone_name(given),
        "to": zone_name(there),
        "note": _note(given),
    }


def until(arguments: Arguments, context: Context) -> Result:
    """Count the days from today; negative for a date that has passed."""
    try:
        day = date.fromisoformat(arguments["date"])
    except ValueError:
        raise UsageError(f"{arguments['date']!r} is no date; write it as 2026-12-24") from None
    left: timedelta = day - context.now().date()
    return {"date": day.isoformat(), "days": left.days, "weekday": WEEKDAYS[day.weekday()]}


def zones() -> Iterator[Value]:
    """Yield each zone of the database's list of places, with the names that people use for it."""
    countries = {code: name for code, name, *_ in _table("iso3166.tab")}
    rows = [(codes.split(","), zone) for codes, _, zone, *_ in _table("zone.tab")]
    counts: dict[str, int] = {}
    for codes, _ in rows:
        for code in codes:
            counts[code] = counts.get(code, 0) + 1
    for codes, zone in rows:
        city = zone.rpartition("/")[2].replace("_", " ")
        alone = [countries[code] for code in codes if counts[code] == 1 and code in countries]
        yield Value(zone, _aliases(city, *alone, *SPOKEN.get(zone, "").split(", ")), city)
    yield Value("UTC", _aliases("utc", *SPOKEN["UTC"].split(", ")), "UTC")


def find_zone(words: str) -> ZoneInfo:
    """Return the zone of an IANA name, a city or a country.

    Raises :class:`NotFoundError`, :class:`UsageError` for a name that is that of two places.
    """
    wanted = _folded(words)
    if wanted in SHARED:
        raise UsageError(f"{words!r} is the name of two places; say {SHARED[wanted]}")
    for value in zones():
        if wanted in (_folded(value.value), *map(_folded, value.aliases)):
            return ZoneInfo(value.value)
    try:
        return ZoneInfo(words.strip().replace(" ", "_"))
    except (OSError, ValueError, LookupError):
        # LookupError: ZoneInfoNotFoundError; OSError: a folder of the database such as "Europe".
        raise NotFoundError(
            f"no time zone is called {words!r}; say a city, or a name such as Asia/Tokyo"
        ) from None


def zone_name(moment: datetime) -> str:
    """Return the IANA name of a time's zone, or its offset where the machine's zone has no name."""
    return str(getattr(moment.tzinfo, "key", None) or f"{moment:%z}")


def _exists(local: datetime) -> bool:
    """Whether the clocks of its zone ever show this time: they leave some out when they are put forward."""
    again = local.astimezone(UTC).astimezone(local.tzinfo)
    return again.replace(tzinfo=None) == local.replace(tzinfo=None)


def _next_existing(local: datetime) -> datetime:
    while not _exists(local):
        local += timedelta(minutes=1)
    return local


def _note(local: datetime) -> str:
    """Return what is to be added about a time that the clocks of its zone show twice; else nothing."""
    if local.utcoffset() == local.replace(fold=1).utcoffset():
        return ""
    return f" ({local:%H:%M} comes twice that day in {zone_name(local)}; this is for the first, {local:%z})"


def _folded(words: str) -> str:
    """Return a name as it is compared: without case and accents, and with spaces for underscores."""
    apart = unicodedata.normalize("NFKD", words.strip().casefold().replace("_", " "))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _table(name: str) -> Iterator[list[str]]:
    spec = find_spec("tzdata")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleError("the Python package tzdata, which lists the time zones, is not installed")
    text = (Path(spec.submodule_search_locations[0]) / "zoneinfo" / name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _aliases(*names: str) -> tuple[str, ...]:
    said = dict.fromkeys(name.casefold() for name in names if name)
    return tuple(name for name in said if name not in SHARED)
