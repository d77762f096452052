from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.console import ARES, Console, ares, records

from ares.knowledge import KINDS
from ares.paths import Paths

NIM = ("knowledge", "add", "technologies", "nim", "name=Nim", "success=70", "usage=two tools", "words=nim")
QUEUE = (
    "knowledge", "admit", "queue_first", "name=Queue first", "description=Put work in a queue.",
    "category=jobs", "success=90", "applies_to=queue", "applies_to=job queue",
)  # fmt: skip


def test_everything_that_is_known_can_be_listed_and_shown() -> None:
    rows = ares("knowledge", "list", "--json").json
    counts = [sum(row["kind"] == kind for row in rows) for kind in KINDS]
    assert counts[0:1] + counts[2:4] == [6, 12, 18]
    assert "tier 2, 37 % of 3 uses" in ares("knowledge", "list", "patterns").out
    assert "decisions" not in ares("knowledge", "list", "patterns").out
    for row in rows:
        assert row["dated"]
    shown = ares("knowledge", "show", "pure-ai-without-fallback").out
    assert "signs:    pure ai | purely ai" in shown
    assert "anti-patterns.md" in shown


def test_an_added_row_is_listed_dated_and_on_record() -> None:
    assert ares(*NIM).code == 0
    file = Paths.find().config / "knowledge" / "technologies.md"
    row = ares("knowledge", "show", "nim", "--json").json
    assert (row["success"], row["words"], row["file"]) == (70, ["nim"], str(file))
    (event,) = records("event")[-1:]
    assert event["ref"] == "nim"
    assert event["payload"]["row"]["dated"] == row["dated"]


def test_the_six_checks_are_asked_and_the_tier_says_why() -> None:
    with Console(*QUEUE, "uses=5") as console:
        for number in range(6):
            console.answer("? yes / no [no] ", "no" if number == 5 else "yes")
        assert console.finish() == 0
    assert "admitted at tier 2: 5 of 6 checks passed (not: trade offs written)" in " ".join(
        console.text.split()
    )
    assert ares("knowledge", "show", "queue_first", "--json").json["applies_to"] == ["queue", "job queue"]


@pytest.mark.parametrize(("keys", "code"), [("yes\n\x04", 4), ("yes\n\x03", 130)])
def test_checks_that_are_broken_off_admit_nothing(keys: str, code: int) -> None:
    with Console(*QUEUE, "uses=5") as console:
        for key in keys.splitlines(keepends=True):
            console.expect("? yes / no [no] ")
            console.send(key)
        assert console.finish() == code
    assert not (Paths.find().config / "knowledge").exists()


@pytest.mark.parametrize("keys", ["\nyes\n", "yes\nyes\nyes\nyes\nyes\nyes\n"])
def test_what_is_pasted_passes_no_check(keys: str) -> None:
    with Console(*QUEUE, "uses=5") as console:
        for _ in range(3):
            console.expect("used in three places? yes / no [no] ")
            console.send(keys)
            console.expect("Please answer yes / no.\n")
        assert console.finish() == 4
    assert "not all checks were answered, so nothing was written" in console.text
    assert not (Paths.find().config / "knowledge").exists()


def test_a_terminal_that_goes_during_the_checks_is_a_no_like_at_an_approval(tmp_path: Path) -> None:
    said = tmp_path / "said"
    command = ("/bin/sh", "-c", f"trap '' HUP; exec \"$@\" 2>{said}", "sh", *ARES)
    with Console(*QUEUE, "uses=5", command=command) as console:
        console.expect("? yes / no [no] ")
        console.hang_up()
        assert console.finish() == 4
    assert said.read_text() == "ares: the terminal was closed (Input/output error), so nothing was done\n"
    assert not (Paths.find().config / "knowledge").exists()


