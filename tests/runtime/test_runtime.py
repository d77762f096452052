"""The runtime: it runs what a grant was given for, and a module's faults are one line."""

from __future__ import annotations

import marshal
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.modules.desk import NOW, Desk, open_desk
from tests.runtime.samples import ECHO, ECHO_CODE, FOUNDING, FOUNDING_CODE, FOUNDING_HELPER

from ares.core import Action, Grant, Origin, Value
from ares.errors import AresError, ArgumentError, GrantError, ModuleError, NotFoundError, UsageError
from ares.paths import Paths
from ares.store import Store

Write = Callable[..., Path]

WRITING = ECHO.replace("effect: read", "effect: write\n    keep: true\n    verify: true")
HEAD = "from ares.runtime import Operation\nfrom ares.runtime.hookspecs import hookimpl\n"


def registered(desk: Desk, write: Write, run: str, manifest: str = ECHO) -> None:
    """Register a module whose only operation has the body ``run``."""
    body = "\n    ".join(run.splitlines())
    offer = "\n\n@hookimpl\ndef ares_operations():\n    return {'say': say}\n"
    desk.modules.register(write(manifest, module=f"{HEAD}\ndef say(arguments, context):\n    {body}{offer}"))


def test_a_module_runs_and_its_answer_comes_back(desk: Desk, write: Write) -> None:
    desk.modules.register(write(ECHO, module=ECHO_CODE))
    assert desk.do("echo.say", text="ho", times=3).result == {"said": "hohoho"}


def test_the_founding_documents_form_runs_unmodified(
    desk: Desk, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(FOUNDING, bridge=FOUNDING_CODE, birds=FOUNDING_HELPER)
    registration = desk.modules.register(folder)
    assert all(finding.met for finding in registration.findings)
    done = desk.do("pigeon-bridge.send_message", phone="12", message="coo")
    assert done.result == {"success": True, "message_id": "tower-1"}
    # The bridge that was made once is asked again: it remembers.
    assert desk.do("pigeon-bridge.receive_message").result == {"messages": ["coo"]}
    assert capsys.readouterr().out == ""


def test_a_main_function_that_takes_nothing_is_given_nothing(desk: Desk, write: Write) -> None:
    code = FOUNDING_CODE.replace("def create_bridge(config):\n    return Bridge(config)", MAIN)
    desk.modules.register(write(FOUNDING, bridge=code, birds=FOUNDING_HELPER))
    done = desk.do("pigeon-bridge.send_message", phone="12", message="coo")
    assert done.result["message_id"] == "none-1"


MAIN = "def create_bridge():\n    return Bridge({'loft': 'none'})"


@pytest.mark.parametrize(
    ("run", "problem"),
    [
        ("raise RuntimeError('two\\nlines')", "echo.say: RuntimeError: two lines"),
        ("raise SystemExit(3)", "echo.say: SystemExit: 3"),
        ("raise BaseException('deep')", "echo.say: BaseException: deep"),
        ("open('/nowhere/at/all')", "echo.say: No such file or directory: /nowhere/at/all"),
        ("return say(arguments, context)", "RecursionError"),
        ("return None", "its answer breaks its own manifest: must be an object, not None"),
        ("return {'said': 5}", "said: must be text, not 5"),
        ("return {}", "said is missing"),
        ("return {'said': object()}", "which is not JSON"),
        ("return {'said': 'x', 'more': float('nan')}", "which is not JSON"),
        ("return {'said': '\\ud800'}", "which is not JSON"),
        ("return {'said': 'x', b'k': 1}", "which is not JSON"),
        (
            "class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd",
            "message cannot be shown",
        ),
    ],
)
def test_whatever_goes_wrong_in_a_module_is_one_line(
    desk: Desk, write: Write, run: str, problem: str
) -> None:
    registered(desk, write, run)
    with pytest.raises(ModuleError) as caught:
        desk.do("echo.say", text="x")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("echo.say: ")


def test_a_module_may_say_that_the_words_are_off(desk: Desk, write: Write) -> None:
    registered(desk, write, "from ares.errors import NotFoundError\nraise NotFoundError('no such thing')")
    with pytest.raises(NotFoundError, match=r"^echo\.say: no such thing$"):
        desk.do("echo.say", text="x")


def test_a_module_cannot_pretend_that_the_gate_said_no(desk: Desk, write: Write) -> None:
    registered(desk, write, "from ares.errors import DeniedError\nraise DeniedError('no')")
    with pytest.raises(ModuleError):
        desk.do("echo.say", text="x")


def test_control_c_in_a_module_is_not_swallowed(desk: Desk, write: Write) -> None:
    registered(desk, write, "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        desk.do("echo.say", text="x")


def test_what_a_module_prints_never_reaches_standard_output(
    desk: Desk, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    registered(desk, write, "print('{garbage')\nreturn {'said': 'fine'}")
    assert desk.do("echo.say", text="x").result == {"said": "fine"}
    out, err = capsys.readouterr()
    assert (out, err) == ("", "{garbage\n")


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("def broken(:", "SyntaxError"),
        ("import nonexistent_package_of_nobody", "ModuleNotFoundError"),
        ("raise SystemExit", "SystemExit"),
        ("", "the code offers nothing for echo.say"),
        (HEAD + "@hookimpl\ndef ares_operations(): return 5", "must return a mapping, not int"),
        (
            HEAD + "@hookimpl\ndef ares_operations(): return {'say': 5}",
            "is a function, or an object with `run`",
        ),
        (HEAD + "@hookimpl\ndef ares_operations(): return {'say': len, 'sing': len}", "does not name sing"),
        (HEAD + "@hookimpl\ndef ares_operations(surprise): return {}", "does not fit docs/hooks.md"),
        (HEAD + "@hookimpl\ndef ares_operations(): raise ValueError('no')", "ValueError: no"),
    ],
)
def test_a_module_that_cannot_be_loaded_says_why(desk: Desk, write: Write, code: str, problem: str) -> None:
    desk.modules.register(write(ECHO, module=code))
    before = set(sys.modules)
    with pytest.raises(ModuleError) as caught:
        desk.do("echo.say", text="x")
    assert str(caught.value).startswith("module echo cannot be loaded: ")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)
    assert desk.runtime.loaded == ()
    assert not [name for name in set(sys.modules) - before if name.startswith("ares_modules.")]


