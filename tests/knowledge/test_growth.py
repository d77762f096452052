from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.store.unprivileged import refuse_to_commit

from ares.errors import ConfigError, NotFoundError, StoreError, UsageError
from ares.knowledge import Checks, Growth, Knowledge
from ares.knowledge._file import KINDS, parse_file
from ares.ledger import Ledger
from ares.paths import Paths, shipped
from ares.store import Store

DAY = date(2027, 3, 4)
ALL = Checks(**dict.fromkeys((field.name for field in fields(Checks)), True))
PATTERN: dict[str, Any] = {
    "id": "new", "name": "New", "description": "d", "success": 100, "uses": 1, "category": "c",
    "applies_to": ["novel way"],
}  # fmt: skip
ROWS: dict[str, dict[str, Any]] = {
    "technologies": {
        "id": "nim",
        "name": "Nim",
        "success": None,
        "usage": "none: yet",
        "words": ["nim", "#"],
    },
    "decisions": {
        "id": "new",
        "question": "Why?",
        "decision": "so\nit is",
        "reasons": ["- a", "b: c"],
        "trade_off": "none",
    },
    "anti-patterns": {"id": "new", "name": "N", "why": "w", "better": "b", "signs": [["a b"], ["c"]]},
    "directives": {"id": "new", "title": "T", "text": "“quoted” 'text' --- and\n---\nmore"},
}


@pytest.fixture
def own(paths: Paths) -> Path:
    return paths.config / "knowledge"


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return Ledger(store)


@pytest.fixture
def knowledge(own: Path) -> Knowledge:
    return Knowledge.open([shipped("knowledge")], own=own)


@pytest.fixture
def growth(knowledge: Knowledge, own: Path, ledger: Ledger) -> Growth:
    return Growth(knowledge, own, ledger, lambda: DAY)


@pytest.fixture(autouse=True)
def shipped_files_stay() -> Iterator[None]:
    files = {file: file.read_bytes() for file in shipped("knowledge").iterdir()}
    yield
    assert {file: file.read_bytes() for file in shipped("knowledge").iterdir()} == files


def events(ledger: Ledger) -> list[Any]:
    return [record.payload for record in ledger.records(kind="event")]


@pytest.mark.parametrize("kind", list(ROWS))
def test_an_added_row_is_dated_round_trips_and_counts_at_once(
    growth: Growth, knowledge: Knowledge, own: Path, kind: str
) -> None:
    before = len(knowledge.entries(kind))
    learned = growth.add(kind, ROWS[kind])
    row = {**ROWS[kind], "dated": "2027-03-04"}
    assert learned.entry.file == own / f"{kind}.md"
    assert len(knowledge.entries(kind)) == before + 1
    for read in (knowledge, Knowledge.open([own])):
        (entry,) = read.named(row["id"])
        assert (entry.kind, dict(entry.row)) == (kind, row)


def test_a_change_is_on_record_with_what_the_row_was_before(
    growth: Growth, ledger: Ledger, own: Path
) -> None:
    growth.admit(PATTERN, ALL)
    growth.record_use("new", False)
    admitted, used = events(ledger)
    assert (admitted["event"], admitted["before"], admitted["row"]["uses"]) == ("pattern admitted", None, 1)
    assert all(admitted["checks"].values())
    assert (used["event"], used["how"], used["file"]) == ("pattern used", "failed", str(own / "patterns.md"))
    assert (used["before"], used["row"]["uses"], used["row"]["success"]) == (admitted["row"], 2, 50)
    assert [record.ref for record in ledger.records(kind="event")] == ["new", "new"]


def test_recorded_uses_lead_a_pattern_to_tier_1_and_it_is_promoted_by_hand_only(
    growth: Growth, knowledge: Knowledge
) -> None:
    assert growth.admit(PATTERN, ALL).entry.row["tier"] == 3
    notes = [growth.record_use("new", worked).note for worked in (True, False, True, True)]
    assert [bool(note) for note in notes] == [False, True, True, True]
    assert notes[1].endswith("to tier 2; tier 1 takes 2 more uses; `ares knowledge promote new`")
    assert "to tier 1" in notes[3]
    assert next(each for each in knowledge.patterns if each.id == "new").tier == 3
    assert growth.promote("new", ALL).note == "6 of 6 checks passed"
    found = next(each for each in knowledge.patterns if each.id == "new")
    assert (found.uses, found.success, found.dated, found.tier) == (5, 80, "2027-03-04", 1)


