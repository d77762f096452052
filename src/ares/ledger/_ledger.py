"""Appending to the chain, grants, and the questions that others ask about what happened."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ares.core import Json, canonical
from ares.errors import GrantError, NotFoundError, StoreError, TamperError, UsageError
from ares.ledger._change import Change, changing, cut_off_changes
from ares.ledger._record import (
    ABOUT,
    KINDS,
    START,
    Facts,
    Head,
    NotDone,
    Record,
    Report,
    Statistics,
    Undoable,
    Unfinished,
    facts_of,
    header_bytes,
)
from ares.store import Store

if TYPE_CHECKING:
    from ares.core import Grant

_COLUMNS: Final = "r.seq, r.time, r.kind, r.ref, r.hash, p.body"
_FROM: Final = "FROM records r LEFT JOIN payloads p ON p.seq = r.seq"
_INSERT: Final = f"INSERT INTO records (seq, {', '.join(ABOUT)}, header, hash) VALUES ({', '.join('?' * 12)})"
_UNFINISHED: Final = (
    "SELECT r.ref, r.seq, r.time, r.capability, p.body FROM unfinished u"
    " JOIN records r ON r.seq = u.seq AND r.ref = u.action_id AND r.kind = 'intent'"
    " LEFT JOIN payloads p ON p.seq = r.seq"
    " WHERE NOT EXISTS (SELECT 1 FROM records o WHERE o.ref = r.ref AND o.kind = 'outcome' AND o.seq > r.seq)"
    " ORDER BY r.seq"
)
_PAGE: Final = 500
_CHANGED: Final = (
    "(SELECT coalesce(max(seq), 0) FROM records WHERE ref = ? AND kind = 'event'"
    " AND event IN ('registered', 'updated', 'used'))"
)
"""The record since which a module has the code it has."""


class Batch:
    """Records that are appended together: all of them or none. Made by :meth:`Ledger.batch`."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], float]) -> None:
        self._connection = connection
        self._clock = clock
        last = _head(connection)
        self._seq, self._prev = last.seq, last.hash
        self.broken = False

    @property
    def last(self) -> int:
        """The number of the newest record, with those of this batch."""
        return self._seq

    def append(self, kind: str, ref: str, payload: Json) -> Record:
        """Add a record. See :meth:`Ledger.append`."""
        facts = facts_of(kind, payload)
        if facts.capability is None and kind in ("approval", "intent", "kept", "outcome"):
            facts = self._inherited(ref, facts)
        return self._append(kind, ref, payload, facts)

    def erase(self, seq: int) -> Record:
        """Erase a payload and add the record that says so. See :meth:`Ledger.erase`."""
        row = self._connection.execute(f"SELECT {_COLUMNS} {_FROM} WHERE r.seq = ?", (seq,)).fetchone()
        if row is None:
            raise NotFoundError(f"the ledger has no record {seq}; see `ares audit show`")
        if row["body"] is None:
            raise UsageError(f"the payload of record {seq} was erased already")
        self._connection.execute("UPDATE payloads SET salt = NULL, body = NULL WHERE seq = ?", (seq,))
        payload: Json = {"event": "erased", "record": seq}
        return self._append("event", row["ref"], payload, Facts(event="erased", erases=seq))

    def _inherited(self, ref: str, facts: Facts) -> Facts:
        """Take capability and undoes from the proposal of the same action."""
        row = self._connection.execute(
            "SELECT capability, undoes FROM records WHERE ref = ? AND kind = 'proposal' LIMIT 1", (ref,)
        ).fetchone()
        return facts if row is None else facts._replace(capability=row["capability"], undoes=row["undoes"])

    def _append(self, kind: str, ref: str, payload: Json, facts: Facts) -> Record:
        if kind not in KINDS:
            raise UsageError(f"{kind!r} is not a kind of record; known: {', '.join(KINDS)}")
        # Here, since reading records needs none of it: loading OpenSSL takes four megabytes.
        from hashlib import sha256

        seq, now = self._seq + 1, _iso(self._clock())
        salt = os.urandom(16)
        about = (
            now,
            kind,
            ref,
            facts.capability,
            facts.status,
            facts.event,
            facts.undoes,
            facts.erases,
            facts.undoable,
        )
        try:
            body = canonical(payload)
            commit = sha256(salt + body).hexdigest()
            header = header_bytes(seq, about, self._prev, commit)
        except (TypeError, ValueError, RecursionError) as error:
            raise UsageError(f"{kind} of {ref!r} cannot be recorded: {error}") from error
        hashed = sha256(header)
        try:
            self._connection.execute(_INSERT, (seq, *about, header, hashed.digest()))
            self._connection.execute("INSERT INTO payloads VALUES (?, ?, ?)", (seq, salt, body))
            self._note_unfinished(kind, ref, seq)
        except sqlite3.Error:
            self.broken = True
            raise
        self._seq, self._prev = seq, hashed.hexdigest()
        return Record(seq, now, kind, ref, payload, self._prev)

    def _note_unfinished(self, kind: str, ref: str, seq: int) -> None:
        if kind == "intent":
            self._connection.execute("INSERT OR REPLACE INTO unfinished VALUES (?, ?)", (ref, seq))
        elif kind == "outcome":
            self._connection.execute("DELETE FROM unfinished WHERE action_id = ?", (ref,))


