"""Modules, versions, capabilities, settings and models, in ares.db."""

from __future__ import annotations

import json
import sqlite3
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ares.core import Json
from ares.errors import NotFoundError, UsageError
from ares.paths import named_path
from ares.registry import _search
from ares.registry._checks import Prepared, check_setting
from ares.registry._rows import (
    CAPABILITY_COLUMNS,
    DEPENDENCY_COLUMNS,
    MODULE_COLUMNS,
    Model,
    ModuleRow,
    Totals,
    from_json,
    to_capability,
    to_json,
    to_model,
    to_module,
    to_module_row,
)
from ares.store import Store

if TYPE_CHECKING:
    from ares.core import Capability, Module

STATES: Final = ("stopped", "starting", "running", "error", "crashed")

_BRIEF: Final = (
    "SELECT m.id, m.name, m.version, m.display_name, m.type, m.description, m.active, m.enabled,"
    " m.auto_start, m.isolation, m.source, m.digest, m.priority, s.state, s.error_message AS error,"
    " m.installed_at, m.updated_at,"
    " (SELECT count(*) FROM capabilities c WHERE c.module_id = m.id) AS capabilities"
    " FROM modules m JOIN status s ON s.module_id = m.id"
)
_CAPABILITIES: Final = (
    "SELECT c.*, m.name AS module FROM capabilities c JOIN modules m ON m.id = c.module_id WHERE m.active = 1"
)
_IN_ORDER: Final = " ORDER BY m.priority DESC, m.id, c.id"


