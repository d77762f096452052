"""``ares policy``: the rules in force, and rules brought along from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ares.cli import _output
from ares.cli._answers import YES_NO, YES_OR_NO, choose
from ares.cli._lazy import examples, new_app
from ares.cli._session import opened
from ares.cli._terminal import Terminal
from ares.cli._text import visible
from ares.errors import DeniedError, PolicyError
from ares.textfile import read_text

if TYPE_CHECKING:
    from ares.api import Ares
    from ares.core import Capability
    from ares.policy import Rule

app = new_app(
    no_args_is_help=True,
    help="Show the rules, and import some.",
    epilog=examples("ares policy list", "ares policy import permissions.json"),
)


@app.command("list", epilog=examples("ares policy list"))
def list_rules(
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
) -> None:
    """List the rules in force and where each stands.

    They come in the order they are read.
    """
    with opened() as ares:
        policy = ares.rules()
        strange = strangers(ares, policy.rules)
        arguments = strange_arguments(ares, policy.rules)
    if policy.error:
        raise PolicyError(policy.error)
    if as_json:
        _output.document(
            [
                {
                    "id": rule.id,
                    "answer": str(rule.answer),
                    "reason": rule.reason,
                    "where": rule.where,
                    "unknown": [name for each, name in strange if each is rule],
                    "unknown_arguments": [name for each, name in arguments if each is rule],
                }
                for rule in policy.rules
            ]
        )
        return
    _output.table(
        ("rule", "answer", "reason", "where"),
        [(rule.id, str(rule.answer), rule.reason, rule.where) for rule in policy.rules],
    )
    for rule, name in strange:
        _output.note(f"{rule.where}: rule {rule.id} names {name}, which no module here has: is it misspelt?")
    for rule, name in arguments:
        _output.note(
            f"{rule.where}: rule {rule.id} has a condition on the argument {name}, "
            "which nothing that it is about takes: is it misspelt?"
        )


def strangers(ares: Ares, rules: Sequence[Rule]) -> list[tuple[Rule, str]]:
    """Return the capabilities that rules name and no installed module has, each with its rule.

    A deny rule with a misspelt name forbids nothing, and nothing else says so.
    """
    offered = _offered(ares)
    known = {name for each in offered for name in (each.full_name, f"{each.module}.*")}
    return [
        (rule, name) for rule in rules for name in (*rule.capability, *rule.other_than) if name not in known
    ]


def strange_arguments(ares: Ares, rules: Sequence[Rule]) -> list[tuple[Rule, str]]:
    """Return the arguments on which rules have a condition and which no capability takes that the rule is
    about, each with its rule. Where only some take it, the condition is about those.
    """
    offered = _offered(ares)
    found = []
    for rule in rules:
        about = [each for each in offered if rule.is_about(each)] if rule.arguments else []
        taken = {name for each in about for name in each.properties}
        found += [(rule, test.name) for test in rule.arguments if about and test.name not in taken]
    return found


def _offered(ares: Ares) -> list[Capability]:
    modules = [ares.registry.module(row.name, row.version) for row in ares.registry.modules()]
    return [each for module in modules for each in module.capabilities]


@app.command("import", epilog=examples("ares policy import permissions.json --module files"))
def import_rules(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A permissions.json of an AETHER host.")],
    module: Annotated[
        str, typer.Option(metavar="NAME", help="The module that tools without a dot in their name belong to.")
    ] = "aether",
) -> None:
    """Turn the permissions of an AETHER host into rules.

    They are shown, and written after a yes.
    """
    from ares.policy import import_permissions

    imported = import_permissions(_read(file), str(file), module=module)
    terminal = Terminal.find()
    if terminal is None:
        raise DeniedError("rules are written after a yes in a terminal, and there is none")
    with opened() as ares, terminal:
        for note in imported.notes:
            terminal.write(f"Note: {visible(note)}\n")
        target = ares.paths.policy_d / f"aether-{module}.yaml"
        terminal.write(f"These rules would be written to {visible(str(target))}:\n\n")
        for line in imported.text.rstrip("\n").split("\n"):
            terminal.write(f"    {visible(line)}\n")
        yes, _ = choose(terminal, f"\nWrite them? {YES_NO} [no] ", YES_NO, YES_OR_NO)
        if not yes:
            raise DeniedError("no rule was written")
        ares.write_rules(target, imported.text, ref=module)
    _output.line(f"{len(imported.rules)} rules written to {target}")


def _read(file: Path) -> object:
    text = read_text(file)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"{file}: not JSON: {str(error).splitlines()[0]}") from error
