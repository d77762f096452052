"""ARES turns what you say into actions on your own machines, through a model on your own machine.

    import ares

    with ares.Ares.open() as me:
        print(me.perform("system.disk", path="/").summary)

The names below are the whole public face. They are loaded when first used, so that ``import ares`` costs
next to nothing.
"""

from __future__ import annotations

# A name that type checkers know: importing it would load all of typing.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ares.api import Ares, Asked
    from ares.core import (
        Action,
        Approval,
        Capability,
        Decision,
        Effect,
        Grant,
        Module,
        Outcome,
        Reading,
        Status,
        Verdict,
    )
    from ares.errors import AresError

_HOMES = {"Ares": "ares.api", "Asked": "ares.api", "AresError": "ares.errors"}

__all__ = [
    "Action",
    "Approval",
    "Ares",
    "AresError",
    "Asked",
    "Capability",
    "Decision",
    "Effect",
    "Grant",
    "Module",
    "Outcome",
    "Reading",
    "Status",
    "Verdict",
    "__version__",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'ares' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES.get(name, "ares.core")), name)
