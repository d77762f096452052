from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ares.core import Capability, Dependency, Effect, Json, Module, Undo
from ares.errors import ConfigError, NotFoundError, StoreError, UsageError
from ares.registry import Registry, Totals
from ares.store import Store

TEXT: Mapping[str, Json] = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "also": {"type": "string"}, "a": {"type": "integer"}},
    "required": ["text"],
}


def capability(module: str, name: str, **more: Any) -> Capability:
    values: dict[str, Any] = {
        "description": f"{name} something",
        "effect": Effect.READ,
        "input_schema": TEXT,
        "output_schema": {"type": "object"},
    }
    return Capability(module=module, name=name, **(values | more))


def module(name: str = "notes", version: str = "1.0.0", *names: str, **more: Any) -> Module:
    values: dict[str, Any] = {
        "display_name": name.title(),
        "type": "tool",
        "description": f"the module {name}",
        "entry_point": "module.py",
        "capabilities": tuple(capability(name, each) for each in names or ("add", "list")),
    }
    return Module(name=name, version=version, **(values | more))


FULL = module(
    "bridge",
    "2.1.0-rc1",
    main_function="start",
    isolation="in-process",
    author="Somebody",
    license="MIT",
    auto_start=True,
    source="/opt/bridge",
    digest="d" * 64,
    type="integration",
    capabilities=(
        capability(
            "bridge",
            "send_message",
            effect=Effect.NETWORK,
            reversible=True,
            destructive=True,
            outward=True,
            self_affecting=True,
            keep=True,
            verify=True,
            offered=False,
            undo=Undo("bridge.unsend", {"id": "$result.id", "really": True}),
            summary="sent to {to}",
            examples=("send {text} to {to}", "grüße an {to}"),
        ),
        capability("bridge", "unsend"),
    ),
    dependencies=(
        Dependency("python", "flask", ">=2.0", False),
        Dependency("api", "Graph", detail={"endpoint": "https://graph.invalid", "auth": ["token"]}),
    ),
    configuration={"port": 5000, "name": "b", "allowed": ["x"], "ratio": 0.5, "on": True, "any": None},
)


@pytest.fixture
def registry(store: Store) -> Registry:
    return Registry(store)


def dump(store: Store) -> list[str]:
    return list(store.registry.iterdump())


# Registering


def test_a_module_comes_back_as_it_was_registered(registry: Registry) -> None:
    assert registry.register(FULL) == "registered"
    assert registry.module("bridge") == FULL
    assert registry.capability("bridge.send_message") == FULL.capabilities[0]


def test_the_order_of_arguments_is_kept(registry: Registry) -> None:
    registry.register(module())
    assert list(registry.capability("notes.add").properties) == ["text", "also", "a"]


def test_registering_twice_changes_nothing(store: Store, registry: Registry) -> None:
    registry.register(FULL)
    before = dump(store)
    assert registry.register(FULL) == "unchanged"
    assert dump(store) == before


@pytest.mark.parametrize(
    "changed",
    [
        replace(FULL, description="new"),
        replace(FULL, digest="e" * 64),
        replace(FULL, configuration={"port": 1}),
        replace(FULL, capabilities=FULL.capabilities[:1]),
        replace(FULL, capabilities=(replace(FULL.capabilities[0], summary="new"), FULL.capabilities[1])),
        replace(FULL, dependencies=FULL.dependencies[1:]),
    ],
)
def test_a_changed_manifest_replaces_the_version(registry: Registry, changed: Module) -> None:
    registry.register(FULL)
    assert registry.register(changed) == "updated"
    assert registry.module("bridge") == changed
    assert len(registry.modules()) == 1
    assert [found.full_name for found, _ in registry.search("send message", 5)] == ["bridge.send_message"]


