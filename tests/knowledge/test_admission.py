from __future__ import annotations

import shutil
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ares.errors import ConfigError, NotFoundError
from ares.knowledge import Checks, Knowledge, add_row, admit, promotion, record_use
from ares.paths import shipped

DAY = date(2027, 3, 4)
NAMES = [field.name for field in fields(Checks)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(shipped("knowledge"), tmp_path / "knowledge")
    return tmp_path / "knowledge"


def passed(count: int) -> Checks:
    return Checks(**dict.fromkeys(NAMES[:count], True))


def pattern(**facts: Any) -> dict[str, Any]:
    row = {"id": "new", "name": "New", "description": "d", "success": 100, "uses": 5, "category": "c"}
    return {**row, "applies_to": ["novel way"], **facts}


def test_there_are_six_checks_and_their_number_gives_the_tier() -> None:
    assert len(NAMES) == 6
    assert [passed(count).tier for count in range(7)] == [3, 3, 3, 3, 2, 2, 1]
    assert Checks(**{**dict.fromkeys(NAMES, True), NAMES[0]: False}).tier == 2


def test_the_third_use_suggests_a_promotion_and_the_fifth_allows_tier_1() -> None:
    standing = [promotion("New", 3, uses) for uses in range(1, 6)]
    assert [each.allowed for each in standing] == [3, 2, 2, 2, 1]
    assert [bool(each.suggestion) for each in standing] == [False, False, True, True, True]
    assert "2 more uses" in standing[2].suggestion
    assert "tier 1" in standing[4].suggestion
    assert promotion("Old", 1, 50).suggestion == ""


def test_recorded_uses_lead_a_pattern_to_its_promotion(folder: Path) -> None:
    file = folder / "patterns.md"
    assert admit(file, pattern(uses=1, success=100), passed(6), DAY) == 3
    seen = [record_use(file, "new", succeeded, DAY) for succeeded in (True, False, True, True)]
    assert [bool(each.suggestion) for each in seen] == [False, True, True, True]
    assert [each.allowed for each in seen] == [2, 2, 2, 1]
    found = next(each for each in Knowledge.open([folder]).patterns if each.id == "new")
    assert (found.uses, found.success, found.dated, found.tier) == (5, 80, "2027-03-04", 3)


@pytest.mark.parametrize(
    ("uses", "checks", "tier"), [(5, 6, 1), (4, 6, 2), (5, 5, 2), (9, 3, 3), (1, 6, 3), (0, 0, 3)]
)
def test_a_pattern_is_admitted_to_the_tier_that_checks_and_uses_allow(
    folder: Path, uses: int, checks: int, tier: int
) -> None:
    assert admit(folder / "patterns.md", pattern(uses=uses), passed(checks), DAY) == tier
    found = {each.id: each for each in Knowledge.open([folder]).patterns}
    assert (len(found), found["new"].tier, found["new"].dated) == (7, tier, "2027-03-04")


ROWS: dict[str, dict[str, Any]] = {
    "technologies.md": {
        "id": "nim",
        "name": "Nim",
        "success": None,
        "usage": "none: yet",
        "words": ["nim", "#"],
    },
    "decisions.md": {
        "id": "new",
        "question": "Why?",
        "decision": "so\nit is",
        "reasons": ["- a", "b: c"],
        "trade_off": "none",
    },
    "anti-patterns.md": {"id": "new", "name": "N", "why": "w", "better": "b", "signs": [["a b"], ["c"]]},
    "directives.md": {"id": "new", "title": "T", "text": "“quoted” 'text' --- and\n---\nmore"},
}


@pytest.mark.parametrize("name", list(ROWS))
def test_an_added_row_is_dated_round_trips_and_leaves_the_rest_alone(folder: Path, name: str) -> None:
    file = folder / name
    before = file.read_text(encoding="utf-8")
    add_row(file, ROWS[name], DAY)
    after = file.read_text(encoding="utf-8")
    front, _, body = before[4:].partition("\n---\n")
    assert after.startswith("---\n" + front + "\n- ")
    assert after.endswith("\n---\n" + body)
    kind = {"technologies.md": "technologies", "decisions.md": "decisions"}.get(name)
    if kind:
        rows = getattr(Knowledge.open([folder]), kind)
        assert len(rows) == {"technologies": 13, "decisions": 19}[kind]
    from ares.knowledge._file import parse_file

    assert dict(parse_file(after, name).rows[-1]) == {**ROWS[name], "dated": "2027-03-04"}


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({**ROWS["technologies.md"], "id": "sqlite"}, "there already"),
        ({**ROWS["technologies.md"], "success": 200}, "0 to 100"),
        ({"id": "nim"}, "needs"),
        ({**ROWS["technologies.md"], "colour": "red"}, "colour"),
    ],
)
def test_a_row_that_does_not_fit_leaves_the_file_as_it_was(
    folder: Path, row: dict[str, Any], says: str
) -> None:
    file = folder / "technologies.md"
    before = file.read_bytes()
    with pytest.raises(ConfigError, match=says):
        add_row(file, row, DAY)
    assert file.read_bytes() == before
    assert sorted(each.name for each in folder.iterdir()) == sorted(
        each.name for each in shipped("knowledge").iterdir()
    )


def test_a_use_of_an_unknown_pattern_is_refused(folder: Path) -> None:
    with pytest.raises(NotFoundError, match="'nothing'"):
        record_use(folder / "patterns.md", "nothing", True, DAY)
    with pytest.raises(NotFoundError, match="'sqlite'"):
        record_use(folder / "technologies.md", "sqlite", True, DAY)


def test_a_file_that_is_not_there_is_one_plain_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        add_row(tmp_path / "none.md", ROWS["technologies.md"], DAY)
