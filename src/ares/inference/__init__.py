"""Inference: what turns sentences into proposed calls. Nothing in here executes anything."""

from __future__ import annotations

from ares.inference._numpy import load_numpy
from ares.inference._world import Proposer, World

__all__ = ["Proposer", "World", "load_numpy"]
