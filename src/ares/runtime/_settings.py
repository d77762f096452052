"""A module's settings in force: manifest, the owner's ``modules.yaml``, database, environment."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ares.config import join_module_settings, read_yaml
from ares.core import Module
from ares.errors import ConfigError

_KINDS: Final[Mapping[type, str]] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a mapping",
}


def module_settings(
    module: Module, user_file: Path, database: Mapping[str, Any], environ: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Join the sources, later ones winning: manifest < ``user_file`` < ``database`` < environment.

    The variable of setting ``poll-rate`` of module ``notes`` is ``ARES_MODULE_NOTES_POLL_RATE``. Raises
    :class:`ConfigError` for a key the manifest does not declare, and for a value of another type than the
    manifest's default.
    """
    defaults = module.configuration
    if not defaults and not database and not user_file.is_file():
        return {}
    layers = [
        (str(user_file), _from_file(user_file, module.name)),
        ("the database", database),
        ("the environment", _from_environment(module, os.environ if environ is None else environ)),
    ]
    for source, values in layers:
        for key, value in values.items():
            check_setting(module, source, key, value)
    return join_module_settings(defaults, layers, module.name)


def check_setting(module: Module, source: str, key: str, value: object) -> None:
    """Raise :class:`ConfigError` unless ``module`` declares setting ``key`` and it may be ``value``."""
    defaults = module.configuration
    if key not in defaults:
        known = ", ".join(sorted(defaults)) or "none"
        raise ConfigError(f"{source}: module {module.name} has no setting {key!r}; known: {known}")
    if not _alike(defaults[key], value):
        kind = _KINDS[type(defaults[key])]
        raise ConfigError(f"{source}: {module.name}.{key} takes {kind}, not {value!r}")


def _from_file(file: Path, name: str) -> Mapping[str, Any]:
    if not file.is_file():
        return {}
    document = read_yaml(file)
    everything = document.data or {}
    if not isinstance(everything, Mapping):
        raise ConfigError(f"{file}:1: module settings are written as `module: {{key: value}}`")
    values = everything.get(name) or {}
    if not isinstance(values, Mapping):
        raise ConfigError(f"{file}:{document.line(name)}: {name}: settings are written as `key: value` lines")
    return values


def _from_environment(module: Module, environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, default in module.configuration.items():
        variable = f"ARES_MODULE_{module.name}_{key}".upper().replace("-", "_")
        if variable in environ:
            found[key] = _parsed(variable, environ[variable], default)
    return found


def _parsed(variable: str, text: str, default: object) -> object:
    if default is None or isinstance(default, str):
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise ConfigError(f"{variable}: {text!r} is not a JSON value") from error


def _alike(default: object, value: object) -> bool:
    """Return whether a value may stand in for a default: the same kind of JSON, any kind for null."""
    if default is None or value is None:
        return default is None
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, float):
        return isinstance(value, (int, float))
    return isinstance(value, type(default))
