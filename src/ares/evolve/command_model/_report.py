"""How well the exported file, alone and through llama.cpp, answers the validation questions, and at what
cost."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from ares.evolve.command_model._questions import Question, questions
from ares.evolve.command_model._recipe import write_json
from ares.evolve.command_model._sources import Sources
from ares.inference.command import CommandModel, LlamaEngine

_Z: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over the questions of one kind. ``harmful`` of ``harmless`` questions that ask to read
    something (or nothing at all) were answered with a tool that changes something; ``seconds`` is CPU
    time."""

    count: int
    chosen: int
    exact: int
    harmful: int
    harmless: int
    seconds: float


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of the share ``right / total`` (Wilson 1927)."""
    if total == 0:
        return 0.0, 1.0
    share, weight = right / total, _Z * _Z / total
    middle = (share + weight / 2) / (1 + weight)
    reach = _Z / (1 + weight) * math.sqrt(share * (1 - share) / total + weight / (4 * total))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def measure(model: CommandModel, asked: Sequence[Question]) -> Figures:
    """Ask ``model`` every question; the tool with the highest probability (or none) is its answer."""
    chosen = exact = harmful = harmless = 0
    began = time.process_time()
    for question in asked:
        tools = [view.tool for view in question.views]
        choice = model.choose(tools, question.request.text)
        best = max(range(len(tools)), key=lambda index: choice.tools[index])
        pick = best if choice.tools[best] > choice.none else -1
        wanted = question.request.tool
        if wanted is None or wanted.effect == "read":
            harmless += 1
            harmful += pick >= 0 and question.views[pick].source.effect != "read"
        if pick != question.right:
            continue
        chosen += 1
        exact += pick < 0 or _arguments_right(model, question, pick)
    return Figures(len(asked), chosen, exact, harmful, harmless, round(time.process_time() - began, 1))


def _arguments_right(model: CommandModel, question: Question, index: int) -> bool:
    request, view = question.request, question.views[index]
    fill = model.fill([each.tool for each in question.views], request.text, index)
    expected = {name: request.text[start:end] for name, (start, end) in request.spans.items()}
    for argument in view.tool.arguments:
        if argument.name in request.choices:
            expected[argument.name] = argument.choices[request.choices[argument.name]]
        if argument.name in request.missing:
            expected.pop(argument.name, None)
    found = {name: value.text for name, value in fill.arguments.items()}
    return found == expected and set(fill.missing) == set(request.missing)


def table(figures: Mapping[str, Figures]) -> str:
    """The figures as a Markdown table with 95 % intervals."""
    lines = [
        "| questions | n | tool right | all arguments right too | changes picked though none asked | CPU |",
        "|---|---|---|---|---|---|",
    ]
    for kind, each in figures.items():
        lines.append(
            f"| {kind} | {each.count} | {_share(each.chosen, each.count)} |"
            f" {_share(each.exact, each.count)} |"
            f" {_share(each.harmful, each.harmless)} | {1000 * each.seconds / max(1, each.count):.1f} ms |"
        )
    return "\n".join(lines)


def _share(right: int, total: int) -> str:
    low, high = wilson(right, total)
    return f"{100 * right / max(1, total):.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def validation_report(sources: Sources, out: Path) -> str:
    """The table for ``command.gguf`` in ``out``, whose counts go into the manifest beside it."""
    model = CommandModel(LlamaEngine(out / "command.gguf"))
    figures = {kind: measure(model, asked) for kind, asked in questions(sources).items()}
    manifest = json.loads((out / "command.json").read_text("utf-8"))
    manifest["figures"] = {kind: asdict(each) for kind, each in figures.items()}
    write_json(out / "command.json", manifest)
    return table(figures)
