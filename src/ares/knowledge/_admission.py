"""What admits a pattern to a tier, and when a promotion is due."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from ares.knowledge._file import TIER_1_USES

_SUGGEST_USES: Final = 3
USES_OF: Final = {1: TIER_1_USES, 2: 2, 3: 0}
"""How many recorded uses each tier takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """The six questions that a pattern must answer."""

    used_in_three_places: bool = False
    succeeds_measurably: bool = False
    explained_plainly: bool = False
    challenged_and_defended: bool = False
    simpler_ways_rejected: bool = False
    trade_offs_written: bool = False

    @property
    def missed(self) -> tuple[str, ...]:
        """The checks that were not passed, in words."""
        return tuple(name.replace("_", " ") for name, passed in asdict(self).items() if not passed)

    @property
    def tier(self) -> int:
        """Tier 1 for six of six, 2 for four or five, 3 below."""
        return 1 if not self.missed else 2 if len(self.missed) <= 2 else 3


@dataclass(frozen=True, slots=True)
class Standing:
    """The tier that checks and recorded uses give together, and why."""

    tier: int
    why: str


def standing(checks: Checks, uses: int) -> Standing:
    """Return the tier for a pattern that passed ``checks`` and was used ``uses`` times.

    Both bound it: tier 1 takes all six checks and five uses, tier 2 four checks and two uses.
    """
    missed = checks.missed
    why = f"{6 - len(missed)} of 6 checks passed" + (f" (not: {', '.join(missed)})" if missed else "")
    bound = allowed(uses)
    if bound <= checks.tier:
        return Standing(checks.tier, why)
    return Standing(bound, f"{why}, but tier {checks.tier} takes {USES_OF[checks.tier]} uses, not {uses}")


def allowed(uses: int) -> int:
    """Return the best tier that so many recorded uses allow."""
    return next(tier for tier, needed in USES_OF.items() if uses >= needed)


@dataclass(frozen=True, slots=True)
class Promotion:
    """Where a pattern stands: the best tier its uses allow, and what to look at (empty: nothing)."""

    allowed: int
    suggestion: str = ""


def promotion(name: str, tier: int, uses: int) -> Promotion:
    """Return what ``uses`` recorded uses mean for a pattern of ``tier``.

    The third use suggests a promotion, the fifth makes tier 1 possible; nothing is promoted by itself.
    """
    best = allowed(uses)
    if tier == 1 or uses < _SUGGEST_USES:
        return Promotion(best)
    missing = TIER_1_USES - uses
    more = f"tier 1 takes {missing} more use{'' if missing == 1 else 's'}" if missing > 0 else ""
    due = f"the six checks can take it to tier {best}" if best < tier else ""
    return Promotion(best, f"{name} was used {uses} times: {'; '.join(filter(None, (due, more)))}")
