"""Reading ``module.yaml``: docs/modules.md describes every key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ares.config import Document, parse_yaml
from ares.core import Dependency, Json, Module
from ares.errors import ConfigError, ManifestError, ModuleError
from ares.paths import named_path
from ares.runtime._manifest_capability import read_capabilities
from ares.runtime._schema import is_json, show
from ares.runtime._section import Section
from ares.runtime._snapshot import Snapshot, take_snapshot
from ares.textfile import exists, read_text

if TYPE_CHECKING:
    from packaging.requirements import Requirement

FILE: Final = "module.yaml"

_ISOLATIONS: Final = ("process", "in-process")
_KEYS: Final = (
    "name", "display_name", "version", "type", "author", "license", "description", "entry_point",
    "main_function", "isolation", "auto_start", "enabled", "capabilities", "dependencies", "configuration",
)  # fmt: skip
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_VERSION: Final = re.compile(r"[0-9][0-9A-Za-z.+-]{0,63}")
_SETTING: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_PROGRAM: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}")


def read_manifest(folder: Path, *, code: bool = True) -> Module:
    """Read the manifest of the module in ``folder`` and check it as far as that can be without running it.

    ``code=False`` reads the manifest alone: the entry point need not be there, and the digest stays empty.
    Raises :class:`ManifestError` whose message is ``file:line: member: what is wrong and what to do``.
    """
    folder = named_path(folder)
    document = _document(folder / FILE)
    section = Section.of(document, document.data, (), _KEYS)
    name = _name(section)
    capabilities = read_capabilities(section, name)
    configuration = _configuration(section)
    return Module(
        name=name,
        version=_version(section),
        display_name=section.text("display_name", name),
        type=section.one_of("type", Module.TYPES, "tool"),
        description=section.text("description", ""),
        entry_point=_entry_point(section),
        main_function=_main_function(section),
        isolation=section.one_of("isolation", _ISOLATIONS, "process"),
        author=section.text("author", ""),
        license=section.text("license", ""),
        auto_start=section.flag("auto_start", False),
        enabled=section.flag("enabled", True),
        source=str(folder),
        digest=_snapshot(section, folder).digest if code else "",
        capabilities=capabilities,
        dependencies=tuple(_dependencies(section, configuration)),
        configuration=configuration,
    )


def _document(path: Path) -> Document:
    try:
        if not exists(path):
            raise ManifestError(f"{path}: there is no such file; a module is a folder with this file")
        return parse_yaml(read_text(path), str(path))
    except ConfigError as error:
        raise ManifestError(str(error)) from error


def _name(section: Section) -> str:
    name = section.text("name")
    if not _NAME.fullmatch(name) or len(name) > 64:
        section.fail("name", f"{show(name)} is no module name; use a-z, 0-9, - and _, starting with a letter")
    return name


def _version(section: Section) -> str:
    if "version" in section.data and isinstance(section.data["version"], (int, float)):
        section.fail("version", 'YAML reads this as a number; put it in quotes: "1.10"')
    version = section.text("version")
    if not _VERSION.fullmatch(version):
        section.fail("version", f"{show(version)} is no version; write it as 1.2.3")
    return version


def _entry_point(section: Section) -> str:
    entry = section.text("entry_point")
    parts = entry.split("/")
    stems = [*parts[:-1], parts[-1].removesuffix(".py")]
    if not entry.endswith(".py") or not all(
        re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*", stem) for stem in stems
    ):
        section.fail(
            "entry_point", f"{show(entry)} is no Python file inside the module's folder; such as module.py"
        )
    return entry


def _main_function(section: Section) -> str:
    name = section.text("main_function", "")
    if name and not name.isidentifier():
        section.fail("main_function", f"{show(name)} is no name of a Python function")
    return name


def _snapshot(section: Section, folder: Path) -> Snapshot:
    try:
        snapshot = take_snapshot(folder)
    except ModuleError as error:
        raise ManifestError(f"{section.document.where}:1: {error}") from error
    entry = section.text("entry_point")
    if entry not in snapshot.sources:
        section.fail("entry_point", f"there is no {entry} in {folder}")
    return snapshot


def _configuration(section: Section) -> dict[str, Json]:
    value = section.data.get("configuration")
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        section.fail("configuration", f"must be a mapping of settings to their defaults, not {show(value)}")
    for name, default in value.items():
        if not isinstance(name, str) or not _SETTING.fullmatch(name):
            section.fail(
                "configuration",
                f"{show(name)} is no name of a setting; use letters, digits, - and _",
                str(name),
            )
        if not is_json(default):
            section.fail("configuration", f"{show(default)} is not a JSON value; put it in quotes", name)
    return dict(value)


def _dependencies(section: Section, configuration: Mapping[str, Json]) -> Iterator[Dependency]:
    value = section.data.get("dependencies")
    if value is None:
        return
    needs = Section.of(section.document, value, ("dependencies",), ("python", "system", "modules", "apis"))
    for index, item in needs.items("python"):
        yield from _python(needs, index, item)
    for index, item in needs.items("system"):
        name, required = _named(needs, "system", index, item)
        if not _PROGRAM.fullmatch(name):
            needs.fail(
                "system", f"{show(name)} is no name of a program; write it as it stands on PATH", index
            )
        yield Dependency("system", name, "", required)
    for index, item in needs.items("modules"):
        yield _module(needs, index, item)
    for index, item in needs.items("apis"):
        yield _api(needs, index, item, configuration)


def _named(needs: Section, kind: str, index: int, item: object) -> tuple[str, bool]:
    """Read ``name`` or ``{name: ..., required: ...}``."""
    if isinstance(item, str):
        item = {"name": item}
    entry = Section.of(needs.document, item, (*needs.path, kind, index), ("name", "required"))
    return entry.text("name"), entry.flag("required", True)


def _python(needs: Section, index: int, item: object) -> Iterator[Dependency]:
    from packaging.requirements import InvalidRequirement, Requirement

    text, required = _named(needs, "python", index, item)
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError):
        needs.fail("python", f"{show(text)} is no requirement; write it as flask>=2.0.0", index)
    if requirement.url:
        needs.fail("python", f"{show(text)} names an address; write the package and its version", index)
    if _counts_here(needs, index, requirement):
        yield Dependency("python", requirement.name, str(requirement.specifier), required)


def _counts_here(needs: Section, index: int, requirement: Requirement) -> bool:
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName

    try:
        return requirement.marker is None or requirement.marker.evaluate()
    except (UndefinedComparison, UndefinedEnvironmentName):
        problem = f"{requirement.marker} compares what has no order; write it with == or !="
        needs.fail("python", problem, index)


def _module(needs: Section, index: int, item: object) -> Dependency:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    text, required = _named(needs, "modules", index, item)
    found = re.match(r"[a-z0-9_-]+", text)
    name = found.group() if found else ""
    try:
        constraint = str(SpecifierSet(text[len(name) :]))
    except InvalidSpecifier:
        name = ""
    if not _NAME.fullmatch(name):
        needs.fail("modules", f"{show(text)} is no module; write it as notes or notes>=1.0", index)
    return Dependency("module", name, constraint, required)


def _api(needs: Section, index: int, item: object, configuration: Mapping[str, Any]) -> Dependency:
    known = ("name", "endpoint", "auth", "settings", "required")
    entry = Section.of(needs.document, item, (*needs.path, "apis", index), known)
    auth = entry.text("auth", "")
    settings = [str(name) for _, name in entry.items("settings")]
    if auth in configuration and auth not in settings:
        settings.append(auth)
    for setting in settings:
        if setting not in configuration:
            entry.fail("settings", f"{show(setting)} is not among the keys of `configuration`; add it there")
    endpoint = entry.text("endpoint", "")
    detail: dict[str, Json] = {"endpoint": endpoint, "auth": auth, "settings": settings}
    return Dependency("api", entry.text("name"), "", entry.flag("required", True), detail)
