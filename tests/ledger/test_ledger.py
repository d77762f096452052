from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.acting import NOW, act

from ares.core import Grant, Json, canonical
from ares.errors import GrantError, NotFoundError, StoreError, UsageError
from ares.ledger import KINDS, Ledger
from ares.ledger._record import ABOUT, header_bytes
from ares.paths import Paths
from ares.store import Store


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return Ledger(store)


def stored(store: Store, seq: int) -> sqlite3.Row:
    row: sqlite3.Row = store.ledger.execute(
        "SELECT * FROM records JOIN payloads USING (seq) WHERE seq = ?", (seq,)
    ).fetchone()
    return row


# The chain


def test_a_record_is_a_header_chained_to_the_one_before_and_committed_to_its_payload(
    store: Store, ledger: Ledger
) -> None:
    payload: Json = {"b": [1, 2.5, None], "a": "ümlaut"}
    first = ledger.append("event", "notes", payload)
    second = ledger.append("event", "notes", {})
    row = stored(store, 1)
    header = json.loads(row["header"])
    assert row["body"] == canonical(payload)
    assert len(row["salt"]) == 16
    assert header["commit"] == sha256(row["salt"] + row["body"]).hexdigest()
    assert (header["v"], header["seq"], header["kind"], header["ref"]) == (1, 1, "event", "notes")
    assert header["time"] == first.time
    assert header["prev"] == "0" * 64
    assert first.hash == sha256(row["header"]).hexdigest() == row["hash"].hex()
    assert json.loads(stored(store, 2)["header"])["prev"] == first.hash
    assert (ledger.head().seq, ledger.head().hash) == (2, second.hash)
    assert str(ledger.head()) == f"2:{second.hash}"


def test_an_empty_ledger_has_a_head_too(ledger: Ledger) -> None:
    assert str(ledger.head()) == "0:" + "0" * 64


WORDS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.none() | st.integers(0, 2**60)


@given(
    st.tuples(WORDS, WORDS, WORDS, WORDS, WORDS, WORDS, WORDS, NUMBERS, NUMBERS),
    st.integers(1, 2**60),
)
def test_a_header_is_canonical_json(about: tuple[str | int | None, ...], seq: int) -> None:
    values = dict(zip(ABOUT, about, strict=True))
    values |= {"time": "2026-01-01", "kind": values["kind"] or "", "ref": values["ref"] or ""}
    header = header_bytes(seq, list(values.values()), "0" * 64, "f" * 64)
    given_members = {name: value for name, value in values.items() if value is not None}
    assert header == canonical({**given_members, "seq": seq, "prev": "0" * 64, "commit": "f" * 64, "v": 1})


def test_equal_payloads_have_different_commitments(store: Store, ledger: Ledger) -> None:
    for _ in range(2):
        ledger.append("event", "notes", {"a": 1})
    assert (
        json.loads(stored(store, 1)["header"])["commit"] != json.loads(stored(store, 2)["header"])["commit"]
    )


def test_times_are_utc_with_microseconds(store: Store) -> None:
    assert Ledger(store, clock=lambda: 1_000_000_000.25).append("event", "m", {}).time == (
        "2001-09-09T01:46:40.250000+00:00"
    )


def test_a_clock_that_goes_backwards_is_recorded_as_it_is(store: Store) -> None:
    times = iter([2000.0, 1000.0])
    ledger = Ledger(store, clock=lambda: next(times))
    records = [ledger.append("event", "m", {}), ledger.append("event", "m", {})]
    assert records[0].time > records[1].time
    assert ledger.verify().ok


@pytest.mark.parametrize("payload", [{"a": float("nan")}, {"a": "\ud800"}, {"a": object()}, {"a": b"x"}])
def test_what_is_not_json_is_refused_and_nothing_is_written(ledger: Ledger, payload: Json) -> None:
    with pytest.raises(UsageError, match="cannot be recorded"):
        ledger.append("event", "m", payload)
    assert ledger.head().seq == 0


def test_a_reference_that_is_not_unicode_is_refused(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="cannot be recorded"):
        ledger.append("event", "m\udcff", {})
    assert ledger.head().seq == 0


def test_an_unknown_kind_is_refused(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="proposal, approval"):
        ledger.append("gossip", "m", {})


