"""What every test gets: a home of its own, and nothing of the person who runs it."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ares.paths import Paths
from ares.store import Store


@pytest.fixture(autouse=True, scope="session")
def stoppable() -> Iterator[None]:
    """Let what stops a process stop this one: what a shell starts in the background ignores Ctrl-C."""
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),
        signal.SIGTERM: signal.signal(signal.SIGTERM, signal.SIG_DFL),
        signal.SIGHUP: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    }
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Move HOME, ARES_HOME, the XDG folders and the working folder below ``tmp_path``."""
    for variable, folder in {
        "HOME": "home",
        "ARES_HOME": "ares",
        "XDG_DATA_HOME": "xdg/data",
        "XDG_CONFIG_HOME": "xdg/config",
        "XDG_CACHE_HOME": "xdg/cache",
        "XDG_STATE_HOME": "xdg/state",
        "XDG_RUNTIME_DIR": "xdg/run",
    }.items():
        monkeypatch.setenv(variable, str(tmp_path / folder))
    for folder in ("home", "cwd"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path / "cwd")


@pytest.fixture
def paths(isolated: None) -> Paths:
    """The folders of an ARES home that does not exist yet."""
    return Paths.find()


@pytest.fixture
def store(paths: Paths) -> Iterator[Store]:
    """Fresh databases in the test's own home."""
    with Store.open(paths) as opened:
        yield opened


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder that an unprivileged user can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    yield folder
    folder.chmod(0o700)
    for path, inner, _ in os.walk(folder):
        # Only root can clear away what a test has closed. It is opened before it is looked into, top down.
        for each in (Path(path, name) for name in inner):
            if not each.is_symlink():
                each.chmod(0o700)
    shutil.rmtree(folder)
