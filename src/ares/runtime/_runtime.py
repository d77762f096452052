"""Running what a grant was given for, and only that."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ares.core import Action, Capability, Check, Dependency, Grant, Json, Module, Value, canonical, digest
from ares.errors import (
    AresError,
    ArgumentError,
    ConfigError,
    DependencyError,
    GrantError,
    ModuleError,
    UsageError,
)
from ares.paths import Paths, shipped, user_home, working_folder
from ares.runtime._context import Context
from ares.runtime._dependencies import (
    Finding,
    PythonMemory,
    find_api,
    find_module,
    find_python,
    find_system,
)
from ares.runtime._now import local_now
from ares.runtime._origin import folder_of
from ares.runtime._schema import first_error, show
from ares.runtime._settings import module_settings
from ares.runtime._snapshot import Snapshot, take_snapshot
from ares.textfile import remedy

if TYPE_CHECKING:
    from ares.registry import Registry
    from ares.runtime._plugins import Loaded, Plugins


class Runtime:
    """Loads modules when they are first needed and runs their operations.

    ``claim(nonce, binds)`` is called right before an operation runs and must raise :class:`GrantError`
    unless it is the first call for a grant that may run. ``cwd``, ``home`` and ``now`` are what modules are
    told; by default this process's folder, the user's home, and the time here. ``bundled`` is the folder of
    the modules that come with ARES.
    """

    def __init__(
        self,
        registry: Registry,
        paths: Paths,
        *,
        claim: Callable[[str, str], object],
        cwd: Path | None = None,
        home: Path | None = None,
        now: Callable[[], datetime] = local_now,
        bundled: Path | None = None,
    ) -> None:
        self._registry = registry
        self._paths = paths
        self._claim = claim
        self._cwd = cwd
        self._home = home
        self._now = now
        self._bundled = shipped("modules") if bundled is None else bundled
        self._memory = PythonMemory(registry)
        self._plugins: Plugins | None = None

    def places(self, action: Action, capability: Capability) -> dict[str, str]:
        """Return the absolute path behind each argument that stands for one, as the module says.

        Needs no grant: it is what the policy decides about. Raises as :meth:`keep` does when the module
        cannot say, or says anything but paths.
        """
        if not capability.placed:
            return {}
        module = self._module(action, capability)
        loaded = self._load(module, self._snapshot(module))
        places = loaded.operations[capability.name].places
        assert places is not None
        context = self._context(module)
        answer: Any = _called(capability.full_name, loaded, places, _copy(action.arguments), context)
        return _paths(capability, answer)

    def leads(self, action: Action, capability: Capability) -> dict[str, str]:
        """Return where every argument that is or stands for a path leads now, symbolic links resolved."""
        given = {name: action.arguments.get(name) for name in capability.paths}
        named = {**given, **self.places(action, capability)}
        return {name: os.path.realpath(path) for name, path in named.items() if isinstance(path, str)}

    def binding(self, action: Action, capability: Capability, leads: Mapping[str, str]) -> str:
        """Return what a grant for ``action`` binds: its digest, the module's files as they are, and where its
        paths led when they were judged (``leads``).

        Raises, before anybody is asked, what would keep the action from running: :class:`ModuleError` when
        the files are not those that were registered, :class:`DependencyError` when something the module needs
        is missing, :class:`ConfigError` when its settings cannot be read.
        """
        module = self._module(action, capability)
        self._require(module)
        self.settings(module)
        return _binding(action, module, self._snapshot(module), leads)

    def keep(self, action: Action, capability: Capability, grant: Grant) -> Json:
        """Let the module keep what would be lost and return what it says about that; None when it keeps none.

        Raises as :meth:`run` does, but does not use the grant up.
        """
        loaded, own = self._granted(action, capability, grant)
        operation = loaded.operations[own.name]
        if not own.keep or operation.keep is None:
            return None
        context = self._context(loaded.module)
        what = f"{own.full_name}: keep"
        kept: Json = _called(what, loaded, operation.keep, _copy(action.arguments), context)
        return kept

    def run(self, action: Action, capability: Capability, grant: Grant, kept: Json) -> Json:
        """Run an action and return its result, checked against the output schema.

        Raises :class:`GrantError` when the grant is not for these bytes or was claimed before,
        :class:`ArgumentError` for arguments that break the schema, :class:`DependencyError` naming each thing
        that is missing, :class:`ModuleError` when the module fails or answers nonsense.
        """
        loaded, own = self._granted(action, capability, grant)
        if problem := first_error(own.input_schema, dict(action.arguments)):
            raise ArgumentError(f"{own.full_name}: {problem}")
        context = self._context(loaded.module, kept)
        self._claim(grant.nonce, grant.binds)
        run = loaded.operations[own.name].run
        result: Json = _called(own.full_name, loaded, run, _copy(action.arguments), context)
        if problem := first_error(own.output_schema, result):
            raise ModuleError(f"{own.full_name}: its answer breaks its own manifest: {problem}")
        return result

    def verify(self, action: Action, capability: Capability, result: Json, kept: Json) -> tuple[Check, ...]:
        """Read back what an action did. What cannot be read back does not hold, whatever the reason.

        Empty when the capability does not promise to verify.
        """
        if not capability.verify:
            return ()
        try:
            module = self._module(action, capability)
            loaded = self._load(module, self._snapshot(module))
            verify = loaded.operations[capability.name].verify
            assert verify is not None
            what = f"{capability.full_name}: verify"
            context = self._context(module, kept)
            seen = _called(what, loaded, verify, _copy(action.arguments), _copy(result), context)
            return _checks(what, seen)
        except AresError as error:
            return (Check("what was done can be read back", False, str(error)),)

    def values(self, source: str) -> tuple[Value, ...]:
        """Return the live values that an enabled module offers for ``source`` (``module.name``).

        Never raises: a module that is missing, disabled or broken offers nothing.
        """
        name = source.partition(".")[0]
        try:
            module = self._registry.module(name)
            if not module.enabled:
                return ()
            loaded = self._load(module, self._snapshot(module))
            return self._host().values(loaded, source, self._context(module))
        except (AresError, OSError):
            return ()

    def findings(self, module: Module) -> tuple[Finding, ...]:
        """Look for everything that ``module`` needs, in the order of its manifest."""
        found = tuple(self._find(module, dependency) for dependency in module.dependencies)
        self._note(module, found)
        return found

    def settings(self, module: Module) -> dict[str, Any]:
        """Return the settings of a module that are in force. Raises :class:`ConfigError`."""
        user_file = self._paths.config / "modules.yaml"
        overrides = self._registry.config(module.name)
        return module_settings(module, user_file, overrides, self._registry.declared_settings)

    def unload(self, name: str) -> None:
        """Drop a module's code from this process, if it is loaded."""
        if self._plugins is not None:
            self._plugins.unload(name)

    def close(self) -> None:
        """Drop the code of all modules. Doing it twice does no harm; what is needed later is loaded again."""
        for name in self.loaded:
            self.unload(name)

    @property
    def loaded(self) -> tuple[str, ...]:
        """Names of the modules whose code is in this process."""
        return self._plugins.names if self._plugins is not None else ()

    def _granted(self, action: Action, capability: Capability, grant: Grant) -> tuple[Loaded, Capability]:
        """Return the loaded module and the capability as registered, once the grant fits them."""
        module = self._module(action, capability)
        own = next(own for own in module.capabilities if own.name == capability.name)
        snapshot, leads = self._snapshot(module), self.leads(action, own)
        if grant.action_id != action.id or grant.binds != _binding(action, module, snapshot, leads):
            raise GrantError(
                f"{capability.full_name}: the permission is for another action, other files of the module or "
                "other places; ask again"
            )
        return self._load(module, snapshot), own

    def _module(self, action: Action, capability: Capability) -> Module:
        module = self._registry.module(capability.module, action.version)
        if action.capability != capability.full_name or capability.name not in {
            own.name for own in module.capabilities
        }:
            raise GrantError(f"{action.capability}: not what {module.name} {module.version} offers")
        if not module.enabled:
            raise UsageError(
                f"module {module.name} is disabled; enable it: ares modules enable {module.name}"
            )
        return module

    def _snapshot(self, module: Module) -> Snapshot:
        folder = folder_of(module.source, self._bundled)
        snapshot = take_snapshot(folder)
        if snapshot.digest != module.digest:
            raise ModuleError(
                f"module {module.name}: the files in {folder} are not those that were registered; "
                f"look at them, then register the module again"
            )
        return snapshot

    def _load(self, module: Module, snapshot: Snapshot) -> Loaded:
        self._require(module)
        return self._host().load(module, snapshot, self.settings(module))

    def _require(self, module: Module) -> None:
        blocking = [str(finding) for finding in self._quick_findings(module) if finding.blocks]
        if blocking:
            raise DependencyError(f"module {module.name} cannot run: {'. '.join(blocking)}")

    def _host(self) -> Plugins:
        if self._plugins is None:
            from ares.runtime._plugins import Plugins

            self._plugins = Plugins(self._paths.cache)
        return self._plugins

    def _quick_findings(self, module: Module) -> tuple[Finding, ...]:
        """Like :meth:`findings`, but Python packages that were all found before are not looked for again."""
        python = [need for need in module.dependencies if need.kind == "python"]
        if not self._memory.met(python):
            return self.findings(module)
        return tuple(self._find(module, need) for need in module.dependencies if need.kind != "python")

    def _find(self, module: Module, dependency: Dependency) -> Finding:
        if dependency.kind == "python":
            return find_python(dependency)
        if dependency.kind == "system":
            return find_system(dependency)
        if dependency.kind == "module":
            return find_module(dependency, self._registry)
        try:
            return find_api(dependency, module.name, self.settings(module))
        except ConfigError as error:
            return Finding(dependency, False, str(error))

    def _note(self, module: Module, found: tuple[Finding, ...]) -> None:
        python = [finding for finding in found if finding.dependency.kind == "python"]
        if python and all(finding.met for finding in python):
            self._memory.note([finding.dependency for finding in python])

    def _context(self, module: Module, kept: Json = None) -> Context:
        data = self._paths.data / module.name
        try:
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ModuleError(
                f"{data}: cannot be made for module {module.name} ({error.strerror}); "
                + remedy(error, "make the folder around it writable")
            ) from error
        return Context(
            data=data,
            cwd=working_folder() if self._cwd is None else self._cwd,
            home=user_home() if self._home is None else self._home,
            state=tuple(dict.fromkeys((self._paths.home, self._paths.config, self._paths.cache))),
            config=self.settings(module),
            now=self._now,
            kept=kept,
        )


