"""``ares audit``: the record of everything."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ares.cli import _output
from ares.cli._exit import ExitCode
from ares.cli._lazy import examples, new_app
from ares.cli._session import opened
from ares.cli._text import json_text
from ares.core import Json
from ares.errors import NotFoundError, UsageError
from ares.ledger import Record

if TYPE_CHECKING:
    from ares import Ares

LONGEST: Final = 200
"""Characters of one value that a line of the list shows."""

app = new_app(
    no_args_is_help=True,
    help="Read and verify the record of everything.",
    epilog=examples("ares audit show --limit 20", "ares audit verify"),
)

AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON document.")]
Since = Annotated[str, typer.Option(metavar="TIME", help="From this date or time on (ISO 8601, UTC).")]
Of = Annotated[str, typer.Option("--capability", metavar="NAME", help="Only actions of this capability.")]


def _count(text: str | int) -> int:
    # The default comes along here as well, as a number.
    if not re.fullmatch("[0-9]{1,18}", str(text)):
        raise typer.BadParameter(f"{text!r} is not a whole number from 0")
    return int(text)


@app.command(
    epilog=examples(
        "ares audit show --limit 20",
        "ares audit show 12",
        "ares audit show --since 2026-01-31 --capability files.delete",
        "ares audit show --json",
    )
)
def show(
    which: Annotated[
        str,
        typer.Argument(metavar="[NUMBER|ID]", help="One action in full, with its five steps, or one record."),
    ] = "",
    since: Since = "",
    capability: Of = "",
    limit: Annotated[
        int, typer.Option(metavar="COUNT", parser=_count, help="Only so many of the newest; 0: all.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Show records, oldest first; or one action in full."""
    if which and (since or capability or limit):
        raise UsageError(f"{which} is shown whole; leave --since, --capability and --limit out")
    with opened(heal=False) as ares:
        if which:
            _show_one(_about(ares, which), as_json)
            return
        name = _full_name(ares, capability)
        records = ares.ledger.records(since=since, capability=name, limit=limit)
        if as_json:
            _output.document([_described(record) for record in records])
            return
        count = 0
        for count, record in enumerate(records, 1):  # noqa: B007 - how many there were is told
            _output.line(_line(record, _shortened))
        if not count:
            _output.note("no records")


def _about(ares: Ares, which: str) -> list[Record]:
    """Return the records of an action, named by its id or by the number of one of them; or one record."""
    ref = which
    if re.fullmatch("[0-9]{1,18}", which):
        record = ares.ledger.record(int(which))
        if record.kind in ("event", "policy"):
            return [record]
        ref = record.ref
    if found := list(ares.ledger.records(ref=ref)):
        return found
    raise NotFoundError(f"nothing in the ledger is about {which!r}; `ares audit show` lists what there is")


def _show_one(records: list[Record], as_json: bool) -> None:
    """Show what an action went through and the five steps that judged it; of another record all it says."""
    from ares.protocol import as_json as work_as_json
    from ares.protocol import render_markdown

    judged = next((each.payload for each in records if each.kind == "proposal"), None)
    proposal = judged if isinstance(judged, Mapping) else None
    if as_json:
        work = work_as_json(proposal) if proposal else None
        _output.document({"work": work, "records": [_described(record) for record in records]})
        return
    for record in records:
        _output.line(_line(record))
    if proposal and not any(record.kind in ("intent", "outcome") for record in records):
        _output.line(
            "It did not run: it was only shown (--dry-run), waits for an answer, or was cut off before."
        )
    if proposal:
        _output.block("\n" + render_markdown(proposal))
    elif len(records) == 1:
        _output.document(records[0].payload)


def _line(record: Record, cut: Callable[[str], str] = str) -> str:
    """Return a record as one line; ``cut`` shortens what may be long in it."""
    return f"{record.seq:>6}  {record.time[:19]}Z  {record.kind:<8}  {record.ref}  {_gist(record, cut)}"


