"""``ares register``: the founding document's spelling of ``ares modules register``."""

from __future__ import annotations

from ares.cli._lazy import examples, new_app
from ares.cli.commands import modules
from ares.cli.commands.modules import AsJson, Folder, Replace

app = new_app()


@app.command(epilog=examples("ares register ./my-module"))
def register(folder: Folder, replace: Replace = False, as_json: AsJson = False) -> None:
    """Register a module (the same as `modules register`)."""
    modules.register(folder, replace, as_json)
