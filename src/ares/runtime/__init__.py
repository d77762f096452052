"""Modules: reading their manifests, checking what they need, loading and running what they offer.

Nothing here decides whether something may run; :class:`Runtime` only accepts a grant and runs exactly what
the grant was given for. Module authors also import :mod:`ares.runtime.hookspecs`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ares.runtime._context import Arguments, Context, Operation, Result, Seen
    from ares.runtime._dependencies import Finding
    from ares.runtime._manifest import read_manifest
    from ares.runtime._modules import Modules, Registration
    from ares.runtime._now import local_now
    from ares.runtime._origin import is_bundled
    from ares.runtime._runtime import Runtime
    from ares.runtime._schema import first_error, is_json

__all__ = [
    "Arguments",
    "Context",
    "Finding",
    "Modules",
    "Operation",
    "Registration",
    "Result",
    "Runtime",
    "Seen",
    "first_error",
    "is_bundled",
    "is_json",
    "local_now",
    "read_manifest",
]

_HOMES = {
    **dict.fromkeys(("Arguments", "Context", "Operation", "Result", "Seen"), "_context"),
    "Finding": "_dependencies",
    "read_manifest": "_manifest",
    **dict.fromkeys(("Modules", "Registration"), "_modules"),
    "local_now": "_now",
    "is_bundled": "_origin",
    "Runtime": "_runtime",
    **dict.fromkeys(("first_error", "is_json"), "_schema"),
}


def __getattr__(name: str) -> object:
    # Every command opens a home and so needs Modules; only what reads manifests or runs something needs more.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
