"""A module's settings in force: manifest, the owner's ``modules.yaml``, database, environment."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from ares.config import MODULE_VARIABLE, or_write, read_yaml, shown
from ares.core import Json, Module
from ares.errors import ConfigError
from ares.runtime._schema import is_json
from ares.textfile import exists

Declared: TypeAlias = Mapping[str, Mapping[str, Json]]
"""The settings that each registered module declares, with their defaults."""

_Layer: TypeAlias = Iterator[tuple[str, str, Any]]
"""Where a value was set, the key, the value."""

_KINDS: Final[Mapping[type, str]] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a mapping",
}


def module_settings(
    module: Module,
    user_file: Path,
    database: Mapping[str, Any],
    declared: Callable[[], Declared],
    environ: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Join the sources, later ones winning: manifest < ``user_file`` < ``database`` < environment.

    The variable of setting ``poll-rate`` of module ``notes`` is ``ARES_MODULE_NOTES_POLL_RATE``. Raises
    :class:`ConfigError` for a key the manifest does not declare, for a value of another type than the
    manifest's default, and for a name in file or environment that could have been meant for this module and
    belongs to none; ``declared`` is asked only when there is such a name to look up.
    """

    def everyones() -> Declared:
        # This module may be a version that is not in use, or not registered yet.
        return {**declared(), module.name: module.configuration}

    settings = dict(module.configuration)
    for layer in (
        _from_file(user_file, module.name, everyones),
        (("the database", key, value) for key, value in database.items()),
        _from_environment(module, os.environ if environ is None else environ, everyones),
    ):
        for source, key, value in layer:
            check_setting(module, source, key, value)
            settings[key] = value
    return settings


def check_setting(module: Module, source: str, key: str, value: object) -> None:
    """Raise :class:`ConfigError` unless ``module`` declares setting ``key`` and it may be ``value``."""
    defaults = module.configuration
    if key not in defaults:
        known = ", ".join(sorted(defaults)) or "none"
        raise ConfigError(f"{source}: module {module.name} has no setting {key!r}; known: {known}")
    if not is_json(value):
        raise ConfigError(
            f"{source}: {module.name}.{key}: {shown(value)} is no value that a setting can have"
        )
    if not _alike(defaults[key], value):
        kind = _KINDS[type(defaults[key])]
        raise ConfigError(f"{source}: {module.name}.{key} takes {kind}, not {shown(value)}")


def _from_file(file: Path, module: str, declared: Callable[[], Declared]) -> _Layer:
    if not exists(file):
        return
    document = read_yaml(file)
    everything = {} if document.data is None else document.data
    if not isinstance(everything, Mapping):
        raise ConfigError(f"{file}:1: module settings are written as `module: {{key: value}}`")
    known = declared()
    for name in everything:
        if name not in known:
            raise ConfigError(
                f"{file}:{document.line(str(name))}: there is no module {name!r}; "
                f"register it or take its settings out{or_write(str(name), known)}"
            )
    values = everything.get(module)
    if values is not None and not isinstance(values, Mapping):
        line = document.line(module)
        raise ConfigError(f"{file}:{line}: {module}: settings are written as `key: value` lines")
    for key, value in (values or {}).items():
        yield f"{file}:{document.line(module, key)}", key, value


def _from_environment(module: Module, environ: Mapping[str, str], declared: Callable[[], Declared]) -> _Layer:
    given = sorted(name for name in environ if name.startswith(MODULE_VARIABLE))
    if not given:
        return
    everyones = declared()
    known = {_variable(name, key) for name, keys in everyones.items() for key in keys}
    for variable in given:
        meant = [name for name in everyones if variable.startswith(_variable(name, ""))]
        if variable not in known and (module.name in meant or not meant):
            raise ConfigError(
                f"{variable}: no setting of a module has this variable; unset it{or_write(variable, known)}"
            )
    for key, default in module.configuration.items():
        variable = _variable(module.name, key)
        if variable in environ:
            yield variable, key, _parsed(variable, environ[variable], default)


def _variable(module: str, key: str) -> str:
    return MODULE_VARIABLE + f"{module}_{key}".upper().replace("-", "_")


def _parsed(variable: str, text: str, default: object) -> object:
    if default is None or isinstance(default, str):
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"{variable}: takes {_KINDS[type(default)]} written as JSON, not {shown(text)}"
        ) from error
    return value


def _alike(default: object, value: object) -> bool:
    """Return whether a value may stand in for a default: the same kind of JSON, any kind for null."""
    if default is None or value is None:
        return default is None
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, float):
        return isinstance(value, (int, float))
    return isinstance(value, type(default))
