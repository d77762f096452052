"""The process ``ares``: how it starts and ends as cheaply as can be."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import NoReturn


def program() -> NoReturn:
    """Run the command line of this process and end it."""
    # Most of what a command makes lives until it ends, so looking for cycles while it starts finds nothing.
    gc.set_threshold(100_000)
    _open_streams()
    try:
        from ares.cli._main import run
        from ares.interrupts import heed_endings
        from ares.streams import keep_stdout

        heed_endings()
        keep_stdout()
        code = run(sys.argv[1:])
        atexit._run_exitfuncs()
    except KeyboardInterrupt:
        # Before anything began, or after all of it was done.
        code = 130
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    # All is closed and written. Taking the interpreter apart object by object takes as long as starting two
    # bare ones, and would only give back memory that goes back anyway.
    os._exit(code)


def _open_streams() -> None:
    """Open what the program was started without: else the next file opened takes the place of a stream."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - open to the end
    # A terminal that cannot draw a character shows its escape.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
