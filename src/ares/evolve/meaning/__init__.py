"""The recipe of the vectors of meaning (``ares.inference.meaning``): episodes made from the invented modules
and the bundled capabilities, associations of words, training, export.

``python -m ares.evolve.reading meaning`` runs it. Only the modules `_model` and `_train` need torch.
"""

from __future__ import annotations

from ares.evolve.meaning._episodes import (
    REQUESTS,
    TOOLS,
    Episode,
    Episodes,
    associations,
    with_requests,
    with_tools,
)

__all__ = ["REQUESTS", "TOOLS", "Episode", "Episodes", "associations", "with_requests", "with_tools"]
