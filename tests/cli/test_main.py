"""What holds for every command: help, errors, exit codes, streams, and what is not imported."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.console import ARES, PATIENCE, Console, ares, environment
from tests.cli.lines import commands, options, problem

from ares.cli import ExitCode
from ares.cli._lazy import COMMANDS
from ares.core import Module
from ares.errors import AresError
from ares.inference.models import built_in_model

HEAVY = (
    "rich", "yaml", "httpx", "llama_cpp", "numpy", "torch", "sqlite_utils", "psutil", "pluggy",
    "pydantic", "jsonschema",
)  # fmt: skip

READING = (
    ("status",),
    ("version",),
    ("doctor",),
    ("list",),
    ("modules", "list"),
    ("modules", "show", "system"),
    ("capabilities",),
    ("capabilities", "files.delete"),
    ("models", "list"),
    ("audit", "show"),
    ("audit", "verify"),
    ("audit", "head"),
    ("knowledge", "list"),
    ("knowledge", "show", "sqlite"),
    ("undo", "--list"),
    ("config", "list"),
    ("config", "get", "model"),
    ("run", "system.uptime"),
)


def imported_by(*arguments: str) -> set[str]:
    code = (
        "import sys\nfrom ares.cli._main import run\n"
        f"code = run({list(arguments)!r})\n"
        "print(*sys.modules, file=sys.stderr)\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stderr.split()}


@pytest.mark.parametrize("arguments", [("--help",), ("status",), ("status", "--json"), ("version",)])
def test_a_small_command_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    # The first run registers the bundled modules, which takes yaml.
    assert ares("status").code == 0
    assert not imported_by(*arguments).intersection(HEAVY)


def test_help_of_the_root_imports_no_command() -> None:
    code = "import sys\nfrom ares.cli._main import run\nrun(['--help'])\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    found = [name for name in done.stderr.split() if name.startswith(("ares.cli.commands.", "ares.api"))]
    assert found == []


def test_status_loads_no_noun_and_no_runtime_that_it_does_not_need() -> None:
    assert ares("status").code == 0
    code = "import sys\nfrom ares.cli._main import run\nrun(['status'])\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ares.ledger" in done.stderr.split()
    costly = {"_capability", "_judgement", "_passage", "_proposal"}
    unneeded = {"ares.runtime._runtime", "hashlib", *(f"ares.core.{name}" for name in costly)}
    assert not unneeded.intersection(done.stderr.split())


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_has_help_with_a_description_and_an_example(name: str) -> None:
    long, short = ares(*name.split(), "--help"), ares(*name.split(), "-h")
    assert long.code == 0
    assert long.out == short.out
    assert "\x1b" not in long.out
    examples = long.out.partition("Examples:\n")[2].strip().splitlines()
    assert examples
    for line in examples:
        assert line.strip().startswith(f"ares {name}")


@pytest.mark.parametrize(
    "name", ["", *(name for name, command in commands() if hasattr(command, "commands"))]
)
def test_no_command_is_cut_short_in_a_list_of_commands(name: str) -> None:
    listed = ares(*name.split(), "--help").out.partition("Commands:\n")[2]
    assert listed
    assert "..." not in listed


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_no_help_names_a_type_of_the_programming_language(name: str) -> None:
    assert not re.search(r"<?\b(int|str|bool|float|TEXT|INTEGER|PATH)\b>", ares(*name.split(), "--help").out)


def test_the_help_of_list_names_the_types() -> None:
    text = " ".join(ares("list", "--help").out.split()).replace("- ", "-")
    assert all(each in text for each in Module.TYPES)


@pytest.mark.parametrize(
    "line",
    [
        line.strip()
        for _, command in commands()
        for line in command.epilog.splitlines()
        if line.strip().startswith("ares ")
    ],
)
def test_every_example_is_a_real_command_line(line: str) -> None:
    assert problem(line) == ""


@pytest.mark.parametrize(
    "line", ["ares frob", "ares do", "ares audit show --sine 3", "ares status extra", "ares do 'x"]
)
def test_the_check_of_examples_can_fail(line: str) -> None:
    assert problem(line)


def empties() -> list[str]:
    """Return a line for each parameter of each command that takes a value, which is empty in it."""
    found: list[str] = []
    for name, command in commands():
        if hasattr(command, "commands"):
            continue
        before = ""
        for param in command.params:
            if param.param_type_name == "argument":
                found.append(f"ares {name}{before} ''")
                before += " x"
            elif not param.is_flag:
                found.append(f"ares {name} {param.opts[0]} ''")
                found.append(f"ares {name} {param.opts[0]}=")
    return found


@pytest.mark.parametrize("line", empties())
def test_an_empty_value_is_refused_by_every_command_unless_it_is_that_of_a_setting(line: str) -> None:
    settings = ("ares config set x ''", "ares modules set x x ''")
    assert ("it is empty" in problem(line)) == (line not in settings), problem(line)


@pytest.mark.parametrize("arguments", [("undo", ""), ("audit", "show", "--since", " "), ("register", "")])
def test_what_an_unset_variable_leaves_is_one_line_and_does_nothing(arguments: tuple[str, ...]) -> None:
    done = ares(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "it is empty, as a shell variable is that was not set; see `ares" in done.err
    assert len(done.err.splitlines()) == 1


def test_a_setting_can_be_made_empty() -> None:
    assert ares("config", "set", "model", "built-in").code == 0
    assert ares("config", "set", "model", "").code == 0
    assert ares("config", "get", "model").out == ""


def test_the_short_help_of_every_stub_is_that_of_its_command() -> None:
    short = {name: command.get_short_help_str(200) for name, command in commands() if " " not in name}
    assert {name: text.rstrip(".") for name, text in COMMANDS.items()} == {
        name: text.rstrip(".") for name, text in short.items()
    }


@pytest.mark.parametrize("arguments", READING)
def test_every_reading_command_writes_one_json_document(arguments: tuple[str, ...]) -> None:
    done = ares(*arguments, "--json")
    assert done.code == 0, done.err
    assert done.json is not None
    plain = ares(*arguments)
    assert plain.code == 0
    assert "\x1b" not in plain.out + plain.err


def test_every_command_that_reads_offers_json() -> None:
    acting = {f"modules {name}" for name in ("unregister", "enable", "disable", "prefer", "use", "set")}
    acting |= {"models add", "models use", "config set", "policy import", "chat", "completion"}
    acting |= {"audit export"}
    acting |= {f"knowledge {name}" for name in ("add", "admit", "used", "promote")}
    acting |= {name for name, command in commands() if hasattr(command, "commands")}
    offering = {name for name, command in commands() if "--json" in options(command)}
    assert {name for name, _ in commands()} - offering == acting


def test_an_empty_setting_is_explained_beside_an_empty_stdout() -> None:
    got = ares("config", "get", "model")
    assert (got.code, got.out) == (0, "")
    assert got.err.startswith("model is empty (name or file of the model")


def test_exit_codes_of_errors_are_in_the_table() -> None:
    def tree(kind: type[AresError]) -> list[type[AresError]]:
        return [kind, *(each for sub in kind.__subclasses__() for each in tree(sub))]

    assert {kind.exit_code for kind in tree(AresError)} <= {int(code) for code in ExitCode}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "Usage: ares"),
        (("frob",), 2, "No such command"),
        (("stats",), 2, "Did you mean 'status'"),
        (("status", "--frob"), 2, "ares status --help"),
        (("run", "system.dsk"), 2, "system.disk"),
        (("run", "system.disk", "path"), 2, "key=value"),
        (("run", "system.processes", "limit=many"), 2, "limit takes a whole number"),
        (("run", "system.processes", "limit=0"), 2, "limit"),
        (("list", "--type", "foo"), 2, "the types are integration, tool, monitor, ai-feature"),
        (("modules", "list", "--type"), 2, "see `ares modules list --help`"),
        (("status", "--json=1"), 2, "see `ares status --help`"),
        (("audit", "show", "--limit", "-1"), 2, "'-1' is not a whole number from 0"),
        (("audit", "show", "--limit", "many"), 2, "'many' is not a whole number from 0"),
        (("completion",), 2, "Choose from: bash, zsh, fish"),
        (("modules", "set", "hosts", "port", "many"), 2, "hosts.port takes a whole number, not"),
        (("modules", "set", "hosts", "prot", "9"), 2, "module hosts has no setting 'prot'"),
        (("models", "show", "nothing"), 2, "known: built-in"),
        (("modules", "show", "nothing"), 2, "there is no module 'nothing'"),
        (("register", "/nowhere"), 2, "/nowhere"),
        (("config", "get", "frob"), 2, "there is no setting 'frob'"),
        (("config", "set", "agent.offer", "many"), 2, "whole number"),
        (("models", "use", "nothing"), 2, "there is no model 'nothing'"),
        (("models", "add", "x", "/nowhere.gguf"), 7, "/nowhere.gguf"),
        (("audit", "show", "--since", "yesterday"), 2, "not a date"),
        (("audit", "show", "--since", "0001-01-01T00:00+14:00"), 2, "not a date"),
        (("audit", "verify", "--head", "zzz"), 2, "zzz"),
        (("undo",), 3, "nothing can be taken back"),
        (("undo", "--json"), 3, "nothing can be taken back"),
        (("audit", "show", "999"), 2, "999"),
        (("audit", "show", "a123"), 2, "nothing in the ledger is about 'a123'"),
        (("modules", "unregister", "nothing"), 2, "there is no module 'nothing'"),
        (("knowledge", "show", "nothing"), 2, "nothing known has the id 'nothing'"),
        (("undo", "a123"), 2, "a123"),
        (("capabilities", "zzzz"), 3, "nothing fits"),
    ],
)
def test_a_mistake_gets_a_clear_line_and_its_exit_code(
    arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = ares(*arguments)
    assert (done.code, done.out) == (code, "")
    assert words in done.err
    assert "Traceback" not in done.err
    assert not re.search(r"\\u0009|\b(int|str|bool|dict|None|range)\b|the database", done.err)
    if arguments:
        assert len(done.err.splitlines()) == 1


def test_a_home_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = ares("status", environ={"ARES_HOME": str(tmp_path / "file")})
    assert done.code == 8
    assert len(done.err.splitlines()) == 1
    assert str(tmp_path / "file") in done.err


def test_ares_debug_shows_where_an_error_comes_from() -> None:
    done = ares("modules", "show", "nothing", environ={"ARES_DEBUG": "1"})
    assert done.code == 2
    assert "Traceback" in done.err
    assert done.err.splitlines()[-1].startswith("ares: there is no module")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("audit", "show"), 0),
        (("capabilities", "--json"), 0),
        (("do", "show uptime and then note down buy milk"), 11),
        (("do", "--json", "show uptime and then note down buy milk"), 11),
    ],
)
def test_a_reader_that_stopped_reading_changes_no_exit_code(arguments: tuple[str, ...], code: int) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*ARES, *arguments],
        stdout=writing,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env={**environment(), "ARES_OUTPUT_SHOW_WORK": "never"},
    )
    os.close(writing)
    assert done.returncode == code
    assert "pipe" not in done.stderr.lower()
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_defect(closed: str) -> None:
    command = ("/bin/sh", "-c", f'exec "$@" {closed}', "sh", *ARES)
    done = subprocess.run([*command, "version"], capture_output=True, text=True, env=environment())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ares ") == (">&-" not in closed or closed == "2>&-")
    wrong = subprocess.run([*command, "frob"], capture_output=True, text=True, env=environment())
    assert (wrong.returncode, wrong.stdout) == (2, "")


def test_messages_that_nobody_can_read_change_no_exit_code() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([*ARES, "frob"], stdout=subprocess.PIPE, stderr=full, env=environment())
    assert (done.returncode, done.stdout) == (2, b"")


def test_what_a_terminal_cannot_draw_is_shown_as_an_escape() -> None:
    done = ares("capabilities", "m\u00fcll", environ={"PYTHONIOENCODING": "ascii"})
    assert done.code == 3
    assert done.err.startswith("nothing fits 'm\\xfcll'")


def test_what_is_left_to_do_at_the_end_is_done_and_written() -> None:
    code = "import atexit, sys\nfrom ares.cli import main\natexit.register(print, 'last')\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", code, "version"], capture_output=True, text=True, env=environment()
    )
    assert done.stdout.splitlines()[1:] == ["last"]


def test_a_full_disk_behind_stdout_is_one_line() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*ARES, "version"], stdout=full, stderr=subprocess.PIPE, text=True, env=environment()
        )
    assert done.returncode == 1
    assert done.stderr == (
        "ares: stdout takes nothing more: No space left on device; what was done is in `ares audit show`\n"
    )


@pytest.mark.parametrize("variable", ["NO_COLOR=1", "TERM=dumb", ""])
def test_colour_only_where_it_is_wanted(variable: str) -> None:
    command = ("/usr/bin/env", "TERM=xterm", *filter(None, [variable]), *ARES)
    with Console("modules", "list", command=command, columns=100) as console:
        assert console.finish() == 0
    assert ("\x1b" in console.text) == (variable == "")
    assert "system" in console.text


def test_a_table_in_a_narrow_terminal_is_folded_and_not_cut() -> None:
    command = ("/usr/bin/env", "TERM=xterm", *ARES)
    with Console("capabilities", command=command, columns=40) as console:
        assert console.finish() == 0
    assert "…" not in console.text
    joined = "".join(console.text.split())
    assert "hosts.remo" in joined


def test_the_version_is_the_same_everywhere() -> None:
    version = ares("version", "--json").json["ares"]
    assert ares("version").out == ares("--version").out == f"ares {version}\n"


@pytest.mark.parametrize(
    ("words", "expected"), [("aud", "audit"), ("audit ver", "verify"), ("do --dr", "--dry-run")]
)
def test_completion_offers_commands_and_options(words: str, expected: str) -> None:
    environ = {
        "_ARES_COMPLETE": "complete_bash",
        "COMP_WORDS": f"ares {words}",
        "COMP_CWORD": str(len(words.split())),
    }
    assert ares(environ=environ).out.split() == [expected]


def test_completion_offers_the_names_of_capabilities() -> None:
    environ = {"_ARES_COMPLETE": "complete_bash", "COMP_WORDS": "ares run clock.", "COMP_CWORD": "2"}
    assert ares(environ=environ).out.split() == ["clock.now", "clock.convert", "clock.until"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh is installed on this machine")
@pytest.mark.parametrize("before", ["", "autoload -Uz compinit && compinit -i\n"])
def test_a_zsh_completes_whether_or_not_its_owner_set_completion_up(tmp_path: Path, before: str) -> None:
    script = ares("completion", "zsh").out
    assert script.startswith("#compdef ares\n")
    (tmp_path / ".zshrc").write_text(before + script)
    # What /etc says comes before the owner's own file, and may load completion: -o keeps it out.
    done = subprocess.run(
        ["zsh", "-o", "no_global_rcs", "-i", "-c", "print -r -- $_comps[ares]"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**environment(), "ZDOTDIR": str(tmp_path)},
        timeout=PATIENCE,
        start_new_session=True,
    )
    assert (done.stdout, done.stderr) == ("_ares_completion\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_is_for_ares(shell: str) -> None:
    assert "_ARES_COMPLETE=complete_" in ares("completion", shell).out


def test_a_working_folder_whose_name_is_no_text_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = os.fsencode(Path.cwd()) + b"/\xff\xfe"
    os.mkdir(folder)
    monkeypatch.chdir(os.fsdecode(folder))
    Path("f.txt").write_text("mine")
    for command in (
        ("run", "files.list"),
        ("run", "files.find", "name=f"),
        ("run", "files.read", "path=f.txt"),
        ("run", "files.write", "path=g.txt", "text=x"),
        ("run", "files.delete", "path=f.txt"),
        ("do", "list the files here"),
    ):
        done = ares(*command)
        assert (done.code, done.out) == (2, "")
        assert done.err.count("\n") == 1
        assert "has bytes that are not UTF-8 text; rename the folder that is named so" in done.err
    assert ares("run", "files.list", "path=~").code == 0
    assert os.listdir() == ["f.txt"]


def test_a_model_whose_vocabulary_was_damaged_is_refused_before_it_is_loaded() -> None:
    """Cut at the NUL, this token is another one as well, and llama.cpp would end the process."""
    assert ares("models", "list").code == 0
    good = built_in_model().read_bytes()
    second = good.index(b"<|email|>") + 1
    file = Path("some.gguf")
    file.write_bytes(good)
    assert ares("models", "add", "some", str(file)).code == 0
    file.write_bytes(good[:second] + b"\0" + good[second + 1 :])
    for command in (
        ("models", "add", "other", str(file)),
        ("models", "use", "some"),
        ("do", "--model", str(file), "how full is the disk?"),
    ):
        done = ares(*command)
        assert (done.code, done.out) == (7, "")
        assert re.fullmatch(
            r"ares: .*some\.gguf: damaged GGUF file, 1 tokens of .*; fetch it again\n", done.err
        )


@pytest.mark.parametrize(
    "line", ["files.list path=", "system.disk path=", "files.copy source= destination=x"]
)
def test_an_empty_path_is_none_and_not_the_working_folder(line: str) -> None:
    done = ares("run", *line.split())
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert "must not be empty" in done.err
