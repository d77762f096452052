"""Settings: what there is, where a value came from, and YAML files read with their line numbers.

Later sources win: shipped defaults < the user's ``ares.yaml`` < the database < the environment
(``ARES_<KEY>`` with dots as underscores) < a flag. For a security key a later source may only be as strict
as the user's own file and the database left it, or stricter; what would loosen it is refused. A module's own
settings follow the same order, with the defaults of its manifest in place of the shipped ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ares.errors import ConfigError

if TYPE_CHECKING:
    import yaml


@dataclass(frozen=True, slots=True)
class Key:
    """One setting: its type, its shipped default, what it is for, and whether it guards something.

    ``strictness`` orders the values of a security key: higher is stricter.
    """

    name: str
    type: type
    default: object
    help: str
    strictness: Callable[[Any], int] | None = None
    choices: tuple[str, ...] = ()


_SHOW_WORK: Final = ("never", "low", "always")
_OUTSIDE: Final = ("ask", "deny")

KEYS: Final[Mapping[str, Key]] = {
    key.name: key
    for key in (
        Key("model", str, "", "name or file of the model that reads sentences; empty: the built-in one"),
        Key("inference.threads", int, 0, "threads for a model of your own; 0: as many as there are cores"),
        Key("inference.context", int, 4096, "context in tokens for a model of your own"),
        Key("agent.offer", int, 12, "how many capabilities are offered to the model for one sentence"),
        Key("output.show_work", str, "low", "when the five steps are shown in full", choices=_SHOW_WORK),
        Key(
            "policy.outside",
            str,
            "ask",
            "what becomes of paths outside the working folder and the home when a rule would allow them",
            strictness=_OUTSIDE.index,
            choices=_OUTSIDE,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A value together with the source that set it."""

    value: object
    source: str


class Config:
    """The settings in force. Indexing with an unknown key raises :class:`ConfigError`."""

    def __init__(self, settings: Mapping[str, Setting]) -> None:
        self._settings = dict(settings)

    @classmethod
    def load(
        cls,
        user_file: Path,
        *,
        database: Mapping[str, Any] | None = None,
        environ: Mapping[str, str] | None = None,
        flags: Mapping[str, Any] | None = None,
    ) -> Config:
        """Join all sources. Raises :class:`ConfigError` that names file, line and key."""
        settings = {key.name: Setting(key.default, "shipped") for key in KEYS.values()}
        if user_file.is_file():
            document = read_yaml(user_file)
            for name, value, where in _flatten(document):
                settings[name] = Setting(_checked(name, value, where), str(user_file))
        for name, value in (database or {}).items():
            settings[name] = Setting(_checked(name, value, "database"), "database")
        env = os.environ if environ is None else environ
        for name in KEYS:
            variable = "ARES_" + name.replace(".", "_").upper()
            if variable in env:
                value = _parsed(name, env[variable], variable)
                settings[name] = _tightened(name, settings[name], Setting(value, variable))
        for name, value in (flags or {}).items():
            flag = Setting(_checked(name, value, "flag"), "flag")
            settings[name] = _tightened(name, settings[name], flag)
        return cls(settings)

    def text(self, key: str) -> str:
        """Return a setting of type ``str``."""
        return str(self._at(key).value)

    def number(self, key: str) -> int:
        """Return a setting of type ``int``."""
        value = self._at(key).value
        assert isinstance(value, int)
        return value

    def all(self) -> Mapping[str, Setting]:
        """Return every setting with its source."""
        return dict(self._settings)

    def _at(self, key: str) -> Setting:
        _known(key, "code")
        return self._settings[key]


def _known(name: str, where: str) -> Key:
    if name not in KEYS:
        raise ConfigError(f"{where}: there is no setting {name!r}; known: {', '.join(sorted(KEYS))}")
    return KEYS[name]


def _checked(name: str, value: object, where: str) -> object:
    key = _known(name, where)
    if type(value) is not key.type:
        raise ConfigError(f"{where}: {name} takes {key.type.__name__}, not {value!r}")
    if key.choices and value not in key.choices:
        raise ConfigError(f"{where}: {name} takes one of {', '.join(key.choices)}, not {value!r}")
    if isinstance(value, int) and value < 0:
        raise ConfigError(f"{where}: {name} takes a number from 0, not {value}")
    return value