class Registry:
    """What is installed, in one store. Every method that names nothing known raises
    :class:`NotFoundError`, and every one may raise :class:`~ares.errors.StoreError`.

    A method that changes something is a transaction of its own, or part of the one that is open: what the
    owner does is changed inside :meth:`ares.ledger.Ledger.change`, which records it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    # Modules

    def register(self, module: Module, *, activate: bool = True) -> str:
        """Record one version of a module, all of it or nothing.

        Returns ``registered`` for a new version, ``updated`` when its manifest changed, ``unchanged``
        otherwise. The version becomes the active one unless ``activate`` is false and there is another. A
        version of a known module is as enabled and as far in front as the others are, and a new one starts
        with the settings of the one that was active, as far as it still declares them. Raises
        :class:`UsageError` for a module that cannot be recorded.
        """
        prepared = Prepared(module)
        with self._writing() as connection:
            others = connection.execute(
                "SELECT id, version, active, enabled, priority FROM modules WHERE name = ?", (module.name,)
            ).fetchall()
            known = next((row for row in others if row["version"] == module.version), None)
            before = next((row for row in others if row["active"]), None)
            if known is None:
                enabled, priority = (before["enabled"], before["priority"]) if before else (module.enabled, 0)
                module_id = _insert_module(connection, prepared, bool(enabled), priority)
                if before is not None:
                    _copy_settings(connection, before["id"], module_id, module)
                answer = "registered"
            elif _stored(connection, known["id"]) != _compared(prepared):
                module_id, answer = known["id"], "updated"
                _update_module(connection, module_id, prepared)
            else:
                module_id, answer = known["id"], "unchanged"
            if answer != "unchanged":
                _insert_parts(connection, module_id, module, prepared)
            if before is None or (activate and before["id"] != module_id):
                _activate(connection, module.name, module_id)
        return answer

    def unregister(self, name: str, version: str = "") -> None:
        """Take out one version of a module, or all of them. When the active one goes, the one installed
        last of those left becomes active."""
        with self._writing() as connection:
            gone = [self._row(name, version)] if version else self._rows(name)
            for row in gone:
                _search.unindex(connection, row.id)
                connection.execute("DELETE FROM modules WHERE id = ?", (row.id,))
            left = connection.execute(
                "SELECT id, active FROM modules WHERE name = ? ORDER BY active DESC, id DESC LIMIT 1", (name,)
            ).fetchone()
            if left is not None and not left["active"]:
                _activate(connection, name, left["id"])

    def module(self, name: str, version: str = "") -> Module:
        """Return the active version of a module, or the one that ``version`` names, as its manifest said.
        ``enabled`` is what the owner made of it since."""
        with self._store.reading("registry") as connection:
            key = (self._row(name, version).id,)
            row = connection.execute("SELECT * FROM modules WHERE id = ?", key).fetchone()
            capabilities = connection.execute(
                "SELECT c.*, m.name AS module FROM capabilities c JOIN modules m ON m.id = c.module_id"
                " WHERE m.id = ? ORDER BY c.id",
                key,
            )
            dependencies = connection.execute(
                "SELECT * FROM dependencies WHERE module_id = ? ORDER BY id", key
            )
            return to_module(row, capabilities, dependencies)

    def departures(self, name: str, version: str, manifest: Module) -> list[str]:
        """Return what is stored of a version otherwise than ``manifest`` has it: full names of capabilities
        that differ, are missing or are too many, and the module's name for the rest of what it says.

        What it needs is left out: which of it counts depends on the machine's Python.
        """
        told = Prepared(manifest)
        with self._store.reading("registry") as connection:
            module, capabilities, _ = _stored(connection, self._row(name, version).id)
        differing = sorted({row[0] for row in set(capabilities) ^ set(told.capabilities)})
        return [*([] if module == told.module else [name]), *(f"{name}.{each}" for each in differing)]

    def row(self, name: str, version: str = "") -> ModuleRow:
        """Return a module in brief: cheaper than :meth:`module`."""
        with self._store.reading("registry"):
            return self._row(name, version)

    def versions(self, name: str) -> list[str]:
        """Return the installed versions of a module in the order they came."""
        with self._store.reading("registry"):
            return [row.version for row in sorted(self._rows(name), key=lambda row: row.id)]

    def dependents(self, name: str) -> list[str]:
        """Return the modules whose active version needs the module ``name``, installed or not."""
        query = (
            "SELECT DISTINCT m.name FROM dependencies d JOIN modules m ON m.id = d.module_id"
            " WHERE m.active = 1 AND d.dependency_type = 'module' AND d.dependency_name = ? ORDER BY m.name"
        )
        with self._store.reading("registry") as connection:
            return [row["name"] for row in connection.execute(query, (name,))]

    def use(self, name: str, version: str) -> None:
        """Make an installed version the active one."""
        with self._writing() as connection:
            _activate(connection, name, self._row(name, version).id)

    def enable(self, name: str) -> None:
        """Let a module's capabilities be used again."""
        self._set_of_all(name, "enabled", 1)

    def disable(self, name: str) -> None:
        """Keep a module installed but unused."""
        self._set_of_all(name, "enabled", 0)

    def prefer(self, name: str, preferred: bool = True) -> None:
        """Put a module before the others that can do the same, or no longer."""
        self._set_of_all(name, "priority", int(preferred))

    def _set_of_all(self, name: str, column: str, value: int) -> None:
        with self._writing() as connection:
            self._rows(name)
            connection.execute(f"UPDATE modules SET {column} = ? WHERE name = ?", (value, name))

    def modules(self, type: str = "") -> list[ModuleRow]:
        """Return every installed version in brief, by name, the active one first; only those of ``type``
        when it is given."""
        where = " WHERE m.type = ?" if type else ""
        query = f"{_BRIEF}{where} ORDER BY m.name, m.active DESC, m.id DESC"
        with self._store.reading("registry") as connection:
            return [to_module_row(row) for row in connection.execute(query, (type,) if type else ())]

    def totals(self) -> Totals:
        """Count the modules by state; of each only the active version counts."""
        with self._store.reading("registry") as connection:
            rows = connection.execute(
                "SELECT s.state, count(*) FROM modules m JOIN status s ON s.module_id = m.id"
                " WHERE m.active = 1 GROUP BY s.state"
            )
            counts: dict[str, int] = dict(rows.fetchall())
        running = counts.get("running", 0) + counts.get("starting", 0)
        error = counts.get("error", 0) + counts.get("crashed", 0)
        return Totals(sum(counts.values()), running, counts.get("stopped", 0), error)

    def set_state(self, name: str, state: str, error: str = "", *, process_id: int | None = None) -> None:
        """Note the state of a module's active version: one of :data:`STATES`. Raises
        :class:`UsageError` for another word."""
        if state not in STATES:
            raise UsageError(f"{state!r} is no state of a module; known: {', '.join(STATES)}")
        moment = {"starting": "started_at", "running": "started_at"}.get(state, "stopped_at")
        with self._writing() as connection:
            connection.execute(
                f"UPDATE status SET state = ?, error_message = ?, process_id = ?, {moment} = ?"
                " WHERE module_id = ?",
                (state, error, process_id, _now(), self._row(name).id),
            )

    # Capabilities

    def capability(self, name: str) -> Capability:
        """Return a capability by its full name, or by its short one when only one enabled module has it, or
        only one of those that have it is preferred (:meth:`prefer`).

        Raises :class:`NotFoundError` that names the closest ones, :class:`UsageError` when its module is
        disabled or several modules have it.
        """
        module, dot, verb = name.rpartition(".")
        where = " AND m.name = ? AND c.capability = ?" if dot else " AND c.capability = ?"
        with self._store.reading("registry") as connection:
            rows = connection.execute(
                _CAPABILITIES.replace("c.*", "c.*, m.enabled, m.priority") + where + _IN_ORDER,
                (module, verb) if dot else (verb,),
            ).fetchall()
            enabled = [row for row in rows if row["enabled"]]
            preferred = [row for row in enabled if row["priority"]]
            for ways in (enabled, preferred):
                if len(ways) == 1:
                    return to_capability(ways[0])
            if enabled:
                names = ", ".join(f"{row['module']}.{row['capability']}" for row in enabled)
                raise UsageError(
                    f"several modules can {name}: {names}; give the full name, or prefer one module "
                    "with `ares modules prefer`"
                )
            if rows:
                off = rows[0]["module"]
                raise UsageError(f"module {off} is disabled; enable it with `ares modules enable {off}`")
            raise NotFoundError(f"there is no capability {name!r}{_closest(connection, name)}")

    def providers(self, short_name: str) -> list[Capability]:
        """Return who can do ``short_name``: capabilities of enabled modules, the preferred one first."""
        with self._store.reading("registry") as connection:
            query = f"{_CAPABILITIES} AND m.enabled = 1 AND c.capability = ?{_IN_ORDER}"
            return [to_capability(row) for row in connection.execute(query, (short_name,))]

    def capabilities(self, *, offered: bool = False) -> list[Capability]:
        """Return the capabilities of all enabled modules, by module; ``offered``: only those that a
        sentence may choose."""
        with self._store.reading("registry") as connection:
            query = f"{_CAPABILITIES} AND m.enabled = 1 AND c.offered >= ? ORDER BY m.name, c.id"
            return [to_capability(row) for row in connection.execute(query, (int(offered),))]

    def search(self, query: str, limit: int, *, offered: bool = False) -> list[tuple[Capability, float]]:
        """Return up to ``limit`` capabilities of enabled modules that fit the words of ``query``, best
        first, each with a score above 0. Any text is a query; one without known words finds nothing."""
        with self._store.reading("registry") as connection:
            rows = _search.ranked(connection, query, limit, offered)
            return [(to_capability(row), row["score"]) for row in rows]

    # Settings

    def declared_settings(self) -> dict[str, dict[str, Json]]:
        """Return what each module's active version declares: its settings and their defaults."""
        with self._store.reading("registry") as connection:
            rows = connection.execute("SELECT id, name, configuration FROM modules WHERE active = 1")
            return {row["name"]: from_json(row, "modules", "configuration", dict) for row in rows}

    def config(self, name: str) -> dict[str, Json]:
        """Return the settings that override the manifest of a module's active version."""
        with self._store.reading("registry"):
            return self._overrides("module_id = ?", self._row(name).id)

    def set_config(self, name: str, key: str, value: Json) -> None:
        """Override a setting of a module's active version.

        Raises :class:`~ares.errors.ConfigError` for a key that the manifest does not declare or a value
        of another type.
        """
        check_setting(self.module(name), key, value)
        self._override(self.row(name).id, key, value)

    def unset_config(self, name: str, key: str) -> None:
        """Go back to the manifest's value. A setting that is not overridden is left as it is."""
        with self._writing() as connection:
            connection.execute(
                "DELETE FROM configurations WHERE module_id = ? AND key = ?", (self._row(name).id, key)
            )

    def settings(self) -> dict[str, Json]:
        """Return the settings of ARES itself that override its files."""
        with self._store.reading("registry"):
            return self._overrides("module_id IS ?", None)

    def set_setting(self, key: str, value: Json) -> None:
        """Override a setting of ARES itself. Raises :class:`~ares.errors.ConfigError` for an unknown key
        or an impossible value."""
        from ares.config import check_setting as check_own

        check_own(key, value, "the database")
        self._override(None, key, value)

    def unset_setting(self, key: str) -> None:
        """Go back to what the files say. A setting that is not overridden is left as it is."""
        with self._writing() as connection:
            connection.execute("DELETE FROM configurations WHERE module_id IS NULL AND key = ?", (key,))

    def _overrides(self, where: str, value: int | None) -> dict[str, Json]:
        rows = self._store.registry.execute(
            f"SELECT id, key, value FROM configurations WHERE {where} ORDER BY key", (value,)
        )
        return {row["key"]: from_json(row, "configurations", "value") for row in rows}

    def _override(self, module_id: int | None, key: str, value: Json) -> None:
        with self._writing() as connection:
            connection.execute(
                "DELETE FROM configurations WHERE module_id IS ? AND key = ?", (module_id, key)
            )
            connection.execute(
                "INSERT INTO configurations (module_id, key, value, updated_at) VALUES (?, ?, ?, ?)",
                (module_id, key, to_json(value), _now()),
            )

    # Models

    def add_model(self, name: str, path: str) -> Model:
        """Record a model file under a name, in place of an earlier one of that name.

        Raises :class:`UsageError` when the name is empty or has spaces, or ``path`` is no file.
        """
        file = named_path(path)
        if not name or name.split() != [name]:
            raise UsageError(f"{name!r} is no name for a model; use one word")
        if not file.is_file():
            raise UsageError(f"{file} is not a file; give the path of a GGUF file")
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO models (name, path, size, added_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET path = excluded.path, size = excluded.size,"
                " added_at = excluded.added_at",
                (name, str(file), file.stat().st_size, _now()),
            )
            return self._model(name)

    def models(self) -> list[Model]:
        """Return the recorded models by name. The built-in one is not among them."""
        with self._store.reading("registry") as connection:
            return [to_model(row) for row in connection.execute("SELECT * FROM models ORDER BY name")]

    def use_model(self, name: str) -> None:
        """Choose the model that reads sentences; an empty name goes back to the built-in one."""
        with self._writing() as connection:
            if name:
                self._model(name)
            connection.execute("UPDATE models SET active = 0 WHERE active = 1")
            connection.execute("UPDATE models SET active = 1 WHERE name = ?", (name,))

    def remove_model(self, name: str) -> None:
        """Forget a model. Its file stays."""
        with self._writing() as connection:
            self._model(name)
            connection.execute("DELETE FROM models WHERE name = ?", (name,))

    def model_in_use(self) -> Model | None:
        """Return the chosen model, or None for the built-in one."""
        with self._store.reading("registry") as connection:
            row = connection.execute("SELECT * FROM models WHERE active = 1").fetchone()
        return None if row is None else to_model(row)

    def _model(self, name: str) -> Model:
        row = self._store.registry.execute("SELECT * FROM models WHERE name = ?", (name,)).fetchone()
        if row is None:
            known = ", ".join(model.name for model in self.models()) or "none"
            raise NotFoundError(f"there is no model {name!r}; known: {known}; add one with `ares models add`")
        return to_model(row)

    # What can be worked out again

    def cached(self, area: str, key: str, stamp: str) -> Json:
        """Return what :meth:`cache` kept last for ``area`` and ``key`` if it was under the same ``stamp``,
        else None."""
        with self._store.reading("registry") as connection:
            row = connection.execute(
                "SELECT value FROM cache WHERE area = ? AND key = ? AND stamp = ?", (area, key, stamp)
            ).fetchone()
        try:
            value: Json = None if row is None else json.loads(row["value"])
        except (ValueError, RecursionError):
            # It is worked out again.
            return None
        return value

    def cache(self, area: str, key: str, stamp: str, value: Json) -> None:
        """Keep a value that was worked out of something whose state ``stamp`` describes."""
        with self._writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO cache (area, key, stamp, value) VALUES (?, ?, ?, ?)",
                (area, key, stamp, to_json(value)),
            )

    def _writing(self) -> AbstractContextManager[sqlite3.Connection]:
        # A method may be one step of a change that is recorded.
        return self._store.writing("registry", join=True)

    def _row(self, name: str, version: str = "") -> ModuleRow:
        rows = self._rows(name)
        if not version:
            return rows[0]
        for row in rows:
            if row.version == version:
                return row
        known = ", ".join(row.version for row in rows)
        raise NotFoundError(f"module {name} has no version {version!r}; installed: {known}")

    def _rows(self, name: str) -> list[ModuleRow]:
        """Return the versions of a module, the active one first."""
        query = f"{_BRIEF} WHERE m.name = ? ORDER BY m.active DESC, m.id DESC"
        connection = self._store.registry
        rows = [to_module_row(row) for row in connection.execute(query, (name,))]
        if not rows:
            known = [row["name"] for row in connection.execute("SELECT DISTINCT name FROM modules")]
            raise NotFoundError(
                f"there is no module {name!r}{_suggested(name, known)}; see `ares modules list`"
            )
        return rows


