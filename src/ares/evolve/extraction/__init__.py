"""The recipe of the network that finds free text in requests (``ares.inference.extraction``): examples made
from the invented modules and the bundled capabilities, training, export.

``python -m ares.evolve.reading extraction`` runs it. Only the modules `_model` and `_train` need torch.
"""

from __future__ import annotations

from ares.evolve.extraction._examples import Example, Examples

__all__ = ["Example", "Examples"]
