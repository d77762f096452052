"""What the manifests promise, held against what happens: for every capability of every bundled module."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from tests.modules.desk import Desk, open_desk

from ares.core import Effect
from ares.errors import UsageError
from ares.gate._way_back import way_back_from_a_cut
from ares.paths import Paths, shipped
from ares.runtime import read_manifest
from ares.store import Store

FOLDERS = sorted(path.parent for path in shipped("modules").glob("*/module.yaml"))
CAPABILITIES = {
    capability.full_name: capability
    for folder in FOLDERS
    for capability in read_manifest(folder).capabilities
}
REVERSIBLE = sorted(name for name, capability in CAPABILITIES.items() if capability.reversible)
WRITING = sorted(name for name, capability in CAPABILITIES.items() if capability.effect is Effect.WRITE)
CHANGING = sorted(name for name, capability in CAPABILITIES.items() if capability.changes)

Arguments: TypeAlias = dict[str, Any]


def _file(desk: Desk, name: str = "letter.txt") -> Path:
    path = Path.cwd() / name
    path.write_text("Dear reader,\n")
    path.chmod(0o640)
    os.utime(path, ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
    return path


def _written(desk: Desk) -> Arguments:
    return {"path": str(_file(desk)), "text": "Something else\n"}


def _moved(desk: Desk) -> Arguments:
    (Path.cwd() / "old").mkdir()
    return {"source": str(_file(desk)), "destination": str(Path.cwd() / "old")}


def _copied(desk: Desk) -> Arguments:
    (Path.cwd() / "tree" / "inner").mkdir(parents=True)
    (Path.cwd() / "tree" / "inner" / "leaf.txt").write_text("leaf")
    return {"source": str(Path.cwd() / "tree"), "destination": str(Path.cwd() / "second")}


def _restored(desk: Desk) -> Arguments:
    return {"item": desk.do("files.delete", path=str(_file(desk))).result["item"]}


def _discarded(desk: Desk) -> Arguments:
    return dict((desk.do("files.copy", **_copied(desk)).undo or ("", {}))[1])


def _put_back(desk: Desk) -> Arguments:
    moved = desk.do("files.move", **_moved(desk)).result
    return {"source": moved["destination"], "destination": moved["source"]}


def _reverted(desk: Desk) -> Arguments:
    return {"kept": desk.do("files.write", **_written(desk)).kept["id"]}


def _note(desk: Desk) -> Arguments:
    for text in ("buy milk", "call the plumber", "milk the goat"):
        desk.do("notes.add", text=text)
    return {"note": "milk"}


def _deleted_note(desk: Desk) -> Arguments:
    desk.do("notes.delete", **_note(desk))
    return {"note": "milk"}


def _host(desk: Desk) -> Arguments:
    return {"name": "nas", "mac": "00:11:22:aa:bb:cc", "address": "192.0.2.7"}


def _known_host(desk: Desk) -> Arguments:
    desk.do("hosts.add", **_host(desk))
    return {"name": "nas"}


def _withdrawn(desk: Desk) -> Arguments:
    desk.do("hosts.add", **_host(desk))
    return _host(desk)


def _woken(desk: Desk) -> Arguments:
    # Nothing listens on the discard port of the loopback interface; a datagram there bothers nobody.
    desk.modules.configure("hosts", "broadcast", "127.0.0.1")
    return _known_host(desk)


SCENES: Mapping[str, Callable[[Desk], Arguments]] = {
    "files.write": _written,
    "files.move": _moved,
    "files.copy": _copied,
    "files.delete": lambda desk: {"path": str(_file(desk))},
    "files.restore": _restored,
    "files.discard": _discarded,
    "files.put_back": _put_back,
    "files.revert": _reverted,
    "notes.add": lambda desk: {"text": "buy milk"},
    "notes.delete": _note,
    "notes.restore": _deleted_note,
    "hosts.add": _host,
    "hosts.remove": _known_host,
    "hosts.withdraw": _withdrawn,
    "hosts.wake": _woken,
}
"""For each capability that changes something: a scene in which it can, and the arguments for it."""


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Desk]]:
    """Make desks, each with the same empty home and working folder as the one before."""
    stores: list[Store] = []

    def make() -> Desk:
        for folder in ("ares", "cwd"):
            shutil.rmtree(tmp_path / folder, ignore_errors=True)
        (tmp_path / "cwd").mkdir()
        monkeypatch.chdir(tmp_path / "cwd")
        paths = Paths.find()
        stores.append(Store.open(paths))
        desk = open_desk(stores[-1], paths)
        desk.modules.register_bundled()
        return desk

    yield make
    for store in stores:
        store.close()


def test_every_changing_capability_has_a_scene_here() -> None:
    assert sorted(SCENES) == CHANGING


@pytest.mark.parametrize("name", REVERSIBLE)
def test_undoing_brings_everything_back(name: str, desk: Desk) -> None:
    arguments = SCENES[name](desk)
    before = _world(desk)
    done = desk.do(name, **arguments)
    changed = _world(desk)
    assert done.holds
    assert changed != before
    undone = desk.undo(done)
    assert undone.holds
    assert _world(desk) == before


@pytest.mark.parametrize("name", REVERSIBLE)
def test_undoing_can_itself_be_undone(name: str, desk: Desk) -> None:
    arguments = SCENES[name](desk)
    done = desk.do(name, **arguments)
    after = _world(desk)
    undone = desk.undo(done)
    if undone.undo is None:
        pytest.fail(f"{undone.capability.full_name} cannot be undone")
    assert desk.undo(undone).holds
    assert _world(desk) == after


@pytest.mark.parametrize("each", ["the last", "the first"])
@pytest.mark.parametrize("name", REVERSIBLE)
def test_what_is_undone_and_done_again_can_be_undone_for_ever(name: str, each: str, desk: Desk) -> None:
    """``the first``: once its undo is taken back, `ares undo` takes back the first action itself again."""
    arguments = SCENES[name](desk)
    before = _world(desk)
    first = last = desk.do(name, **arguments)
    after = _world(desk)
    for turn in range(6):
        back = turn % 2 == 0
        last = desk.undo(first if back and each == "the first" else last)
        assert last.holds
        assert _world(desk) == (before if back else after), f"turn {turn}"


@pytest.mark.parametrize("name", REVERSIBLE)
def test_what_was_kept_is_enough_to_undo_it_after_a_crash(name: str, desk: Desk) -> None:
    arguments = SCENES[name](desk)
    before = _world(desk)
    done = desk.do(name, **arguments)
    way = way_back_from_a_cut(done.capability, arguments, done.kept)
    assert way is not None
    assert desk.do(way[0], **way[1]).holds
    assert _world(desk) == before


@pytest.mark.parametrize("name", REVERSIBLE)
def test_undoing_what_crashed_before_it_began_changes_nothing(name: str, desk: Desk) -> None:
    arguments = SCENES[name](desk)
    before = _world(desk)
    capability, kept = desk.only_keep(name, **arguments)
    way = way_back_from_a_cut(capability, arguments, kept)
    assert way is not None
    with suppress(UsageError):
        desk.do(way[0], **way[1])
    assert _world(desk) == before


@pytest.mark.parametrize("kind", ["file", "folder"])
@pytest.mark.parametrize("name", ["files.move", "files.put_back", "files.delete"])
def test_undoing_refuses_when_something_else_took_the_old_place(name: str, kind: str, desk: Desk) -> None:
    arguments = SCENES[name](desk)
    before = set(Path.cwd().rglob("*"))
    done = desk.do(name, **arguments)
    (old,) = before - set(Path.cwd().rglob("*"))
    if kind == "folder":
        old.mkdir()
    else:
        old.write_text("somebody else's")
    taken = _world(desk)
    with pytest.raises(UsageError, match=f"{old} is there already"):
        desk.undo(done)
    assert _world(desk) == taken


@pytest.mark.parametrize("name", WRITING)
def test_a_write_that_was_lost_does_not_hold(name: str, fresh: Callable[[], Desk]) -> None:
    for place in _touched(name, fresh()):
        desk = fresh()
        arguments = SCENES[name](desk)
        before = _contents(desk)
        desk.between = lambda place=place, before=before: _set(place, before.get(place))  # type: ignore[misc]
        done = desk.do(name, **arguments)
        assert not done.holds, f"{place} is as it was before {name}, and that was not noticed"


@pytest.mark.parametrize("name", WRITING)
def test_a_write_that_was_garbled_does_not_hold(name: str, fresh: Callable[[], Desk]) -> None:
    for place in _touched(name, fresh()):
        desk = fresh()
        arguments = SCENES[name](desk)
        garbled: list[bool] = []
        desk.between = lambda place=place, garbled=garbled: garbled.append(_garble(place))  # type: ignore[misc]
        done = desk.do(name, **arguments)
        assert garbled == [not done.holds], f"{place} was garbled after {name}, and that was not noticed"


@pytest.mark.parametrize(
    ("name", "how"),
    [
        (name, how)
        for name in WRITING
        for how in ("longer", "shorter", "other bytes", "other mode", "other time")
        # What is written has the time it was written at.
        if name.startswith("files.") and (name, how) != ("files.write", "other time")
    ],
)
def test_a_file_that_was_spoiled_while_it_was_written_does_not_hold(
    name: str, how: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = SCENES[name](desk)
    spoiled: list[Path] = []

    def spoiling(call: Callable[..., None]) -> Callable[..., None]:
        def then_spoil(source: Path, target: Path, **more: Any) -> None:
            call(source, target, **more)
            _spoil(Path(target), how)
            spoiled.append(Path(target))

        return then_spoil

    @contextmanager
    def around() -> Iterator[None]:
        with monkeypatch.context() as patch:
            for call in ("link", "rename", "replace"):
                patch.setattr(os, call, spoiling(getattr(os, call)))
            yield

    desk.around = around
    assert not desk.do(name, **arguments).holds, f"{spoiled} were spoiled by {name}, and that was not noticed"
    assert spoiled


@pytest.mark.parametrize("how", ["garbled", "lost"])
@pytest.mark.parametrize("name", [name for name in WRITING if not name.startswith("files.")])
def test_a_row_that_was_spoiled_while_it_was_written_does_not_hold(name: str, how: str, desk: Desk) -> None:
    arguments = SCENES[name](desk)
    module = name.partition(".")[0]
    desk.do(f"{module}.list")
    column, key = {"notes": ("text", "id"), "hosts": ("mac", "name")}[module]
    with closing(sqlite3.connect(desk.paths.data / module / f"{module}.db")) as database:
        for change in ("INSERT", "UPDATE", "DELETE"):
            if how == "lost" or change == "DELETE":
                trigger = f"BEFORE {change} ON {module} BEGIN SELECT raise(IGNORE); END"
            else:
                spoil = f"UPDATE {module} SET {column} = {column} || 'x' WHERE {key} = NEW.{key}"
                trigger = f"AFTER {change} ON {module} BEGIN {spoil}; END"
            database.execute(f"CREATE TRIGGER spoil_{change} {trigger}")
        database.commit()
    assert not desk.do(name, **arguments).holds


@pytest.mark.parametrize("name", CHANGING)
def test_every_changing_capability_promises_to_read_back(name: str) -> None:
    assert CAPABILITIES[name].verify


@pytest.mark.parametrize("name", sorted(CAPABILITIES))
def test_every_capability_is_described_and_offered_with_six_phrases(name: str) -> None:
    capability = CAPABILITIES[name]
    assert capability.description
    assert len(capability.examples) >= 6 or not capability.offered
    for argument in capability.required:
        assert not capability.offered or any(f"{{{argument}}}" in phrase for phrase in capability.examples)


def test_every_source_of_values_is_offered_by_its_module(desk: Desk) -> None:
    desk.do("hosts.add", **_host(desk))
    desk.do("files.delete", path=str(_file(desk)))
    for text in ("kept", "deleted"):
        desk.do("notes.add", text=text)
    desk.do("notes.delete", note="deleted")
    sources = {
        str(schema[keyword])
        for capability in CAPABILITIES.values()
        for schema in capability.properties.values()
        for keyword in ("x-values", "x-offers")
        if keyword in schema
    }
    _file(desk, "another.txt")
    assert sources == {
        "clock.zones", "files.here", "files.places", "files.trash", "hosts.names",
        "notes.deleted", "notes.live",
    }  # fmt: skip
    assert {source for source in sources if not desk.runtime.values(source)} == set()


def _world(desk: Desk) -> dict[str, Any]:
    """Everything a person would see: the files in the working folder, the notes, the hosts."""
    files = {
        str(path): (path.read_bytes(), stat.S_IMODE(path.stat().st_mode), path.stat().st_mtime_ns)
        for path in sorted(Path.cwd().rglob("*"))
        if path.is_file()
    }
    folders = sorted(str(path) for path in Path.cwd().rglob("*") if path.is_dir())
    return {
        "files": files,
        "folders": folders,
        "notes": desk.do("notes.list").result,
        "hosts": desk.do("hosts.list").result,
    }


def _contents(desk: Desk) -> dict[Path, bytes]:
    """The bytes of every file in the working folder and of what the modules keep."""
    folders = (Path.cwd(), desk.paths.data)
    return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def _touched(name: str, desk: Desk) -> list[Path]:
    """The files that running a capability makes, changes or takes away."""
    arguments = SCENES[name](desk)
    before: dict[Path, bytes] = {}
    # A first call makes the databases, so that they are not taken for something that was written.
    desk.do("notes.list")
    desk.do("hosts.list")
    kept = _contents(desk)
    desk.between = lambda: before.update(_contents(desk))
    desk.do(name, **arguments)
    touched = [path for path in {**kept, **before} if kept.get(path) != before.get(path)]
    # What is kept before the run is no part of what the run itself writes.
    touched = [path for path in touched if "kept" not in path.parts]
    assert touched, f"{name} touches nothing"
    return touched


def _set(place: Path, data: bytes | None) -> None:
    if data is None:
        place.unlink()
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def _spoil(path: Path, how: str) -> None:
    """Change the first file at or below a path."""
    file = path if path.is_file() else next(each for each in sorted(path.rglob("*")) if each.is_file())
    found, data = file.stat(), file.read_bytes()
    if how == "other mode":
        file.chmod(stat.S_IMODE(found.st_mode) ^ stat.S_IXUSR)
    elif how == "other time":
        os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns + 1_000_000_000))
    else:
        spoiled = {
            "longer": data + b"x",
            "shorter": data[:-1],
            "other bytes": bytes(255 - each for each in data),
        }
        file.write_bytes(spoiled[how])


def _garble(place: Path) -> bool:
    """Change what a file says, or every text in the rows of a database; False when it has no rows."""
    if place.suffix != ".db":
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes((place.read_bytes() if place.exists() else b"") + b"x")
        return True
    with closing(sqlite3.connect(place)) as database:
        changed = 0
        for (table,) in database.execute(
            "SELECT name FROM sqlite_schema WHERE sql LIKE '%STRICT%'"
        ).fetchall():
            for _, column, kind, *_ in database.execute(f"PRAGMA table_info({table})").fetchall():
                if kind == "TEXT":
                    changed += database.execute(f"UPDATE {table} SET {column} = {column} || 'x'").rowcount
        database.commit()
    return changed > 0
