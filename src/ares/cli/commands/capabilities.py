"""``ares capabilities``: what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ares.cli import _output
from ares.cli._exit import ExitCode
from ares.cli._lazy import examples, new_app
from ares.cli._session import opened
from ares.core import Capability, Json

if TYPE_CHECKING:
    from ares.api import Ares

app = new_app()


@app.command(
    epilog=examples("ares capabilities", "ares capabilities files.delete", "ares capabilities free space")
)
def capabilities(
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME|QUERY]", help="A name, full or short, or words to look for."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
) -> None:
    """List, search or explain what can be done."""
    words = " ".join(query or [])
    with opened() as ares:
        everything = ares.registry.capabilities()
        one = next((each for each in everything if each.full_name == words), None)
        if one is not None:
            _output.document(_described(one)) if as_json else _explain(one)
            return
        found = _found(ares, words) if words else everything
    if as_json:
        _output.document([_described(each) for each in found])
    else:
        _output.table(
            ("capability", "effect", "what it does"),
            [(each.full_name, each.effect, each.description) for each in found],
        )
    if not found:
        _output.note(f"nothing fits {words!r}; `ares capabilities` lists everything")
        raise typer.Exit(ExitCode.NONE)


def _found(ares: Ares, words: str) -> list[Capability]:
    """Return all that have ``words`` as their short name, as `ares run` prefers them; else what fits best."""
    providers = ares.registry.providers(words)
    return providers or [each for each, _ in ares.registry.search(words, 20)]


def _described(capability: Capability) -> dict[str, Json]:
    undo = capability.undo
    return {
        "name": capability.full_name,
        "description": capability.description,
        "effect": str(capability.effect),
        "reversible": capability.reversible,
        "destructive": capability.destructive,
        "outward": capability.outward,
        "self_affecting": capability.self_affecting,
        "undo": None if undo is None else {"capability": undo.capability, "arguments": dict(undo.arguments)},
        "input": dict(capability.input_schema),
        "output": dict(capability.output_schema),
        "examples": list(capability.examples),
    }


def _explain(capability: Capability) -> None:
    facts = [
        ("capability", capability.full_name),
        ("does", capability.description),
        ("effect", capability.effect),
    ]
    if capability.changes:
        undo = capability.undo.capability if capability.undo else "itself"
        facts.append(("undo", f"by {undo}" if capability.reversible else "not possible"))
    _output.fields(facts)
    rows = [_argument(capability, name) for name in capability.properties]
    if rows:
        _output.line("")
        _output.table(("argument", "type", "default", "what it is"), rows)
    if capability.examples:
        _output.line("")
        _output.line("for example, with your own words for what is in braces:")
        for example in capability.examples:
            _output.line(f'  ares do "{example}"')


def _argument(capability: Capability, name: str) -> tuple[str, str, str, str]:
    schema = capability.properties[name]
    kind = str(schema.get("format") or schema.get("type", "any"))
    choices = schema.get("enum")
    if isinstance(choices, list):
        kind = " | ".join(map(str, choices))
    default = "required" if name in capability.required else str(schema.get("default", ""))
    return name, kind, default, str(schema.get("description", ""))
