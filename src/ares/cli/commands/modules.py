"""``ares modules``: what offers capabilities."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ares.cli import _output
from ares.cli._lazy import SettingCommand, examples, new_app
from ares.cli._session import opened
from ares.core import Answer, Json, Module
from ares.errors import UsageError

if TYPE_CHECKING:
    from ares.api import Ares
    from ares.policy import Rule

app = new_app(
    no_args_is_help=True,
    help="Manage the modules that offer capabilities.",
    epilog=examples("ares modules list", "ares modules register ./my-module"),
)

AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON document.")]
Type = Annotated[
    str, typer.Option("--type", metavar="TYPE", help=f"Only modules of this type: {', '.join(Module.TYPES)}.")
]
Folder = Annotated[Path, typer.Argument(metavar="PATH", help="The folder with its module.yaml.")]
Replace = Annotated[
    bool, typer.Option("--replace", help="Take these files in place of others of the same version.")
]


def _names(incomplete: str) -> list[str]:
    with opened(heal=False) as ares:
        names = dict.fromkeys(row.name for row in ares.registry.modules())
    return [name for name in names if name.startswith(incomplete)]


Name = Annotated[str, typer.Argument(metavar="NAME", help="The module's name.", autocompletion=_names)]


@app.command("list", epilog=examples("ares modules list", "ares modules list --type monitor --json"))
def list_modules(type: Type = "", as_json: AsJson = False) -> None:
    """List modules, one line a version."""
    if type and type not in Module.TYPES:
        raise UsageError(f"there is no module type {type!r}; the types are {', '.join(Module.TYPES)}")
    with opened() as ares:
        rows = ares.registry.modules(type)
        folders = [str(ares.modules.folder(row.source)) for row in rows]
    if as_json:
        _output.document([{**asdict(row), "folder": at} for row, at in zip(rows, folders, strict=True)])
        return
    _output.table(
        ("module", "version", "type", "state", "capabilities", "what it does"),
        [
            (row.name, row.version, row.type, _state(row.active, row.enabled, row.state), row.capabilities,
             row.description)
            for row in rows
        ],
    )  # fmt: skip
    if not rows:
        _output.note(f"there is no module of type {type!r}" if type else "there is no module")


def _state(active: bool, enabled: bool, state: str) -> str:
    if not active:
        return "not in use"
    # A module that is not running is started when it is needed.
    shown = "ready" if state == "stopped" else state
    return shown if enabled else "disabled"


@app.command(epilog=examples("ares modules show files"))
def show(
    name: Name,
    version: Annotated[
        str, typer.Option("--version", metavar="VERSION", help="Another version than the one in use.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show one module: versions, capabilities, needs and settings."""
    with opened() as ares:
        module = ares.registry.module(name, version)
        row = ares.registry.row(name, module.version)
        versions = ares.registry.versions(name)
        needs = ares.runtime.findings(module)
        folder = str(ares.modules.folder(module.source))
        settings = _shown(module, ares.runtime.settings(module) if row.active else module.configuration)
    if as_json:
        facts: dict[str, Json] = {
            **asdict(row),
            "folder": folder,
            "versions": list(versions),
            "capability_names": [each.full_name for each in module.capabilities],
            "needs": [
                {
                    "kind": each.dependency.kind,
                    "name": each.dependency.name,
                    "met": each.met,
                    "seen": each.seen,
                }
                for each in needs
            ],
            "settings": settings,
        }
        _output.document(facts)
        return
    _output.fields(
        [
            ("module", f"{module.name} {module.version}"),
            ("what it does", module.description),
            ("state", _state(row.active, row.enabled, row.state) + (f": {row.error}" if row.error else "")),
            ("versions", ", ".join(versions)),
            *([("preferred", "before others that can do the same")] if row.priority else []),
            ("isolation", module.isolation),
            ("folder", folder),
            *(("needs", str(each)) for each in needs),
            *((f"setting {key}", json.dumps(value, ensure_ascii=False)) for key, value in settings.items()),
        ]
    )
    _output.line("")
    rows = [(each.full_name, each.effect, each.description) for each in module.capabilities]
    _output.table(("capability", "effect", "what it does"), rows)


