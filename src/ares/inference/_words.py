"""Words: how a sentence is cut up, and when two words are the same one in spite of endings and slips.

Everything works on text folded by :func:`ares.inference.command.fold`, which keeps the length, so that
positions found here are positions in what the owner typed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ares.inference.command import fold as fold

_CHUNK: Final = re.compile(r"\S+")
_PIECE: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+(?:[.:,]\d+)*|[^\s\w]|_")
_OPENING: Final = "\"'([{<,;:!?"
_CLOSING: Final = "\"')]}>,;:!?."
_VOWELS: Final = "aeiouy"
# In so few words it is quicker to look at each than to try every slip.
_FEW: Final = 64
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_IRREGULAR: Final = {
    form: verb
    for verb, forms in {
        "be": "is are was were been being am", "break": "broke broken", "bring": "brought", "build": "built",
        "buy": "bought", "do": "did done does doing", "eat": "ate eaten", "find": "found",
        "forget": "forgot forgotten", "get": "got gotten", "give": "gave given", "go": "went gone goes",
        "have": "has had having", "hear": "heard", "keep": "kept", "know": "knew known", "lose": "lost",
        "make": "made", "run": "ran", "say": "said", "see": "saw seen", "sell": "sold", "send": "sent",
        "speak": "spoke spoken", "take": "took taken", "tell": "told", "throw": "threw thrown",
        "wake": "woke woken", "writ": "wrote written",
    }.items()
    for form in forms.split()
} | {"news": "news"}  # fmt: skip
_ENDINGS: Final = ("s", "es", "ed", "ing", "er", "ly")
_SHORTEST_BASE: Final = 4
FILLERS: Final = frozenset({"um", "uh", "erm", "er", "hmm", "uhm", "mm"})


def listed(text: str) -> tuple[str, ...]:
    """The words of ``text``: a list of words as it is pleasant to write."""
    return tuple(text.split())


def any_of(*alternatives: str) -> re.Pattern[str]:
    """A pattern that finds what any of ``alternatives`` does, each a pattern of its own."""
    return re.compile("|".join(alternatives))


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a sentence, folded, with the place it has there."""

    text: str
    start: int
    end: int

    @property
    def literal(self) -> bool:
        """Whether it is a name, a number or a pattern rather than a word of the language."""
        return not self.text.replace("-", "").replace("'", "").isalpha()


@lru_cache(maxsize=4096)
def words(sentence: str) -> tuple[Word, ...]:
    """The words of ``sentence`` as they stand between blanks, without the punctuation around them."""
    found: list[Word] = []
    for match in _CHUNK.finditer(fold(sentence)):
        text, start = match[0], match.start()
        stripped = text.lstrip(_OPENING)
        start += len(text) - len(stripped)
        stripped = stripped.rstrip(_CLOSING) or ("." if stripped == "." else "")
        if stripped and (stripped in (".", "~") or any(letter.isalnum() for letter in stripped)):
            found.append(Word(stripped, start, start + len(stripped)))
    return tuple(found)


def pieces(sentence: str) -> tuple[Word, ...]:
    """The words, numbers and signs of ``sentence``, hesitations left out: ``5pm`` is two pieces, ``17:30``
    is one.
    """
    found = (Word(match[0], match.start(), match.end()) for match in _PIECE.finditer(fold(sentence)))
    return tuple(piece for piece in found if piece.text not in FILLERS)


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """``word`` without its English ending: ``copies`` and ``copied`` are ``copy``, ``running`` is ``run``."""
    word = word.removesuffix("'s").removesuffix("'")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or not word.isalpha():
        return word
    if word.endswith(("ies", "ied")) and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-2] if word.endswith(("ses", "xes", "ches", "shes", "zes")) else word[:-1]
    for ending in ("ing", "ed"):
        base = word.removesuffix(ending)
        if base != word and len(base) >= 3 and any(letter in _VOWELS for letter in base):
            return _verb(base)
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


def _verb(base: str) -> str:
    """What is left of a verb without ``ing`` or ``ed``, as :func:`stem` writes the verb itself."""
    if len(base) > 3:
        doubled = base[-1] == base[-2] and base[-1] not in "lsz"
        return base[:-1] if doubled else base
    # A short verb doubles its last letter ("running") unless it has lost an e ("noting").
    lost = base[0] not in _VOWELS and base[1] in _VOWELS and base[2] not in _VOWELS + "wx"
    return base + "e" if lost else base


def bases(word: str) -> Iterator[str]:
    """What ``word`` may be with an ending: "wished" is "wish", "glued" is "glue"."""
    cut = [word.removesuffix(each) for each in _ENDINGS if word.endswith(each)]
    cut += [word[:-1]] if word.endswith(("ed", "er")) else []
    yield from (base for base in cut if len(base) >= _SHORTEST_BASE)


def swaps(word: str) -> Iterator[str]:
    """``word`` with two neighbours swapped, at every place."""
    for at in range(len(word) - 1):
        if word[at] != word[at + 1]:
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def slips(word: str) -> Iterator[str]:
    """Everything ``word`` may have been meant to be: two neighbours swapped, one letter too many, one
    missing, one wrong (Damerau's four slips, the likeliest first).
    """
    yield from swaps(word)
    cuts = range(len(word))
    yield from (word[:at] + word[at + 1 :] for at in cuts)
    yield from (word[:at] + letter + word[at:] for at in range(len(word) + 1) for letter in _LETTERS)
    yield from (word[:at] + letter + word[at + 1 :] for at in cuts for letter in _LETTERS)


@lru_cache(maxsize=4096)
def alike(one: str, other: str) -> bool:
    """Whether two words differ by at most one slip; short words must be equal, or have two neighbours
    swapped.
    """
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 3 or not (one + other).isalpha():
        return False
    if len(one) == len(other) and sorted(one) == sorted(other):
        differing = [index for index in range(len(one)) if one[index] != other[index]]
        return len(differing) == 2 and differing[1] == differing[0] + 1
    if min(len(one), len(other)) < 4:
        return False
    shorter, longer = sorted((one, other), key=len)
    at = next((i for i, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    return longer[at + 1 :] == shorter[at + (len(one) == len(other)) :]


def nearest(word: str, known: Collection[str]) -> str:
    """``word`` itself, or the first of ``known`` (a set or mapping) that one slip turns it into; empty if
    none. In a word of three letters only a swap counts.
    """
    if word in known:
        return word
    if len(word) < 3 or not word.isalpha():
        return ""
    if len(known) < _FEW:
        return next((each for each in sorted(known) if each[0] in word[:2] and alike(word, each)), "")
    return next((each for each in (slips(word) if len(word) > 3 else swaps(word)) if each in known), "")