def _insert_module(connection: sqlite3.Connection, prepared: Prepared, enabled: bool, priority: int) -> int:
    now = _now()
    columns = ", ".join((*MODULE_COLUMNS, "enabled", "priority", "installed_at", "updated_at"))
    marks = ", ".join("?" * (len(MODULE_COLUMNS) + 4))
    cursor = connection.execute(
        f"INSERT INTO modules ({columns}) VALUES ({marks})",
        (*prepared.module, int(enabled), priority, now, now),
    )
    assert cursor.lastrowid is not None
    connection.execute("INSERT INTO status (module_id) VALUES (?)", (cursor.lastrowid,))
    return cursor.lastrowid


def _update_module(connection: sqlite3.Connection, module_id: int, prepared: Prepared) -> None:
    changes = ", ".join(f"{column} = ?" for column in (*MODULE_COLUMNS, "updated_at"))
    connection.execute(f"UPDATE modules SET {changes} WHERE id = ?", (*prepared.module, _now(), module_id))
    _search.unindex(connection, module_id)
    connection.execute("DELETE FROM capabilities WHERE module_id = ?", (module_id,))
    connection.execute("DELETE FROM dependencies WHERE module_id = ?", (module_id,))


def _insert_parts(connection: sqlite3.Connection, module_id: int, module: Module, prepared: Prepared) -> None:
    into = f"INSERT INTO capabilities (module_id, {', '.join(CAPABILITY_COLUMNS)}) VALUES "
    marks = ", ".join("?" * (len(CAPABILITY_COLUMNS) + 1))
    for capability, values in zip(module.capabilities, prepared.capabilities, strict=True):
        cursor = connection.execute(f"{into}({marks})", (module_id, *values))
        assert cursor.lastrowid is not None
        _search.index(connection, cursor.lastrowid, capability)
    marks = ", ".join("?" * (len(DEPENDENCY_COLUMNS) + 1))
    connection.executemany(
        f"INSERT INTO dependencies (module_id, {', '.join(DEPENDENCY_COLUMNS)}) VALUES ({marks})",
        [(module_id, *values) for values in prepared.dependencies],
    )


