"""Judgement is pure: what its layers may import is listed here, and everything else is refused.

Who may import whom among the layers is a matter for `lint-imports`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "ares"

PLAIN: Final = {"__future__", "collections.abc", "dataclasses", "enum", "json", "typing"}
ALLOWED: Final = {
    "core": PLAIN,
    "policy": PLAIN | {"re", "ares.core", "ares.errors", "ares.patterns"},
    "protocol": PLAIN | {"re", "ares.core"},
}
EXCEPTIONS: Final = {
    # The nouns are loaded when they are used.
    "core/__init__.py": {"importlib"},
    # An id is made of time and chance.
    "core/_action.py": {"secrets", "time"},
    "core/_canonical.py": {"hashlib"},
}
BUILT_IN: Final = {"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"}
"""Built-in functions that reach out of the process, or into anything."""


def imported(tree: ast.AST, package: str) -> Iterator[str]:
    """Yield the full name of every module that is imported, wherever in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            module = ".".join([*parents, *filter(None, [node.module])])
            # What is imported from the root package is a layer.
            yield from (f"ares.{each.name}" for each in node.names) if module == "ares" else (module,)


def impurities(code: str, name: str) -> list[str]:
    """Return what a file of `core`, `policy` or `protocol` may not import or call; ``name`` is its path."""
    layer = name.partition("/")[0]
    tree = ast.parse(code)
    allowed = ALLOWED[layer] | EXCEPTIONS.get(name, set())
    own = f"ares.{layer}"
    found = [
        module
        for module in imported(tree, own)
        if module not in allowed and module != own and not module.startswith(f"{own}.")
    ]
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return found + [each for each in names if each in BUILT_IN]


FILES = [
    str(file.relative_to(SOURCE)) for layer in ALLOWED for file in sorted((SOURCE / layer).rglob("*.py"))
]


@pytest.mark.parametrize("name", FILES)
def test_judgement_imports_nothing_but_what_is_listed(name: str) -> None:
    assert impurities((SOURCE / name).read_text("utf-8"), name) == []


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_no_exception_is_made_for_nothing(name: str) -> None:
    tree = ast.parse((SOURCE / name).read_text("utf-8"))
    assert set(imported(tree, "ares.core")) >= EXCEPTIONS[name]


@pytest.mark.parametrize(
    ("name", "code", "found"),
    [
        ("protocol/_judge.py", "import httpx", "httpx"),
        ("protocol/_judge.py", "def f():\n    import ctypes", "ctypes"),
        ("protocol/_judge.py", "from random import random", "random"),
        ("protocol/_judge.py", "from ares import interrupts", "ares.interrupts"),
        ("protocol/_judge.py", "import ares.policy", "ares.policy"),
        ("protocol/_judge.py", "from ..store import Store", "ares.store"),
        ("protocol/_judge.py", "from .. import store", "ares.store"),
        ("policy/_rule.py", "import os.path", "os.path"),
        ("policy/_rule.py", "text = open('x').read()", "open"),
        ("core/_action.py", "import importlib", "importlib"),
        ("core/_passage.py", "import io, multiprocessing", "io"),
        ("core/_passage.py", "from ares.errors import AresError", "ares.errors"),
        ("core/_passage.py", "from collections import OrderedDict", "collections"),
    ],
)
def test_the_check_of_purity_can_fail(name: str, code: str, found: str) -> None:
    assert impurities(code, name)[0] == found


def test_lint_imports_sees_every_file() -> None:
    # It passes over a folder without `__init__.py`, which Python would import all the same.
    assert [file for file in SOURCE.rglob("*.py") if not (file.parent / "__init__.py").exists()] == []


def test_what_a_layer_has_of_itself_is_no_import() -> None:
    assert (
        impurities("from ares.core._action import Action\nfrom . import _action\nimport json", "core/x.py")
        == []
    )
