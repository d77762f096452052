"""``ares knowledge``: what the five steps know, and what the owner adds to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ares.cli import _output
from ares.cli._answers import YES_NO, YES_OR_NO, choose
from ares.cli._lazy import examples, new_app
from ares.cli._session import opened
from ares.cli._terminal import Terminal
from ares.cli._values import assigned
from ares.core import Json
from ares.errors import DeniedError, NotFoundError, UsageError
from ares.knowledge import KINDS

if TYPE_CHECKING:
    from ares.knowledge import Checks, Entry

app = new_app(
    no_args_is_help=True,
    help="Read and extend what the five steps know.",
    epilog=examples("ares knowledge list patterns", "ares knowledge used database_centric_v1 --worked"),
)


def _ids(incomplete: str) -> list[str]:
    with opened() as ares:
        return [each.id for each in ares.knowledge.entries() if each.id.startswith(incomplete)]


def _patterns(incomplete: str) -> list[str]:
    with opened() as ares:
        return [each.id for each in ares.knowledge.patterns if each.id.startswith(incomplete)]


def _kinds(incomplete: str) -> list[str]:
    return [kind for kind in KINDS if kind.startswith(incomplete)]


AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON document.")]
KindName = Annotated[str, typer.Argument(metavar="KIND", help=", ".join(KINDS), autocompletion=_kinds)]
OptionalKind = Annotated[
    str, typer.Argument(metavar="[KIND]", help="Only this kind: " + ", ".join(KINDS), autocompletion=_kinds)
]
NewId = Annotated[str, typer.Argument(metavar="ID", help="A new name: small letters, digits, - and _.")]
RowId = Annotated[str, typer.Argument(metavar="ID", help="An id from the list.", autocompletion=_ids)]
PatternId = Annotated[str, typer.Argument(metavar="ID", help="A pattern.", autocompletion=_patterns)]
Members = Annotated[
    list[str] | None,
    typer.Argument(metavar="KEY=VALUE...", help="What it says; a list is JSON, or the same key again."),
]


@app.command("list", epilog=examples("ares knowledge list", "ares knowledge list technologies --json"))
def list_rows(kind: OptionalKind = "", as_json: AsJson = False) -> None:
    """List what is known, and what the record says of it."""
    with opened() as ares:
        entries, warnings = ares.knowledge.entries(kind), ares.knowledge.warnings
    for warning in warnings:
        _output.note(f"warning: {warning}")
    if as_json:
        _output.document([_described(entry) for entry in entries])
        return
    _output.table(
        ("id", "kind", "what it is", "on record", "dated"),
        [
            (entry.id, entry.kind, entry.title, _record(entry), entry.row.get("dated", ""))
            for entry in entries
        ],
    )


def _record(entry: Entry) -> str:
    row = entry.row
    match entry.kind:
        case "patterns":
            return f"tier {row['tier']}, {row['success']} % of {_uses(row)}"
        case "technologies":
            return "not measured" if row["success"] is None else f"{row['success']} %"
        case _:
            return ""


def _uses(row: Mapping[str, Json]) -> str:
    return "1 use" if row["uses"] == 1 else f"{row['uses']} uses"


def _described(entry: Entry) -> Json:
    return {"kind": entry.kind, **entry.row, "file": str(entry.file)}


@app.command(epilog=examples("ares knowledge show sqlite"))
def show(row: RowId, as_json: AsJson = False) -> None:
    """Show one row in full, and the file it stands in."""
    with opened() as ares:
        found = ares.knowledge.named(row)
    if not found:
        raise NotFoundError(f"nothing known has the id {row!r}; see `ares knowledge list`")
    if len(found) > 1:
        kinds = " and ".join(entry.kind for entry in found)
        raise UsageError(f"{row!r} is an id among {kinds}; `ares knowledge list KIND --json` shows each")
    if as_json:
        _output.document(_described(found[0]))
        return
    entry = found[0]
    lines: list[tuple[str, Json]] = [("kind", entry.kind)]
    for name, value in entry.row.items():
        lines += [(name, _item(each)) for each in value] if isinstance(value, list) else [(name, value)]
    _output.fields([*lines, ("file", str(entry.file))])


def _item(value: Json) -> Json:
    return " | ".join(map(str, value)) if isinstance(value, list) else value


@app.command(
    epilog=examples(
        'ares knowledge add technologies nim name=Nim words=nim success=70 usage="two small tools"',
        'ares knowledge add decisions why-nim question="Why Nim?" decision="For small tools." '
        'reasons="It starts fast." trade_off="Few know it."',
    )
)
def add(kind: KindName, row: NewId, members: Members = None) -> None:
    """Add a row to your own knowledge; a pattern is admitted instead."""
    with opened() as ares:
        learned = ares.growth.add(kind, {"id": row, **_members(kind, members or [])})
    _output.line(f"{row} added to {learned.entry.file}")


def _members(kind: str, words: Sequence[str], given: Sequence[str] = ("id", "dated")) -> dict[str, Json]:
    from ares.knowledge import member_schemas

    values = assigned(words, member_schemas(kind))
    if said := [name for name in given if name in values]:
        raise UsageError(f"{said[0]} is not yours to say here; leave it out")
    return values


Passes = Annotated[
    str,
    typer.Option(
        metavar="all|none|CHECK,...", help="The checks that it passes, all others not. Asked when not said."
    ),
]


@app.command(
    epilog=examples(
        'ares knowledge admit queue_first name="Queue first" description="Put work in a queue." '
        'category=jobs success=90 uses=5 applies_to=queue applies_to="job queue" --passes all',
    )
)
def admit(pattern: NewId, members: Members = None, passes: Passes = "") -> None:
    """Add a pattern, with the tier that six checks and its uses give."""
    with opened() as ares:
        row = {"id": pattern, **_members("patterns", members or [], ("id", "dated", "tier"))}
        ares.growth.check_new("patterns", {**row, "tier": 3})
        learned = ares.growth.admit(row, _checks(pattern, passes))
    _output.line(f"{pattern} admitted at tier {learned.entry.row['tier']}: {learned.note}")


@app.command(
    epilog=examples(
        "ares knowledge used database_centric_v1 --worked", "ares knowledge used local_sentiment_v2 --failed"
    )
)
def used(
    pattern: PatternId,
    worked: Annotated[bool | None, typer.Option("--worked/--failed", help="How it went.")] = None,
) -> None:
    """Record a use of a pattern; says when a promotion is due."""
    if worked is None:
        raise UsageError("say how it went: --worked or --failed")
    with opened() as ares:
        learned = ares.growth.record_use(pattern, worked)
    row = learned.entry.row
    _output.line(f"{pattern}: {row['success']} % of {_uses(row)}")
    if learned.note:
        _output.note(learned.note)


@app.command(
    epilog=examples(
        "ares knowledge promote local_sentiment_v2",
        "ares knowledge promote local_sentiment_v2 --passes explained-plainly,trade-offs-written",
    )
)
def promote(pattern: PatternId, passes: Passes = "") -> None:
    """Raise a pattern to the tier that six checks and its uses give."""
    with opened() as ares:
        ares.growth.check_promotable(pattern)
        learned = ares.growth.promote(pattern, _checks(pattern, passes))
    _output.line(f"{pattern} promoted to tier {learned.entry.row['tier']}: {learned.note}")


def _checks(pattern: str, passes: str) -> Checks:
    """Return the answers to the six checks: those of the option, or a person's in the terminal."""
    from dataclasses import fields

    from ares.knowledge import Checks

    names = [field.name.replace("_", "-") for field in fields(Checks)]
    choices = f"all, none, or some of {','.join(names)}"
    if passes in ("all", "none"):
        said = set(names if passes == "all" else ())
    elif passes:
        said = set(passes.split(","))
        if wrong := sorted(said.difference(names)):
            raise UsageError(f"there is no check {wrong[0]!r}; --passes takes {choices}")
    else:
        said = set(_ask(pattern, names, choices))
    return Checks(**{name.replace("-", "_"): name in said for name in names})


def _ask(pattern: str, names: Sequence[str], choices: str) -> Iterator[str]:
    """Yield the checks that get a yes in the terminal."""
    terminal = Terminal.find()
    if terminal is None:
        raise UsageError(f"the six checks are asked in a terminal, and there is none; say --passes {choices}")
    with terminal:
        terminal.write(f"Six checks of {pattern}. Does it pass them?\n")
        for name in names:
            question = f"  {name.replace('-', ' ')}? {YES_NO} [no] "
            passed, _ = choose(terminal, question, YES_NO, YES_OR_NO)
            if passed is None:
                raise DeniedError("not all checks were answered, so nothing was written")
            if passed:
                yield name
