"""Changes of ares.db and of files of the owner, made together with the records of them.

Two databases in write-ahead-log mode cannot commit as one, so the order is: the change in an open transaction
of ares.db and beside the files, the records in ledger.db and that committed, then the files get their new
text and ares.db commits, with the number of the last of these records. A process that ends before the ledger
commits leaves nothing. One that ends between leaves records of what was not done: the next change, or the
next start, finds them by that number and adds a record that says so.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ares.core import Json
from ares.errors import StoreError, UsageError
from ares.interrupts import held_back
from ares.ledger._record import CHANGES, NotDone, Record
from ares.registry import Registry
from ares.store import Store
from ares.textfile import draft_of, drop_draft, place_draft, write_draft

if TYPE_CHECKING:
    from ares.ledger._ledger import Batch, Ledger

_NOTED: Final = ("ledger", "changes", "")
"""Where ares.db keeps the number of the last record whose change it knows the fate of."""


class Change:
    """What is changed together with its records. Made by :meth:`Ledger.change`.

    ``not_done`` are earlier changes that were cut off, found and recorded on the way.
    """

    def __init__(self, batch: Batch, files: list[Path], not_done: tuple[NotDone, ...]) -> None:
        self._batch = batch
        self._files = files
        self.not_done = not_done

    def append(self, ref: str, payload: Json, kind: str = "event") -> Record:
        """Add a record of what is changed. Its ``event`` is one of :data:`CHANGES`; ``file`` names a file
        that is changed with :meth:`write`, and nothing else."""
        event = payload.get("event") if isinstance(payload, dict) else None
        if event not in CHANGES:
            raise UsageError(f"{event!r} is not a change; known: {', '.join(CHANGES)}")
        return self._batch.append(kind, ref, payload)

    def write(self, file: Path, text: str) -> None:
        """Give a file this text, whole or not at all; then nothing in ares.db is part of this change.

        Raises :class:`~ares.errors.ConfigError`.
        """
        self._files.append(file)
        write_draft(file, text)


@contextmanager
def changing(store: Store, ledger: Ledger) -> Iterator[Change]:
    """See :meth:`Ledger.change`."""
    registry = Registry(store)
    _begin(store, registry, ledger)
    files: list[Path] = []
    placed = False
    try:
        with held_back(), store.writing("registry"):
            try:
                with ledger.batch() as batch:
                    change = Change(batch, files, _settle(store, batch))
                    yield change
                    registry.cache(*_NOTED, batch.last)
            except BaseException:
                for file in files:
                    drop_draft(file)
                raise
            for file in files:
                place_draft(file)
                placed = True
            for lost in change.not_done:
                if lost.file:
                    drop_draft(Path(lost.file))
    except StoreError:
        # What was to change has changed. That ares.db does not know costs the next start a look at the file.
        if not placed:
            raise


def _begin(store: Store, registry: Registry, ledger: Ledger) -> None:
    """Let a new ares.db, or one of an older ARES, begin with what is on record: of that it cannot tell."""
    if registry.cached(*_NOTED) is None:
        with store.writing("registry"):
            # Another process may have been first.
            if registry.cached(*_NOTED) is None:
                registry.cache(*_NOTED, ledger.head().seq)


def cut_off_changes(store: Store) -> tuple[NotDone, ...]:
    """Return the changes that are on record and not, or not known to be, in ares.db, oldest first.

    One that another process is making right now is among them, unless ares.db is being written here.
    """
    noted = Registry(store).cached(*_NOTED)
    if noted is None:
        return ()
    query = (
        "SELECT r.seq, r.ref, r.event, p.body FROM records r LEFT JOIN payloads p ON p.seq = r.seq"
        f" WHERE r.event IN ({', '.join('?' * len(CHANGES))}) AND r.seq > ? ORDER BY r.seq"
    )
    with store.reading("ledger") as connection:
        rows = connection.execute(query, (*CHANGES, noted)).fetchall()
    return tuple(NotDone(row["seq"], row["ref"], row["event"], _file(row["body"])) for row in rows)


def _settle(store: Store, batch: Batch) -> tuple[NotDone, ...]:
    """Record which changes were cut off. Nobody else is making one: ares.db is being written here."""
    found = []
    for change in cut_off_changes(store):
        # A file got its new text unless that still lies beside it.
        if change.file and not os.path.lexists(draft_of(Path(change.file))):
            continue
        batch.append("event", change.ref, {"event": "not done", "record": change.seq, "was": change.event})
        found.append(change)
    return tuple(found)


def _file(body: bytes | None) -> str:
    try:
        payload = json.loads(body or b"{}")
    except ValueError:
        # Changed by somebody, which verifying says better.
        return ""
    return str(payload.get("file", "")) if isinstance(payload, dict) else ""
