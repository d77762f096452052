"""Importing a module's code under names of its own, from the bytes that were hashed.

Every load makes a package ``ares_modules.<name>_<number>`` with a number that is not used again: two modules
with the same file name do not meet, relative imports work, and no byte runs that is not in the snapshot. Code
that puts its folder on ``sys.path`` and imports from there finds the same bytes, and nobody else does: see
:class:`Imports`.
"""

from __future__ import annotations

import hashlib
import itertools
import marshal
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from importlib.util import MAGIC_NUMBER
from itertools import takewhile
from pathlib import Path, PurePosixPath
from threading import RLock
from types import CodeType, ModuleType
from typing import Final

from ares.core import Module
from ares.runtime._snapshot import Snapshot

_ROOT: Final = "ares_modules"
_NUMBERS: Final = itertools.count(1)


class Imports:
    """What the code of one module can import, from ``snapshot``, and how it sees the import system.

    ``cache`` is a folder for compiled code; it may be missing or read-only.
    """

    def __init__(self, snapshot: Snapshot, cache: Path) -> None:
        self._snapshot = snapshot
        self._cache = cache
        self._folders = {str(snapshot.folder), os.path.realpath(snapshot.folder)}
        self._path = self._before = sys.path
        self._known: set[str] = set()
        self._hidden: dict[str, ModuleType] = {}
        self._first: list[str] = []
        self._last: list[str] = []
        self._own: dict[str, ModuleType] = {}

    @contextmanager
    def in_sight(self) -> Iterator[None]:
        """Let the block see what the module put on ``sys.path`` and what it imported from its folder under
        top-level names. Afterwards both are gone for everybody else, until the module's code runs again.

        One block at a time in the whole process; one inside another hides what that one sees.
        """
        with _TURN:
            outer = _SEEN[-1] if _SEEN else None
            if outer is not None:
                outer._put_away()
            _SEEN.append(self)
            self._bring_back()
            try:
                yield
            finally:
                self._put_away()
                _SEEN.pop()
                if outer is not None:
                    outer._bring_back()

    def spec(self, fullname: str, stem: str) -> ModuleSpec | None:
        """Return how to load the package or source file ``stem`` (without an ending) under a name."""
        inside = f"{stem}/" if stem else ""
        sources = self._snapshot.sources
        for name, is_package in ((f"{inside}__init__.py", True), (f"{stem}.py", False)):
            if name in sources:
                return self._spec(fullname, name, sources[name], is_package)
        if not stem or any(name.startswith(inside) for name in sources):
            return self._spec(fullname, inside, b"", True)
        return None

    def stem(self, folder: str) -> str | None:
        """Return what the names in a folder of the module begin with; None for a folder elsewhere."""
        for own in self._folders:
            if folder == own or folder.startswith(own + "/"):
                return "/".join(part for part in folder[len(own) :].split("/") if part)
        return None

    def _spec(self, fullname: str, name: str, source: bytes, is_package: bool) -> ModuleSpec:
        path = self._snapshot.folder / name
        loader = _Loader(path, source, self._cache)
        spec = ModuleSpec(fullname, loader, origin=str(path), is_package=is_package)
        spec.has_location = True
        if is_package and not fullname.startswith(_ROOT + "."):
            # What is below a top-level package is looked for in this folder, and so by :func:`_searched`.
            spec.submodule_search_locations = [str(path.parent if name.endswith(".py") else path)]
        return spec

    def _bring_back(self) -> None:
        self._forget_searched()
        self._path, self._before = sys.path, sys.path[:]
        sys.path[:] = [*self._first, *self._before, *self._last]
        self._hidden = {name: sys.modules[name] for name in self._own if name in sys.modules}
        self._known = set(sys.modules) - self._own.keys()
        sys.modules.update(self._own)

    def _put_away(self) -> None:
        # The code may have put anything in its place.
        left, sys.path = sys.path, self._path
        seen = list(dict.fromkeys(map(str, left))) if isinstance(left, list) else []
        sys.path[:] = self._before
        self._first = list(takewhile(lambda entry: entry not in self._before, seen))
        self._last = [entry for entry in seen if entry not in (*self._first, *self._before)]
        self._own = {
            name: sys.modules.pop(name)
            for name in set(sys.modules) - self._known
            if not name.startswith(_ROOT + ".") and _is_ours(sys.modules[name])
        }
        sys.modules.update(self._hidden)
        self._forget_searched()

    def _forget_searched(self) -> None:
        for folder in [each for each in sys.path_importer_cache if self.stem(each) is not None]:
            del sys.path_importer_cache[folder]