def test_a_pattern_goes_from_its_first_use_to_tier_1() -> None:
    assert (
        "at tier 3: 6 of 6 checks passed, but tier 1 takes 5 uses"
        in ares(*QUEUE, "uses=1", "--passes", "all").out
    )
    said = [ares("knowledge", "used", "queue_first", "--worked").err for _ in range(4)]
    assert ["promote queue_first" in each for each in said] == [False, True, True, True]
    passed = "used-in-three-places,succeeds-measurably,explained-plainly,challenged-and-defended"
    done = ares("knowledge", "promote", "queue_first", "--passes", passed)
    assert "promoted to tier 2: 4 of 6 checks passed" in done.out
    done = ares("knowledge", "promote", "queue_first", "--passes", "all")
    assert done.out == "queue_first promoted to tier 1: 6 of 6 checks passed\n"
    assert ares("audit", "verify").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("knowledge", "list", "wisdom"), "the kinds are patterns"),
        (("knowledge", "show", "nothing"), "nothing known has the id 'nothing'"),
        (("knowledge", "add", "wisdom", "x"), "the kinds are patterns"),
        (("knowledge", "add", "technologies", "nim"), "needs 'name', 'success', 'usage', 'words'"),
        (("knowledge", "add", "technologies", "nim", "success=many"), "success takes a whole number"),
        (("knowledge", "add", "technologies", "nim", "dated=today"), "dated is not yours to say"),
        ((*NIM, "when=\udcff"), "cannot be recorded"),
        (("knowledge", "add", "technologies", "Nim", *NIM[4:]), "'Nim' is no id"),
        (("knowledge", "add", "patterns", "x"), "ares knowledge admit"),
        (("knowledge", "admit", "x", "tier=1"), "tier is not yours to say"),
        (("knowledge", "admit", "x"), "needs 'name'"),
        ((*QUEUE, "uses=5"), "--passes all, none"),
        ((*QUEUE, "uses=5", "--passes", "luck"), "there is no check 'luck'"),
        (("knowledge", "used", "database_centric_v1"), "--worked or --failed"),
        (("knowledge", "used", "sqlite", "--worked"), "there is no pattern 'sqlite'"),
        (("knowledge", "promote", "nothing"), "there is no pattern 'nothing'"),
        (("knowledge", "promote", "local_sentiment_v2"), "tier 1 takes 5 uses, not 3"),
    ],
)
def test_a_mistake_is_one_clear_line_and_changes_nothing(arguments: tuple[str, ...], words: str) -> None:
    done = ares(*arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert len(done.err.splitlines()) == 1
    assert not (Paths.find().config / "knowledge").exists()


def test_an_id_of_several_kinds_is_not_guessed_at() -> None:
    folder = Paths.find().config / "knowledge"
    folder.mkdir(parents=True)
    (folder / "own.md").write_text("---\nkind: directives\nrows:\n- {id: sqlite, title: T, text: t}\n---\n")
    done = ares("knowledge", "show", "sqlite")
    assert done.code == 2
    assert "technologies and directives" in done.err


def test_a_past_action_is_shown_with_its_five_steps_and_evidence() -> None:
    assert ares("run", "notes.add", "text=milk").code == 4
    (proposal,) = records("proposal")
    for which in (proposal["ref"], str(proposal["seq"]), str(proposal["seq"] + 1)):
        shown = ares("audit", "show", which).out
        assert "## [ESCALATION REQUIRED] notes.add text=milk" in shown
        for step in proposal["payload"]["verdict"]["steps"]:
            assert f"**{step['name'].capitalize()}** ({step['mark']})" in shown
            for item in step["evidence"]:
                assert f"{item['weight']:+d} {item['text']} ({item['source']}: {item['ref']})" in shown
        assert "denied: " in shown
        data = ares("audit", "show", which, "--json").json
        assert data["work"]["verdict"] == proposal["payload"]["verdict"]
        assert [each["kind"] for each in data["records"]] == ["proposal", "approval", "outcome"]


def test_a_record_that_is_about_no_action_is_shown_with_all_it_says() -> None:
    ares(*NIM)
    seq = records("event")[-1]["seq"]
    assert '"usage": "two tools"' in ares("audit", "show", str(seq)).out
    assert ares("audit", "show", str(seq), "--json").json["work"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("999",), "no record 999"),
        (("a" * 22,), "nothing in the ledger is about"),
        (("1", "--limit", "2"), "leave --since, --capability and --limit out"),
    ],
)
def test_what_is_not_in_the_record_is_one_line(arguments: tuple[str, ...], words: str) -> None:
    done = ares("audit", "show", *arguments)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert words in done.err
