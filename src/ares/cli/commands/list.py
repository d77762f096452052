"""``ares list``: the founding document's spelling of ``ares modules list``."""

from __future__ import annotations

from ares.cli._lazy import examples, new_app
from ares.cli.commands.modules import AsJson, Type, list_modules

app = new_app()


@app.command("list", epilog=examples("ares list", "ares list --type tool"))
def list_command(type: Type = "", as_json: AsJson = False) -> None:
    """List modules (the same as `modules list`)."""
    list_modules(type, as_json)
