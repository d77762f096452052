"""The call that takes an action back, also for an action that was cut off before it could say what it did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from ares import core
from ares.core import Capability, Json
from ares.errors import AresError
from ares.ledger import Ledger, Unfinished, process_start
from ares.registry import Registry

WayBack: TypeAlias = tuple[str, Mapping[str, Json]]
"""A capability and the arguments it is called with."""


class CutOff(NamedTuple):
    """An action whose process died between intent and outcome.

    ``began`` is false when it is certain that nothing ran; ``way_back`` takes back what may have been done.
    """

    left: Unfinished
    began: bool
    way_back: WayBack | None


def way_back(
    capability: Capability, arguments: Mapping[str, Json], result: Json, kept: Json
) -> WayBack | None:
    """Return what takes back a call that ran and gave ``result``; None when nothing does."""
    undo = capability.undo
    return None if undo is None else (undo.capability, undo.fill(arguments, result, kept))


def way_back_from_a_cut(capability: Capability, arguments: Mapping[str, Json], kept: Json) -> WayBack | None:
    """Like :func:`way_back`, for a call that may have run and whose result nobody has."""
    undo = capability.undo
    if undo is None or undo.uses("$result") or (undo.uses("$kept") and kept is None):
        return None
    return way_back(capability, arguments, None, kept)


def close_cut_off(ledger: Ledger, registry: Registry) -> tuple[CutOff, ...]:
    """Give every action whose process died between intent and outcome its outcome, and return these actions.

    The outcome is ``unknown``, with the way back when the record has what that takes. It is ``failed`` when
    the module was to keep something first and that is not on record, for then nothing ran.
    """
    closed = []
    for left in ledger.unfinished():
        if left.started and process_start(left.pid) == left.started:
            continue
        cut = _cut(left, ledger, registry)
        with ledger.batch() as batch:
            # Another process may have ended it, or found it dead too, since we looked.
            if left in ledger.unfinished():
                batch.append("outcome", left.action_id, _outcome(cut))
                closed.append(cut)
    return tuple(closed)


def _cut(left: Unfinished, ledger: Ledger, registry: Registry) -> CutOff:
    try:
        record = next(ledger.records(ref=left.action_id, kind="kept", limit=1), None)
        if record is None and _member(ledger.record(left.seq).payload, "keeps") is True:
            return CutOff(left, False, None)
        kept = None if record is None else _member(record.payload, "kept")
        return CutOff(left, True, _recorded_way_back(left.action_id, kept, ledger, registry))
    except AresError:
        # A record that was changed, or a module that is gone: nothing can be told, and the start goes on.
        return CutOff(left, True, None)


def _recorded_way_back(action_id: str, kept: Json, ledger: Ledger, registry: Registry) -> WayBack | None:
    proposal = next(ledger.records(ref=action_id, kind="proposal", limit=1), None)
    action = None if proposal is None else _member(proposal.payload, "action")
    module, _, name = str(_member(action, "capability")).rpartition(".")
    arguments = _member(action, "arguments")
    if not isinstance(arguments, Mapping):
        return None
    offered = registry.module(module, str(_member(action, "version"))).capabilities
    capability = next((each for each in offered if each.name == name), None)
    return None if capability is None else way_back_from_a_cut(capability, arguments, kept)


def _member(payload: Json, name: str) -> Json:
    return payload.get(name) if isinstance(payload, Mapping) else None


def _outcome(cut: CutOff) -> dict[str, Json]:
    error = "the process ended before anything was changed"
    if cut.began:
        error = "the process ended between intent and outcome; look at what it touched"
    undo: Json = None
    if cut.way_back is not None:
        undo = {"capability": cut.way_back[0], "arguments": dict(cut.way_back[1])}
    return {
        "action": cut.left.action_id,
        "status": str(core.Status.UNKNOWN if cut.began else core.Status.FAILED),
        "result": None,
        "error": error,
        "summary": "",
        "checks": [],
        "verified": None,
        "undo": undo,
        "seconds": 0.0,
    }
