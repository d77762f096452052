"""Importing a module's code under names of its own, from the bytes that were hashed.

Every load makes a package ``ares_modules.<name>_<number>`` with a number that is not used again: two modules
with the same file name do not meet, relative imports work, ``sys.path`` stays as it is, and no byte runs that
is not in the snapshot.
"""

from __future__ import annotations

import hashlib
import itertools
import marshal
import os
import re
import sys
from collections.abc import Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from importlib.util import MAGIC_NUMBER
from pathlib import Path, PurePosixPath
from types import CodeType, ModuleType
from typing import Final

from ares.core import Module
from ares.runtime._snapshot import Snapshot

_ROOT: Final = "ares_modules"
_NUMBERS: Final = itertools.count(1)


def import_entry(module: Module, snapshot: Snapshot, cache: Path) -> ModuleType:
    """Import the entry point of a module and return it. Whatever its code raises comes through.

    ``cache`` is a folder for compiled code; it may be missing or read-only.
    """
    from importlib import import_module

    package = f"{_ROOT}.{re.sub(r'[^a-z0-9]', '_', module.name)}_{next(_NUMBERS)}"
    _FINDER.packages[package] = (snapshot, cache)
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


class _Finder:
    """Finds the packages of modules, and only those."""

    def __init__(self) -> None:
        self.packages: dict[str, tuple[Snapshot, Path]] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a package or source file of a module is, None for every other name."""
        if not fullname.startswith(_ROOT + "."):
            return None
        parts = fullname.split(".")
        package = ".".join(parts[:2])
        if package not in self.packages:
            return None
        snapshot, cache = self.packages[package]
        stem = "/".join(parts[2:])
        inside = f"{stem}/" if stem else ""
        for name, is_package in ((f"{inside}__init__.py", True), (f"{stem}.py", False)):
            if name in snapshot.sources:
                loader = _Loader(snapshot.folder / name, snapshot.sources[name], cache)
                return self._spec(fullname, loader, is_package)
        if not stem or any(name.startswith(inside) for name in snapshot.sources):
            return self._spec(fullname, _Loader(snapshot.folder / inside, b"", cache), True)
        return None

    @staticmethod
    def _spec(fullname: str, loader: _Loader, is_package: bool) -> ModuleSpec:
        spec = ModuleSpec(fullname, loader, origin=str(loader.path), is_package=is_package)
        spec.has_location = True
        return spec


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
