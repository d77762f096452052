"""How fast the ledger is beside bare loops over sqlite3 and hashlib, in the same run and on the same disk.

Both bare loops write the same payloads as canonical JSON, in WAL mode with ``synchronous=FULL``, then read
them back in order and compute the hashes again.

``same``   keeps the same records as the ledger does, so that payloads can be erased: a table of headers and
           their hashes, a table of salts and payloads, each header with the hash before it and the SHA-256 of
           salt and payload. It has no index and no column to look anything up by.
``least``  is the shortest chain there can be: one table, SHA-256 over the hash before and the payload.
           Nothing can be erased from it either.

    python benchmarks/ledger.py [records] [rounds]

Prints for each job the time a record takes and the ratios (1.0: as fast as that loop); the best round of each
side counts. Batches and verifying are measured in CPU time, which other work on the machine disturbs least.
One by one every record waits for the disk: that is elapsed time, the median of records written in turns.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from ares.core import Json, canonical
from ares.ledger import Ledger
from ares.paths import Paths
from ares.store import Store

SINGLE = 100
"""How many records are written one by one, each of which waits for the disk."""


def proposal(number: int) -> dict[str, Json]:
    """Return what the gate records of a typical action: a bit over 2 kB as JSON."""
    steps: list[Json] = [
        {
            "name": name,
            "mark": "ok",
            "text": f"what the {name} step found about action {number}, in a sentence of the usual length",
            "evidence": [
                {
                    "source": "ledger",
                    "ref": f"files.list/{number}/{i}",
                    "weight": 10 + i,
                    "text": "ran before",
                }
                for i in range(4)
            ],
        }
        for name in ("challenge", "simplify", "validate", "explain", "confidence")
    ]
    action: dict[str, Json] = {
        "id": f"a{number:016x}",
        "capability": "files.list",
        "version": "1.0.0",
        "arguments": {"path": f"/home/somebody/folder-{number}", "depth": 2, "hidden": False},
        "origin": "sentence",
        "provenance": {"path": {"source": "owner", "said": "my folder", "how": ""}},
        "words": f"what is in my folder number {number}?",
    }
    decision: Json = {
        "answer": "allow",
        "rule": "read-files",
        "reason": "reads in the home are allowed",
    }
    return {"action": action, "decision": decision, "verdict": {"confidence": 85, "steps": steps}}


def ref_of(payload: dict[str, Json]) -> str:
    """Return the id of the action that a payload is about."""
    action = payload["action"]
    assert isinstance(action, dict)
    return str(action["id"])


class Least:
    """The shortest chain."""

    tables: tuple[str, ...] = (
        "CREATE TABLE log (seq INTEGER PRIMARY KEY, hash BLOB NOT NULL, body BLOB NOT NULL) STRICT",
    )

    def __init__(self, folder: Path) -> None:
        self.connection = sqlite3.connect(folder / f"{type(self).__name__.lower()}.db", isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute("PRAGMA foreign_keys = ON")
        for table in self.tables:
            self.connection.execute(table)
        self.prev = b""

    def append(self, payload: dict[str, Json]) -> None:
        """Write one record in a transaction of its own."""
        self.together([payload])

    def write(self, payload: dict[str, Json]) -> None:
        """Write one record in the transaction that is open."""
        body = canonical(payload)
        self.prev = hashlib.sha256(self.prev + body).digest()
        self.connection.execute("INSERT INTO log (hash, body) VALUES (?, ?)", (self.prev, body))

    def together(self, payloads: Sequence[dict[str, Json]]) -> None:
        """Write many in one transaction."""
        self.connection.execute("BEGIN IMMEDIATE")
        for payload in payloads:
            self.write(payload)
        self.connection.execute("COMMIT")

    def verify(self) -> None:
        """Read everything back and compute the chain again."""
        prev = b""
        for body, stored in self.connection.execute("SELECT body, hash FROM log ORDER BY seq"):
            prev = hashlib.sha256(prev + body).digest()
            if prev != stored:
                raise SystemExit("the bare chain does not verify")

    def close(self) -> None:
        """Close the database."""
        self.connection.close()


class Same(Least):
    """The same records in the same two tables."""

    tables = (
        "CREATE TABLE records (seq INTEGER PRIMARY KEY, header BLOB NOT NULL, hash BLOB NOT NULL) STRICT",
        "CREATE TABLE payloads (seq INTEGER PRIMARY KEY REFERENCES records (seq), salt BLOB, body BLOB)"
        " STRICT",
    )

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.last, self.seq = "", 0

    def write(self, payload: dict[str, Json]) -> None:
        """Write one record in the transaction that is open."""
        body, salt = canonical(payload), os.urandom(16)
        self.seq += 1
        header = canonical(
            {
                "commit": hashlib.sha256(salt + body).hexdigest(),
                "kind": "proposal",
                "prev": self.last,
                "ref": ref_of(payload),
                "seq": self.seq,
                "time": time.time(),
            }
        )
        hashed = hashlib.sha256(header)
        self.last = hashed.hexdigest()
        self.connection.execute(
            "INSERT INTO records (seq, header, hash) VALUES (?, ?, ?)", (self.seq, header, hashed.digest())
        )
        self.connection.execute(
            "INSERT INTO payloads (seq, salt, body) VALUES (?, ?, ?)", (self.seq, salt, body)
        )

    def verify(self) -> None:
        """Read everything back and compute the chain again."""
        last = ""
        for header, stored, salt, body in self.connection.execute(
            "SELECT header, hash, salt, body FROM records JOIN payloads USING (seq) ORDER BY seq"
        ):
            commit = hashlib.sha256(salt + body).hexdigest()
            hashed = hashlib.sha256(header)
            link = f'{{"commit":"{commit}","kind":"proposal","prev":"{last}",'.encode()
            if hashed.digest() != stored or not header.startswith(link):
                raise SystemExit("the bare chain does not verify")
            last = hashed.hexdigest()


class Ours:
    """The ledger, with the same three jobs."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(Paths(folder, folder, folder))
        self.ledger = Ledger(self.store)
        # Once, so that loading the code is not part of what is measured.
        self.verify()

    def append(self, payload: dict[str, Json]) -> None:
        """Write one record in a transaction of its own."""
        self.ledger.append("proposal", ref_of(payload), payload)

    def together(self, payloads: Sequence[dict[str, Json]]) -> None:
        """Write many in one transaction."""
        with self.ledger.batch() as batch:
            for payload in payloads:
                batch.append("proposal", ref_of(payload), payload)

    def verify(self) -> None:
        """Verify the whole ledger."""
        report = self.ledger.verify()
        if not report.ok:
            raise SystemExit(report.problem)

    def close(self) -> None:
        """Close the databases."""
        self.store.close()


