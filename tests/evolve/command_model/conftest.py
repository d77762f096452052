"""The real training data, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ares.evolve.command_model import Sources, load_sources

CHECKOUT = Path(__file__).resolve().parents[3]
MODULES = CHECKOUT / "modules"
HELD_OUT = CHECKOUT / "tests" / "data" / "requests"


@pytest.fixture(scope="session")
def sources() -> Sources:
    """All training data, kept clear of the requests that judge the model."""
    return load_sources(MODULES, held_out=HELD_OUT)
