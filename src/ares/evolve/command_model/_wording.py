"""Saying the same thing otherwise: polite wrappings, synonyms, slips of the keyboard, dropped words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Final

from ares.evolve.command_model._sources import Asides

_KEYS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS: Final = {
    key: "".join(row[max(0, place - 1) : place] + row[place + 1 : place + 2])
    for row in _KEYS
    for place, key in enumerate(row)
}
_LEADS_ON: Final = re.compile(r"(?:\b(?:so|please|you|to|can|let's|then|and|but|now)|[,:;.!?…—–-])$")
_LEADS_INTO_VERB: Final = re.compile(r"\b(?:you|to|can|let's)$")
_ASIDES: Final = 0.14
_ARTICLES: Final = re.compile(r"\b(?:the|a|an|my)\s")
_SLOT: Final = re.compile(r"(\{\w+\})")
_CONTENT_AT_END: Final = re.compile(r"\{(?:text|message|content|body)\}\W*$")

_Change = Callable[[str], str]


class Wording:
    """Rewords phrases whose slots stand as ``{name}``; slots are never touched."""

    def __init__(
        self, pools: Mapping[str, Sequence[str]], synonyms: Sequence[Sequence[str]], asides: Asides
    ) -> None:
        self._asides = asides
        both = [*pools["openers"], *pools.get("prefixes", ())]
        asking = (
            "can",
            "could",
            "would",
            "will",
            "i",
            "please",
            "be",
            "kindly",
            "may",
            "is",
            "do",
            "if",
            "would",
        )
        self._asking = [*pools["asking"], *(one for one in both if one.split()[0] in asking)]
        self._openers = [one for one in both if one.split()[0] not in asking or one == "please"]
        self._closers = [*pools["closers"], *pools.get("suffixes", ())]
        self._fillers = pools["fillers"]
        self._verbs = frozenset(pools["imperatives"])
        self._synonyms: dict[str, list[str]] = {}
        for group in synonyms:
            for word in group:
                self._synonyms.setdefault(word, []).extend(other for other in group if other != word)
        words = sorted(map(re.escape, self._synonyms), key=lambda word: -len(word))
        self._replaceable = re.compile(r"(?<![\w'])(?:" + "|".join(words) + r")(?![\w'])")

    def vary(self, phrase: str, rng: Random, strength: float = 1.0) -> str:
        """``phrase`` with some random changes; more with a greater ``strength`` (0 leaves it as it is)."""

        def luck(chance: float) -> bool:
            return rng.random() < chance * strength

        if luck(0.22):
            phrase = self._swap(phrase, rng)
        if luck(0.24):
            phrase = self._wrap(phrase, rng)
        if luck(0.1):
            phrase = self._outside(phrase, lambda part: _ARTICLES.sub("", part))
        if luck(0.12):
            phrase = self._outside(phrase, lambda part: part.replace("'", "").replace(",", ""))
        if luck(0.05):
            phrase = self._scatter(phrase, rng)
        if luck(0.04):
            phrase = self._lose_word(phrase, rng)
        if luck(0.13):
            phrase = self._slip(phrase, rng)
            phrase = self._slip(phrase, rng) if rng.random() < 0.4 else phrase
        if luck(0.14) and phrase[-1:].isalnum():
            phrase += rng.choice((".", "!", "?", "...", "??", "."))
        return phrase

    def talk_around(self, phrase: str, rng: Random, strength: float = 1.0) -> str:
        """``phrase``, at times with talk before it or after it that asks for nothing. A text that is kept as
        it is said takes all that follows, so nothing follows it without a full stop."""
        if rng.random() >= _ASIDES * strength:
            return phrase
        if rng.random() < 0.55:
            aside = rng.choice(self._asides.before)
            if _LEADS_INTO_VERB.search(aside) and phrase.split(" ", 1)[0] not in self._verbs:
                return phrase
            gap = " " if _LEADS_ON.search(aside) else rng.choice((", ", ", ", " ", " - ", ". ", "; "))
            return f"{aside}{gap}{phrase}"
        ends_in_text = _CONTENT_AT_END.search(phrase) is not None
        gap = ". " if ends_in_text else rng.choice((", ", ", ", " ", " ", ". ", " - "))
        return f"{phrase.rstrip('.!?')}{gap}{rng.choice(self._asides.after)}"

    def swap_words(self, text: str, rng: Random) -> str:
        """``text`` with about half of its replaceable words replaced."""
        return self._swap(text, rng)

    def slip_in(self, value: str, rng: Random) -> str:
        """``value`` with one slip of the keyboard."""
        return self._slip(value, rng)

    def _outside(self, phrase: str, change: _Change) -> str:
        parts = _SLOT.split(phrase)
        return "".join(part if index % 2 else change(part) for index, part in enumerate(parts))

    def _swap(self, phrase: str, rng: Random) -> str:
        def other(match: re.Match[str]) -> str:
            return rng.choice(self._synonyms[match[0]]) if rng.random() < 0.5 else match[0]

        return self._outside(phrase, lambda part: self._replaceable.sub(other, part))

    def _wrap(self, phrase: str, rng: Random) -> str:
        first = phrase.split()[0] if phrase.split() else ""
        if first in self._verbs and rng.random() < 0.55:
            phrase = f"{rng.choice(self._asking)} {phrase}"
        elif rng.random() < 0.5 and not phrase.startswith("{text"):
            phrase = f"{rng.choice(self._openers)} {phrase}"
        if rng.random() < 0.4 and not phrase.endswith("}"):
            phrase = f"{phrase}{rng.choice(('', '', ','))} {rng.choice(self._closers)}"
        return phrase

    def _scatter(self, phrase: str, rng: Random) -> str:
        words = phrase.split(" ")
        place = rng.randint(0, max(0, len(words) - 1))
        return " ".join([*words[:place], rng.choice(self._fillers), *words[place:]])

    def _lose_word(self, phrase: str, rng: Random) -> str:
        words = phrase.split(" ")
        loose = [place for place, word in enumerate(words) if "{" not in word]
        if len(words) < 5 or not loose:
            return phrase
        del words[rng.choice(loose)]
        return " ".join(words)

    def _slip(self, phrase: str, rng: Random) -> str:
        words = phrase.split(" ")
        places = [place for place, word in enumerate(words) if len(word) > 3 and word.isalpha()]
        if not places:
            return phrase
        place = rng.choice(places)
        words[place] = _misspell(words[place], rng)
        return " ".join(words)


def _misspell(word: str, rng: Random) -> str:
    at = rng.randint(1, len(word) - 2)
    kind = rng.randint(0, 4)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    if kind == 3:
        return word[:at] + rng.choice(_NEIGHBOURS.get(word[at], word[at]) or word[at]) + word[at + 1 :]
    return word[:at] + rng.choice("aeioutrnsl") + word[at:]
