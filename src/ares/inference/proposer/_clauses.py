"""Where a sentence may be cut into several requests. Whether it is cut there is decided by whether each part
reads as a request of its own (see ``_several``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from ares.inference._words import FILLERS, fold, listed, words
from ares.inference.proposer._mood import asks

MOST: Final = 6
"""A sentence is cut into so many parts at most."""

_DONE: Final = (
    r"(?:once|as soon as|when|after) (?:that'?s|that is|that has|you'?ve|you have|this is|it'?s|it is)"
    r" (?:all |been )?(?:done|finished|ready|over|done that|finished that)"
)
_AND: Final = r"(?:and|adn|nad|nd|plus|&)"
_THEN: Final = (
    r"(?:then|hten|thne|afterwards?|after that|after this|after|next|also|finally|later|lastly"
    rf"|meanwhile|in the meantime|{_DONE}|while you'?re (?:at it|there)|on top of that|besides)"
)
_NO_PURPOSE: Final = r"(?!that\b|(?!you|we|i)(?:my )?\w+ (?:can|could|may|might)\b)"
_JOINER: Final = re.compile(
    r"(?P<strong>\s*(?:;|\n|\r)\s*|\s+&&\s+|\s+before (?:you|we) (?=\w)"
    rf"|\s*[,.]?\s+{_AND}(?:\s+{_AND})?\s+{_THEN}\b[\s,]*|\s*[,.]\s*{_THEN}\b[\s,]*"
    rf"|\s+(?:then|hten|afterwards|after that|{_DONE})\s+(?=\w))"
    r"|(?P<sentence>[.!?]+\s+(?=\S))"
    rf"|(?P<weak>\s*,?\s+(?:{_AND}(?:\s+{_AND})?|but|also|\+)\s+|\s*,\s+(?:so\s+)?"
    rf"|\s+so\s+{_NO_PURPOSE}(?=\w+ \w))"
)
# "Which are up *and which are down*", "the nas, *which has been off*" go on with what was asked or named.
_GOES_ON: Final = re.compile(
    r"(?P<which>which|who)(?: ones?| of (?:them|those|these))? (?:(?:is|are|was|were|has|have|had|does|do|did"
    r"|will|can|could)(?:n't| not)?|still|never|already|just|no longer)\b"
)
_NARRATES: Final = re.compile(
    r"(?!(?:the|a|an|all|any|some|every|no|my|our|your|this|that|these|those)\b)"
    r"(?P<who>[a-z][\w'-]*) \w{2,}ed (?:over|into|on|off|up|down|out|at|to|by|for|from|me|us|him|her|them|my"
    r"|the|a|an|his|their|our|it|that)\b",
    re.IGNORECASE,
)
_BOTH_WAYS: Final = re.compile(r"\b(?:off$|on$|up$|down$|back$)")
_OTHER_WAY: Final = re.compile(
    r"(?:on|off|up|down|forth)\b|(?:(?:bring|stand|turn|switch|put|start|get|fire|boot|power) )?"
    r"(?:(?:it|him|her|them|that) )?(?:(?:straight|right|then) )*(?:back )?(?:up|on|again)\b"
)
_NOTHING_BUT: Final = (["nothing"], ["anything"], ["none"], ["all"], ["everything"])
_MORE_THAN: Final = (["more"], ["less"], ["rather"], ["other"], ["longer"], ["later"], ["earlier"])
_QUOTED: Final = re.compile(r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']*'(?!\w)")
_BEFORE: Final = re.compile(
    r"^\W*before (?:you |(?=\w+ing\b))(?:(?P<later>[^,]+),\s*|(?P<run_on>\w+ [^,]+?)\s+"
    r"(?=(?:copy|move|rename|back up|delete|remove|wake|show|list|read|open)\b))(?P<first>(?!and\b).+)$",
    re.IGNORECASE | re.DOTALL,
)
_TELLS: Final = re.compile(
    r"(?:guess what|fun fact|good news|bad news|heads up|long story short|(?:having|trying|thinking|about to"
    r"|getting ready|planning to|can't wait)|i|i'm|i've|im|ive|we|we're|we've|it|it's|its|he|she|they|that's"
    r"|there's|you know|at|as|my|why|how come|no wonder|sorry|hurry|no rush|be (?:quick|careful|fast|nice"
    r"|patient|gentle)|(?:please )?be an? (?:dear|angel|love|darling|star|legend|pal|sport|champ|hero|gem"
    r"|peach|sweetheart|good \w+)|do me (?:a|the|one) (?:\w+ )?(?:favou?r|solid|kindness)"
    r"|when(?:ever)? you(?:'ve| have)? (?:get|got|have|find)? ?(?:an? |the |some |five )?(?:chance|minutes?"
    r"|moment|sec|second|time|mo)|(?:and )?(?:don't|do not|never) (?:worry|bother|rush)|(?:the )?kids|since"
    r"|because|cos|'cause|cause|so that|in case|now that|(?:before|while|as|until) (?:i|i'm|we|we're|it|it's"
    r"|he|she|they|my|the|our)|with (?:the|my|our) \w+ (?:left|kept|staying)|leaving|keeping)\b",
    re.IGNORECASE,
)
_WANTS: Final = re.compile(
    r"(?:i|we)(?:'d|'ll|'m)? ?(?:really |just |also )?"
    r"(?:want|need|like|must(?! have\b)|should|would|wish|have to|gotta)\b"
    r"|at \S+ (?:what|how)|my \w+(?: \w+)?$",
    re.IGNORECASE,
)
_PLEASE: Final = re.compile(r"^(?:please|pls|plz)\b[\s,]*", re.IGNORECASE)
_WISHES: Final = re.compile(
    r"\b(?:must|should|needs?|can|could|has to|have to|wants?|ought)\b", re.IGNORECASE
)
_CALLS_BACK: Final = re.compile(
    r"(?:please |just |so |then )*(?:tell|show|ping|text|give|bug|nudge|buzz|say it to|say it|let) (?:me|us)"
    r"(?: know)?(?: then| please| later| about it)?\W*$"
    r"|(?:then )?(?:shout|yell|holler|beep|buzz|chime|ring|ding)\W*$"
    r"|please (?:tell|say|show)\W*$|help (?:me|us|(?:an? |your )(?:\w+ )?\w+) out\W*$",
    re.IGNORECASE,
)
_STATES: Final = re.compile(
    r"(?!(?:[\w'-]+ ){0,2}(?:what|which|who|how|where|when|why)\b)(?:\w+'s \w+ing\b|(?:(?:the|my"
    r"|our) )?\w+'s (?:tomorrow|today|tonight|over|done|gone|late|soon|ready|here|due|ill|sick|back|at|off"
    r"|out|up|down|away|asleep|awake|ringing)\b|(?:[\w'-]+ ){1,3}(?:is|are|was|were|isn't|aren't|wasn't|has"
    r"|have|had|hasn't|just|went|goes|got|gets|came|comes|will|won't|can't|cannot|must|should|needs|says"
    r"|said|wants|knows|keeps|kicks|asks|asked|told|looks|seems)\b)|(?:(?:honestly|well|look|man|ugh|okay"
    r"|ok),? )?(?:the|my|our|his|her|their|that|this) (?:[\w'-]+ ){1,5}(?:gets|keeps|gave|hangs|answers|came"
    r"|went|broke|arrived|changed|expired|ended|closed|died|finished)\b|(?:bought|lost|got|had|saw|heard"
    r"|found|forgot|broke|made|sold|went|came|thought|cant|can't|couldn't|finally|just|still|already)\b",
    re.IGNORECASE,
)
_FIRST: Final = re.compile(r"\b(?:first|beforehand)\W*$", re.IGNORECASE)
_OPENER: Final = re.compile(
    r"^(?:(?:first(?:ly)?|first of all|then|hten|afterwards?|and|but|also|next|finally|so|meanwhile|plus"
    rf"|lastly|after that|{_DONE}|while you'?re (?:at it|there)|as well|you (?:can|may|could) (?:also|then))"
    r"\b[\s,]*)+",
    re.IGNORECASE,
)
_CLOSER: Final = re.compile(
    r"[\s,]+(?:then|too|as well|also|instead|meanwhile|in the meantime|while you'?re (?:at it|there)"
    r"|after(?:wards?| that)|at the same time)[\s.!]*$",
    re.IGNORECASE,
)
_COURTESY: Final = re.compile(
    r"^(?:(?:please|pls|plz|kindly|hey|hi|ok|okay|so|well|um|uh|like|just|now|maybe|perhaps"
    r"|(?:could|can|would|will|may) (?:you|we|i)|would you mind|you (?:can|could|may|should|must)"
    r"|(?:i|we)(?:'d| would)? (?:want|like|need) (?:you )?to|i need you to|let'?s"
    r"|be so (?:kind|good) (?:and|as to)|do me a favou?r and|go ahead and)\b[\s,]*)+",
    re.IGNORECASE,
)
_NO_VERBS: Final = frozenset(
    listed(
        "a an the this that these those my our your his her its their some any no not all both each every"
        " one ones i we you he she it they me us him them who which whose where when why what whatever how"
        " if because since as although though unless until till while whereas that's it's there there's"
        " here of in on at by for from to into onto with without about under over below above near after"
        " before between through during like than per via except only even still just really very quite too"
        " so maybe perhaps never always yes yeah no nope nah ok okay sure thanks thank thx cheers please"
        " sorry hello hi hey oh well anyway honestly actually basically unfortunately hopefully somehow"
        " somewhere otherwise else and or but nor yet don't dont doesn't didn't isn't wasn't can't cannot"
        " won't couldn't haven't hasn't is was were are been being has have had i'm i've i'd i'll im ive"
        " we're we've they're he's she's you're nothing something anything everything someone somebody"
        " everybody nobody enough more less much many most few lots plenty today tomorrow yesterday tonight"
        " now later soon again once twice first second last next another other same such exactly especially"
        " permanently quickly immediately asap mum mom dad christmas monday tuesday wednesday thursday"
        " friday saturday sunday"
    )
)
# Forms of verbs with which no order begins: "*wants* her series", "*will* end me".
_FINITE: Final = frozenset(
    listed(
        "wants needs says swears thinks knows likes loves hates keeps bets looks sounds feels means goes"
        " comes gets takes makes has lets asks tells gives wonders hopes wishes seems works runs sits stands"
        " lies hangs want wish hope guess believe won't can't will would should shall may might must"
        " could does did"
    )
)
_LY_VERBS: Final = frozenset(listed("apply reply supply fly rely multiply comply tally rally bully"))
_MODALS: Final = frozenset(listed("should shall may might must do does did can could will would let let's"))
_ORDERS: Final = frozenset(
    listed(
        "activate add allow append apply archive arrange ask assign attach back bin block book boot bring"
        " browse burn buy calculate call cancel capture change charge chat check chuck clean clear clone"
        " close commit compare compress connect convert cook copy count create cut deactivate decrypt del"
        " delete describe dig dim disable discard display dispose ditch do download draw drop dump"
        " duplicate echo edit eject empty enable encrypt end enlarge enter erase explain export extract"
        " fetch file fill find fire fix flip flush follow forget format forward free freeze generate get"
        " give grab guess halt hand hang heat help hide hold host hunt import increase install invent"
        " invite join jot jump keep kick kill label launch learn leave list load locate lock log look lose"
        " lower mail make mark measure memo merge mirror mount move mute name navigate note nuke open order"
        " overwrite pack paint park pause pick pin ping place plan play plot post power predict prepare"
        " print publish pull purge push put quit raise read reboot recite recommend record recover reduce"
        " register release relocate remember remind remove rename renew repair repeat replace reply report"
        " rescue reset resize restart restore resume retrieve return reverse ring rip roll rotate run save"
        " say scan schedule scrap search secure send set share shift ship shoot show shred shrink shut sign"
        " sing skip solve sort speak spin start stash stick stop store stream strike subscribe sum"
        " summarise summarize suspend swap switch sync tag take teach tell test text throw tidy tilt toss"
        " touch track transcribe transfer translate trash try tuck turn type undelete undo uninstall unlock"
        " unmount unregister unsubscribe update upgrade upload use vacuum verify wake wash water wipe work"
        " write zip"
    )
)


# In speech nothing joins two requests: "wake the nas show me the disk".
_RUN_ON: Final = re.compile(
    r"(?P<before>[\w'.-]+)\s+(?=(?:show|tell me|list|delete|remove|wake|copy|move|rename|note that|note down"
    r"|jot down|write down|take down|read|open|find|search|bring back|restore|what's the|what is the"
    r"|what time|how much|how many|how full|how long|how busy)\s+\w)"
)
_LEADS_ON: Final = frozenset(
    listed(
        "to and you me i we they he she it can could would will shall should must may might please pls"
        " that the a an my our your this these those don't not never let just then or of for from in on at"
        " by with about if when where who what which how also kindly go try help is are was were be do does"
        " another new quick short little second other extra more every each any some no one two"
        " last ever already did said says say see know tell show ask uh um so but well hey hi ok okay now"
        " first"
    )
)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence, from character ``start`` to ``end``. ``strong``: the joiner before it says that
    something else follows; ``added``: it adds one thing to another, as "and" does and a comma does not.
    ``rank`` orders the pieces as they are to be done. ``run_on``: nothing joins it to the one before.
    """

    text: str
    start: int
    strong: bool = False
    rank: float = 0.0
    listed: bool = False
    added: bool = False
    run_on: bool = False

    @property
    def end(self) -> int:
        """The character after its last one."""
        return self.start + len(self.text)


