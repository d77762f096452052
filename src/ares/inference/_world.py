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
    """

    now: datetime
    zone: str
    cwd: str
    home: str
    values: Callable[[str], tuple[Value, ...]]


class Proposer(Protocol):
    """A mind that reads sentences. It proposes and never executes."""

    def read(self, sentence: str, tools: Sequence[Capability], world: World) -> Reading:
        """What ``sentence`` asks of ``tools``: calls, a question back, or nothing that fits."""
