"""``ares version``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ares import __version__
from ares.cli import _output
from ares.cli._lazy import examples, new_app

app = new_app()


@app.command(epilog=examples("ares version", "ares version --json"))
def version(
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
) -> None:
    """Show the version."""
    if as_json:
        import sqlite3

        python = ".".join(map(str, sys.version_info[:3]))
        _output.document({"ares": __version__, "python": python, "sqlite": sqlite3.sqlite_version})
    else:
        _output.line(f"ares {__version__}")
