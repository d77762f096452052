"""The command line: ``ares``. Commands parse, call :class:`ares.Ares` and render; nothing else."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ares.cli._exit import ExitCode

__all__ = ["ExitCode", "main"]


def main() -> int:
    """Be the program ``ares``: run the command line of this process and end it.

    Returns only when Ctrl-C came before anything began. Nothing is imported before that is minded, so neither
    this module nor the package around it imports anything on its own.
    """
    try:
        from ares.cli._program import program

        program()
    except KeyboardInterrupt:
        return 130


def __getattr__(name: str) -> object:
    if name != "ExitCode":
        raise AttributeError(f"module 'ares.cli' has no attribute {name!r}")
    from ares.cli._exit import ExitCode

    return ExitCode