def test_a_batch_is_written_whole_or_not_at_all(ledger: Ledger) -> None:
    def fail() -> None:
        with ledger.batch() as batch:
            batch.append("event", "m", {})
            raise NotFoundError("no")

    with pytest.raises(NotFoundError):
        fail()
    assert ledger.head().seq == 0
    with ledger.batch() as batch:
        assert [batch.append("event", "m", {}).seq for _ in range(3)] == [1, 2, 3]
    assert ledger.verify().records == 3


def test_a_batch_goes_on_after_a_payload_that_was_refused(ledger: Ledger) -> None:
    with ledger.batch() as batch:
        with pytest.raises(UsageError):
            batch.append("event", "m", {"a": float("inf")})
        batch.append("event", "m", {})
    assert ledger.verify().records == 1


def test_an_append_that_failed_half_way_takes_the_batch_with_it(store: Store, ledger: Ledger) -> None:
    ledger.append("event", "m", {})
    store.ledger.execute(
        "CREATE TEMP TRIGGER t BEFORE INSERT ON payloads BEGIN SELECT RAISE(FAIL, 'no'); END"
    )

    def swallow() -> None:
        with ledger.batch() as batch, pytest.raises(sqlite3.Error):
            batch.append("event", "m", {})

    with pytest.raises(StoreError, match="taken back"):
        swallow()
    store.ledger.execute("DROP TRIGGER t")
    assert (ledger.verify().ok, ledger.head().seq) == (True, 1)


def test_a_full_disk_leaves_a_whole_ledger(store: Store, ledger: Ledger) -> None:
    store.ledger.execute("PRAGMA max_page_count = 40")

    def fill() -> None:
        for _ in range(200):
            ledger.append("event", "m", {"text": "x" * 1000})

    with pytest.raises(StoreError, match="disk is full"):
        fill()
    report = ledger.verify()
    assert report.ok
    assert report.records > 3
    store.ledger.execute("PRAGMA max_page_count = 100000")
    ledger.append("event", "m", {})
    assert ledger.verify().records == report.records + 1


APPENDER = """
import sys
from ares.ledger import Ledger
from ares.paths import Paths
from ares.store import Store

who, count = sys.argv[1], int(sys.argv[2])
with Store.open(Paths.find()) as store:
    ledger = Ledger(store)
    for number in range(count):
        ledger.append("event", who, {"number": number})
        with store.writing("registry") as connection:
            connection.execute("INSERT INTO cache VALUES (?, ?, '', '')", (who, str(number)))
"""


def write_from_many_processes(store: Store, processes: int, writes: int) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", APPENDER, f"w{i}", str(writes)], stderr=subprocess.PIPE)
        for i in range(processes)
    ]
    for each in running:
        assert (each.communicate()[1], each.returncode) == (b"", 0)
    ledger = Ledger(store)
    report = ledger.verify()
    assert (report.problem, report.records) == ("", processes * writes)
    for i in range(processes):
        numbers = [record.payload for record in ledger.records(ref=f"w{i}")]
        assert numbers == [{"number": number} for number in range(writes)]
    assert store.registry.execute("SELECT count(*) FROM cache").fetchone()[0] == processes * writes


def test_eight_processes_lose_no_write_and_keep_the_chain_whole(store: Store) -> None:
    write_from_many_processes(store, 8, 200)


@pytest.mark.slow
def test_eight_processes_with_a_thousand_writes_each_lose_none(store: Store) -> None:
    write_from_many_processes(store, 8, 1000)


def test_a_process_that_is_killed_while_it_writes_leaves_a_whole_chain(store: Store) -> None:
    ledger = Ledger(store)
    ledger.append("event", "m", {})
    running = subprocess.Popen([sys.executable, "-c", APPENDER, "w", "100000"])
    while ledger.head().seq < 20:
        assert running.poll() is None
    running.kill()
    running.wait()
    seen = ledger.head().seq
    ledger.append("event", "m", {})
    report = ledger.verify()
    assert (report.problem, report.records) == ("", seen + 1)


