"""``ares status``: how things stand, in a glance."""

from __future__ import annotations

from typing import Annotated

import typer

from ares import __version__
from ares.cli import _output
from ares.cli._lazy import examples, new_app
from ares.cli._session import opened
from ares.core import Json

app = new_app()


@app.command(epilog=examples("ares status", "ares status --json"))
def status(as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False) -> None:
    """Show how things stand."""
    with opened() as ares:
        totals, head = ares.registry.totals(), ares.ledger.head()
        model = ares.config.text("model") or getattr(ares.registry.model_in_use(), "name", "")
        running = [each.action_id for each in ares.ledger.unfinished()]
        home = str(ares.paths.home)
    if as_json:
        facts: dict[str, Json] = {
            "version": __version__,
            "home": home,
            "modules": {
                "total": totals.total,
                "running": totals.running,
                "stopped": totals.stopped,
                "error": totals.error,
            },
            "ledger": {"records": head.seq, "head": head.hash},
            "model": model or "built-in",
            "unfinished": list(running),
        }
        _output.document(facts)
        return
    counts = f"{totals.total}: {totals.stopped} ready, {totals.running} running, {totals.error} with errors"
    rows = [
        ("ares", __version__),
        ("home", home),
        ("modules", counts),
        ("ledger", f"{head.seq} records, head {head.hash[:16]}"),
        ("model", model or "built-in"),
    ]
    _output.fields([*rows, *(("at work", action) for action in running)])
