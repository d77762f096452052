from __future__ import annotations

import re

from ares.knowledge import KINDS, member_schemas
from ares.knowledge._file import KINDS as FIELDS
from ares.paths import shipped

PAGE = (shipped("config").parent / "docs" / "knowledge.md").read_text(encoding="utf-8")


def test_the_page_names_every_kind() -> None:
    for kind in KINDS:
        assert f"| `{kind}` |" in PAGE


def test_the_page_says_what_a_row_of_each_kind_takes() -> None:
    for kind, members in FIELDS.items():
        (row,) = re.findall(rf"^\* `{kind}`: (.*)$", PAGE, re.MULTILINE)
        needed, _, more = row.partition("; may have ")
        named = {
            name: field.required for name, field in members.items() if name not in ("id", "dated", "tier")
        }
        assert set(re.findall("`([a-z_]+)`", needed)) - {"null"} == {
            name for name, must in named.items() if must
        }
        assert set(re.findall("`([a-z_]+)`", more)) == {name for name, must in named.items() if not must}
        assert set(member_schemas(kind)) == set(members)
