from __future__ import annotations

import json
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256

import pytest

from ares.core import Grant, Json, canonical
from ares.errors import UsageError
from ares.ledger import Ledger, Report
from ares.ledger._record import ABOUT, header_bytes
from ares.paths import Paths
from ares.store import Store

RECORDS = 12


@pytest.fixture
def ledger(store: Store) -> Ledger:
    """A ledger with every kind of record, an erasure, an undo and an unfinished action."""
    ledger = Ledger(store)
    ledger.append("event", "notes", {"event": "registered"})
    for number in (1, 2):
        ledger.append("proposal", f"a{number}", {"action": {"capability": "notes.add", "words": "milk"}})
        ledger.append("approval", f"a{number}", {"yes": True, "by": "terminal"})
        permitted(ledger, f"a{number}")
    ledger.claim("grant of a1", "code of a1")
    ledger.append("outcome", "a1", {"status": "ok", "undo": {"capability": "notes.delete", "arguments": {}}})
    ledger.append("proposal", "u1", {"action": {"capability": "notes.delete", "undoes": "a1"}})
    ledger.append("policy", "a1", {"event": "rule added"})
    ledger.erase(2)
    ledger.append("event", "notes", {"event": "disabled", "why": "ümlaut \U0001f512"})
    assert ledger.head().seq == RECORDS
    return ledger


def permitted(ledger: Ledger, action_id: str) -> None:
    """Write an intent as the gate does, with the grant that it uses up."""
    grant = Grant(f"grant of {action_id}", action_id, f"code of {action_id}", time.time() + 60)
    with ledger.batch() as batch:
        ledger.issue(batch, grant, time.time())
        ledger.consume(batch, grant.nonce, grant.binds, time.time())
        batch.append("intent", action_id, {"action": action_id, "binds": grant.binds})


