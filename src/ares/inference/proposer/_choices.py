"""Which choice a request means that names none: "raise the key", where there are ``up`` and ``down``."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from ares.inference.matching import Analysis
from ares.inference.meaning import meaning
from ares.inference.values import Found, Slot

_ALIKE: Final = 0.45
_ALIKE_IF_OPTIONAL: Final = 0.55
_AHEAD: Final = 0.1


def meant_choice(request: Analysis, slot: Slot, taken: Collection[int]) -> Found | None:
    """The choice of ``slot`` that a word of the request comes near in meaning, if no other comes as near; the
    words number ``taken`` belong to other values.
    """
    told = [at for at in range(len(request.words)) if request.weights[at] > 0 and at not in taken]
    if not told or not slot.choices:
        return None
    near = meaning().likeness([request.forms[at] for at in told], [each.lower() for each in slot.choices])
    best = sorted(((max(row), at) for at, row in enumerate(near)), reverse=True)
    score, place = best[0]
    column = near[place].index(score)
    rival = max((row[other] for row in near for other in range(len(row)) if other != column), default=-1.0)
    if score < (_ALIKE if slot.required else _ALIKE_IF_OPTIONAL) or score < rival + _AHEAD:
        return None
    word, choice = request.words[told[place]], slot.choices[column]
    return Found(choice, word.start, word.end, f"{word.text!r} is {choice}", False)