def test_a_manifest_that_promises_more_than_the_code_has_is_not_loaded(desk: Desk, write: Write) -> None:
    desk.modules.register(write(WRITING, module=ECHO_CODE))
    with pytest.raises(ModuleError, match=r"echo\.say promises `keep` and has none"):
        desk.do("echo.say", text="x")


@pytest.mark.parametrize(
    ("seen", "problem"),
    [
        ("raise OSError('gone')", "gone"),
        ("return []", "read nothing back"),
        ("return 5", "must return a list"),
        ("return [('what', 'yes', 'seen')]", "each check is"),
        ("return [('what', False, 'seen')]", "seen"),
    ],
)
def test_what_cannot_be_read_back_does_not_hold(desk: Desk, write: Write, seen: str, problem: str) -> None:
    desk.modules.register(write(WRITING, module=PROMISING.format(seen=seen)))
    done = desk.do("echo.say", text="x")
    assert not done.holds
    assert problem in done.checks[0].seen


def test_what_was_kept_reaches_run_and_verify(desk: Desk, write: Write) -> None:
    seen = "return [('kept', context.kept == {'before': arguments['text']}, str(context.kept))]"
    desk.modules.register(write(WRITING, module=PROMISING.format(seen=seen)))
    done = desk.do("echo.say", text="x")
    assert done.kept == {"before": "x"}
    assert done.holds


PROMISING = (
    HEAD
    + """
def keep(arguments, context):
    return {{"before": arguments["text"]}}

def say(arguments, context):
    return {{"said": context.kept["before"]}}

def verify(arguments, result, context):
    {seen}

@hookimpl
def ares_operations():
    return {{"say": Operation(say, keep, verify)}}
"""
)


def test_a_module_cannot_change_what_was_approved(desk: Desk, write: Write) -> None:
    registered(desk, write, "arguments['text'] = 'other'\nreturn {'said': 'x'}")
    found = desk.registry.capability("echo.say")
    action = Action(capability="echo.say", arguments={"text": "mine"}, origin=Origin.PYTHON)
    desk.runtime.run(action, found, desk.grant(action, found), None)
    assert action.arguments == {"text": "mine"}


