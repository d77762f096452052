"""Loaded modules as pluggy plugins: what each offers, checked against its manifest."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pluggy

from ares.core import Module, Value
from ares.errors import AresError, ArgumentError, ModuleError, NotFoundError, UsageError
from ares.runtime import hookspecs
from ares.runtime._context import Context, Operation
from ares.runtime._loader import Imports, forget, import_entry
from ares.runtime._snapshot import Snapshot
from ares.streams import stdout_apart

_PASSED_ON: Final = (NotFoundError, ArgumentError, UsageError)
_MOST_VALUES: Final = 2000
_LONGEST_VALUE: Final = 4096


@dataclass(frozen=True, slots=True)
class Loaded:
    """A module whose code is in this process."""

    module: Module
    snapshot: Snapshot
    imports: Imports
    plugin: ModuleType
    operations: Mapping[str, Operation]


@contextmanager
def guarded(what: str, imports: Imports) -> Iterator[None]:
    """Run a module's code: whatever it raises becomes one line that begins with ``what``.

    What it or a child process prints goes to standard error, because standard output belongs to ARES's own
    answer. What it does to the import system is seen by itself alone.
    """
    import sys

    try:
        with imports.in_sight(), redirect_stdout(sys.stderr), stdout_apart():
            yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        kind = next((kind for kind in _PASSED_ON if isinstance(error, kind)), ModuleError)
        raise kind(f"{what}: {_words(error)}") from error


def _words(error: BaseException) -> str:
    """Return an exception as part of a line; its type only where the message was not written for people."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - the message of a foreign exception is foreign code
        text = "(its message cannot be shown)"
    if isinstance(error, OSError) and error.strerror:
        named = bool(error.filename) and isinstance(error.filename, str | bytes)
        text = f"{error.strerror}: {os.fsdecode(error.filename)}" if named else error.strerror
    elif not isinstance(error, AresError):
        text = f"{type(error).__name__}: {text}"
    return " ".join(text.split())[:500]


class Plugins:
    """The modules whose code is loaded, at most one version of each.

    ``cache`` is a folder for compiled code.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._manager = pluggy.PluginManager("ares")
        self._manager.add_hookspecs(hookspecs)
        self._loaded: dict[str, Loaded] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the loaded modules."""
        return tuple(self._loaded)

    def load(self, module: Module, snapshot: Snapshot, config: Mapping[str, Any]) -> Loaded:
        """Return the module with the code of ``snapshot`` loaded, loading it when it is not.

        Raises :class:`ModuleError` when the code raises or does not offer what the manifest says.
        """
        present = self._loaded.get(module.name)
        if present and present.module == module and present.snapshot.hashes == snapshot.hashes:
            return present
        self.unload(module.name)
        what = f"module {module.name} cannot be loaded"
        imports = Imports(snapshot, self._cache)
        with guarded(what, imports):
            plugin = import_entry(module, imports)
        try:
            operations = self._register(what, module, imports, plugin, config)
        except BaseException:
            forget(plugin)
            raise
        loaded = self._loaded[module.name] = Loaded(module, snapshot, imports, plugin, operations)
        return loaded

    def unload(self, name: str) -> None:
        """Drop a module's code, if it is loaded."""
        loaded = self._loaded.pop(name, None)
        if loaded is not None:
            self._manager.unregister(loaded.plugin)
            forget(loaded.plugin)

    def values(self, loaded: Loaded, source: str, context: Context) -> tuple[Value, ...]:
        """Return what the module offers for ``source``; what is no usable value is left out."""
        with guarded(f"values {source}", loaded.imports):
            answers = self._only(loaded.plugin, "ares_values")(source=source, context=context)
            found = islice((value for answer in answers for value in answer), _MOST_VALUES)
            return tuple(_clean(value) for value in found if _usable(value))

    def _register(
        self, what: str, module: Module, imports: Imports, plugin: ModuleType, config: Mapping[str, Any]
    ) -> dict[str, Operation]:
        try:
            self._manager.register(plugin, name=plugin.__name__)
        except (pluggy.PluginValidationError, ValueError) as error:
            raise ModuleError(f"{what}: a hook does not fit docs/hooks.md: {_words(error)}") from error
        try:
            if module.main_function:
                operations = _methods(what, module, imports, plugin, config)
            else:
                operations = self._operations(what, imports, plugin)
            _check(what, module, operations)
        except BaseException:
            self._manager.unregister(plugin)
            raise
        return operations

    def _operations(self, what: str, imports: Imports, plugin: ModuleType) -> dict[str, Operation]:
        with guarded(what, imports):
            answers = self._only(plugin, "ares_operations")()
        found: dict[str, Operation] = {}
        for answer in answers:
            if not isinstance(answer, Mapping):
                raise ModuleError(
                    f"{what}: ares_operations must return a mapping, not {type(answer).__name__}"
                )
            for name, offered in answer.items():
                found[str(name)] = _operation(f"{what}: {name}", offered)
        return found

    def _only(self, plugin: ModuleType, hook: str) -> Callable[..., list[Any]]:
        """Return the caller of one hook that reaches this plugin alone."""
        others = [other for other in self._manager.get_plugins() if other is not plugin]
        caller: Callable[..., list[Any]] = self._manager.subset_hook_caller(hook, others)
        return caller


