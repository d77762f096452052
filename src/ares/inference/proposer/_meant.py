"""What the meaning of words says of each capability before a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from ares.core import Capability
from ares.inference.matching import Analysis
from ares.inference.meaning import Likely, Texts, about_tokens, meaning, phrase_tokens, said_tokens
from ares.inference.values import Normaliser

_REMEMBERED: Final = 2048


def meant(
    request: Analysis,
    values: Mapping[str, Iterable[tuple[int, int]]],
    tools: Sequence[Capability],
    normaliser: Normaliser,
) -> Likely:
    """How likely each of ``tools`` is meant, in their order, and none; ``values`` are the places of values by
    the kind of argument that takes them.
    """
    texts = [_texts_of(tool, normaliser) for tool in tools]
    return meaning().likely(said_tokens(request, values), texts)


def _texts_of(tool: Capability, normaliser: Normaliser) -> tuple[Texts, ...]:
    marks = tuple((slot.name, slot.kind) for slot in normaliser.slots(tool))
    return _texts(tool.full_name, tool.description, tool.examples, marks)


@lru_cache(maxsize=_REMEMBERED)
def _texts(
    name: str, description: str, examples: tuple[str, ...], marks: tuple[tuple[str, str], ...]
) -> tuple[Texts, ...]:
    by_name = dict(marks)
    phrases = [phrase_tokens(phrase, by_name) for phrase in examples]
    return meaning().texts([*(phrase for phrase in phrases if phrase), about_tokens(name, description)])
