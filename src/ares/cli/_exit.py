"""What the exit code of ``ares`` means."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes; ``docs/exit-codes.md`` says what each means. Errors carry theirs in ``exit_code``, see
    :mod:`ares.errors`.
    """

    OK = 0
    ERROR = 1
    USAGE = 2
    NONE = 3
    DENIED = 4
    DEPENDENCY = 5
    FAILED = 6
    MODEL = 7
    STORE = 8
    TAMPERED = 9
    CLARIFY = 10
    PARTIAL = 11
    INTERRUPTED = 130
