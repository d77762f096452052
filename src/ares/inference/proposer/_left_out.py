"""What a change would leave out of what was said: words that say which of several or which part is meant,
another machine, a value that is named and not used.

Like the rules of `_guard`, these only ever turn a reading into a question back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Final

from ares.core import Call, Capability, Effect
from ares.inference._lexicon import lexicon
from ares.inference._words import any_of, fold, listed
from ares.inference.matching import Analysis, analyse
from ares.inference.proposer._mood import is_deed
from ares.inference.proposer._questions import cannot
from ares.inference.proposer._spans import is_content, leftover
from ares.inference.values import Normaliser

_SIGNS: Final = " ,.;:!?"
_OUT_OF: Final = re.compile(r"\b(?:from|in|inside|out of|within)\s+(?:the |my |our )?$", re.IGNORECASE)
_PLACED_ON: Final = re.compile(r"\b(?:on|at|from|off|with)\s+(?:the |my |our )?$")
_OTHER_STORAGE: Final = re.compile(
    r"\b(?:(?:usb|thumb|flash|external|second|other|backup|portable|network|pen|sd|micro sd)[ -]?"
    r"(?:stick|drive|disk|disc|card|key|hdd|ssd)|usb|pendrive|dvd|cd-rom)\b"
)
# What is not the whole of a file or a machine, nor the thing itself: "the *first line of* todo.md".
_PART: Final = any_of(
    r"\b(?:lines?|pages?|title|heading|parts?|half|most|rest|sections?|chapters?|paragraphs?|words?"
    r"|sentences?|rows?|columns?|cells?|cover|contents?|links?|shortcuts?|pointers?|e-?mails?|mails?"
    r"|messages?|attachments?|permissions?|owner|tags?|metadata|battery|passwords?|neighbou?r|duplicates"
    r"|copies|backups)(?: \d+)? (?:of|to"
    r"|in|on|about|from) (?:the |my |our )?-{2,}",
    r"\b(?:next to|above|below|beside|underneath|behind) (?:the |my |our )?-{2,}",
    r"-{2,}(?:'s)? (?:permissions?|neighbou?r|owner|name|title|author|size|contents?|metadata|parent)\b",
    r"-{2,}'s (?:backups?|cop(?:y|ies)|duplicates?|keys?|(?:first|last) \w+)\b",
    r"\b(?:file|folder|note|thing) (?:that |which )?-{2,} (?:is in|mentions|links to|names|contains)\b",
    r"\bas an? (?:\w+ )?(?:document|doc|pdf|zip|archive|image|picture|word file|text file)\b",
    r"\bevery other (?:\w+ )?(?:in )?-{2,}",
    r"\b(?:older|newer|larger|bigger|smaller|longer|shorter) than (?:the |my |\d|an? |-{2,})",
    r"-{2,},? (?:encrypted|compressed|zipped)\b",
    r"\b(?:to|into) (?:the |my )?[\w~/.-]+ and (?:to|into) (?:the |my )?-{2,}",
)
_OTHER_PLACE: Final = re.compile(
    r"\b(?:on|from|off|in) (?:(?:my|the|her|his|our|your) )?(?:phone|tablet|ipad|iphone|android|cloud|dropbox"
    r"|google drive|onedrive|icloud|gmail|website|github|git|server|memory|favou?rites|bookmarks"
    r"|list of \w+|repo(?:sitory)?)\b"
)
_OUT_OF_TRASH: Final = re.compile(
    r"\b(?:delete|remove|erase)\b.* from (?:the |my )?(?:(?:recycle|trash) ?bin|trash(?: can)?|bin)\b"
)
_PART_OF: Final = frozenset(listed("of older newer larger bigger smaller than named like"))
_COUNTED: Final = frozenset(
    listed("half one two three four five few several some first second third last every")
)
_LINKS: Final = frozenset(
    listed("the my our your a an all these those that of in from inside within file files folder folders")
)
_OPINIONS: Final = frozenset(
    listed(
        "stupid silly dumb damn damned darn bloody horrible awful ugly boring useless pointless annoying"
        " cursed wretched rotten lousy crappy freaking ridiculous hideous embarrassing"
    )
)
_JOINERS: Final = frozenset({"and", ",", "&", ", and", "plus", "+"})
_SHORTEST_NAME: Final = 2
_FEW: Final = 2


def left_out(
    bare: str, calls: Sequence[Call], by_name: Mapping[str, Capability], normaliser: Normaliser
) -> str:
    """A question back when ``calls``, of which one changes something, leave out a thing, a part or a place
    that ``bare`` names, the sentence with dashes for what is kept as it is; empty if they do not.
    """
    changing = [call for call in calls if is_deed(by_name[call.capability])]
    return (
        _some_of_it(changing, by_name, normaliser)
        or matched(_PART, bare if _things(changing, by_name) else "", "I can only change all of it, not")
        or _out_of_it(changing, by_name, normaliser)
        or _on_another(bare, changing, by_name, normaliser)
        or _both(changing, by_name, normaliser)
        or _only_words(changing, by_name, normaliser)
        or _runs_into(changing, by_name, normaliser)
        or unused(bare, calls, by_name, normaliser)
    )


def matched(rule: re.Pattern[str], bare: str, why: str) -> str:
    """Say that ARES cannot heed what ``rule`` finds, and ``why``; empty if it finds nothing."""
    found = rule.search(bare)
    return cannot(found[0].strip(_SIGNS + "-"), why) if found is not None else ""


def _things(changing: Sequence[Call], by_name: Mapping[str, Capability]) -> bool:
    """Whether files or machines are to be changed, and not what is written in notes."""
    return any(
        by_name[call.capability].paths
        or by_name[call.capability].effect is Effect.POWER
        or call.capability.endswith(".remove")
        for call in changing
    )


def _some_of_it(changing: Sequence[Call], by_name: Mapping[str, Capability], normaliser: Normaliser) -> str:
    """A question back when a change leaves out words that say which of several, or which part, is meant:
    "the *newest* file in photos", "*half of* the photos".
    """
    for call in changing:
        tool = by_name[call.capability]
        request = analyse(call.words, lexicon())
        for slot in normaliser.slots(tool) if tool.destructive else ():
            origin = call.provenance.get(slot.name)
            start = fold(call.words).find(fold(origin.said)) if origin is not None and origin.said else -1
            if slot.kind in ("path", "live") and origin is not None and start >= 0:
                told = _telling(request, tool, start, start + len(origin.said))
                if told:
                    return cannot(told, "I cannot tell which of several is meant by")
    return ""


def _out_of_it(changing: Sequence[Call], by_name: Mapping[str, Capability], normaliser: Normaliser) -> str:
    """A question back when a folder or a file is acted on of which only something in it is meant: "delete
    *the april invoice* from documents", "remove *milk* from todo.txt"; or a machine when it is something on
    it: "start *the game* on the laptop".
    """
    for call in changing:
        tool = by_name[call.capability]
        name = next((slot.name for slot in normaliser.slots(tool) if slot.kind in ("path", "live")), "")
        origin = call.provenance.get(name)
        whole = tool.paths and not PurePosixPath(str(call.arguments.get(name, ""))).suffix
        if origin is None or not origin.said or not (whole or takes_out(tool) or tool.effect is Effect.POWER):
            continue
        folded = fold(call.words)
        said = [fold(each.said) for each in call.provenance.values() if each.said]
        spans = [(at, at + len(each)) for each in said if (at := folded.find(each)) >= 0]
        start = max(0, folded.find(fold(origin.said)))
        lead = _OUT_OF.search(folded[:start])
        if lead is None and tool.effect is Effect.POWER:
            lead = _PLACED_ON.search(folded[:start])
        if lead is not None and leftover(analyse(call.words, lexicon()), tool, spans, 0, lead.start()):
            return cannot(call.words[: start + len(origin.said)], "I do not see what is meant by")
    return ""


def takes_out(tool: Capability) -> bool:
    """Whether ``tool`` is spoken of with "remove", which also takes something out of something else."""
    return any(phrase.lower().startswith("remove ") for phrase in tool.examples)


def _on_another(
    bare: str, changing: Sequence[Call], by_name: Mapping[str, Capability], normaliser: Normaliser
) -> str:
    """A question back when files are to be changed of another machine: "delete b.txt *on the nas*"."""
    placed = [call for call in changing if by_name[call.capability].paths]
    if not placed:
        return ""
    other = _OTHER_PLACE.search(bare)
    other = other or next(filter(None, (_OUT_OF_TRASH.search(fold(call.words)) for call in placed)), None)
    if other is not None and not all(call.capability.endswith("restore") for call in placed):
        return cannot(other[0], "I can only change what is in the folders of this machine, not")
    listed_by = {call.capability.partition(".")[0] for call in changing}
    for source, slot in normaliser.live_slots.items():
        if source.partition(".")[0] in listed_by:
            continue
        for found in normaliser.find(slot, bare):
            if _PLACED_ON.search(bare[: found.start]) and not found.how:
                return cannot(
                    bare[found.start : found.end], "I can only change files of this machine, not of"
                )
    return ""


def _telling(request: Analysis, tool: Capability, start: int, end: int) -> str:
    """The word beside the value ``start:end`` that says which one is meant; empty if there is none."""
    if "*" in request.sentence[max(0, start - 2) : end]:
        return request.sentence[max(0, start - 2) : end].strip()
    inside = list(request.places(start, end))
    if not inside:
        return ""
    for at in range(inside[0] - 1, -1, -1):
        word, gap = request.words[at], request.sentence[request.words[at].end : request.words[at + 1].start]
        if any(sign in gap for sign in ",;:.!?"):
            break
        if word.text in _COUNTED:
            return word.text
        if word.text in _LINKS or word.text in _OPINIONS:
            continue
        if word.text == "old" and "." in request.sentence[start:end]:
            continue
        named = at > 0 and request.words[at - 1].text in _LINKS
        if named and leftover(request, tool, ((start, end),), word.start, word.end):
            return word.text
        break
    last = inside[-1] + 1
    following = request.words[last].text if last < len(request.words) else ""
    adjoining = bool(following) and request.sentence[end : request.words[last].start].isspace()
    return following if adjoining and following in _PART_OF else ""


def _both(changing: Sequence[Call], by_name: Mapping[str, Capability], normaliser: Normaliser) -> str:
    """A question back when what is to be moved and where to are only joined by an "and": "move *a and b*"."""
    for call in changing:
        words = fold(call.words)
        said = [
            fold(call.provenance[slot.name].said)
            for slot in normaliser.slots(by_name[call.capability])
            if slot.kind == "path" and slot.name in call.provenance and call.provenance[slot.name].said
        ]
        for one, other in pairwise(said):
            between = words[words.find(one) + len(one) : words.find(other)].strip()
            if between in _JOINERS:
                return cannot(f"{one} {between} {other}", "I do not see where to")
    return ""


def _only_words(changing: Sequence[Call], by_name: Mapping[str, Capability], normaliser: Normaliser) -> str:
    """A question back when what is to be written is hardly more than the name of a file that is there."""
    for call in changing:
        for slot in normaliser.slots(by_name[call.capability]):
            text = str(call.arguments.get(slot.name, ""))
            if (
                not is_content(slot)
                or len(text.split()) > _FEW
                or len(by_name[call.capability].required) < _FEW
            ):
                continue
            known = normaliser.known_paths().by_name
            if any(fold(word.strip(_SIGNS)) in known for word in text.split()):
                return cannot(text, "I would only write these words, not what is in the file")
    return ""


def _runs_into(changing: Sequence[Call], by_name: Mapping[str, Capability], normaliser: Normaliser) -> str:
    """A question back when words that would be written into a file lead on to its name: "write *to my boss
    about* report.pdf", "Anna said *she doesn't need* report.pdf".
    """
    for call in changing:
        slots = normaliser.slots(by_name[call.capability])
        texts = [slot.name for slot in slots if is_content(slot)]
        paths = [slot.name for slot in slots if slot.kind == "path" and slot.required]
        for text, path in ((text, path) for text in texts for path in paths):
            said, named = (
                call.provenance[name].said if name in call.provenance else "" for name in (text, path)
            )
            if said and named and re.search(rf"{re.escape(said)}['\"]?\s+{re.escape(named)}", call.words):
                return cannot(said, "I do not see whether that is to be written down")
    return ""


def elsewhere(bare: str, calls: Sequence[Call], tools: Sequence[Capability], normaliser: Normaliser) -> str:
    """A question back when a question names something, such as a machine or a disk, that no call asks about:
    "how much memory has *the nas*" is not answered with that of this machine, nor "how full is *the usb
    stick*" with the disk of the system.
    """
    other = _OTHER_STORAGE.search(bare)
    unplaced = (call for tool in tools for call in calls if call.capability == tool.full_name and tool.paths)
    if other is not None and any(not call.arguments for call in unplaced):
        return cannot(other[0], "I do not know by what folder to reach that")
    said = [fold(origin.said) for call in calls for origin in call.provenance.values() if origin.said]
    listed_by = {call.capability.partition(".")[0] for call in calls}
    slots = {slot.source: slot for tool in tools for slot in normaliser.slots(tool) if slot.kind == "live"}
    for source, slot in slots.items():
        for found in normaliser.find(slot, bare) if source.partition(".")[0] not in listed_by else ():
            named = bare[found.start : found.end]
            if not found.how and named.isalpha() and not any(named in each for each in said):
                return cannot(named, "I can only answer for this machine here, not for")
    return ""


def unused(
    bare: str, calls: Sequence[Call], by_name: Mapping[str, Capability], normaliser: Normaliser
) -> str:
    """A question back when ``bare`` names a file that is written out, or another live value, that no call
    takes; empty if there is none.
    """
    said = [fold(origin.said) for call in calls for origin in call.provenance.values() if origin.said]
    given = {fold(str(value)) for call in calls for value in call.arguments.values()}
    slots = {
        (slot.kind, slot.source): slot
        for call in calls
        for slot in normaliser.slots(by_name[call.capability])
        if slot.kind in ("path", "live")
    }
    for slot in slots.values():
        for found in normaliser.find(slot, bare):
            value, named = fold(str(found.value)), bare[found.start : found.end]
            written = not found.how and len(value) >= _SHORTEST_NAME and not value.isdecimal()
            if (
                written
                and "--" not in named
                and value not in given
                and not any(named in each or each in named for each in said)
            ):
                return cannot(named, "I do not see what is to happen with")
    return ""
