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
from ares.errors import AresError, NotFoundError, UsageError
from ares.runtime import Arguments, Context, Operation, Result, Seen
from ares.runtime.hookspecs import hookimpl

from . import _kept, _trash
from ._bytes import open_file, sha256, write_bytes
from ._places import changeable, exact, existing, free, locate, new, shown
from ._reasons import plainly
from ._search import search
from ._shape import contents, count_files, shape
from ._tree import copy, move

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
        "discard": Operation(delete, keep=keep_discarded, verify=verify_delete),
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
    with plainly(f"{folder} cannot be listed"), os.scandir(folder) as entries:
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
    with open_file(path) as file, plainly(f"{path} cannot be read"):
        size = os.fstat(file.fileno()).st_size
        data = file.read(READ_BYTES + 1)
    text = _text(path, data)
    return {"path": shown(path), "text": text, "size": size, "truncated": len(data) > READ_BYTES}


def keep_written(arguments: Arguments, context: Context) -> Result:
    """Keep what will be written over, and say what will be there instead."""
    return _kept.keep(_writable(arguments["path"], context), context, _sha256(arguments["text"]))


def write(arguments: Arguments, context: Context) -> Result:
    """Write a text file, all at once; its mode stays as it was."""
    path = _writable(arguments["path"], context)
    before = _kept.unchanged(path, context)
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
    path, wanted = _writable(arguments["path"], context), arguments["text"]
    with open_file(path) as file:
        found = os.fstat(file.fileno())
        same = found.st_size == len(wanted.encode("utf-8")) and sha256(file) == _sha256(wanted)
    seen = [(f"{shown(path)} holds the text", same, f"{found.st_size} bytes")]
    before = context.kept if isinstance(context.kept, dict) else {}
    if before.get("existed"):
        mode = stat.S_IMODE(found.st_mode)
        seen.append((f"{shown(path)} has the mode it had", mode == before["mode"], oct(mode)))
    return seen


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
    # Records of before there was `left` have none.
    if "left" in arguments:
        _require_left(source, arguments["left"], "moved there", "`files.move` moves")
    return _way(source, free(arguments["destination"], context))


def put_back(arguments: Arguments, context: Context) -> Result:
    """Move something back."""
    return _moved(arguments["source"], context)


def verify_move(arguments: Arguments, result: Result, context: Context) -> Sequence[Seen]:
    """Look that it is gone from the one place and as it was at the other."""
    return [
        *_has_gone(result["source"], result),
        _is_as_it_was(Path(result["destination"]), _kept.member(context, "shape")),
    ]


def keep_copied(arguments: Arguments, context: Context) -> Result:
    """Say where the copy will be, in a folder when the destination is one, and what it will look like."""
    source = existing(arguments["source"], context)
    target = new(arguments["destination"], context, source.name)
    _refuse_inside(source, target)
    looks = shape(source)
    return {"destination": exact(target), "left": looks.lasting, "shape": looks.exact}


def copy_path(arguments: Arguments, context: Context) -> Result:
    """Copy."""
    source = existing(arguments["source"], context)
    target = free(_kept.member(context, "destination"), context)
    # All that can fail comes before the copy is there.
    result = {
        "source": shown(source),
        "destination": shown(target),
        "files": count_files(source),
        "fingerprint": contents(source),
    }
    copy(source, target)
    return result


def verify_copy(arguments: Arguments, result: Result, context: Context) -> Sequence[Seen]:
    """Read every byte of the copy and compare it, its modes and its times with what the original had."""
    target = Path(_kept.member(context, "destination"))
    claim = f"{shown(target)} is a copy"
    if not os.path.lexists(target):
        return [(claim, False, "it is not there")]
    if contents(target) != result["fingerprint"]:
        return [(claim, False, "its bytes differ")]
    same = shape(target).exact == _kept.member(context, "shape")
    return [(claim, same, f"every byte is the same, and its modes and times {'too' if same else 'differ'}")]


def keep_deleted(arguments: Arguments, context: Context) -> Result:
    """Make a place in the trash, and say what will be there."""
    item = _trash.prepare(changeable(arguments["path"], context), context)
    return {"item": item.item, "shape": item.shape}


def keep_discarded(arguments: Arguments, context: Context) -> Result:
    """Like :func:`keep_deleted`, under the number that it had in the trash, if it had one.

    Raises :class:`UsageError` when it is not ``left``, what was put there.
    """
    path = changeable(arguments["path"], context)
    _require_left(path, arguments["left"], "put there", "`files.delete` deletes")
    item = _trash.prepare(path, context, arguments.get("item", ""))
    return {"item": item.item, "shape": item.shape}


def delete(arguments: Arguments, context: Context) -> Result:
    """Move a file or folder to the trash."""
    path, item = changeable(arguments["path"], context), _kept.member(context, "item")
    return _with_leftover({"path": shown(path), "item": item}, _trash.put(path, item, context))


