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
from dataclasses import replace
from itertools import pairwise
from typing import Final

from ares.core import Call, Capability, Kind, Reading
from ares.inference._words import any_of, fold, listed, stem
from ares.inference.matching import vocabulary
from ares.inference.proposer._clauses import begins_orders, demands, parts
from ares.inference.proposer._conditions import Seen, beyond, clause_around
from ares.inference.proposer._doubt import doubt, negates
from ares.inference.proposer._left_out import elsewhere, takes_out
from ares.inference.proposer._mood import is_deed
from ares.inference.proposer._ordered import ASIDES, misplaced
from ares.inference.proposer._questions import (
    forbidden,
    meant_as_order,
    not_understood,
    nothing_fits,
    unsure,
    waits,
)
from ares.inference.proposer._spans import is_content
from ares.inference.values import Normaliser

_TWO: Final = 2
_SIGNS: Final = " ,.;:!?"
# "Before I lose it" tells why; what comes before something that ARES is to do is done by halves alone.
_BEFORE: Final = re.compile(r"\W*before (?:you|we|\w+ing)\b")
# "Delete a both here and *on the nas*".
_BY_ITSELF: Final = re.compile(r"(?:both )?(?:on|at|from|in|off|of|with) (?:the |my |our )?-{2,}\W*")
_REFERS: Final = re.compile(r"(?:then )?\w+ (?:it|them|that)\b")
# "*Take* a and delete it" is one request.
_PREPARES: Final = frozenset(listed("take go come grab get pick find look select choose try see open do be"))
_FIRST_VERB: Final = re.compile(
    rf"(?:(?:{'|'.join(map(re.escape, ASIDES))}|can you|could you) )*(rename|change|edit|update|copy|move|zip"
    r"|describe|explain|suggest|test|verify|check|log|plan|queue|e-?mail|print|share|upload|read|list|show"
    r"|find|append|save)\b"
)
_QUOTED: Final = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']*'(?!\w)")
_BEGIN: Final = (
    r"(?:^|[.!?:;,]\s*"
    r"|\b(?:and|but|so|then|ok|okay|hey|hi|please|pls|well|um|uh|oh|now|just|wait|no|maybe)\s+)"
)

