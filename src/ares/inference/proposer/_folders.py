"""Files that are named together with the folder they are in: ``report.txt from the Documents folder``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ares.core import Capability
from ares.inference._words import listed
from ares.inference.matching import Analysis
from ares.inference.proposer._spans import tells
from ares.inference.values import Found, Normaliser, Slot

_ARTICLE: Final = r"(?:(?:the|my|our|your)\s+)?"
_BETWEEN: Final = re.compile(
    r"\s+(?:(?:that|which)\s+is\s+|that's\s+)?(?P<word>inside|within|in|out of|away from|from|off|on)\s+"
    rf"{_ARTICLE}"
    r"(?:(?:folder|directory)\s+(?:called\s+|named\s+)?)?",
    re.IGNORECASE,
)
_ONE_OF: Final = re.compile(r"\b(?:one|some|any) of (?:my|the|our|these|those)\s+$", re.IGNORECASE)
_ORIGINS: Final = ("from", "out of", "away from", "off")
_SAVES: Final = re.compile(r"back\s*-?ups?|copy|copies|save", re.IGNORECASE)
_BEFORE_VERB: Final = frozenset(listed("please you and then to kindly first just now pls me"))
_SOME_FOLDER: Final = re.compile(
    rf"\s+(?:in|inside|within|from)\s+{_ARTICLE}(?:[\w-]+\s+){{1,2}}(?:folder|directory)\b", re.IGNORECASE
)


def paths_said(
    slot: Slot, request: Analysis, capability: Capability, normaliser: Normaliser
) -> tuple[Found, ...]:
    """The paths that the request names for ``slot``: a file and the folder it is in are one path. What is
    only a part of what was said ("the *holiday* pictures folder") is none for a capability that destroys.
    """
    found = tuple(
        each
        for each in normaliser.find(slot, request.sentence)
        if not (each.how and (_ONE_OF.search(request.sentence[: each.start]) or _is_verb(each, request)))
    )
    if capability.destructive:
        known = normaliser.known_paths(slot.source)
        found = tuple(
            each
            for each in found
            if not (known.is_folder(each.value) and _told_apart(each, request, capability))
        )
    towards = sum(other.kind == "path" for other in normaliser.slots(capability)) > 1
    return _in_folders(found, slot, request.sentence, normaliser, towards=towards)


def _is_verb(found: Found, request: Analysis) -> bool:
    """Whether words that were taken for a name say what to do: "*back up* a", "make a *backup* of a"."""
    after = request.sentence[found.end :].lstrip()
    return (
        _SAVES.fullmatch(request.sentence[found.start : found.end]) is not None
        and bool(after)
        and (after.lower().startswith("of ") or _starts(found, request))
    )


def _starts(found: Found, request: Analysis) -> bool:
    lead = [word.text for word in request.words if word.end <= found.start]
    return not lead or lead[-1] in _BEFORE_VERB


def _told_apart(found: Found, request: Analysis, capability: Capability) -> bool:
    """Whether the word before ``found`` says which one of its kind is meant."""
    before = [at for at, word in enumerate(request.words) if word.end <= found.start]
    return len(before) > 1 and tells(request, before[-1], capability)


def _in_folders(
    found: Sequence[Found], slot: Slot, sentence: str, normaliser: Normaliser, *, towards: bool
) -> tuple[Found, ...]:
    """``found`` with every file put into the folder that is named after it. With ``towards``, "in" may also
    say where something goes; it then means the folder it is in only when another path follows.
    """
    known = normaliser.known_paths(slot.source)
    joined: list[Found] = []
    taken: set[Found] = set()
    for file in found:
        if file in taken or known.is_folder(file.value):
            continue
        folder, word = _folder_of(file, found, sentence, normaliser, slot)
        later = folder is not None and any(each.start >= folder.end for each in found)
        if not word or (towards and word not in _ORIGINS and not later):
            continue
        taken.add(file)
        if folder is None:
            continue
        taken.add(folder)
        if not file.how and "/" not in str(file.value):
            joined.append(_joined(file, folder))
    return tuple(
        sorted((*(each for each in found if each not in taken), *joined), key=lambda each: each.start)
    )


def _folder_of(
    file: Found, found: Sequence[Found], sentence: str, normaliser: Normaliser, slot: Slot
) -> tuple[Found | None, str]:
    """The folder that is named after ``file`` and the word that joins them; no folder but a word when it is
    one that nobody knows.
    """
    known = normaliser.known_paths(slot.source)
    between = _BETWEEN.match(sentence, file.end)
    if between is None:
        return None, ""
    for each in found:
        if each.start <= between.end() <= each.end and each.start >= file.end and known.is_folder(each.value):
            return each, between["word"].lower()
    return None, between["word"].lower() if _SOME_FOLDER.match(sentence, file.end) else ""


def _joined(file: Found, folder: Found) -> Found:
    if folder.value == ".":
        return replace(file, end=folder.end)
    value = f"{folder.value}/{file.value}"
    return Found(value, file.start, folder.end, f"{file.value} in {folder.value}", file.firm)
