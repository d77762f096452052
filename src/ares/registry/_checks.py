"""What a module must be before a row of it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from ares.core import Json
from ares.errors import ConfigError, UsageError
from ares.registry._rows import capability_values, dependency_values, module_values

if TYPE_CHECKING:
    from ares.core import Capability, Module

DEPENDENCY_KINDS: Final = ("python", "system", "module", "api")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]*")


class Prepared:
    """A module that passed every check, as the values of its rows."""

    def __init__(self, module: Module) -> None:
        """Raises :class:`UsageError` that says what about the module cannot be recorded."""
        problem = next(_problems(module), "")
        if problem:
            raise UsageError(f"module {module.name!r} cannot be registered: {problem}")
        try:
            self.module: tuple[Any, ...] = module_values(module)
            self.capabilities = [capability_values(each) for each in module.capabilities]
            self.dependencies = [dependency_values(each) for each in module.dependencies]
            for value in chain(self.module, *self.capabilities, *self.dependencies):
                str(value).encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise UsageError(f"module {module.name!r} cannot be registered: {error}") from error


def _problems(module: Module) -> Iterator[str]:
    if not _NAME.fullmatch(module.name):
        yield "a name has letters, digits, - and _ only"
    if not _VERSION.fullmatch(module.version):
        yield f"{module.version!r} is no version; write one like 1.0.0"
    names = [capability.name for capability in module.capabilities]
    for twice in sorted({name for name in names if names.count(name) > 1}):
        yield f"capability {twice!r} is there twice"
    for capability in module.capabilities:
        yield from _capability_problems(module, capability)
    for dependency in module.dependencies:
        if dependency.kind not in DEPENDENCY_KINDS:
            yield f"{dependency.kind!r} is no kind of dependency; known: {', '.join(DEPENDENCY_KINDS)}"


def _capability_problems(module: Module, capability: Capability) -> Iterator[str]:
    if not _NAME.fullmatch(capability.name):
        yield f"the name of capability {capability.name!r} has other characters than letters, digits, - and _"
    if capability.module != module.name:
        yield f"capability {capability.full_name!r} belongs to another module"


def check_setting(module: Module, key: str, value: Json) -> None:
    """Raise :class:`ConfigError` unless the module declares ``key`` and ``value`` is of the same type as its
    default."""
    if key not in module.configuration:
        known = ", ".join(sorted(module.configuration)) or "none"
        raise ConfigError(f"module {module.name} has no setting {key!r}; known: {known}")
    default = module.configuration[key]
    number = type(default) is float and type(value) is int
    if default is not None and type(value) is not type(default) and not number:
        raise ConfigError(f"module {module.name}: {key} takes {type(default).__name__}, not {value!r}")
