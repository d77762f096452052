"""Sentences through the real command line, with the model that is there (or the matcher alone)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.cli.console import ARES, Console, ares, environment, records

TWO_NOTES = "note down buy milk and then note down buy bread"
TOGETHER = "Do these 2? all / none / one by one [none] "


def test_a_question_is_answered_on_stdout() -> None:
    done = ares("do", "how full is the disk?")
    assert done.code == 0
    assert "% of the disk holding / is used" in done.out
    assert len(done.out.splitlines()) == 1


def test_a_sentence_needs_no_quotes() -> None:
    assert "% of the disk" in ares("do", "how", "full", "is", "the", "disk").out


def test_a_dry_run_is_one_json_object_and_executes_nothing() -> None:
    done = ares("do", "--dry-run", "--json", TWO_NOTES)
    assert done.code == 0
    assert done.json["actions"] == [
        {"capability": "notes.add", "arguments": {"text": "buy milk"}},
        {"capability": "notes.add", "arguments": {"text": "buy bread"}},
    ]
    assert done.json["clarify"] is None
    assert done.json["decision"]["answer"] == "ask"
    assert [step["name"] for step in done.json["verdict"]["steps"]] == [
        "challenge",
        "simplify",
        "validate",
        "explain",
        "confidence",
    ]
    assert len(records("proposal")) == 2
    assert not records("intent")
    assert not records("outcome")


def test_a_dry_run_that_the_gate_refuses_is_one_json_object_too() -> None:
    Path(os.fsdecode(b"b\xff")).mkdir()
    Path("old").symlink_to(os.fsdecode(b"b\xff"))
    done = ares("do", "--dry-run", "--json", "how full is the disk and then list the files in old/docs")
    assert done.code == 2
    assert [action["capability"] for action in done.json["actions"]] == ["system.disk", "files.list"]
    assert done.json["actions"][1]["arguments"]["path"] == "old/docs"
    assert done.json["error"].startswith("path: ")
    assert "has bytes that are not UTF-8 text" in done.json["error"]
    assert done.err == f"ares: {done.json['error']}\n"
    assert (done.json["verdict"], done.json["decision"]) == (None, None)
    assert [each["action"]["capability"] for each in done.json["proposals"]] == ["system.disk"]
    fine = ares("do", "--dry-run", "--json", "how full is the disk")
    assert (fine.code, fine.json["error"]) == (0, None)


def test_a_dry_run_for_people_shows_the_action_and_what_would_become_of_it() -> None:
    done = ares("do", "--dry-run", "how full is the disk?")
    assert done.code == 0
    assert done.out.startswith("system.disk: ")
    assert done.out.endswith("would be: allow\n")
    assert not records("intent")


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_what_fits_nothing_is_told_and_has_its_code(more: tuple[str, ...]) -> None:
    plain = ares("do", *more, "what is the capital of france")
    assert (plain.code, plain.out) == (3, "")
    assert plain.err
    done = ares("do", *more, "--json", "what is the capital of france")
    assert (done.code, done.json["kind"], done.json["actions"]) == (3, "none", [])
    assert done.json["clarify"] is None
    assert not records("proposal")


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_question_back_is_told_and_has_its_code(more: tuple[str, ...]) -> None:
    plain = ares("do", *more, "wake up")
    assert (plain.code, plain.out) == (10, "")
    assert "which machine" in plain.err
    done = ares("do", *more, "--json", "wake up")
    assert (done.code, done.json["kind"], done.json["actions"]) == (10, "clarify", [])
    assert "which machine" in done.json["clarify"]


def test_several_actions_are_shown_and_approved_together() -> None:
    with Console("do", TWO_NOTES) as console:
        shown = console.answer(TOGETHER, "all")
        assert console.finish() == 0
    assert '"buy milk"' in shown
    assert '"buy bread"' in shown
    assert [record["payload"]["status"] for record in records("outcome")] == ["ok", "ok"]


@pytest.mark.parametrize("on_failure", ["stop", "continue"])
def test_a_no_to_one_action_takes_nothing_from_a_yes_to_the_other(on_failure: str) -> None:
    with Console("do", "--on-failure", on_failure, TWO_NOTES) as console:
        console.answer(TOGETHER, "one by one")
        console.answer("Do it? ", "no")
        console.answer("Do it? ", "yes")
        assert console.finish() == 11
    assert [record["payload"]["status"] for record in records("outcome")] == ["denied", "ok"]


def test_some_done_and_some_not_is_code_11() -> None:
    done = ares("do", "show uptime and then note down buy milk", "--json")
    assert done.code == 11
    assert [outcome["status"] for outcome in done.json["outcomes"]] == ["ok", "denied"]


def test_a_model_that_is_not_there_is_one_line() -> None:
    done = ares("do", "--model", "nothing.gguf", "how full is the disk?")
    assert done.code == 2
    assert "nothing.gguf" in done.err
    assert len(done.err.splitlines()) == 1


def test_the_five_steps_are_shown_when_the_setting_says_so() -> None:
    done = ares("do", "how full is the disk?", environ={"ARES_OUTPUT_SHOW_WORK": "always"})
    for step in ("challenge", "simplify", "validate", "explain", "confidence"):
        assert f"\n  {step} " in done.err
    quiet = ares("do", "how full is the disk?", environ={"ARES_OUTPUT_SHOW_WORK": "never"})
    assert "challenge" not in quiet.err


def test_two_at_once_both_work() -> None:
    with Console("do", "note down buy milk") as first, Console("do", "note down buy bread") as second:
        first.expect("Do it? ")
        second.expect("Do it? ")
        first.send("yes\n")
        second.send("yes\n")
        assert (first.finish(), second.finish()) == (0, 0)
    assert ares("audit", "verify").code == 0
    assert [record["payload"]["status"] for record in records("outcome")] == ["ok", "ok"]


def test_chat_reads_one_sentence_after_the_other() -> None:
    done = ares(
        "chat", stdin="how full is the disk?\n\nhow long has this machine been up\nexit\nlist notes\n"
    )
    assert done.code == 0
    first, second = done.out.splitlines()
    assert first.startswith(tuple("0123456789"))
    assert second.startswith("up for ")
    assert {record["payload"]["action"]["origin"] for record in records("proposal")} == {"chat"}


def test_chat_goes_on_after_a_sentence_that_did_not_work_and_says_so_at_the_end() -> None:
    done = ares("chat", stdin="what is the capital of france\nhow long has this machine been up\n")
    assert done.code == 3
    assert done.out.startswith("up for ")


def test_in_chat_the_answer_to_a_question_back_goes_on_with_the_request() -> None:
    Path("shopping.txt").write_text("two lemons\n", encoding="utf-8")
    done = ares("chat", stdin="read a file\nshopping.txt\n")
    assert "which file" in done.err
    assert done.out == "two lemons\n"


def test_chat_asks_in_the_terminal_and_ends_with_the_end_of_input() -> None:
    with Console("chat") as console:
        console.answer("ares> ", "note down buy milk")
        console.answer("Do it? ", "yes")
        console.expect("ares> ")
        console.send("\x04")
        assert console.finish() == 0
    assert records("outcome")[-1]["payload"]["status"] == "ok"


def test_ctrl_c_at_a_question_in_chat_is_recorded_and_the_chat_goes_on() -> None:
    with Console("chat") as console:
        console.answer("ares> ", "note down buy milk")
        console.expect("Do it? ")
        console.send("\x03")
        console.expect("ares: interrupted; Ctrl-D ends the chat")
        assert records("outcome")[-1]["payload"]["status"] == "denied"
        console.answer("ares> ", "how long has this machine been up")
        console.expect("up for ")
        console.expect("ares> ")
        console.send("\x04")
        assert console.finish() == 130


def test_none_in_the_terminal_leaves_undone_what_would_have_run_unasked() -> None:
    with Console("do", "show uptime and then note down buy milk") as console:
        shown = console.answer("Do these 2? all / none / one by one [none] ", "none")
        assert console.finish() == 4
    assert shown.index("1. system.uptime") < shown.index("2. notes.add")
    assert console.text.count(": denied: none of them") == 2
    assert not records("intent")


def test_ctrl_c_at_the_prompt_of_chat_ends_it() -> None:
    with Console("chat") as console:
        console.expect("ares> ")
        console.send("half a li")
        console.expect("half a li")
        console.send("\x03")
        assert console.finish() == 130
    assert console.text.endswith("\nares: interrupted\n")


def test_a_chat_whose_terminal_is_closed_ends() -> None:
    with Console("chat") as console:
        console.answer("ares> ", "note down buy milk")
        console.expect("Do it? ")
        console.hang_up()
        assert console.finish() == 130
    assert records("approval")[-1]["payload"]["note"] == "the terminal was closed"


def test_the_prompt_of_chat_stays_off_an_output_that_goes_elsewhere(tmp_path: Path) -> None:
    with Console("chat", stdout=tmp_path / "out") as console:
        console.answer("ares> ", "how long has this machine been up")
        console.expect("ares> ")
        console.send("\x04")
        assert console.finish() == 0
    assert (tmp_path / "out").read_text().startswith("up for ")


def test_an_earlier_line_of_chat_can_be_brought_back() -> None:
    with Console("chat") as console:
        console.answer("ares> ", "how long has this machine been up")
        console.expect("ares> ")
        console.send("\x1b[A\n")
        console.expect("up for ")
        console.expect("ares> ")
        console.send("\x04")
        console.finish()
    assert len(records("outcome")) == 2


def test_bytes_that_are_no_text_end_chat_with_one_line() -> None:
    done = subprocess.run(
        [*ARES, "chat"],
        input=b"show \xff notes\n",
        capture_output=True,
        env={**environment(), "PYTHONUTF8": "1"},
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
