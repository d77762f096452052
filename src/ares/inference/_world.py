"""What a proposer is given and what it promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ares.core import Capability, Reading, Value


@dataclass(frozen=True, slots=True)
class World:
    """What a sentence is spoken to: the moment (aware), the zone of the owner's clock (IANA), the working
    folder, the home, and the live values that a source (``hosts.names``) offers at this moment.

    ``others`` are capabilities of which the values are known besides those of what is on offer: that a folder
    is there, or a machine, does not depend on which of them a sentence is likest.
    """

    now: datetime
    zone: str
    cwd: str
    home: str
    values: Callable[[str], tuple[Value, ...]]
    others: tuple[Capability, ...] = ()


class Proposer(Protocol):
    """A mind that reads sentences. It proposes and never executes."""

    def read(self, sentence: str, tools: Sequence[Capability], world: World) -> Reading:
        """What ``sentence`` asks of ``tools``: calls, a question back, or nothing that fits."""
