"""``ares completion``: the script that a shell needs."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

import typer

from ares.cli import _output
from ares.cli._lazy import examples, new_app

app = new_app()

_ZSH_BEGINS: Final = """\
#compdef ares

(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
"""
"""A zsh whose owner never set completion up has no ``compdef``. With ``-i`` folders that others may write are
left out without a question at each start."""


class Shell(StrEnum):
    """The shells that can be helped."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


@app.command(
    epilog=examples(
        "ares completion bash >> ~/.bashrc",
        "ares completion zsh >> ~/.zshrc",
        "ares completion fish > ~/.config/fish/completions/ares.fish",
    )
)
def completion(
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="Yours: bash, zsh or fish.")],
) -> None:
    """Print the script that completes `ares` in your shell."""
    from typer._completion_shared import get_completion_script

    script = get_completion_script(prog_name="ares", complete_var="_ARES_COMPLETE", shell=shell.value)
    if shell is Shell.ZSH:
        script = _ZSH_BEGINS + script.removeprefix("#compdef ares\n")
    _output.block(script)
