"""Values for the slots of training phrases: names and texts from pools, numbers, times and paths made up by
rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


_ONES: Final = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen"
)
_TENS: Final = _words("zero ten twenty thirty forty fifty sixty seventy eighty ninety")
_MONTHS: Final = _words(
    "january february march april may june july august september october november december jan feb mar apr"
    " jun jul aug sept oct nov dec"
)
_DAYS: Final = _words("monday tuesday wednesday thursday friday saturday sunday")
_FEASTS: Final = _phrases(
    "christmas|new year|easter|halloween|new year's eve|christmas eve|boxing day|valentine's day|pentecost"
    "|my birthday|the holidays|silvester|epiphany|thanksgiving|labour day|the end of the year|st nicholas day"
)
_NEAR_DAYS: Final = _phrases(
    "tomorrow|today|the day after tomorrow|next week|yesterday|next month|the weekend|tonight|in two weeks"
    "|summer|the first of the month"
)
_SPANS: Final = _phrases(
    "half an hour|an hour|a minute|a week|a day|quarter of an hour|an hour and a half|a quarter hour"
    "|two and a half hours|a couple of hours|three quarters of an hour|half a minute|a fortnight|half a day"
)
_UNITS: Final = _words("second minute hour day week")
_SHORT_UNITS: Final = ("s", "sec", "m", "min", "mins", "h", "hrs", "d")
_HOUR_WORDS: Final = ("noon", "midnight", "midday", "lunchtime")
_ORDINALS: Final = _words(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
    " fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_SYLLABLES: Final = _words(
    "ba be bo bi da de do di fa fe fo ga go ka ke ki ko la le li lo lu ma me mi mo mu na ne ni no pa pe pi"
    " po ra re ri ro ru sa se si so ta te ti to tu va ve vi vo za zo sha cho tri pla gre ston wick ler min"
    " dor ven tus"
)
_READY: Final = {
    "note": "note_texts",
    "text": "note_texts",
    "query": "queries",
    "topic": "queries",
    "file": "file_names",
    "entry": "file_names",
    "folder": "folder_names",
    "path": "paths",
    "disk": "paths",
    "pattern": "patterns",
    "url": "urls",
    "email": "emails",
    "date": "dates_spoken",
    "time": "times_spoken",
    "duration": "durations_spoken",
}
_PLACE: Final = re.compile(r"\{(\w+)\}")


def number_words(number: int) -> str:
    """``number`` (0 to 999) in English words."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f" {_ONES[ones]}" if ones else "")
    hundreds, rest = divmod(number, 100)
    return f"{_ONES[hundreds]} hundred" + (f" {number_words(rest)}" if rest else "")


