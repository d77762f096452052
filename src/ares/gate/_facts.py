"""What the five steps are given: the facts on record about one action."""

from __future__ import annotations

from collections.abc import Iterator

from ares.core import Action, Capability, Effect
from ares.knowledge import Knowledge
from ares.ledger import Ledger
from ares.protocol import Alternative, Case
from ares.registry import Registry


def case_for(
    action: Action, capability: Capability, registry: Registry, ledger: Ledger, knowledge: Knowledge
) -> Case:
    """Gather the case of an action whose arguments were checked already.

    Knowledge is matched against the owner's own words only: text from anywhere else proves nothing.
    """
    found = knowledge.matching(action.words)
    row = registry.row(capability.module)
    return Case(
        action=action,
        capability=capability,
        patterns=found.patterns,
        technologies=found.technologies,
        anti_patterns=found.anti_patterns,
        statistics=ledger.statistics(capability.full_name),
        health=row.state,
        health_detail=row.error,
        alternatives=tuple(_gentler(capability, registry)),
        proposer=action.sure,
        warnings=knowledge.warnings,
    )


def _gentler(capability: Capability, registry: Registry) -> Iterator[Alternative]:
    """Yield the look that could be taken first, when an action destroys something.

    It is the first reading capability of the same module that needs no arguments or the same ones.
    """
    if not capability.destructive:
        return
    for other in registry.module(capability.module).capabilities:
        if other.effect is Effect.READ and other.offered and set(other.required) <= set(capability.required):
            yield Alternative(other.full_name, other.description, gentler=True)
            return
