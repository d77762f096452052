"""The hooks of ARES. A module marks its own functions with :data:`hookimpl`; docs/hooks.md explains each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from ares.core import Value
    from ares.runtime._context import Arguments, Context, Operation, Result

hookspec = pluggy.HookspecMarker("ares")
hookimpl = pluggy.HookimplMarker("ares")


@hookspec
def ares_operations() -> Mapping[str, Operation | Callable[[Arguments, Context], Result]]:  # type: ignore[empty-body]
    """Return what runs for each capability of the manifest, by its short name."""


@hookspec
def ares_values(source: str, context: Context) -> Iterable[Value | str] | None:
    """Return the live values of ``source`` (an ``x-values`` or ``x-offers`` of the manifest), or None for an
    unknown one."""
