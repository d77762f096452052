"""Time zones, by the names of cities and countries.

Names of zones and countries come from the tables of the ``tzdata`` package, cities and regions besides them
from ``zones.txt`` in this folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import resources
from typing import Final

from ares.inference._lexicon import lexicon
from ares.inference._words import Word, fold, listed, nearest
from ares.inference.values._found import Found, Parsed, scan, text_at

_LONGEST: Final = 4
_FAMILIES: Final = frozenset(
    {
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    }
)
# Zone names that are everyday words or first names besides: a zone only where one is expected.
_WEAK: Final = frozenset(
    listed(
        "nice la us wake easter center central eastern mountain pacific man south north east west midway"
        " phoenix jersey davis casey knox lima rio cork linz perth troll general bishop victoria florence"
        " georgia jordan chad turkey oxford ist la cali kl bern general acre turin nome est cst mst bath"
        " reading"
    )
)
_HERE: Final = frozenset({"here", "local", "home", "us", "ours", "our", "my", "mine", "me"})


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    zones: Mapping[str, str]
    long_names: frozenset[str]


@lru_cache(maxsize=1)
def _gazetteer() -> _Gazetteer:
    """Every known name, folded, with its zone."""
    tables = resources.files("tzdata")
    names = tables.joinpath("zones").read_text(encoding="utf-8").split()
    zones: dict[str, str] = {}
    for zone in names:
        family, _, city = zone.partition("/")
        if family in _FAMILIES:
            zones[fold(zone)] = zone
            zones[_plain(city.rpartition("/")[2])] = zone
    zones |= _countries(tables.joinpath("zoneinfo"))
    listed = resources.files(__package__).joinpath("zones.txt").read_text(encoding="utf-8")
    for line in listed.splitlines():
        zone, equals, cities = line.partition(" = ")
        if equals and not line.startswith("#"):
            zones |= {city.strip(): zone for city in cities.split(",")}
    return _Gazetteer(zones, frozenset(name for name in zones if len(name) > 4))


def _plain(city: str) -> str:
    return fold(city).replace("_", " ").replace("-", " ")


def _countries(folder: resources.abc.Traversable) -> dict[str, str]:
    """Countries that have one zone only."""
    zones: dict[str, list[str]] = {}
    for line in folder.joinpath("zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, _, zone = line.split("\t")[:3]
            zones.setdefault(code, []).append(zone)
    found = {}
    for line in folder.joinpath("iso3166.tab").read_text(encoding="utf-8").splitlines():
        code, tab, name = line.partition("\t")
        if tab and not line.startswith("#") and len(zones.get(code, ())) == 1:
            found[_plain(name)] = zones[code][0]
    return found


def zone(cut: Sequence[Word], at: int, here: str = "") -> Parsed | None:
    """A time zone at piece ``at``; ``here`` is the owner's own, for words such as ``here`` and ``us``."""
    gazetteer = _gazetteer()
    for length in range(_LONGEST, 0, -1):
        parts = [text_at(cut, at + offset) for offset in range(length)]
        if not all(parts) or (length == 1 and here and parts[0] in _HERE):
            continue
        for name in (" ".join(parts), "".join(parts)):
            if name in gazetteer.zones and (length == 1 or len(name) > 5):
                value = gazetteer.zones[name]
                return Parsed(value, at + length, _how(name, value), name not in _WEAK)
        if length == 1:
            unknown = not lexicon().common(parts[0])
            name = nearest(parts[0], gazetteer.long_names) if unknown else ""
            if name and name not in _WEAK and parts[0][0] == name[0]:
                value = gazetteer.zones[name]
                return Parsed(value, at + length, f"{name} ({value})", False)
    if here and text_at(cut, at) in _HERE:
        return Parsed(here, at + 1, f"here ({here})", False)
    return None


def _how(name: str, value: str) -> str:
    return "" if fold(value).rpartition("/")[2].replace("_", " ") == name or fold(value) == name else value


def zones(sentence: str, here: str = "") -> tuple[Found, ...]:
    """The time zones named in ``sentence``."""
    return scan(partial(zone, here=here), sentence)
