"""The module pages: the guide makes a working module, and every key and hook is described."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path

import pluggy
import pytest
from tests.modules.desk import Desk

from ares.core import Effect
from ares.runtime import Context, Operation, _manifest, _manifest_capability, _schema, hookspecs

DOCS = Path(__file__).parent.parent.parent / "docs"
GUIDE = (DOCS / "modules.md").read_text(encoding="utf-8")
HOOKS = (DOCS / "hooks.md").read_text(encoding="utf-8")


def test_following_the_guide_makes_a_module_that_keeps_its_promises(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "shopping"
    folder.mkdir()
    for name, language in (("module.yaml", "yaml"), ("module.py", "python")):
        found = re.search(rf"`{re.escape(name)}`:\n\n```{language}\n(.*?)```", GUIDE, re.DOTALL)
        assert found, name
        (folder / name).write_text(found[1], encoding="utf-8")
    desk.modules.register(folder)
    added = desk.do("shopping.add", what="oat milk")
    assert added.holds
    assert [value.value for value in desk.runtime.values("shopping.items")] == ["oat milk"]
    assert desk.undo(added).holds
    assert desk.runtime.values("shopping.items") == ()


@pytest.mark.parametrize(
    "word",
    [
        *_manifest._KEYS,
        *_manifest_capability._KEYS,
        *_manifest_capability._WORDS,
        *_manifest_capability._SHOWN,
        *_schema._KEYWORDS,
        *_schema.FORMATS,
        *Effect,
    ],
)
def test_every_key_and_word_of_a_manifest_is_described(word: str) -> None:
    assert re.search(rf"[`:]{re.escape(word)}[`:}}]", GUIDE), word


def test_every_hook_is_described_with_its_parameters() -> None:
    manager = pluggy.PluginManager("ares")
    manager.add_hookspecs(hookspecs)
    hooks = [hook for hook in vars(manager.hook) if not hook.startswith("_")]
    assert hooks
    for hook in hooks:
        parameters = ", ".join(inspect.signature(getattr(hookspecs, hook)).parameters)
        assert f"## `{hook}({parameters})`" in HOOKS


def test_every_member_of_context_and_operation_is_described() -> None:
    for member in (*dataclasses.fields(Context), *dataclasses.fields(Operation)):
        assert re.search(rf"`{member.name}[`(]", HOOKS), member.name