def test_a_use_of_what_comes_with_ares_is_kept_in_a_copy_of_the_owners(
    growth: Growth, knowledge: Knowledge, own: Path
) -> None:
    growth.record_use("local_sentiment_v2", True)
    (entry,) = knowledge.named("local_sentiment_v2")
    assert (entry.file, entry.row["uses"], entry.row["success"]) == (own / "patterns.md", 4, 53)
    assert len(knowledge.patterns) == 6


def test_a_row_is_changed_in_the_file_of_the_owner_in_which_it_stands(
    growth: Growth, own: Path, knowledge: Knowledge
) -> None:
    growth.admit(PATTERN, ALL)
    (own / "patterns.md").rename(own / "work.md")
    file = own / "work.md"
    file.write_text(file.read_text() + "\nMy notes.\n")
    growth.record_use("new", True)
    assert sorted(each.name for each in own.iterdir()) == ["work.md"]
    assert file.read_text().endswith("\nMy notes.\n")
    assert knowledge.named("new")[0].row["uses"] == 2


def test_a_link_in_the_owners_folder_stays_one(growth: Growth, own: Path, tmp_path: Path) -> None:
    growth.admit(PATTERN, ALL)
    (own / "patterns.md").rename(tmp_path / "elsewhere.md")
    (own / "patterns.md").symlink_to(tmp_path / "elsewhere.md")
    growth.record_use("new", True)
    assert (own / "patterns.md").is_symlink()
    assert "uses: 2" in (tmp_path / "elsewhere.md").read_text()


REFUSED: dict[str, tuple[Callable[[Growth], object], str]] = {
    "an id that comes with ARES": (
        lambda it: it.add("technologies", {**ROWS["technologies"], "id": "sqlite"}), "'sqlite' is there"
    ),
    "an id of another kind": (
        lambda it: it.add("technologies", {**ROWS["technologies"], "id": "one-path"}), "there already"
    ),
    "a value that cannot be": (
        lambda it: it.add("technologies", {**ROWS["technologies"], "success": 200}), "0 to 100"
    ),
    "missing members": (lambda it: it.add("technologies", {"id": "nim"}), "'name', 'success', 'usage', 'w"),
    "an unknown member": (
        lambda it: it.add("technologies", {**ROWS["technologies"], "colour": "red"}), "colour"
    ),
    "a pattern without checks": (lambda it: it.add("patterns", {**PATTERN, "tier": 3}), "six checks"),
    "a use of what is no pattern": (lambda it: it.record_use("sqlite", True), "no pattern 'sqlite'"),
    "a use of nothing": (lambda it: it.record_use("nothing", True), "no pattern 'nothing'"),
    "a promotion beyond tier 1": (lambda it: it.promote("database_centric_v1", ALL), "at tier 1 already"),
    "a promotion without the uses": (
        lambda it: it.promote("local_sentiment_v2", ALL), "stays at tier 2: tier 1 takes 5 uses, not 3"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", list(REFUSED))
def test_what_does_not_fit_is_refused_and_leaves_no_trace(
    growth: Growth, ledger: Ledger, own: Path, what: str
) -> None:
    act, says = REFUSED[what]
    with pytest.raises(UsageError, match=says) as caught:
        act(growth)
    assert "\n" not in str(caught.value)
    assert not own.exists()
    assert events(ledger) == []


def test_checks_that_give_no_better_tier_promote_nothing(growth: Growth, ledger: Ledger) -> None:
    for _ in range(2):
        growth.record_use("local_sentiment_v2", True)
    with pytest.raises(UsageError, match="stays at tier 2: 0 of 6 checks passed"):
        growth.promote("local_sentiment_v2", Checks())
    assert len(events(ledger)) == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("---\nkind: decisions\nrows:\n---\n", "patterns.md: holds decisions"),
        ("---\nkind: patterns # mine\nrows:\n---\n", "comments"),
        ("---\nkind: patterns\nrows:\n# a note\n---\n", "comments"),
    ],
)
def test_a_file_of_the_owner_that_would_lose_something_is_left_alone(
    growth: Growth, own: Path, ledger: Ledger, text: str, says: str
) -> None:
    own.mkdir(parents=True)
    (own / "patterns.md").write_text(text)
    with pytest.raises(ConfigError, match=says):
        growth.admit(PATTERN, ALL)
    assert (own / "patterns.md").read_text() == text
    assert events(ledger) == []


