"""The file that ships is the one its manifest describes, and it works."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from ares.evolve.command_model import Sources
from ares.evolve.command_model._report import Figures, table
from ares.evolve.command_model._rows import plain_view
from ares.evolve.command_model._sources import HERE
from ares.inference.command import CommandModel, LlamaEngine, Tool

MODELS = HERE.parents[1] / "inference" / "models"
FILE = MODELS / "command.gguf"
PAGE = Path(__file__).resolve().parents[3] / "docs" / "command-model.md"


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((MODELS / "command.json").read_text("utf-8"))
    return read


@pytest.fixture(scope="module")
def model() -> CommandModel:
    return CommandModel(LlamaEngine(FILE))


@pytest.fixture(scope="module")
def tools(sources: Sources) -> list[Tool]:
    """A dozen bundled capabilities."""
    wanted = [tool for tool in sources.tools if tool.bundled][:12]
    return [plain_view(tool, tool.examples[0]).tool for tool in wanted]


def test_the_file_is_the_one_of_the_manifest(manifest: dict[str, Any]) -> None:
    from ares.evolve.command_model._recipe import file_digest

    assert file_digest(FILE) == manifest["file"]
    assert FILE.stat().st_size == manifest["bytes"] <= 20_000_000
    assert 1_000_000 <= manifest["parameters"] <= 3_000_000


def test_the_manifest_says_from_what_the_file_was_made(manifest: dict[str, Any]) -> None:
    assert len(manifest["data"]) == len(manifest["code"]) == 64
    assert manifest["settings"]["seed"] == 1
    assert manifest["settings"]["steps"] > 0
    assert manifest["tokenizer differences"] == 0
    assert manifest["logit difference"] < 0.5
    assert {"bundled", "unseen", "described", "none", "near"} == manifest["figures"].keys()
    assert all(each["count"] >= each["chosen"] >= each["exact"] > 0 for each in manifest["figures"].values())


def test_its_page_has_the_figures_of_the_manifest(manifest: dict[str, Any]) -> None:
    page = PAGE.read_text("utf-8")
    assert f"{manifest['parameters'] / 1e6:.2f} million parameters" in page
    assert f"{manifest['bytes'] / 1e6:.1f} MB ({manifest['kind']})" in page
    assert f"{manifest['settings']['steps']} steps" in page
    for kind, figures in manifest["figures"].items():
        count, chosen, exact, harmful = cells(table({kind: Figures(**figures)}).splitlines()[2])[1:5]
        rows = [row for row in map(cells, page.splitlines()) if row[1:3] == [count, chosen]]
        # A sentence for no tool has no arguments to get right.
        assert [row[3:5] for row in rows] == [["" if kind in ("none", "near") else exact, harmful]]


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_probabilities_are_shares_of_one(model: CommandModel, tools: list[Tool]) -> None:
    choice = model.choose(tools, "what time is it in tokyo")
    assert math.isclose(sum(map(math.exp, [*choice.tools, choice.none])), 1.0, rel_tol=1e-6)


@pytest.mark.parametrize(
    ("request_text", "capability", "expected"),
    [
        ("delete Old-Draft.docx", "files.delete", {"path": "Old-Draft.docx"}),
        ("move report.pdf to downloads", "files.move", {"source": "report.pdf", "destination": "downloads"}),
        ("what time is it in tokyo", "clock.now", {"zone": "tokyo"}),
        ("how many days until christmas", "clock.until", {"date": "christmas"}),
    ],
)
def test_plain_requests_are_filled_right(
    model: CommandModel, tools: list[Tool], request_text: str, capability: str, expected: dict[str, str]
) -> None:
    index = [tool.name for tool in tools].index(capability)
    fill = model.fill(tools, request_text, index)
    assert {name: value.text for name, value in fill.arguments.items()} == expected


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "\ud800", "5" * 4000, "a " * 3000, "<|end|>", "\U0001f600" * 50]
)
def test_odd_requests_do_no_harm(model: CommandModel, tools: list[Tool], text: str) -> None:
    fill = model.fill(tools, text, 0)
    assert all(value.text in text for value in fill.arguments.values())
    assert len(model.choose(tools, text).tools) == len(tools)