def prepared(desk: Desk, write: Write, **arguments: Any) -> tuple[Action, Any, Grant]:
    desk.modules.register(write(ECHO, module=ECHO_CODE))
    found = desk.registry.capability("echo.say")
    action = Action(capability="echo.say", arguments=arguments or {"text": "x"}, origin=Origin.PYTHON)
    return action, found, desk.grant(action, found)


def test_a_grant_runs_once(desk: Desk, write: Write) -> None:
    action, found, grant = prepared(desk, write)
    desk.runtime.run(action, found, grant, None)
    with pytest.raises(GrantError):
        desk.runtime.run(action, found, grant, None)


def test_a_grant_is_for_one_action(desk: Desk, write: Write) -> None:
    action, found, grant = prepared(desk, write)
    other = replace(action, arguments={"text": "other"})
    for forged in (other, action.with_arguments({"text": "x"}, {}), replace(action, version="1.0")):
        with pytest.raises(GrantError):
            desk.runtime.run(forged, found, grant, None)
        with pytest.raises(GrantError):
            desk.runtime.keep(forged, found, grant)


def test_a_grant_that_nobody_issued_runs_nothing(desk: Desk, write: Write) -> None:
    action, found, grant = prepared(desk, write)
    forged = Grant("made-up", action.id, grant.binds, time.time() + 60)
    with pytest.raises(GrantError):
        desk.runtime.run(action, found, forged, None)


def test_a_grant_is_for_the_files_as_they_were(desk: Desk, write: Write) -> None:
    action, found, grant = prepared(desk, write)
    other = write(ECHO, module=ECHO_CODE.replace('["text"]', '["text"].upper()'))
    desk.modules.register(other, replace_files=True)
    with pytest.raises(GrantError, match="other files"):
        desk.runtime.run(action, found, grant, None)


def test_files_that_changed_behind_the_registry_do_not_run(desk: Desk, write: Write) -> None:
    action, found, grant = prepared(desk, write)
    installed = Path(desk.registry.module("echo").source) / "module.py"
    installed.write_text(ECHO_CODE + "\n# changed\n")
    with pytest.raises(ModuleError, match="not those that were registered"):
        desk.runtime.run(action, found, grant, None)


def test_arguments_that_break_the_schema_never_reach_the_module(desk: Desk, write: Write) -> None:
    action, found, grant = prepared(desk, write, text="x", times=10)
    with pytest.raises(ArgumentError, match="times: must be at most 9"):
        desk.runtime.run(action, found, grant, None)
    assert desk.ledger.head().seq > 0


def test_a_disabled_module_does_not_run_and_offers_nothing(desk: Desk, write: Write) -> None:
    action, found, grant = prepared(desk, write)
    desk.modules.disable("echo")
    with pytest.raises(UsageError, match="ares modules enable echo"):
        desk.runtime.run(action, found, grant, None)
    desk.modules.enable("echo")
    assert desk.runtime.run(action, found, grant, None) == {"said": "x"}


def test_two_modules_with_the_same_file_names_do_not_meet(desk: Desk, write: Write) -> None:
    code = ECHO_CODE.replace("def say", "from .helper import WORD\n\n\ndef say").replace(
        "arguments.get", "len(WORD) or arguments.get"
    )
    path = list(sys.path)
    for name, word in (("one", "a"), ("two", "bb")):
        text = ECHO.replace("name: echo", f"name: {name}")
        desk.modules.register(write(text, folder=name, module=code, helper=f"WORD = {word!r}\n"))
    assert desk.do("one.say", text="x").result == {"said": "x"}
    assert desk.do("two.say", text="x").result == {"said": "xx"}
    assert desk.runtime.loaded == ("one", "two")
    assert sys.path == path
    assert "helper" not in sys.modules
    assert "module" not in sys.modules


def test_loading_writes_nothing_into_the_modules_folder(desk: Desk, write: Write) -> None:
    desk.modules.register(write(ECHO, module=ECHO_CODE))
    desk.do("echo.say", text="x")
    assert sorted(path.name for path in Path(desk.registry.module("echo").source).iterdir()) == [
        "module.py",
        "module.yaml",
    ]


