"""``ares policy``: the rules in force, and rules brought along from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ares.cli import _output
from ares.cli._lazy import examples, new_app
from ares.cli._session import opened
from ares.cli._terminal import Terminal
from ares.cli._text import visible
from ares.errors import DeniedError, PolicyError

app = new_app(
    no_args_is_help=True,
    help="Show the rules, and import some.",
    epilog=examples("ares policy list", "ares policy import permissions.json"),
)


@app.command("list", epilog=examples("ares policy list"))
def list_rules(
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
) -> None:
    """List the rules in force, in the order they are read, and where each stands."""
    with opened() as ares:
        policy = ares.rules()
    if policy.error:
        raise PolicyError(policy.error)
    if as_json:
        _output.document(
            [
                {"id": rule.id, "answer": str(rule.answer), "reason": rule.reason, "where": rule.where}
                for rule in policy.rules
            ]
        )
        return
    _output.table(
        ("rule", "answer", "reason", "where"),
        [(rule.id, str(rule.answer), rule.reason, rule.where) for rule in policy.rules],
    )


@app.command("import", epilog=examples("ares policy import permissions.json --module files"))
def import_rules(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A permissions.json of an AETHER host.")],
    module: Annotated[
        str, typer.Option("--module", help="The module that tools without a dot in their name belong to.")
    ] = "aether",
) -> None:
    """Turn another program's permissions into rules, show them, and write them after a yes."""
    from ares.policy import import_permissions

    imported = import_permissions(_read(file), str(file), module=module)
    terminal = Terminal.find()
    if terminal is None:
        raise DeniedError("rules are written after a yes in a terminal, and there is none")
    with opened() as ares, terminal:
        for note in imported.notes:
            terminal.write(f"Note: {visible(note)}\n")
        target = ares.paths.policy_d / f"{file.stem}.yaml"
        terminal.write(f"These rules would be written to {visible(str(target))}:\n\n")
        for line in imported.text.rstrip("\n").split("\n"):
            terminal.write(f"    {visible(line)}\n")
        said = terminal.ask("\nWrite them? yes / no [no] ")
        if said is None or said.strip().lower() not in ("yes", "y"):
            raise DeniedError("no rule was written")
        ares.write_rules(target, imported.text, ref=module)
    _output.line(f"{len(imported.rules)} rules written to {target}")


def _read(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyError(f"{file}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"{file}: not JSON: {str(error).splitlines()[0]}") from error
