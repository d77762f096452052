"""The process ``ares``: how it starts and ends as cheaply as can be."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn


def main() -> NoReturn:
    """Be the program ``ares``: run the command line of this process and end it."""
    # Most of what a command makes lives until it ends, so looking for cycles while it starts finds nothing.
    gc.set_threshold(100_000)
    from ares.cli._main import run

    code = run(sys.argv[1:])
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        # A stream is None when the program was started with it closed.
        if stream is not None:
            with suppress(OSError):
                stream.flush()
    # All is closed and written. Taking the interpreter apart object by object takes as long as starting two
    # bare ones, and would only give back memory that goes back anyway.
    os._exit(code)
