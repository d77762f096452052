"""What a module's code does to the import system is seen by itself alone."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from tests.modules.desk import Desk, open_desk
from tests.runtime.samples import ECHO

from ares.paths import Paths
from ares.store import Store

Write = Callable[..., Path]

TOP = """\
import os, sys
sys.path.insert(0, os.path.dirname(__file__))
import helper
"""
SAY = """
from ares.runtime.hookspecs import hookimpl

def say(arguments, context):
    {body}

@hookimpl
def ares_operations():
    return {{"say": say}}
"""


@pytest.fixture(autouse=True)
def untouched() -> Iterator[None]:
    """Whatever a test loads, the import system is as it was."""
    before = (sys.path, sys.path[:], set(sys.modules))
    yield
    assert sys.path is before[0]
    assert sys.path == before[1]
    new = {name for name in set(sys.modules) - before[2] if not name.startswith("ares_modules")}
    assert not new & {"helper", "late", "parts", "parts.inner"}
    assert not [folder for folder in sys.path_importer_cache if "/modules/" in folder and "one" in folder]


def registered(desk: Desk, write: Write, name: str, body: str, top: str = TOP, **files: str) -> None:
    manifest = ECHO.replace("name: echo", f"name: {name}")
    code = top + SAY.format(body=body)
    desk.modules.register(write(manifest, folder=name, module=code, **files))


def said(desk: Desk, name: str) -> str:
    result = desk.do(f"{name}.say", text="x").result
    return str(result["said"])


def test_two_modules_with_a_helper_of_the_same_name_each_get_their_own(desk: Desk, write: Write) -> None:
    count = "helper.CALLS.append(1); return {'said': helper.NAME * len(helper.CALLS)}"
    for name in ("one", "two"):
        registered(desk, write, name, count, helper=f"NAME = {name!r}\nCALLS = []\n")
    # Taken alternately, each goes on with the helper it has: what it remembers is still there.
    assert [said(desk, name) for name in ("one", "two", "one", "two")] == ["one", "two", "oneone", "twotwo"]


def test_what_is_imported_while_it_runs_is_its_own_too(desk: Desk, write: Write) -> None:
    late = "import late; return {'said': late.NAME + str(len(sys.path))}"
    for name in ("one", "two"):
        registered(desk, write, name, late, helper="", late=f"NAME = {name!r}\n")
    longer = len(sys.path) + 1
    assert [said(desk, name) for name in ("one", "two", "one")] == [
        f"one{longer}", f"two{longer}", f"one{longer}"
    ]  # fmt: skip


def test_a_folder_that_is_added_at_every_call_is_there_once(desk: Desk, write: Write) -> None:
    body = "sys.path.append('/added'); return {'said': str(sys.path.count('/added')) + sys.path[-1]}"
    registered(desk, write, "one", body, helper="")
    assert [said(desk, "one") for _ in range(3)] == ["1/added", "2/added", "2/added"]


@pytest.mark.parametrize("path", ["None", "[]", "[5, *sys.path]"])
def test_whatever_stands_in_the_place_of_the_path_it_is_put_back(desk: Desk, write: Write, path: str) -> None:
    registered(desk, write, "one", f"sys.path = {path}; return {{'said': helper.NAME}}", helper="NAME = 'a'")
    assert [said(desk, "one") for _ in range(2)] == ["a", "a"]


def test_a_package_beside_the_code_is_imported_whole(desk: Desk, write: Write, tmp_path: Path) -> None:
    folder = tmp_path / "written" / "one"
    for name, text in (
        ("parts/__init__.py", ""),
        ("parts/inner.py", "from . import other\nNAME = other.NAME"),
        ("parts/other.py", "NAME = 'inner'"),
        ("bare/leaf.py", "NAME = 'leaf'"),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    body = "import parts.inner, bare.leaf; return {'said': parts.inner.NAME + bare.leaf.NAME}"
    registered(desk, write, "one", body, helper="")
    assert said(desk, "one") == "innerleaf"


def test_what_is_imported_is_what_was_registered_and_not_what_was_compiled_beside_it(
    desk: Desk, write: Write, tmp_path: Path
) -> None:
    import py_compile

    registered(desk, write, "one", "return {'said': helper.NAME}", helper="NAME = 'mine'")
    folder = Path(desk.registry.module("one").source)
    other = tmp_path / "other.py"
    other.write_text("NAME = 'else'")
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(
        str(other),
        cfile=str(folder / "__pycache__" / f"helper.{sys.implementation.cache_tag}.pyc"),
        invalidation_mode=mode,
    )
    assert said(desk, "one") == "mine"


def test_a_name_that_others_have_imported_meanwhile_is_theirs_again(desk: Desk, write: Write) -> None:
    registered(desk, write, "one", "return {'said': helper.NAME}", helper="NAME = 'mine'")
    assert said(desk, "one") == "mine"
    theirs = sys.modules["helper"] = ModuleType("helper")
    try:
        assert said(desk, "one") == "mine"
        assert sys.modules["helper"] is theirs
    finally:
        del sys.modules["helper"]


def test_a_module_that_fails_leaves_nothing_behind(desk: Desk, write: Write) -> None:
    from ares.errors import ModuleError

    registered(desk, write, "one", "raise ValueError", helper="")
    registered(desk, write, "two", "pass", top=TOP + "raise ValueError\n", helper="")
    for name in ("one", "two"):
        with pytest.raises(ModuleError, match="ValueError"):
            said(desk, name)


NESTED = """
    with ares.Ares.open() as me:
        inner = me.perform("two.say", text="x", approve=lambda proposal: True)
    return {'said': helper.NAME + inner.result['said'] + helper.NAME}
"""


def test_a_module_that_calls_another_through_ares_does_not_show_it_its_own(desk: Desk, write: Write) -> None:
    registered(desk, write, "two", "import helper; return {'said': helper.NAME}", helper="NAME = '2'")
    registered(desk, write, "one", NESTED.strip(), top=TOP + "import ares\n", helper="NAME = '1'")
    assert said(desk, "one") == "121"


def test_modules_that_run_in_several_threads_take_turns(
    desk: Desk, write: Write, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = ModuleType("the_log")
    lines: list[str] = []
    log.__dict__["lines"] = lines
    monkeypatch.setitem(sys.modules, "the_log", log)
    work = "lines.append('in'); [None for _ in range(100_000)]; lines.append('out')"
    for name in ("one", "two"):
        body = f"from the_log import lines; {work}; return {{'said': helper.NAME}}"
        registered(desk, write, name, body, helper=f"NAME = {name!r}")

    both = threading.Barrier(2)

    def use(name: str) -> None:
        with Store.open(paths) as store:
            both.wait()
            mine = open_desk(store, paths, tmp_path / "bundled")
            assert [said(mine, name) for _ in range(25)] == [name] * 25

    running = [threading.Thread(target=use, args=(name,)) for name in ("one", "two")]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert lines == ["in", "out"] * 50