def parts(sentence: str, whole: Iterable[tuple[int, int]] = ()) -> tuple[Part, ...]:
    """``sentence`` cut at everything that may join two requests, at most `MOST` pieces; one piece when
    nothing does. It is never cut inside the characters ``whole``: names that hold a joining word.
    """
    swapped = _BEFORE.match(sentence)
    if swapped is not None:
        later = "later" if swapped["later"] is not None else "run_on"
        return (
            Part(swapped[later], swapped.start(later), rank=1.0),
            Part(swapped["first"], swapped.start("first"), strong=True),
        )
    folded = "".join(was if was in "\r\n" else now for was, now in zip(sentence, fold(sentence), strict=True))
    guarded = [*whole, *((match.start(), match.end()) for match in _QUOTED.finditer(folded))]
    pieces: list[Part] = []
    start, joiner = 0, ""
    for match in _JOINER.finditer(folded):
        inside = any(first < match.end() and match.start() < last for first, last in guarded)
        joined = _joins_words(folded[: match.start()], match[0].strip(" ,"), folded[match.end() :])
        if inside or len(pieces) == MOST - 1 or joined:
            continue
        _add(pieces, sentence, start, match.start(), joiner)
        start, joiner = match.end(), match[0].strip() if match["strong"] is None else "then"
    _add(pieces, sentence, start, len(sentence), joiner)
    unjoined = [each for piece in pieces for each in _run_on(piece, guarded)]
    return tuple(unjoined if len(unjoined) <= MOST else pieces)


