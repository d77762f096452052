"""Holding every record against the chain, and the rest of the ledger against the records."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import chain
from typing import Any, Final

from ares.errors import UsageError
from ares.ledger._permissions import Permissions
from ares.ledger._record import ABOUT, START, Head, Report, header_bytes

_HEAD: Final = re.compile(r"(?:(\d{1,18}):)?([0-9a-f]{64})")
_ROWS: Final = (
    f"SELECT r.seq, header, hash, p.seq, salt, body, {', '.join(ABOUT)}"
    " FROM records r LEFT JOIN payloads p USING (seq) ORDER BY r.seq"
)
# Two looks into the key: with OR, SQLite would read the whole table.
_BEYOND: Final = "SELECT seq FROM payloads WHERE seq < 1 UNION ALL SELECT seq FROM payloads WHERE seq > ?"
_NOTED: Final = frozenset({"intent", "outcome", "event"})
"""Kinds of records that other tables, or other records, must agree with."""


def verify(connection: sqlite3.Connection, altered: Sequence[str] = (), head: str = "") -> Report:
    """Check a ledger inside one read transaction. See :meth:`ares.ledger.Ledger.verify`.

    ``altered`` is what :meth:`ares.store.Store.altered` says about its schema.
    """
    noted = _parsed(head)
    walk = _Walk(connection)
    problem = walk.chain()
    if not problem:
        try:
            problem = next(chain(altered, walk.side_problems()), "")
            problem = problem or _head_problem(connection, walk.last, noted)
        except sqlite3.DatabaseError as error:
            problem = f"after record {walk.last.seq}: the ledger cannot be read: {error}"
    return Report(not problem, walk.last.seq, walk.last, problem)


class _Walk:
    """A walk along the chain that notes what the other tables must agree with."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.last = Head(0, START)
        self._bare: set[int] = set()
        self._erased_by: dict[int, int] = {}
        self._unfinished: dict[str, int] = {}
        self._permissions = Permissions()

    def chain(self) -> str:
        """Check record after record; return what is wrong with the first bad one, or nothing."""
        seq, prev = 0, START
        try:
            for number, header, stored, owner, salt, body, *about in self._rows():
                if salt is None or body is None:
                    commit = _commit_of(header)
                    self._bare.add(number)
                else:
                    commit = sha256(salt + body).hexdigest()
                hashed = sha256(header).digest()
                # A quote in the time would let text of other members pass for it.
                same = header == header_bytes(seq + 1, about, prev, commit) and '"' not in about[0]
                if not same or stored != hashed or not owner == number == seq + 1:
                    return _explain((number, header, stored), seq + 1, prev, commit, owner)
                seq, prev = number, hashed.hex()
                if about[1] in _NOTED:
                    self._note(seq, about, body)
        except sqlite3.DatabaseError as error:
            return f"record {seq + 1} cannot be read: {error}"
        except TypeError:
            return f"record {seq + 1}: one of its columns holds another type of value than ARES writes"
        finally:
            self.last = Head(seq, prev)
        return ""

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        cursor = self._connection.cursor()
        cursor.row_factory = None
        return iter(cursor.execute(_ROWS))

    def _note(self, seq: int, about: Sequence[Any], body: bytes | None) -> None:
        kind, ref, status, erases = about[1], about[2], about[4], about[7]
        if kind == "intent":
            self._unfinished[ref] = seq
            self._permissions.needed(seq, ref, body)
        elif kind == "outcome":
            self._unfinished.pop(ref, None)
            if status == "ok":
                self._permissions.done(seq, ref)
        elif erases is not None:
            self._erased_by[erases] = seq

    def side_problems(self) -> Iterator[str]:
        """Yield what disagrees with the records although the chain itself holds."""
        for row in self._connection.execute(_BEYOND, (self.last.seq,)):
            yield f"record {row[0]} is missing, and its payload is there"
        for seq in sorted(self._bare):
            if seq not in self._erased_by:
                yield f"record {seq}: its payload is gone, and no record says that it was erased"
        for seq, by in self._erased_by.items():
            if seq not in self._bare:
                yield f"record {seq}: it has a payload, and record {by} says that it was erased"
        listed = {row[0]: row[1] for row in self._connection.execute("SELECT action_id, seq FROM unfinished")}
        wrong = sorted(listed.items() ^ self._unfinished.items(), key=lambda item: item[1])
        for action_id, seq in wrong:
            yield f"record {seq}: the list of unfinished actions is wrong about {action_id}"
        yield from self._permissions.problems(self._connection)


def _commit_of(header: bytes) -> str:
    """Return what an erased payload was committed to, as the header says: the chain vouches for it."""
    try:
        return str(json.loads(header)["commit"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def _explain(row: tuple[int, bytes, bytes], seq: int, prev: str, commit: str, owner: int | None) -> str:
    """Say what is wrong with a row that is not the record number ``seq`` after ``prev``. ``owner`` is the
    number of its payload's row, or None."""
    number, header, stored = row
    if number > seq:
        return f"record {seq} is missing"
    if number < seq:
        return f"record {number} does not belong to the chain, which begins with 1"
    if sha256(header).digest() != stored:
        return f"record {seq}: its header does not have the hash that is stored with it"
    try:
        said = dict(json.loads(header))
    except (ValueError, TypeError, RecursionError):
        return f"record {seq}: its header is not one that ARES writes"
    if said.get("prev") != prev:
        return f"record {seq}: it does not follow record {seq - 1}; one of the two was changed"
    if owner != seq:
        return f"record {seq}: the row of its payload is missing"
    if said.get("commit") != commit:
        return f"record {seq}: its payload is not the one that was recorded"
    return f"record {seq}: its columns do not say what its header says"


def _parsed(head: str) -> tuple[int | None, str] | None:
    if not head:
        return None
    found = _HEAD.fullmatch(head.strip().lower())
    if found is None:
        raise UsageError(f"{head!r} is no head; give what `ares audit head` printed: number:hash or the hash")
    return (int(found[1]) if found[1] else None, found[2])


def _head_problem(connection: sqlite3.Connection, last: Head, noted: tuple[int | None, str] | None) -> str:
    if noted is None or noted == (0, START):
        return ""
    seq, hashed = noted
    row = connection.execute("SELECT seq FROM records WHERE hash = ?", (bytes.fromhex(hashed),)).fetchone()
    if row is not None and seq in (None, row[0]):
        return ""
    what = f"record {seq}" if seq else "the record"
    return (
        f"{what} with the hash {hashed[:12]}… is not in the chain, which ends with record {last.seq}: "
        "records were cut off or replaced since that head was noted"
    )