def verify_delete(arguments: Arguments, result: Result, context: Context) -> Sequence[Seen]:
    """Look that it is gone and that the trash holds it as it was."""
    looks = _kept.member(context, "shape")
    item = next((item for item in _trash.items(context) if item.item == result["item"]), None)
    stored = _trash.stored(item, context) if item else Path("the trash")
    return [
        *_has_gone(result["path"], result),
        (
            f"item {result['item']} in the trash can go back to {result['path']}",
            item is not None and (shown(item.path), item.shape) == (result["path"], looks),
            shown(item.path) if item else "no such item",
        ),
        _is_as_it_was(stored, looks),
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
    """Say where it will come back to, and what it will look like there."""
    item = _trash.find(arguments["item"], context)
    return {
        "item": item.item,
        "path": exact(locate(item.path, context)),
        "left": shape(_trash.stored(item, context)).lasting,
        "shape": item.shape,
    }


def restore(arguments: Arguments, context: Context) -> Result:
    """Move something back from the trash to where it was."""
    item = _trash.find(_kept.member(context, "item"), context)
    path = locate(item.path, context)
    return _with_leftover({"path": shown(path), "item": item.item}, _trash.take(item, path, context))


def verify_restore(arguments: Arguments, result: Result, context: Context) -> Sequence[Seen]:
    """Look that it is back as it was, and no longer in the trash."""
    left = [item for item in _trash.items(context) if item.item == result["item"]]
    return [
        _is_as_it_was(Path(result["path"]), _kept.member(context, "shape")),
        (f"item {result['item']} has left the trash", not left, "it is still there" if left else "it has"),
        *_nothing_left(result),
    ]


def reverted(arguments: Arguments, context: Context) -> Mapping[str, str]:
    """Say which file a kept state is of."""
    return {"kept": str(_reverted(arguments["kept"], context)[1])}


def keep_reverted(arguments: Arguments, context: Context) -> Result:
    """Keep what is there now, so that the reverting can be reverted."""
    state, path = _reverted(arguments["kept"], context)
    return _kept.keep(path, context, state.sha256)


def revert(arguments: Arguments, context: Context) -> Result:
    """Give a file the bytes, mode and time back that it had, or remove it when it did not exist.

    Raises :class:`UsageError` when there is a file that does not hold ``left``, what was written.
    """
    state, path = _reverted(arguments["kept"], context)
    now = _kept.unchanged(path, context)
    # What is gone, or was never written over, cannot be lost. Records of before there was `left` have none.
    if now.existed and now.sha256 not in (arguments.get("left", now.sha256), state.sha256):
        raise UsageError(
            f"{path} does not hold what was written; it changed since, so it stays; "
            f"`ares run files.revert kept={arguments['kept']}` puts the old bytes back all the same"
        )
    if state.existed:
        _kept.put_back(arguments["kept"], path, context)
    else:
        with plainly(f"{path} cannot be removed", path.parent):
            path.unlink(missing_ok=True)
    return {"path": shown(path), "existed": state.existed, "sha256": state.sha256}


def verify_revert(arguments: Arguments, result: Result, context: Context) -> Sequence[Seen]:
    """Compare the file with what was kept."""
    state, path = _reverted(arguments["kept"], context)
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
    with plainly(f"{target} cannot be looked at"):
        if target.exists() and not target.is_file():
            raise UsageError(f"{target} is not a file; choose another name")
        if not target.parent.is_dir():
            raise NotFoundError(f"there is no folder {target.parent}; make it first")
    return target


def _reverted(number: str, context: Context) -> tuple[_kept.State, Path]:
    state = _kept.load(number, context)
    return state, _writable(state.path, context)


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
    """Return what takes a move back: both ends, and what is moved, to know it again."""
    _refuse_inside(source, target)
    looks = shape(source)
    return {
        "source": exact(source),
        "destination": exact(target),
        "left": looks.lasting,
        "shape": looks.exact,
    }


def _moved(wanted: str, context: Context) -> Result:
    """Move what is at ``wanted`` the way that was kept."""
    source, target = changeable(wanted, context), free(_kept.member(context, "destination"), context)
    return _with_leftover({"source": shown(source), "destination": shown(target)}, move(source, target))


def _with_leftover(result: dict[str, Any], leftover: Path | None) -> Result:
    return result if leftover is None else {**result, "leftover": shown(leftover)}


def _require_left(path: Path, left: str, how: str, otherwise: str) -> None:
    """Raise :class:`UsageError` when what is at ``path`` is not what an action left there."""
    if shape(path).lasting != left:
        raise UsageError(
            f"{path} is not what was {how}; it changed since, so it stays; {otherwise} it as it is now"
        )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _refuse_inside(source: Path, target: Path) -> None:
    if source in target.parents:
        raise UsageError(f"{source} cannot be put inside itself")


def _has_gone(path: str, result: Result) -> list[Seen]:
    there = os.path.lexists(path)
    gone = (f"{path} is gone", not there, "something is there" if there else "nothing is there")
    return [gone, *_nothing_left(result)]


def _nothing_left(result: Result) -> list[Seen]:
    """Return what is to be said when something could not be removed after it was copied; else nothing."""
    if "leftover" not in result:
        return []
    left = result["leftover"]
    seen = f"a part could not be removed and is at {left}; all of it is at its new place too"
    return [("nothing is left at the old place", not os.path.lexists(left), seen)]


def _is_as_it_was(path: Path, looks: str) -> Seen:
    claim = f"{shown(path)} is there, unchanged"
    try:
        same = shape(path).exact == looks
    except AresError as error:
        return (claim, False, str(error))
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
