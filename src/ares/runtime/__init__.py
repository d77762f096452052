"""Modules: reading their manifests, checking what they need, loading and running what they offer.

Nothing here decides whether something may run; :class:`Runtime` only accepts a grant and runs exactly what
the grant was given for. Module authors also import :mod:`ares.runtime.hookspecs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ares.runtime._context import Arguments, Context, Operation, Result, Seen
from ares.runtime._dependencies import Finding
from ares.runtime._modules import Modules, Registration
from ares.runtime._now import local_now
from ares.runtime._runtime import Runtime
from ares.runtime._schema import first_error

if TYPE_CHECKING:
    from ares.runtime._manifest import read_manifest

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
    "local_now",
    "read_manifest",
]


def __getattr__(name: str) -> Any:
    # Manifests are read when modules are registered, not when they run; most commands never need it.
    if name == "read_manifest":
        from ares.runtime._manifest import read_manifest

        return read_manifest
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