def _joins_words(before: str, joiner: str, after: str) -> bool:
    """Whether a joiner goes on with the words before it: "nothing *but*", "more *then*" (a slip for than),
    "off *and* on", "which are up *and* which are down".
    """
    last = before.split()[-1:]
    if joiner == "but":
        return last in _NOTHING_BUT
    if joiner == "and" and _BOTH_WAYS.search(before) and _OTHER_WAY.match(after):
        return True
    again = _GOES_ON.match(after)
    if again is not None and joiner in ("", "and"):
        return joiner == "" or re.search(rf"\b{again['which']}\b", before) is not None
    return joiner in ("then", "hten") and last in _MORE_THAN


def _run_on(part: Part, guarded: Iterable[tuple[int, int]]) -> list[Part]:
    """``part`` cut where words that begin a request stand right after words that end one."""
    for match in _RUN_ON.finditer(fold(part.text)):
        at = part.start + match.end()
        inside = any(first < at < last for first, last in guarded)
        if match["before"] in _LEADS_ON or match.start("before") == 0 or inside:
            continue
        left = replace(part, text=part.text[: match.end("before")])
        right = Part(part.text[match.end() :], at, rank=part.rank + 0.1, run_on=True)
        return [left, *_run_on(right, guarded)]
    return [part]


