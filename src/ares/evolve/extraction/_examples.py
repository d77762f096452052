"""What the network is trained on: a request as one argument sees it, and which words are its value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from ares.core import Capability, Effect, Json
from ares.evolve.command_model import Request, RequestMaker, Slot, Sources, SourceTool
from ares.inference._words import listed
from ares.inference.extraction import Seen, is_content, see
from ares.inference.matching import Analysis, Matcher

_BUNDLED: Final = 0.08
_OTHER_EXAMPLES: Final = 0.3
_PHRASES: Final = 8
_STRENGTH: Final = 0.6
_LONGEST: Final = 40
_TITLED: Final = 0.2
_INITIAL: Final = re.compile(r"\b[a-z]")
_ARTICLES: Final = frozenset(listed("the a an my our your his her their"))
_FORMATS: Final = frozenset(listed("path duration time date url email"))
_EFFECTS: Final = {effect.value: effect for effect in Effect}


@dataclass(frozen=True, slots=True)
class Example:
    """A request of at most 40 words as an argument sees it. ``span`` is the number of the first word of the
    value and the number after that of the last, None when the request has none.
    """

    seen: Seen
    span: tuple[int, int] | None


class Examples:
    """Makes examples from ``sources``, by seed and without end."""

    def __init__(self, sources: Sources) -> None:
        self._maker = RequestMaker(sources)
        tools = [tool for tool in sources.tools if any(_is_text(slot) for slot in tool.slots)]
        self._bundled = [tool for tool in tools if tool.bundled]
        self._invented = [tool for tool in tools if not tool.bundled]

    def draw(self, rng: Random) -> list[Example]:
        """Those of one request: one for each argument of its capability that takes text."""
        bundled = self._bundled and rng.random() < _BUNDLED
        return self.of(rng.choice(self._bundled if bundled else self._invented), rng)

    def of(self, tool: SourceTool, rng: Random) -> list[Example]:
        """Those of one request for ``tool``; none when no request could be made."""
        request = self._maker.request(tool, rng.choice(tool.phrases), rng, _STRENGTH)
        if request is None:
            return []
        capability = as_capability(tool, _phrases(tool, request.phrase, rng))
        analysis = Matcher([capability]).analyse(_titled(request, tool, rng))
        return list(_examples(tool, request, capability, analysis)) if len(analysis.words) <= _LONGEST else []


def _examples(
    tool: SourceTool, request: Request, capability: Capability, analysis: Analysis
) -> Iterator[Example]:
    texts = {slot.argument.name for slot in tool.slots if _is_text(slot)}
    others = [span for name, span in request.spans.items() if name not in texts]
    taken = frozenset(at for span in others for at in analysis.places(*span))
    for name in sorted(texts):
        span: tuple[int, int] | None = None
        if name in request.spans:
            span = _whole_words(analysis, *request.spans[name], named=not is_content(name))
            if span is None:
                continue
        yield Example(see(analysis, capability, name, taken), span)


def _titled(request: Request, tool: SourceTool, rng: Random) -> str:
    """The text of ``request``; at times with what it names written like a title."""
    text = request.text
    for slot in tool.slots:
        name = slot.argument.name
        if _is_text(slot) and name in request.spans and not is_content(name) and rng.random() < _TITLED:
            start, end = request.spans[name]
            text = text[:start] + _INITIAL.sub(lambda found: found[0].upper(), text[start:end]) + text[end:]
    return text


def _phrases(tool: SourceTool, used: str, rng: Random) -> tuple[str, ...]:
    """Some example phrases of ``tool`` without the one that the request was made from."""
    pool: Sequence[str] = tool.examples
    if rng.random() < _OTHER_EXAMPLES:
        pool = list(dict.fromkeys((*tool.examples, *tool.phrases)))
    pool = [phrase for phrase in pool if phrase != used]
    return tuple(rng.sample(pool, min(len(pool), _PHRASES)))


def _whole_words(request: Analysis, start: int, end: int, *, named: bool) -> tuple[int, int] | None:
    """The words of the characters ``start:end``, if these are whole words; of what is ``named`` without
    article, unless it is written like part of the name.
    """
    places = list(request.places(start, end))
    if not places or request.words[places[0]].start < start or request.words[places[-1]].end > end:
        return None
    while named and len(places) > 1 and _is_article(request, places[0]):
        places.pop(0)
    return places[0], places[-1] + 1


def _is_article(request: Analysis, at: int) -> bool:
    word = request.words[at]
    return word.text in _ARTICLES and (at == 0 or request.sentence[word.start].islower())


def _is_text(slot: Slot) -> bool:
    return slot.argument.kind == "text" and not slot.argument.choices


def as_capability(tool: SourceTool, examples: Sequence[str]) -> Capability:
    """``tool`` as a module would register it, with other ``examples``."""
    module, _, name = tool.name.partition(".")
    required: list[Json] = [slot.argument.name for slot in tool.slots if slot.argument.required]
    properties: dict[str, Json] = {slot.argument.name: _schema(slot) for slot in tool.slots}
    return Capability(
        module=module,
        name=name,
        description=tool.description,
        effect=_EFFECTS.get(tool.effect, Effect.WRITE),
        input_schema={"type": "object", "properties": properties, "required": required},
        output_schema={},
        examples=tuple(examples),
    )


def _schema(slot: Slot) -> dict[str, Json]:
    kind = slot.argument.kind
    if slot.argument.choices:
        return {"type": "string", "enum": list(slot.argument.choices)}
    if kind == "number":
        return {"type": "number"}
    return {"type": "string", "format": kind} if kind in _FORMATS else {"type": "string"}
