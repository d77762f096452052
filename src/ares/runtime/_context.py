"""What a module gets to work with, and what it hands over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from ares.core import Json

Arguments: TypeAlias = Mapping[str, Any]
"""Arguments of one call, already checked against the input schema."""

Result: TypeAlias = Mapping[str, Any]
"""What an operation answers: JSON that fits the output schema."""

Seen: TypeAlias = tuple[str, bool, str]
"""One thing that was read back: what, whether it holds, and what was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The surroundings of one call.

    ``data`` is the module's own folder, there and writable. ``cwd`` and ``home`` are the owner's working and
    home folder; ``state`` are the folders in which ARES keeps its own state, which no module touches.
    ``config`` are the module's settings in force, ``now`` gives the aware local time, ``kept`` is what the
    operation's ``keep`` returned for this action.
    """

    data: Path
    cwd: Path
    home: Path
    state: tuple[Path, ...]
    config: Mapping[str, Any]
    now: Callable[[], datetime]
    kept: Json = None


@dataclass(frozen=True, slots=True)
class Operation:
    """What runs for one capability.

    ``run(arguments, context)`` does it and returns the result. ``keep(arguments, context)`` runs before it
    and keeps what would be lost; what it returns must be JSON. ``verify(arguments, result, context)`` runs
    after it and reads back, from where it was written, whether the result is true.
    ``places(arguments, context)`` runs before anything is decided, only reads, and says which absolute path
    each argument stands for that the manifest marks with ``x-place``.
    """

    run: Callable[[Arguments, Context], Result]
    keep: Callable[[Arguments, Context], Result] | None = None
    verify: Callable[[Arguments, Result, Context], Sequence[Seen]] | None = None
    places: Callable[[Arguments, Context], Mapping[str, str]] | None = None
