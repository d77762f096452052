"""What the matcher sees in a sentence: words with weights, slips mended, and the groups of the thesaurus
they are in.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from ares.inference._lexicon import Lexicon, Mention, lexicon
from ares.inference._words import FILLERS, Word, listed, nearest, slips, stem, words

# A word that every request uses tells nothing.
_COMMON_WEIGHT: Final = 1.5
_LONG: Final = 6
_ENDS: Final = ".!?:"
_POLITE: Final = frozenset(
    listed(
        "please pls plz kindly thanks thank thx hey hi hello ok okay so well like oh yeah right uh um can"
        " could would will you i me my mind want need let"
    )
)


@dataclass(frozen=True, slots=True)
class Analysis:
    """A sentence read for matching. Entry ``i`` of ``forms``, ``stems`` and ``weights`` belongs to
    ``words[i]``; ``mended`` are the slips that were taken for another word, as typed and as meant.
    """

    sentence: str
    words: tuple[Word, ...]
    forms: tuple[str, ...]
    stems: tuple[str, ...]
    weights: tuple[float, ...]
    mentions: tuple[Mention, ...]
    mended: tuple[tuple[str, str], ...]

    def places(self, start: int, end: int) -> tuple[int, ...]:
        """The numbers of the words that touch the characters ``start:end``."""
        return tuple(i for i, word in enumerate(self.words) if word.start < end and start < word.end)


def analyse(sentence: str, english: Lexicon, known: Collection[str] = frozenset()) -> Analysis:
    """Read ``sentence``; ``known`` are words that are no slips besides those of the language."""
    cut = words(sentence)
    names = _names(sentence, cut)
    mended: list[tuple[str, str]] = []
    forms: list[str] = []
    for at, word in enumerate(cut):
        text = word.text.removesuffix("'s")
        if not (word.literal or at in names or text in known or english.knows(text)):
            meant = _meant(text, known) or nearest(text, english.forms)
            if meant:
                mended.append((word.text, meant))
                text = meant
        forms.append(text)
    stems = tuple(stem(form) for form in forms)
    weights = tuple(word_weight(each, english) for each in stems)
    return Analysis(sentence, cut, tuple(forms), stems, weights, english.mentions(stems), tuple(mended))


def _names(sentence: str, cut: Sequence[Word]) -> Collection[int]:
    """The numbers of the words that a capital letter inside a sentence says to be names, unless most words
    have one.
    """
    capital = [at for at, word in enumerate(cut) if sentence[word.start].isupper()]
    if 2 * len(capital) > len(cut):
        return ()
    before = (sentence[: cut[at].start].rstrip()[-1:] for at in capital)
    return frozenset(at for at, last in zip(capital, before, strict=True) if last and last not in _ENDS)


def _meant(text: str, known: Collection[str]) -> str:
    """The word of ``known``, those that capabilities are spoken of with, that ``text`` was meant to be: one
    slip away, or two in a long word.
    """
    found = nearest(text, known)
    if found or not text.isalpha():
        return found
    if len(text) == 3:
        return next((each for each in slips(text) if len(each) == 4 and each in known), "")
    if len(text) >= _LONG:
        likely = [each for each in known if each[0] == text[0] and len(text) <= len(each) <= len(text) + 2]
        return next((each for each in sorted(likely) if not set(slips(each)).isdisjoint(slips(text))), "")
    return ""


def word_weight(each: str, english: Lexicon) -> float:
    """How much a word (as a stem) tells about what is wanted; 0 for words of courtesy and the commonest
    ones.
    """
    if each in _POLITE or each in FILLERS:
        return 0.0
    return max(0.0, english.weight(each) - _COMMON_WEIGHT)


def stems_of(text: str) -> Sequence[str]:
    """The words of a phrase of a manifest as stems."""
    return [stem(word.text.removesuffix("'s")) for word in words(text)]


def related_words(sentence: str) -> tuple[str, ...]:
    """Words that mean much the same as those of ``sentence``, for a search that knows no groups."""
    found = analyse(sentence, lexicon())
    concepts = {mention.concept: None for mention in found.mentions}
    own = [word for _, word in found.mended]
    return tuple(
        dict.fromkeys((*own, *(word for concept in concepts for word in lexicon().words_in(concept))))
    )
