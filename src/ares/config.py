"""Settings: what there is, where a value came from, and YAML files read with their line numbers.

Later sources win: shipped defaults < the user's ``ares.yaml`` < the database < the environment
(``ARES_<KEY>`` with dots as underscores) < a flag. What names no setting is refused, also a variable that
begins with ``ARES_``. For a security key a later source may only be as strict as the user's own file and the
database left it, or stricter; what would loosen it is refused. A module's own settings follow the same
order, with the defaults of its manifest in place of the shipped ones.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ares.errors import ConfigError
from ares.textfile import exists, read_text

if TYPE_CHECKING:
    import yaml


@dataclass(frozen=True, slots=True)
class Key:
    """One setting: its type, its shipped default, what it is for, and whether it guards something.

    ``strictness`` orders the values of a security key: higher is stricter. ``least`` and ``most`` bound
    a number.
    """

    name: str
    type: type
    default: object
    help: str
    strictness: Callable[[Any], int] | None = None
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "ARES_" + self.name.replace(".", "_").upper()


_SHOW_WORK: Final = ("never", "low", "always")
_OUTSIDE: Final = ("ask", "deny")

KEYS: Final[Mapping[str, Key]] = {
    key.name: key
    for key in (
        Key(
            "model", str, "",
            "name or file of the model that reads sentences; empty: what `ares models use` chose",
        ),
        Key(
            "inference.threads", int, 0, "threads for a model of your own; 0: as many as there are cores",
            least=0, most=512,
        ),
        Key(
            "inference.context", int, 4096, "context in tokens for a model of your own",
            least=512, most=1 << 20,
        ),
        Key(
            "agent.offer", int, 12, "how many capabilities are offered to the model for one sentence",
            least=1, most=100,
        ),
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
}  # fmt: skip

VARIABLES: Final = ("ARES_HOME", "ARES_DEBUG", "ARES_PYTHON")
"""What the environment may say besides settings."""

MODULE_VARIABLE: Final = "ARES_MODULE_"
"""What the variables of modules' own settings begin with."""

_DEEPEST: Final = 100
_TOO_DEEP: Final = f"nested more than {_DEEPEST} levels deep; make it flatter"
_MANY: Final = 1000
# PyYAML lets whatever goes wrong inside the constructor of a value escape as it is.
_ESCAPING: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)

_KINDS: Final[Mapping[type, str]] = {str: "text", int: "a whole number"}


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
        if exists(user_file):
            document = read_yaml(user_file)
            for name, value, where in _flatten(document):
                settings[name] = Setting(check_setting(name, value, where), str(user_file))
        for name, value in (database or {}).items():
            where = "the database (`ares config set`)"
            settings[name] = Setting(check_setting(name, value, where), "database")
        env = os.environ if environ is None else environ
        _refuse_unknown_variables(env)
        for name, key in KEYS.items():
            if key.variable in env:
                value = parse_setting(name, env[key.variable], key.variable)
                settings[name] = _tightened(name, settings[name], Setting(value, key.variable))
        for name, value in (flags or {}).items():
            flag = Setting(check_setting(name, value, "flag"), "flag")
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


def check_setting(name: str, value: object, where: str) -> object:
    """Return ``value`` if setting ``name`` may have it; ``where`` says who asks for it.

    Raises :class:`ConfigError` for an unknown key or an impossible value.
    """
    key = _known(name, where)
    if type(value) is not key.type:
        raise ConfigError(f"{where}: {name} takes {_KINDS[key.type]}, not {shown(value)}")
    if key.choices and value not in key.choices:
        raise ConfigError(f"{where}: {name} takes one of {', '.join(key.choices)}, not {shown(value)}")
    if isinstance(value, int) and not key.least <= value <= key.most:
        raise ConfigError(f"{where}: {name} takes a number from {key.least} to {key.most}, not {value}")
    return value


def parse_setting(name: str, text: str, where: str) -> object:
    """Read ``text``, typed by a person for setting ``name``, as the type it takes.

    Raises :class:`ConfigError` for an unknown key or an impossible value.
    """
    if _known(name, where).type is not int:
        return check_setting(name, text, where)
    try:
        number = int(text)
    except ValueError as error:
        raise ConfigError(f"{where}: {name} takes a whole number, not {shown(text)}") from error
    return check_setting(name, number, where)