def ordinal(number: int) -> str:
    """``number`` with its English ending: 1st, 2nd, 13th."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}" + {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


class Values:
    """Draws values. ``pools`` are lists of words and texts by name; ``words`` are ordinary words for free
    text."""

    def __init__(self, pools: Mapping[str, Sequence[str]], words: Sequence[str]) -> None:
        self._pools = pools
        self._words = words
        self._makers: dict[str, Callable[[Random], str]] = {
            "number": self._number,
            "count": self._count,
            "percent": self._percent,
            "duration": self._duration,
            "time": self._time,
            "date": self._date,
            "file": self._file,
            "folder": self._folder,
            "path": self._path,
            "entry": lambda rng: self._file(rng) if rng.random() < 0.72 else self._folder(rng),
            "destination": lambda rng: self._folder(rng) if rng.random() < 0.66 else self._file(rng),
            "disk": lambda rng: self._path(rng) if rng.random() < 0.6 else self._folder(rng),
            "pattern": self._pattern,
            "item": lambda rng: self._file(rng) if rng.random() < 0.72 else self._count(rng),
            "topic": lambda rng: self._topic(rng) if rng.random() < 0.75 else self._count(rng),
            "query": self._topic,
            "zone": self._zone,
            "mac": self._mac,
            "ip": self._ip,
            "url": self._url,
            "email": self._email,
            "word": self.word,
            "note": self._note,
            "text": self._note,
            "host": lambda rng: self._pick("hosts", rng),
            "newhost": lambda rng: self._pick("hosts", rng) if rng.random() < 0.7 else self.word(rng),
            "person": lambda rng: self._pick("people", rng),
            "room": lambda rng: self._pick("rooms", rng),
            "city": lambda rng: self._pick("cities", rng),
            "name": lambda rng: self._pick("people", rng) if rng.random() < 0.5 else self.word(rng),
        }

    def draw(self, kind: str, rng: Random, samples: Sequence[str] = ()) -> str:
        """A value of ``kind``, often one of ``samples`` when there are any, sometimes of plain random
        words."""
        if samples and rng.random() < 0.6:
            return rng.choice(samples)
        ready = _READY.get(kind)
        if ready and rng.random() < 0.45:
            return self._pick(ready, rng)
        if kind in ("text", "word", "name", "query", "newhost", "note") and rng.random() < 0.35:
            return " ".join(
                self.word(rng) for _ in range(1 if kind in ("word", "newhost") else rng.randint(1, 4))
            )
        return self._makers[kind](rng)

    def word(self, rng: Random) -> str:
        """An ordinary word, sometimes a made-up one."""
        if rng.random() < 0.75:
            return rng.choice(self._words)
        made = "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(2, 3)))
        return made + (str(rng.randint(1, 99)) if rng.random() < 0.2 else "")

    def _pick(self, pool: str, rng: Random) -> str:
        return rng.choice(self._pools[pool])

    def _number(self, rng: Random) -> str:
        number = rng.choice(
            (rng.randint(1, 12), rng.randint(1, 60), rng.randint(10, 999), rng.randint(100, 9999))
        )
        if number < 1000 and rng.random() < 0.25:
            return number_words(number)
        return f"{number}.{rng.randint(1, 99)}" if rng.random() < 0.05 else str(number)

    def _count(self, rng: Random) -> str:
        number = rng.choice(
            (rng.randint(1, 9), rng.randint(1, 20), rng.choice((3, 5, 10, 15, 20, 25, 30, 50, 100)))
        )
        return number_words(number) if rng.random() < 0.3 else str(number)

    def _percent(self, rng: Random) -> str:
        number = rng.choice((rng.randint(1, 20) * 5, rng.randint(1, 100)))
        return number_words(number) if rng.random() < 0.25 else str(number)

    def _duration(self, rng: Random) -> str:
        pick = rng.random()
        number = rng.choice((rng.randint(1, 10), rng.randint(1, 12) * 5))
        if pick < 0.15:
            return rng.choice(_SPANS)
        if pick < 0.3:
            return f"{number}{rng.choice(('', ' '))}{rng.choice(_SHORT_UNITS)}"
        unit = rng.choice(_UNITS) + ("" if number == 1 else "s")
        return f"{number_words(number) if rng.random() < 0.35 else number} {unit}"

    def _time(self, rng: Random) -> str:
        hour, minute = rng.randint(0, 23), rng.choice((0, 0, 15, 30, 45, rng.randint(0, 59)))
        half = rng.choice(("am", "pm"))
        space = rng.choice(("", " "))
        small = rng.randint(1, 12)
        forms = (
            f"{hour:02}:{minute:02}",
            f"{hour}:{minute:02}",
            f"{small}{space}{half}",
            f"{small}:{minute:02}{space}{half}",
            f"{number_words(small)} {half}",
            f"{small} o'clock",
            f"{number_words(small)} o'clock",
            f"half past {number_words(small)}",
            f"quarter {rng.choice(('to', 'past'))} {number_words(small)}",
            f"{number_words(small)} {rng.choice(('thirty', 'fifteen', 'forty five', 'twenty'))}",
            rng.choice(_HOUR_WORDS),
            f"{small} in the {rng.choice(('morning', 'afternoon', 'evening'))}",
            f"{number_words(small)} in the {rng.choice(('morning', 'afternoon', 'evening'))}",
            f"{small}",
            f"{small} at night",
            f"{number_words(small)} {number_words(rng.choice((10, 15, 20, 30, 40, 45)))} {half}",
            f"{hour}.{minute:02}",
            f"{hour}h",
        )
        return rng.choice(forms)

    def _date(self, rng: Random) -> str:
        month, day, year = rng.choice(_MONTHS), rng.randint(1, 28), rng.randint(2025, 2028)
        spoken = rng.choice(_ORDINALS)
        tail = f" {year}" if rng.random() < 0.15 else ""
        forms = (
            rng.choice(_FEASTS),
            f"{rng.choice(('next ', 'this ', 'on ', '', '', 'coming '))}{rng.choice(_DAYS)}".removeprefix(
                "on "
            ),
            rng.choice(_NEAR_DAYS),
            f"{day} {month}{tail}",
            f"{month} {day}{tail}",
            f"{month} {ordinal(day)}{tail}",
            f"the {ordinal(day)} of {month}{tail}",
            f"{ordinal(day)} {month}{tail}",
            f"{year}-{rng.randint(1, 12):02}-{day:02}",
            f"{day}.{rng.randint(1, 12)}.{year}",
            f"{rng.randint(1, 12)}/{day}",
            f"the {spoken} of {month}",
            f"{month} {spoken}",
            f"the {ordinal(day)}",
            f"{spoken} {month}",
            f"{day}.{rng.randint(1, 12)}.",
        )
        return rng.choice(forms)

    def _stem(self, rng: Random) -> str:
        if rng.random() < 0.6:
            return self._pick("stems", rng)
        joint = rng.choice(("-", "_", "", "-"))
        return joint.join(self.word(rng).replace(" ", "") for _ in range(rng.choice((1, 1, 2))))

    def _file(self, rng: Random) -> str:
        pick = rng.random()
        if pick < 0.66:
            return f"{self._stem(rng)}.{self._pick('extensions', rng)}"
        if pick < 0.78:
            return self._stem(rng)
        if pick < 0.83:
            return f"{self._stem(rng).replace('-', ' ')} dot {self._pick('extensions', rng)}"
        if pick < 0.86:
            return f"{self._stem(rng).replace('-', ' ')} {self._pick('extensions', rng)}"
        return f"{self._path(rng).rstrip('/')}/{self._stem(rng)}.{self._pick('extensions', rng)}"

    def _folder(self, rng: Random) -> str:
        pick = rng.random()
        if pick < 0.62:
            return self._pick("folders", rng) + ("/" if rng.random() < 0.08 else "")
        return self.word(rng) if pick < 0.75 else self._path(rng)

    def _path(self, rng: Random) -> str:
        root = self._pick("roots", rng)
        if rng.random() < 0.6:
            return root
        return f"{root.rstrip('/')}/{self.word(rng).replace(' ', '-')}"

    def _pattern(self, rng: Random) -> str:
        pick = rng.random()
        if pick < 0.28:
            return f"*.{self._pick('extensions', rng)}"
        if pick < 0.4:
            return self._file(rng)
        if pick < 0.45:
            return f"{self._stem(rng)}*"
        if pick < 0.52:
            return self._pick("extensions", rng)
        if pick < 0.8:
            return self._stem(rng).replace("-", rng.choice((" ", "-")))
        return self._topic(rng)

    def _topic(self, rng: Random) -> str:
        pick = rng.random()
        if pick < 0.6:
            return self._pick("subjects", rng)
        if pick < 0.7:
            return self._pick("people", rng)
        return " ".join(self.word(rng) for _ in range(rng.choice((1, 1, 2, 3))))

    def _zone(self, rng: Random) -> str:
        return self._pick(rng.choices(("cities", "countries", "zones"), (6, 3, 1))[0], rng)

    def _mac(self, rng: Random) -> str:
        joint = rng.choice((":", ":", ":", "-", " ", ""))
        return joint.join(f"{rng.randint(0, 255):02x}" for _ in range(6))

    def _ip(self, rng: Random) -> str:
        net = rng.choice(("192.168.{}.{}", "10.0.{}.{}", "172.16.{}.{}", "192.168.178.{1}", "192.168.1.{1}"))
        return net.format(rng.randint(0, 255), rng.randint(1, 254))

    def _url(self, rng: Random) -> str:
        site = f"{self.word(rng).replace(' ', '')}.{rng.choice(('com', 'org', 'de', 'net', 'io'))}"
        tail = f"/{self.word(rng)}" if rng.random() < 0.4 else ""
        return rng.choice(("https://", "http://", "", "www.")) + site + tail

    def _email(self, rng: Random) -> str:
        name = self._pick("people", rng).split()[-1]
        return f"{name}@{self.word(rng).replace(' ', '')}.{rng.choice(('com', 'org', 'de', 'net'))}"

    def _note(self, rng: Random) -> str:
        kinds = {
            "subject": "subjects",
            "person": "people",
            "room": "rooms",
            "host": "hosts",
            "city": "cities",
        }

        def fill(match: re.Match[str]) -> str:
            if match[1] in kinds:
                return self._pick(kinds[match[1]], rng)
            return self._makers[match[1]](rng)

        return _PLACE.sub(fill, self._pick("notes", rng))
