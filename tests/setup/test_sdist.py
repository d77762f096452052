"""The source distribution, which has every file of a fresh clone, can be used like one."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling", reason="comes with the extra dev")

ROOT = Path(__file__).resolve().parents[2]
NAMED = r"(?<![\w./-])(?:\.ci|src|tests|tools|benchmarks)(?:/[\w.-]*\w)+"


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
        "ares: there is no extra 'frob'; known: bench, dev, gateway, train, tui\n",
    )


@pytest.mark.parametrize("file", ["Makefile", ".ci/run", "pyproject.toml"])
def test_what_runs_the_tests_finds_what_it_names(unpacked: Path, file: str) -> None:
    named = set(re.findall(NAMED, (unpacked / file).read_text()))
    assert named
    assert [name for name in sorted(named) if not (unpacked / name).exists()] == []


@pytest.mark.slow
def test_a_fresh_clone_answers_a_sentence(unpacked: Path) -> None:
    """The first promise, with the real packages: needs a package index and, the first time, minutes."""
    done = subprocess.run(
        [unpacked / "ares", "do", "how full is the disk?"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    assert f"{shutil.disk_usage('/').total / 2**30:.1f} GiB" in done.stdout
