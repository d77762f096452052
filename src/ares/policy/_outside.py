"""The setting ``policy.outside`` as rules."""

from __future__ import annotations

from ares.core import Answer
from ares.policy._rule import Rule


def outside_rules(setting: str) -> tuple[Rule, ...]:
    """Return the rules that ``policy.outside`` adds.

    ``ask`` adds none: no shipped rule allows a path outside the working folder and the home, and the owner's
    own rules may. ``deny`` (and any value that is not known) denies such paths, whatever other rules allow.
    """
    if setting == "ask":
        return ()
    rule = Rule(
        id="ares.outside",
        answer=Answer.DENY,
        reason="the path is outside the working folder and the home, and policy.outside is deny",
        # Looks at how full the disk is, which it is asked about by any folder on it, and at no file.
        other_than=("system.disk",),
        some_place=("hidden", "system"),
        locked=True,
        where="setting policy.outside",
    )
    return (rule,)
