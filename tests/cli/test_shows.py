"""What the project promises to whoever runs it for the first time, end to end (see tests/shows.txt)."""

from __future__ import annotations

import shutil
import socket
import sqlite3
from pathlib import Path

import pytest
from tests.cli.console import Console, ares, records

import ares as package
from ares.gate import human_bytes

QUESTION = "Do it? yes / no / edit / explain / always [no] "
MAC = "02:00:00:00:00:01"


def test_the_disk_question_is_answered_with_the_real_figure() -> None:
    done = ares("do", "how full is the disk?")
    assert done.code == 0, done.err
    assert f"of {human_bytes(shutil.disk_usage('/').total)}" in done.out


def say(answer: str, *arguments: str) -> int:
    with Console(*arguments) as console:
        console.answer(QUESTION, answer)
        return console.finish()


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> socket.socket:
    """A socket on which wake-up packets arrive instead of on the network."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind(("127.0.0.1", 0))
    opened.setblocking(False)
    assert ares("modules", "set", "hosts", "broadcast", "127.0.0.1").code == 0
    assert ares("modules", "set", "hosts", "port", str(opened.getsockname()[1])).code == 0
    return opened


def test_waking_the_nas_asks_and_sends_exactly_after_yes(listener: socket.socket) -> None:
    assert say("yes", "run", "hosts.add", "name=nas", f"mac={MAC}") == 0
    with listener:
        assert say("no", "do", "wake up the nas") == 4
        with pytest.raises(BlockingIOError):
            listener.recv(200)
        assert say("yes", "do", "wake up the nas") == 0
        packet = listener.recv(200)
        with pytest.raises(BlockingIOError):
            listener.recv(200)
    assert packet == b"\xff" * 6 + bytes.fromhex(MAC.replace(":", "")) * 16
    assert [record["payload"]["status"] for record in records("outcome", "hosts.wake")] == ["denied", "ok"]
    assert "hosts.wake" in ares("audit", "show").out


def test_without_a_terminal_nothing_is_deleted_and_the_ledger_says_why() -> None:
    assert say("yes", "run", "notes.add", "text=buy milk") == 0
    done = ares("do", "delete the notes about milk")
    assert done.code == 4
    outcome = records("outcome", "notes.delete")[-1]["payload"]
    assert outcome["status"] == "denied"
    assert "nobody can be asked" in outcome["error"]
    assert not records("intent", "notes.delete")
    assert len(ares("run", "notes.list", "--json").json["result"]["notes"]) == 1


@pytest.mark.parametrize(("table", "column"), [("payloads", "body"), ("records", "header")])
def test_one_flipped_character_is_found_and_named(tmp_path: Path, table: str, column: str) -> None:
    assert ares("do", "how full is the disk?").code == 0
    assert ares("audit", "verify").code == 0
    seq = records("outcome")[-1]["seq"]
    with sqlite3.connect(tmp_path / "ares" / "ledger.db") as database:
        for (trigger,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        body = database.execute(f"SELECT {column} FROM {table} WHERE seq = ?", (seq,)).fetchone()[0]
        flipped = body.replace(b"k", b"j", 1)
        assert flipped != body
        database.execute(f"UPDATE {table} SET {column} = ? WHERE seq = ?", (flipped, seq))
    database.close()
    done = ares("audit", "verify")
    assert done.code == 9
    assert f"record {seq}" in done.err
    assert len(done.err.splitlines()) == 1


def test_a_deleted_file_comes_back_byte_for_byte() -> None:
    file = Path.cwd() / "letter.bin"
    content = bytes(range(256)) * 40
    file.write_bytes(content)
    assert say("yes", "run", "files.delete", f"path={file}") == 0
    assert not file.exists()
    assert "letter.bin" in ares("undo", "--list").out
    assert say("yes", "undo") == 0
    assert file.read_bytes() == content
    assert ares("undo", "--list").err == "nothing can be taken back\n"


def test_python_goes_through_the_same_gate_and_ledger() -> None:
    with package.Ares.open() as me:
        outcome = me.perform("system.disk", path="/")
    assert outcome.ok
    kinds = [record["kind"] for record in records() if record["ref"] == outcome.action.id]
    assert kinds == ["proposal", "intent", "outcome"]
