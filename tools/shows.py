"""Checks that each test listed in a file ran and passed, according to pytest's JUnit reports.

    python3 tools/shows.py tests/shows.txt build/junit-test.xml ...

The list holds one ``tests/path/test_file.py::test_name`` a line; ``#`` starts a comment. A test with
parameters is named without them: all its cases must have run.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping
from pathlib import Path


def listed(text: str) -> list[str]:
    """Return the test names in the list."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def results(reports: Iterable[Path]) -> dict[str, list[str]]:
    """Return for each test of the reports how its cases ended: passed, skipped, failed."""
    found: dict[str, list[str]] = {}
    for report in reports:
        if not report.is_file():
            continue
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            path = case.get("classname", "").replace(".", "/") + ".py"
            name = f"{path}::{case.get('name', '').partition('[')[0]}"
            tags = {child.tag for child in case}
            ended = "failed" if tags & {"failure", "error"} else "skipped" if "skipped" in tags else "passed"
            found.setdefault(name, []).append(ended)
    return found


def problems(names: Iterable[str], ended: Mapping[str, list[str]]) -> list[str]:
    """Return one line for each listed test that is missing, skipped or failed."""
    lines: list[str] = []
    for name in names:
        bad = [each for each in ended.get(name, ["missing"]) if each != "passed"]
        lines += [f"{name}: {bad[0]}"] if bad else []
    return lines


def main(list_file: str, *reports: str) -> int:
    """Print what is wrong; return 0 when nothing is."""
    names = listed(Path(list_file).read_text(encoding="utf-8"))
    wrong = problems(names, results(map(Path, reports)))
    print("\n".join(wrong) or f"all {len(names)} promised tests ran and passed")
    return int(bool(wrong) or not names)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
