"""Drives passages to their outcomes: asks, takes turns, executes. The same for every face."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TypeAlias

from ares.core import Approval, Outcome, Status
from ares.errors import AresError
from ares.gate._passage import Executed, NeedApproval, NeedExecute, NeedStart, Passage
from ares.interrupts import held_back
from ares.runtime import Runtime

Approver: TypeAlias = Callable[[Sequence[NeedApproval]], Sequence[Approval]]
"""Asks somebody about several actions at once and returns one answer for each, in order."""

NOBODY = Approval(False, "nobody", "it needs an answer and nobody can be asked (no terminal)")


def drive(
    passages: Sequence[Passage],
    executor: Runtime,
    approver: Approver | None,
    *,
    on_failure: str = "stop",
) -> list[Outcome]:
    """Take passages to their outcomes, in order, and return these.

    All questions are asked together first. ``approver`` None means that nobody can be asked: whatever needs
    an answer is denied. ``on_failure`` ``stop`` leaves the rest undone when one action does not end well, and
    asks about nothing that comes after one that was denied already; ``continue`` goes on. A no that somebody
    said to one action takes nothing from a yes to another. Ctrl-C while asking is a no to everything that
    waits, and once the work was begun leaves that action unknown; both are recorded before
    :class:`KeyboardInterrupt` goes on, and so it is with an approver that raises.
    """
    why = "asking failed"
    try:
        leave_unreached(passages, on_failure)
        refused = _ask([passage for passage in passages if isinstance(passage.need, NeedApproval)], approver)
        why, stopped = "not reached", ""
        for passage in passages:
            outcome = _finish(passage, executor, stopped)
            if not outcome.ok and on_failure == "stop" and not stopped and passage not in refused:
                stopped = _not_reached(passage)
    except BaseException as error:
        # Whatever ends the driving, what still waits must not be left without an end in the record.
        abandon(passages, "interrupted" if isinstance(error, KeyboardInterrupt) else f"{why}: {error}")
        raise
    return [passage.outcome for passage in passages if passage.outcome is not None]


def leave_unreached(passages: Sequence[Passage], on_failure: str) -> None:
    """Say no to what comes after an action that was denied already, unless ``on_failure`` is ``continue``."""
    ended = [passage.outcome is not None and not passage.outcome.ok for passage in passages]
    if on_failure == "stop" and True in ended:
        first = ended.index(True)
        for passage in passages[first + 1 :]:
            passage.abandon(_not_reached(passages[first]))


def _not_reached(before: Passage) -> str:
    denied = before.outcome is not None and before.outcome.status is Status.DENIED
    how = "was denied" if denied else "did not end well"
    return f"not reached: {before.proposal.action.capability} before it {how}"


def abandon(passages: Iterable[Passage], why: str) -> None:
    """Say no to all that still waits, whatever comes meanwhile.

    What cannot be recorded is left as it is: nothing of it ran, and why it ends says more than the ledger.
    """
    with held_back():
        for passage in passages:
            with suppress(AresError):
                passage.abandon(why)


def _ask(waiting: Sequence[Passage], approver: Approver | None) -> list[Passage]:
    """Ask about all of ``waiting`` and return those that somebody refused."""
    if not waiting:
        return []
    needs = [passage.need for passage in waiting if isinstance(passage.need, NeedApproval)]
    answers = [NOBODY] * len(needs) if approver is None else approver(needs)
    if len(answers) != len(needs):
        raise RuntimeError(f"{len(needs)} questions, {len(answers)} answers")
    for passage, answer in zip(waiting, answers, strict=True):
        passage.answer(answer)
    said_no = (not answer.yes and answer.by != "nobody" for answer in answers)
    return [passage for passage, no in zip(waiting, said_no, strict=True) if no]


def _finish(passage: Passage, executor: Runtime, stopped: str) -> Outcome:
    begun: NeedExecute | None = None
    try:
        while passage.outcome is None:
            need = passage.need
            if isinstance(need, NeedStart):
                passage.answer(Approval(not stopped, "order", stopped))
            elif isinstance(need, NeedExecute):
                begun = need
                passage.answer(execute(need, executor))
            else:
                raise RuntimeError(f"nobody answered {type(need).__name__}")
    except BaseException:
        _cut_short(passage, begun)
        raise
    return passage.outcome


def _cut_short(passage: Passage, begun: NeedExecute | None) -> None:
    """End in the record what has an intent there. ``begun`` is the step that was taken last."""
    need = passage.need
    if isinstance(need, NeedExecute):
        # A step that was not begun did nothing, but what was run and not read back is as unknown as ever.
        unknown = need is begun or need.step == "verify"
        passage.answer(Executed(error="interrupted", interrupted=unknown))


def execute(need: NeedExecute, executor: Runtime) -> Executed:
    """Do one step of the work and return what came of it; a module's failure is an answer, not an error."""
    try:
        if need.step == "keep":
            return Executed(value=executor.keep(need.action, need.capability, need.grant))
        if need.step == "run":
            return Executed(value=executor.run(need.action, need.capability, need.grant, need.kept))
        checks = executor.verify(need.action, need.capability, need.result, need.kept)
        return Executed(checks=checks)
    except AresError as error:
        return Executed(error=str(error))