def _is_ours(module: object) -> bool:
    return isinstance(getattr(getattr(module, "__spec__", None), "loader", None), _Loader)


_TURN: Final = RLock()
_SEEN: Final[list[Imports]] = []
"""Whose code runs: the last one's, called from the code of those before."""


class _Searched:
    """Looks for top-level modules in one folder of a module whose code put it on ``sys.path``."""

    def __init__(self, imports: Imports, stem: str) -> None:
        self._imports = imports
        self._inside = f"{stem}/" if stem else ""

    def find_spec(self, fullname: str, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return where a package or source file of the folder is, None when there is none of this name."""
        return self._imports.spec(fullname, self._inside + fullname.rpartition(".")[2])


def _searched(folder: str) -> _Searched:
    """Path hook: folders of the module whose code runs are looked up in its snapshot, not on the disk."""
    stem = _SEEN[-1].stem(folder) if _SEEN else None
    if stem is None:
        raise ImportError(folder)
    return _Searched(_SEEN[-1], stem)


def import_entry(module: Module, imports: Imports) -> ModuleType:
    """Import the entry point of a module and return it. Whatever its code raises comes through."""
    from importlib import import_module

    package = f"{_ROOT}.{re.sub(r'[^a-z0-9]', '_', module.name)}_{next(_NUMBERS)}"
    _FINDER.packages[package] = imports
    _install()
    entry = PurePosixPath(module.entry_point).with_suffix("")
    try:
        return import_module(".".join((package, *entry.parts)))
    except BaseException:
        _forget(package)
        raise


def forget(entry: ModuleType) -> None:
    """Take the code that came with an entry point out of ``sys.modules``."""
    _forget(".".join(entry.__name__.split(".")[:2]))


def _forget(package: str) -> None:
    _FINDER.packages.pop(package, None)
    for name in [name for name in sys.modules if name == package or name.startswith(package + ".")]:
        del sys.modules[name]


def _install() -> None:
    if _ROOT not in sys.modules:
        root = ModuleType(_ROOT, "Parent of the packages that modules are loaded as.")
        root.__path__ = []
        sys.modules[_ROOT] = root
    if _FINDER not in sys.meta_path:
        sys.meta_path.append(_FINDER)
    if _searched not in sys.path_hooks:
        sys.path_hooks.insert(0, _searched)


class _Finder:
    """Finds the packages of modules, and only those."""

    def __init__(self) -> None:
        self.packages: dict[str, Imports] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a package or source file of a module is, None for every other name."""
        if not fullname.startswith(_ROOT + "."):
            return None
        parts = fullname.split(".")
        package = ".".join(parts[:2])
        imports = self.packages.get(package)
        return None if imports is None else imports.spec(fullname, "/".join(parts[2:]))


class _Loader(Loader):
    """Runs one source file of a snapshot."""

    def __init__(self, path: Path, source: bytes, cache: Path) -> None:
        self.path = path
        self._source = source
        self._cache = cache

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave making the module object to the import system."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Run the file."""
        exec(self._code(), module.__dict__)

    def get_source(self, fullname: str) -> str:
        """Return the text, for tracebacks."""
        from importlib.util import decode_source

        return decode_source(self._source)

    def _code(self) -> CodeType:
        """Return the compiled code, from ARES's own cache when it is there.

        A ``__pycache__`` beside the source is not used: its contents are in no digest.
        """
        key = hashlib.sha256(b"\0".join((MAGIC_NUMBER, os.fsencode(self.path), self._source))).hexdigest()
        file = self._cache / "bytecode" / key
        try:
            code = marshal.loads(file.read_bytes())
            if isinstance(code, CodeType):
                return code
        except (OSError, ValueError, EOFError, TypeError):
            pass
        code = compile(self._source, str(self.path), "exec", dont_inherit=True)
        draft = file.with_suffix(f".{os.getpid()}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(marshal.dumps(code))
            draft.replace(file)
        except OSError:
            # Only a cache: without it the next process compiles again.
            pass
        return code


_FINDER: Final = _Finder()
