"""What a change would leave out of what was said: a "not", a second thing after "or", a correction, another
person, a value that is named and not used, or words that say which of several is meant.

Like the rules of `_guard`, these only ever turn a reading into a question back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Final

from ares.core import Call, Capability
from ares.inference._lexicon import lexicon
from ares.inference._words import fold, listed, stem
from ares.inference.matching import Analysis, analyse, vocabulary
from ares.inference.proposer._clauses import demands
from ares.inference.proposer._mood import is_deed
from ares.inference.proposer._questions import cannot, forbidden
from ares.inference.proposer._spans import is_content, leftover
from ares.inference.values import Normaliser

_SIGNS: Final = " ,.;:!?"
_CLAUSE: Final = re.compile(r"[,.;:!?]\s+|\s+(?:so|and|but|because|cos|cause)\s+")
_NEGATES: Final = re.compile(
    r"\b(?:not|never|cannot|avoid\w*|refrain\w*|decided against|do nt|did nt|\w+n't)(?!\w)|\bno (?=\w+ing\b)"
    r"|\bwould be (?:bad|wrong|terrible|stupid|dumb|unwise|a (?:mistake|pity|shame|bad idea))\b"
)
# Denials that want something done, or that say why: "why don't you", "I don't need it any more".
_INNOCENT: Final = re.compile(
    r"\b(?:why (?:not|don't|do not)"
    r"|(?:don't|do not|not|never|mustn't|can't) (?:ever )?(?:forget|worry|bother|mind|hesitate|need|use"
    r"|care|(?:want|like) (?!to\b|you\b)|know|have|see|remember|understand|think|find|only|any ?more|yet"
    r"|there|here|needed|necessary|used|working|work|works|good|right|correct|true|valid|relevant|current|answer"
    r"|answering|respond|responding|let|sleeping"
    r"|sure (?:where|what|why|how|which))"
    r"|(?:can't|cannot|can not) (?:get|make|stand|read|open|believe|tell)"
    r"|(?:can't|cant|cannot|can not|couldn't)"
    r" (?:hear|see|sleep|find|think|concentrate|watch|understand|remember)"
    r"|(?:is|are|was|were) not"
    r" (?:run+ing|responding|working|loading|playing|syncing|connecting|awake|alive|online)"
    r"|(?:does not|doesn't|doesnt|do not|don't|won't|will not) want to"
    r" (?:open|load|work|start|play|show|connect|run|come)"
    r"|(?:needn't|need not) (?:bother|remind|nag|bug|tell|warn|prod) me"
    r"|(?:can't|couldn't|won't|wouldn't|don't|didn't) you(?! dare)|didn't mean"
    r"|(?:is|was|does|are|has|have|will|were)n't|isnt|doesnt|no longer|if not|whether or not|or not"
    r"|not (?:to )?(?:\w+ ){0,2}(?:more|any ?more|any longer)|n't (?:any|enough))\b"
)
# "We never bake with it, throw it out": who says what is not done says why.
_SAYS_WHY: Final = re.compile(
    r"(?:\b(?:i|we|he|she|it|they)|-{3,})\s+(?:just |really |simply |honestly )?"
    r"(?:(?:do|did|does|wo|ca|could)(?:n't| not)|dont|didnt|never)\s+(?:ever |even |really |actually )?"
    r"(?!(?:want|like|wish|say|said|mean|ask|asked|tell|told|allow|let|think|agree|order|permit|be)\b)"
    r"(?P<verb>[a-z]+)"
)
_OR: Final = re.compile(
    r"(?<!sooner)(?<!more)(?<!two)(?<!whether) or "
    r"(?!so\b|something\b|whatever\b|else\b|less\b|later\b|three\b|two\b|not\b|anything\b|other\b|similar\b)"
)
_CORRECTS: Final = re.compile(
    r"\b(?:no,? wait|wait,? no|scratch that|(?:just )?kidding|never ?mind(?! about)|on second thoughts?"
    r"|i take that back|actually,? (?:no|not)\b|or rather)\b|\bactually\b.*\binstead\b|\?\s*no\b"
)
_PRETENDS: Final = re.compile(
    r"\b(?:(?:imagine|suppose) (?:i|we|you|that)|(?:wondering|deciding|undecided) whether"
    r"|thinking (?:of|about) \w+ing|pretend|dry[ -]?run|simulate|for the sake of argument)\b"
)
_DONE: Final = re.compile(
    r"(?:^|[,.;:]\s+)(?:i|we|you|he|she|they|it|(?:the|my|our) \w+"
    r"|(?!(?:the|a|an|my|our|that|this|any|all|those|these|what|which|recently|just)\b)[a-z]+)(?:'ve)?"
    r"(?: (?:have|has|had|already|nearly|almost|just|once|never))*"
    r" (?:deleted|removed|moved|copied|renamed|woke|woken|restored|wrote|written|erased|trashed|binned)\b"
    r"|\b(?:so|because|that) (?:i|we|you|he|she|they) (?:deleted|removed|moved|copied|renamed|restored)\b"
    r"|\b(?:thanks|thank you|sorry) for \w+ing\b|\bi (?:regret|hate|love|enjoy) \w+ing\b"
    r"|\b(?:tried|used|about) to (?:delete|remove|move|copy|rename|write)\b"
    r"|\b(?!(?:i|we|you|it|that|this|who|which|and)\b)[a-z]+ (?:is|was|are|were|keeps)"
    r" (?:deleting|removing|moving|copying|renaming|writing)\b"
)
_OTHERS: Final = re.compile(
    r"\b(?P<verb>tell|ask|remind|teach|show) (?!(?:me|us) to\b)(?:\w+|my \w+) (?:to|how to)\b"
    r"|\bdo you want (?:me )?to\b"
)
_OUT_OF: Final = re.compile(r"\b(?:from|in|inside|out of|within)\s+(?:the |my |our )?$", re.IGNORECASE)
_OTHER_STORAGE: Final = re.compile(
    r"\b(?:(?:usb|thumb|flash|external|second|other|backup|portable|network|pen|sd|micro sd)[ -]?"
    r"(?:stick|drive|disk|disc|card|key|hdd|ssd)|usb|pendrive|dvd|cd-rom)\b"
)
_PART_OF: Final = frozenset(listed("of older newer larger bigger smaller than named like"))
_COUNTED: Final = frozenset(
    listed("half one two three four five few several some first second third last every")
)
_LINKS: Final = frozenset(
    listed("the my our your a an all these those that of in from inside within file files folder folders")
)
_JOINERS: Final = frozenset({"and", ",", "&", ", and", "plus", "+"})
_SHORTEST_NAME: Final = 2
_FEW: Final = 2


def doubt(
    bare: str,
    bare_of_names: str,
    calls: Sequence[Call],
    by_name: Mapping[str, Capability],
    normaliser: Normaliser,
) -> str:
    """A question back when ``calls``, of which one changes something, leave out something of the sentence;
    empty if they do not. ``bare`` is the sentence without what is kept as it is, ``bare_of_names`` also
    without the words that name something, each as dashes.
    """
    changing = [call for call in calls if is_deed(by_name[call.capability])]
    return (
        (forbidden() if _denied(bare, bare_of_names, [by_name[call.capability] for call in changing]) else "")
        or _matched(_CORRECTS, bare, "I am not sure what counts after")
        or _matched(_PRETENDS, bare, "I can only do it or leave it, for a trial there is `--dry-run`")
        or _by_others(bare, changing, by_name)
        or _alternative(bare, bare_of_names)
        or _some_of_it(changing, by_name, normaliser)
        or _out_of_it(changing, by_name, normaliser)
        or _both(changing, by_name, normaliser)
        or _only_words(changing, by_name, normaliser)
        or unused(bare, calls, by_name, normaliser)
    )


def _matched(rule: re.Pattern[str], bare: str, why: str) -> str:
    found = rule.search(bare)
    return cannot(found[0].strip(_SIGNS), why) if found is not None else ""


def _clauses(bare: str) -> list[tuple[int, int]]:
    ends = [(match.start(), match.end()) for match in _CLAUSE.finditer(bare)]
    return list(zip([0, *(end for _, end in ends)], [*(start for start, _ in ends), len(bare)], strict=True))


def _denied(bare: str, bare_of_names: str, tools: Sequence[Capability]) -> bool:
    """Whether a clause that names what is to be changed has a "not" that is meant."""
    spoken = {each for tool in tools for each in vocabulary(tool).stems}
    for start, end in _clauses(bare):
        clause = bare[start:end]
        reason = _SAYS_WHY.search(clause)
        if reason is not None and stem(reason["verb"]) not in spoken:
            clause = clause[: reason.start()] + clause[reason.end() :]
        if "-" in bare_of_names[start:end] and _NEGATES.search(_INNOCENT.sub(" ", clause)):
            return True
    return False


def negates(bare: str) -> bool:
    """Whether ``bare`` has a "not" that is meant, whatever it is about."""
    return _NEGATES.search(_INNOCENT.sub(" ", bare)) is not None


def _by_others(bare: str, changing: Sequence[Call], by_name: Mapping[str, Capability]) -> str:
    """A question back when the sentence tells what somebody did, or whom to tell to do it."""
    spoken = {each for call in changing for each in vocabulary(by_name[call.capability]).stems}
    other = _OTHERS.search(bare)
    if other is not None and stem(other["verb"] or "want") not in spoken:
        return cannot(other[0], "I can only do it myself, not")
    done = _DONE.search(bare)
    if done is None or all(call.capability.endswith("restore") for call in changing):
        return ""
    end = _end_of_clause(bare, done.end())
    if demands(bare[end:].lstrip(_SIGNS)) or demands(bare[: done.start()].rstrip(_SIGNS)):
        return ""
    return cannot(done[0].strip(_SIGNS), "I am not sure that you want it done, as you tell of it")


def _end_of_clause(bare: str, at: int) -> int:
    return next((end for start, end in _clauses(bare) if start <= at <= end), len(bare))


def _alternative(bare: str, bare_of_names: str) -> str:
    """A question back when one of two things is to be chosen."""
    for start, end in _clauses(bare):
        if "-" in bare_of_names[start:end] and _OR.search(bare[start:end]):
            return cannot(bare[start:end].strip(_SIGNS).replace("-", ""), 'I cannot choose with an "or"')
    return ""


def _some_of_it(changing: Sequence[Call], by_name: Mapping[str, Capability], normaliser: Normaliser) -> str:
    """A question back when a deletion leaves out words that say which of several, or which part, is meant:
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
    """A question back when a folder is acted on of which only something in it is meant: "delete *the april
    invoice* from documents".
    """
    for call in changing:
        tool = by_name[call.capability]
        name = next((slot.name for slot in normaliser.slots(tool) if slot.kind == "path"), "")
        origin = call.provenance.get(name)
        if origin is None or not origin.said or PurePosixPath(str(call.arguments[name])).suffix:
            continue
        folded = fold(call.words)
        said = [fold(each.said) for each in call.provenance.values() if each.said]
        spans = [(at, at + len(each)) for each in said if (at := folded.find(each)) >= 0]
        start = max(0, folded.find(fold(origin.said)))
        lead = _OUT_OF.search(folded[:start])
        if lead is not None and leftover(analyse(call.words, lexicon()), tool, spans, 0, lead.start()):
            return cannot(call.words[: start + len(origin.said)], "I do not see what is meant by")
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
        if word.text in _LINKS:
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
