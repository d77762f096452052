"""A desk from which the capabilities of modules are run, with real grants from a real ledger."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from ares.core import Action, Capability, Check, Grant, Origin, new_id
from ares.ledger import Ledger
from ares.paths import Paths
from ares.registry import Registry
from ares.runtime import Modules, Runtime
from ares.store import Store

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))


@dataclass
class Done:
    """One call that ran: its result, what was read back, and the call that takes it back."""

    capability: Capability
    result: Any
    kept: Any
    checks: tuple[Check, ...]
    undo: tuple[str, dict[str, Any]] | None

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)


@dataclass
class Desk:
    """Runs capabilities with real grants from a real ledger, as the gate does."""

    registry: Registry
    ledger: Ledger
    runtime: Runtime
    modules: Modules
    paths: Paths
    around: Callable[[], AbstractContextManager[None]] = field(default=nullcontext)
    between: Callable[[], None] = field(default=lambda: None)

    def do(self, capability: str, /, **arguments: Any) -> Done:
        """Keep, run (within ``around``) and verify; ``between`` is called before verifying."""
        found = self.registry.capability(capability)
        action = Action(capability=capability, arguments=arguments, origin=Origin.PYTHON)
        grant = self.grant(action, found)
        kept = self.runtime.keep(action, found, grant)
        with self.around():
            result: Any = self.runtime.run(action, found, grant, kept)
        self.between()
        checks = self.runtime.verify(action, found, result, kept)
        undo = None
        if found.undo is not None:
            undo = (found.undo.capability, found.undo.fill(arguments, result, kept))
        return Done(found, result, kept, checks, undo)

    def only_keep(self, capability: str, /, **arguments: Any) -> tuple[Capability, Any]:
        """Keep what running it would need to be undone, and run nothing."""
        found = self.registry.capability(capability)
        action = Action(capability=capability, arguments=arguments, origin=Origin.PYTHON)
        return found, self.runtime.keep(action, found, self.grant(action, found))

    def undo(self, done: Done) -> Done:
        assert done.undo is not None
        name, arguments = done.undo
        return self.do(name, **arguments)

    def code(self, module: str, name: str = "module") -> ModuleType:
        """Return one file of a module's code, as it is loaded."""
        for found in sys.modules:
            if found.startswith(f"ares_modules.{module}_") and found.endswith(f".{name}"):
                return sys.modules[found]
        raise LookupError(f"module {module} is not loaded")

    def grant(self, action: Action, capability: Capability) -> Grant:
        """Issue and consume a grant for an action."""
        now = time.time()
        binds = self.runtime.binding(action, capability, self.runtime.leads(action, capability))
        grant = Grant(new_id("g"), action.id, binds, now + 60)
        with self.ledger.batch() as batch:
            self.ledger.issue(batch, grant, now)
            self.ledger.consume(batch, grant.nonce, binds, now)
        return grant


def open_desk(store: Store, paths: Paths, bundled: Path | None = None) -> Desk:
    """Put a desk on fresh databases; no module is registered yet."""
    registry, ledger = Registry(store), Ledger(store)
    runtime = Runtime(registry, paths, claim=ledger.claim, now=lambda: NOW, bundled=bundled)
    modules = Modules(registry, ledger, lambda: runtime, paths, bundled=bundled)
    return Desk(registry, ledger, runtime, modules, paths)
