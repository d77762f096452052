"""Holding the table of grants, which is no part of the chain, against the records."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Final

_USED: Final = (
    "SELECT action_id, binds, claimed_at IS NOT NULL,"
    " used_at IS NULL OR used_at >= expires OR ifnull(claimed_at >= expires, 0)"
    " FROM grants WHERE used_at IS NOT NULL OR claimed_at IS NOT NULL ORDER BY rowid"
)


class Permissions:
    """What the intents and outcomes of a chain say about grants. Records come in their order."""

    def __init__(self) -> None:
        self._intents: list[tuple[int, str, str | None]] = []
        self._done: dict[str, int] = {}

    def needed(self, seq: int, action_id: str, body: bytes | None) -> None:
        """Note an intent and its payload (None: erased), which says what its grant was bound to."""
        self._intents.append((seq, action_id, None if body is None else _bound(body)))

    def done(self, seq: int, action_id: str) -> None:
        """Note that an action was done: whoever ran it had to claim its grant."""
        self._done[action_id] = seq

    def problems(self, connection: sqlite3.Connection) -> Iterator[str]:
        """Yield where grants and records disagree: each intent used up one grant, and no grant was used
        without an intent, after its end, or claimed without being used."""
        used: dict[str, Counter[str]] = {}
        claimed = set()
        for action_id, binds, is_claimed, is_odd in connection.execute(_USED):
            if is_odd:
                yield f"action {action_id}: its grant was claimed before it was used, or used after its end"
            used.setdefault(action_id, Counter())[binds] += 1
            if is_claimed:
                claimed.add(action_id)
        for seq, action_id, bound in self._intents:
            grants = used.get(action_id, Counter())
            binds = next(iter(+grants), "") if bound is None else bound
            if not grants[binds]:
                yield f"record {seq}: no grant was used for it, or that grant is bound to something else"
            grants[binds] -= 1
            if action_id in self._done and action_id not in claimed:
                yield f"record {self._done[action_id]}: it was done, and nobody claimed its grant"
        for action_id, grants in used.items():
            if +grants:
                yield f"action {action_id}: a grant was used for it, and no intent in the records says so"


def _bound(body: bytes) -> str:
    """Return what an intent says that its grant was bound to; nothing when it says nothing."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return str(payload.get("binds", "")) if isinstance(payload, dict) else ""
