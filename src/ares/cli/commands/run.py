"""``ares run``: one capability, called by name."""

from __future__ import annotations

from typing import Annotated

import typer

from ares.cli import _output
from ares.cli._lazy import examples, new_app
from ares.cli._session import act, described, exit_code, opened, report
from ares.cli._values import parse_assignments
from ares.core import Origin

app = new_app()


def _names(incomplete: str) -> list[str]:
    with opened(heal=False) as ares:
        names = [capability.full_name for capability in ares.registry.capabilities()]
    return [name for name in names if name.startswith(incomplete)]


def _assignments(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    from ares.cli._offers import assignments

    with opened(heal=False) as ares:
        capability = ares.registry.capability(ctx.params["capability"])
        return assignments(capability, ctx.params["arguments"] or (), incomplete, ares.values)


@app.command(
    epilog=examples(
        "ares run system.disk path=/",
        'ares run notes.add text="buy milk"',
        "ares run processes sort=memory limit=3 --json",
    )
)
def run(
    capability: Annotated[
        str,
        typer.Argument(
            metavar="CAPABILITY", help="Its name, as `ares capabilities` lists it.", autocompletion=_names
        ),
    ],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="Its arguments.", autocompletion=_assignments),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
) -> None:
    """Run one capability with arguments of your own.

    Values are read as the types that the capability asks for; a list is JSON or the same key several times.
    """
    with opened() as ares:
        found = ares.registry.capability(capability)
        values = parse_assignments(arguments or [], found)
        outcomes = act(ares, [ares.action(found.full_name, values, origin=Origin.COMMAND)])
        if as_json:
            _output.document(described(outcomes)[0])
        else:
            report(outcomes)
    raise typer.Exit(exit_code(outcomes))
