"""Where output goes: data to stdout, messages to stderr; colour only where somebody wants it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ares.cli._text import json_text, visible
from ares.errors import AresError

if TYPE_CHECKING:
    from ares.core import Json


def styled() -> bool:
    """Whether stdout is a terminal that takes colours, and the person did not say no to them."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb"
    return sys.stdout.isatty() and not plain


def note(text: str, keep: str = "") -> None:
    """Write one message line to stderr; one of several lines if ``keep`` holds the line end."""
    # Whether a message can be written, to a terminal that is gone for instance, decides nothing.
    with suppress(OSError):
        print(visible(text, keep), file=sys.stderr, flush=True)


def line(text: str) -> None:
    """Write one line of data to stdout."""
    _write(visible(text, keep="\t"))


def block(text: str) -> None:
    """Write text of several lines to stdout: as it is into a pipe, made safe on a terminal."""
    shown = visible(text, keep="\n\t") if sys.stdout.isatty() else text
    _write(shown.removesuffix("\n"))


def document(value: Json) -> None:
    """Write one JSON document to stdout."""
    _write(json_text(value, indent=2))


def flush() -> None:
    """See to it that all of stdout so far is where it goes to."""
    with _to_stdout():
        sys.stdout.flush()


def _write(text: str) -> None:
    with _to_stdout():
        sys.stdout.write(text + "\n")


@contextmanager
def _to_stdout() -> Iterator[None]:
    """A reader that has had enough is no error, and what the command does beyond writing goes on.

    Raises :class:`AresError` when stdout cannot take it, because its disk is full for instance.
    """
    try:
        yield
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except OSError as error:
        raise AresError(
            f"stdout takes nothing more: {error.strerror}; what was done is in `ares audit show`"
        ) from error


def fields(pairs: Iterable[tuple[str, Json]]) -> None:
    """Write ``name: value`` lines, the values below one another."""
    rows = [(name, visible(plain(value))) for name, value in pairs]
    width = max((len(name) for name, _ in rows), default=0)
    for name, value in rows:
        _write(f"{name + ':':<{width + 1}} {value}".rstrip())


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table: drawn to the width of a terminal, or in plain columns of full width into a pipe."""
    cells = [[visible(str(value)) for value in row] for row in rows]
    if not cells:
        return
    if styled():
        _drawn(headings, cells)
        return
    widths = [max(len(row[index]) for row in (headings, *cells)) for index in range(len(headings))]
    for row in ([heading.upper() for heading in headings], *cells):
        _write("  ".join(f"{value:<{width}}" for value, width in zip(row, widths, strict=True)).rstrip())


def _drawn(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for heading in headings:
        drawn.add_column(heading, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(value) for value in row))
    Console(highlight=False, markup=False, emoji=False).print(drawn)


def result(value: Json) -> None:
    """Write the result of a capability for a person."""
    if not isinstance(value, Mapping):
        line(json_text(value))
        return
    if isinstance(text := value.get("text"), str) and "\n" in text:
        block(text)
        return
    lists = {name: items for name, items in value.items() if _is_rows(items)}
    if len(lists) == 1:
        ((name, items),) = lists.items()
        if not items:
            note(f"no {name}")
        _rows(items)
        return
    fields(value.items())


def _is_rows(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(each, Mapping | str | int | float) for each in value)


def _rows(items: Json) -> None:
    assert isinstance(items, list)
    if all(isinstance(item, Mapping) for item in items):
        names = list(dict.fromkeys(name for item in items for name in item))
        table(names, ([plain(item.get(name)) for name in names] for item in items))
        return
    for item in items:
        line(plain(item))


def plain(value: Json) -> str:
    """Return a value in the words of people where they have some, else as JSON."""
    if isinstance(value, str):
        return value
    words = {None: "", True: "yes", False: "no"}
    return words[value] if value is None or isinstance(value, bool) else json_text(value)
