"""The command line: ``ares``. Commands parse, call :class:`ares.Ares` and render; nothing else."""

from ares.cli._exit import ExitCode
from ares.cli._program import main

__all__ = ["ExitCode", "main"]
