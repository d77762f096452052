"""Whatever stops it, wherever it stands: the record is true, and the next run goes on."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.console import ARES, Console, ares, environment, records

import ares as package
from ares import Ares
from ares.paths import Paths

QUESTION = "Do it? yes / no / edit / explain / always [no] "

MANIFEST = """
name: slow
display_name: Slow
version: 1.0.0
type: tool
description: Stands still at one stage of its work.
entry_point: module.py
isolation: in-process
capabilities:
  - name: work
    description: Write a word into a file
    effect: write
    reversible: true
    undo: {capability: slow.work, arguments: {at: none}}
    keep: true
    verify: true
    input:
      type: object
      properties: {at: {type: string}}
      required: [at]
      additionalProperties: false
    output: {type: object}
    examples: ["work slowly at {at}"]
"""

CODE = """
from pathlib import Path
from ares.runtime.hookspecs import hookimpl
from ares.runtime import Operation

HERE = Path(WHERE)

def stage(name):
    def stand(arguments, *rest):
        context = rest[-1]
        if name == "run":
            (HERE / "written").write_text("x")
        if arguments["at"] == name:
            print(f"<{name}>", flush=True)
            while True:
                pass
        return [("it is written", (HERE / "written").exists(), "")] if name == "verify" else {}
    return stand

@hookimpl
def ares_operations():
    return {"work": Operation(stage("run"), keep=stage("keep"), verify=stage("verify"))}
"""


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A registered module that stands still where it is told to; gives the folder that it writes to."""
    folder = tmp_path / "slow"
    folder.mkdir()
    (folder / "module.yaml").write_text(MANIFEST)
    (folder / "module.py").write_text(CODE.replace("WHERE", repr(str(tmp_path))))
    with Ares.open() as me:
        me.modules.register(folder)
    return tmp_path


def of(kind: str) -> list[dict[str, Any]]:
    return [record["payload"] for record in records(kind, "slow.work")]


def assert_sound() -> None:
    """The ledger verifies, and a later run finds nothing that is still to be ended."""
    before = len(records())
    assert ares("audit", "verify").code == 0
    assert ares("status", "--json").json["unfinished"] == []
    assert len(records()) == before


def ctrl_c(console: Console) -> None:
    console.send("\x03")


def told_to_end(console: Console) -> None:
    console.kill(signal.SIGTERM)


def hang_up(console: Console) -> None:
    console.hang_up()


STOPS = [ctrl_c, told_to_end, hang_up]


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize(
    ("stage", "status", "error", "written"),
    [
        ("keep", "failed", "keep: interrupted", False),
        ("run", "unknown", "interrupted", True),
        ("verify", "unknown", "verify: interrupted", True),
    ],
)
def test_what_is_stopped_at_work_is_no_success(
    slow: Path, stage: str, status: str, error: str, written: bool, stop: Callable[[Console], None]
) -> None:
    with Console("run", "slow.work", f"at={stage}") as console:
        console.answer(QUESTION, "yes")
        console.expect(f"<{stage}>")
        stop(console)
        assert console.finish() == 130
    (outcome,) = of("outcome")
    assert (outcome["status"], outcome["error"], outcome["summary"]) == (status, error, "")
    assert (slow / "written").exists() == written
    assert_sound()


@pytest.mark.parametrize(
    ("stop", "note"),
    [
        (ctrl_c, "interrupted with Ctrl-C"),
        (told_to_end, "told to end"),
        (hang_up, "the terminal was closed"),
    ],
)
def test_what_is_stopped_at_the_question_is_a_recorded_no(
    slow: Path, stop: Callable[[Console], None], note: str
) -> None:
    with Console("run", "slow.work", "at=none") as console:
        console.expect(QUESTION)
        stop(console)
        assert console.finish() == 130
    assert of("approval") == [{"yes": False, "by": "terminal", "note": note}]
    assert [outcome["status"] for outcome in of("outcome")] == ["denied"]
    assert not of("intent")
    assert not (slow / "written").exists()
    assert_sound()


def test_what_was_done_and_could_not_be_recorded_is_said_and_unknown_later(slow: Path) -> None:
    database = sqlite3.connect(Paths.find().ledger_db, isolation_level=None)
    database.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON records WHEN new.kind = 'outcome'"
        " BEGIN SELECT RAISE(ABORT, 'no room'); END"
    )
    with Console("run", "slow.work", "at=none", columns=400) as console:
        console.answer(QUESTION, "yes")
        console.expect("ares: slow.work was run, and what came of it could not be recorded: ")
        assert console.finish() == 8
    assert (slow / "written").exists()
    database.execute("DROP TRIGGER refuse")
    database.close()
    assert "slow.work" in ares("status").err
    assert [outcome["status"] for outcome in of("outcome")] == ["unknown"]
    assert_sound()


def test_a_terminal_that_goes_while_endings_are_not_minded_is_a_no(slow: Path) -> None:
    command = ("/bin/sh", "-c", "trap '' HUP; exec \"$@\"", "sh", *ARES)
    with Console("run", "slow.work", "at=none", command=command) as console:
        console.expect(QUESTION)
        console.hang_up()
        assert console.finish() == 4
    assert [approval["note"] for approval in of("approval")] == ["the terminal was closed"]
    assert_sound()


def test_after_ctrl_c_at_one_of_several_questions_none_is_done() -> None:
    with Console("do", "show uptime and note down buy milk and then note down buy bread") as console:
        console.answer("all / none / one by one [none] ", "one by one")
        console.answer(QUESTION, "yes")
        console.expect(QUESTION)
        ctrl_c(console)
        assert console.finish() == 130
    assert "up for" not in console.text
    assert [record["payload"]["status"] for record in records("outcome")] == ["denied"] * 3
    assert not records("intent")


def test_nothing_is_imported_before_ctrl_c_is_minded() -> None:
    code = "import sys; before = {*sys.modules}; import ares.cli; print(*sorted({*sys.modules} - before))"
    assert package.__file__ is not None
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        env={**environment(), "PYTHONPATH": str(Path(package.__file__).parents[1])},
    )
    assert done.stdout.split() == ["__future__", "ares", "ares.cli"]


@pytest.mark.parametrize("module", ["contextlib", "typer"])
def test_ctrl_c_while_the_program_loads_is_an_exit_code_and_no_word(tmp_path: Path, module: str) -> None:
    (tmp_path / f"{module}.py").write_text("raise KeyboardInterrupt\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    code = "import sys\nfrom ares.cli import main\nsys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "status"],
        capture_output=True,
        text=True,
        env={**environment(), "PYTHONPATH": path},
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_ctrl_c_without_a_terminal_is_one_line() -> None:
    running = subprocess.Popen(
        [*ARES, "chat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write("show uptime\n")
    running.stdin.flush()
    assert running.stdout.readline().startswith("up for")
    running.send_signal(signal.SIGINT)
    _, said = running.communicate()
    assert running.returncode == 130
    assert said.splitlines()[-1] == "ares: interrupted"
    assert "" not in said.splitlines()


def test_a_resized_terminal_changes_nothing_but_the_width(slow: Path) -> None:
    with Console("run", "slow.work", "at=none", columns=120) as console:
        console.expect(QUESTION)
        console.resize(40)
        console.send("explain\n")
        shown = console.expect(QUESTION)
        console.send("yes\n")
        assert console.finish() == 0
    lines = shown.removeprefix("explain\n").splitlines()
    assert max(len(line) for line in lines if line.startswith("  ")) <= 41
    assert [outcome["status"] for outcome in of("outcome")] == ["ok"]