def test_bytecode_beside_the_source_is_not_run(desk: Desk, write: Write) -> None:
    import py_compile

    desk.modules.register(write(ECHO, module=ECHO_CODE))
    source = Path(desk.registry.module("echo").source) / "module.py"
    evil = source.with_name("evil.py")
    evil.write_text(ECHO_CODE.replace('["text"]', '["text"] + "evil"'))
    cached = source.parent / "__pycache__" / f"module.{sys.implementation.cache_tag}.pyc"
    py_compile.compile(
        str(evil), str(cached), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
    evil.unlink()
    assert desk.do("echo.say", text="x").result == {"said": "x"}


def test_compiled_code_is_kept_and_a_damaged_copy_does_no_harm(desk: Desk, write: Write) -> None:
    desk.modules.register(write(ECHO, module=ECHO_CODE))
    desk.do("echo.say", text="x")
    kept = list((desk.paths.cache / "bytecode").iterdir())
    assert kept
    for damaged in (b"damaged", b"", marshal.dumps("no code")):
        for file in kept:
            file.write_bytes(damaged)
        desk.runtime.unload("echo")
        assert desk.do("echo.say", text="x").result == {"said": "x"}


VALUES = (
    HEAD
    + """
from ares.core import Value

@hookimpl
def ares_operations():
    return {{"say": lambda arguments, context: {{"said": arguments["text"]}}}}

@hookimpl
def ares_values(source, context):
    {values}
"""
)


@pytest.mark.parametrize(
    ("values", "offered"),
    [
        ("return ['a', Value('b', ('bee',))]", [Value("a"), Value("b", ("bee",))]),
        ("return ['good', '', 5, None, 'two\\nlines', 'x' * 5000]", [Value("good")]),
        ("return (str(n) for n in range(10**9))", [Value(str(n)) for n in range(2000)]),
        ("return [source]", [Value("echo.words")]),
        ("return None", []),
        ("return 5", []),
        ("raise SystemExit", []),
        ("return [context.cwd.name]", [Value("cwd")]),
    ],
)
def test_values_are_what_a_module_offers_and_nothing_when_it_is_broken(
    desk: Desk, write: Write, values: str, offered: list[Value]
) -> None:
    desk.modules.register(write(ECHO, module=VALUES.format(values=values)))
    assert list(desk.runtime.values("echo.words")) == offered


def test_values_of_a_module_that_is_not_there_or_disabled_are_none(desk: Desk, write: Write) -> None:
    desk.modules.register(write(ECHO, module=VALUES.format(values="return ['a']")))
    assert desk.runtime.values("nobody.words") == ()
    assert desk.runtime.values("") == ()
    desk.modules.disable("echo")
    assert desk.runtime.values("echo.words") == ()


def test_a_module_is_told_its_surroundings(desk: Desk, write: Write, tmp_path: Path) -> None:
    told = "str(context.data), str(context.cwd), str(context.home), context.now().isoformat()"
    registered(desk, write, f"return {{'said': repr([{told}])}}")
    seen = desk.do("echo.say", text="x").result["said"]
    assert seen == repr(
        [str(desk.paths.data / "echo"), str(tmp_path / "cwd"), str(tmp_path / "home"), NOW.isoformat()]
    )


def test_two_homes_in_one_process_do_not_share_a_modules_state(
    desk: Desk, write: Write, tmp_path: Path
) -> None:
    desk.modules.register(write(FOUNDING, bridge=FOUNDING_CODE, birds=FOUNDING_HELPER))
    desk.do("pigeon-bridge.send_message", phone="1", message="coo")
    paths = Paths(tmp_path / "other", tmp_path / "other" / "config", tmp_path / "other" / "cache")
    with Store.open(paths) as store:
        other = open_desk(store, paths, tmp_path / "bundled")
        other.modules.register(tmp_path / "written" / "module")
        assert other.do("pigeon-bridge.receive_message").result == {"messages": []}
        other.runtime.close()
    assert other.runtime.loaded == ()
    assert desk.do("pigeon-bridge.receive_message").result == {"messages": ["coo"]}


def test_every_error_of_the_runtime_is_one_of_ours(desk: Desk) -> None:
    from ares.core import Capability, Effect

    unknown = Capability(
        module="nobody", name="x", description="", effect=Effect.READ, input_schema={}, output_schema={}
    )
    action = Action(capability="nobody.x", arguments={}, origin=Origin.PYTHON)
    with pytest.raises(AresError):
        desk.runtime.binding(action, unknown, {})


PLACED = ECHO.replace("text: {type: string, minLength: 1}", "text: {type: string, x-place: true}")
PLACING = (
    HEAD
    + """
def say(arguments, context):
    return {{"said": arguments["text"]}}

def places(arguments, context):
    {places}

@hookimpl
def ares_operations():
    return {{"say": Operation(say, places=places)}}
"""
)


def test_a_module_says_which_path_an_argument_stands_for(desk: Desk, write: Write) -> None:
    told = "return {'text': str(context.data / arguments['text'])}"
    desk.modules.register(write(PLACED, module=PLACING.format(places=told)))
    action = Action(capability="echo.say", arguments={"text": "x"}, origin=Origin.PYTHON)
    found = desk.registry.capability("echo.say")
    assert desk.runtime.places(action, found) == {"text": str(desk.paths.data / "echo" / "x")}
    assert desk.do("echo.say", text="x").result == {"said": "x"}


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("return None", "absolute path behind each of text, not None"),
        ("return {'text': 'x'}", "absolute path"),
        ("return {'text': 5}", "absolute path"),
        ("return {'times': '/x'}", "absolute path"),
        ("return {'text': '/\\ud800'}", "not JSON"),
        ("raise OSError('gone')", "gone"),
    ],
)
def test_what_is_no_path_is_refused_before_a_grant(
    desk: Desk, write: Write, answer: str, problem: str
) -> None:
    desk.modules.register(write(PLACED, module=PLACING.format(places=answer)))
    action = Action(capability="echo.say", arguments={"text": "x"}, origin=Origin.PYTHON)
    with pytest.raises(ModuleError, match=rf"^echo\.say: .*{problem}"):
        desk.runtime.places(action, desk.registry.capability("echo.say"))


