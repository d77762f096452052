"""What the five steps are given: the facts on record about one action."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ares.core import Action, Capability, Effect
from ares.errors import UsageError
from ares.knowledge import Knowledge
from ares.ledger import Ledger
from ares.protocol import Alternative, Case
from ares.registry import Registry


def as_it_stands(capability: Capability, registry: Registry) -> Capability:
    """Return the capability with what it can really do here: without its undo, and so not reversible, when
    nothing that is installed and enabled takes it back."""
    if capability.undo is None:
        return capability
    try:
        registry.capability(capability.undo.capability)
    except UsageError:
        return replace(capability, reversible=False, undo=None)
    return capability


def case_for(
    action: Action, capability: Capability, registry: Registry, ledger: Ledger, knowledge: Knowledge
) -> Case:
    """Gather the case of an action whose arguments were checked already.

    Knowledge is matched against the owner's own words only, and not against what they are about: a note that
    names a technology is no evidence for taking notes.
    """
    found = knowledge.matching(_words_around(action))
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
        alternatives=(*_gentler(capability, registry), *_equals(action, capability, registry)),
        proposer=action.sure,
        warnings=knowledge.warnings,
    )


def _words_around(action: Action) -> str:
    """Return the owner's words without those that became values of arguments."""
    words = action.words
    for name, value in action.arguments.items():
        source = action.provenance.get(name)
        for said in (source.said if source else "", value):
            if isinstance(said, str) and said:
                words = re.sub(re.escape(said), " ", words, flags=re.IGNORECASE)
    return words


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


def _equals(action: Action, capability: Capability, registry: Registry) -> Iterator[Alternative]:
    """Yield what other modules offer under the same name for the same arguments, when a sentence was read
    and something would be changed: which of them is meant is the owner's taste."""
    if action.sure is None or not capability.changes or not capability.properties:
        return
    for other in registry.providers(capability.name):
        if other.module != capability.module and other.properties.keys() == capability.properties.keys():
            yield Alternative(other.full_name, other.description, equal=True)