def _add(pieces: list[Part], sentence: str, start: int, end: int, joiner: str) -> None:
    strong = joiner == "then"
    opener = _OPENER.match(sentence[start:end])
    if opener is not None and opener.end() < end - start:
        strong = strong or opener[0].lower().startswith(("then", "after", "first"))
        start += opener.end()
    text = sentence[start:end]
    if not any(letter.isalnum() for letter in text):
        return
    rank = float(len(pieces))
    earlier = _FIRST.search(text)
    if earlier is not None and pieces:
        text, rank = text[: earlier.start()].rstrip(), pieces[-1].rank - 0.5
    closer = _CLOSER.search(text)
    if closer is not None and (pieces or end < len(sentence)) and closer.start() > 0:
        text = text[: closer.start()]
    added = joiner[:1] not in (",", ".", "!", "?", "") and joiner != "so"
    pieces.append(Part(text, start, strong, rank, joiner == ",", added or strong))


def tells(text: str) -> bool:
    """Whether a part only tells something ("it sounds like a hairdryer", "we moved house") and asks for
    nothing.
    """
    text = _PLEASE.sub("", text)
    return _TELLS.match(text) is not None and _WANTS.match(text) is None


def calls_back(text: str) -> bool:
    """Whether a part only says to whom the rest is done: "ping me", "so tell me then"."""
    return _CALLS_BACK.match(text) is not None


