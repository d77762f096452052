"""``ares chat``: one sentence after the other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from ares.cli import _output
from ares.cli._exit import ExitCode
from ares.cli._lazy import examples, new_app
from ares.cli._session import opened
from ares.cli.commands.do import perform
from ares.core import Origin
from ares.errors import AresError, UsageError
from ares.interrupts import Ended, heard_soon

if TYPE_CHECKING:
    from ares.api import Ares

app = new_app()

PROMPT = "ares> "


@app.command(epilog=examples("ares chat", "ares chat --model my-model"))
def chat(
    model: Annotated[str, typer.Option(metavar="NAME|FILE", help="Read with this model.")] = "",
) -> None:
    """Talk with ARES, one sentence after the other.

    Each line is read like `ares do`. An empty line is skipped; exit, quit or the end of input ends it. Ctrl-C
    stops the sentence that is at work, and ends the chat when none is.
    """
    code: int = ExitCode.OK
    history: list[str] = []
    with opened(model) as ares:
        ares.reader.load()
        for sentence in _sentences():
            code = _turn(ares, sentence, history) or code
            history.append(sentence)
    raise typer.Exit(code)


def _turn(ares: Ares, sentence: str, history: list[str]) -> int:
    """Do what one sentence says; whatever goes wrong is told, and the chat goes on."""
    try:
        return perform(ares, sentence, Origin.CHAT, history=history)
    except AresError as error:
        _output.note(f"ares: {error}")
        return error.exit_code
    except Ended:
        raise
    except KeyboardInterrupt:
        if not sys.stdin.isatty():
            raise
        _output.note("")
        _output.note("ares: interrupted; Ctrl-D ends the chat")
        return ExitCode.INTERRUPTED


def _sentences() -> Iterator[str]:
    """Yield what is typed, or what comes through a pipe, until its end."""
    talking = sys.stdin.isatty()
    if talking and sys.stdout.isatty():
        # Lets a line be edited and an earlier one be brought back.
        with suppress(ImportError):
            import readline  # noqa: F401
    while True:
        try:
            sentence = _line(talking).strip()
        except EOFError:
            break
        except UnicodeDecodeError as error:
            raise UsageError(f"the input is not UTF-8 text ({error.reason})") from error
        if sentence in ("exit", "quit"):
            return
        if sentence:
            yield sentence
    if talking:
        _output.note("")


def _line(talking: bool) -> str:
    """Return the next line. What is no answer stays off a stdout that goes elsewhere."""
    with heard_soon():
        if talking and not sys.stdout.isatty():
            sys.stderr.write(PROMPT)
            sys.stderr.flush()
            return input()
        return input(PROMPT if talking else "")
