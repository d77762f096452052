"""Actions in the ledger as the gate leaves them."""

from __future__ import annotations

from collections.abc import Mapping

from ares.core import Action, Grant, Json, Origin, Outcome, Status
from ares.ledger import Ledger

NOW = 1000.0


def act(
    ledger: Ledger,
    capability: str = "notes.add",
    status: Status = Status.OK,
    undo: tuple[str, Mapping[str, Json]] | None = None,
    undoes: str = "",
) -> str:
    """Take an action through the ledger as the gate does and return its id."""
    action = Action(capability=capability, arguments={"text": "milk"}, origin=Origin.PYTHON, undoes=undoes)
    ledger.append("proposal", action.id, {"action": action.describe()})
    ledger.append("approval", action.id, {"yes": status is not Status.DENIED, "by": "terminal", "note": ""})
    if status is not Status.DENIED:
        with ledger.batch() as batch:
            ledger.issue(batch, Grant(action.id, action.id, "b1", NOW + 60), NOW)
            ledger.consume(batch, action.id, "b1", NOW)
            payload: Json = {"action": action.id, "binds": "b1", "pid": 7, "started": "70"}
            batch.append("intent", action.id, payload)
        Ledger(ledger._store, clock=lambda: NOW).claim(action.id, "b1")
    outcome = Outcome(action=action, status=status, undo=undo, summary="done")
    ledger.append("outcome", action.id, outcome.describe())
    return action.id
