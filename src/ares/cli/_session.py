"""What the commands that act have in common: enter the gate, ask, drive, show what came of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from ares import core
from ares.cli import _output
from ares.cli._exit import ExitCode

if TYPE_CHECKING:
    from ares.api import Ares
    from ares.core import Action, Json, Outcome
    from ares.gate import Approver, Passage


@contextmanager
def opened(model: str = "", *, heal: bool = True) -> Iterator[Ares]:
    """Open the home that the environment names, and say which actions and changes turn out to have been cut
    off.

    ``model`` is that of the option of this name. Commands that look at the record itself open with ``heal``
    false: they show it as it is and add nothing to it.
    """
    from ares.api import Ares

    with Ares.open(model=model, heal=heal) as ares:
        for lost in ares.not_done:
            _output.note(f"ares: record {lost.seq} ({lost.ref}: {lost.event}) was not done; do it again")
        for cut in ares.cut_off:
            left = cut.left
            when = f"{left.time[:16].replace('T', ' ')} UTC"
            came = "and nobody can tell how far it came" if cut.began else "before it changed anything"
            undo = f"; `ares undo {left.action_id}` takes back what it did" if cut.way_back else ""
            _output.note(
                f"ares: {left.capability or 'an action'} of {when} was cut off {came}; "
                f"see `ares audit show {left.seq}`{undo}"
            )
        yield ares


def act(ares: Ares, actions: Sequence[Action], *, on_failure: str = "stop") -> list[Outcome]:
    """Take actions through the gate, asking in the terminal where that is needed and possible.

    Ctrl-C before the first is begun leaves all of them undone; it is recorded and raised again.
    """
    from ares.cli._terminal import Terminal

    terminal = Terminal.find()
    passages: list[Passage] = []
    approver: Approver | None = None
    try:
        with terminal or nullcontext():
            passages = ares.enter_all(actions, interactive=terminal is not None)
            show_work(ares, passages)
            if terminal is not None:
                from ares.cli._approval import settle

                settled = settle(passages, terminal, ares, on_failure=on_failure)
                passages, approver = settled.passages, settled.approve
        return ares.drive(passages, approver, on_failure=on_failure)
    except BaseException as error:
        from ares.gate import abandon

        abandon(passages, "interrupted" if isinstance(error, KeyboardInterrupt) else f"not reached: {error}")
        raise


def show_work(ares: Ares, passages: Sequence[Passage]) -> None:
    """Write the five steps to stderr where the setting ``output.show_work`` wants to see them.

    ``low`` leaves their evidence to the answer "explain", so that a question stays in sight.
    """
    wanted = ares.config.text("output.show_work")
    for passage in passages:
        verdict = passage.proposal.verdict
        if wanted == "always" or (wanted == "low" and verdict.band is core.Band.LOW):
            from ares.cli._show import verdict_lines

            _output.note(f"{passage.proposal.capability.full_name}: confidence {verdict.confidence} %")
            columns = shutil.get_terminal_size().columns
            for line in verdict_lines(verdict, columns, evidence=wanted == "always"):
                _output.note(line)


def report(outcomes: Sequence[Outcome]) -> None:
    """Write outcomes for a person: results to stdout, what else there is to say to stderr."""
    for outcome in outcomes:
        name = outcome.action.capability
        if not outcome.ok:
            error = outcome.error.removeprefix(f"{name}: ")
            undo = f"; `ares undo {outcome.action.id}` takes back what it did" if outcome.undo else ""
            _output.note(f"ares: {name}: {outcome.status}: {error}{undo}")
            continue
        if outcome.summary:
            _output.line(outcome.summary)
        else:
            _output.result(outcome.result)
        _output.flush()
        if outcome.undo is not None:
            checked = "done and read back" if outcome.verified else "done"
            _output.note(f"{name}: {checked}; `ares undo {outcome.action.id}` takes it back")


def described(outcomes: Sequence[Outcome]) -> list[Json]:
    """Return outcomes as JSON, each with the call it is of."""
    return [
        {
            "capability": outcome.action.capability,
            "arguments": dict(outcome.action.arguments),
            **outcome.describe(),
        }
        for outcome in outcomes
    ]


def strictest(passages: Sequence[Passage]) -> tuple[Json, Json]:
    """Return the least sure verdict and the strictest decision of several proposals (None: of none)."""
    if not passages:
        return None, None
    verdict = min((passage.proposal.verdict for passage in passages), key=lambda each: each.confidence)
    decision = max(
        (passage.proposal.decision for passage in passages), key=lambda each: each.answer.strictness
    )
    return verdict.describe(), decision.describe()


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """Return what outcomes come to together."""
    ended = {outcome.status for outcome in outcomes}
    if ended <= {core.Status.OK}:
        return ExitCode.OK
    if core.Status.OK in ended:
        return ExitCode.PARTIAL
    return ExitCode.DENIED if ended == {core.Status.DENIED} else ExitCode.FAILED
