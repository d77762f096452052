"""The trash: deleted files and folders with where they were, numbered, in the module's own folder.

Each number is a folder with ``about.json`` and, until it is restored, ``item``. Numbers are not used again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ares.errors import ModuleError, NotFoundError, UsageError
from ares.runtime import Context

from ._bytes import write_bytes
from ._places import shown
from ._reasons import plainly
from ._shape import shape
from ._tree import move


@dataclass(frozen=True, slots=True)
class Item:
    """One deleted thing: its number, where it was, when it was deleted, and what it looked like."""

    item: str
    path: str
    deleted: str
    shape: str


def prepare(source: Path, context: Context, number: str = "") -> Item:
    """Write down what ``source`` is, so that it can always be brought back, under a number of its own.

    ``number`` is the one it had before it was restored: it is as if it had never left, with the time it was
    deleted at. Raises :class:`UsageError` for a number that something else has.
    """
    looks, deleted = shape(source).exact, context.now().isoformat(timespec="seconds")
    with plainly(f"{_folder(context)} cannot be written", _folder(context)):
        about = _about(number or _next(context), context)
        about.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if number and about.exists():
        before = _read(about)
        if before.path != str(source) or os.path.lexists(stored(before, context)):
            raise UsageError(f"item {number} of the trash is {shown(before.path)}; {source} is not put there")
        deleted = before.deleted
    item = Item(about.parent.name, str(source), deleted, looks)
    write_bytes(about, json.dumps(asdict(item)).encode())
    return item


def put(source: Path, number: str, context: Context) -> Path | None:
    """Move ``source`` into the trash, under the number prepared for it; returns as :func:`move` does."""
    item = _read(_about(number, context))
    if item.path != str(source):
        raise ModuleError(f"item {number} of the trash was prepared for {item.path}, not for {source}")
    return move(source, stored(item, context))


def take(item: Item, target: Path, context: Context) -> Path | None:
    """Move an item back to ``target``, where it was; returns as :func:`move` does.

    Raises :class:`UsageError` when something is there now, :class:`NotFoundError` when its folder is gone,
    :class:`ModuleError` when it is not what was deleted any more.
    """
    if not target.parent.is_dir():
        raise NotFoundError(f"the folder {target.parent} is gone; make it first")
    if shape(stored(item, context)).exact != item.shape:
        raise ModuleError(f"item {item.item} in the trash was changed since it was deleted; it stays there")
    return move(stored(item, context), target)


def items(context: Context) -> list[Item]:
    """Return what is in the trash, the newest first."""
    return sorted(_items(context), key=lambda item: -int(item.item))


def find(words: str, context: Context) -> Item:
    """Return the item of a number, a file name or a path.

    Raises :class:`NotFoundError` when there is none, :class:`UsageError` when there are several.
    """
    wanted = words.strip().casefold()
    everything = items(context)
    found = [item for item in everything if item.item == wanted.removeprefix("#")]
    found = found or [item for item in everything if wanted in _names(item)]
    if not found:
        raise NotFoundError(f"nothing in the trash is called {words!r}; see files.trash")
    if len(found) > 1:
        numbers = ", ".join(f"{item.item} (deleted {item.deleted})" for item in found)
        raise UsageError(f"several things in the trash are called {words!r}; say a number: {numbers}")
    return found[0]


def stored(item: Item, context: Context) -> Path:
    """Return where an item's bytes are."""
    return _folder(context) / item.item / "item"


def _items(context: Context) -> Iterator[Item]:
    folder = _folder(context)
    for entry in os.listdir(folder) if folder.is_dir() else ():
        if entry.isdecimal() and os.path.lexists(folder / entry / "item"):
            yield _read(_about(entry, context))


def _read(about: Path) -> Item:
    try:
        return Item(**json.loads(about.read_bytes()))
    except (OSError, TypeError, ValueError) as error:
        raise ModuleError(f"{about} is damaged; what it describes lies beside it") from error


def _next(context: Context) -> str:
    folder = _folder(context)
    folder.mkdir(mode=0o700, exist_ok=True)
    number = max((int(name) for name in os.listdir(folder) if name.isdecimal()), default=0)
    while True:
        number += 1
        try:
            (folder / str(number)).mkdir(mode=0o700)
        except FileExistsError:
            # Another process took it in the same moment.
            continue
        return str(number)


def _about(number: str, context: Context) -> Path:
    return _folder(context) / number / "about.json"


def _folder(context: Context) -> Path:
    return context.data / "trash"


def _names(item: Item) -> tuple[str, ...]:
    name = Path(shown(item.path)).name.casefold()
    return (name, name.rpartition(".")[0], shown(item.path).casefold())
