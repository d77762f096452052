"""``ares chat``: one sentence after the other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from ares.cli import _output
from ares.cli._exit import ExitCode
from ares.cli._lazy import examples, new_app
from ares.cli._session import opened
from ares.cli.commands.do import perform
from ares.core import Origin
from ares.errors import AresError

app = new_app()


@app.command(epilog=examples("ares chat", "ares chat --model my-model"))
def chat(
    model: Annotated[str, typer.Option(metavar="NAME|FILE", help="Read with this model.")] = "",
) -> None:
    """Talk with ARES, one sentence after the other.

    Each line is read like `ares do`. An empty line is skipped; exit, quit or the end of input ends.
    """
    code: int = ExitCode.OK
    history: list[str] = []
    with opened(model) as ares:
        for sentence in _sentences():
            try:
                done = perform(ares, sentence, Origin.CHAT, history=history)
            except AresError as error:
                _output.note(f"ares: {error}")
                done = error.exit_code
            history.append(sentence)
            code = done or code
    raise typer.Exit(code)


def _sentences() -> Iterator[str]:
    """Yield what is typed, or what comes through a pipe, until its end."""
    talking = sys.stdin.isatty()
    while True:
        try:
            sentence = input("ares> " if talking else "").strip()
        except EOFError:
            break
        if sentence in ("exit", "quit"):
            return
        if sentence:
            yield sentence
    if talking:
        print()
