"""What Tab offers in bash, zsh and fish: through the entry that the scripts of `ares completion` call."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.console import ares, environment
from tests.runtime.samples import ECHO, ECHO_CODE

from ares import Ares
from ares.cli._offers import offers
from ares.core import Value
from ares.paths import Paths

HOSTILE = "q\\$(touch ran)`touch ran`';touch ran;\"'[/b] a  b:*"


def bash(line: str) -> list[str]:
    """What bash is given for a line; it cuts words at = : and @ as well."""
    words = [piece for piece in re.split(r"\s+|([=:@]+)", line) if piece]
    at = len(words) if line.endswith(" ") else len(words) - 1
    asked = {"_ARES_COMPLETE": "complete_bash", "COMP_WORDS": "\n".join(words), "COMP_CWORD": str(at)}
    return [each for each in answered(asked).splitlines() if each]


def zsh(line: str) -> str:
    return answered({"_ARES_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": line})


def fish(line: str) -> list[list[str]]:
    """What fish is given for a line: each candidate, and its label when it has one."""
    asked = {"_TYPER_COMPLETE_FISH_ACTION": "get-args", "_TYPER_COMPLETE_ARGS": line}
    lines = answered({"_ARES_COMPLETE": "complete_fish", **asked}).splitlines()
    return [each.split("\t") for each in lines if each]


def answered(asked: dict[str, str]) -> str:
    done = ares(environ=asked)
    assert done.err == ""
    return done.out


def note(*texts: str) -> None:
    with Ares.open() as me:
        for text in texts:
            assert me.perform("notes.add", text=text, approve=lambda proposal: True).ok


def in_shell(shell: str, script: str, folder: Path) -> str:
    """Run a script in a real shell in which `ares` is a command."""
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"needs {shell}")
    folder.mkdir(exist_ok=True)
    program = folder / "ares"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m ares "$@"\n')
    program.chmod(0o700)
    env = {**environment(), "PATH": f"{folder}:{os.environ['PATH']}"}
    bare = [found, "-f" if shell == "zsh" else "--norc", "-c", script]
    done = subprocess.run(bare, capture_output=True, text=True, env=env)
    assert done.stderr == ""
    return done.stdout


def test_the_arguments_of_a_capability_are_offered_until_they_are_given() -> None:
    assert fish("ares run processes ") == [["sort=", "what to order by"], ["limit=", "how many to show"]]
    assert bash("ares run processes ") == ["sort=", "limit="]
    assert bash("ares run processes li") == ["limit=", "limit=…"]
    assert bash("ares run processes limit=3 ") == ["sort=cpu", "sort=memory"]
    assert bash("ares run processes limit=3 sort=cpu ") == []


def test_choices_and_live_values_are_offered_behind_the_name_of_an_argument(tmp_path: Path) -> None:
    Path("some file.txt").touch()
    assert bash("ares run processes sort=") == ["cpu", "memory"]
    assert bash("ares run processes sort=m") == ["memory"]
    assert bash("ares run files.read path=some") == ["some\\ file.txt"]
    assert fish("ares run processes sort=m") == [["sort=memory"]]
    assert ["zone=Europe/Berlin", "Berlin"] in fish("ares run clock.now zone=Europe/")
    assert fish("ares run notes.add text=") == []


def test_notes_are_offered_by_their_numbers_with_their_texts_as_labels() -> None:
    note("buy milk", "call mum:\nat noon", "gone")
    with Ares.open() as me:
        assert me.perform("notes.delete", note="3", approve=lambda proposal: True).ok
    offered = [["note=2", "call mum: at noon"], ["note=1", "buy milk"]]
    assert fish("ares run notes.delete note=") == offered
    assert fish("ares run notes.delete ") == offered
    assert bash("ares run notes.delete note=") == ["2", "1"]
    assert fish("ares run notes.restore note=") == [["note=3", "gone"]]


def test_bash_replaces_what_follows_the_last_sign_that_it_cuts_words_at(tmp_path: Path) -> None:
    for name in ("a:b@c=d", "a:b@c=e"):
        Path(name).touch()
    assert bash("ares run files.read path=a:b") == ["b@c=d", "b@c=e"]
    assert bash("ares run files.read path=a:b@c=e") == ["e"]
    assert bash("ares run files.read 'path=a") == []
    assert bash("ares modules list --type=mon") == bash("ares modules list --type mon")


BASH = """
eval "$(ares completion bash)"; COMP_WORDS=(ares run files.read path = q); COMP_CWORD=5
_ares_completion ares; eval "printf %s ${COMPREPLY[0]}"
"""
ZSH = """
_describe() {{ print -r -- "${{offered[1]}}" }}; compdef() {{ }}
eval "$(ares completion zsh)"; words=(ares run {} {}); CURRENT=4; _ares_completion
"""


def test_bash_runs_and_changes_nothing_that_it_is_offered(tmp_path: Path) -> None:
    name = HOSTILE.replace("/", "|")
    Path(name).touch()
    assert in_shell("bash", BASH, tmp_path / "bin") == name
    assert os.listdir() == [name]


def test_zsh_runs_and_changes_nothing_that_it_is_offered(tmp_path: Path) -> None:
    name = HOSTILE.replace("/", "|")
    Path(name).touch()
    note(HOSTILE)
    for command, word, expected in (
        ("files.read", "path=q", f"path={name}"),
        ("notes.delete", "note=", f"note=1:{' '.join(HOSTILE.split())}"),
    ):
        shown = in_shell("zsh", ZSH.format(command, word), tmp_path / "bin")
        # _describe takes a backslash before what it would take for something else.
        assert re.sub(r"\\(.)", r"\1", shown) == f"{expected}\n"
    assert os.listdir() == [name]


def broken_module(tmp_path: Path) -> None:
    manifest = ECHO.replace("text: {type: string", "text: {x-offers: echo.texts, type: string")
    (tmp_path / "echo").mkdir()
    (tmp_path / "echo" / "module.yaml").write_text(manifest)
    code = (
        "\n\n@hookimpl\ndef ares_values(source, context):\n    print('loud')\n    raise ValueError('loud')\n"
    )
    (tmp_path / "echo" / "module.py").write_text(ECHO_CODE + code)
    assert ares("register", str(tmp_path / "echo")).code == 0


def broken_database(tmp_path: Path) -> None:
    Paths.find().home.mkdir()
    Paths.find().registry_db.mkdir()


def cut_off(tmp_path: Path) -> None:
    with Ares.open() as me:
        me.ledger.append("event", "echo", {"event": "disabled"})


@pytest.mark.parametrize("trouble", [broken_module, broken_database, cut_off])
@pytest.mark.parametrize(
    "word", ["ares run echo.say text=", "ares run nothing.here a", "ares modules show zz"]
)
def test_a_shell_that_asks_hears_of_no_trouble(trouble: object, word: str, tmp_path: Path) -> None:
    assert callable(trouble)
    trouble(tmp_path)
    assert bash(word) == []
    assert fish(word) == []
    assert zsh(word) in ("_files\n", "")


def test_asking_adds_nothing_to_the_record() -> None:
    with Ares.open() as me:
        me.ledger.append("event", "echo", {"event": "disabled"})
        before = me.ledger.head()
    assert bash("ares run clock.") == ["clock.now", "clock.convert", "clock.until"]
    with Ares.open(heal=False) as me:
        assert me.ledger.head() == before


def test_what_an_argument_takes_is_offered_as_it_is_typed() -> None:
    def live(source: str) -> list[Value]:
        return [Value(f"{source}!", label=" a\nlabel\u202e " + "x" * 99)]

    assert offers({"enum": ["a", 1, True, None]}, live) == [("a", ""), ("1", ""), ("true", ""), ("null", "")]
    assert offers({"type": "boolean"}, live) == [("true", ""), ("false", "")]
    assert offers({"type": "array", "items": {"enum": ["a"]}}, live) == [("a", "")]
    for keyword in ("x-values", "x-offers"):
        ((value, label),) = offers({"type": "string", keyword: "m.n"}, live)
        assert value == "m.n!"
        assert label.startswith("a label\\u202e x")
        assert len(label) == 60
    assert offers({"type": "string"}, live) == []