def _parsed(name: str, text: str, where: str) -> object:
    """Read an environment variable or command line word as the type of its key."""
    if _known(name, where).type is not int:
        return _checked(name, text, where)
    try:
        return _checked(name, int(text), where)
    except ValueError as error:
        raise ConfigError(f"{where}: {name} takes a whole number, not {text!r}") from error


def parse_setting(name: str, text: str, where: str) -> object:
    """Read ``text``, typed by a person for setting ``name``, as the type it takes.

    Raises :class:`ConfigError` for an unknown key or an impossible value.
    """
    return _parsed(name, text, where)


def _tightened(name: str, before: Setting, after: Setting) -> Setting:
    strictness = KEYS[name].strictness
    if strictness is not None and strictness(after.value) < strictness(before.value):
        raise ConfigError(
            f"{after.source}: {name} may only be made stricter here "
            f"({before.source} says {before.value!r}); change it in ares.yaml or with `ares config set`"
        )
    return after


def _flatten(document: Document) -> list[tuple[str, object, str]]:
    found: list[tuple[str, object, str]] = []

    def walk(value: object, path: tuple[str, ...]) -> None:
        where = f"{document.where}:{document.line(*path)}"
        name = ".".join(path)
        if isinstance(value, Mapping) and (not path or any(key.startswith(name + ".") for key in KEYS)):
            for key, inner in value.items():
                walk(inner, (*path, str(key)))
            return
        _known(name, where)
        found.append((name, value, where))

    if document.data is None:
        return found
    if not isinstance(document.data, Mapping):
        raise ConfigError(f"{document.where}:1: settings are written as `key: value` lines")
    walk(document.data, ())
    return found


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as plain data, with the line each member stands on."""

    where: str
    data: Any
    lines: Mapping[tuple[str | int, ...], int]

    def line(self, *path: str | int) -> int:
        """Return the line (from 1) of the member at ``path``, or of its nearest parent that is known."""
        steps: tuple[str | int, ...] = path
        while steps and steps not in self.lines:
            steps = steps[:-1]
        return self.lines.get(steps, 1)


def read_yaml(path: Path) -> Document:
    """Read one YAML file: safe types only, no duplicate keys, no aliases.

    Raises :class:`ConfigError` that names file and line for anything that is not such a file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    return parse_yaml(text, str(path))


def parse_yaml(text: str, where: str) -> Document:
    """Read YAML from ``text``; ``where`` names it in errors. See :func:`read_yaml`."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    lines: dict[tuple[str | int, ...], int] = {}
    try:
        node = loader.get_single_node()
        if node is None:
            return Document(where, None, {})
        _note_lines(node, (), lines, where, set())
        data = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigError(f"{where}:{line}: not valid YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        # PyYAML lets whatever goes wrong inside the constructor of a tagged value escape as it is.
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ConfigError(f"{where}:1: not valid YAML: {first}") from error
    finally:
        loader.dispose()
    return Document(where, data, lines)


def _note_lines(
    node: yaml.Node,
    path: tuple[str | int, ...],
    lines: dict[tuple[str | int, ...], int],
    where: str,
    seen: set[int],
) -> None:
    import yaml

    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if id(node) in seen:
        # An alias repeats a node; nested ones grow without bound, and no file of ours needs them.
        raise ConfigError(f"{where}:{line}: aliases (&name, *name) are not used here; write the value out")
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise ConfigError(f"{where}:{key_node.start_mark.line + 1}: a key must be a plain word")
            if key_node.value in keys:
                raise ConfigError(
                    f"{where}:{key_node.start_mark.line + 1}: {key_node.value!r} is said twice; keep one"
                )
            keys.add(key_node.value)
            lines[(*path, key_node.value)] = key_node.start_mark.line + 1
            _note_lines(value_node, (*path, key_node.value), lines, where, seen)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _note_lines(item, (*path, index), lines, where, seen)


def join_module_settings(
    defaults: Mapping[str, Any], layers: Sequence[tuple[str, Mapping[str, Any]]], module: str
) -> dict[str, Any]:
    """Return a module's settings: manifest ``defaults`` overridden by each of ``layers`` (name, values).

    Raises :class:`ConfigError` for a key that the manifest does not declare.
    """
    joined: dict[str, Any] = dict(defaults)
    for source, values in layers:
        for name, value in values.items():
            if name not in defaults:
                known = ", ".join(sorted(defaults)) or "none"
                raise ConfigError(f"{source}: module {module} has no setting {name!r}; known: {known}")
            joined[name] = value
    return joined