def shown(value: object) -> str:
    """Return a value as a person would write it in YAML, short enough for an error line."""
    if value is None:
        return "nothing"
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        # Dates as keys and numbers of thousands of digits.
        return "this value"
    return text if len(text) <= 60 else text[:57] + "..."


def or_write(name: str, known: Iterable[str]) -> str:
    """Return what to write in place of ``name``, as the end of an error line; "" when nothing comes close."""
    import difflib

    close = difflib.get_close_matches(name, list(known), 1)
    return f", or write {close[0]}" if close else ""


def _refuse_unknown_variables(environ: Mapping[str, str]) -> None:
    known = {*VARIABLES, *(key.variable for key in KEYS.values())}
    for variable in environ:
        if not variable.startswith("ARES_") or variable.startswith(MODULE_VARIABLE) or variable in known:
            continue
        raise ConfigError(f"{variable}: no setting has this variable; unset it{or_write(variable, known)}")


def _tightened(name: str, before: Setting, after: Setting) -> Setting:
    strictness = KEYS[name].strictness
    if strictness is not None and strictness(after.value) < strictness(before.value):
        raise ConfigError(
            f"{after.source}: {name} may only be made stricter here "
            f"({before.source} says {shown(before.value)}); change it in ares.yaml or with `ares config set`"
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
        if any(name == other for other, _, _ in found):
            raise ConfigError(f"{where}: {name} is said twice; keep one")
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
    return parse_yaml(read_text(path), str(path))


def parse_yaml(text: str, where: str) -> Document:
    """Read YAML from ``text``; ``where`` names it in errors. See :func:`read_yaml`."""
    import yaml

    _refuse_deep(text, where)
    kind = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    lines: dict[tuple[str | int, ...], int] = {}
    node: yaml.Node | None = None
    try:
        node = yaml.compose(text, Loader=kind)
        if node is None:
            return Document(where, None, {})
        _note_lines(node, (), lines, where, set())
        data = kind("").construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigError(f"{where}:{line}: not valid YAML: {error.problem or error.context}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, text.find(chr(error.character))) + 1
        raise ConfigError(
            f"{where}:{line}: not valid YAML: the character U+{error.character:04X} stands here; take it out"
        ) from error
    except RecursionError as error:
        raise ConfigError(f"{where}:1: {_TOO_DEEP}") from error
    except _ESCAPING as error:
        raise ConfigError(f"{where}:{_misfit(node)}") from error
    return Document(where, data, lines)


def _misfit(node: yaml.Node | None) -> str:
    """Return the line of the first value that YAML takes for what it cannot be, and what is wrong there."""
    import yaml

    for scalar in _scalars(node):
        try:
            yaml.SafeLoader("").construct_object(scalar)
        except _ESCAPING:
            tag = scalar.tag.rpartition(":")[2]
            meant = {"int": "a whole number", "float": "a number", "timestamp": "a date"}.get(tag, tag)
            problem = f"{shown(scalar.value)} cannot be read as {meant}; correct it, or put it in quotes"
            return f"{scalar.start_mark.line + 1}: not valid YAML: {problem}"
    return "1: not valid YAML: a value does not fit its tag"


def _scalars(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    import yaml

    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.CollectionNode):
        for inner in node.value:
            for part in inner if isinstance(inner, tuple) else (inner,):
                yield from _scalars(part)


def _refuse_deep(text: str, where: str) -> None:
    """Refuse what is nested deeper than the stack of the parser, which would end the process without a word.

    Each level takes one of four signs or an indentation wider than the last; the latter cannot get as deep
    as that within the size of a file that is read at all. Only a text with very many of them is looked at
    closer: what is merely too deep is found when the lines are noted.
    """
    if sum(map(text.count, "[{-?")) < _MANY:
        return
    import yaml

    depth, line = 0, 1
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            line = event.start_mark.line + 1 if event.start_mark else line
            if depth > _DEEPEST:
                raise ConfigError(f"{where}:{line}: {_TOO_DEEP}")
    except yaml.YAMLError as error:
        # Newer parsers have a limit of their own, and look so far ahead that they may meet it first.
        if "nesting depth" in str(error):
            raise ConfigError(f"{where}:{line}: {_TOO_DEEP}") from error
        return  # it is not YAML, which parsing it says better


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
    if len(path) > _DEEPEST:
        raise ConfigError(f"{where}:{line}: {_TOO_DEEP}")
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