@contextmanager
def tampering(paths: Paths) -> Iterator[sqlite3.Connection]:
    """What anybody can do who can write to the file: plain sqlite3, nothing enforced."""
    with closing(sqlite3.connect(paths.ledger_db, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        yield connection


def problem(ledger: Ledger, head: str = "") -> str:
    report = ledger.verify(head)
    assert report.ok == (not report.problem)
    assert "\n" not in report.problem
    return report.problem


def test_an_untouched_ledger_verifies(ledger: Ledger) -> None:
    assert ledger.verify() == Report(True, RECORDS, ledger.head())
    assert Ledger(ledger._store).verify(str(ledger.head())).ok


def test_an_empty_ledger_verifies(store: Store) -> None:
    report = Ledger(store).verify()
    assert (report.ok, report.records, report.head.seq) == (True, 0, 0)


@pytest.mark.parametrize(
    ("table", "column"),
    [("records", "header"), ("records", "hash"), ("payloads", "salt"), ("payloads", "body")],
)
def test_every_flipped_byte_is_found_and_its_record_named(
    ledger: Ledger, paths: Paths, table: str, column: str
) -> None:
    chance = random.Random(7)
    flips = 0
    with tampering(paths) as connection:
        for seq, content in connection.execute(f"SELECT seq, {column} FROM {table}").fetchall():
            for at in range(len(content or b"")):
                flipped = bytearray(content)
                flipped[at] ^= chance.randrange(1, 256)
                change = f"UPDATE {table} SET {column} = ? WHERE seq = ?"
                connection.execute(change, (bytes(flipped), seq))
                report = ledger.verify()
                assert not report.ok
                assert report.problem.startswith(f"record {seq}: ")
                assert report.records == seq - 1
                connection.execute(change, (content, seq))
                flips += 1
    assert flips > 150
    assert ledger.verify().ok


@pytest.mark.parametrize("column", ABOUT)
def test_a_changed_index_column_is_found_and_its_record_named(
    ledger: Ledger, paths: Paths, column: str
) -> None:
    always_there = column in ("time", "kind", "ref")
    others = (2, 3, None) if column in ("erases", "undoable") else ("other", "" if always_there else None)
    with tampering(paths) as connection:
        for seq, value in connection.execute(f"SELECT seq, {column} FROM records").fetchall():
            change = f"UPDATE records SET {column} = ? WHERE seq = ?"
            for other in others:
                if other != value:
                    connection.execute(change, (other, seq))
                    assert problem(ledger).startswith(f"record {seq}: its columns")
            connection.execute(change, (value, seq))
    assert ledger.verify().ok


def test_every_flipped_character_of_a_column_is_found_and_its_record_named(
    ledger: Ledger, paths: Paths
) -> None:
    flips = 0
    with tampering(paths) as connection:
        for column in ABOUT:
            change = f"UPDATE records SET {column} = ? WHERE seq = ?"
            for seq, value in connection.execute(f"SELECT seq, {column} FROM records").fetchall():
                text = "" if value is None else str(value)
                for at, character in enumerate(text):
                    other = text[:at] + chr(ord(character) ^ 1) + text[at + 1 :]
                    connection.execute(change, (other, seq))
                    assert problem(ledger).startswith(f"record {seq}: its columns")
                    flips += 1
                connection.execute(change, (value, seq))
    assert flips > 500
    assert ledger.verify().ok


@pytest.mark.parametrize("seq", range(1, RECORDS + 1))
def test_a_record_that_was_put_in_is_found(ledger: Ledger, paths: Paths, seq: int) -> None:
    with tampering(paths) as connection:
        for table in ("records", "payloads"):
            for later in range(RECORDS, seq - 1, -1):
                connection.execute(f"UPDATE {table} SET seq = ? WHERE seq = ?", (later + 1, later))
            columns = ABOUT if table == "records" else ()
            values = {"records": ("header", "hash"), "payloads": ("salt", "body")}[table]
            connection.execute(
                f"INSERT INTO {table} SELECT ?, {', '.join((*columns, *values))} FROM {table} WHERE seq = ?",
                (seq, seq + 1),
            )
    # The copy passes for the record itself; the one that was there is the odd one now.
    assert problem(ledger).startswith(f"record {seq + 1}: ")


@pytest.mark.parametrize("seq", range(1, RECORDS))
def test_a_record_that_was_taken_out_is_missed(ledger: Ledger, paths: Paths, seq: int) -> None:
    with tampering(paths) as connection:
        connection.execute("DELETE FROM records WHERE seq = ?", (seq,))
        connection.execute("DELETE FROM payloads WHERE seq = ?", (seq,))
    assert problem(ledger) == f"record {seq} is missing"


@pytest.mark.parametrize("seq", range(1, RECORDS))
def test_closing_the_gap_after_taking_a_record_out_is_found(ledger: Ledger, paths: Paths, seq: int) -> None:
    with tampering(paths) as connection:
        for table in ("records", "payloads"):
            connection.execute(f"DELETE FROM {table} WHERE seq = ?", (seq,))
            for later in range(seq + 1, RECORDS + 1):
                connection.execute(f"UPDATE {table} SET seq = ? WHERE seq = ?", (later - 1, later))
    assert problem(ledger).startswith(f"record {seq}: ")


@pytest.mark.parametrize("first", range(1, RECORDS))
def test_two_records_that_changed_places_are_found(ledger: Ledger, paths: Paths, first: int) -> None:
    with tampering(paths) as connection:
        for table in ("records", "payloads"):
            for before, after in ((first, 99), (first + 1, first), (99, first + 1)):
                connection.execute(f"UPDATE {table} SET seq = ? WHERE seq = ?", (after, before))
    assert problem(ledger).startswith(f"record {first}: ")


def test_two_payloads_that_changed_places_are_found(ledger: Ledger, paths: Paths) -> None:
    with tampering(paths) as connection:
        for before, after in ((4, 99), (5, 4), (99, 5)):
            connection.execute("UPDATE payloads SET seq = ? WHERE seq = ?", (after, before))
    assert problem(ledger).startswith("record 4: its payload")


@pytest.mark.parametrize("seq", [0, -5])
def test_a_row_before_the_first_is_found(ledger: Ledger, paths: Paths, seq: int) -> None:
    with tampering(paths) as connection:
        connection.execute(
            f"INSERT INTO records SELECT ?, {', '.join(ABOUT)}, header, hash FROM records WHERE seq = 1",
            (seq,),
        )
    assert f"record {seq} does not belong" in problem(ledger)


def test_a_copy_of_a_record_at_the_end_is_found(ledger: Ledger, paths: Paths) -> None:
    with tampering(paths) as connection:
        connection.execute(
            f"INSERT INTO records SELECT {RECORDS + 1}, {', '.join(ABOUT)}, header, hash FROM records"
            f" WHERE seq = {RECORDS}"
        )
        connection.execute(
            f"INSERT INTO payloads SELECT {RECORDS + 1}, salt, body FROM payloads WHERE seq = {RECORDS}"
        )
    assert problem(ledger).startswith(f"record {RECORDS + 1}: it does not follow")


def rewrite(connection: sqlite3.Connection, seq: int, payload: bytes) -> None:
    """Give a record another payload and a header and hash that fit it."""
    row = connection.execute(
        f"SELECT header, {', '.join(ABOUT)} FROM records WHERE seq = ?", (seq,)
    ).fetchone()
    salt = b"s" * 16
    header = header_bytes(seq, row[1:], json.loads(row[0])["prev"], sha256(salt + payload).hexdigest())
    connection.execute("UPDATE payloads SET salt = ?, body = ? WHERE seq = ?", (salt, payload, seq))
    connection.execute(
        "UPDATE records SET header = ?, hash = ? WHERE seq = ?", (header, sha256(header).digest(), seq)
    )


def test_a_record_that_was_rewritten_with_its_hash_breaks_the_next(ledger: Ledger, paths: Paths) -> None:
    with tampering(paths) as connection:
        rewrite(connection, 5, canonical({"yes": True, "by": "somebody"}))
    assert problem(ledger) == "record 6: it does not follow record 5; one of the two was changed"


def test_rewriting_the_last_record_is_found_with_a_head_that_was_noted(ledger: Ledger, paths: Paths) -> None:
    noted = ledger.head()
    with tampering(paths) as connection:
        rewrite(connection, RECORDS, canonical({"event": "disabled"}))
    assert problem(ledger) == ""
    for head in (str(noted), noted.hash):
        assert "is not in the chain" in problem(ledger, head)


def test_cutting_records_off_is_found_with_a_head_that_was_noted(ledger: Ledger, paths: Paths) -> None:
    noted = ledger.head()
    with tampering(paths) as connection:
        for table in ("records", "payloads"):
            connection.execute(f"DELETE FROM {table} WHERE seq = ?", (RECORDS,))
    assert problem(ledger) == ""
    assert f"ends with record {RECORDS - 1}" in problem(ledger, str(noted))


def test_wiping_everything_is_found_with_a_head_that_was_noted(ledger: Ledger, paths: Paths) -> None:
    noted = ledger.head()
    with tampering(paths) as connection:
        for table in ("unfinished", "payloads", "grants", "records"):
            connection.execute(f"DELETE FROM {table}")
    assert "ends with record 0" in problem(ledger, str(noted))


def test_an_older_head_still_proves_what_came_before_it(ledger: Ledger) -> None:
    noted = ledger.head()
    ledger.append("event", "notes", {})
    assert problem(ledger, str(noted)) == ""
    assert problem(ledger, noted.hash.upper()) == ""
    assert problem(ledger, "0:" + "0" * 64) == ""
    assert "is not in the chain" in problem(ledger, f"{noted.seq - 1}:{noted.hash}")


@pytest.mark.parametrize("head", ["x", "12", "12:abc", "g" * 64, "1:" + "0" * 63])
def test_a_head_that_cannot_be_one_is_refused(ledger: Ledger, head: str) -> None:
    with pytest.raises(UsageError, match="no head"):
        ledger.verify(head)


def test_a_payload_that_vanished_without_an_erasure_is_found(ledger: Ledger, paths: Paths) -> None:
    with tampering(paths) as connection:
        connection.execute("UPDATE payloads SET salt = NULL, body = NULL WHERE seq = 6")
    assert problem(ledger).startswith("record 6: its payload is gone")


@pytest.mark.parametrize("column", ["salt", "body"])
def test_half_a_payload_is_found(ledger: Ledger, paths: Paths, column: str) -> None:
    with tampering(paths) as connection:
        connection.execute(f"UPDATE payloads SET {column} = NULL WHERE seq = 6")
    assert problem(ledger).startswith("record 6: its payload is gone")


def test_a_payload_row_that_vanished_is_found(ledger: Ledger, paths: Paths) -> None:
    for seq in (6, 2, RECORDS):
        with tampering(paths) as connection:
            row = connection.execute("SELECT * FROM payloads WHERE seq = ?", (seq,)).fetchone()
            connection.execute("DELETE FROM payloads WHERE seq = ?", (seq,))
            assert problem(ledger).startswith(f"record {seq}: the row of its payload")
            connection.execute("INSERT INTO payloads VALUES (?, ?, ?)", row)


def test_a_payload_that_came_back_after_its_erasure_is_found(ledger: Ledger, paths: Paths) -> None:
    with tampering(paths) as connection:
        salt, body = connection.execute("SELECT salt, body FROM payloads WHERE seq = 8").fetchone()
    ledger.erase(8)
    with tampering(paths) as connection:
        connection.execute("UPDATE payloads SET salt = ?, body = ? WHERE seq = 8", (salt, body))
    assert problem(ledger).startswith("record 8: it has a payload, and record 13")


@pytest.mark.parametrize("seq", [-1, RECORDS + 1])
def test_a_payload_without_a_record_is_found(ledger: Ledger, paths: Paths, seq: int) -> None:
    with tampering(paths) as connection:
        connection.execute("INSERT INTO payloads VALUES (?, x'00', x'00')", (seq,))
    assert problem(ledger).startswith("record ")


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM unfinished",
        "UPDATE unfinished SET action_id = 'a9'",
        "INSERT INTO unfinished VALUES ('a1', 4)",
    ],
)
def test_a_changed_list_of_unfinished_actions_is_found(ledger: Ledger, paths: Paths, change: str) -> None:
    with tampering(paths) as connection:
        connection.execute(change)
    assert "list of unfinished actions" in problem(ledger)


