"""The bundled modules in a home of their own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.modules.desk import Desk, open_desk
from tests.store.unprivileged import as_nobody, hand_over

from ares.paths import Paths
from ares.store import Store


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the bundled modules are registered; copying it is faster than registering again."""
    home = tmp_path_factory.mktemp("template")
    paths = Paths(home, home / "config", home / "cache")
    with Store.open(paths) as store:
        open_desk(store, paths).modules.register_bundled()
    return home


@pytest.fixture
def desk(template: Path, paths: Paths) -> Iterator[Desk]:
    """A desk with the bundled modules registered."""
    shutil.copytree(template, paths.home)
    with Store.open(paths) as store:
        yield open_desk(store, paths)


@pytest.fixture
def nobodys(template: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk without root's rights, with its home and working folder where an unprivileged user can go."""
    shutil.copytree(template, elsewhere / "ares")
    for variable, folder in {"ARES_HOME": "ares", "HOME": "home"}.items():
        monkeypatch.setenv(variable, str(elsewhere / folder))
    for folder in ("home", "cwd"):
        (elsewhere / folder).mkdir()
    hand_over(elsewhere, 0o600)
    monkeypatch.chdir(elsewhere / "cwd")
    paths = Paths.find()
    with as_nobody(), Store.open(paths) as store:
        yield open_desk(store, paths)


@pytest.fixture
def other_disk() -> Iterator[Path]:
    """A folder on another file system than everything else of a test, for anybody."""
    shared = Path("/dev/shm")
    if not shared.is_dir() or shared.stat().st_dev == Path(tempfile.gettempdir()).stat().st_dev:
        pytest.skip("/dev/shm is not another file system here")
    folder = Path(tempfile.mkdtemp(dir=shared))
    folder.chmod(0o777)
    yield folder
    for path, _, _ in os.walk(folder):
        os.chmod(path, 0o700)
    shutil.rmtree(folder)
