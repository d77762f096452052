"""Conditions, exceptions and later times: "if it is empty", "all but one", "next friday". ARES can heed none
of them yet, so that what they are said of is asked about, and not done at once and in full.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from ares.inference._words import any_of, fold
from ares.inference.proposer._clauses import demands, tells, wishes
from ares.inference.proposer._questions import cannot

_SIGNS: Final = " ,.;:!?"
_CLAUSE: Final = re.compile(
    r"[,.;:!?]\s+|\s+(?:so|and|but|because|cos|cause|which means(?: that)?)\s+|\s+(?=since )"
)
_UNIT: Final = r"(?:second|sec|minute|min|hour|hr|day|night|week|month|year)s?"
_DAY: Final = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_POLITE: Final = (
    r"(?! (?:you (?:can|could|would|(?:don't|do not) mind(?! \w+ing\b)|please|like|have|get(?! (?:my|the"
    r"|his|her)\b)|are|want|may)"
    r"|you're"
    r"|you'd (?:be so (?:kind|good)(?! as to wait)|like|please|be a dear)|your"
    r"|possible|needed|necessary|i may"
    r"|(?:it|that)(?:'?s| is) (?:ok|okay|fine|possible|alright|all right)(?! (?:with|by|for) (?!you\b))"
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
# "Even if", "I'd be grateful if", "check if" set no condition.
_NOT_AFTER: Final = "".join(
    f"(?<!{words} )"
    for words in (
        *("even", "as", "check", "see", "hear", "tell", "know", "wonder", "me", "mind", "appreciate it"),
        *("grateful", "glad", "happy", "nice", "great", "lovely", "kind", "thankful", "obliged"),
    )
)
_CONDITION: Final = any_of(
    rf"{_NOT_AFTER}\b(?:if|unless|in case of|provided|as long as|assuming|whenever)\b{_POLITE}",
    r"(?:^\W*|\bonly )in case\b",
    r"\bif (?:so|not)\b",
    r"(?:^|[,;.!?]\s*|\b(?:and|please|now) )wait (?:for|until|till|\d+|five|ten|an?(?! (?:sec|second"
    r"|minute|min|moment|bit)\b))\b",
    rf"\bwhen{_POLITE} (?:(?!you\b)\w+ (?:is|are|has|says|agrees|comes|came|calls|called|leaves|left|goes"
    rf"|went|arrives|arrived|returns|returned|finishes|finished)|there (?:is|are))\b",
    rf"\bas soon as\b{_POLITE}",
    r"\bwhen you(?:'ve| have) \w+ed\b",
    rf"\b(?:when|once|as soon as)(?= (?:the|it|it's|its|i|i'm|my|we|he|she|they)\b){_POLITE}",
    r"(?<!wait )\b(?:until|till) (?:i (?:say|tell)|i|i'm|we|it|he|she|they|you)\b",
    r"(?<!wait )\b(?:until|till) \w+ (?:leaves|left|goes|comes|is|has|arrives|returns|finishes|calls|says)\b",
    r"\bonly (?:when|once|after)\b",
    r"(?:-{2,}|\bit|\bthem|^),? ?the (?:moment|minute|second|instant) (?:you|i|we|he|she|they|it|\w+ \w+s)\b",
    r"(?:^|[,.;]\s*)should (?:the |my |our )?(?:-{2,}|\w+) (?:turn|be|prove|get|fail|become|ever|happen)\b",
    r"\b(?:pending|subject to|depending on|in the event of|in an emergency)\b",
    r"\b(?:have|need|ought|got|must|should) (?:to )?(?:ask|check with|consult|talk to) .*\b(?:before"
    r"|first)\b",
    r"\bwith (?:my |the |our )?\w+(?:'s)? (?:permission|ok|okay|approval|blessing|consent)\b",
)
_SETS: Final = re.compile(
    r"\b(?:if|unless|once|until|till|after|as soon as|when|whenever|before|provided|in case|assuming)\b"
    rf"{_POLITE}"
)
_EXCEPTION: Final = any_of(
    r"\b(?:except|excluding|apart from|aside from|other than|but not|leaving out)\b",
    r"\b(?:all|any|each|every|every(?:thing|one|body)|anything)\b[^,;.]*?,? but (?!also\b|first\b|then\b"
    r"|please\b)",
    r"\b(?:save for|minus the|most of (?:it|them))\b",
    r",? not (?:the|my|this|that) (?!least\b)",
    r"\bwithout (?:the|my|any)\b",
)
_LATER: Final = any_of(
    rf"\bin (?!the\b)(?:about |around )?(?:half an|(?:an? )?(?:few|couple(?: of)?)|\d+"
    rf"|[a-z]+(?:-[a-z]+)?) {_UNIT}\b",
    r"\b(?:tomorrow|tonight|later today|this (?:evening|afternoon)|in the (?:morning|evening|afternoon))\b",
    rf"\b(?:next|on|this|coming) (?:{_DAY}s?)\b",
    r"\bnext (?:week|month|year|weekend)\b",
    rf"\bevery (?:other )?(?:{_UNIT}|{_DAY}|morning|evening|weekend)\b",
    r"\bafter (?:you|i|we|he|she|they|dinner|lunch|breakfast|work|school|the weekend|(?!that|this)\w+ing"
    r"|christmas|xmas|easter|the holidays?|\w+ has)\b",
    r"\bafter (?:the |my )?-{2,}",
    r"\b(?:eventually|some ?day|one day|at some point|next time|by the time|over the weekend"
    r"|at the weekend|in an? (?:bit|while)|at (?:dawn|dusk|sunrise|sunset)|around (?:noon|midnight|\d\d?)"
    r"|half past \w+|(?:once|twice) an? (?:day|week|month|hour)|on the hour|(?:hourly|daily|nightly"
    r"|weekly|monthly)(?=\W*$))\b",
    r"(?:-{2,}|\b(?:it|them)) later(?=\W*$|\s*[,.;!]|\s+(?:on|please|today|tonight|this)\b)",
    rf"(?:^|[,;.] ?)come {_DAY}\b",
    r"\btomorrow works\b",
    r"\bbefore (?:i|we|he|she|they) (?:get|gets|come|comes|arrive|arrives)\b(?! (?:mad|angry|sick|tired"
    r"|old))",
    r"\b(?:at|by|after) (?:noon|midnight|\d\d?(?=\W*$|\s*[,;]|\s+(?:and|please|sharp)\b)|\d\d?:\d\d"
    r"|\d\d?(?::\d\d)? ?(?:am|pm|o'clock))\b",
)
# "Hold it until I say so" is how one asks to hold it, unless what is held is then gone; and "call me in ten
# minutes when it is done" says once more what a time that is set is for.
_UNTIL: Final = re.compile(r"(?:until|till)\b")
# "Is it in the list, and if not, add it" may be done all the same; what destroys may not.
_IF_SO: Final = re.compile(r"if (?:so|not)\b")
_ONCE_UP: Final = re.compile(r"(?:when|once|as soon as)\b")
# "Oh no, not this one" leaves nothing out.
_SIGHS: Final = re.compile(
    r"\W*(?:(?:oh|ah|no|ugh|um|uh|god|lord|man|dear|please|hey|come on|argh|bah)\b\W*)*"
)
_TODAY: Final = re.compile(r"tonight|later today|this (?:evening|afternoon)")
_OPENS: Final = re.compile(r"^(?:(?:so|um|uh|well|okay|ok|oh|hey) )+")
_SUBJECT: Final = re.compile(r"(?:i|i'm|i'll|we|we're|we'll|it|it's|he|she|they|there|that|my)\b")


@dataclass(frozen=True, slots=True)
class Seen:
    """The sentence as the rules see it: ``bare`` without what is kept as it is; ``bare_of_names`` also
    without the words that name something.
    """

    bare: str
    bare_of_names: str


def conditional(text: str) -> bool:
    """Whether ``text`` sets a condition or a time, other than out of courtesy."""
    return _SETS.search(fold(text)) is not None


def beyond(sentence: str, seen: Seen, when: Collection[str], *, destroys: bool) -> str:
    """Say which condition, exception or later time of ``sentence`` is beyond ARES; empty if there is none.

    ``when`` is as what a time is taken: "on monday *morning*" is no later time for what takes a date, nor
    "at eight *tonight*" for what takes a time. ``destroys``: a change destroys something.
    """
    for rule, text, why in (
        (_CONDITION, seen.bare, "I cannot check or wait for a condition yet"),
        (_EXCEPTION, seen.bare, "I cannot leave something out yet"),
        (_LATER, seen.bare_of_names, "I can only do it now, not at a later time"),
    ):
        for match in rule.finditer(text):
            start, _ = clause_around(text, match.start())
            _, end = clause_around(text, match.end() - 1)
            if (_UNTIL.match(match[0]) or _IF_SO.match(match[0])) and not destroys:
                continue
            if _ONCE_UP.match(match[0]) and "duration" in when:
                continue
            if rule is _CONDITION and _within_told(text[start:end], match.start() - start, text[end:]):
                continue
            if _HAPPENED.match(text, match.start()) and _WAS.search(text[: match.start()]):
                continue
            if rule is _LATER and when and "--" in match[0]:
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
        return (tells(clause) and any(others)) or any(map(demands, others))
    return not demands(clause, added=False) and "-" not in clause and any(_orders(each) for each in others)


def _orders(text: str) -> bool:
    return demands(text, added=False)


def clause_around(text: str, at: int) -> tuple[int, int]:
    """Where the clause around character ``at`` begins and ends."""
    cuts = [(match.start(), match.end()) for match in _CLAUSE.finditer(text)]
    start = max((end for _, end in cuts if end <= at), default=0)
    return start, min((first for first, _ in cuts if first > at), default=len(text))
