"""The recipe of the built-in command model: data, tokenizer, training, export, validation.

``python -m ares.evolve.command_model build --out FOLDER`` rebuilds the file from what lies in this
repository. Only the modules whose names say so (`_model`, `_muon`, `_train`, `_export`, `_validation`) need
torch.
"""

from __future__ import annotations

from ares.evolve.command_model._catalogue import Catalogue
from ares.evolve.command_model._overlap import HeldOut, grams, overlaps
from ares.evolve.command_model._rows import Request, RequestMaker, Row, RowMaker, validation_tools
from ares.evolve.command_model._sources import Slot, Sources, SourceTool, load_sources, load_tools

__all__ = [
    "Catalogue",
    "HeldOut",
    "Request",
    "RequestMaker",
    "Row",
    "RowMaker",
    "Slot",
    "SourceTool",
    "Sources",
    "grams",
    "load_sources",
    "load_tools",
    "overlaps",
    "validation_tools",
]
