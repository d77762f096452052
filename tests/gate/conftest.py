from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ares import Ares


@pytest.fixture
def me(tmp_path: Path) -> Iterator[Ares]:
    folder = tmp_path / "probe"
    shutil.copytree(Path(__file__).parent / "probe", folder)
    with Ares.open() as opened:
        opened.modules.register(folder)
        yield opened
