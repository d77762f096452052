from __future__ import annotations

import json
import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from ares.cli._text import cells, chunks, hanging, is_plain, json_text, prose, quoted, told, visible

ANY_TEXT = st.text(st.characters(codec=None), max_size=60)


def test_an_error_of_the_system_is_told_without_its_number() -> None:
    assert told(PermissionError(13, "Permission denied", "/x")) == "/x: Permission denied"
    assert told(OSError(28, "No space left on device")) == "No space left on device"
    assert told(OSError("odd")) == told(ValueError("odd")) == "odd"


def test_what_moves_hides_or_reorders_is_shown_as_an_escape() -> None:
    assert visible("a\x1b[2K\rb") == "a\\u001b[2K\\u000db"
    assert visible("invoice\u202efdp.exe") == "invoice\\u202efdp.exe"
    assert visible("a\u200bb\u00a0c\u2028d") == "a\\u200bb\\u00a0c\\u2028d"
    assert visible("\u3164\ufe0f\U000e0041") == "\\u3164\\ufe0f\\U000e0041"


def test_plain_text_of_any_script_stays_as_it_is() -> None:
    for text in ("köttbullar", "牛乳を買う", "молоко", "naïve ½ €", "חלב"):
        assert visible(text) == text


def test_kept_characters_are_left_alone_and_no_others() -> None:
    assert visible("a\tb\nc\rd", keep="\n\t") == "a\tb\nc\\u000dd"


@given(ANY_TEXT)
def test_visible_text_holds_only_plain_characters(text: str) -> None:
    assert all(is_plain(each) for each in visible(text))


@given(ANY_TEXT)
def test_a_quoted_value_can_be_read_back_so_no_two_look_the_same(text: str) -> None:
    shown = quoted(text)
    assert all(is_plain(each) for each in shown)
    back = re.sub(
        r"\\(U[0-9a-f]{8}|.)",
        lambda match: json.dumps(chr(int(match[1][1:], 16)))[1:-1] if match[1].startswith("U") else match[0],
        shown,
    )
    assert json.loads(back) == text


@given(st.recursive(ANY_TEXT | st.integers() | st.booleans() | st.none(), st.lists))
def test_json_text_is_json_of_the_same_value_in_plain_characters(value: object) -> None:
    text = json_text(value)  # type: ignore[arg-type]
    assert json.loads(text) == value
    assert all(is_plain(each) for each in text)


@given(ANY_TEXT.map(visible), st.integers(2, 40))
def test_chunks_fit_and_lose_nothing(text: str, width: int) -> None:
    pieces = list(chunks(text, width))
    assert "".join(pieces) == text
    assert all(sum(map(cells, piece)) <= width for piece in pieces)


def test_a_wide_character_counts_as_two_columns_and_a_combining_one_as_none() -> None:
    assert cells("牛") == 2
    assert cells("\u0301") == 0
    assert unicodedata.combining("\u0301")
    assert list(chunks("牛乳を", 4)) == ["牛乳", "を"]


def test_a_hanging_text_keeps_its_spaces_where_the_line_breaks() -> None:
    text = "x" * 24 + "   " + "y" * 24
    lines = hanging("  name  ", text, 33)
    assert lines[0].startswith("  name  x")
    assert "".join(line[8:] for line in lines) == text


@given(st.text(st.characters(categories=["L", "N", "P"]) | st.just(" "), max_size=200).map(visible))
def test_prose_breaks_between_words_and_loses_none(text: str) -> None:
    lines = prose("label: ", text, 40)
    assert lines[0].startswith("label: ")
    assert all(sum(map(cells, line)) <= 40 for line in lines)
    assert "".join(line[7:].replace(" ", "") for line in lines) == text.replace(" ", "")
    words = [word for line in lines for word in line[7:].split()]
    if all(sum(map(cells, word)) <= 33 for word in text.split()):
        assert words == text.split()