def _shown(module: Module, settings: Mapping[str, Json]) -> dict[str, Json]:
    """Return settings as they may be seen: of one that an API is opened with, only that it is set."""
    secret = {need.detail.get("auth") for need in module.dependencies if need.kind == "api"}
    return {
        key: "set, not shown" if key in secret and value not in (None, "") else value
        for key, value in settings.items()
    }


@app.command(epilog=examples("ares modules register ./my-module"))
def register(folder: Folder, replace: Replace = False, as_json: AsJson = False) -> None:
    """Register a module, or a new version of one, and use it."""
    with opened() as ares:
        done = ares.modules.register(folder, replace_files=replace)
        allowing = _allowing(ares, done.module.name)
    module: Module = done.module
    if as_json:
        names: list[Json] = [each.full_name for each in module.capabilities]
        missing: list[Json] = [str(each) for each in done.findings if each.blocks]
        _output.document(
            {
                "module": module.name,
                "version": module.version,
                "how": done.how,
                "capabilities": names,
                "missing": missing,
                "allowed_by": [{"id": rule.id, "where": rule.where} for rule in allowing],
            }
        )
        return
    count = len(module.capabilities)
    _output.line(
        f"{module.name} {module.version} {done.how}, {count} capabilit{'y' if count == 1 else 'ies'}"
    )
    for finding in done.findings:
        if finding.blocks:
            _output.note(f"it cannot run yet: {finding}")
    if allowing:
        rules = ", ".join(f"{rule.id} ({rule.where})" for rule in allowing)
        _output.note(f"these rules allow it unasked: {rules}")


def _allowing(ares: Ares, module: str) -> list[Rule]:
    """Return the rules that allow what a module offers by its name."""
    return [
        rule
        for rule in ares.rules().rules
        if rule.answer is Answer.ALLOW and any(name.startswith(f"{module}.") for name in rule.capability)
    ]


@app.command(
    epilog=examples("ares modules unregister my-module", "ares modules unregister my-module --version 1.0.0")
)
def unregister(
    name: Name,
    version: Annotated[str, typer.Option("--version", metavar="VERSION", help="Only this version.")] = "",
) -> None:
    """Take a module out. What it keeps stays."""
    with opened() as ares:
        left = ares.modules.unregister(name, version)
    _output.line(f"{name}{f' {version}' if version else ''} unregistered")
    if left:
        _output.note(f"{name} {left} is in use now")


@app.command(epilog=examples("ares modules enable hosts"))
def enable(name: Name) -> None:
    """Let a module be used again."""
    with opened() as ares:
        ares.modules.enable(name)
    _output.line(f"{name} enabled")


@app.command(epilog=examples("ares modules disable hosts"))
def disable(name: Name) -> None:
    """Keep a module installed, but unused."""
    with opened() as ares:
        ares.modules.disable(name)
    _output.line(f"{name} disabled")


@app.command(epilog=examples("ares modules prefer my-mail", "ares modules prefer my-mail --off"))
def prefer(
    name: Name, off: Annotated[bool, typer.Option("--off", help="Prefer it no longer.")] = False
) -> None:
    """Take a module where several can do the same."""
    with opened() as ares:
        ares.modules.prefer(name, not off)
    _output.line(f"{name} no longer preferred" if off else f"{name} preferred")


@app.command(epilog=examples("ares modules use my-module 1.0.0"))
def use(
    name: Name, version: Annotated[str, typer.Argument(metavar="VERSION", help="An installed version.")]
) -> None:
    """Use another installed version of a module."""
    with opened() as ares:
        ares.modules.use(name, version)
    _output.line(f"{name} {version} in use")


@app.command("set", cls=SettingCommand, epilog=examples("ares modules set hosts port 9"))
def set_value(
    name: Name,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The setting's name.")],
    value: Annotated[
        str, typer.Argument(metavar="VALUE", help="Its value: text, or JSON where it is not text.")
    ],
) -> None:
    """Change a setting of a module."""
    with opened() as ares:
        default = ares.registry.module(name).configuration.get(key)
        ares.modules.configure(name, key, value if isinstance(default, str) else _value(value))
    _output.line(f"{name}: {key} set")


def _value(text: str) -> Json:
    try:
        value: Json = json.loads(text)
    except ValueError:
        return text
    except RecursionError as error:
        raise UsageError("ares modules set: this value is nested too deep; make it flatter") from error
    return value