def test_a_page_that_cannot_be_read_is_a_problem_and_not_a_crash(ledger: Ledger, paths: Paths) -> None:
    with ledger.batch() as batch:
        for number in range(200):
            batch.append("event", "m", {"text": "x" * 500, "number": number})
    ledger._store.close()
    content = bytearray(paths.ledger_db.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096 * 4] = b"\xff" * 4096 * 4
    paths.ledger_db.write_bytes(content)
    with Store.open(paths) as store:
        report = Ledger(store).verify()
    assert not report.ok
    assert report.problem.startswith(f"record {report.records + 1}")


def test_verifying_sees_one_moment_while_another_process_appends(ledger: Ledger, paths: Paths) -> None:
    with Store.open(paths) as other, ledger._store.snapshot("ledger") as connection:
        from ares.ledger._verify import verify

        assert verify(connection).records == RECORDS
        Ledger(other).append("event", "m", {})
        assert verify(connection).records == RECORDS
    assert ledger.verify().records == RECORDS + 1


def test_a_quote_in_a_time_cannot_carry_the_text_of_other_columns(ledger: Ledger, store: Store) -> None:
    seq = ledger.append("outcome", "u1", {"status": "ok"}).seq
    moved = """UPDATE records SET time = time || '","undoes":"' || undoes, undoes = NULL WHERE seq = ?"""
    with store.writing("ledger") as connection:
        connection.execute(moved, (seq,))
    report = ledger.verify()
    assert not report.ok
    assert f"record {seq}" in report.problem


