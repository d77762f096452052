"""What others say, want or do is no order of the owner, and neither is what they tell somebody else to do:
"my boss said, delete it", "Anna wants to delete it", "ask Anna to delete it".

Like the rules of `_guard`, these only ever turn a reading into a question back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from ares.core import Call, Capability
from ares.inference._words import any_of, fold, stem
from ares.inference.matching import vocabulary
from ares.inference.proposer._clauses import demands
from ares.inference.proposer._questions import cannot

_SIGNS: Final = " ,.;:!?"
_CLAUSE: Final = re.compile(r"[,.;:!?]\s+|\s+(?:so|and|but|because|cos|cause)\s+")
_DEED: Final = (
    r"(?:deleted|removed|moved|copied|renamed|woke|woken|restored|wrote|written|erased|trashed|binned)\b"
)
# Who is neither the owner nor a thing: "Anna", "my boss", "they".
_ANOTHER: Final = (
    r"(?:he|she|they|someone|somebody|everyone|everybody|(?:the|my|our|his|her|their|your) \w+"
    r"|(?!(?:i|we|you|it|that|this|who|which|what|and|so|but|then|when|as|just|already|also|the|a|an|my|our"
    r"|any|all|those|these|recently|please|not|never|have|has|had|being|been|was|were|got|is|are|ve|d|ll"
    r"|s)\b)[a-z]+)"
)
_SAYS: Final = (
    r"(?:sa(?:id|ys|ying)|t(?:old|ells)|ask(?:ed|s)|yell(?:ed|s)|shout(?:ed|s)|wr(?:ote|ites)|mail(?:ed|s)"
    r"|text(?:ed|s)|order(?:ed|s)|want(?:ed|s)|th(?:inks|ought)|suggest(?:ed|s)|demand(?:ed|s)|insist(?:ed|s)"
    r"|beg(?:ged|s)|claim(?:ed|s)|message(?:d|s)|reads)\b"
)
_SAID: Final = re.compile(rf"\b{_SAYS}[^.;!?]*$")
_ANSWER: Final = (
    r"\bi (?:refused?|did(?: (?:it|so|that))?(?=\W*$|\s*[,.;!])|laugh(?:ed)?|disagreed?|declined?"
    r"|ignored?|said (?:no|yes|ok|okay))\b"
)
_DECLINES: Final = re.compile(rf"{_ANSWER}|\bi (?:did|said|won't|will not)\b")
_ANSWERED: Final = re.compile(rf"\b{_ANOTHER} {_SAYS}.*{_ANSWER}")
_SPOKEN_ORDER: Final = re.compile(rf"\b{_ANOTHER} {_SAYS}(?: (?:me|us|him|her|them))?\s*[:,]\s")
_SUPPOSES: Final = re.compile(
    rf"\b{_ANOTHER} (?:thinks|believes|claims|fears|worries|suspects|reckons|assumes|guesses|hopes)"
    r" (?:that )?(?:you|i|we|he|she|they)(?:'d|'ll)?\b"
)
_WANTS_TO: Final = re.compile(
    rf"\b{_ANOTHER} (?:wants|wanted|wishes|plans|intends|hopes|tries|threatens|promised|likes|loves|hates)"
    r" to (?P<verb>\w+)"
)
_DONE: Final = any_of(
    rf"(?:^|[,.;:]\s+|\b(?:yesterday|ago|time|night|(?:last|this) (?:week|month|year|night"
    rf"|morning)) )(?:i|we|you|he|she|they|it|(?:the|my|our) \w+(?: \w+)?|(?!(?:the|a|an|my|our|that|this"
    rf"|any|all|those|these|what|which|recently|just)\b)[a-z]+)(?:'ve)?(?: (?:have|has|had|already|nearly"
    rf"|almost|just|once|never))* {_DEED}",
    rf"\b(?:so|because|that) (?:i|we|you|{_ANOTHER}) {_DEED}",
    rf"-{{2,}} (?:was|were|has been|have been|had been|got) (?:\w+ )?{_DEED}",
    r"-{2,} (?:woke up|fell|landed|ended up)\b",
    r"\b(?:thanks|thank you|sorry) for \w+ing\b",
    r"\bi (?:regret|hate|love|enjoy) \w+ing\b",
    r"\b(?:tried|used|about) to (?:delete|remove|move|copy|rename|write)\b",
    r"\b(?!(?:i|we|you|it|that|this|who|which|and)\b)[a-z]+ (?:is|was|are|were|keeps) (?:deleting"
    r"|removing|moving|copying|renaming|writing)\b",
)
_OTHERS: Final = re.compile(
    r"\b(?P<verb>tell|ask|remind|teach|show) (?!(?:me|us) to\b)(?:\w+|my \w+) (?:to|how to)\b"
    r"|\bdo you want (?:me )?to\b|\bwants? me to\b"
)


def clauses(bare: str) -> list[tuple[int, int]]:
    """Where each clause of ``bare`` begins and ends."""
    ends = [(match.start(), match.end()) for match in _CLAUSE.finditer(bare)]
    return list(zip([0, *(end for _, end in ends)], [*(start for start, _ in ends), len(bare)], strict=True))


def told_by_another(before: str, after: str) -> bool:
    """Whether an order that stands between ``before`` and ``after`` is told of, not given: "my boss said,
    delete it. I refused."
    """
    return _SAID.search(fold(before)) is not None or _DECLINES.search(fold(after)) is not None


def by_others(bare: str, changing: Sequence[Call], by_name: Mapping[str, Capability]) -> str:
    """A question back when the sentence tells what somebody said, wants or did, or whom to tell to do it;
    empty if it does not. ``bare`` is the sentence without what is kept as it is.
    """
    spoken = {each for call in changing for each in vocabulary(by_name[call.capability]).stems}
    other = _OTHERS.search(bare)
    if other is not None and stem(other["verb"] or "want") not in spoken:
        return cannot(other[0], "I can only do it myself, not")
    told = _told(bare) or _wanted(bare, [by_name[call.capability] for call in changing], spoken)
    if told:
        return cannot(told, "I am not sure that you want it done yourself")
    done = _DONE.search(bare)
    if done is None or all(call.capability.endswith("restore") for call in changing):
        return ""
    end = _end_of_clause(bare, done.end())
    if demands(bare[end:].lstrip(_SIGNS)) or demands(bare[: done.start()].rstrip(_SIGNS)):
        return ""
    return cannot(done[0].strip(_SIGNS), "I am not sure that you want it done, as you tell of it")


def _told(bare: str) -> str:
    """What is said to be said or thought by another; empty if nothing is."""
    for rule in (_SPOKEN_ORDER, _SUPPOSES, _ANSWERED):
        found = rule.search(bare)
        if found is not None:
            return found[0].partition("--")[0].strip(_SIGNS)
    return ""


def _wanted(bare: str, changing: Sequence[Capability], spoken: set[str]) -> str:
    """What another wants to destroy; empty if nothing. "My daughter wants to hear the choir" asks for it."""
    found = _WANTS_TO.search(bare)
    if found is None or stem(found["verb"]) not in spoken or not any(tool.destructive for tool in changing):
        return ""
    end = _end_of_clause(bare, found.end())
    return "" if demands(bare[end:].lstrip(_SIGNS)) else found[0]


def _end_of_clause(bare: str, at: int) -> int:
    return next((end for start, end in clauses(bare) if start <= at <= end), len(bare))
