"""What the exit code of ``ares`` means."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes. Errors carry theirs in ``exit_code``, see :mod:`ares.errors`."""

    meaning: str

    def __new__(cls, value: int, meaning: str) -> ExitCode:
        """Make a member that says what it means."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    OK = 0, "it was done, or the answer is yes"
    ERROR = 1, "something went wrong that has no code of its own"
    USAGE = 2, "the words of the call are off: unknown command, option, name, value or setting"
    NONE = 3, "nothing that ARES can do fits the sentence"
    DENIED = 4, "the gate said no: the policy, your answer, or nobody could be asked"
    DEPENDENCY = 5, "a module needs a package, program, module or setting that is missing"
    FAILED = 6, "an action failed, or reading back shows that it was not done"
    MODEL = 7, "a model cannot be loaded or did not answer in form"
    STORE = 8, "a database is locked, full, read-only, damaged or made by a newer ARES"
    TAMPERED = 9, "the ledger does not verify"
    CLARIFY = 10, "the sentence needs another word from you; nothing was proposed"
    PARTIAL = 11, "of several actions some were done and some were not"
    INTERRUPTED = 130, "stopped: Ctrl-C, told to end, terminal closed; the ledger says how far it came"
