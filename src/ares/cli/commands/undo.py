"""``ares undo``: an action taken back by an action of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from ares.cli import _output
from ares.cli._exit import ExitCode
from ares.cli._lazy import examples, new_app
from ares.cli._session import act, described, exit_code, opened, report
from ares.core import Json

if TYPE_CHECKING:
    from ares.api import Ares

app = new_app()

NOTHING: Final = "nothing can be taken back"


@app.command(epilog=examples("ares undo", "ares undo --list"))
def undo(
    action: Annotated[str, typer.Argument(metavar="[ID]", help="Which one; without it, the last one.")] = "",
    show: Annotated[bool, typer.Option("--list", help="Show what can be taken back.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
) -> None:
    """Take back an action."""
    with opened() as ares:
        if show:
            _list(ares, as_json)
            return
        if not action and ares.ledger.undoable() is None:
            _output.note(NOTHING)
            raise typer.Exit(ExitCode.NONE)
        outcomes = act(ares, [ares.undoing(action)])
        if as_json:
            _output.document(described(outcomes)[0])
        else:
            report(outcomes)
    raise typer.Exit(exit_code(outcomes))


def _list(ares: Ares, as_json: bool) -> None:
    """Show what can be taken back."""
    found = ares.ledger.undoables()
    if as_json:
        rows: list[Json] = [
            {
                "action": each.action_id,
                "summary": each.summary,
                "by": {"capability": each.capability, "arguments": dict(each.arguments)},
            }
            for each in found
        ]
        _output.document(rows)
        return
    shown = [(each.action_id, each.capability, each.summary) for each in found]
    _output.table(("action", "taken back by", "what was done"), shown)
    if not found:
        _output.note(NOTHING)
