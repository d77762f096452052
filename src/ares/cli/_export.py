"""Records in a file that other programs read."""

from __future__ import annotations

import csv
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from ares.errors import AresError, UsageError

COLUMNS: Final[dict[str, type]] = {
    "seq": int,
    "time": str,
    "kind": str,
    "ref": str,
    "payload": str,
    "erased": int,
    "hash": str,
}


def export(records: Iterable[Mapping[str, Any]], file: Path) -> int:
    """Write records to a new file, in the form that its ending names; return how many.

    Raises :class:`UsageError` when the ending names none or something has that name already, and
    :class:`AresError` when the file cannot be written. What was begun is then taken away again.
    """
    write = _FORMS.get(file.suffix.lower())
    if write is None:
        raise UsageError(f"{file}: the ending says in which form to write; it is one of {', '.join(_FORMS)}")
    try:
        # For its owner alone, as the ledger is.
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise UsageError(f"{file} is there already and is not written over; name a new file") from error
    except OSError as error:
        raise AresError(f"{file}: cannot be made ({error.strerror})") from error
    count = 0

    def counted() -> Iterator[Mapping[str, Any]]:
        nonlocal count
        for record in records:
            count += 1
            yield record

    try:
        write(counted(), file)
    except BaseException as error:
        file.unlink(missing_ok=True)
        if isinstance(error, OSError | sqlite3.Error):
            raise AresError(f"{file}: cannot be written ({error})") from error
        raise
    return count


def _lines(records: Iterable[Mapping[str, Any]], file: Path) -> None:
    with open(file, "w", encoding="utf-8") as opened:
        for record in records:
            opened.write(_json(record) + "\n")


def _csv(records: Iterable[Mapping[str, Any]], file: Path) -> None:
    with open(file, "w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, COLUMNS)
        writer.writeheader()
        writer.writerows(_flat(records))


def _sqlite(records: Iterable[Mapping[str, Any]], file: Path) -> None:
    from sqlite_utils import Database

    with closing(Database(file)) as database, database.atomic():
        table = database.table("records").create(COLUMNS, pk="seq")
        table.insert_all(_flat(records))


_FORMS: Final[dict[str, Callable[[Iterable[Mapping[str, Any]], Path], None]]] = {
    ".jsonl": _lines,
    ".csv": _csv,
    ".db": _sqlite,
    ".sqlite": _sqlite,
}


def _flat(records: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield records as rows: the payload as JSON text, nothing where it was erased."""
    for record in records:
        payload = None if record["erased"] else _json(record["payload"])
        yield {**record, "payload": payload, "erased": int(record["erased"])}


def _json(value: Any) -> str:
    """Return JSON in one line. Half a character, which only a changed record has, stays the escape it was."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")
