"""What stands between a sentence and a change: words that forbid it, only ask about it, or tie it to
something that ARES cannot do yet.

A pick is made by likeness, and "don't wake the nas" is very like "wake the nas". So a reading that would
change something is looked at once more, by rules that only ever turn it into a question back. What the owner
wants kept as it is (the text of a note, a name, anything in quotation marks) is not looked at, and neither is
a reading that only reads.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from ares.core import Call, Capability, Kind, Reading
from ares.inference._words import fold
from ares.inference.proposer._clauses import demands, parts, tells, wishes
from ares.inference.proposer._doubt import doubt, elsewhere, negates
from ares.inference.proposer._mood import is_deed
from ares.inference.proposer._questions import (
    cannot,
    forbidden,
    meant_as_order,
    not_understood,
    nothing_fits,
    waits,
)
from ares.inference.proposer._spans import is_content
from ares.inference.values import Normaliser

_TWO: Final = 2
_SIGNS: Final = " ,.;:!?"
# "Before I lose it" tells why; what comes before something that ARES is to do is done by halves alone.
_BEFORE: Final = re.compile(r"\W*before (?:you|we|\w+ing)\b")
_QUOTED: Final = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']*'(?!\w)")
_CLAUSE: Final = re.compile(
    r"[,.;:!?]\s+|\s+(?:so|and|but|because|cos|cause|which means(?: that)?)\s+|\s+(?=since )"
)
_BEGIN: Final = (
    r"(?:^|[.!?:;,]\s*"
    r"|\b(?:and|but|so|then|ok|okay|hey|hi|please|pls|well|um|uh|oh|now|just|wait|no|maybe)\s+)"
)
_UNIT: Final = r"(?:second|sec|minute|min|hour|hr|day|night|week|month|year)s?"
_DAY: Final = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"

# "don't" at the beginning of a clause forbids; "don't forget to" asks for it; "I don't need it any more" and
# "why don't you" have a subject or a question word before them.
_FORBIDS: Final = re.compile(
    rf"{_BEGIN}(?:(?:you|i|we) )?(?:(?:must|should|may|shall)(?:n't| not| never)|better not)\b"
    rf"|{_BEGIN}(?:don't|dont|do not|never|under no circumstances)\b(?! (?:ever )?(?:forget|worry|bother|mind"
    r"|rush|hesitate|ask|let|need|want|know|care|have|like|think|see|remember|use)\b)"
    r"|\b(?:don't|dont|do not) want (?:(?:you |anyone |ares )?to\b"
    r"(?! (?:miss|forget|wait|hear|listen|oversleep|disturb|be late)\b)"
    r"|[^,;]*\b(?:deleted|removed|moved|copied|renamed|changed|woken)\b)"
    r"|\b(?:nobody|no one) (?:should|must|may|can)\b"
    r"|\bstop (?:deleting|removing|moving|copying|renaming|waking|writing|adding)\b"
    r"|\b(?:without|instead of|rather than|skip|hold off on|refrain from|stop short of) (?:\w+ly )?"
    r"(?:deleting|removing|moving|copying|renaming|waking|writing|adding|replacing|overwriting|changing)\b"
    r"|\b(?:refuse|hate for you) to\b|\b(?:nah|psych|forget it)\W*$|(?<=\w)\W*\bnah\b"
    r"|\b(?:don't|dont|do not) (?:think|believe|see why)\b[^,;.]*\b(?:should|ought|need)\b"
    r"|\bno reason (?:to|why)\b"
    r"|\bby no means\b|\b(?:it's|it is) (?:forbidden|too (?:early|risky|soon|dangerous)) to\b|\bi'd hate to\b"
    r"|\b(?:cancel|forget about|beware of) (?:deleting|removing|moving|copying|renaming|waking|writing)\b"
    r"|\bno need to (?!(?:worry|keep|have|store)\b)"
    r"|\bmake sure (?:that )?(?:you |to )?(?:don't|do not|never|not)\b"
)
# Who is asked about tells a question from a polite request: "should I", "did you", "who", against "could
# you", "would you mind", "is it possible to".
_ASKS: Final = re.compile(
    r"(?:^|[.!?:;,]\s*|\b(?:then|ok|okay|hey|hi|please|pls|well|um|uh|oh|now|wait)\s+"
    r"|(?<!\bi )(?<!\bwe )\bjust\s+)(?:"
    r"who(?:'s|m|se)?\b(?! cares)|why\b(?! (?:not|don't|dont)\b)|(?:when|where) (?:did|do|does|was|were|will"
    r"|should|can|have|has|had|is|are)\b|(?:which|what)(?: [\w.-]+){0,3}? (?:did|do|have|has|was|were|should"
    r"|would|will|happens|happened)\b|what if\b|how (?:do|does|did|can|could|would|should|to|come|many)\b"
    r"|should (?:i|we|it)\b|shall (?:i|we)\b(?! (?:let|have|hear|listen|go on|carry on|continue)\b)|did\b"
    r"|had (?:i|you|we)\b|has\b|have (?:i|we|you|they)\b"
    r"|(?:was|were|am)\b|(?:is|are)\b(?! (?:it|there) (?:possible|any way|a way|any chance|a chance)\b"
    r"| you (?:able|willing)\b| (?:too|finish|finished|done|ready|over|enough)\b)"
    r"|does\b|do (?:i|we|they)\b|do you (?:know|remember|think i|still)\b"
    r"|would it\b(?! be (?:possible|ok|okay|fine|alright|too much)\b)|(?:can|could) i have \w+ed\b"
    r"|(?:can|could|may|might|would) i\b(?! (?:please |just )?(?:have|get|see|ask|trouble|note|write"
    r"|jot|add|make|leave|take|hear|listen|watch|read|carry on|go on|continue)\b)"
    r"|(?:(?:can|could|would|will) you |please |kindly )*(?:tell me|let me know|say|find out|check|explain"
    r"|i wonder|i'?m wondering|i (?:want|would like|'d like) to know|any idea|no idea) (?:if|whether|who|when"
    r"|why|how|what|which)\b(?! you (?:could|can|would|might)\b))"
)
# "Start it, *which* has been off since Thursday" asks nothing.
_RELATIVE: Final = re.compile(
    r"(?<=[\w-]), (?:which|who)(?= (?:is|are|was|were|has|have|had|means?|keeps?|makes?|needs?|does)\b)"
)
_POLITE: Final = (
    r"(?! (?:you (?:can|could|would|don't mind|do not mind|please|like|have|get|are|want|may)|you're"
    r"|you'd (?:be so (?:kind|good)(?! as to wait)|like|please|be a dear)|your"
    r"|possible|needed|necessary|i may"
    r"|(?:it|that)(?:'?s| is) (?:ok|okay|fine|possible|alright|all right)"
    r"|so\b|not\b|(?:it|that|this|he|she|they)(?:'s| is) (?:all |been )?(?:done|finished|ready|over)"
    r"|it suits|(?:it|that|this)(?: is|'s|s| isn't| would be| wouldn't be|'d be)"
    r" (?:(?:no|not|too|any|a|an|much|really|such|great) )*"
    r"(?:bother|trouble|problem|hassle|inconvenience)\b(?! (?:to|for|with|\w+ing)\b(?! you\b))))"
)
# "We were halfway through when the postman came" tells what happened.
_HAPPENED: Final = re.compile(
    r"when (?:[\w']+ ){1,3}?(?:came|went|called|rang|was|were|got|left|began|broke|fell|died|hung|woke)\b"
)
_WAS: Final = re.compile(r"\b(?:was|were|wasn't|weren't|had|went|came|\w{2,}ed)\b")
_CONDITION: Final = re.compile(
    r"(?<!even )(?<!as )(?<!check )(?<!see )(?<!hear )(?<!tell )(?<!know )(?<!wonder )"
    r"(?<!me )(?<!grateful )(?<!glad )(?<!happy )"
    r"(?<!nice )(?<!great )(?<!lovely )(?<!kind )(?<!appreciate it )(?<!thankful )(?<!obliged )(?<!mind )"
    rf"\b(?:if|unless|in case of|provided|as long as|assuming|whenever)\b{_POLITE}|(?:^\W*|\bonly )in case\b"
    r"|(?:^|[,;.!?]\s*|\b(?:and|please|now) )wait (?:for|until|till|\d+|five|ten"
    r"|an?(?! (?:sec|second|minute|min|moment|bit)\b))\b"
    rf"|\bwhen{_POLITE} (?:(?!you\b)\w+ (?:is|are|has|says|agrees|comes)|there (?:is|are))\b"
    r"|\bwhen you(?:'ve| have) \w+ed\b"
    rf"|\b(?:when|once|as soon as)(?= (?:the|it|it's|its|i|i'm|my|we|he|she|they)\b){_POLITE}"
    r"|(?<!wait )\b(?:until|till) (?:i (?:say|tell)|i|i'm|we|it|he|she|they|you)\b"
    r"|\bonly (?:when|once|after)\b"
)
_SETS: Final = re.compile(
    r"\b(?:if|unless|once|until|till|after|as soon as|when|whenever|before|provided|in case|assuming)\b"
    rf"{_POLITE}"
)
_EXCEPTION: Final = re.compile(
    r"\b(?:except|excluding|apart from|aside from|other than|but not|leaving out)\b"
    r"|\b(?:all|any|each|every|every(?:thing|one|body)|anything)\b[^,;.]*?,? but "
    r"(?!also\b|first\b|then\b|please\b)"
    r"|,? not (?:the|my|this|that) (?!least\b)|\bwithout (?:the|my|any)\b"
)
_LATER: Final = re.compile(
    rf"\bin (?!the\b)(?:about |around )?(?:half an|(?:an? )?(?:few|couple(?: of)?)|\d+|[a-z]+(?:-[a-z]+)?)"
    rf" {_UNIT}\b"
    rf"|\b(?:tomorrow|tonight|later today|this (?:evening|afternoon)|in the (?:morning|evening|afternoon))\b"
    rf"|\b(?:next|on|this|coming) (?:{_DAY}s?)\b|\bnext (?:week|month|year|weekend)\b"
    rf"|\bevery (?:other )?(?:{_UNIT}|{_DAY}|morning|evening|weekend)\b"
    r"|\bafter (?:you|i|we|he|she|they|dinner|lunch|breakfast|work|school|the weekend|(?!that|this)\w+ing"
    r"|\w+ has)\b|\b(?:eventually|some ?day)\b"
    r"|\b(?:at|by|after) (?:noon|midnight|\d\d?:\d\d|\d\d?(?::\d\d)? ?(?:am|pm|o'clock))\b"
)
# "Hold it until I say so" is how one asks to hold it, unless what is held is then gone; and "call me in ten
# minutes when it is done" says once more what a time that is set is for.
_UNTIL: Final = re.compile(r"(?:until|till)\b")
_ONCE_UP: Final = re.compile(r"(?:when|once|as soon as)\b")
# "Oh no, not this one" leaves nothing out.
_SIGHS: Final = re.compile(
    r"\W*(?:(?:oh|ah|no|ugh|um|uh|god|lord|man|dear|please|hey|come on|argh|bah)\b\W*)*"
)
_TODAY: Final = re.compile(r"tonight|later today|this (?:evening|afternoon)")
# What a verb asks for must not be the reverse of what the pick does.
_REVERSE: Final = {
    "wake": re.compile(
        rf"\b(?:put|send)\b[^,;.]*\bto (?:sleep|bed)\b|{_BEGIN}(?:(?:can|could|would|will) you )?(?:please )?"
        r"(?:shut|switch|turn|power)\b[^,;.]*\b(?:down|off)\b|\b(?:suspend|hibernate)\b"
        r"|^(?!.*\b(?:sure|see to it|ensure|want|need|must|when|until|till|like)\b)"
        r".*\bis (?:already |still )?(?:awake|up|on|online|running|turned on|switched on)\W*$"
    ),
    "until": re.compile(r"\bdays? (?:since|after)\b|\bago\b|\b(?:gone by|passed|elapsed) since\b"),
}


_OPENS: Final = re.compile(r"^(?:(?:so|um|uh|well|okay|ok|oh|hey) )+")
_SUBJECT: Final = re.compile(r"(?:i|i'm|i'll|we|we're|we'll|it|it's|he|she|they|there|that|my)\b")


@dataclass(frozen=True, slots=True)
class _Seen:
    """The sentence as the rules see it: ``bare`` without what is kept as it is; ``bare_of_names`` also
    without the words that name something.
    """

    bare: str
    bare_of_names: str


def guarded(sentence: str, reading: Reading, tools: Sequence[Capability], normaliser: Normaliser) -> Reading:
    """``reading``, or a question back when it would change what ``sentence`` forbids, only asks about, or
    wants under a condition, at a later time or with an exception.
    """
    by_name = {tool.full_name: tool for tool in tools}
    changing = [call for call in reading.calls if is_deed(by_name[call.capability])]
    seen = _Seen(
        _without(sentence, reading.calls, by_name, normaliser, names=False),
        _without(sentence, reading.calls, by_name, normaliser, names=True),
    )
    forbids = _FORBIDS.search(seen.bare) is not None
    if _torn(reading, by_name, normaliser) and (forbids or negates(seen.bare)):
        return replace(reading, question=forbidden())
    opposite = [by_name[call.capability] for call in reading.calls if _reversed(call, seen.bare)]
    if opposite:
        return Reading(Kind.NONE, question=nothing_fits(opposite), notes=reading.notes)
    if not changing:
        question = elsewhere(seen.bare_of_names, reading.calls, tools, normaliser)
        return _asked_back(question, sentence, reading, reading.calls)
    question = (
        (forbidden() if forbids else "")
        or _only_asked(reading.calls, changing, by_name, normaliser)
        or _beyond(
            sentence,
            seen,
            _when(changing, by_name, normaliser),
            destroys=any(by_name[call.capability].destructive for call in changing),
        )
        or _part_of_it(sentence, reading.calls, seen.bare)
        or _which_is_it(reading.calls, by_name)
        or doubt(seen.bare, seen.bare_of_names, reading.calls, by_name, normaliser)
    )
    return _asked_back(question, sentence, reading, changing)


def conditional(text: str) -> bool:
    """Whether ``text`` sets a condition or a time, other than out of courtesy."""
    return _SETS.search(fold(text)) is not None


def _torn(reading: Reading, by_name: dict[str, Capability], normaliser: Normaliser) -> bool:
    """Whether it is open which of several changes is meant, none of them of a text that is kept."""
    between = [by_name[name] for name in reading.candidates if name in by_name]
    free = any(slot.kind == "text" for tool in between for slot in normaliser.slots(tool))
    return len(between) > 1 and all(is_deed(tool) for tool in between) and not free


def _asked_back(question: str, sentence: str, reading: Reading, about: Sequence[Call]) -> Reading:
    """``reading``, or ``question`` instead when there is one."""
    if not question or not about:
        return reading
    return Reading(
        Kind.CLARIFY,
        question=question,
        candidates=tuple(dict.fromkeys(call.capability for call in about)),
        notes={**reading.notes, "unclear": sentence},
    )


def _reversed(call: Call, bare: str) -> bool:
    """Whether the sentence asks for the opposite of ``call``."""
    reverse = _REVERSE.get(call.capability.rpartition(".")[2])
    return reverse is not None and reverse.search(bare) is not None


def _when(changing: Sequence[Call], by_name: dict[str, Capability], normaliser: Normaliser) -> frozenset[str]:
    """As what the changes take a time that was said: ``date``, ``time``, ``duration``."""
    return frozenset(
        slot.kind
        for call in changing
        for slot in normaliser.slots(by_name[call.capability])
        if slot.name in call.provenance and slot.kind in ("date", "time", "duration")
    )


def _beyond(sentence: str, seen: _Seen, when: Collection[str], *, destroys: bool) -> str:
    """Say which condition, exception or later time is beyond ARES; empty if there is none. ``when`` is as
    what a time is taken: "on monday *morning*" is no later time for what takes a date, nor "at eight
    *tonight*" for what takes a time.
    """
    for rule, text, why in (
        (_CONDITION, seen.bare, "I cannot check or wait for a condition yet"),
        (_EXCEPTION, seen.bare, "I cannot leave something out yet"),
        (_LATER, seen.bare_of_names, "I can only do it now, not at a later time"),
    ):
        for match in rule.finditer(text):
            start, _ = _clause(text, match.start())
            _, end = _clause(text, match.end() - 1)
            if _UNTIL.match(match[0]) and not destroys:
                continue
            if _ONCE_UP.match(match[0]) and "duration" in when:
                continue
            if rule is _CONDITION and _within_told(text[start:end], match.start() - start, text[end:]):
                continue
            if _HAPPENED.match(text, match.start()) and _WAS.search(text[: match.start()]):
                continue
            if rule is _EXCEPTION and _SIGHS.fullmatch(text[: match.start()]):
                continue
            if rule is _LATER and ("date" in when or ("time" in when and _TODAY.match(match[0]))):
                continue
            if rule is not _LATER or not _only_told(text[:start], text[start:end], text[end:]):
                return cannot(sentence[match.start() : end].strip(" ,.;!?"), why)
    return ""


def _within_told(clause: str, at: int, after: str) -> bool:
    """Whether what stands at ``at`` is a condition of what is told, not of the order that follows: "she gets
    angry *if* it is late, so start it".
    """
    after = after.lstrip(_SIGNS)
    told = _SUBJECT.match(clause) is not None and tells(clause)
    reason = after.startswith("so ") and not _orders(clause)
    return (told or reason) and not wishes(clause) and at > 0 and demands(after.removeprefix("so "))


def _only_told(before: str, clause: str, after: str) -> bool:
    """Whether a clause tells of a time instead of setting one: "I leave tomorrow", "I'll need it in a
    minute, wake it".
    """
    others = (before.rstrip(_SIGNS), after.lstrip(_SIGNS))
    clause = _OPENS.sub("", clause)
    if _SUBJECT.match(clause) is not None:
        return tells(clause) or any(map(demands, others))
    return not demands(clause, added=False) and "-" not in clause and any(_orders(each) for each in others)


def _orders(text: str) -> bool:
    return demands(text, added=False)


def _part_of_it(sentence: str, calls: Sequence[Call], bare: str) -> str:
    """A question back when one change alone would be done of two things that depend on each other ("email it
    and then delete it"); empty if all is done.
    """
    if len(calls) != 1:
        return ""
    cut = parts(bare)
    for part, following in pairwise(cut):
        if following.strong and demands(part.text) and demands(following.text):
            return not_understood(sentence.strip(), ())
    return not_understood(sentence.strip(), ()) if _BEFORE.match(bare) else ""


def _which_is_it(calls: Sequence[Call], by_name: dict[str, Capability]) -> str:
    """Ask what a deletion means by "it" after "copy a to b": what was copied, or the new copy."""
    for before, call in pairwise(calls):
        last = list(before.arguments.values())[-1:]
        if not by_name[call.capability].destructive or len(before.arguments) < _TWO:
            continue
        for name, origin in call.provenance.items():
            if origin.how.startswith("from before") and call.arguments[name] in last:
                either = " or ".join(str(value) for value in before.arguments.values())
                return f"Which do you mean in {call.words!r}: {either}? {waits([before.words])}"
    return ""


def _only_asked(
    calls: Sequence[Call], changing: Sequence[Call], by_name: dict[str, Capability], normaliser: Normaliser
) -> str:
    """A question back when the words of a change are themselves a question, with no order after it ("why is
    it still here? delete it").
    """
    for call in changing:
        bare = _RELATIVE.sub(", that", _without(call.words, calls, by_name, normaliser, names=False))
        for match in _ASKS.finditer(bare):
            _, end = _clause(bare, match.end() - 1)
            if not demands(bare[end:].lstrip(_SIGNS)):
                tool = by_name[call.capability]
                return meant_as_order(tool.purpose, _order(call, tool))
    return ""


def _order(call: Call, tool: Capability) -> str:
    """How the owner could say the call plainly: an example phrase with their words; empty if none fits."""
    said = {name: each.said for name, each in call.provenance.items()}
    for phrase in tool.examples:
        wanted = set(re.findall(r"\{(\w+)\}", phrase))
        if wanted == set(call.arguments) and all(said.get(name) for name in wanted):
            return re.sub(r"\{(\w+)\}", lambda slot: said[slot[1]], phrase)
    return ""


def _clause(text: str, at: int) -> tuple[int, int]:
    """Where the clause around character ``at`` begins and ends."""
    cuts = [(match.start(), match.end()) for match in _CLAUSE.finditer(text)]
    start = max((end for _, end in cuts if end <= at), default=0)
    return start, min((first for first, _ in cuts if first > at), default=len(text))


def _without(
    text: str,
    calls: Collection[Call],
    by_name: dict[str, Capability],
    normaliser: Normaliser,
    *,
    names: bool,
) -> str:
    """``text`` folded, with a dash for every character of a value that is kept as it was said; with
    ``names`` also of text that names something.
    """
    bare = _QUOTED.sub(lambda quoted: "-" * len(quoted[0]), fold(text))
    for call in calls:
        for slot in normaliser.slots(by_name[call.capability]):
            origin = call.provenance.get(slot.name)
            kept = names or slot.kind != "text" or is_content(slot)
            if kept and origin is not None and origin.said:
                bare = bare.replace(fold(origin.said), "-" * len(origin.said))
    return bare
