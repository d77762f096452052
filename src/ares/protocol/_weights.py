"""What counts how much. Weights are percentage points; a confidence is BASE plus all weights, from 0 to 100.

docs/protocol.md explains the table. Nothing here comes from a fit: the figures are chosen so that the rules
of the judgement hold, and the tests of this package state those rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ares.core import Effect

BASE: Final = 40
"""Where an action starts that nothing is known about."""

NO_RECORD_CEILING: Final = 49
"""The most that a side effect gets as long as nothing on record speaks for it."""

EFFECTS: Final[Mapping[Effect, int]] = {
    Effect.READ: 15,
    Effect.WRITE: 0,
    Effect.NETWORK: -5,
    Effect.POWER: -5,
    Effect.EXECUTE: -10,
    Effect.SPEND: -10,
}
DESTRUCTIVE: Final = -10
IRREVERSIBLE: Final = -10
OUTWARD: Final = -10
SELF_AFFECTING: Final = -10
ANTI_PATTERN: Final = -20

HEALTH: Final[Mapping[str, int]] = {
    "healthy": 3,
    "running": 3,
    "starting": -5,
    "degraded": -15,
    "unhealthy": -30,
    "error": -30,
    "crashed": -30,
}

GENTLER: Final = -5
EQUAL: Final = -5

SCHEMA_FITS: Final = 5
UNDO: Final = 5
VERIFY: Final = 5
UNDOES: Final = 10

NAMED: Final = 15
"""The owner named the capability. Read out of a sentence: this times the proposer's confidence."""
NOT_CHOSEN: Final = -10
SAID: Final = 1
_SAID_AT_MOST: Final = 4
NOT_SAID: Final = -8
_NOT_SAID_AT_MOST: Final = 3


def said(index: int) -> int:
    """Return the weight of the argument that is the ``index``-th (from 0) one the owner said."""
    return SAID if index < _SAID_AT_MOST else 0


def not_said(index: int) -> int:
    """Return the weight of the argument that is the ``index``-th (from 0) one the owner did not say."""
    return NOT_SAID if index < _NOT_SAID_AT_MOST else 0


def pattern(tier: int, success: int) -> int:
    """Return the weight of a pattern: its success rate against 70 percent, by tier.

    A fifth of the distance in tier 1, a tenth in tier 2; tier 3 never speaks for anything.
    """
    if tier == 1:
        return round((success - 70) / 5)
    weight = round((success - 70) / 10)
    return weight if tier == 2 else min(weight, 0)


def technology(success: int) -> int:
    """Return the weight of a technology: a fifth of the distance of its success rate from 70 percent."""
    return round((success - 70) / 5)


def successes(ok: int) -> int:
    """Return 3 for each earlier success, 15 at most."""
    return min(15, 3 * ok)


def failures(ok: int, failed: int) -> int:
    """Return up to -30: 5 for having failed at all and 25 times the share that failed, as if it had also
    worked four times: one slip in the first runs says little."""
    return -(5 + round(25 * failed / (ok + failed + 4))) if failed else 0


def unknowns(unknown: int) -> int:
    """Return -5 for each action that nobody knows the end of, -15 at most."""
    return -min(15, 5 * unknown)


def undone(ok: int, taken_back: int) -> int:
    """Return up to -20: 2 for having been taken back at all and 18 times the share that was."""
    return -(2 + round(18 * taken_back / max(ok, taken_back))) if taken_back else 0


def denials(denied: int) -> int:
    """Return -2 for each earlier no, -10 at most."""
    return -min(10, 2 * denied)
