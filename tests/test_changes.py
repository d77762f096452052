"""What is changed and the record of it: both are there or neither, whatever stops the process."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.cli.console import ares
from tests.runtime.samples import ECHO, ECHO_CODE
from tests.store.unprivileged import refuse_to_commit

from ares import Ares
from ares.errors import ConfigError, StoreError, UsageError
from ares.paths import Paths
from ares.textfile import draft_of

RULES = "- {id: mine, answer: deny, reason: r, when: {capability: [notes.add]}}\n"
NIM = ("knowledge", "add", "technologies", "nim", "name=Nim", "success=70", "usage=none yet", "words=nim")

COMMANDS: dict[str, tuple[str, ...]] = {
    "registered": ("modules", "register", "three"),
    "unregistered": ("modules", "unregister", "echo"),
    "used": ("modules", "use", "echo", "1.0"),
    "disabled": ("modules", "disable", "echo"),
    "configured": ("modules", "set", "hosts", "port", "7"),
    "model used": ("models", "use", "built-in"),
}
OWN = ("config", "set", "output.show_work", "always")


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> None:
    """A home with two versions of a module, and a third that is not registered."""
    with Ares.open() as me:
        for name, version in (("one", "1.0"), ("two", "2.0"), ("three", "3.0")):
            folder = Path(name)
            folder.mkdir()
            (folder / "module.yaml").write_text(ECHO.replace('"1.0"', f'"{version}"'))
            (folder / "module.py").write_text(ECHO_CODE)
            if name != "three":
                me.modules.register(folder)


def installed(me: Ares) -> list[Any]:
    """Everything that ares.db holds, but for what can be worked out again; and the copies of modules."""
    tables = ("modules", "capabilities", "configurations", "models")
    rows = [tuple(row) for each in tables for row in me.store.registry.execute(f"SELECT * FROM {each}")]
    return [*rows, *sorted(file for file in me.paths.modules.rglob("*") if file.is_file())]


def state() -> tuple[list[Any], int]:
    """What is installed, and the number of the newest record; nothing is mended for it."""
    with Ares.open(heal=False) as me:
        assert me.ledger.verify().ok
        return installed(me), me.ledger.head().seq


KILLED = """
import os, signal, sys
from ares.store import _store

def connect(database, file):
    connection = real(database, file)
    if database == sys.argv[1]:
        connection.set_trace_callback(lambda sql: die() if sql == "COMMIT" else None)
    return connection

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def audit(event, arguments):
    if event == "os.rename" and sys.argv[1].startswith(".") and sys.argv[1] in str(arguments[0]):
        die()

real, _store.connect = _store.connect, connect
sys.addaudithook(audit)

from ares.cli._main import run

