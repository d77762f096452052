"""Where the files of a module are.

What comes with ARES is kept as ``bundled:<folder>`` and looked up beside the program that runs: a checkout
can be moved and an installation be made anew. What was registered is a copy in ARES's home, kept as its path.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ares.registry import ModuleRow

BUNDLED: Final = "bundled:"


def bundled_source(folder: Path) -> str:
    """Return what is kept of a module in the folder of those that come with ARES."""
    return BUNDLED + folder.name


def is_bundled(row: ModuleRow) -> bool:
    """Return whether a version came with ARES.

    Before that was kept as such, its path was, and the path of a copy ends in the digest of its files.
    """
    return row.source.startswith(BUNDLED) or Path(row.source).name != row.digest[:16]


def folder_of(source: str, bundled: Path) -> Path:
    """Return the folder with the files of a module; ``bundled`` is the one of those that come with ARES."""
    return bundled / source.removeprefix(BUNDLED) if source.startswith(BUNDLED) else Path(source)
