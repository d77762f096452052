"""The machine of the requests written by hand, as a world to read sentences in."""

from __future__ import annotations

from pathlib import Path

import pytest

from ares.evolve.reading import Machine, load_world

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def machine() -> Machine:
    """Its world, its bundled capabilities and those of three modules nobody was trained on."""
    return load_world(ROOT / "tests" / "data" / "requests", ROOT / "modules")