@pytest.mark.parametrize("header", [b'{"a":', b"[]", b"\xff", b"3"])
def test_a_header_that_is_none_is_named(ledger: Ledger, store: Store, header: bytes) -> None:
    with store.writing("ledger") as connection:
        connection.execute(
            "UPDATE records SET header = ?, hash = ? WHERE seq = 1", (header, sha256(header).digest())
        )
    report = ledger.verify()
    assert not report.ok
    assert "record 1" in report.problem


def test_a_value_of_another_type_is_named(ledger: Ledger, paths: Paths) -> None:
    with tampering(paths) as connection:
        # What makes the table STRICT is taken away for a moment, so that its schema looks as it was.
        connection.execute("PRAGMA writable_schema = ON")
        change = "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'records'"
        connection.execute(change, ("STRICT", ""))
    with tampering(paths) as connection:
        connection.execute("UPDATE records SET header = 'text' WHERE seq = 5")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = sql || ' STRICT' WHERE name = 'records'")
    with Store.open(paths) as store:
        assert problem(Ledger(store)) == (
            "record 5: one of its columns holds another type of value than ARES writes"
        )


# The grants

COPY = "INSERT INTO grants SELECT 'n',"
ODD = ": its grant was claimed before it was used"
A2 = "WHERE action_id = 'a2'"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (f"DELETE FROM grants {A2}", "record 7: no grant was used for it"),
        ("DELETE FROM grants", "record 4: no grant was used for it"),
        (f"UPDATE grants SET used_at = NULL {A2}", "record 7: no grant was used for it"),
        (
            "UPDATE grants SET used_at = NULL WHERE action_id = 'a1'",
            f"action a1{ODD}",
        ),
        (f"UPDATE grants SET binds = 'x' {A2}", "record 7: no grant was used for it"),
        (f"UPDATE grants SET action_id = 'a3' {A2}", "record 7: no grant was used for it"),
        (
            "UPDATE grants SET expires = used_at WHERE action_id = 'a2'",
            f"action a2{ODD}",
        ),
        ("UPDATE grants SET claimed_at = expires", f"action a1{ODD}"),
        ("UPDATE grants SET claimed_at = NULL", "record 8: it was done, and nobody claimed its grant"),
        (
            f"{COPY} action_id, binds, issued, expires, used_at, NULL FROM grants LIMIT 1",
            "action a1: a grant was used for it, and no intent",
        ),
        (
            f"{COPY} 'a9', binds, issued, expires, used_at, NULL FROM grants LIMIT 1",
            "action a9: a grant was used for it, and no intent",
        ),
    ],
)
def test_a_changed_grant_is_found(ledger: Ledger, paths: Paths, change: str, found: str) -> None:
    with tampering(paths) as connection:
        assert connection.execute(change).rowcount > 0
    assert problem(ledger).startswith(found)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE grants SET nonce = nonce || 'x'",
        "UPDATE grants SET issued = issued + 1e9",
        "UPDATE grants SET expires = expires + 1, used_at = used_at + 1, claimed_at = claimed_at + 1",
        f"UPDATE grants SET claimed_at = NULL {A2}",
    ],
)
def test_what_the_page_says_is_not_found_is_not(ledger: Ledger, paths: Paths, change: str) -> None:
    ledger.claim("grant of a2", "code of a2")
    with tampering(paths) as connection:
        assert connection.execute(change).rowcount > 0
    assert problem(ledger) == ""


