"""Command lines in help and documentation: are they real?"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from ares.cli._lazy import COMMANDS, load
from ares.cli._main import app


def commands() -> Iterator[tuple[str, Any]]:
    """Yield every command with its full name: ``audit``, ``audit show``, …"""
    for name in COMMANDS:
        command = load(name)
        yield name, command
        if isinstance(command, TyperGroup):
            for sub_name, sub in command.commands.items():
                yield f"{name} {sub_name}", sub


def options(command: Any) -> list[str]:
    """Return the options of a command without its help option."""
    return [name for each in command.params for name in each.opts if name.startswith("-")]


def problem(line: str) -> str:
    """Return what is wrong with a line that starts with ``ares`` or ``./ares``; "" when it is real."""
    try:
        words = shlex.split(re.split(r" (?:\||>>?|<) ?", line)[0], comments=True)
        context = get_command(app).make_context("ares", words[1:])
        while isinstance(context.command, TyperGroup):
            name, command, rest = context.command.resolve_command(
                context, [*context._protected_args, *context.args]
            )
            assert command is not None
            context = command.make_context(name, rest, parent=context)
    except typer.Exit:
        return ""
    except (ValueError, typer.BadParameter) as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - whatever the parser raises is what is wrong
        return f"{type(error).__name__}: {getattr(error, 'message', error)}"
    return ""