def test_a_backup_under_load_verifies_and_holds_the_same_records(store: Store, paths: Paths) -> None:
    ledger = Ledger(store)
    running = subprocess.Popen([sys.executable, "-c", APPENDER, "w", "100000"])
    while ledger.head().seq < 50:
        assert running.poll() is None
    restored = Paths(paths.home / "restored", paths.home, paths.home)
    for copy in store.backup(restored.home):
        copy.rename(restored.registry_db if copy.name.startswith("ares-") else restored.ledger_db)
    running.kill()
    running.wait()
    with Store.open(restored) as other:
        report = Ledger(other).verify()
        assert (report.problem, report.records >= 50) == ("", True)
        query = "SELECT hash FROM records WHERE seq <= ? ORDER BY seq"
        hashes = [
            [row[0] for row in each.ledger.execute(query, (report.records,))] for each in (store, other)
        ]
        assert hashes[0] == hashes[1]


# Reading


def test_records_come_back_as_they_were_appended(ledger: Ledger) -> None:
    appended = [ledger.append(kind, "a1", {"n": kind}) for kind in KINDS]
    assert list(ledger.records()) == appended


def test_records_can_be_narrowed(store: Store) -> None:
    clock = iter([1000.0, 2000.0, 3000.0, 4000.0, 5000.0])
    ledger = Ledger(store, clock=lambda: next(clock))
    ledger.append("proposal", "a1", {"action": {"capability": "notes.add"}})
    ledger.append("approval", "a1", {"yes": True})
    ledger.append("outcome", "a1", {"status": "ok"})
    ledger.append("proposal", "a2", {"action": {"capability": "files.read"}})
    ledger.append("event", "notes", {"event": "registered"})

    def seqs(**narrow: str | int) -> list[int]:
        return [record.seq for record in ledger.records(**narrow)]  # type: ignore[arg-type]

    assert seqs() == [1, 2, 3, 4, 5]
    assert seqs(ref="a1") == [1, 2, 3]
    assert seqs(kind="proposal") == [1, 4]
    assert seqs(capability="notes.add") == [1, 2, 3]
    assert seqs(capability="notes.add", kind="outcome") == [3]
    assert seqs(since="1970-01-01T00:50:00") == [3, 4, 5]
    assert seqs(since="1970-01-01T01:50:00+01:00") == [3, 4, 5]
    assert seqs(since="1970-01-02") == []
    assert seqs(limit=2) == [4, 5]
    assert seqs(ref="a1", limit=1) == [3]


@pytest.mark.parametrize("narrow", [{"since": "yesterday-ish"}, {"kind": "gossip"}])
def test_a_question_that_cannot_be_meant_is_refused_at_once(ledger: Ledger, narrow: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        ledger.records(**narrow)  # type: ignore[arg-type]


def test_reading_on_while_others_append_sees_each_record_once(store: Store) -> None:
    ledger = Ledger(store)
    with ledger.batch() as batch:
        for number in range(1200):
            batch.append("event", "m", {"number": number})
    seen = []
    for record in ledger.records():
        seen.append(record.seq)
        if record.seq < 1200 and record.seq % 400 == 0:
            ledger.append("event", "m", {})
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) >= 1202


def test_the_events_view_has_the_founding_columns(store: Store, ledger: Ledger) -> None:
    act(ledger)
    record = ledger.append("event", "notes", {"event": "registered", "version": "1.0.0"})
    rows = [dict(row) for row in store.ledger.execute("SELECT * FROM events")]
    assert rows == [
        {
            "id": record.seq,
            "module_id": "notes",
            "event_type": "registered",
            "event_data": '{"event":"registered","version":"1.0.0"}',
            "timestamp": record.time,
        }
    ]


# Erasing


def test_erasing_removes_the_bytes_and_keeps_the_chain(store: Store, ledger: Ledger, paths: Paths) -> None:
    secret = "a word that nobody should find again " * 300
    ledger.append("event", "notes", {"text": secret})
    ledger.append("event", "notes", {"text": "stays"})
    erasure = ledger.erase(1)
    assert (erasure.kind, erasure.ref) == ("event", "notes")
    assert erasure.payload == {"event": "erased", "record": 1}
    first, second, _ = ledger.records()
    assert (first.payload, first.erased, second.payload, second.erased) == (
        None,
        True,
        {"text": "stays"},
        False,
    )
    assert stored(store, 1)["salt"] is None
    assert ledger.verify().ok
    for file in paths.home.glob("ledger.db*"):
        assert b"a word that nobody" not in file.read_bytes()


def test_erasing_twice_or_what_is_not_there_is_refused(ledger: Ledger) -> None:
    ledger.append("event", "m", {})
    ledger.erase(1)
    with pytest.raises(UsageError, match="erased already"):
        ledger.erase(1)
    with pytest.raises(NotFoundError, match="no record 9"):
        ledger.erase(9)
    assert ledger.verify().records == 2


