"""``ares models``: what reads sentences."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ares.cli import _output
from ares.cli._lazy import examples, new_app
from ares.cli._session import opened
from ares.core import Json
from ares.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from ares.api import Ares

app = new_app(
    no_args_is_help=True,
    help="Manage the models that read sentences.",
    epilog=examples("ares models list", "ares models add my-model ~/models/my-model.gguf"),
)

BUILT_IN = "built-in"

AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON document.")]


@app.command("list", epilog=examples("ares models list"))
def list_models(as_json: AsJson = False) -> None:
    """List the models there are to choose from."""
    with opened() as ares:
        models, chosen = ares.registry.models(), _in_use(ares)
    path, size = _built_in()
    rows: list[Json] = [
        {"name": BUILT_IN, "path": path, "size": size, "added_at": "", "active": chosen == BUILT_IN},
        *({**asdict(model), "active": chosen == model.name} for model in models),
    ]
    if as_json:
        _output.document(rows)
        return
    table = [(model.name, model.size, model.path) for model in models]
    _output.table(
        ("model", "in use", "bytes", "file"),
        [
            (name, "yes" if chosen == name else "", size, path)
            for name, size, path in [(BUILT_IN, size or "", path), *table]
        ],
    )


def _built_in() -> tuple[str, int]:
    """Return file and bytes of the model that ARES brings along; "" and 0 when it brings none."""
    from ares.agent import built_in_file

    file = built_in_file()
    return ("", 0) if file is None else (str(file), file.stat().st_size)


def _in_use(ares: Ares) -> str:
    """Return the model in force: that of the setting, else the chosen one, else the built-in one."""
    return ares.config.text("model") or _chosen(ares)


def _chosen(ares: Ares) -> str:
    """Return the model that `ares models use` chose; the built-in one when it chose none."""
    model = ares.registry.model_in_use()
    return BUILT_IN if model is None else model.name


@app.command(epilog=examples("ares models add ~/models/some.gguf", "ares models add my-model some.gguf"))
def add(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[NAME] FILE", help="A GGUF file; before it what to call it, if not as the file."
        ),
    ],
) -> None:
    """Add a GGUF file under a name.

    It is opened once, so that one that cannot be used is refused with the reason.
    """
    from ares.agent import open_file
    from ares.inference.models import Catalogue
    from ares.paths import named_path

    if len(words) > 2:
        raise UsageError(f"`ares models add` takes a name, one word, and a file, not {len(words)} words")
    *name, file = words
    with opened() as ares:
        # What a file says of itself is not all that it takes to be used.
        open_file(named_path(file), ares.config).close()
        with ares.ledger.change() as change:
            model = Catalogue(ares.registry).add(file, *name)
            change.append("ares", {"event": "model added", "model": model.name, "path": str(model.path)})
    _output.line(f"{model.name} added; `ares models use {model.name}` chooses it")


@app.command(epilog=examples("ares models use my-model", f"ares models use {BUILT_IN}"))
def use(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help=f"A name from the list; {BUILT_IN} for the built-in model.")
    ],
) -> None:
    """Choose the model that reads sentences; the ledger notes it."""
    from ares.inference.models import Catalogue

    with opened() as ares:
        with ares.ledger.change() as change:
            before = _chosen(ares)
            Catalogue(ares.registry).use(name)
            change.append("ares", {"event": "model used", "before": before, "model": name})
        in_force = _in_use(ares)
    _output.line(f"{name} in use")
    if in_force != name:
        _output.note(f"the setting `model` says {in_force!r} and comes first; see `ares config get model`")


@app.command(epilog=examples(f"ares models show {BUILT_IN}", "ares models show my-model"))
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name from the list.")],
    as_json: AsJson = False,
) -> None:
    """Show one model."""
    with opened() as ares:
        facts = _facts(ares, name)
    if as_json:
        _output.document(facts)
    else:
        _output.fields(facts.items())


def _facts(ares: Ares, name: str) -> dict[str, Json]:
    from ares.agent import built_in_file, prompts_of
    from ares.inference.engine import read_header

    files = {model.name: Path(model.path) for model in ares.registry.models()}
    if built_in := built_in_file():
        files[BUILT_IN] = built_in
    if name == BUILT_IN and built_in is None:
        raise NotFoundError("this ARES was installed without its built-in model; phrases alone are matched")
    if name not in files:
        raise NotFoundError(f"there is no model {name!r}; known: {', '.join(files)}; see `ares models list`")
    header = read_header(files[name])
    return {
        "name": name,
        "in use": _in_use(ares) == name,
        "file": str(files[name]),
        "bytes": header.size,
        "parameters": header.parameters,
        "quantisation": header.quantisation,
        "architecture": header.architecture,
        "context": header.context,
        "chat template": bool(header.chat_template),
        "prompts in": prompts_of(header),
    }