def seconds(job: Callable[[], object], clock: Callable[[], float]) -> float:
    """Return how long a job takes by a clock."""
    began = clock()
    job()
    return clock() - began


class Side(Protocol):
    """One contender: the three jobs, and an end."""

    def append(self, payload: dict[str, Json]) -> None:
        """Write one record in a transaction of its own."""

    def together(self, payloads: Sequence[dict[str, Json]]) -> None:
        """Write many in one transaction."""

    def verify(self) -> None:
        """Read everything back and compute the chain again."""

    def close(self) -> None:
        """Close the database."""


def alone(sides: Mapping[str, Side], payloads: Sequence[dict[str, Json]]) -> dict[str, float]:
    """Return the median of the seconds that one record takes in a transaction of its own.

    The sides take turns after each record, so that the disk treats them alike.
    """
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for payload in payloads:
        for name, side in sides.items():
            taken[name].append(seconds(partial(side.append, payload), time.perf_counter))
    return {name: statistics.median(times) for name, times in taken.items()}


def one_round(payloads: list[dict[str, Json]], folder: Path) -> dict[tuple[str, str], float]:
    """Return the seconds a record takes for each job and side, on fresh databases."""
    sides: dict[str, Side] = {"least": Least(folder), "same": Same(folder), "ledger": Ours(folder)}
    times = {("append one by one", name): taken for name, taken in alone(sides, payloads[:SINGLE]).items()}
    for name, side in sides.items():
        together = seconds(partial(side.together, payloads), time.process_time)
        times["append in one batch", name] = together / len(payloads)
    for name, side in sides.items():
        times["verify", name] = seconds(side.verify, time.process_time) / (len(payloads) + SINGLE)
    for side in sides.values():
        side.close()
    return times


def main(records: int = 2000, rounds: int = 8) -> None:
    """Run all jobs and print the table."""
    payloads = [proposal(number) for number in range(records)]
    results = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=".") as folder:
            results.append(one_round(payloads, Path(folder)))
    best = {key: min(result[key] for result in results) for key in results[0]}
    print(f"{records} records of {len(canonical(payloads[0]))} bytes, fastest of {rounds} rounds")
    for job in ("append in one batch", "append one by one", "verify"):
        ours = best[job, "ledger"]
        ratios = ", ".join(f"{best[job, name] / ours:.2f}x {name}" for name in ("same", "least"))
        print(f"{job:>20}: ledger {ours * 1e6:8.1f} us a record = {ratios}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
