"""Questions for validation: phrases and tools that training never sees, offered as at run time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from ares.evolve.command_model._catalogue import Catalogue
from ares.evolve.command_model._rows import (
    Request,
    RequestMaker,
    Row,
    View,
    closest,
    encode_branch,
    in_validation,
    none_in_validation,
    plain_view,
    validation_tools,
)
from ares.evolve.command_model._sources import Sources, SourceTool
from ares.inference.command import Encoder

OFFERED: Final = 12


@dataclass(frozen=True, slots=True)
class Question:
    """A request, the tools offered for it and the place of the right one (-1: none of them)."""

    request: Request
    views: tuple[View, ...]
    right: int


def questions(sources: Sources, seed: int = 7) -> dict[str, list[Question]]:
    """The validation questions by kind: ``bundled`` (held-out phrases of the bundled capabilities),
    ``unseen`` (tools of held-out modules with one of their other phrases in each line), ``described`` (the
    same with descriptions only), ``none``, and ``near``: what is about a held-out module and none of its
    tools serves."""
    maker = RequestMaker(sources)
    rng = Random(f"validation {seed}")
    kept = validation_tools(sources.tools)
    bundled = [tool for tool in sources.tools if tool.bundled]
    unseen = [tool for tool in sources.tools if tool.name in kept]
    near, wide = Catalogue(bundled), Catalogue([*bundled, *unseen])
    made: dict[str, list[Question]] = {"bundled": [], "unseen": [], "described": [], "none": [], "near": []}
    for tool in bundled:
        for phrase in tool.phrases:
            if in_validation(tool, phrase) and (request := maker.request(tool, phrase, rng, 0.3)):
                made["bundled"].append(_question(request, near, rng))
    for tool in unseen:
        for phrase in tool.phrases:
            if request := maker.request(tool, phrase, rng, 0.3):
                made["unseen"].append(_question(request, wide, rng))
                made["described"].append(_question(request, wide, rng, examples=False))
    for text in sources.none:
        if none_in_validation(text):
            made["none"].append(_question(Request(text, None, {}, {}), near, rng))
    for module in sorted({tool.module for tool in unseen}):
        own = [tool for tool in unseen if tool.module == module]
        for text in sources.near.get(module, ()):
            made["near"].append(_question(Request(text, None, {}, {}), wide, rng, about=own))
    return made


def _question(
    request: Request,
    catalogue: Catalogue,
    rng: Random,
    examples: bool = True,
    about: Sequence[SourceTool] = (),
) -> Question:
    ranked = [tool for tool in catalogue.rank(request.text) if tool is not request.tool]
    ranked = [*about, *(tool for tool in ranked if tool not in about)]
    if request.tool is not None:
        wanted = request.tool
        ranked = [wanted, *(tool for tool in ranked if not catalogue.rivals(wanted, tool))]
    offered = ranked[:OFFERED]
    rng.shuffle(offered)
    views = tuple(
        plain_view(tool, _example(tool, request, catalogue) if examples else "") for tool in offered
    )
    right = offered.index(request.tool) if request.tool is not None else -1
    return Question(request, views, right)


def _example(tool: SourceTool, request: Request, catalogue: Catalogue) -> str:
    phrases = [phrase for phrase in tool.examples if phrase != request.phrase]
    return closest(catalogue, phrases, request.text)


def question_row(encoder: Encoder, question: Question) -> tuple[Row, list[tuple[int, ...]]] | None:
    """The question with its answer as a training row, and the names of the tools offered."""
    view = question.views[question.right] if question.right >= 0 else None
    branch = encode_branch(encoder, question.request, view)
    if branch is None:
        return None
    prefix: list[int] = []
    for shown in question.views:
        prefix += encoder.line(shown.tool)
    names = [tuple(encoder.name(shown.tool)) for shown in question.views]
    return Row(prefix, [branch[0]], [branch[1]], [branch[2]]), names
