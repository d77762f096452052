"""``ares do``: a sentence, read, approved and done."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ares.cli import _output
from ares.cli._exit import ExitCode
from ares.cli._lazy import examples, new_app
from ares.cli._session import act, described, exit_code, opened, report, strictest
from ares.core import Json, Kind, Origin, Reading
from ares.errors import AresError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ares.api import Ares
    from ares.gate import Passage

app = new_app()


class OnFailure(StrEnum):
    """What becomes of the other actions of a sentence when one does not end well."""

    STOP = "stop"
    CONTINUE = "continue"


@app.command(
    epilog=examples(
        'ares do "how full is the disk?"',
        'ares do "note down buy milk and then show my notes"',
        'ares do --dry-run --json "wake up the nas"',
    )
)
def do(
    sentence: Annotated[list[str], typer.Argument(metavar="SENTENCE", help="What you want, in your words.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Judge, but do nothing and ask nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document.")] = False,
    model: Annotated[str, typer.Option(metavar="NAME|FILE", help="Read it with this model.")] = "",
    on_failure: Annotated[
        OnFailure,
        typer.Option(
            metavar="stop|continue", help="What to do with the rest when an action does not end well."
        ),
    ] = OnFailure.STOP,
) -> None:
    """Do what a sentence says."""
    with opened(model) as ares:
        words = " ".join(sentence)
        if dry_run:
            code = rehearse(ares, words, as_json)
        else:
            code = perform(ares, words, Origin.SENTENCE, as_json=as_json, on_failure=on_failure)
    raise typer.Exit(code)


def perform(
    ares: Ares,
    sentence: str,
    origin: Origin,
    *,
    history: Sequence[str] = (),
    as_json: bool = False,
    on_failure: str = "stop",
) -> int:
    """Read a sentence, do what it asks for, show it, and return the exit code."""
    reading = _read(ares, sentence, history)
    if reading.kind is not Kind.ACTIONS:
        return _nothing(reading, as_json)
    outcomes = act(ares, ares.actions(reading, sentence, origin), on_failure=on_failure)
    if as_json:
        _output.document({**_asked(reading), "outcomes": described(outcomes)})
    else:
        report(outcomes)
    return exit_code(outcomes)


def rehearse(ares: Ares, sentence: str, as_json: bool) -> int:
    """Read and judge a sentence without asking or doing anything; the proposals are in the ledger."""
    reading = _read(ares, sentence)
    if reading.kind is not Kind.ACTIONS and not as_json:
        return _nothing(reading, as_json)
    passages: list[Passage] = []
    try:
        for action in ares.actions(reading, sentence):
            passages.append(ares.enter(action, interactive=True))
    except AresError as error:
        if as_json:
            _output.document(_rehearsed(reading, passages, str(error)))
        raise
    if as_json:
        _output.document(_rehearsed(reading, passages))
    for passage in () if as_json else passages:
        from ares.cli._show import action_lines

        for line in action_lines(passage.proposal, 100):
            _output.line(line)
        _output.line(f"  would be: {passage.proposal.ruling.answer}")
    return _CODES[reading.kind]


def _rehearsed(reading: Reading, passages: Sequence[Passage], error: str = "") -> dict[str, Json]:
    """Return what a dry run came to; of actions that were not all judged neither verdict nor decision."""
    verdict, decision = strictest(() if error else passages)
    proposals: list[Json] = [passage.proposal.describe() for passage in passages]
    return {
        **_asked(reading),
        "verdict": verdict,
        "decision": decision,
        "proposals": proposals,
        "error": error or None,
    }


def _read(ares: Ares, sentence: str, history: Sequence[str] = ()) -> Reading:
    """Read a sentence, and say which capabilities the model could not be offered for it."""
    reading = ares.read(sentence, history)
    if left_out := _left_out(reading):
        reasons = "; ".join(f"{name}: {why}" for name, why in left_out.items())
        _output.note(f"ares: not offered to {reading.model}: {reasons}")
    return reading


def _left_out(reading: Reading) -> dict[str, Json]:
    found = reading.notes.get("left_out")
    return found if isinstance(found, dict) else {}


_CODES = {Kind.ACTIONS: ExitCode.OK, Kind.CLARIFY: ExitCode.CLARIFY, Kind.NONE: ExitCode.NONE}


def _nothing(reading: Reading, as_json: bool) -> int:
    if as_json:
        _output.document({**_asked(reading), "outcomes": []})
    else:
        _output.note(reading.question)
        for candidate in reading.candidates:
            _output.note(f"  {candidate}")
    return _CODES[reading.kind]


def _asked(reading: Reading) -> dict[str, Json]:
    """Return what a sentence was read as. ``clarify`` is the question back, None when there is none."""
    return {
        "kind": str(reading.kind),
        "actions": [
            {"capability": call.capability, "arguments": dict(call.arguments)}
            for call in (reading.calls if reading.kind is Kind.ACTIONS else ())
        ],
        "clarify": reading.question if reading.kind is Kind.CLARIFY else None,
        "candidates": list(reading.candidates),
        "message": reading.question,
        "model": reading.model,
        "left_out": _left_out(reading),
    }
