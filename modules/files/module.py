"""Files: what is deleted can be restored, what is written over is kept, nothing is overwritten silently."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final

from ares.core import Value
from ares.errors import NotFoundError, UsageError
from ares.runtime import Arguments, Context, Operation, Result, Seen
from ares.runtime.hookspecs import hookimpl

from . import _kept, _trash
from ._places import changeable, exact, existing, free, locate, new, shown
from ._search import search
from ._tree import contents, copy, count_files, fingerprint, move, shape, write_bytes

READ_BYTES: Final = 200_000
MOST_VALUES: Final = 500
HOME_FOLDERS: Final = (
    "Downloads",
    "Documents",
    "Desktop",
    "Pictures",
    "Music",
    "Videos",
    "Public",
    "Templates",
)


@hookimpl
def ares_operations() -> Mapping[str, Operation]:
    """Offer what the manifest lists."""
    return {
        "list": Operation(list_folder),
        "find": Operation(find),
        "read": Operation(read),
        "write": Operation(write, keep=keep_written, verify=verify_write),
        "move": Operation(move_path, keep=keep_moved, verify=verify_move),
        "copy": Operation(copy_path, keep=keep_copied, verify=verify_copy),
        "delete": Operation(delete, keep=keep_deleted, verify=verify_delete),
        "trash": Operation(list_trash),
        "restore": Operation(restore, keep=keep_restored, verify=verify_restore, places=restored),
        "put_back": Operation(put_back, keep=keep_put_back, verify=verify_move),
        "revert": Operation(revert, keep=keep_reverted, verify=verify_revert, places=reverted),
    }


@hookimpl
def ares_values(source: str, context: Context) -> Iterable[Value] | None:
    """Offer folders by name, the entries of the working folder, and what is in the trash."""
    if source == "files.places":
        return _places(context)
    if source == "files.here":
        return (Value(name, _spoken(name)) for name in _here(context))
    if source == "files.trash":
        return (_trash_value(item) for item in _trash.items(context))
    return None


def list_folder(arguments: Arguments, context: Context) -> Result:
    """List a folder, by name."""
    folder = _folder(arguments.get("path", "."), context)
    with os.scandir(folder) as entries:
        found = sorted((_entry(entry) for entry in entries), key=lambda entry: entry["name"].casefold())
    return {"path": shown(folder), "entries": found}


def find(arguments: Arguments, context: Context) -> Result:
    """Find files and folders by their name."""
    folder = _folder(arguments.get("path", "."), context)
    matches, complete = search(folder, arguments["name"], context)
    return {"path": shown(folder), "matches": matches, "complete": complete}


def read(arguments: Arguments, context: Context) -> Result:
    """Read the beginning of a text file."""
    path = existing(arguments["path"], context)
    # Opening a pipe would wait for its other end.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise UsageError(f"{path} is not a file that can be read")
        data = file.read(READ_BYTES + 1)
    text = _text(path, data)
    return {"path": shown(path), "text": text, "size": found.st_size, "truncated": len(data) > READ_BYTES}


def keep_written(arguments: Arguments, context: Context) -> Result:
    """Keep what will be written over, and say what will be there instead."""
    return _kept.keep(_writable(arguments["path"], context), context, _sha256(arguments["text"]))


def write(arguments: Arguments, context: Context) -> Result:
    """Write a text file, all at once; its mode stays as it was."""
    path = _writable(arguments["path"], context)
    _kept.unchanged(path, context)
    before = _kept.state_of(path)
    data = arguments["text"].encode("utf-8")
    write_bytes(path, data, before.mode if before.existed else None)
    return {
        "path": shown(path),
        "size": len(data),
        "created": not before.existed,
        "sha256": _sha256(arguments["text"]),
    }


def verify_write(arguments: Arguments, result: Result, context: Context) -> Sequence[Seen]:
    """Read the file back."""
    path = _writable(arguments["path"], context)
    wanted = arguments["text"].encode("utf-8")
    data = path.read_bytes() if path.is_file() else b""
    same = path.is_file() and data == wanted
    return [
        (f"{shown(path)} holds the text", same, f"{len(data)} bytes" if path.is_file() else "no such file")
    ]


def keep_moved(arguments: Arguments, context: Context) -> Result:
    """Say where it will go, into a folder when the destination is one, and what it looks like."""
    source = changeable(arguments["source"], context)
    return _way(source, new(arguments["destination"], context, source.name))


def move_path(arguments: Arguments, context: Context) -> Result:
    """Move or rename."""
    return _moved(arguments["source"], context)


def keep_put_back(arguments: Arguments, context: Context) -> Result:
    """Like :func:`keep_moved`, to exactly the path that is named: a folder there is in the way.

    Raises :class:`UsageError` when it is not ``left``, what was moved there.
    """
    source = changeable(arguments["source"], context)
    way = _way(source, free(arguments["destination"], context))
    # Records of before there was `left` have none.
    if arguments.get("left", way["left"]) != way["left"]:
        raise UsageError(
            f"{source} is not what was moved there; it changed since, so it stays; "
            "`files.move` moves it as it is now"
        )
    return way


def put_back(arguments: Arguments, context: Context) -> Result:
    """Move something back."""
    return _moved(arguments["source"], context)


def verify_move(arguments: Arguments, result: Result, context: Context) -> Sequence[Seen]:
    """Look that it is gone from the one place and unchanged at the other."""
    return [_is_gone(Path(result["source"])), _is_as_left(Path(result["destination"]), result["fingerprint"])]


def keep_copied(arguments: Arguments, context: Context) -> Result:
    """Say where the copy will be: in a folder when the destination is one."""
    source = existing(arguments["source"], context)
    target = new(arguments["destination"], context, source.name)
    _refuse_inside(source, target)
    return {"destination": exact(target)}


def copy_path(arguments: Arguments, context: Context) -> Result:
    """Copy."""
    source = existing(arguments["source"], context)
    target = free(_kept.member(context, "destination"), context)
    copy(source, target)
    return {
        "source": shown(source),
        "destination": shown(target),
        "files": count_files(target),
        "fingerprint": contents(source),
    }


def verify_copy(arguments: Arguments, result: Result, context: Context) -> Sequence[Seen]:
    """Read every byte of the copy and compare with what the original was."""
    target = Path(result["destination"])
    if not os.path.lexists(target):
        return [(f"{shown(target)} is a copy", False, "it is not there")]
    same = contents(target) == result["fingerprint"]
    return [(f"{shown(target)} is a copy", same, "every byte is the same" if same else "its bytes differ")]


def keep_deleted(arguments: Arguments, context: Context) -> Result:
    """Make a place in the trash."""
    return {"item": _trash.prepare(changeable(arguments["path"], context), context).item}


def delete(arguments: Arguments, context: Context) -> Result:
    """Move a file or folder to the trash."""
    path = changeable(arguments["path"], context)
    item = _trash.put(path, _kept.member(context, "item"), context)
    return {"path": shown(path), "item": item.item, "fingerprint": fingerprint(_trash.stored(item, context))}


def verify_delete(arguments: Arguments, result: Result, context: Context) -> Sequence[Seen]:
    """Look that it is gone and that the trash holds it unchanged."""
    item = next((item for item in _trash.items(context) if item.item == result["item"]), None)
    stored = _trash.stored(item, context) if item else Path("the trash")
    return [
        _is_gone(Path(result["path"])),
        (
            f"item {result['item']} in the trash can go back to {result['path']}",
            item is not None and shown(item.path) == result["path"],
            shown(item.path) if item else "no such item",
        ),
        _is_as_left(stored, result["fingerprint"]),
    ]


def list_trash(arguments: Arguments, context: Context) -> Result:
    """List what is in the trash, the newest first."""
    rows = [
        {"item": item.item, "path": shown(item.path), "deleted": item.deleted}
        for item in _trash.items(context)
    ]
    return {"items": rows}


def restored(arguments: Arguments, context: Context) -> Mapping[str, str]:
    """Say where an item of the trash comes back to."""
    return {"item": str(locate(_trash.find(arguments["item"], context).path, context))}


def keep_restored(arguments: Arguments, context: Context) -> Result:
    """Say where it will come back to."""
    return {"path": exact(locate(_trash.find(arguments["item"], context).path, context))}


def restore(arguments: Arguments, context: Context) -> Result:
    """Move something back from the trash to where it was."""
    item = _trash.find(arguments["item"], context)
    path = locate(item.path, context)
    _trash.take(item, path, context)
    return {"path": shown(path), "item": item.item, "fingerprint": fingerprint(path)}


def verify_restore(arguments: Arguments, result: Result, context: Context) -> Sequence[Seen]:
    """Look that it is back, unchanged, and no longer in the trash."""
    left = [item for item in _trash.items(context) if item.item == result["item"]]
    return [
        _is_as_left(Path(result["path"]), result["fingerprint"]),
        (f"item {result['item']} has left the trash", not left, "it is still there" if left else "it has"),
    ]


def reverted(arguments: Arguments, context: Context) -> Mapping[str, str]:
    """Say which file a kept state is of."""
    return {"kept": str(_reverted(arguments["kept"], context)[1])}


def keep_reverted(arguments: Arguments, context: Context) -> Result:
    """Keep what is there now, so that the reverting can be reverted."""
    state, path, _ = _reverted(arguments["kept"], context)
    return _kept.keep(path, context, state.sha256)


def revert(arguments: Arguments, context: Context) -> Result:
    """Give a file the bytes, mode and time back that it had, or remove it when it did not exist.

    Raises :class:`UsageError` when there is a file that does not hold ``left``, what was written.
    """
    state, path, data = _reverted(arguments["kept"], context)
    _kept.unchanged(path, context)
    now = _kept.state_of(path)
    # What is gone, or was never written over, cannot be lost. Records of before there was `left` have none.
    if now.existed and now.sha256 not in (arguments.get("left", now.sha256), state.sha256):
        raise UsageError(
            f"{path} does not hold what was written; it changed since, so it stays; "
            f"`ares run files.revert kept={arguments['kept']}` puts the old bytes back all the same"
        )
    if state.existed:
        write_bytes(path, data, state.mode, state.mtime_ns)
    else:
        path.unlink(missing_ok=True)
    return {"path": shown(path), "existed": state.existed, "sha256": state.sha256}


def verify_revert(arguments: Arguments, result: Result, context: Context) -> Sequence[Seen]:
    """Compare the file with what was kept."""
    state, path, _ = _reverted(arguments["kept"], context)
    now = _kept.state_of(path)
    seen = f"{oct(now.mode)}, sha256 {now.sha256}" if now.existed else "no such file"
    return [(f"{shown(path)} is as it was", now == state, seen)]


def _folder(path: str, context: Context) -> Path:
    folder = existing(path, context)
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    return folder


def _writable(path: str, context: Context) -> Path:
    """Return the file that writing to ``path`` changes; a link leads to its target.

    Raises :class:`UsageError` for what is there and no file, :class:`NotFoundError` without its folder.
    """
    target = Path(os.path.realpath(locate(path, context)))
    if target.exists() and not target.is_file():
        raise UsageError(f"{target} is not a file; choose another name")
    if not target.parent.is_dir():
        raise NotFoundError(f"there is no folder {target.parent}; make it first")
    return target


def _reverted(number: str, context: Context) -> tuple[_kept.State, Path, bytes]:
    state, data = _kept.load(number, context)
    return state, _writable(state.path, context), data


def _text(path: Path, data: bytes) -> str:
    """Return the text of the first bytes of a file. Raises :class:`UsageError` when it is no text."""
    data = data[:READ_BYTES]
    if b"\0" not in data:
        # The cut may go through a character: up to three of its bytes are left over.
        for cut in range(4 if len(data) == READ_BYTES else 1):
            with suppress(UnicodeDecodeError):
                return data[: len(data) - cut].decode("utf-8-sig")
    raise UsageError(f"{path} is not text (UTF-8); its bytes cannot be shown")


def _entry(entry: os.DirEntry[str]) -> dict[str, Any]:
    row: dict[str, Any] = {"name": shown(entry.name), "kind": "other"}
    if entry.is_symlink():
        row["kind"] = "link"
    elif entry.is_dir():
        row["kind"] = "folder"
    elif entry.is_file():
        row["kind"] = "file"
        # It may have gone since the folder was read.
        with suppress(OSError):
            row["size"] = entry.stat().st_size
    return row


def _way(source: Path, target: Path) -> dict[str, Any]:
    """Return what takes a move back: both ends, and what was moved, to know it again."""
    _refuse_inside(source, target)
    return {"source": exact(source), "destination": exact(target), "left": shape(source, folder_times=False)}


def _moved(wanted: str, context: Context) -> Result:
    """Move what is at ``wanted`` the way that was kept."""
    source, target = changeable(wanted, context), free(_kept.member(context, "destination"), context)
    move(source, target)
    return {"source": shown(source), "destination": shown(target), "fingerprint": fingerprint(target)}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _refuse_inside(source: Path, target: Path) -> None:
    if source in target.parents:
        raise UsageError(f"{source} cannot be put inside itself")


def _is_gone(path: Path) -> Seen:
    there = os.path.lexists(path)
    return (f"{shown(path)} is gone", not there, "something is there" if there else "nothing is there")


def _is_as_left(path: Path, wanted: str) -> Seen:
    claim = f"{shown(path)} is there, unchanged"
    try:
        same = fingerprint(path) == wanted
    except OSError as error:
        return (claim, False, str(error.strerror))
    return (claim, same, "it is" if same else "it was changed")


def _here(context: Context) -> list[str]:
    names = (name for name in os.listdir(context.cwd) if not name.startswith(".") and name.isprintable())
    return sorted(islice(names, MOST_VALUES))


def _places(context: Context) -> Iterator[Value]:
    yield Value(".", ("here", "this folder", "this directory", "the current folder", "the working folder"))
    yield Value("~", ("home", "my home", "home folder", "home directory"))
    for name in HOME_FOLDERS:
        if (context.home / name).is_dir():
            low = name.lower()
            yield Value(f"~/{name}", (low, f"{low} folder", low.removesuffix("s")))
    for name in _here(context):
        if (context.cwd / name).is_dir():
            yield Value(name, (*_spoken(name), f"{name} folder"))


def _spoken(name: str) -> tuple[str, ...]:
    """Return how people say a file's name: without its ending, with spaces for the signs in it."""
    stem = name.partition(".")[0] or name
    spaced = stem.replace("-", " ").replace("_", " ").strip()
    return tuple(dict.fromkeys(word for word in (stem, spaced) if word and word != name))


def _trash_value(item: _trash.Item) -> Value:
    name = Path(shown(item.path)).name
    return Value(item.item, (name, *_spoken(name)), shown(item.path))
