"""Runs the stages of one Makefile target, all of them even when one fails, and says how long each took."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def _pytest(target: str, *arguments: str) -> list[str]:
    return [str(BIN / "pytest"), "-q", f"--junitxml=build/junit-{target}.xml", *arguments]


def stages(target: str) -> list[tuple[str, Sequence[str]]]:
    """Return the name and command of each stage of a target."""
    if target == "test":
        return [
            ("ruff check", [str(BIN / "ruff"), "check"]),
            ("ruff format", [str(BIN / "ruff"), "format", "--check"]),
            ("mypy", [str(BIN / "mypy")]),
            ("lint-imports", [str(BIN / "lint-imports")]),
            ("pytest", _pytest(target)),
        ]
    if target == "test-slow":
        return [("pytest -m slow", _pytest(target, "-m", "slow"))]
    if target == "test-train":
        return [("pytest -m train", _pytest(target, "-m", "train"))]
    if target == "bench":
        scripts = sorted((ROOT / "benchmarks").glob("[a-z]*.py"))
        return [(script.name, [sys.executable, str(script)]) for script in scripts]
    raise SystemExit(f"stages.py: there is no target {target!r}")


def main(target: str) -> int:
    """Run the stages of ``target``; return 0 when all went well."""
    (ROOT / "build").mkdir(exist_ok=True)
    rows: list[tuple[str, float, int]] = []
    for name, command in stages(target):
        print(f"== {name}", flush=True)
        began = time.monotonic()
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        rows.append((name, time.monotonic() - began, code))
    print(f"== {target}")
    for name, seconds, code in rows:
        print(f"{name:<24} {seconds:8.1f} s   {'ok' if code == 0 else f'failed ({code})'}")
    return int(any(code for _, _, code in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
