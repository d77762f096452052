"""Inference: what turns sentences into proposed calls. Nothing in here executes anything."""

from __future__ import annotations

from ares.inference._world import Proposer, World

__all__ = ["Proposer", "World"]