def test_the_record_of_an_erasure_can_be_erased_too(ledger: Ledger) -> None:
    ledger.append("event", "m", {})
    ledger.erase(1)
    ledger.erase(2)
    assert ledger.verify().ok


def test_statistics_outlive_an_erasure(ledger: Ledger) -> None:
    act(ledger)
    for seq in (1, 2, 3):
        ledger.erase(seq)
    assert ledger.statistics("notes.add").ok == 1
    assert ledger.verify().ok


# Grants


def grant(nonce: str = "n1", binds: str = "b1", expires: float = NOW + 60) -> Grant:
    return Grant(nonce, "a1", binds, expires)


@pytest.fixture
def at_now(store: Store) -> Ledger:
    return Ledger(store, clock=lambda: NOW)


def consumed(ledger: Ledger, issued: Grant) -> None:
    with ledger.batch() as batch:
        ledger.issue(batch, issued, NOW)
        ledger.consume(batch, issued.nonce, issued.binds, NOW)
        batch.append("intent", issued.action_id, {"action": issued.action_id})


def test_a_grant_is_consumed_and_claimed_once(at_now: Ledger) -> None:
    consumed(at_now, grant())
    with pytest.raises(GrantError, match="used already"), at_now.batch() as batch:
        at_now.consume(batch, "n1", "b1", NOW)
    at_now.claim("n1", "b1")
    with pytest.raises(GrantError, match="claimed already"):
        at_now.claim("n1", "b1")


def test_consuming_refuses_what_does_not_fit(at_now: Ledger) -> None:
    with at_now.batch() as batch:
        at_now.issue(batch, grant(), NOW)
    for nonce, binds, now, why in (
        ("n2", "b1", NOW, "no such grant"),
        ("n1", "b2", NOW, "another action"),
        ("n1", "b1", NOW + 60, "expired"),
    ):
        with pytest.raises(GrantError, match=why), at_now.batch() as batch:
            at_now.consume(batch, nonce, binds, now)
    with at_now.batch() as batch:
        at_now.consume(batch, "n1", "b1", NOW + 59)


def test_claiming_refuses_what_does_not_fit(store: Store, at_now: Ledger) -> None:
    with at_now.batch() as batch:
        at_now.issue(batch, grant(), NOW)
    with pytest.raises(GrantError, match="no intent"):
        at_now.claim("n1", "b1")
    with at_now.batch() as batch:
        at_now.consume(batch, "n1", "b1", NOW)
    with pytest.raises(GrantError, match="no such grant"):
        at_now.claim("n2", "b1")
    with pytest.raises(GrantError, match="another action"):
        at_now.claim("n1", "b2")
    with pytest.raises(GrantError, match="expired"):
        Ledger(store, clock=lambda: NOW + 60).claim("n1", "b1")
    at_now.claim("n1", "b1")


def test_a_batch_that_fails_takes_its_grant_back(at_now: Ledger) -> None:
    def fail() -> None:
        with at_now.batch() as batch:
            at_now.issue(batch, grant(), NOW)
            at_now.consume(batch, "n1", "b1", NOW)
            batch.append("intent", "a1", {"bad": float("nan")})

    with pytest.raises(UsageError):
        fail()
    with pytest.raises(GrantError, match="no such grant"):
        at_now.claim("n1", "b1")


CLAIMER = """
import sys
from ares.errors import GrantError
from ares.ledger import Ledger
from ares.paths import Paths
from ares.store import Store

with Store.open(Paths.find()) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        Ledger(store).claim("n1", "b1")
        print("mine")
    except GrantError:
        print("not mine")
"""


def test_of_many_processes_that_claim_one_grant_one_gets_it(store: Store) -> None:
    consumed(Ledger(store), Grant("n1", "a1", "b1", 4e9))
    command = [sys.executable, "-c", CLAIMER]
    pipe = subprocess.PIPE
    running = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(6)]
    for each in running:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    said = [each.communicate("go\n")[0].strip() for each in running]
    assert sorted(said) == ["mine"] + ["not mine"] * 5


def test_a_read_only_ledger_is_one_error(store: Store) -> None:
    store.ledger.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="read-only"):
        Ledger(store).append("event", "m", {})