def _operation(what: str, offered: object) -> Operation:
    """Take an :class:`Operation`, an object with the same members, or a bare function."""
    if callable(offered):
        return Operation(offered)
    run, *others = (getattr(offered, name, None) for name in ("run", "keep", "verify", "places"))
    if not callable(run) or not all(member is None or callable(member) for member in others):
        raise ModuleError(
            f"{what}: an operation is a function, or an object with `run`, not {type(offered).__name__}"
        )
    return Operation(run, *others)


def _methods(
    what: str, module: Module, imports: Imports, plugin: ModuleType, config: Mapping[str, Any]
) -> dict[str, Operation]:
    """Make operations of the methods of what ``main_function`` returns: the founding document's form."""
    main = getattr(plugin, module.main_function, None)
    if not callable(main):
        raise ModuleError(f"{what}: there is no function {module.main_function} in {module.entry_point}")
    with guarded(f"{what}: {module.main_function}", imports):
        target = main(dict(config)) if _takes_one(main) else main()
    found: dict[str, Operation] = {}
    for capability in module.capabilities:
        name = capability.name.replace("-", "_")
        method = getattr(target, name, None)
        if not callable(method):
            kind = type(target).__name__
            raise ModuleError(f"{what}: what {module.main_function} returns ({kind}) has no method {name}")
        found[capability.name] = Operation(_keywords(method))
    return found


def _takes_one(main: Callable[..., object]) -> bool:
    """Return whether a main function wants the configuration: it has a first positional parameter."""
    try:
        parameters = inspect.signature(main).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)


def _keywords(method: Callable[..., Any]) -> Callable[[Mapping[str, Any], Context], Any]:
    return lambda arguments, context: method(**arguments)


def _check(what: str, module: Module, operations: Mapping[str, Operation]) -> None:
    for capability in module.capabilities:
        operation = operations.get(capability.name)
        if operation is None:
            raise ModuleError(f"{what}: the code offers nothing for {capability.full_name}")
        for promise in ("keep", "verify"):
            if getattr(capability, promise) and getattr(operation, promise) is None:
                raise ModuleError(f"{what}: {capability.full_name} promises `{promise}` and has none")
        if capability.placed and operation.places is None:
            names = ", ".join(capability.placed)
            raise ModuleError(f"{what}: {capability.full_name} has `x-place` ({names}) and no `places`")
    extra = operations.keys() - {capability.name for capability in module.capabilities}
    if extra:
        raise ModuleError(f"{what}: the manifest does not name {', '.join(sorted(extra))}")


def _usable(value: object) -> bool:
    text = value.value if isinstance(value, Value) else value
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST_VALUE:
        return False
    return text.isprintable()


def _clean(value: Value | str) -> Value:
    if isinstance(value, str):
        return Value(value)
    aliases: Iterable[object] = value.aliases
    return Value(value.value, tuple(alias for alias in aliases if isinstance(alias, str)), str(value.label))
