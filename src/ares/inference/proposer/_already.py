"""What is so already is hardly what is asked for: of a server that "has been off since Thursday" nobody asks
that it be stopped, nor of one that "is still running" that it be started.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from ares.core import Capability
from ares.inference._words import fold, listed

_SO_ALREADY: Final = 3.0
_HALF_SO: Final = 2.0
"""What stopping and starting again loses when the thing is off: it may be how one says to start it."""

_IT: Final = r"(?:\x01|\b(?:it|he|she|which))"
_IS: Final = rf"{_IT}(?:'s|'s been| has been| have been| is| was| lies| sits| stays| went| goes)"
_HOW: Final = r"(?: (?:still|now|just|all|again|already|lying|turned|switched|powered|shut|not|right))*"
_OFF: Final = re.compile(
    rf"{_IS}{_HOW} (?:off|down|stopped|dead|asleep|sleeping|idle|closed|shut|paused|disabled|out)\b(?! and\b)"
    rf"|{_IT}(?:'s| is)(?: still)? not (?:running|up|on|awake|alive)\b|{_IT} isn't (?:running|up|on|awake)\b"
    r"|\b(?:i|we|he|she|they|(?:my|our) \w+)(?:'ve|'d| had| have| has)?"
    rf" (?:shut|took|turned|switched|killed|stopped) (?:(?:down|off) )?{_IT}"
    rf"|\bhad {_IT} (?:shut|switched|turned|powered) (?:down|off)\b"
)
_ON: Final = re.compile(rf"{_IS} still(?: turned| switched)? (?:on|up|running|open|awake|alive|burning)\b")
# "Make sure it is off", "until it is down": how it is to be.
_TO_BE: Final = re.compile(
    r"\b(?:sure|see to it|ensure|check|whether|if|until|till|when|once|want|wish|like|need|must|should)\b"
    r"[^,;.]*$"
)
_STARTS: Final = frozenset(
    listed("start open enable resume unpause launch run wake activate unlock unmute boot connect continue")
)
_STOPS: Final = frozenset(
    listed("stop close disable pause shutdown kill sleep deactivate lock mute disconnect halt suspend")
)
_DOES_BOTH: Final = frozenset(listed("restart reboot reload"))
_PARTS: Final = re.compile(r"[-_.]")


class _State(Enum):
    UNTOLD = auto()
    OFF = auto()
    ON = auto()


def against(capability: Capability, sentence: str, things: tuple[tuple[int, int], ...]) -> float:
    """What ``sentence`` takes from the score of ``capability`` by saying that a thing, of which ``things``
    are the characters where it is named, is already as the capability would make it; 0 if it does not.
    """
    name = frozenset(_PARTS.split(capability.name))
    if not things or not name & (_STARTS | _STOPS | _DOES_BOTH):
        return 0.0
    state = _state(sentence, things)
    if state is _State.OFF:
        return _SO_ALREADY if name & _STOPS else _HALF_SO if name & _DOES_BOTH else 0.0
    return _SO_ALREADY if state is _State.ON and name & _STARTS else 0.0


@lru_cache(maxsize=64)
def _state(sentence: str, things: tuple[tuple[int, int], ...]) -> _State:
    """How the thing is, as ``sentence`` tells."""
    told = fold(sentence)
    for start, end in sorted(things, reverse=True):
        told = f"{told[:start]}\x01{told[end:]}"
    for state, rule in ((_State.OFF, _OFF), (_State.ON, _ON)):
        for match in rule.finditer(told):
            if not _TO_BE.search(told[: match.start()]):
                return state
    return _State.UNTOLD