def _shortened(text: str) -> str:
    """Return the beginning of a long text and how long it is."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


def _full_name(ares: Ares, capability: str) -> str:
    """Return the full name of a capability; the name itself when it is not installed (any more)."""
    try:
        return ares.registry.capability(capability).full_name if capability else ""
    except UsageError:
        return capability


def _described(record: Record) -> dict[str, Any]:
    return {
        "seq": record.seq,
        "time": record.time,
        "kind": record.kind,
        "ref": record.ref,
        "payload": record.payload,
        "erased": record.erased,
        "hash": record.hash,
    }


def _gist(record: Record, cut: Callable[[str], str]) -> str:
    """Return what a record says, in one line."""
    payload = record.payload
    if not isinstance(payload, dict):
        return "(erased)" if record.erased else cut(json_text(payload))
    match record.kind:
        case "proposal":
            action, ruling = payload.get("action", {}), payload.get("ruling", {})
            called = f"{action.get('capability')} {cut(json_text(action.get('arguments')))}"
            return f"{called}: {ruling.get('answer')}, {cut(str(ruling.get('because')))}"
        case "approval":
            note = f" ({cut(str(payload['note']))})" if payload.get("note") else ""
            return f"{'yes' if payload.get('yes') else 'no'}, said by {payload.get('by')}{note}"
        case "intent":
            return f"process {payload.get('pid', '?')} may run it now"
        case "kept":
            return f"before it runs: {cut(json_text(payload.get('kept')))}"
        case "outcome":
            text = cut(str(payload.get("error") or payload.get("summary") or ""))
            return f"{payload.get('status')}{f': {text}' if text else ''}"
        case _:
            facts = [
                f"{name} {cut(_output.plain(value))}"
                for name, value in payload.items()
                if _is_telling(name, value)
            ]
            return ", ".join([str(payload.get("event", "")), *facts])


def _is_telling(name: str, value: Json) -> bool:
    """Whether a member of an event fits into its line; `--json` shows all of them."""
    return isinstance(value, str | int) and name not in ("event", "digest") and "\n" not in str(value)


@app.command(
    epilog=examples(
        "ares audit export records.jsonl",
        "ares audit export deleted.csv --since 2026-01-31 --capability files.delete",
        "ares audit export records.db",
    )
)
def export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A new file that ends in .jsonl, .csv, .db or .sqlite.")
    ],
    since: Since = "",
    capability: Of = "",
) -> None:
    """Write the records to a file for other programs."""
    from ares.cli._export import export as write

    with opened(heal=False) as ares:
        records = ares.ledger.records(since=since, capability=_full_name(ares, capability))
        count = write(map(_described, records), file)
    _output.note(f"{count} records written to {file}")


@app.command(epilog=examples("ares audit verify", 'ares audit verify --head "$(cat head.txt)"'))
def verify(
    head: Annotated[
        str, typer.Option(metavar="SEQ:HASH", help="A head you wrote down earlier: is it still there?")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Check that no record was changed, taken out or put in."""
    with opened(heal=False) as ares:
        found = ares.ledger.verify(head)
    if as_json:
        _output.document(
            {"ok": found.ok, "records": found.records, "head": str(found.head), "problem": found.problem}
        )
    elif found.ok:
        _output.line(f"{found.records} records, none changed; head {found.head}")
    else:
        _output.note(f"ares: the ledger does not verify: {found.problem}")
    raise typer.Exit(ExitCode.OK if found.ok else ExitCode.TAMPERED)


@app.command(epilog=examples("ares audit head", "ares audit head > head.txt"))
def head(as_json: AsJson = False) -> None:
    """Print number and hash of the newest record.

    Written down elsewhere, they prove what came before.
    """
    with opened(heal=False) as ares:
        newest = ares.ledger.head()
    if as_json:
        _output.document({"seq": newest.seq, "hash": newest.hash})
    else:
        _output.line(str(newest))
