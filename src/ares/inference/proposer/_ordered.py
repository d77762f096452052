"""Whether the verb of a change stands where the verb of an order stands: "could you *delete* it", but not "he
says *delete* it", "I might *delete* it" or "the phrase *delete* it".

What may stand before such a verb is short to tell, what may not is without end; so the first is told.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final

from ares.core import Capability
from ares.inference._lexicon import lexicon
from ares.inference._words import any_of, listed, nearest, stem, words
from ares.inference.proposer._clauses import begins_orders

_CLAUSE: Final = re.compile(
    r"[,.;:!?)\]]+\s+|\s+(?:-|–|—|->|&&|&|\+)\s+|\s+(?:so|and|an|adn|nad|nd|but|because|cos|cause|plus"
    r"|then|hten|thne)\s+"
)
# Verbs that begin an order for nearly anything, of which the place tells nothing.
_LIGHT: Final = frozenset(
    listed("put make get take give bring back send turn switch throw say tell note show do look have set run")
)
# "Make a *copy*", "into the *trash*", "the *move*", "*wake*-up": nouns, and parts of other words.
_NOUN: Final = re.compile(
    r"(?:\b(?:an?|the|my|our|your|his|her|their|its|this|that|these|those|one|another|any|some|no|each|every"
    r"|extra|security|carbon|paper|recycle|computer's|backup|in|of|by|jump|polite|pristine|second|fresh|new"
    r"|spare)|[-_./\\'\"@])\s*$"
)
_NOUN_AFTER: Final = re.compile(r"(?:-\w|\s*:|\s+(?:of|from the|up call|key|button|command|list|file)\b)")
_YOU: Final = r"(?:you|u|ya|ye|thou|ares|we|i|me)"
_CAN: Final = (
    r"(?:can|could|would|will|may|might|must|should|shall|cud|wud|wld|cld|wont|won't|can't|couldn't)"
)
ASIDES: Final = listed(
    "please pls plz plese pleas kindly pray just quickly simply now first firstly next finally lastly also"
    " both afterwards afterward thereafter then hten meanwhile instead so and again immediately today"
    " actually rather better gently completely entirely permanently safely properly carefully asap maybe"
    " perhaps like ok okay alright right well oh ah yes yeah yep yup sure um uh er erm uhm hmm mm hey hi"
    " hello yo go wait do help let's lets sudo todo thanks cheers ares computer mate dude man bro buddy"
    " dear darling sir anymore lol ugh yikes haha hahaha hehe omg wow argh gosh damn shit fuck crap jeez"
    " phew god"
)
# What may stand right before the verb of an order; the rest of the clause before it is not looked at.
_LEADS: Final = (
    "|".join(ASIDES),
    r"please you|please to|after that|go ahead|once more|hang on|hold on|any more|to-do|not only",
    rf"{_CAN} {_YOU}(?: (?:please|pls|kindly|just|maybe|perhaps|possibly|also|then|now|quickly|at least))*",
    r"(?<!if )(?<!that )(?<!says )(?<!said )(?<!thinks )(?<!whether )(?<!how )"
    rf"you (?:{_CAN}|need to|have to|ought to|'d better)",
    r"you'd better|you please do|how about you|why (?:don't|not|dont)(?: you| we)?|tell me (?:you|u) can",
    rf"(?:wants?|needs?|like|love|wish|got|gotta|wanna|trust|ask|beg|urge|have) (?:for )?{_YOU} to",
    r"(?:like|love|want) that you|(?:want|get|have) you|(?:ask|trouble|bother|get) you to",
    r"(?:i|we)(?:'d| would| do)? (?:really |just |also )?(?:want|need|like|love|wish|prefer) to",
    r"(?:i|we)(?:'ve)? (?:just |really |still )?(?:must|gotta|wanna|(?:have|got|have got) to|want|need)",
    r"is it (?:\w+ )?(?:possible|ok|okay|fine|alright|too late|a bother|a bad time) to",
    r"is there (?:any way|a way|any chance|a chance|some way) to",
    r"would it be (?:\w+ )?(?:possible|ok|okay|fine|alright|nice|great|a bother|too much) to",
    r"(?:nice|great|good|kind|lovely|sweet|wonderful|awesome|cool|helpful) (?:enough |as )?to",
    r"able to|(?:it's )?time to|supposed to|would you mind to|(?:to do )?is to",
    r"(?:job|task|thing)(?: is)?(?: to)?",
    rf"(?:hop|wonder)ing(?: if| whether| that)? {_YOU}(?: (?:could|can|might|may|would|will)|'d)",
    rf"(?:wonder|appreciate it|grateful|glad|happy)(?: if| whether| that)? {_YOU}(?: {_CAN}|'d)",
    r"(?:don't|do not|dont|never) (?:forget|hesitate) to|be sure to|make sure (?:you|to)",
    rf"(?:love|like|appreciate) it if you {_CAN}",
    r"feel free to|try to|(?:try|go|come|hurry(?: up)?) and|help me(?: to)?|make (?:it|him|her|them)",
    r"(?:an?|the|some|no|much|any) (?:chance|minute|moment|time|second|sec|mo|trouble|bother|hassle|problem)",
    r"-{2,} (?:must|should|can|could|may|has to|have to|needs to|ought to)",
    r"(?:don't|do not|dont) mind|as soon as possible|if possible|if you like|whenever you like",
    r"do me (?:a|the) (?:favou?r|solid)(?: and)?|be (?:a|an) \w+ and",
)
_LEAD: Final = any_of(
    rf"(?:^|(?<=[\s-]))(?:{'|'.join(_LEADS)})\s*$", r"^[\W_]*$", r"(?:^|\s)-{2,}\s*$", r"[)\]}>=:]\s*$"
)


_WORD: Final = re.compile(r"(?<![\w-])[a-z]+(?![\w.'])")
# "Deleting", "deletes", "deleted", "woken".
_FORM: Final = re.compile(r"(?:ing|s|ed|en|woke|wrote)$")
# "*Note that* I have to move it" and "*note:* move it" are notes.
_ANNOUNCES: Final = re.compile(
    r"\b(?:note|memo|jot down|write down|remember|log) (?:that|down|to self)\b"
    r"|\b(?:note|memo|reminder|to self|to-?do|remember)\s*[:,]\s"
)


def _mended(lead: str) -> str:
    """``lead`` with slips as they were meant, and without words that are none, such as "lol"."""
    known = lexicon()
    forms = [
        word.text if known.knows(word.text) or word.literal else nearest(word.text, known.forms) or ""
        for word in words(lead)
    ]
    return lead if "-" in lead else " ".join(filter(None, forms)) + " "


# Before "deleting" and before "deleted", where these are asked for: "would you mind *deleting* it", "I want
# it *deleted*".
_LEADS_TO_DOING: Final = any_of(
    r"\b(?:mind|needs?|wants?|fancy|how about|try|by|worth|started?|start|get|keep|up for|feel like|be)\s+"
    r"(?:(?:please|just|quickly|kindly|also|you|with|me|a|the) )*$",
)
_LEADS_TO_DONE: Final = any_of(
    r"\b(?:to be|be|get|have|having|want|need|needs|wants|like|love|see|prefer|must|should|please)\b(?![^.]*"
    r"\b(?:i|you|we|he|she|they|it|was|were|been|gets|got|being|how|that)\s*$)",
)


@lru_cache(maxsize=512)
def _verbs(examples: tuple[str, ...]) -> frozenset[str]:
    """The verbs with which ``examples`` begin, other than those that may begin anything."""
    first = {phrase.lower().split()[0] for phrase in examples if phrase.split()}
    return frozenset(word for word in first - _LIGHT if begins_orders(word))


def _stands_as_ordered(lead: str, word: str, verbs: Collection[str]) -> bool:
    """Whether ``word``, a form of one of ``verbs``, stands after ``lead`` as in an order."""
    if word in verbs:
        return _LEAD.search(_mended(lead)) is not None
    if word.endswith("ing"):
        return _LEADS_TO_DOING.search(lead) is not None
    return not word.endswith("s") and _LEADS_TO_DONE.search(lead) is not None


def misplaced(capability: Capability, bare: str) -> str:
    """The words before a verb of ``capability`` in ``bare``, a part of a sentence, when they are none that an
    order has there; empty if one verb stands as in an order, and if there is no such verb. A slip in them and
    an exclamation that is no English ("pleae", "lol") are no words of their own.
    """
    verbs = _verbs(tuple(capability.examples))
    stems = {stem(verb) for verb in verbs}
    before = ""
    for match in _WORD.finditer(bare):
        cuts = [cut.end() for cut in _CLAUSE.finditer(bare, 0, match.start())]
        if match[0] not in verbs:
            rest = _CLAUSE.search(bare, match.end())
            clause = bare[cuts[-1] if cuts else 0 : rest.start() if rest is not None else len(bare)]
            if "--" not in clause or stem(match[0]) not in stems or not _FORM.search(match[0]):
                continue
        lead = bare[cuts[-1] if cuts else 0 : match.start()]
        if _NOUN.search(lead) or _NOUN_AFTER.match(bare, match.end()):
            continue
        if _ANNOUNCES.search(bare, 0, match.start()):
            before = before or bare[: match.end()]
        elif _stands_as_ordered(lead, match[0], verbs):
            return ""
        before = before or lead.strip() + " " + match[0]
    return before