BAD: Mapping[str, Module] = {
    "a name with a dot": replace(module("a.b"), capabilities=()),
    "no name": replace(FULL, name=""),
    "a version with a slash": replace(FULL, version="../1"),
    "a capability twice": module("notes", "1", "add", "add"),
    "a capability of another module": replace(module(), capabilities=(capability("files", "add"),)),
    "a capability with a space": module("notes", "1", "add it"),
    "an unknown kind of dependency": replace(module(), dependencies=(Dependency("magic", "x"),)),
    "a schema that is not JSON": replace(
        module(), capabilities=(capability("notes", "add", input_schema={"x": float("nan")}),)
    ),
    "a setting that is not JSON": replace(module(), configuration={"x": object()}),  # type: ignore[dict-item]
    "text that is not Unicode": replace(module(), description="\ud800"),
    "an undo that is not JSON": replace(
        module(),
        capabilities=(capability("notes", "add", undo=Undo("notes.x", {"x": b""})),),
    ),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_module_that_cannot_be_recorded_leaves_everything_as_it_was(
    store: Store, registry: Registry, bad: Module
) -> None:
    registry.register(FULL)
    registry.register(module())
    before = dump(store)
    with pytest.raises(UsageError) as error:
        registry.register(bad)
    assert "\n" not in str(error.value)
    assert "cannot be registered" in str(error.value)
    assert dump(store) == before


def test_a_disk_that_fills_up_while_registering_leaves_everything_as_it_was(
    store: Store, registry: Registry
) -> None:
    registry.register(module())
    before = dump(store)
    store.registry.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StoreError, match="disk is full"):
        registry.register(module("big", "1", *(f"verb{number}" for number in range(300))))
    assert dump(store) == before


# Versions


def test_versions_stand_side_by_side_and_one_is_active(registry: Registry) -> None:
    registry.register(module("notes", "1.0.0", "add"))
    registry.register(module("notes", "2.0.0", "add", "share"))
    assert registry.versions("notes") == ["1.0.0", "2.0.0"]
    assert registry.module("notes").version == "2.0.0"
    assert registry.module("notes", "1.0.0").version == "1.0.0"
    assert [(row.version, row.active) for row in registry.modules()] == [("2.0.0", True), ("1.0.0", False)]
    registry.use("notes", "1.0.0")
    assert registry.row("notes").version == "1.0.0"
    assert [each.full_name for each in registry.capabilities()] == ["notes.add"]
    with pytest.raises(NotFoundError):
        registry.capability("notes.share")
    assert [found.name for found, _ in registry.search("share", 5)] == []


def test_a_version_can_be_put_in_without_being_used(registry: Registry) -> None:
    registry.register(module("notes", "1"), activate=False)
    assert registry.row("notes").version == "1"
    registry.register(module("notes", "2"), activate=False)
    assert registry.row("notes").version == "1"
    assert registry.register(module("notes", "2")) == "unchanged"
    assert registry.row("notes").version == "2"


def test_taking_the_active_version_out_falls_back_to_the_last_one(store: Store, registry: Registry) -> None:
    for version in ("1", "2", "3"):
        registry.register(module("notes", version))
    registry.unregister("notes", "3")
    assert (registry.row("notes").version, registry.row("notes").active) == ("2", True)
    assert registry.capability("notes.add").name == "add"
    registry.unregister("notes", "1")
    assert registry.versions("notes") == ["2"]
    registry.unregister("notes")
    assert registry.modules() == []
    for table in ("modules", "capabilities", "dependencies", "status", "configurations", "capability_words"):
        assert store.registry.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0, table


def test_two_active_versions_are_impossible(store: Store, registry: Registry) -> None:
    registry.register(module("notes", "1"))
    registry.register(module("notes", "2"))
    with pytest.raises(StoreError), store.writing("registry") as connection:
        connection.execute("UPDATE modules SET active = 1")


@pytest.mark.parametrize(
    "ask",
    [
        lambda registry: registry.module("note"),
        lambda registry: registry.row("note"),
        lambda registry: registry.versions("note"),
        lambda registry: registry.unregister("note"),
        lambda registry: registry.enable("note"),
        lambda registry: registry.config("note"),
        lambda registry: registry.set_state("note", "running"),
        lambda registry: registry.use("note", "1"),
    ],
)
def test_a_module_that_is_not_there_is_named_with_the_closest(
    registry: Registry, ask: Callable[[Registry], object]
) -> None:
    registry.register(module())
    with pytest.raises(NotFoundError, match="did you mean notes"):
        ask(registry)


