from __future__ import annotations

from ares import knowledge
from ares.knowledge._file import KINDS
from ares.paths import shipped


def test_the_page_names_every_kind_and_everything_that_changes_a_file() -> None:
    page = (shipped("config").parent / "docs" / "knowledge.md").read_text(encoding="utf-8")
    for kind in KINDS:
        assert f"| `{kind}` |" in page
    for name in ("Checks", "add_row", "admit", "record_use"):
        assert name in knowledge.__all__
        assert f"`{name}" in page