run(sys.argv[2:])
"""


def kill(when: str, *command: str) -> None:
    """Run a command that is killed right before it commits one of the databases, or gives something with
    ``.…`` in its name another name."""
    done = subprocess.run([sys.executable, "-c", KILLED, when, *command], capture_output=True)
    assert done.returncode == -signal.SIGKILL, done


@pytest.mark.parametrize("command", [*COMMANDS.values(), OWN], ids=" ".join)
def test_a_process_killed_before_the_record_is_there_changed_nothing(command: tuple[str, ...]) -> None:
    before, head = state()
    kill("ledger", *command)
    after, seq = state()
    # The copy of a module may be there; it is taken for what it is when the module is registered.
    assert [each for each in after if not isinstance(each, Path)] == [
        each for each in before if not isinstance(each, Path)
    ]
    assert seq == head
    with Ares.open() as me:
        assert me.not_done == ()


@pytest.mark.parametrize(("event", "command"), [*COMMANDS.items(), ("configured", OWN)])
def test_a_process_killed_after_the_record_is_there_is_said_to_have_changed_nothing(
    event: str, command: tuple[str, ...]
) -> None:
    before, head = state()
    kill("registry", *command)
    after, seq = state()
    assert set(before) <= set(after)
    assert seq > head
    with Ares.open() as me:
        assert [(each.seq, each.event) for each in me.not_done] == [
            (number, event) for number in range(head + 1, seq + 1)
        ]
        note = next(me.ledger.records(limit=1))
        assert note.payload == {"event": "not done", "record": seq, "was": event}
        assert me.ledger.verify().ok
    with Ares.open() as me:
        assert me.not_done == ()
        assert me.ledger.head().seq == note.seq
    assert ares(*command).code == 0
    assert state()[1] > note.seq


def test_what_was_not_done_is_said_once_and_doing_it_again_does_it() -> None:
    kill("registry", "modules", "register", "three")
    assert "was not done" not in ares("audit", "show").err
    done = ares("modules", "list")
    assert done.err.count("(echo: registered) was not done; do it again\n") == 1
    assert ares("modules", "register", "three").out.startswith("echo 3.0 registered")
    assert ares("modules", "list").err == ""


def test_a_change_finds_out_what_the_one_before_it_left() -> None:
    kill("registry", "modules", "disable", "echo")
    with Ares.open(heal=False) as me:
        me.modules.configure("hosts", "port", 7)
        events = [record.payload for record in me.ledger.records(limit=3)]
    assert [each["event"] for each in events if isinstance(each, dict)] == [
        "disabled",
        "not done",
        "configured",
    ]


def test_a_file_of_the_owner_is_replaced_after_it_is_on_record(paths: Paths) -> None:
    head = state()[1]
    kill("ledger", *NIM)
    assert state()[1] == head
    kill(".new", *NIM)
    assert state()[1] == head + 1
    (draft,) = paths.config.rglob(".*.new")
    assert not draft.with_name(draft.name[1:-4]).exists()
    with Ares.open() as me:
        assert [each.seq for each in me.not_done] == [head + 1]
    assert not draft.exists()
    # Whoever is killed later than that has done it.
    kill("registry", *NIM)
    assert draft.with_name(draft.name[1:-4]).exists()
    with Ares.open() as me:
        assert me.not_done == ()


def test_a_record_that_cannot_be_committed_leaves_everything_as_it_was(tmp_path: Path) -> None:
    with Ares.open() as me:
        before, head = installed(me), me.ledger.head()
        refuse_to_commit(me.store.ledger)
        changes: list[Callable[[], object]] = [
            lambda: me.modules.register(Path("three")),
            lambda: me.modules.unregister("echo"),
            lambda: me.modules.use("echo", "1.0"),
            lambda: me.modules.disable("echo"),
            lambda: me.modules.configure("hosts", "port", 7),
            lambda: me.write_rules(me.paths.policy_d / "mine.yaml", RULES, ref="notes"),
        ]
        for change in changes:
            with pytest.raises(StoreError):
                change()
        assert installed(me) == before
        assert me.ledger.head() == head
        assert list(me.paths.policy_d.glob("*")) == []


@pytest.mark.parametrize("name", ["ares.db", "ledger.db"])
def test_a_database_that_another_process_holds_is_one_line_and_changes_nothing(
    paths: Paths, name: str
) -> None:
    with Ares.open() as me, closing(sqlite3.connect(paths.home / name, isolation_level=None)) as other:
        before, head = installed(me), me.ledger.head()
        other.execute("BEGIN IMMEDIATE")
        for connection in (me.store.registry, me.store.ledger):
            connection.execute("PRAGMA busy_timeout = 50")
        with pytest.raises(
            StoreError, match=rf"^\S+/{name} is locked by another process; wait until .* done$"
        ):
            me.modules.disable("echo")
        assert (installed(me), me.ledger.head()) == (before, head)
        other.execute("ROLLBACK")
        me.modules.disable("echo")
    with Ares.open() as me:
        assert me.not_done == ()


def test_a_change_that_fails_leaves_no_record_and_no_text_beside_a_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with Ares.open() as me:
        head = me.ledger.head()

        def fail(error: Exception) -> None:
            with me.ledger.change() as change:
                me.registry.disable("echo")
                change.append("echo", {"event": "disabled"})
                change.write(file, "new")
                raise error

        for error in (ConfigError("no"), KeyError("no")):
            with pytest.raises(type(error)):
                fail(error)
        assert me.ledger.head() == head
        assert me.registry.row("echo").enabled
        assert not file.exists()
        assert not draft_of(file).exists()


def test_only_what_is_known_as_a_change_is_recorded_as_one() -> None:
    refused = pytest.raises(UsageError, match="'painted' is not a change; known: registered")
    with Ares.open() as me, me.ledger.change() as change, refused:
        change.append("echo", {"event": "painted"})


def test_a_copy_that_a_killed_process_left_unfinished_is_cleared_away(paths: Paths) -> None:
    kill(".draft-", "modules", "register", "three")
    assert len(list(paths.modules.glob("echo/3.0/.draft-*"))) == 1
    with Ares.open() as me:
        me.modules.unregister("echo", "1.0")
    assert [file.name for file in (paths.modules / "echo").iterdir()] == ["2.0"]


REGISTERING = """
import sys
from pathlib import Path
from ares import Ares