def test_a_version_that_is_not_there_is_named_with_those_that_are(registry: Registry) -> None:
    registry.register(module())
    with pytest.raises(NotFoundError, match=r"installed: 1\.0\.0"):
        registry.use("notes", "9")


# Enabling


def test_a_disabled_module_offers_nothing_until_it_is_enabled(registry: Registry) -> None:
    registry.register(module())
    registry.disable("notes")
    assert (registry.capabilities(), registry.providers("add"), registry.search("add", 5)) == ([], [], [])
    assert not registry.module("notes").enabled
    for name in ("notes.add", "add"):
        with pytest.raises(UsageError, match="ares modules enable notes"):
            registry.capability(name)
    registry.enable("notes")
    assert registry.capability("notes.add").name == "add"


def test_what_the_owner_switched_off_stays_off_when_a_manifest_comes_again(registry: Registry) -> None:
    registry.register(module())
    registry.disable("notes")
    registry.register(module(description="new"))
    registry.register(module("notes", "2"))
    assert [row.enabled for row in registry.modules()] == [False, False]


def test_a_manifest_can_say_that_its_module_starts_disabled(registry: Registry) -> None:
    registry.register(module(enabled=False))
    assert not registry.row("notes").enabled


# Capabilities


def test_a_short_name_will_do_while_one_module_has_it(registry: Registry) -> None:
    registry.register(module("notes", "1", "add"))
    assert registry.capability("add").full_name == "notes.add"
    registry.register(module("hosts", "1", "add"))
    with pytest.raises(UsageError, match=r"notes\.add, hosts\.add; give the full name"):
        registry.capability("add")
    registry.disable("hosts")
    assert registry.capability("add").full_name == "notes.add"


def test_a_capability_that_is_not_there_is_named_with_the_closest(registry: Registry) -> None:
    registry.register(module())
    with pytest.raises(NotFoundError, match=r"did you mean notes\.add"):
        registry.capability("notes.ad")
    with pytest.raises(NotFoundError, match="there is no capability 'zzz'; see"):
        registry.capability("zzz")


@pytest.mark.parametrize("name", ["", ".", "..", "notes.", ".add", "a" * 10_000, "notes.add'--", "%"])
def test_any_text_may_be_asked_for_as_a_capability(registry: Registry, name: str) -> None:
    registry.register(module())
    with pytest.raises(NotFoundError):
        registry.capability(name)


def test_a_name_that_is_not_unicode_is_refused_in_one_line(registry: Registry) -> None:
    for ask in (registry.capability, registry.module, registry.enable, registry.use_model):
        with pytest.raises(UsageError, match="not Unicode"):
            ask("\udcff")


def test_providers_come_in_order_of_priority_and_only_enabled_ones(registry: Registry) -> None:
    for name in ("mail", "chat", "pager", "post"):
        registry.register(module(name, "1", "send_message"))
    registry.prefer("pager")
    registry.disable("chat")
    assert [each.module for each in registry.providers("send_message")] == ["pager", "mail", "post"]
    assert registry.providers("nothing") == []


def test_capabilities_that_sentences_may_not_choose_can_be_left_out(registry: Registry) -> None:
    registry.register(FULL)
    assert [each.name for each in registry.capabilities()] == ["send_message", "unsend"]
    assert [each.name for each in registry.capabilities(offered=True)] == ["unsend"]
    assert [each.name for each, _ in registry.search("send message", 5, offered=True)] == []


def test_modules_can_be_listed_by_type(registry: Registry) -> None:
    registry.register(FULL)
    registry.register(module())
    assert [row.name for row in registry.modules()] == ["bridge", "notes"]
    row = registry.modules("integration")[0]
    assert (row.name, row.version, row.capabilities, row.auto_start) == ("bridge", "2.1.0-rc1", 2, True)
    assert (row.state, row.error, row.source) == ("stopped", "", "/opt/bridge")


