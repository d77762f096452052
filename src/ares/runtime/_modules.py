"""Registering modules and switching them: every change of state is in the ledger."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ares.core import Json, canonical
from ares.errors import AresError, ModuleError, NotFoundError, UsageError
from ares.paths import Paths, shipped
from ares.runtime._origin import BUNDLED, bundled_source, folder_of, is_bundled
from ares.runtime._snapshot import module_files, take_snapshot
from ares.store import folder_error

if TYPE_CHECKING:
    from ares.core import Module
    from ares.ledger import Change, Ledger
    from ares.registry import ModuleRow, Registry
    from ares.runtime._dependencies import Finding
    from ares.runtime._runtime import Runtime

_CACHE: Final = ("bundled", "modules")
_DRAFT: Final = ".draft-"


@dataclass(frozen=True, slots=True)
class Registration:
    """What came of registering: ``how`` is ``registered``, ``updated`` or ``unchanged``.

    ``findings`` say what the module needs and whether it is there; it is registered either way, and refuses
    to run while something it needs is missing.
    """

    module: Module
    how: str
    findings: tuple[Finding, ...]


class Modules:
    """The modules of one ARES home. ``runtime`` gives what runs them, when it is first needed; ``bundled`` is
    the folder of those that come with ARES.

    Every method that changes something writes its record and the change together: when either cannot be
    written, neither is. What is known of the module and of those that need it is looked at again with it.
    """

    def __init__(
        self,
        registry: Registry,
        ledger: Ledger,
        runtime: Callable[[], Runtime],
        paths: Paths,
        *,
        bundled: Path | None = None,
    ) -> None:
        self._registry = registry
        self._ledger = ledger
        self._runtime = runtime
        self._paths = paths
        self._bundled = shipped("modules") if bundled is None else bundled

    def register(self, folder: Path, *, replace_files: bool = False) -> Registration:
        """Register the module in ``folder``, and make this version the active one.

        Its files are copied into ARES's own folder, so that what runs is what was registered and an earlier
        version can be gone back to. Registering the same files again changes nothing. Raises
        :class:`ManifestError`, and :class:`UsageError` for the name of a module that comes with ARES or,
        unless ``replace_files``, for other files under a version that is registered; nothing is changed then.
        """
        from ares.runtime._manifest import read_manifest

        module = read_manifest(folder)
        place = Path(os.path.realpath(module.source))
        if place.parent == Path(os.path.realpath(self._bundled)):
            return self._register_bundled(replace(module, source=str(place)))
        if self._comes_with_ares(module.name):
            # The shipped rules allow by name what its code does.
            raise UsageError(
                f"a module named {module.name} comes with ARES; give the one in {folder} another name"
            )
        with self._alone():
            before = self._find(module.name, module.version)
            if before is not None and before.digest != module.digest and not replace_files:
                raise UsageError(
                    f"{module.name} {module.version} is registered with other files; raise the version in "
                    f"{folder}/module.yaml, or put these in their place with --replace"
                )
            with self._installed(module) as installed:
                registration = self._register(installed, activate=True)
            self._clear(module.name, module.version)
        return registration

    def register_bundled(self) -> tuple[Registration, ...]:
        """Register what comes with ARES where it is not yet, or has changed; return what was looked at.

        Costs one query and a look at the files' times when nothing has changed. A version that the owner
        chose to use instead stays in use, and what was disabled stays disabled.
        """
        stamp = self._stamp()
        if self._registry.cached(*_CACHE, stamp) is not None:
            return ()
        from ares.runtime._manifest import read_manifest

        done = tuple(self._register_bundled(read_manifest(folder)) for folder in self._bundled_folders())
        self._registry.cache(*_CACHE, stamp, True)
        return done

    def unregister(self, name: str, version: str = "") -> str:
        """Take one version of a module out, or all of it; what it keeps in its data folder stays.

        Returns the version that is in use from now on, or an empty text when none is left. Raises
        :class:`NotFoundError` when it is not there, :class:`UsageError` for what comes with ARES.
        """
        with self._alone():
            with self._ledger.change() as change:
                gone: list[Json] = [version] if version else [*self._registry.versions(name)]
                for each in gone:
                    row = self._registry.row(name, str(each))
                    if is_bundled(row) and self.folder(row.source).is_dir():
                        raise UsageError(
                            f"{name} {each} comes with ARES; use `ares modules disable {name}` instead"
                        )
                before = self._active(name)
                self._registry.unregister(name, version)
                change.append(name, {"event": "unregistered", "versions": gone})
                left = self._active(name)
                if left and left != before:
                    change.append(name, {"event": "used", "version": left, "before": before})
                self._look_again(name)
            self._runtime().unload(name)
            for each in gone:
                self._clear(name, str(each))
        return left

    def enable(self, name: str) -> None:
        """Let a module run again. Raises :class:`NotFoundError`."""
        self._switch(name, True)

    def disable(self, name: str) -> None:
        """Keep a module from running; its versions and settings stay. Raises :class:`NotFoundError`."""
        self._switch(name, False)

    def prefer(self, name: str, preferred: bool = True) -> None:
        """Put a module before others that can do the same, or no longer. Raises :class:`NotFoundError`."""
        if bool(self._registry.row(name).priority) is preferred:
            return
        with self._ledger.change() as change:
            self._registry.prefer(name, preferred)
            change.append(name, {"event": "preferred" if preferred else "no longer preferred"})

    def use(self, name: str, version: str) -> None:
        """Make another installed version the active one. Raises :class:`NotFoundError`."""
        before = self._registry.row(name).version
        if before == version:
            return
        with self._ledger.change() as change:
            self._registry.use(name, version)
            change.append(name, {"event": "used", "version": version, "before": before})
            self._look_again(name)
        self._runtime().unload(name)

    def configure(self, name: str, key: str, value: Json) -> None:
        """Set a setting of a module in the database. Raises :class:`ConfigError` when it cannot be."""
        from ares.runtime._settings import check_setting

        module = self._registry.module(name)
        check_setting(module, "ares modules set", key, value)
        with self._ledger.change() as change:
            self._registry.set_config(name, key, value)
            # The value may be a secret; that it changed is what the record is for.
            change.append(name, {"event": "configured", "key": key})
            self.check(name)
        self._runtime().unload(name)

    def check(self, name: str) -> tuple[Finding, ...]:
        """Look for what the active version needs, and note in its state whether it can run."""
        module = self._registry.module(name)
        findings = self._runtime().findings(module)
        missing = ". ".join(str(finding) for finding in findings if finding.blocks)
        row = self._registry.row(name)
        if (row.state == "error") != bool(missing) or (missing and row.error != missing):
            self._registry.set_state(name, "error" if missing else "stopped", missing)
        return findings

    def folder(self, source: str) -> Path:
        """Return the folder that the files of a version are in, from its ``source``."""
        return folder_of(source, self._bundled)

    def departures(self, row: ModuleRow) -> list[str]:
        """Return what the database says of a version otherwise than the manifest beside its code: names of
        capabilities, and the module's when it is about what else it says.

        Raises :class:`ManifestError` when the manifest cannot be read.
        """
        from ares.runtime._manifest import read_manifest

        manifest = replace(read_manifest(self.folder(row.source)), source=row.source)
        return self._registry.departures(row.name, row.version, manifest)

    def _look_again(self, name: str) -> tuple[Finding, ...]:
        """Note in the states of a module, and of those that need it, whether they can run; return what the
        module needs."""
        for other in self._registry.dependents(name):
            self.check(other)
        return self.check(name) if self._active(name) else ()

    def _switch(self, name: str, enabled: bool) -> None:
        if self._registry.row(name).enabled is enabled:
            return
        with self._ledger.change() as change:
            (self._registry.enable if enabled else self._registry.disable)(name)
            change.append(name, {"event": "enabled" if enabled else "disabled"})
            self._look_again(name)
        if not enabled:
            self._runtime().unload(name)

    def _register(self, module: Module, *, activate: bool) -> Registration:
        """Change the registry, with the record of it; nothing is recorded where nothing changes."""
        with self._ledger.change() as change:
            before = self._active(module.name)
            how = self._registry.register(module, activate=activate)
            if module.source.startswith(BUNDLED):
                self._take_out_others(module, change)
            switched = self._active(module.name) != before
            if how != "unchanged" or switched:
                payload: Json = {
                    "event": "used" if how == "unchanged" else how,
                    "version": module.version,
                    "active": switched or before == module.version,
                    "source": module.source,
                    "digest": module.digest,
                    "capabilities": [capability.full_name for capability in module.capabilities],
                }
                change.append(module.name, payload)
            findings = self._look_again(module.name)
        self._runtime().unload(module.name)
        return Registration(module, how, findings)

    def _register_bundled(self, module: Module) -> Registration:
        module = replace(module, source=bundled_source(Path(module.source)))
        same, active = self._find(module.name, module.version), self._find(module.name)
        if same is not None and not is_bundled(same):
            # The owner had this version before ARES brought one of the same number.
            return Registration(self._registry.module(same.name, same.version), "unchanged", ())
        return self._register(module, activate=active is None or is_bundled(active))

    def _take_out_others(self, module: Module, change: Change) -> None:
        """Take out the versions that came with ARES before this one did."""
        for version in self._registry.versions(module.name):
            row = self._registry.row(module.name, version)
            if is_bundled(row) and version != module.version:
                self._registry.unregister(module.name, version)
                change.append(module.name, {"event": "unregistered", "versions": [version]})

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from copying or removing files of modules meanwhile."""
        import fcntl

        folder = self._paths.modules
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(folder, os.O_RDONLY)
        except OSError as error:
            raise folder_error(folder, "cannot be made", error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    @contextmanager
    def _installed(self, module: Module) -> Iterator[Module]:
        """Copy a module's files to where installed modules are, for registering them in the block; the
        folder carries their digest. A copy that is not registered in the end is removed."""
        target = self._paths.modules / module.name / module.version / module.digest[:16]
        installed = replace(module, source=str(target))
        if target.is_dir() and take_snapshot(target).digest == module.digest:
            yield installed
            return
        self._copy(module, target)
        try:
            yield installed
        except BaseException:
            with suppress(AresError):
                if (found := self._find(module.name, module.version)) is None or found.source != str(target):
                    _remove(target)
            raise

    def _copy(self, module: Module, target: Path) -> None:
        import shutil

        from ares.core import new_id

        draft = target.with_name(new_id(_DRAFT))
        try:
            for name, path in module_files(Path(module.source)):
                (draft / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.copyfile(path, draft / name)
            if take_snapshot(draft).digest != module.digest:
                raise ModuleError(f"{module.source}: its files changed while they were copied; try again")
            # What stands there has been tampered with, or it would have been taken as it is.
            shutil.rmtree(target, ignore_errors=True)
            draft.rename(target)
        except OSError as error:
            raise folder_error(target, "cannot be read or written", error) from error
        finally:
            _remove(draft)

    def _clear(self, name: str, version: str) -> None:
        """Remove the copies of one version that no row refers to, and unfinished ones of any: nobody is at
        work on them here, and what a process left that was ended is of no use."""
        found = self._find(name, version)
        copies = (self._paths.modules / name / version).glob("[0-9a-f]" * 16)
        for folder in [*copies, *self._paths.modules.glob(f"*/*/{_DRAFT}*")]:
            if found is None or found.source != str(folder):
                _remove(folder)

    def _find(self, name: str, version: str = "") -> ModuleRow | None:
        try:
            return self._registry.row(name, version)
        except NotFoundError:
            return None

    def _active(self, name: str) -> str:
        found = self._find(name)
        return "" if found is None else found.version

    def _comes_with_ares(self, name: str) -> bool:
        rows = self._registry.modules()
        return any(row.name == name and is_bundled(row) for row in rows)

    def _bundled_folders(self) -> Iterator[Path]:
        for folder in sorted(self._bundled.iterdir()):
            if (folder / "module.yaml").is_file():
                yield folder

    def _stamp(self) -> str:
        """Return a text that changes whenever a file of a bundled module does."""
        # A home that keeps them in another form than this one has to be looked at too.
        seen: list[Json] = [BUNDLED, str(self._bundled)]
        for folder in self._bundled_folders():
            for name, path in module_files(folder):
                found = os.stat(path)
                seen.append([folder.name, name, found.st_size, found.st_mtime_ns, found.st_ino])
        return canonical(seen).decode()


def _remove(folder: Path) -> None:
    """Remove a copy of a module, and the folders of its version and name when it was the last in them."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()
        folder.parent.parent.rmdir()
