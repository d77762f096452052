"""Words that make it doubtful whether a change is wanted: a "not", a correction, a pretence, another person,
a second thing after "or".

Like the rules of `_guard`, these only ever turn a reading into a question back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from ares.core import Call, Capability
from ares.inference._words import any_of, stem
from ares.inference.matching import vocabulary
from ares.inference.proposer._left_out import left_out, matched
from ares.inference.proposer._mood import is_deed
from ares.inference.proposer._others import by_others, clauses
from ares.inference.proposer._questions import cannot, forbidden
from ares.inference.values import Normaliser

_SIGNS: Final = " ,.;:!?"
_NEGATES: Final = re.compile(
    r"\b(?:not|never|cannot|avoid\w*|refrain\w*|decided against|do nt|did nt|\w+n't)(?!\w)|\bno (?=\w+ing\b)"
    r"|\bwould be (?:bad|wrong|terrible|stupid|dumb|unwise|a (?:mistake|pity|shame|bad idea))\b"
)
# Denials that want something done, or that say why: "why don't you", "I don't need it any more".
_INNOCENT: Final = re.compile(
    r"\b(?:why (?:not|don't|do not)|(?:don't|do not|not|never|mustn't|can't) (?:ever )?(?:forget|worry"
    r"|bother|mind|hesitate|need|use|care|(?:want|like)(?! to\b| you\b)|know|have|see|remember|understand"
    r"|think|find|only|any ?more|yet|there|here|needed|necessary|used|working|work|works|good|right|correct"
    r"|true|valid|relevant|current|answer|answering|respond|responding|let (?!you\b)|sleeping|sure (?:where"
    r"|what|why|how|which))|(?:can't|cannot|can not) (?:get|make|stand|read|open|believe|tell)|(?:can't|cant"
    r"|cannot|can not|couldn't) (?:hear|see|sleep|find|think|concentrate|watch|understand|remember)|(?:is"
    r"|are|was|were) not (?:run+ing|responding|working|loading|playing|syncing|connecting|awake|alive"
    r"|online)|(?:does not|doesn't|doesnt|do not|don't|won't|will not) want to (?:open|load|work|start|play"
    r"|show|connect|run|come)|(?:needn't|need not) (?:bother|remind|nag|bug|tell|warn|prod) me|(?:can't"
    r"|couldn't|won't|wouldn't|don't|didn't) you(?! dare)|didn't mean|(?:is|was|does|are|has|have|will"
    r"|were)n't|isnt|doesnt|no longer|if not|whether or not|or not|not (?:to )?(?:\w+ ){0,2}(?:more"
    r"|any ?more|any longer)|n't (?:any|enough))\b"
)
# "It isn't safe to delete it", of what the verb does.
_UNFIT: Final = re.compile(
    r"\b(?:(?:is|was|would|seems|looks|feels|am|are)(?:n't| not)(?: be| a)?|isnt|ain't|it's not|i'm not)"
    r" (?:[\w']+ ){1,3}?to (?P<verb>[a-z]+)"
)
# "We never bake with it, throw it out": who says what is not done says why.
_SAYS_WHY: Final = re.compile(
    r"(?:\b(?:i|we|he|she|it|they)|-{3,})\s+(?:just |really |simply |honestly )?"
    r"(?:(?:do|did|does|wo|ca|could)(?:n't| not)|dont|didnt|never)\s+(?:ever |even |really |actually )?"
    r"(?!(?:want|like|wish|say|said|mean|ask|asked|tell|told|allow|let|think|agree|order|permit|be)\b)"
    r"(?P<verb>[a-z]+)(?:(?: (?:to|whether|you|us|me|him|her|them|anyone))+ (?P<then>[a-z]+))?"
)
_OR: Final = re.compile(
    r"(?<!sooner)(?<!more)(?<!two)(?<!whether) or "
    r"(?!so\b|something\b|whatever\b|else\b|less\b|later\b|three\b|two\b|not\b|anything\b|other\b|similar\b)"
)
# At its end a sentence is taken back: "delete a, *hmm no*", "wake the nas, *cancel*".
_TAKES_BACK: Final = (
    r"(?:[\w-][,:?]|-{2,}|\b(?:it|them)) (?:(?:hm+|er|erm|argh|ugh|lol|wait|sorry),? )?"
    r"(?:no|stop|cancel|abort|forget it|as if|not really|absolutely not|certainly not|of course not"
    r"|not on your life|yes or no|good idea|bad idea)\W*$"
    r"|\bwait,? (?:stop|no)\W*$"
    r"|\bbut (?:i|we) (?:can't|cannot|can not|mustn't|shouldn't|won't|daren't|am not allowed)\W*$"
)
_CORRECTS: Final = any_of(
    r"\b(?:no,? wait|wait,? no|scratch that|(?:just )?kidding|on second thoughts?|i take (?:it|that) back"
    r"|never ?mind(?! (?:about|the mess|me|that)\b)|or rather|i changed my mind|or (?:should|shall) (?:i"
    r"|we)|actually,? (?:no|not|don't|dont|do not|stop|wait|leave)|but (?:i|we) (?:haven't|have not"
    r"|am not|aren't) (?:yet )?(?:decided|sure)|(?:was|it's|is|just|only)(?: just| only)?(?: a)? jok(?:e"
    r"|ing))\b",
    r"\bactually\b.*\binstead\b",
    r"\?\s*(?:(?:absolutely|certainly|definitely|of course|hell) )?not?\b",
    r"-{2,},? (?:oops|whoops|jk)\b",
    r"(?:\.\.|…) ?(?:actually|no|nope|wait|scratch)\b",
    r"-{2,},? (?:er|erm|no|correction|sorry|oops|or rather|rather),? (?:the |my )?-{2,}",
    r", (?:\w+,? )?i mean(?:t)?,? (?:(?:the |my )?-{2,}|[a-z]+ (?:it|them|the|that|my)\b|[a-z]+\W*$)",
    rf"{_TAKES_BACK}",
)
_PRETENDS: Final = any_of(
    r"\b(?:(?:imagine|suppose|let's say) (?:i|we|you|that)|(?:wondering|deciding|undecided) whether"
    r"|thinking (?:of|about) \w+ing|(?:^|[,.;] )you(?:'d| would) (?:have|need) to|pretend|act as if"
    r"|dry[ -]?run|simulate|for the sake of argument|hypothetically|in theory|theoretically"
    r"|for (?:example|instance)|repeat after me|just testing|this is (?:just |only )?a test)\b",
    r"\be\.g\.",
    r"^\W*test\s*:",
    r"\b(?:practi[cs]e|schedul(?:e|ing)|postpone|delay|consider|(?:thoughts|opinion) on|what about"
    r"|well done) (?:deleting|removing|moving|copying|renaming|waking|writing|erasing)\b",
)
# "Delete it *would be madness*" speaks of it.
_SPOKEN_OF: Final = re.compile(
    r"^\W*(?:please )?(?:delete|remove|erase|move|copy|rename|wake|boot|write|restore) (?:the |my )?-{2,}"
    r" (?:is|was|would be|would have been|means|sounds|has \w+ words)\b"
)


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
        or matched(_CORRECTS, bare, "I am not sure what counts after")
        or matched(_PRETENDS, bare, "I can only do it or leave it, for a trial there is `--dry-run`")
        or matched(_SPOKEN_OF, bare, "I am not sure that you want it done, as you speak of it")
        or by_others(bare, changing, by_name)
        or _alternative(bare, bare_of_names)
        or left_out(bare, calls, by_name, normaliser)
    )


def _denied(bare: str, bare_of_names: str, tools: Sequence[Capability]) -> bool:
    """Whether a clause that names what is to be changed has a "not" that is meant."""
    spoken = {each for tool in tools for each in vocabulary(tool).stems}
    for start, end in clauses(bare):
        clause = bare[start:end]
        reason = _SAYS_WHY.search(clause)
        unfit = _UNFIT.search(clause)
        if unfit is not None and stem(unfit["verb"]) in spoken:
            return True
        said = spoken.intersection(map(stem, filter(None, reason.groups()))) if reason is not None else ()
        if reason is not None and not said:
            clause = clause[: reason.start()] + clause[reason.end() :]
        if "-" in bare_of_names[start:end] and _NEGATES.search(_INNOCENT.sub(" ", clause)):
            return True
    return False


def negates(bare: str) -> bool:
    """Whether ``bare`` has a "not" that is meant, whatever it is about."""
    return _NEGATES.search(_INNOCENT.sub(" ", bare)) is not None


def _alternative(bare: str, bare_of_names: str) -> str:
    """A question back when one of two things is to be chosen."""
    for start, end in clauses(bare):
        if "-" in bare_of_names[start:end] and _OR.search(bare[start:end]):
            return cannot(bare[start:end].strip(_SIGNS).replace("-", ""), 'I cannot choose with an "or"')
    return ""
