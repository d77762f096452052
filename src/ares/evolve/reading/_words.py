"""Counts the words that people use in requests, for the weight of a word and to know slips from words."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from ares.inference._words import stem, words

_SLOT: Final = re.compile(r"\{\w+\}")
# A bundled capability has about ten times the phrases of an invented one; its words are not ten times as
# common.
_BUNDLED_SHARE: Final = 10


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


def write_words(folder: Path, target: Path) -> int:
    """Write the counts of the phrases in ``folder`` to ``target``, one stem a line; return how many there
    are.
    """
    counted = count_words(phrases_in(folder))
    total = round(sum(weight for _, weight in phrases_in(folder)))
    lines = [f"# {total} phrases; stem, phrases with it, forms"]
    lines += [f"{each} {count} {' '.join(forms)}" for each, (count, forms) in counted.items()]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(counted)