def _binding(action: Action, module: Module, snapshot: Snapshot, leads: Mapping[str, str]) -> str:
    return digest(
        {
            "action": action.digest,
            "module": module.name,
            "version": module.version,
            "files": snapshot.digest,
            # Names of files need not be UTF-8.
            "leads": {name: ascii(path) for name, path in leads.items()},
        }
    )


def _paths(capability: Capability, answer: Any) -> dict[str, str]:
    """Check what a module says its arguments stand for."""
    good = isinstance(answer, dict) and all(
        name in capability.placed and isinstance(path, str) and path.startswith("/")
        for name, path in answer.items()
    )
    if not good:
        raise ModuleError(
            f"{capability.full_name}: `places` must return the absolute path behind each of "
            f"{', '.join(capability.placed)}, not {show(answer)}"
        )
    return dict(answer)


def _called(what: str, loaded: Loaded, function: Callable[..., Any], *arguments: object) -> Any:
    """Call a module's function and return its answer as JSON of our own, not as objects it still holds."""
    from ares.runtime._plugins import guarded

    with guarded(what, loaded.imports):
        answer = function(*arguments)
    try:
        return json.loads(canonical(answer))
    except (TypeError, ValueError, RecursionError) as error:
        raise ModuleError(f"{what}: answered {show(answer)}, which is not JSON ({error})") from error


def _copy(value: Any) -> Any:
    return json.loads(canonical(value))


def _checks(what: str, seen: Any) -> tuple[Check, ...]:
    if not isinstance(seen, list):
        raise ModuleError(f"{what}: must return a list of (what, holds, seen), not {show(seen)}")
    checks = []
    for item in seen:
        if not isinstance(item, list) or list(map(type, item)) != [str, bool, str]:
            raise ModuleError(f"{what}: each check is (what, holds, seen), not {show(item)}")
        checks.append(Check(*item))
    if not checks:
        raise ModuleError(f"{what}: read nothing back")
    return tuple(checks)