# "don't" at the beginning of a clause forbids; "don't forget to" asks for it; "I don't need it any more" and
# "why don't you" have a subject or a question word before them.
_FORBIDS: Final = any_of(
    rf"{_BEGIN}(?:(?:you|i|we) )?(?:(?:must|should|may|shall)(?:n't| not| never)|better not)\b",
    rf"{_BEGIN}(?:don't|dont|do not|never|under no circumstances)\b(?! (?:ever )?(?:forget|worry|bother"
    rf"|mind|rush|hesitate|ask|let|need|want|know|care|have|like|think|see|remember|use)\b)",
    r"\b(?:(?:don't|dont|do not|no longer) want (?:(?:you |anyone |ares )?to\b(?! (?:miss|forget|wait"
    r"|hear|listen|oversleep|disturb|be late)\b)|[^,;]*\b(?:deleted|removed|moved|copied|renamed|changed"
    r"|woken)\b)|(?:doesn't|doesnt|does not|didn't|did not|never|nobody|no one) want(?:s|ed)? (?:(?:you"
    r"|me|us|anyone|ares) to\b|[^,;]*\b(?:deleted|removed|moved|copied|renamed|changed|woken)\b))",
    r"\b(?:protect|prevent|preserve|shield)\b",
    r"\b(?:nobody|no one) (?:should|must|may|can|asked|told|said|allowed|agreed)\b",
    r"\b(?:over my dead body|not on my watch|like hell|fat chance)\b",
    r"(?:^|[,.;!]\s*)no way\W*$",
    r"\bstop (?:deleting|removing|moving|copying|renaming|waking|writing|adding)\b",
    r"\b(?:without|instead of|rather than|skip|hold off on|refrain from"
    r"|stop short of) (?:\w+ly )?(?:deleting|removing|moving|copying|renaming|waking|writing|adding"
    r"|replacing|overwriting|changing)\b",
    r"\b(?:refuse|hate for you) to\b",
    r"\b(?:nah|psych|forget it)\W*$",
    r"(?<=\w)\W*\bnah\b",
    r"\b(?:don't|dont|do not) (?:think|believe|see why)\b[^,;.]*\b(?:should|ought|need)\b",
    r"\bno reason (?:to|why)\b",
    r"\bby no means\b",
    r"\b(?:it's|it is) (?:forbidden|too (?:early|risky|soon|dangerous)) to\b",
    r"\bi'd hate to\b",
    r"\b(?:cancel|forget about|beware of) (?:deleting|removing|moving|copying|renaming|waking|writing)\b",
    r"\bno need to (?!(?:worry|keep|have|store|ask|check|confirm|rush|hurry)\b)",
    r"\bthere(?:'s| is) no (?:point|need|sense|use|reason|call)\b(?! (?:to|in) (?:worry|keep|have|store"
    r"|ask|check|confirm|rush|hurry|keeping|having|storing|asking)\b)",
    r"\b(?:hands|fingers|paws) off\b",
    r"\b(?:god|heaven) forbid\b",
    r"\bat your peril\b",
    r"\band i'll (?:sue|kill|fire)\b",
    r"\blast thing i\b",
    r"\b(?:sooner|rather) die\b",
    r"\bnobody is to\b",
    r"\bno one is to\b",
    r"(?:^|[,.;!]\s*)no (?:deleting|removing|moving|copying|renaming|waking|writing)\b",
    r"-{2,} (?:stays?|(?:can|must|should|has to|shall|may) stay)\b",
    r"\b(?:changed my mind about|rather you kept)\b",
    r"\bmake sure (?:that )?(?:you |to )?(?:don't|do not|never|not)\b",
)
# Who is asked about tells a question from a polite request: "should I", "did you", "who", against "could
# you", "would you mind", "is it possible to".
_ASKS: Final = re.compile(
    r"(?:^|[.!?:;,]\s*|\b(?:then|ok|okay|hey|hi|please|pls|well|um|uh|oh|now|wait)\s+"
    r"|(?<!\bi )(?<!\bwe )\bjust\s+)(?:"
    r"who(?:'s|m|se)?\b(?! cares)|why\b(?! (?:not|don't|dont)\b)|(?:when|where) (?:did|do|does|was|were|will"
    r"|should|can|have|has|had|is|are)\b|(?:which|what)(?: [\w.-]+){0,3}? (?:did|do|have|has|was|were|should"
    r"|would|will|happens|happened)\b|what if\b|what(?:'s| is| are)\b"
    r"|how (?:do|does|did|can|could|would|should|to|come|many)\b"
    r"|should (?:i|we|it)\b|shall (?:i|we)\b(?! (?:let|have|hear|listen|go on|carry on|continue)\b)|did\b"
    r"|had (?:i|you|we)\b|has\b|have (?:i|we|you|they)\b"
    r"|(?:was|were|am)\b|(?:is|are)\b(?! (?:it|there) (?:possible|any way|a way|any chance|a chance)\b"
    r"| you (?:able|willing)\b| (?:too|finish|finished|done|ready|over|enough)\b)"
    r"|(?:can|could|may|might) (?:any|some)(?:one|body) (?:else|have)\b|does\b|do (?:i|we|they)\b"
    r"|do you (?:know|remember"
    r"|think i|still)\b"
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


def guarded(sentence: str, reading: Reading, tools: Sequence[Capability], normaliser: Normaliser) -> Reading:
    """``reading``, or a question back when it would change what ``sentence`` forbids, only asks about, or
    wants under a condition, at a later time or with an exception.
    """
    by_name = {tool.full_name: tool for tool in tools}
    changing = [call for call in reading.calls if is_deed(by_name[call.capability])]
    seen = Seen(
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
        or beyond(
            sentence,
            seen,
            _when(changing, by_name, normaliser),
            destroys=any(by_name[call.capability].destructive for call in changing),
        )
        or _part_of_it(sentence, reading.calls, seen.bare, by_name)
        or _which_is_it(reading.calls, by_name)
        or doubt(seen.bare, seen.bare_of_names, reading.calls, by_name, normaliser)
        or _not_ordered(reading.calls, changing, by_name, normaliser)
    )
    return _asked_back(question, sentence, reading, changing)


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


def _part_of_it(sentence: str, calls: Sequence[Call], bare: str, by_name: dict[str, Capability]) -> str:
    """A question back when one change alone would be done of two things that depend on each other ("email it
    and then delete it"); empty if all is done.
    """
    if len(calls) != 1:
        return ""
    tool = by_name[calls[0].capability]
    cut = parts(bare)
    for part, following in pairwise(cut):
        if following.strong and demands(part.text) and demands(following.text):
            return not_understood(sentence.strip(), ())
        if following.added and _REFERS.match(following.text) and _otherwise(part.text, tool):
            return not_understood(sentence.strip(), ())
    return not_understood(sentence.strip(), ()) if _BEFORE.match(bare) else ""


def _otherwise(text: str, tool: Capability) -> bool:
    """Whether a part orders something that the destroying ``tool`` is not spoken of with: "*zip* it"."""
    verb = next((word for word in text.split() if begins_orders(word)), "") if tool.destructive else ""
    return bool(verb) and verb not in _PREPARES and stem(verb) not in vocabulary(tool).stems


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
            _, end = clause_around(bare, match.end() - 1)
            if not demands(bare[end:].lstrip(_SIGNS)):
                tool = by_name[call.capability]
                return meant_as_order(tool.purpose, _order(call, tool))
    return ""


def _not_ordered(
    calls: Sequence[Call], changing: Sequence[Call], by_name: dict[str, Capability], normaliser: Normaliser
) -> str:
    """A question back when the verb of a change stands where no order has it; empty if none does."""
    for call in changing:
        tool = by_name[call.capability]
        words = _without(call.words, calls, by_name, normaliser, names=False)
        if _BY_ITSELF.fullmatch(words) or _orders_other(words, tool):
            return not_understood(call.words, ())
        before = misplaced(tool, words)
        if before:
            return unsure(before.strip(_SIGNS), tool.purpose, _order(call, tool))
    return ""


def _orders_other(words: str, tool: Capability) -> bool:
    """Whether ``words`` order by their first verb what is no removal, of which ``tool`` is one: "*rename* the
    host".
    """
    verb = _FIRST_VERB.match(words)
    removes = tool.destructive or takes_out(tool)
    return removes and verb is not None and stem(verb[1]) not in vocabulary(tool).stems


def _order(call: Call, tool: Capability) -> str:
    """How the owner could say the call plainly: an example phrase with their words; empty if none fits."""
    said = {name: each.said for name, each in call.provenance.items()}
    for phrase in tool.examples:
        wanted = set(re.findall(r"\{(\w+)\}", phrase))
        if wanted == set(call.arguments) and all(said.get(name) for name in wanted):
            return re.sub(r"\{(\w+)\}", lambda slot: said[slot[1]], phrase)
    return ""


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