_Rows: TypeAlias = "tuple[tuple[Any, ...], list[tuple[Any, ...]], list[tuple[Any, ...]]]"


def _compared(prepared: Prepared) -> _Rows:
    return (prepared.module, prepared.capabilities, prepared.dependencies)


def _stored(connection: sqlite3.Connection, module_id: int) -> _Rows:
    """Return the rows of a module in the form of :func:`_compared`."""

    def rows(table: str, columns: tuple[str, ...], key: str) -> list[tuple[Any, ...]]:
        query = f"SELECT {', '.join(columns)} FROM {table} WHERE {key} = ? ORDER BY id"
        return [tuple(row) for row in connection.execute(query, (module_id,))]

    return (
        rows("modules", MODULE_COLUMNS, "id")[0],
        rows("capabilities", CAPABILITY_COLUMNS, "module_id"),
        rows("dependencies", DEPENDENCY_COLUMNS, "module_id"),
    )


def _copy_settings(connection: sqlite3.Connection, source: int, target: int, module: Module) -> None:
    for row in connection.execute("SELECT * FROM configurations WHERE module_id = ?", (source,)).fetchall():
        if row["key"] in module.configuration:
            connection.execute(
                "INSERT INTO configurations (module_id, key, value, updated_at) VALUES (?, ?, ?, ?)",
                (target, row["key"], row["value"], row["updated_at"]),
            )


def _activate(connection: sqlite3.Connection, name: str, module_id: int) -> None:
    connection.execute("UPDATE modules SET active = 0 WHERE name = ? AND active = 1", (name,))
    connection.execute("UPDATE modules SET active = 1 WHERE id = ?", (module_id,))


def _closest(connection: sqlite3.Connection, name: str) -> str:
    rows = connection.execute(f"{_CAPABILITIES.replace('c.*', 'c.capability')} AND m.enabled = 1").fetchall()
    full = [f"{row['module']}.{row['capability']}" for row in rows]
    return _suggested(name, full) + "; see `ares capabilities`"


def _suggested(name: str, known: list[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