def test_a_grant_is_for_the_places_as_they_were(desk: Desk, write: Write) -> None:
    told = "return {'text': (context.data / 'where').read_text()}"
    desk.modules.register(write(PLACED, module=PLACING.format(places=told)))
    where = desk.paths.data / "echo" / "where"
    where.parent.mkdir(parents=True)
    where.write_text("/one")
    found = desk.registry.capability("echo.say")
    action = Action(capability="echo.say", arguments={"text": "x"}, origin=Origin.PYTHON)
    grant = desk.grant(action, found)
    where.write_text("/two")
    with pytest.raises(GrantError, match="other places"):
        desk.runtime.run(action, found, grant, None)
    where.write_text("/one")
    assert desk.runtime.leads(action, found) == {"text": "/one"}
    assert desk.runtime.run(action, found, grant, None) == {"said": "x"}


def test_a_link_that_was_turned_after_the_grant_is_not_followed(desk: Desk, write: Write) -> None:
    manifest = ECHO.replace("text: {type: string, minLength: 1}", "text: {type: string, format: path}")
    desk.modules.register(write(manifest, module=ECHO_CODE))
    Path("link").symlink_to(os.fsdecode(b"caf\xe9"))
    found = desk.registry.capability("echo.say")
    action = Action(capability="echo.say", arguments={"text": "link"}, origin=Origin.PYTHON)
    grant = desk.grant(action, found)
    Path("link").unlink()
    Path("link").symlink_to("elsewhere")
    with pytest.raises(GrantError, match="other places"):
        desk.runtime.keep(action, found, grant)
    with pytest.raises(GrantError, match="other places"):
        desk.runtime.run(action, found, grant, None)


def test_a_manifest_with_places_needs_code_that_tells_them(desk: Desk, write: Write) -> None:
    desk.modules.register(write(PLACED, module=ECHO_CODE))
    with pytest.raises(ModuleError, match=r"echo\.say has `x-place` \(text\) and no `places`"):
        desk.do("echo.say", text="x")
