"""The bundled modules in a home of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.modules.desk import Desk, open_desk

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