class Ledger:
    """The ledger of one store. ``clock`` gives seconds since the epoch."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock

    @contextmanager
    def batch(self) -> Iterator[Batch]:
        """Append several records, and handle grants, in one transaction: all of it happens or nothing.

        Raises :class:`StoreError` when the ledger cannot be written; then nothing was.
        """
        with self._store.writing("ledger") as connection:
            batch = Batch(connection, self._clock)
            yield batch
            if batch.broken:
                raise StoreError("an append to the ledger failed; the whole batch is taken back")

    def change(self) -> AbstractContextManager[Change]:
        """Change what is installed, or files of the owner, together with the records of it.

        In the block the methods of :class:`~ares.registry.Registry` are part of one transaction. All of it
        happens or nothing: raises :class:`StoreError` when either database cannot be written; nothing was
        changed then. What would stop the process waits until it is done.
        """
        return changing(self._store, self)

    def close_changes(self) -> tuple[NotDone, ...]:
        """Record of every change that its process ended in the middle of that it was not done, and return
        them. Costs two queries when there is none."""
        if not cut_off_changes(self._store):
            return ()
        with self.change() as change:
            return change.not_done

    def append(self, kind: str, ref: str, payload: Json) -> Record:
        """Add one record, durable when this returns.

        ``kind`` is one of :data:`KINDS`, ``ref`` an action's id or a module's name. Header and index take
        ``capability``, ``status``, ``event`` and ``undoes`` from the payload or its ``action`` member; later
        records of an action take its capability from its proposal. Raises :class:`UsageError` for what is not
        JSON, :class:`StoreError` when it cannot be written; then nothing was.
        """
        with self.batch() as batch:
            return batch.append(kind, ref, payload)

    def erase(self, seq: int) -> Record:
        """Erase the payload of record ``seq`` for good and return the record that says so.

        The header stays: when, what kind, which capability, how it ended. So do older backups. Raises
        :class:`NotFoundError` when there is no such record, :class:`UsageError` when it was erased before.
        """
        with self.batch() as batch:
            record = batch.erase(seq)
        with self._store.reading("ledger") as connection:
            # The old bytes are still in the write-ahead log until it is emptied.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return record

    def head(self) -> Head:
        """Return number and hash of the newest record; 0 and 64 zeros when there is none."""
        with self._store.reading("ledger") as connection:
            return _head(connection)

    def verify(self, head: str = "") -> Report:
        """Check every record, payload and index column, the other tables of the ledger, that nobody changed
        its schema, and that the record ``head`` is still there.

        ``head`` is a head noted earlier: ``seq:hash`` or the hash. Raises :class:`UsageError` when it is
        neither.
        """
        from ares.ledger._verify import verify

        with self._store.snapshot("ledger") as connection:
            return verify(connection, self._store.altered("ledger"), head)

    def records(
        self, *, since: str = "", capability: str = "", kind: str = "", ref: str = "", limit: int = 0
    ) -> Iterator[Record]:
        """Yield records, oldest first; with ``limit`` only that many of the newest.

        Reading does not verify. A payload that is not even JSON any more raises
        :class:`~ares.errors.TamperError` when its turn comes.

        ``since`` is an ISO 8601 date or time, UTC unless it has an offset. Raises :class:`UsageError` for a
        ``since`` or ``kind`` that cannot be meant.
        """
        if kind and kind not in KINDS:
            raise UsageError(f"{kind!r} is not a kind of record; known: {', '.join(KINDS)}")
        wanted = {"r.capability =": capability, "r.kind =": kind, "r.ref =": ref, "r.time >=": _since(since)}
        given = {test: value for test, value in wanted.items() if value}
        return self._pages(" AND ".join(f"{test} ?" for test in given) or "1", list(given.values()), limit)

    def _pages(self, where: str, values: Sequence[str | int], limit: int) -> Iterator[Record]:
        if limit > 0:
            newest = f"SELECT {_COLUMNS} {_FROM} WHERE {where} ORDER BY r.seq DESC LIMIT ?"
            with self._store.reading("ledger") as connection:
                rows = connection.execute(newest, (*values, limit)).fetchall()
            yield from map(_record, reversed(rows))
            return
        # Page by page, so that no read transaction stays open while the caller works.
        page = f"SELECT {_COLUMNS} {_FROM} WHERE {where} AND r.seq > ? ORDER BY r.seq LIMIT {_PAGE}"
        last = 0
        while True:
            with self._store.reading("ledger") as connection:
                rows = connection.execute(page, (*values, last)).fetchall()
            yield from map(_record, rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1]["seq"]

    def statistics(self, capability: str) -> Statistics:
        """Return how the actions of ``capability`` (its full name) ended so far. Answered from an index.

        What ran before the module's code last changed says nothing about the code there is now, and is not
        counted; what the owner denied is.
        """
        module = capability.rpartition(".")[0]
        with self._store.reading("ledger") as connection:
            rows = connection.execute(
                "SELECT status, count(*) FROM records WHERE capability = ? AND kind = 'outcome'"
                f" AND seq > {_CHANGED} GROUP BY status",
                (capability, module),
            )
            counts: dict[str, int] = dict(rows.fetchall())
            denied: int = connection.execute(
                "SELECT count(*) FROM records denied"
                " JOIN records answer ON answer.ref = denied.ref AND answer.kind = 'approval'"
                " WHERE denied.capability = ? AND denied.kind = 'outcome' AND denied.status = 'denied'"
                " AND answer.status = 'no'",
                (capability,),
            ).fetchone()[0]
            undone: int = connection.execute(
                "SELECT count(DISTINCT target.ref) FROM records undo"
                " JOIN records target ON target.ref = undo.undoes AND target.kind = 'outcome'"
                " WHERE undo.undoes IS NOT NULL AND undo.kind = 'outcome' AND undo.status = 'ok'"
                f" AND target.capability = ? AND target.seq > {_CHANGED}",
                (capability, module),
            ).fetchone()[0]
        ok, failed, unknown = (counts.get(status, 0) for status in ("ok", "failed", "unknown"))
        return Statistics(ok + failed + unknown, ok, failed, unknown, denied, undone)

    def unfinished(self) -> list[Unfinished]:
        """Return the actions that have an intent and no outcome, oldest first.

        What the list of unfinished actions has beyond that is left out: whoever gave it an outcome would
        write something false, and hide from :meth:`verify` that the list was changed.
        """
        with self._store.reading("ledger") as connection:
            rows = connection.execute(_UNFINISHED).fetchall()
        return [
            Unfinished(row["ref"], *_process(row["body"]), row["seq"], row["time"], row["capability"] or "")
            for row in rows
        ]

    def record(self, seq: int) -> Record:
        """Return record number ``seq``. Raises :class:`NotFoundError` when there is none."""
        found = next(self._pages("r.seq = ?", [seq], 1), None)
        if found is None:
            raise NotFoundError(f"the ledger has no record {seq}; see `ares audit show`")
        return found

    def outcome(self, action_id: str) -> Record | None:
        """Return the outcome of an action, or None while it has none."""
        return next(self.records(ref=action_id, kind="outcome", limit=1), None)

    def undoable(self, action_id: str = "") -> Undoable | None:
        """Return how to take back the action ``action_id``, or None when nothing can.

        Without an id: the newest action that can be taken back, was not yet, and is not itself an undo.
        """
        if not action_id:
            return next(iter(self.undoables(limit=1)), None)
        record = self.outcome(action_id)
        return None if record is None else self._undoable(record)

    def undoables(self, limit: int = 20) -> list[Undoable]:
        """Return the newest actions that :meth:`undoable` would choose, newest first."""
        found: list[Undoable] = []
        before = self.head().seq + 1
        while len(found) < limit:
            with self._store.reading("ledger") as connection:
                rows = connection.execute(
                    f"SELECT {_COLUMNS} {_FROM} WHERE r.undoable = 1 AND r.undoes IS NULL AND r.seq < ?"
                    " ORDER BY r.seq DESC LIMIT ?",
                    (before, _PAGE),
                ).fetchall()
            found += [
                each for row in rows if (each := self._undoable(_record(row))) is not None and not each.undone
            ]
            if len(rows) < _PAGE:
                break
            before = rows[-1]["seq"]
        return found[:limit]

    def taken_back(self, action_id: str) -> bool:
        """Whether an undo of the action succeeded and was not itself taken back, or is at work."""
        record = self.outcome(action_id)
        if record is not None and self._is_undone(action_id, record.seq):
            return True
        with self._store.reading("ledger") as connection:
            row = connection.execute(
                "SELECT 1 FROM records r JOIN unfinished u ON u.action_id = r.ref AND u.seq = r.seq"
                " WHERE r.undoes = ? AND r.kind = 'intent' LIMIT 1",
                (action_id,),
            ).fetchone()
        return row is not None

    def _undoable(self, record: Record) -> Undoable | None:
        payload = record.payload if isinstance(record.payload, dict) else {}
        undo = payload.get("undo")
        if not isinstance(undo, dict) or not isinstance(undo.get("arguments"), dict):
            return None
        return Undoable(
            record.ref,
            str(undo.get("capability")),
            undo["arguments"],
            self._is_undone(record.ref, record.seq),
            str(payload.get("summary", "")),
        )

    def _is_undone(self, action_id: str, seq: int) -> bool:
        """Whether an undo of the action succeeded after record ``seq`` and was not itself taken back."""
        with self._store.reading("ledger") as connection:
            rows = connection.execute(
                "SELECT ref, seq FROM records WHERE undoes = ? AND kind = 'outcome' AND status = 'ok'"
                " AND seq > ?",
                (action_id, seq),
            ).fetchall()
        return any(not self._is_undone(row["ref"], row["seq"]) for row in rows)

    def issue(self, batch: Batch, grant: Grant, now: float) -> None:
        """Note a new grant, in the transaction of ``batch``. ``now`` is in seconds since the epoch."""
        batch._connection.execute(
            "INSERT INTO grants (nonce, action_id, binds, issued, expires) VALUES (?, ?, ?, ?, ?)",
            (grant.nonce, grant.action_id, grant.binds, now, grant.expires),
        )

    def consume(self, batch: Batch, nonce: str, binds: str, now: float) -> None:
        """Use a grant up, in the transaction of ``batch``, which writes the intent too.

        Raises :class:`GrantError` for one that is unknown, used, expired, or for something else.
        """
        connection = batch._connection
        _refuse_unfit(connection, nonce, binds, now)
        used = connection.execute(
            "UPDATE grants SET used_at = ? WHERE nonce = ? AND used_at IS NULL", (now, nonce)
        )
        if used.rowcount != 1:
            raise GrantError("this grant was used already; propose the action again")

    def claim(self, nonce: str, binds: str) -> None:
        """Take a consumed grant for running what it is bound to. It succeeds exactly once.

        Raises :class:`GrantError` for a grant that is unknown, not consumed, claimed, expired, or for
        something else.
        """
        now = self._clock()
        with self._store.writing("ledger") as connection:
            claimed = connection.execute(
                "UPDATE grants SET claimed_at = ? WHERE nonce = ? AND binds = ? AND expires > ?"
                " AND used_at IS NOT NULL AND claimed_at IS NULL",
                (now, nonce, binds, now),
            )
            if claimed.rowcount == 1:
                return
            _refuse_unfit(connection, nonce, binds, now)
            row = connection.execute("SELECT used_at FROM grants WHERE nonce = ?", (nonce,)).fetchone()
            why = "has no intent in the ledger" if row["used_at"] is None else "was claimed already"
            raise GrantError(f"this grant {why}; propose the action again")


def _refuse_unfit(connection: sqlite3.Connection, nonce: str, binds: str, now: float) -> None:
    row = connection.execute("SELECT binds, expires FROM grants WHERE nonce = ?", (nonce,)).fetchone()
    if row is None:
        raise GrantError("there is no such grant; propose the action again")
    if row["binds"] != binds:
        raise GrantError("this grant is for another action or other code; propose the action again")
    if row["expires"] <= now:
        raise GrantError("this grant has expired; propose the action again")


def _head(connection: sqlite3.Connection) -> Head:
    row = connection.execute("SELECT seq, hash FROM records ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(0, START) if row is None else Head(row["seq"], row["hash"].hex())


def _record(row: sqlite3.Row) -> Record:
    body = row["body"]
    try:
        payload: Json = None if body is None else json.loads(body)
    except ValueError as error:
        raise TamperError(
            f"the payload of record {row['seq']} was changed: it is no JSON; run `ares audit verify`"
        ) from error
    return Record(
        row["seq"], row["time"], row["kind"], row["ref"], payload, row["hash"].hex(), erased=body is None
    )


def _process(body: bytes | None) -> tuple[int, str]:
    """Return pid and start of the process that an intent names.

    Whatever the payload has become, there is an answer: this is asked at every start, also at the one that is
    to find out what is wrong with the ledger.
    """
    try:
        payload = json.loads(body or b"{}")
        return int(payload.get("pid", 0)), str(payload.get("started", ""))
    except (ValueError, TypeError, AttributeError):
        return 0, ""


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def _since(text: str) -> str:
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text!r} is not a date or time; write 2026-01-31 or 2026-01-31T12:00") from error
