"""Answering a shell that asks what a word can become.

Names of files and texts of notes are among the answers. They are written so that no shell takes any of them
for more than a word: zsh evaluates what it is given, and Bash puts it on the command line as it is.
"""

from __future__ import annotations

import os
import re
import shlex
from contextlib import redirect_stderr
from typing import TYPE_CHECKING, Final

from typer._click.shell_completion import add_completion_class, split_arg_string
from typer._completion_classes import BashComplete, FishComplete, ZshComplete

if TYPE_CHECKING:
    from typer._click import Command
    from typer._click.shell_completion import CompletionItem

_PLAIN: Final = re.compile(r"[\w@%+=:,./-]", re.ASCII)
_HARMFUL: Final = re.compile(rb"[^A-Za-z0-9=.,_/-]")
_CUTS: Final = frozenset("=:@")
"""What Bash cuts words at besides white space, as far as values have it."""


def complete(command: Command) -> int:
    """Answer the shell that the environment describes on standard output; return the exit code.

    Says nothing else: whatever goes wrong, there is nothing to offer.
    """
    for shell, way in (("bash", _Bash), ("zsh", _Zsh), ("fish", _Fish)):
        add_completion_class(way, shell)
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):
            command.main([], prog_name="ares")
    except SystemExit as end:
        return int(end.code or 0)
    except (Exception, KeyboardInterrupt):  # noqa: BLE001 - who presses Tab has half a line, and wants no other
        return 1
    return 0


class _Bash(BashComplete):
    """Bash cuts words at ``=``, ``:`` and ``@`` and replaces what comes after the last of them."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the cursor and the one at it, put together again."""
        self._before = ""
        text, at = os.environ["COMP_WORDS"], int(os.environ["COMP_CWORD"])
        cut = split_arg_string(text)[: at + 1]
        words: list[str] = []
        after_cut = False
        for piece in cut:
            cuts = _CUTS.issuperset(piece)
            if words and (cuts or after_cut):
                words[-1] += piece
                self._before = words[-1] if cuts else self._before
            else:
                words.append(piece)
                self._before = ""
            after_cut = cuts
        if len(cut) <= at:
            words.append("")
            self._before = ""
        return words[1:-1], words[-1]

    def complete(self) -> str:
        """Return the candidates, a line each, in place of what Bash will replace."""
        try:
            shlex.split(os.environ["COMP_WORDS"])
        except ValueError:
            # In a quotation that is still open other characters would need a backslash.
            return ""
        found = [str(item.value) for item in self.get_completions(*self.get_completion_args())]
        if len(found) == 1 and found[0].endswith("="):
            # A candidate that is alone gets a space behind it.
            found.append(f"{found[0]}…")
        return "\n".join(_with_backslashes(each.removeprefix(self._before)) for each in found)


def _with_backslashes(word: str) -> str:
    return "".join(each if _PLAIN.match(each) or not each.isascii() else f"\\{each}" for each in word)


class _Zsh(ZshComplete):
    """Zsh evaluates the answer, so it is a command whose words have only letters, digits and escapes."""

    def complete(self) -> str:
        """Return the command that adds the candidates, in their order."""
        found = self.get_completions(*self.get_completion_args())
        if not found:
            return "_files"
        # What ends with "=" goes on.
        end = " -S ''" if all(str(item.value).endswith("=") for item in found) else ""
        offered = " ".join(self.format_completion(item) for item in found)
        return f"local -a offered; offered=({offered}); _describe -V offered offered{end}"

    def format_completion(self, item: CompletionItem) -> str:
        """Return a value and its label as `_describe` takes them."""
        value, label = (re.sub(r"[\\:]", r"\\\g<0>", text) for text in (str(item.value), item.help or ""))
        text = f"{value}:{label}" if label else value
        return "$'" + _HARMFUL.sub(lambda each: b"\\x%02x" % ord(each[0]), text.encode()).decode() + "'"


class _Fish(FishComplete):
    """Fish takes a line each, and evaluates nothing."""

    def format_completion(self, item: CompletionItem) -> str:
        """Return a value and its label, with a tab between."""
        return f"{item.value}\t{' '.join(item.help.split())}" if item.help else str(item.value)
