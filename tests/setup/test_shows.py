from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

REPORT = """<testsuites><testsuite>
<testcase classname="tests.a.test_x" name="test_good" />
<testcase classname="tests.a.test_x" name="test_cases[1]" />
<testcase classname="tests.a.test_x" name="test_cases[2]"><skipped /></testcase>
<testcase classname="tests.a.test_x" name="test_bad"><failure /></testcase>
</testsuite></testsuites>"""


def check(tmp_path: Path, *names: str) -> tuple[int, str]:
    (tmp_path / "report.xml").write_text(REPORT)
    (tmp_path / "list.txt").write_text("# promises\n\n" + "\n".join(names))
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "shows.py", "list.txt", "report.xml", "missing.xml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout.strip()


def test_a_promise_that_was_tested_is_fine(tmp_path: Path) -> None:
    assert check(tmp_path, "tests/a/test_x.py::test_good  # why")[0] == 0


def test_a_promise_whose_test_was_skipped_failed_or_is_gone_is_named(tmp_path: Path) -> None:
    names = [f"tests/a/test_x.py::{name}" for name in ("test_good", "test_cases", "test_bad", "test_gone")]
    code, said = check(tmp_path, *names)
    assert code == 1
    assert said.splitlines() == [
        "tests/a/test_x.py::test_cases: skipped",
        "tests/a/test_x.py::test_bad: failed",
        "tests/a/test_x.py::test_gone: missing",
    ]


def test_an_empty_list_is_no_success(tmp_path: Path) -> None:
    assert check(tmp_path)[0] == 1


def test_every_listed_test_exists() -> None:
    names = (ROOT / "tests" / "shows.txt").read_text().splitlines()
    for name in (line.partition("#")[0].strip() for line in names):
        if name:
            file, _, function = name.partition("::")
            assert f"def {function}(" in (ROOT / file).read_text()
