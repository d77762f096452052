"""Approval in a real terminal. Capabilities that change something ask; `notes.add` stands for them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.cli.console import ARES, Console, ares, records, unwrapped

from ares import Ares

QUESTION = "Do it? yes / no / edit / explain / always [no] "
NOTE = ("run", "notes.add", "text=buy milk")


def notes() -> list[str]:
    with Ares.open() as me:
        result: Any = me.perform("notes.list").result
    return [note["text"] for note in result["notes"]]


def approval() -> dict[str, object]:
    payload: dict[str, object] = records("approval")[-1]["payload"]
    return payload


@pytest.mark.parametrize("word", ["yes", "y", "YES "])
def test_yes_does_it_and_the_ledger_says_who_said_so(word: str) -> None:
    with Console(*NOTE) as console:
        console.answer(QUESTION, word)
        assert console.finish() == 0
    assert notes() == ["buy milk"]
    assert approval() == {"yes": True, "by": "terminal", "note": ""}


@pytest.mark.parametrize(
    ("keys", "note"),
    [
        ("no\n", ""),
        ("\n", ""),
        ("\x04", "end of input"),
        ("yes\x04\x04", "end of input"),
        ("y\x04e\x04s\x04\x04", "end of input"),
        ("perhaps\nsure\nok\n", "no clear answer in 3 tries"),
    ],
)
def test_anything_but_yes_is_a_no(keys: str, note: str) -> None:
    with Console(*NOTE) as console:
        for line in keys.splitlines(keepends=True):
            console.expect(QUESTION)
            console.send(line)
        assert console.finish() == 4
    assert notes() == []
    assert approval() == {"yes": False, "by": "terminal", "note": note}
    assert records("outcome", "notes.add")[-1]["payload"]["status"] == "denied"
    assert not records("intent", "notes.add")


@pytest.mark.parametrize(
    "keys",
    [
        "yes please\n",
        "y e s\n",
        "\x1b[Cyes\n",
        "\u0443es\n",
        "\uff59\uff45\uff53\n",
        "\u1ef3es\n",
        "ye\u200bs\n",
        "yes\nno\n",
        "yes\nand more\n",
        "hello\nyes\n",
        "\nyes\n",
        "\n\nyes\n\n",
        "yes\n\n",
        "\n\n",
        "no\nyes\n",
        "x" * 3000 + "yes\n",
    ],
)
def test_what_only_looks_like_yes_or_comes_with_more_is_asked_about_again(keys: str) -> None:
    with Console(*NOTE) as console:
        console.expect(QUESTION)
        console.send(keys)
        console.expect("Please answer yes / no / edit / explain / always.\n")
        console.answer(QUESTION, "")
        assert console.finish() == 4
    assert notes() == []


@pytest.mark.parametrize("keys", ["\nyes\n", "yes\n\n", "\n\nyes\n\n", "perhaps\n"])
def test_what_is_pasted_writes_no_rule(keys: str, tmp_path: Path) -> None:
    with Console(*NOTE) as console:
        console.answer(QUESTION, "always")
        console.expect("Write it, and do the action now? yes / no [no] ")
        console.send(keys)
        console.expect("Please answer yes / no.\n")
        console.answer("Write it, and do the action now? yes / no [no] ", "no")
        console.answer(QUESTION, "no")
        assert console.finish() == 4
    assert not (tmp_path / "ares" / "config" / "policy.d").exists()


@pytest.mark.parametrize("keys", ["\nall\n", "all\n\n", "\nall\n\n", "one by one\nyes\n"])
def test_what_is_pasted_does_not_do_several_actions(keys: str) -> None:
    with Console("do", "note down buy milk and then note down buy bread") as console:
        console.expect("all / none / one by one [none] ")
        console.send(keys)
        console.expect("Please answer all / none / one by one.\n")
        console.answer("all / none / one by one [none] ", "")
        assert console.finish() == 4
    assert notes() == []


def test_several_lines_are_no_new_value() -> None:
    with Console(*NOTE) as console:
        console.answer(QUESTION, "edit")
        console.answer("new value (empty keeps it): ", "buy bread\nyes")
        console.expect("Please give one line.\n")
        console.answer("new value (empty keeps it): ", "buy bread")
        assert unwrapped(console.expect(QUESTION), "text") == '"buy bread"'
        console.send("no\n")
        assert console.finish() == 4


def test_a_megabyte_of_keys_is_no_yes() -> None:
    with Console(*NOTE) as console:
        console.expect(QUESTION)
        for _ in range(256):
            console.send("yes " * 1024)
            console.expect("yes")
        console.send("\nno\n")
        console.expect(QUESTION)
        console.send("\x04")
        assert console.finish() == 4
    assert notes() == []


def test_ctrl_c_at_the_question_is_a_recorded_no() -> None:
    with Console(*NOTE) as console:
        console.expect(QUESTION)
        console.send("\x03")
        assert console.finish() == 130
    assert notes() == []
    assert approval() == {"yes": False, "by": "terminal", "note": "interrupted with Ctrl-C"}
    assert records("outcome", "notes.add")[-1]["payload"]["status"] == "denied"


def test_what_was_typed_before_the_question_is_thrown_away(tmp_path: Path) -> None:
    # The shell says `ready` and only then becomes ares: "yes" is in the terminal before the question is.
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    script = f'echo ready; read -r go <{fifo}; exec "$@"'
    with Console(*NOTE, command=("/bin/sh", "-c", script, "sh", *ARES)) as console:
        console.expect("ready")
        console.send("yes\n")
        console.expect("yes")
        fifo.write_text("go\n")
        console.expect(QUESTION)
        console.send("\x04")
        assert console.finish() == 4
    assert notes() == []


def test_a_value_is_shown_to_its_last_character() -> None:
    text = "first " + "a b  c" * 500 + " last"
    with Console("run", "notes.add", f"text={text}", columns=60) as console:
        shown = console.answer(QUESTION, "no")
        console.finish()
    assert unwrapped(shown, "text") == f'"{text}"'


def test_nothing_in_a_value_can_move_hide_or_reorder() -> None:
    with Console("run", "notes.add", "text=a\x1b[2K\x1b]0;x\x07\u202etxt.exe\u200b\r\nb\\u202e") as console:
        shown = console.answer(QUESTION, "no")
        console.finish()
    assert unwrapped(shown, "text") == '"a\\u001b[2K\\u001b]0;x\\u0007\\u202etxt.exe\\u200b\\r\\nb\\\\u202e"'
    assert not {"\x1b", "\x07", "\u202e", "\u200b"} & set(console.text)


def test_effect_undo_reason_and_confidence_are_shown() -> None:
    with Console(*NOTE) as console:
        shown = console.answer(QUESTION, "no")
        console.finish()
    assert "notes.add: " in shown
    assert unwrapped(shown, "effect") == "write, can be taken back with `ares undo`"
    assert unwrapped(shown, "asked")
    assert unwrapped(shown, "confidence").endswith(("% (low)", "% (medium)", "% (high)"))


def test_edit_makes_a_new_action_that_is_asked_about_again() -> None:
    with Console(*NOTE) as console:
        console.answer(QUESTION, "edit")
        console.answer("new value (empty keeps it): ", "buy bread")
        assert unwrapped(console.expect(QUESTION), "text") == '"buy bread"'
        console.send("yes\n")
        assert console.finish() == 0
    assert notes() == ["buy bread"]
    first, second = records("proposal", "notes.add")
    assert first["ref"] != second["ref"]
    answers = {record["ref"]: record["payload"] for record in records("approval", "notes.add")}
    assert answers[first["ref"]]["note"] == f"edited; {second['ref']} takes its place"
    assert answers[second["ref"]]["yes"] is True


def test_an_edit_that_the_schema_refuses_leaves_the_question_open() -> None:
    with Console("run", "hosts.add", "name=nas", "mac=02:00:00:00:00:01") as console:
        console.answer(QUESTION, "edit")
        console.answer("new value (empty keeps it): ", "n" * 64)
        console.answer("new value (empty keeps it): ", "")
        console.answer("new value (empty keeps it): ", "")
        assert "name" in console.expect(QUESTION)
        console.send("no\n")
        assert console.finish() == 4


def test_an_edit_shows_the_first_of_what_an_argument_may_be_given() -> None:
    with Ares.open() as me:
        for number in range(1, 8):
            assert me.perform("notes.add", text=f"note\n{number}", approve=lambda proposal: True).ok
    with Console("run", "notes.delete", "note=1") as console:
        console.answer(QUESTION, "edit")
        shown = " ".join(console.answer("new value (empty keeps it): ", "2").split())
        assert "such as 7 (note 7), 6 (note 6), 5 (note 5), 4 (note 4), 3 (note 3), and 2 more" in shown
        assert unwrapped(console.expect(QUESTION), "note") == '"2"'
        console.send("yes\n")
        assert console.finish() == 0
    with Console(*NOTE) as console:
        console.answer(QUESTION, "edit")
        assert "such as" not in console.answer("new value (empty keeps it): ", "")
        console.answer(QUESTION, "no")
        console.finish()


def test_an_edit_that_changes_nothing_makes_no_new_action() -> None:
    with Console(*NOTE) as console:
        console.answer(QUESTION, "edit")
        console.answer("new value (empty keeps it): ", "")
        console.expect("Nothing was changed.")
        console.answer(QUESTION, "no")
        assert console.finish() == 4
    assert len(records("proposal", "notes.add")) == 1


def test_explain_shows_the_policy_and_the_five_steps_and_asks_again() -> None:
    with Console(*NOTE) as console:
        console.answer(QUESTION, "explain")
        shown = console.answer(QUESTION, "no")
        assert console.finish() == 4
    for step in ("policy", "challenge", "simplify", "validate", "explain", "confidence"):
        assert f"\n  {step} " in shown


def test_always_shows_the_rule_before_it_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "ares" / "config" / "policy.d" / "always.yaml"
    with Console(*NOTE, columns=400) as console:
        console.answer(QUESTION, "always")
        rule = console.expect("Write it, and do the action now? yes / no [no] ")
        assert not file.exists()
        console.send("\n")
        console.answer(QUESTION, "always")
        console.answer("Write it, and do the action now? yes / no [no] ", "yes")
        assert console.finish() == 0
    assert "capability:" in rule
    assert "notes.add" in rule
    assert "buy milk" in rule
    for line in file.read_text().splitlines()[1:]:
        assert line.strip() in rule
    assert approval()["note"] == "always: a rule was written"


def test_always_is_refused_in_words_where_no_rule_would_help() -> None:
    file = Path.cwd() / "x.txt"
    file.write_text("x")
    with Console("run", "files.delete", f"path={file}") as console:
        console.answer(QUESTION, "always")
        assert "asked about every time" in console.answer(QUESTION, "no")
        assert console.finish() == 4
    assert file.exists()


def test_a_link_is_shown_with_what_it_leads_to() -> None:
    target, link = Path.home() / "target.txt", Path.cwd() / "link.txt"
    target.write_text("old")
    link.symlink_to(target)
    with Console("run", "files.write", f"path={link}", "text=new", columns=200) as console:
        shown = console.answer(QUESTION, "no")
        console.finish()
    assert f'which leads to "{target}"' in shown


def test_a_redirected_stdin_means_nobody_is_there_even_in_a_terminal() -> None:
    with Console(*NOTE, stdin=Path(os.devnull)) as console:
        assert console.finish() == 4
    assert QUESTION not in console.text
    assert "nobody can be asked" in console.text


def test_yes_through_a_pipe_is_no_approval() -> None:
    done = ares(*NOTE, stdin="yes\nyes\n")
    assert done.code == 4
    assert "nobody can be asked" in done.err
    assert notes() == []


def test_a_job_in_the_background_is_not_stopped_by_a_question() -> None:
    script = 'set -m; "$@" & wait $!; echo "code $?"'
    with Console(*NOTE, command=("/bin/bash", "-c", script, "sh", *ARES)) as console:
        console.expect("code 4")
        console.finish()
    assert QUESTION not in console.text


def test_a_failure_that_can_be_taken_back_says_so_in_words_and_in_json(tmp_path: Path) -> None:
    with Ares.open() as me:
        me.modules.register(Path(__file__).parents[1] / "gate" / "probe")
    lie = ("run", "probe.lie", "text=x")
    with Console(*lie, columns=400) as console:
        console.answer(QUESTION, "yes")
        assert console.finish() == 6
    failed = records("outcome", "probe.lie")[-1]["ref"]
    assert f"; `ares undo {failed}` takes back what it did\n" in console.text
    with Console(*lie, "--json", stdout=tmp_path / "out.json") as console:
        console.answer(QUESTION, "yes")
        assert console.finish() == 6
    said = json.loads((tmp_path / "out.json").read_text())
    assert (said["status"], said["undo"]) == (
        "failed",
        {"capability": "probe.set", "arguments": {"text": "x"}},
    )
    assert said["action"] == records("outcome", "probe.lie")[-1]["ref"]
    assert [each["action"] for each in ares("undo", "--list", "--json").json] == [said["action"], failed]


def test_the_question_goes_to_the_terminal_when_stdout_is_a_file(tmp_path: Path) -> None:
    with Console(*NOTE, "--json", stdout=tmp_path / "out.json") as console:
        console.answer(QUESTION, "yes")
        assert console.finish() == 0
    assert '"status": "ok"' in (tmp_path / "out.json").read_text()
    assert QUESTION not in (tmp_path / "out.json").read_text()
