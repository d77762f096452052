"""What the policy is asked: a capability with its arguments, and the places they touch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ares.core import Capability, Json, Origin

INSIDE: Final = ("cwd", "home", "hidden", "system", "state")
"""Where a place can lie: the working folder, the home, a dot-folder of those, elsewhere, ARES's own files."""


@dataclass(frozen=True, slots=True)
class Place:
    """A path that an argument names. ``resolved`` is absolute, symbolic links resolved.

    ``inside`` is one of :data:`INSIDE`. ``holds_state``: ARES's own files lie somewhere below it, so that
    changing it is denied while reading it is not. ``program``: it is a part of the program itself, such as
    its code or the rules it ships with, or holds one.
    """

    argument: str
    resolved: str
    inside: str
    holds_state: bool = False
    program: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One action as the policy sees it.

    ``tainted`` names the arguments (and ``capability`` for the choice itself) that the owner did not say.
    ``interactive``: somebody can be asked.
    """

    capability: Capability
    arguments: Mapping[str, Json]
    origin: Origin
    tainted: tuple[str, ...] = ()
    paths: tuple[Place, ...] = ()
    interactive: bool = True
