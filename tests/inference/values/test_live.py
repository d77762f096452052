"""Live values and paths: said in full, in part, with slips, or by what they are."""

from __future__ import annotations

import pytest

from ares.core import Value
from ares.inference.values import KnownPaths, Names, live_values, paths, written_paths

HOSTS = tuple(map(Value, ("atlas", "filestore", "pi", "desktop")))
FILES = tuple(
    map(Value, ("tax-2025.pdf", "tax-2024.pdf", "letter-bank.odt", "plan.md", "archive.tar.gz", "old-mails"))
)
PLACES = (Value("~/Downloads", ("downloads",)), Value(".", ("here", "this folder")), Value("~", ("home",)))


def values(sentence: str, known: tuple[Value, ...]) -> list[object]:
    return [found.value for found in live_values(sentence, Names(known))]


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("atlas", "atlas"),
        ("ATLAS", "atlas"),
        ("atals", "atlas"),
        ("my file store box", "filestore"),
        ("the raspberry", "pi"),
        ("the desktop computer", "desktop"),
    ],
)
def test_a_machine_is_known_by_name_slip_or_kind(said: str, value: str) -> None:
    assert values(f"please wake {said} now", HOSTS) == [value]


def test_a_name_said_as_it_is_needs_no_explanation_and_another_does() -> None:
    (exact,) = live_values("wake atlas", Names(HOSTS))
    (guessed,) = live_values("wake atals", Names(HOSTS))
    assert (exact.how, guessed.how) == ("", "'atals' is atlas")


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("the letter from the bank", "letter-bank.odt"),
        ("the plan", "plan.md"),
        ("old mails", "old-mails"),
        ("archive dot tar dot gz", "archive.tar.gz"),
        ("the tax file of 2024", "tax-2024.pdf"),
    ],
)
def test_a_file_is_known_by_the_words_of_its_name(said: str, value: str) -> None:
    assert values(f"show me {said}", FILES) == [value]


def test_words_that_fit_two_files_single_out_neither() -> None:
    assert values("delete the tax file", FILES) == []


@pytest.mark.parametrize("sentence", ["delete it", "what is on the planet", "do something", "at large"])
def test_words_that_name_nothing_find_nothing(sentence: str) -> None:
    assert values(sentence, (*HOSTS, *FILES)) == []


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("read /etc/hosts.", ["/etc/hosts"]),
        ("copy ~/a.txt to ../b/", ["~/a.txt", "../b"]),
        ("open Notes.md, please", ["Notes.md"]),
        ("what is on slash var slash log", []),
        ("e.g. something at 3 p.m.", []),
        ("long day... go on", []),
        ("mail ada@example.org", []),
        ("10.0.0.1 and 12.5", []),
    ],
)
def test_a_written_path_is_taken_as_written(sentence: str, found: list[str]) -> None:
    assert [each.value for each in written_paths(sentence)] == found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("what is on slash var slash log", ["/var/log"]),
        ("open report dot pdf", ["report.pdf"]),
        ("move plan.md to downloads", ["plan.md", "~/Downloads"]),
        ("what lies in my downloads folder", ["~/Downloads"]),
        ("tilde slash music", ["~/music"]),
    ],
)
def test_a_path_may_be_spoken_or_be_a_known_place(sentence: str, found: list[str]) -> None:
    assert [each.value for each in paths(sentence, KnownPaths(others=(*FILES, *PLACES)))] == found


def test_a_slip_in_a_file_name_is_mended_only_where_a_known_file_is_expected() -> None:
    (expected,) = paths("read plna.md", KnownPaths(FILES))
    assert (expected.value, expected.how) == ("plan.md", "plna.md is plan.md")
    (fresh,) = paths("write plna.md", KnownPaths(others=FILES))
    assert fresh.value == "plna.md"


def test_an_article_is_no_file_of_one_letter() -> None:
    names = Names((Value("a.txt"), Value("b.txt")))
    assert live_values("delete a file", names) == ()
    assert [found.value for found in live_values("delete a.txt", names)] == ["a.txt"]


def test_things_of_a_kind_are_not_the_folder_that_is_called_so() -> None:
    assert live_values("delete the pdfs", Names((Value("Documents"),))) == ()
    assert [found.value for found in live_values("list documents", Names((Value("Documents"),)))] == [
        "Documents"
    ]