def test_a_grant_that_nobody_used_is_no_problem(ledger: Ledger) -> None:
    with ledger.batch() as batch:
        ledger.issue(batch, Grant("n", "a9", "b", 1.0), 0.0)
    assert problem(ledger) == ""


def test_a_grant_agrees_with_an_intent_whose_payload_was_erased(ledger: Ledger, paths: Paths) -> None:
    ledger.erase(7)
    assert problem(ledger) == ""
    with tampering(paths) as connection:
        connection.execute("DELETE FROM grants WHERE action_id = 'a2'")
    assert problem(ledger).startswith("record 7: no grant was used for it")


@pytest.mark.parametrize("payload", [[], {"action": "a3"}, {"action": "a3", "binds": 3}])
def test_an_intent_that_names_no_grant_is_found(ledger: Ledger, payload: Json) -> None:
    seq = ledger.append("intent", "a3", payload).seq
    assert problem(ledger).startswith(f"record {seq}: no grant was used for it")


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000])
def test_an_intent_that_is_not_json_is_named(ledger: Ledger, paths: Paths, body: bytes) -> None:
    seq = ledger.append("intent", "a3", {"action": "a3", "binds": "x"}).seq
    with tampering(paths) as connection:
        rewrite(connection, seq, body)
    assert problem(ledger).startswith(f"record {seq}: no grant was used for it")


def test_one_grant_does_not_do_for_two_intents(ledger: Ledger) -> None:
    seq = ledger.append("intent", "a2", {"action": "a2", "binds": "code of a2"}).seq
    assert problem(ledger).startswith(f"record {seq}: no grant was used for it")


# The schema

HIDING = "CREATE TRIGGER hiding AFTER INSERT ON records BEGIN DELETE FROM unfinished; END"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (HIDING, "the trigger 'hiding' was added to the database; ARES did not make it"),
        ("CREATE TABLE more (a)", "the table 'more' was added to the database"),
        ("CREATE INDEX more ON grants (binds)", "the index 'more' was added to the database"),
        ("DROP INDEX idx_events_type", "the index 'idx_events_type' is gone from the database"),
        ("DROP VIEW events", "the view 'events' is gone from the database"),
        ("DROP TABLE grants", "the table 'grants' is gone from the database"),
        ("ALTER TABLE grants ADD COLUMN more TEXT", "the table 'grants' of the database was changed"),
        (
            "DROP VIEW events; CREATE VIEW events AS SELECT 1 AS id",
            "the view 'events' of the database was changed",
        ),
    ],
)
def test_a_changed_schema_is_found(ledger: Ledger, paths: Paths, change: str, found: str) -> None:
    with tampering(paths) as connection:
        connection.executescript(change)
    assert problem(ledger).startswith(found)


def test_a_comment_that_sqlite_kept_is_no_change_and_hides_none(ledger: Ledger, paths: Paths) -> None:
    def say(old: str, new: str) -> None:
        with tampering(paths) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            changed = connection.execute(
                "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'grants'", (old, new)
            )
            assert changed.rowcount == 1

    say("action_id", "/* whose */ action_id -- don't\n")
    assert problem(ledger) == ""
    say("-- don't", "DEFAULT '--' -- don't")
    assert problem(ledger).startswith("the table 'grants' of the database was changed")


def test_a_record_that_a_trigger_changed_is_named_before_the_trigger(ledger: Ledger, paths: Paths) -> None:
    with tampering(paths) as connection:
        connection.execute(
            "CREATE TRIGGER quiet AFTER INSERT ON payloads BEGIN"
            " UPDATE payloads SET body = x'7b7d' WHERE seq = new.seq; END"
        )
    seq = ledger.append("event", "notes", {"event": "disabled"}).seq
    assert problem(ledger).startswith(f"record {seq}: its payload is not the one")