def test_reading_capabilities_imports_no_yaml_and_no_module(store: Store, registry: Registry) -> None:
    registry.register(FULL)
    program = (
        "import sys; from ares.paths import Paths; from ares.store import Store\n"
        "from ares.registry import Registry\n"
        "registry = Registry(Store.open(Paths.find()))\n"
        "assert registry.capability('bridge.unsend') and registry.search('send', 3)\n"
        "assert registry.totals().total == 1\n"
        "print([name for name in ('yaml', 'sqlite_utils', 'difflib', 'bridge', 'ares.config')"
        " if name in sys.modules])\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# State


def test_every_module_has_a_state_and_the_totals_add_up(registry: Registry) -> None:
    assert registry.totals() == Totals(0, 0, 0, 0)
    for number, state in enumerate(["stopped", "starting", "running", "error", "crashed", ""]):
        registry.register(module(f"m{number}"))
        if state:
            registry.set_state(f"m{number}", state, "why" if state in ("error", "crashed") else "")
    registry.register(module("m0", "2.0.0"))
    totals = registry.totals()
    assert totals == Totals(total=6, running=2, stopped=2, error=2)
    assert totals.running + totals.stopped + totals.error == totals.total
    assert [(row.name, row.error) for row in registry.modules() if row.error] == [
        ("m3", "why"),
        ("m4", "why"),
    ]


def test_only_a_module_that_starts_gets_a_time_of_start(store: Store, registry: Registry) -> None:
    registry.register(module())
    registry.set_state("notes", "error", "why")
    row = store.registry.execute("SELECT * FROM status").fetchone()
    assert (row["started_at"], row["stopped_at"] is None) == (None, False)
    registry.set_state("notes", "running", process_id=42)
    row = store.registry.execute("SELECT * FROM status").fetchone()
    assert (row["started_at"] is None, row["process_id"], row["error_message"]) == (False, 42, "")


def test_an_unknown_state_is_refused(registry: Registry) -> None:
    registry.register(module())
    with pytest.raises(UsageError, match="stopped, starting"):
        registry.set_state("notes", "confused")


# Settings


def test_settings_of_a_module_override_its_manifest(registry: Registry) -> None:
    registry.register(FULL)
    overrides: dict[str, Json] = {"port": 1, "ratio": 2, "allowed": [], "any": {"x": 1}}
    for key, value in overrides.items():
        registry.set_config("bridge", key, value)
    registry.set_config("bridge", "port", 2)
    assert registry.config("bridge") == {"port": 2, "ratio": 2, "allowed": [], "any": {"x": 1}}
    registry.unset_config("bridge", "port")
    registry.unset_config("bridge", "name")
    assert "port" not in registry.config("bridge")


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("prot", 1, "no setting 'prot'; known: allowed, any"),
        ("port", "1", "port takes int"),
        ("port", True, "port takes int"),
        ("ratio", False, "ratio takes float"),
        ("on", 1, "on takes bool"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(registry: Registry, key: str, value: Json, why: str) -> None:
    registry.register(FULL)
    with pytest.raises(ConfigError, match=why):
        registry.set_config("bridge", key, value)
    assert registry.config("bridge") == {}


def test_a_new_version_starts_with_the_settings_it_still_knows(registry: Registry) -> None:
    registry.register(module("notes", "1", configuration={"a": 1, "b": 1}))
    registry.set_config("notes", "a", 2)
    registry.set_config("notes", "b", 2)
    registry.register(module("notes", "2", configuration={"a": 1, "c": 1}))
    assert registry.config("notes") == {"a": 2}
    registry.set_config("notes", "a", 3)
    registry.use("notes", "1")
    assert registry.config("notes") == {"a": 2, "b": 2}


def test_settings_of_ares_itself_are_checked_and_kept_apart(registry: Registry) -> None:
    registry.set_setting("agent.offer", 5)
    registry.set_setting("agent.offer", 6)
    assert registry.settings() == {"agent.offer": 6}
    with pytest.raises(ConfigError, match=r"no setting 'agent\.ofer'"):
        registry.set_setting("agent.ofer", 5)
    with pytest.raises(ConfigError, match="takes a whole number"):
        registry.set_setting("agent.offer", "many")
    registry.unset_setting("agent.offer")
    assert registry.settings() == {}


# Models and what can be worked out again


def test_models_are_chosen_by_name(registry: Registry, tmp_path: Path) -> None:
    assert registry.model_in_use() is None
    for name in ("small", "big"):
        (tmp_path / f"{name}.gguf").write_bytes(b"GGUF" * len(name))
        registry.add_model(name, str(tmp_path / f"{name}.gguf"))
    registry.use_model("small")
    registry.use_model("big")
    assert [(model.name, model.active, model.size) for model in registry.models()] == [
        ("big", True, 12),
        ("small", False, 20),
    ]
    registry.add_model("big", str(tmp_path / "small.gguf"))
    in_use = registry.model_in_use()
    assert in_use is not None
    assert (in_use.name, in_use.path) == ("big", str(tmp_path / "small.gguf"))
    with pytest.raises(NotFoundError, match="known: big, small"):
        registry.use_model("huge")
    assert registry.model_in_use() == in_use
    registry.use_model("")
    assert registry.model_in_use() is None
    registry.remove_model("big")
    assert [model.name for model in registry.models()] == ["small"]


@pytest.mark.parametrize(("name", "path"), [("", "f"), ("two words", "f"), ("m", "absent"), ("m", ".")])
def test_a_model_that_is_no_file_or_has_no_name_is_refused(registry: Registry, name: str, path: str) -> None:
    Path("f").touch()
    with pytest.raises(UsageError):
        registry.add_model(name, path)
    assert registry.models() == []


def test_what_was_worked_out_is_good_for_the_same_stamp_only(registry: Registry) -> None:
    assert registry.cached("knowledge", "patterns", "s1") is None
    registry.cache("knowledge", "patterns", "s1", {"rows": [1]})
    assert registry.cached("knowledge", "patterns", "s1") == {"rows": [1]}
    assert registry.cached("knowledge", "patterns", "s2") is None
    registry.cache("knowledge", "patterns", "s2", [])
    assert registry.cached("knowledge", "patterns", "s1") is None
    assert registry.cached("knowledge", "other", "s2") is None


@pytest.mark.parametrize(
    ("table", "column", "value", "ask"),
    [
        ("capabilities", "input_schema", "{", lambda registry: registry.capability("notes.add")),
        ("capabilities", "output_schema", "5", lambda registry: registry.capabilities()),
        ("capabilities", "examples", "{}", lambda registry: registry.search("add", 5)),
        ("capabilities", "undo", '{"capability": "a.b"}', lambda registry: registry.providers("add")),
        ("capabilities", "effect", "reed", lambda registry: registry.module("notes")),
        ("dependencies", "detail", "", lambda registry: registry.module("notes")),
        ("modules", "configuration", "[" * 5000, lambda registry: registry.declared_settings()),
        ("modules", "configuration", "null", lambda registry: registry.module("notes")),
        ("configurations", "value", "yes", lambda registry: registry.config("notes")),
    ],
)
def test_a_row_that_ares_did_not_write_is_named_with_what_to_do(
    registry: Registry, store: Store, table: str, column: str, value: str, ask: Callable[[Registry], object]
) -> None:
    needing = (Dependency("system", "ls"),)
    registry.register(module(dependencies=needing, configuration={"a": 1}))
    registry.set_config("notes", "a", 2)
    with store.writing("registry") as connection:
        connection.execute(f"UPDATE {table} SET {column} = ?", (value,))
    with pytest.raises(StoreError) as error:
        ask(registry)
    assert "\n" not in str(error.value)
    expected = rf"/ares\.db: {column} of row 1 of table {table} is not what ARES wrote; .* again"
    assert re.search(expected, str(error.value))


def test_what_can_be_worked_out_again_is_not_missed(registry: Registry, store: Store) -> None:
    registry.cache("area", "key", "stamp", [1])
    with store.writing("registry") as connection:
        connection.execute("UPDATE cache SET value = '['")
    assert registry.cached("area", "key", "stamp") is None
