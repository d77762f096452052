"""``ares doctor``: looks at everything an action needs, and says how to mend what is wrong."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from ares.cli import _output
from ares.cli._exit import ExitCode
from ares.cli._lazy import examples, new_app
from ares.cli._session import opened
from ares.cli._text import told
from ares.errors import AresError, ManifestError
from ares.paths import Paths

if TYPE_CHECKING:
    from ares.api import Ares
    from ares.registry import ModuleRow

LEAST_FREE = 100 << 20
"""Free bytes below which the disk counts as nearly full."""

app = new_app()


@dataclass(frozen=True)
class Found:
    """What one look came to: what was looked at, whether it is well, and what was seen."""

    what: str
    ok: bool
    seen: str


@app.command(epilog=examples("ares doctor", "ares doctor --json"))
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False) -> None:
    """Look for what is wrong and say how to mend it."""
    found = list(_looks())
    if as_json:
        _output.document([asdict(each) for each in found])
    else:
        _output.table(
            ("", "what", "seen"), [("ok" if each.ok else "WRONG", each.what, each.seen) for each in found]
        )
    raise typer.Exit(ExitCode.OK if all(each.ok for each in found) else ExitCode.ERROR)


def _looks() -> Iterator[Found]:
    """Look at one thing after the other; what cannot be opened ends it, because the rest stands on it."""
    try:
        paths = Paths.find()
        yield _asked("disk", lambda: _space(paths))
        with opened(heal=False) as ares:
            yield _asked("home", lambda: _home(paths))
            yield _asked("databases", lambda: _databases(ares))
            yield _asked("ledger", lambda: _ledger(ares))
            yield from _settled(ares)
            yield _asked("manifests", lambda: _manifests(ares))
            yield from _modules(ares)
    except (AresError, OSError) as error:
        yield Found("home", False, told(error))
    yield _asked("terminal", _terminal)


def _asked(what: str, look: Callable[[], Found]) -> Found:
    """What ``look`` found; what keeps it from looking is a finding too."""
    try:
        return look()
    except (AresError, OSError) as error:
        return Found(what, False, told(error))


def _settled(ares: Ares) -> Iterator[Found]:
    """Look at the settings and at what cannot be looked at without them."""
    settings = _asked("settings", lambda: _settings(ares))
    yield settings
    for what, look in (("policy", _policy), ("model", _model)):
        unsettled = Found(what, False, "needs the settings mended first")
        yield _asked(what, partial(look, ares)) if settings.ok else unsettled
    yield _asked("module settings", lambda: _module_settings(ares))


def _home(paths: Paths) -> Found:
    mode = stat.S_IMODE(os.stat(paths.home).st_mode)
    if mode & 0o077:
        return Found("home", False, f"{paths.home} can be read by others: chmod 700 {paths.home}")
    return Found("home", True, str(paths.home))


def _space(paths: Paths) -> Found:
    folder = next(folder for folder in (paths.home, *paths.home.parents) if folder.is_dir())
    free = shutil.disk_usage(folder).free
    text = f"{free >> 20} MiB free where {folder} lies"
    return Found("disk", free >= LEAST_FREE, text if free >= LEAST_FREE else f"{text}: make room")


def _databases(ares: Ares) -> Found:
    damage = ares.store.damage()
    return Found("databases", not damage, "; ".join(damage) or "sound")


def _ledger(ares: Ares) -> Found:
    report = ares.ledger.verify()
    return Found("ledger", report.ok, report.problem or f"{report.records} records, none changed")


def _settings(ares: Ares) -> Found:
    files = ares.paths.config / "ares.yaml"
    changed = sum(each.source != "shipped" for each in ares.config.all().values())
    return Found("settings", True, f"{changed} changed; your file is {files}")


def _module_settings(ares: Ares) -> Found:
    changed = 0
    for row in ares.registry.modules():
        if row.active:
            module = ares.registry.module(row.name)
            changed += ares.runtime.settings(module) != module.configuration
    file = ares.paths.config / "modules.yaml"
    return Found("module settings", True, f"{changed} modules have some changed; your file is {file}")


def _policy(ares: Ares) -> Found:
    from ares.cli.commands.policy import strange_arguments, strangers

    policy = ares.rules()
    found = [f"{name} ({rule.where})" for rule, name in strangers(ares, policy.rules)]
    found += [f"the argument {name} ({rule.where})" for rule, name in strange_arguments(ares, policy.rules)]
    strange = (
        f"no module here has what these rules name: {', '.join(found)}; are they misspelt?" if found else ""
    )
    problem = policy.error or strange
    return Found("policy", not problem, problem or f"{len(policy.rules)} rules")


def _model(ares: Ares) -> Found:
    model = ares.read("how full is the disk").model
    return Found("model", True, f"{model or 'built-in'} reads sentences")


def _manifests(ares: Ares) -> Found:
    """Hold what the database says of each module against the manifest beside its code."""
    wrong = [line for row in ares.registry.modules() for line in _departed(ares, row)]
    return Found("manifests", not wrong, "; ".join(wrong) or "the database says what they say")


def _departed(ares: Ares, row: ModuleRow) -> Iterator[str]:
    from ares.runtime import is_bundled

    folder = ares.modules.folder(row.source)
    try:
        for name in ares.modules.departures(row):
            yield f"{name} is not what {folder}/module.yaml says: ares modules register {folder}"
    except ManifestError as error:
        again = "install ARES" if is_bundled(row) else f"register {row.name} from your own folder"
        out = f"ares modules unregister {row.name} --version {row.version}"
        yield f"{error}; {again} again, or take it out: {out}"


def _modules(ares: Ares) -> Iterator[Found]:
    for row in ares.registry.modules():
        if not (row.active and row.enabled):
            continue
        yield _asked(f"module {row.name}", partial(_module, ares, row.name, row.version))


def _module(ares: Ares, name: str, version: str) -> Found:
    missing = [str(each) for each in ares.modules.check(name) if each.blocks]
    seen = "; ".join(missing) or f"{version}, has what it needs"
    return Found(f"module {name}", not missing, seen)


def _terminal() -> Found:
    from ares.cli._terminal import Terminal

    terminal = Terminal.find()
    if terminal is None:
        return Found("terminal", True, "none here: what needs your answer would be denied")
    terminal.close()
    return Found("terminal", True, "you can be asked")