folder = Path(sys.argv[1])
folder.mkdir()
text = Path("one/module.yaml").read_text()
(folder / "module.py").write_bytes(Path("one/module.py").read_bytes())
with Ares.open() as me:
    for number in range(6):
        (folder / "module.yaml").write_text(text.replace('"1.0"', f'"{sys.argv[1]}.{number}"'))
        me.modules.register(folder)
        if number % 2:
            me.modules.unregister("echo", f"{sys.argv[1]}.{number}")
"""


def test_processes_that_register_at_the_same_time_leave_each_others_copies_alone(paths: Paths) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", REGISTERING, name], stderr=subprocess.PIPE, text=True)
        for name in ("7", "8", "9")
    ]
    assert [(each.communicate()[1], each.returncode) for each in running] == [("", 0)] * 3
    with Ares.open() as me:
        rows = [row for row in me.registry.modules() if row.name == "echo"]
        assert len(rows) == 2 + 3 * 3
        assert {row.source for row in rows} == {str(each) for each in paths.modules.glob("echo/*/*")}
        assert [each for row in rows for each in me.modules.departures(row)] == []


def test_ctrl_c_waits_until_both_halves_are_done() -> None:
    def stopped_between(me: Ares) -> None:
        with me.ledger.change() as change:
            signal.raise_signal(signal.SIGINT)
            me.registry.disable("echo")
            change.append("echo", {"event": "disabled"})

    with Ares.open() as me:
        with pytest.raises(KeyboardInterrupt):
            stopped_between(me)
        assert not me.registry.row("echo").enabled
        assert me.ledger.close_changes() == ()


def test_a_registry_that_is_new_says_nothing_of_what_was_recorded_before_it(paths: Paths) -> None:
    for file in paths.home.glob("ares.db*"):
        file.unlink()
    with Ares.open() as me:
        assert me.not_done == ()
        me.modules.disable("notes")
    with Ares.open() as me:
        assert me.not_done == ()


def test_a_registry_from_a_backup_is_told_what_it_lacks(paths: Paths) -> None:
    with Ares.open() as me:
        registry, _ = me.store.backup(paths.backups)
        me.modules.disable("echo")
    for file in paths.home.glob("ares.db*"):
        file.unlink()
    registry.rename(paths.registry_db)
    with Ares.open() as me:
        assert [(each.ref, each.event) for each in me.not_done] == [("echo", "disabled")]


FULL = """
import os, sys
from pathlib import Path
from ares import Ares
from ares.errors import ConfigError, StoreError
from ares.paths import Paths

home = Path(sys.argv[1], "home")
paths = Paths(home, home / "config", home / "cache")
filling = home.parent / "filling"
file = paths.policy_d / "mine.yaml"

def fill(but):
    with open(filling, "wb", buffering=0) as file:
        try:
            while file.write(b"x" * 1024):
                pass
        except OSError:
            pass
        os.ftruncate(file.fileno(), max(0, file.tell() - but))

said = set()
for room in range(0, 200, 8):
    with Ares.open(paths) as me:
        me.modules.enable("hosts")
        fill(room * 1024)
        try:
            me.modules.disable("hosts")
            said.add("done")
        except StoreError as error:
            said.add(str(error))
            assert me.registry.row("hosts").enabled, room
        rule = f"- {{id: r{room}, answer: deny, reason: r, when: {{capability: [notes.add]}}}}\\n"
        filling.unlink()
        fill(room * 1024)
        try:
            me.write_rules(file, rule, ref=str(room))
            written = True
        except (ConfigError, StoreError) as error:
            said.add(str(error))
            written = False
        filling.unlink()
    with Ares.open(paths) as me:
        there = rule in file.read_text() if file.exists() else False
        events = [each.payload["event"] for each in me.ledger.records(ref=str(room))]
        assert events[-1:] == (["rules added"] if there else ["not done"] if events else []), (room, events)
        assert there == written, room
        last = list(me.ledger.records(ref="hosts"))[-1].payload["event"]
        if me.registry.row("hosts").enabled:
            assert last in ("enabled", "not done", "registered"), (room, last)
        else:
            assert last == "disabled", (room, last)
print(*said, sep="\\n")
"""


def test_on_a_full_disk_what_is_in_force_is_what_is_on_record(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = f"mount -t tmpfs -o size=3m none {folder}"
    private = ("unshare", "--mount", *(("--map-root-user",) if os.geteuid() else ()), "sh", "-c")
    if subprocess.run([*private, mount], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a disk of their own, so none can be filled")
    command = f'{mount} && exec "$0" -c "$1" {folder}'
    run = subprocess.run([*private, command, sys.executable, FULL], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    said = run.stdout.splitlines()
    assert "done" in said
    assert any("the disk is full; free some space" in each for each in said)