def wishes(text: str) -> bool:
    """Whether a part says how things should be: "the nas must wake up"."""
    return _WISHES.search(text) is not None


def states(text: str) -> bool:
    """Whether a part says how things are: "the mouse is lagging", "pizza just went in", "bought a laptop",
    "somebody tripped over the plug".
    """
    told = _NARRATES.match(text)
    narrates = told is not None and told["who"].lower() not in _ORDERS
    return narrates or _STATES.match(text) is not None


def demands(text: str, *, added: bool = True) -> bool:
    """Whether a part reads as a question or an order, whatever for: "order pizza", "could you sing", but
    neither "the old stuff can go" nor "no idea where it is". What is not ``added`` to another request but
    stands beside it must begin with a word that orders are known to begin with.
    """
    if tells(text) or states(text):
        return False
    courtesy = _COURTESY.match(text)
    rest = [word for word in words(text[courtesy.end() :] if courtesy else text) if word.text not in FILLERS]
    if asks(text):
        return True
    if len(rest) < 2 or rest[0].literal:
        return False
    first = rest[0].text
    if not added:
        return first in _ORDERS and not _WANTS.match(text)
    if first in _FINITE:
        return False
    return first not in _NO_VERBS and (not first.endswith("ly") or first in _LY_VERBS)


def begins_orders(word: str) -> bool:
    """Whether ``word`` is a verb that orders are known to begin with."""
    return word in _ORDERS


def order(text: str) -> int | None:
    """The character at which the verb of an order begins: of "could you *defrag* the disk"; None for anything
    else, as far as the first word tells.
    """
    if tells(text) or states(text) or asks(text):
        return None
    courtesy = _COURTESY.match(text)
    begin = courtesy.end() if courtesy else 0
    rest = [word for word in words(text[begin:]) if word.text not in FILLERS]
    if len(rest) < 2 or rest[0].text in _NO_VERBS | _MODALS or not rest[0].text.isalpha():
        return None
    return begin + rest[0].start


def fragment(text: str) -> bool:
    """Whether a part has no verb of its own as far as its first word tells: "the note about ink", "in
    lisbon".
    """
    first = words(text)[:1]
    return bool(first) and (first[0].literal or first[0].text in _NO_VERBS) and not asks(text)
