"""Counts the words of requests, for the weight of a word, and lists those that are no slips."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from ares.inference._words import bases, slips, stem, words

_SLOT: Final = re.compile(r"\{\w+\}")
# A bundled capability has about ten times the phrases of an invented one; its words are not ten times as
# common.
_BUNDLED_SHARE: Final = 10
_WORD: Final = re.compile(r"(?<![\w'{-])[a-z]{3,}(?![\w'}-])")
_TWICE: Final = 2
_RARER: Final = 3
"""A word so many times rarer than one that a slip makes of it is that slip."""
_IN_A_LINE: Final = 16


def count_words(phrases: Iterable[tuple[str, float]]) -> Mapping[str, tuple[int, list[str]]]:
    """Return for every stem in ``phrases`` (text, weight) in how many of them it occurs and in which
    forms.
    """
    occurs: Counter[str] = Counter()
    forms: dict[str, set[str]] = {}
    for phrase, weight in phrases:
        found = {
            word.text.removesuffix("'s")
            for word in words(_SLOT.sub(" ", phrase))
            if word.text[0].isalpha() and not word.literal
        }
        for form in found:
            forms.setdefault(stem(form), set()).add(form)
        for each in {stem(form) for form in found}:
            occurs[each] += weight  # type: ignore[assignment]
    return {each: (max(1, round(occurs[each])), sorted(forms[each])) for each in sorted(occurs)}


def phrases_in(folder: Path) -> list[tuple[str, float]]:
    """The training phrases in ``folder`` with their weights; files that have typing errors on purpose are
    left out."""
    found: list[tuple[str, float]] = []
    files = [*sorted(folder.glob("tools_*.jsonl")), folder / "bundled.jsonl", folder / "none.jsonl"]
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            weight = 1 / _BUNDLED_SHARE if "capability" in row else 1.0
            texts = row.get("phrases") or [row.get("request") or row.get("phrase") or ""]
            found += [(str(text), weight) for text in texts if text]
    return found


def listed_words(file: Path) -> list[str]:
    """The words in ``file``, any number a line; lines that begin with # are for people."""
    lines = (line for line in file.read_text("utf-8").splitlines() if not line.startswith("#"))
    return [word for line in lines for word in line.split()]


def further_words(vocabulary: Iterable[str], sentences: Iterable[str], known: Collection[str]) -> list[str]:
    """Words that are no slips although no phrase uses them (``known``): those of ``vocabulary``, and those
    that more than one of ``sentences``, which hold slips too, has in small letters.
    """
    listed = set(vocabulary)
    counts = Counter(word for sentence in sentences for word in set(_WORD.findall(sentence)))
    sure = listed | set(known)
    for word, count in counts.items():
        if count >= _TWICE and word not in sure:
            likelier = (other for other in slips(word) if other in sure and counts[other] >= _RARER * count)
            if not sure.isdisjoint(bases(word)) or not any(likelier):
                listed.add(word)
    return sorted(listed - set(known))


def write_words(
    folder: Path, target: Path, vocabulary: Iterable[str], names: Iterable[str], sentences: Iterable[str]
) -> int:
    """Write the counts of the phrases in ``folder`` to ``target``, one stem a line, what
    :func:`further_words` finds, and the ``names`` that are no words; return how many stems there are.
    """
    counted = count_words(phrases_in(folder))
    total = round(sum(weight for _, weight in phrases_in(folder)))
    lines = [f"# {total} phrases; stem, phrases with it, forms; + further words, - names"]
    lines += [f"{each} {count} {' '.join(forms)}" for each, (count, forms) in counted.items()]
    known = {form for _, forms in counted.values() for form in forms}
    further = further_words(vocabulary, sentences, known)
    lines += _in_lines("+", further)
    lines += _in_lines("-", sorted(set(names) - known - set(further)))
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(counted)


def _in_lines(mark: str, some: Sequence[str]) -> list[str]:
    starts = range(0, len(some), _IN_A_LINE)
    return [" ".join((mark, *some[at : at + _IN_A_LINE])) for at in starts]