def test_a_hash_inside_a_value_is_no_comment() -> None:
    text = "---\nkind: directives\nrows:\n- {id: a, title: 'C#', text: \"a # b\"}\n---\n"
    assert not parse_file(text, "x").comments


def test_a_ledger_that_takes_no_record_leaves_the_files_as_they_were(
    growth: Growth, store: Store, own: Path
) -> None:
    store.ledger.execute(
        "CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.records BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    with pytest.raises(StoreError):
        growth.admit(PATTERN, ALL)
    assert not own.exists()


def test_a_folder_that_takes_no_file_leaves_no_record(growth: Growth, ledger: Ledger, own: Path) -> None:
    own.parent.mkdir(parents=True, exist_ok=True)
    own.symlink_to("/proc/self/fdinfo")
    with pytest.raises(ConfigError, match=r"patterns\.md: cannot be written"):
        growth.admit(PATTERN, ALL)
    assert events(ledger) == []


def test_uses_recorded_at_the_same_time_are_all_counted(
    paths: Paths, knowledge: Knowledge, own: Path
) -> None:
    def use() -> None:
        with Store.open(paths) as store:
            mine = Knowledge.open([shipped("knowledge")], own=own)
            for _ in range(5):
                Growth(mine, own, Ledger(store)).record_use("local_sentiment_v2", True)

    running = [threading.Thread(target=use) for _ in range(4)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    knowledge.reload()
    assert knowledge.named("local_sentiment_v2")[0].row["uses"] == 23


def test_an_unknown_kind_is_named_with_those_there_are(knowledge: Knowledge) -> None:
    with pytest.raises(NotFoundError, match=r"'wisdom'; the kinds are patterns, .*directives"):
        knowledge.entries("wisdom")


def test_the_reader_and_the_files_know_the_same_kinds() -> None:
    from ares import knowledge

    assert tuple(KINDS) == knowledge.KINDS


@pytest.mark.parametrize("there", [False, True])
def test_a_record_that_cannot_be_committed_leaves_the_files_as_they_were(
    growth: Growth, store: Store, own: Path, ledger: Ledger, there: bool
) -> None:
    if there:
        growth.admit(PATTERN, ALL)
    before = {file: file.read_bytes() for file in own.glob("*")}
    records = ledger.head()
    refuse_to_commit(store.ledger)
    with pytest.raises(StoreError):
        growth.record_use("local_sentiment_v2", True)
    assert {file: file.read_bytes() for file in own.glob("*")} == before
    assert ledger.head() == records


def test_the_tier_follows_from_the_checks_and_from_nothing_else(growth: Growth, own: Path) -> None:
    with pytest.raises(UsageError, match="tier of a pattern follows from the six checks; leave it out"):
        growth.admit({**PATTERN, "uses": 9, "tier": 1}, Checks())
    assert not own.exists()


def test_every_use_counts_into_the_success_rate(growth: Growth) -> None:
    growth.admit({**PATTERN, "success": 90, "uses": 20}, ALL)
    rates = [growth.record_use("new", True).entry.row for _ in range(30)]
    assert (rates[-1]["success"], rates[-1]["uses"], rates[-1]["worked"]) == (96, 50, 48)
    assert growth.record_use("new", False).entry.row["worked"] == 48


def test_a_rate_that_the_owner_changed_is_where_counting_goes_on(growth: Growth, own: Path) -> None:
    growth.admit({**PATTERN, "uses": 3}, ALL)
    growth.record_use("new", True)
    file = own / "patterns.md"
    file.write_text(file.read_text().replace("success: 100", "success: 40"))
    row = growth.record_use("new", True).entry.row
    assert (row["worked"], row["uses"], row["success"]) == (2.6, 5, 52)


@pytest.mark.parametrize("worked", [-1, True, float("inf"), float("nan"), "3"])
def test_uses_that_worked_are_a_number(growth: Growth, worked: object) -> None:
    with pytest.raises(ConfigError, match="'worked' takes a number from 0"):
        growth.admit({**PATTERN, "worked": worked}, ALL)
