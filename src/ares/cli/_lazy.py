"""Command groups that are imported when they are called: ``ares --help`` pays for none of them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command
from typer.models import CommandFunctionType

if TYPE_CHECKING:
    from typer._click import Command, Context

COMMANDS: Final = {
    "do": "Do what a sentence says.",
    "chat": "Talk with ARES, one sentence after the other.",
    "run": "Run one capability with arguments of your own.",
    "capabilities": "List, search or explain what can be done.",
    "modules": "Manage the modules that offer capabilities.",
    "models": "Manage the models that read sentences.",
    "audit": "Read and verify the record of everything.",
    "undo": "Take back an action.",
    "policy": "Show the rules, and import some.",
    "knowledge": "Read and extend what the five steps know.",
    "status": "Show how things stand.",
    "doctor": "Look for what is wrong and say how to mend it.",
    "config": "Read and change settings.",
    "list": "List modules (the same as `modules list`).",
    "register": "Register a module (the same as `modules register`).",
    "completion": "Print the script that completes `ares` in your shell.",
    "version": "Show the version.",
}
"""Every command and what it is for, in the order of the help."""

SETTINGS: Final[dict[str, Any]] = {"help_option_names": ["-h", "--help"]}


class StrictCommand(TyperCommand):
    """A command that refuses an empty value: most likely a shell variable that was not set stands there, and
    what it was to choose would be chosen by nobody.
    """

    may_be_empty: ClassVar[tuple[str, ...]] = ()
    """The parameters that an empty text is a value of."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse, after a look at what is given to each parameter as it stands."""
        given, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        for param in () if ctx.resilient_parsing else self.params:
            values = given.get(param.name or "")
            for value in values if isinstance(values, (list, tuple)) else (values,):
                if isinstance(value, str) and not value.strip() and param.name not in self.may_be_empty:
                    what = "it is empty, as a shell variable is that was not set"
                    raise typer.BadParameter(what, ctx=ctx, param=param)
        return super().parse_args(ctx, args)


class SettingCommand(StrictCommand):
    """A command that gives a setting its value, which may be an empty text."""

    may_be_empty = ("value",)


class _App(typer.Typer):
    def command(self, *names: Any, **settings: Any) -> Callable[[CommandFunctionType], CommandFunctionType]:
        settings.setdefault("cls", StrictCommand)
        return super().command(*names, **settings)


def new_app(**more: Any) -> typer.Typer:
    """Return an empty command group in the house's settings."""
    return _App(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=SETTINGS,
        **more,
    )


def examples(*lines: str) -> str:
    """Return the text that ends a command's help: lines to copy."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


class LazyGroup(TyperGroup):
    """The root group. Its commands are stubs that know their short help, until one is called."""

    def __init__(self, **settings: Any) -> None:
        settings["commands"] = {
            name: TyperCommand(name, help=text, rich_markup_mode=None) for name, text in COMMANDS.items()
        }
        super().__init__(**settings)

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Find the stub, then put the real command in its place."""
        name, stub, rest = super().resolve_command(ctx, args)
        return name, stub and load(stub.name or ""), rest


def load(name: str) -> Command:
    """Import a command's module and return the command."""
    module = import_module(f"ares.cli.commands.{name}")
    command: Command = get_command(module.app)
    return command
