"""A desk without the bundled modules, and modules written on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.modules.desk import Desk, open_desk

from ares.paths import Paths
from ares.store import Store


@pytest.fixture
def desk(store: Store, paths: Paths, tmp_path: Path) -> Desk:
    """A desk with no module registered."""
    (tmp_path / "bundled").mkdir()
    return open_desk(store, paths, tmp_path / "bundled")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a module's manifest and code into a folder of its own and return the folder."""

    def write(manifest: str, /, folder: str = "module", **files: str) -> Path:
        place = tmp_path / "written" / folder
        place.mkdir(parents=True, exist_ok=True)
        (place / "module.yaml").write_text(manifest, encoding="utf-8")
        for name, text in files.items():
            (place / f"{name}.py").write_text(text, encoding="utf-8")
        return place

    return write
