"""``ares audit export``: the record in files for other programs."""

from __future__ import annotations

import csv
import errno
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.cli.console import ares

from ares import Ares
from ares.cli._export import COLUMNS, export
from ares.core import Status
from ares.errors import AresError


@pytest.fixture
def me() -> Iterator[Ares]:
    with Ares.open() as opened:
        yield opened


def exported(file: Path) -> list[dict[str, Any]]:
    """Read an exported file as other programs do."""
    if file.suffix == ".jsonl":
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    if file.suffix == ".csv":
        with open(file, encoding="utf-8", newline="") as opened:
            rows: list[dict[str, Any]] = list(csv.DictReader(opened))
    else:
        with closing(sqlite3.connect(file)) as connection:
            connection.row_factory = sqlite3.Row
            rows = [dict(row) for row in connection.execute("SELECT * FROM records ORDER BY seq")]
    return [
        {
            **row,
            "seq": int(row["seq"]),
            "erased": row["erased"] in (1, "1"),
            "payload": json.loads(row["payload"] or "null"),
        }
        for row in rows
    ]


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv", "x.db", "x.SQLITE"])
def test_an_export_says_what_the_ledger_says_to_its_owner_alone(me: Ares, name: str) -> None:
    assert me.perform("notes.add", text='two lines,\n"Grüße" \u202e').status is Status.DENIED
    assert me.perform("clock.now").ok
    me.ledger.erase(1)
    done = ares("audit", "export", name)
    assert (done.code, done.out) == (0, "")
    told = ares("audit", "show", "--json").json
    assert done.err == f"{len(told)} records written to {name}\n"
    assert exported(Path(name)) == told
    assert [record["erased"] for record in told] == [True] + [False] * (len(told) - 1)
    assert Path(name).stat().st_mode & 0o777 == 0o600
    assert os.listdir() == [name]


def test_an_export_is_of_one_capability_and_from_a_time_on(me: Ares) -> None:
    for capability in ("clock.now", "system.uptime", "clock.now"):
        assert me.perform(capability).ok
    wanted = list(me.ledger.records(capability="clock.now"))
    later = wanted[-3].time
    assert ares("audit", "export", "all.jsonl", "--capability", "clock.now").code == 0
    assert ares("audit", "export", "new.db", "--capability", "clock.now", "--since", later).code == 0
    assert [each["seq"] for each in exported(Path("all.jsonl"))] == [each.seq for each in wanted]
    assert [each["seq"] for each in exported(Path("new.db"))] == [each.seq for each in wanted[-3:]]
    assert ares("audit", "export", "none.db", "--since", "9000-01-01").err == "0 records written to none.db\n"
    assert exported(Path("none.db")) == []


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("there.csv", 2, "there.csv is there already and is not written over"),
        ("dangling.db", 2, "dangling.db is there already"),
        ("x.txt", 2, "it is one of .jsonl, .csv, .db, .sqlite"),
        ("nowhere/x.csv", 1, "nowhere/x.csv: cannot be made (No such file"),
    ],
)
def test_an_export_writes_over_nothing_and_makes_no_form_up(name: str, code: int, words: str) -> None:
    Path("there.csv").write_text("mine")
    Path("dangling.db").symlink_to("gone")
    done = ares("audit", "export", name)
    assert (done.code, done.out) == (code, "")
    assert words in done.err
    assert len(done.err.splitlines()) == 1
    assert Path("there.csv").read_text() == "mine"
    assert sorted(os.listdir()) == ["dangling.db", "there.csv"]


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv", "x.db"])
def test_an_export_that_cannot_be_finished_leaves_no_half_of_it(me: Ares, name: str) -> None:
    assert me.perform("clock.now").ok
    with closing(sqlite3.connect(me.paths.ledger_db, isolation_level=None)) as connection:
        connection.execute("UPDATE payloads SET body = x'00' WHERE seq = 2")
    assert ares("audit", "export", name).code == 9
    assert os.listdir() == []


def test_an_export_that_fills_the_disk_is_one_error_and_leaves_no_half_of_it() -> None:
    def filling() -> Iterator[dict[str, Any]]:
        yield {**dict.fromkeys(COLUMNS, "x"), "erased": False}
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(AresError, match=r"x\.csv: cannot be written \(.*No space left"):
        export(filling(), Path("x.csv"))
    assert os.listdir() == []


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv", "x.db"])
def test_half_a_character_is_exported_as_the_escape_it_was(name: str) -> None:
    record = {**dict.fromkeys(COLUMNS, "x"), "seq": 1, "payload": "\ud800", "erased": False}
    assert export([record], Path(name)) == 1
    assert exported(Path(name)) == [record]
