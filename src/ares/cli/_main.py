"""The root command: parses, calls, and turns whatever was raised into one line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.main import get_command

from ares import __version__
from ares.cli._exit import ExitCode
from ares.cli._lazy import COMMANDS, LazyGroup, examples, load, new_app
from ares.cli._text import told
from ares.errors import AresError

app = new_app(
    cls=LazyGroup,
    no_args_is_help=True,
    epilog=examples(
        'ares do "how full is the disk?"',
        "ares run system.disk path=/",
        "ares audit show --limit 5",
    ),
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from ares.cli import _output

        _output.line(f"ares {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Turn what you say into actions on your own machines, one approved and recorded step at a time."""


def run(arguments: Sequence[str]) -> int:
    """Run the command line with ``arguments``; return the exit code."""
    from ares.cli import _output

    try:
        code = _call(list(arguments))
        _output.flush()
        return code
    except KeyboardInterrupt as error:
        if sys.stderr.isatty():
            # The terminal shows ^C where the cursor stands.
            _output.note("")
        _output.note(f"ares: {str(error) or 'interrupted'}")
        return ExitCode.INTERRUPTED
    except AresError as error:
        return _explain(error, str(error), error.exit_code)
    except OSError as error:
        return _explain(error, told(error), ExitCode.ERROR)
    except Exception as error:  # noqa: BLE001 - the last edge: a defect of ours is one line as well
        text = f"defect in ARES: {type(error).__name__}: {error}; ARES_DEBUG=1 shows where"
        return _explain(error, text, ExitCode.ERROR)


def _call(arguments: list[str]) -> int:
    from typer._click.exceptions import ClickException, NoArgsIsHelpError

    from ares.cli._output import note

    command = get_command(app)
    if "_ARES_COMPLETE" in os.environ:
        from ares.cli._completion import complete

        return complete(command)
    try:
        with command.make_context("ares", arguments) as context:
            command.invoke(context)
    except typer.Exit as end:
        return int(end.exit_code)
    except NoArgsIsHelpError as error:
        note(error.format_message(), keep="\n")
        return ExitCode.USAGE
    except ClickException as error:
        path = _named(arguments)
        # A list of choices comes on lines of its own.
        text = " ".join(error.format_message().split()).rstrip(".")
        return _explain(error, f"{text}; see `{path} --help`", error.exit_code)
    return ExitCode.OK


def _named(arguments: Sequence[str]) -> str:
    """Return the command that arguments name, as far as they name one."""
    name, sub = (*arguments[:2], "", "")[:2]
    if name not in COMMANDS:
        return "ares"
    subs = getattr(load(name), "commands", {})
    return f"ares {name} {sub}" if sub in subs else f"ares {name}"


def _explain(error: BaseException, text: str, code: int) -> int:
    from ares.cli._output import note

    if os.environ.get("ARES_DEBUG"):
        import traceback

        traceback.print_exception(error)
    note("ares: " + " ".join(text.split("\n")))
    return code
