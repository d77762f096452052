"""From a sentence to a reading, with the capabilities and live values of this moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from ares.agent._models import Opened, open_proposer
from ares.core import Capability, Reading
from ares.errors import UsageError
from ares.inference import World
from ares.paths import user_home, working_folder

if TYPE_CHECKING:
    from ares.config import Config
    from ares.paths import Paths
    from ares.registry import Registry
    from ares.runtime import Runtime

_LONGEST: Final = 4000
_LONGEST_WORD: Final = 400
_LOOKED_BACK: Final = 3
"""So many sentences a question may be back: one for every argument that was missing."""
_REMEMBERED: Final = 32
"""Readings; what the sentences of a chat that are looked back at came to is among the latest."""
_LOOKED_AT: Final = 64
"""So many capabilities are matched in full; of more, the full-text search picks them first."""


class Reader:
    """Reads sentences. Use :meth:`open`; the model is loaded when the first sentence comes."""

    def __init__(self, registry: Registry, runtime: Runtime, config: Config) -> None:
        self._registry = registry
        self._runtime = runtime
        self._config = config
        self._opened: Opened | None = None
        self._readings: dict[str, Reading] = {}

    @classmethod
    def open(cls, registry: Registry, runtime: Runtime, config: Config, paths: Paths) -> Reader:
        """Return a reader over the capabilities of ``registry`` and the live values of ``runtime``."""
        return cls(registry, runtime, config)

    def load(self) -> None:
        """Load the model now instead of when the first sentence comes.

        Raises :class:`~ares.errors.NotFoundError` or :class:`~ares.errors.ModelError` when the chosen model
        cannot be used.
        """
        self._model()

    def close(self) -> None:
        """Free the model. Doing it twice does no harm."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def read(self, sentence: str, history: Sequence[str] = ()) -> Reading:
        """What ``sentence`` asks for. ``history`` are the sentences before it, the latest last: an answer to
        what ARES asked back, and "it" for what was named there, are understood.

        Raises :class:`~ares.errors.UsageError` for a sentence that is too long or no Unicode text,
        :class:`~ares.errors.NotFoundError` or :class:`~ares.errors.ModelError` when the chosen model
        cannot be used.
        """
        if not sentence.isprintable() and any("\ud800" <= each <= "\udfff" for each in sentence):
            raise UsageError("the sentence is not Unicode text; check what your terminal sends")
        if not _fits(sentence):
            raise UsageError(
                f"a sentence has at most {_LONGEST} characters and words of at most {_LONGEST_WORD};"
                " `ares run` takes longer values"
            )
        recent = _recent(sentence, history)
        if not recent:
            return self._alone(sentence)
        from ares.agent._follow_up import follow_up

        return follow_up(sentence, recent, self._alone, self._recalled)

    def _alone(self, sentence: str) -> Reading:
        """What ``sentence`` asks for by itself."""
        opened = self._model()
        world = replace(self.world(), others=tuple(self._near(sentence)))
        reading = opened.proposer.read(sentence, self.offer(sentence, world), world)
        self._readings.pop(sentence, None)
        self._readings[sentence] = reading
        if len(self._readings) > _REMEMBERED:
            del self._readings[next(iter(self._readings))]
        return reading

    def _model(self) -> Opened:
        if self._opened is None:
            self._opened = open_proposer(self._registry, self._config)
        return self._opened

    def _recalled(self, text: str) -> Reading:
        """What ``text`` came to when it was read, or comes to now if that is not remembered."""
        return self._readings.get(text) or self._alone(text)

    def offer(self, sentence: str, world: World) -> tuple[Capability, ...]:
        """The capabilities that are offered to the model for ``sentence``, the likeliest first: at most as
        many as the setting ``agent.offer`` says and the model takes.
        """
        from ares.inference.proposer import shortlist
        from ares.inference.values import Normaliser

        limit = max(1, self._config.number("agent.offer"))
        if self._opened is not None and self._opened.most:
            limit = min(limit, self._opened.most)
        near = world.others or self._near(sentence)
        return shortlist(sentence, near, Normaliser(world, near), limit)

    def _near(self, sentence: str) -> list[Capability]:
        """All capabilities, or those of many that have words in common with the sentence."""
        rows = self._registry.modules()
        total = sum(row.capabilities for row in rows if row.active and row.enabled)
        if total <= _LOOKED_AT:
            return self._registry.capabilities(offered=True)
        from ares.inference.matching import related_words

        query = f"{sentence} {' '.join(related_words(sentence))}"
        return [capability for capability, _ in self._registry.search(query, _LOOKED_AT, offered=True)]

    def world(self) -> World:
        """This moment: time, zone, folders, and the values that modules offer, each asked for once."""
        from ares.runtime import local_now

        now = local_now()
        zone = str(getattr(now.tzinfo, "key", "") or "UTC")
        return World(now, zone, str(working_folder()), str(user_home()), cache(self._runtime.values))


def _fits(text: str) -> bool:
    """Whether ``text`` is short enough to be read."""
    return len(text) <= _LONGEST and all(len(word) <= _LONGEST_WORD for word in text.split())


def _recent(sentence: str, history: Sequence[str]) -> Sequence[str]:
    """The latest of ``history``, as far as they can be read as one text with ``sentence``."""
    for start in range(max(0, len(history) - _LOOKED_BACK), len(history)):
        if _fits("; ".join([*history[start:], sentence])):
            return history[start:]
    return ()
