"""What a module needs, looked for on this machine: packages, programs, other modules, settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ares.core import Dependency, digest
from ares.errors import NotFoundError, StoreError

if TYPE_CHECKING:
    from ares.registry import Registry


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether one dependency is met. ``seen`` says what is there, ``remedy`` what to do when it is not."""

    dependency: Dependency
    met: bool
    seen: str
    remedy: str = ""

    @property
    def blocks(self) -> bool:
        """Whether the module cannot run because of it."""
        return self.dependency.required and not self.met

    def __str__(self) -> str:
        """Return the finding in words: what is needed, what is there, what to do."""
        kind = {"python": "Python package", "system": "program", "module": "module", "api": "API"}
        need = f"{kind[self.dependency.kind]} {self.dependency.name}{self.dependency.constraint}"
        return f"{need}: {self.seen}" + (f"; {self.remedy}" if self.remedy else "")


def find_python(dependency: Dependency) -> Finding:
    """Look for a distribution by its distribution name, which need not be the name it is imported by."""
    from importlib import metadata

    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion

    wanted = dependency.name + dependency.constraint
    remedy = f"install it: {sys.executable} -m pip install '{wanted}'"
    try:
        version = metadata.version(dependency.name)
    except metadata.PackageNotFoundError:
        return Finding(dependency, False, "not installed", remedy)
    try:
        # A pre-release that is installed was chosen by whoever installed it.
        fits = SpecifierSet(dependency.constraint).contains(version, prereleases=True)
    except (InvalidVersion, TypeError):
        return Finding(dependency, False, f"its installed version {version!r} cannot be compared", remedy)
    return Finding(dependency, fits, f"{version} is installed", "" if fits else remedy)


def find_system(dependency: Dependency) -> Finding:
    """Look for a program on PATH."""
    import shutil

    found = shutil.which(dependency.name)
    if found:
        return Finding(dependency, True, found)
    return Finding(dependency, False, "not on PATH", f"install {dependency.name} or add its folder to PATH")


def find_module(dependency: Dependency, registry: Registry) -> Finding:
    """Look for another module: registered, enabled, and its active version within the constraint."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion

    name = dependency.name
    try:
        module = registry.module(name)
    except NotFoundError:
        return Finding(dependency, False, "not registered", "register it: ares modules register FOLDER")
    try:
        fits = SpecifierSet(dependency.constraint).contains(module.version, prereleases=True)
    except InvalidVersion:
        fits = False
    if not fits:
        remedy = f"switch with `ares modules use {name} VERSION`"
        return Finding(dependency, False, f"version {module.version} is active", remedy)
    if not module.enabled:
        return Finding(dependency, False, "disabled", f"enable it: ares modules enable {name}")
    return Finding(dependency, True, f"version {module.version} is enabled")


def find_api(dependency: Dependency, module: str, config: Mapping[str, Any]) -> Finding:
    """Check that the settings an API needs are set. The API itself is not called."""
    names = dependency.detail.get("settings", ())
    assert isinstance(names, Sequence)
    missing = [str(name) for name in names if config.get(str(name)) in (None, "")]
    if not missing:
        return Finding(dependency, True, "its settings are set" if names else "it names no setting to check")
    remedy = f"set it: ares modules set {module} {missing[0]} VALUE"
    return Finding(dependency, False, f"no value for {', '.join(missing)}", remedy)


class PythonMemory:
    """Remembers for which needs every Python package was found, until an installed package changes.

    Looking at metadata and versions costs five interpreter starts; comparing the times at which the folders
    of ``sys.path`` last changed costs next to nothing, and any installation or removal changes one.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def met(self, needs: Sequence[Dependency]) -> bool:
        """Return whether all of ``needs`` were met at :meth:`note` and no package changed since."""
        return not needs or self._registry.cached("python", _key(needs), _installed()) is not None

    def note(self, needs: Sequence[Dependency]) -> None:
        """Remember that all of ``needs`` are met now."""
        try:
            self._registry.cache("python", _key(needs), _installed(), True)
        except StoreError:
            # Only a memory: without it the next run looks again.
            return


def _key(needs: Sequence[Dependency]) -> str:
    return digest([[need.name, need.constraint] for need in needs])


def _installed() -> str:
    """Return a word that changes whenever a distribution is installed into or removed from ``sys.path``."""
    stamps: list[list[str | int]] = [[sys.version, ascii(sys.prefix)]]
    for folder in sys.path:
        try:
            changed = os.stat(folder or ".").st_mtime_ns
        except OSError:
            changed = 0
        # Names of folders need not be UTF-8.
        stamps.append([ascii(folder), changed])
    return digest(stamps)
