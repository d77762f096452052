"""What the source distribution holds can be used like a checkout."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling", reason="comes with the extra dev")

ROOT = Path(__file__).resolve().parents[2]
NAMED = r"(?<![\w./-])(?:\.ci|src|tests|tools|benchmarks)(?:/[\w.-]+)+"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def test_the_unpacked_sdist_sets_itself_up(unpacked: Path) -> None:
    done = subprocess.run([unpacked / "ares", "--setup", "frob"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (
        2,
        "ares: there is no extra 'frob'; known: dev, gateway, train, tui\n",
    )


@pytest.mark.parametrize("file", ["Makefile", ".ci/run", "pyproject.toml"])
def test_what_runs_the_tests_finds_what_it_names(unpacked: Path, file: str) -> None:
    named = set(re.findall(NAMED, (unpacked / file).read_text()))
    assert named
    assert [name for name in sorted(named) if not (unpacked / name).exists()] == []
