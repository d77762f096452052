"""Whether a request asks for facts or for a deed, and whether a capability answers or does."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from ares.core import Capability, Effect
from ares.inference._words import fold

_LEAD: Final = (
    r"(?:(?:um|uh|hey|hi|so|and|but|ok|okay|well|oh|like|please|wait|now|just|tell me|let me know|i wonder)"
    r"[\s,]+)*"
)
_QUESTION: Final = re.compile(
    rf"(?:^|[.!?:;,]\s*){_LEAD}"
    r"(?:(?:what|whats|what's|which|wich|who|whos|who's|whose|when|where)\b(?! (?:about|if)\b)"
    r"|how (?:many|much|long|full|busy|old|far)\b"
    r"|(?:did|does|is|are|was|were|has|am)\b(?! (?:it|there) (?:possible|any way|a way)\b)"
    r"|(?:(?:could|can|would|will) you |please |kindly )*(?:show me|let me see"
    r"|(?:check|look|see) (?:what|which|whether|if|how))\b"
    r"|(?:any|anything)\b|(?:do|have) (?:i|we|you|they|any)\b)"
)

# "Tell the team" and "report the outage" send something; "tell how full it is" answers.
_ANSWERS: Final = re.compile(
    r"(?:show|list|find|look|search|count|see)\b"
    r"|(?:tell|say|report|check) (?:how|what|which|when|where|who|whether|if)\b"
)


def is_deed(capability: Capability) -> bool:
    """Whether ``capability`` is there to change something: not to read, nor to show what it looks up over the
    network, for which a question is the natural way to ask.
    """
    looks_up = capability.effect is Effect.NETWORK and _ANSWERS.match(capability.purpose) is not None
    return capability.changes and not looks_up


@lru_cache(maxsize=1024)
def asks(sentence: str) -> bool:
    """Whether a clause of ``sentence`` is a question for facts ("which timers are running", "show me what I
    wrote"); "could you …" and "is it possible to …" are not.
    """
    return _QUESTION.search(fold(sentence)) is not None
