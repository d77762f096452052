"""Approval in the terminal: shows everything, takes a plain yes, and reads anything else as no."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from ares.cli._answers import YES_NO, YES_OR_NO, Person, choose, one_line
from ares.cli._offers import offers
from ares.cli._show import action_lines, verdict_lines
from ares.cli._text import hanging, prose, quoted, visible
from ares.cli._values import typed
from ares.core import Action, Approval, Json, Value
from ares.errors import AresError, DeniedError
from ares.interrupts import TERMINAL_CLOSED, held_back

if TYPE_CHECKING:
    from ares.gate import NeedApproval, Passage, Proposal

_WAYS: Final = "yes / no / edit / explain / always"
_TOGETHER: Final = "all / none / one by one"
_TOGETHER_ANSWERS: Final = {
    **dict.fromkeys(("none", "no", "n", ""), "none"),
    **dict.fromkeys(("one by one", "one", "o"), "one by one"),
    "all": "all",
}
_OFFERED: Final = 5
"""So many of the values that an argument may be given are shown."""


class Desk(Protocol):
    """What the answers lead to. :class:`ares.Ares` is one."""

    def enter(self, action: Action, *, interactive: bool) -> Passage:
        """Bring an edited action to the gate."""

    def values(self, source: str) -> Sequence[Value]:
        """Return the live values of a source."""

    def always_text(self, proposal: Proposal) -> str:
        """Return the rule that "always" would write."""

    def write_always(self, proposal: Proposal) -> object:
        """Write that rule."""


@dataclass
class Settled:
    """What came of asking: the passages in their order, edited ones replaced, and an answer for each."""

    passages: list[Passage]
    answers: dict[str, Approval] = field(default_factory=dict)

    def approve(self, needs: Sequence[NeedApproval]) -> list[Approval]:
        """Return the answers to ``needs``. This is what :func:`ares.gate.drive` takes as its approver."""
        return [self.answers[need.proposal.action.id] for need in needs]


@dataclass(frozen=True)
class Edit:
    """The person wants other arguments."""

    arguments: dict[str, Json]


def settle(passages: Sequence[Passage], person: Person, desk: Desk, *, on_failure: str = "stop") -> Settled:
    """Ask about every passage that waits for an answer. The end of input is a no.

    When there is something to ask about, several passages are all shown first, with those that run unasked or
    were denied; who then wants none of them gets none. What ``on_failure`` keeps from being reached is not
    asked about.

    An edited action goes through the gate as an action of its own and is asked about like any other; the one
    it replaces is answered with no at once. Whatever ends the asking before its time, Ctrl-C or a terminal
    that is gone, is a no to all of them, those with a yes too, since none has begun. It is recorded and
    raised again.
    """
    settled = Settled(list(passages))
    try:
        _ask_all(settled, person, desk, on_failure)
    except BaseException as error:
        try:
            _withdraw(settled, _why(error))
        finally:
            # A terminal that closes ends the reading first, and its signal comes a moment later: now, maybe.
            _withdraw(settled, _why(error))
        raise
    return settled


def _why(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return str(error) or "interrupted with Ctrl-C"
    return TERMINAL_CLOSED if isinstance(error, DeniedError) else f"asking failed: {error}"


def _withdraw(settled: Settled, why: str) -> None:
    """Answer whatever still waits with no."""
    from ares.gate import NeedApproval

    with held_back():
        for passage in settled.passages:
            if isinstance(passage.need, NeedApproval):
                passage.answer(_no(why))
            passage.abandon(why)


def _no(note: str = "") -> Approval:
    return Approval(False, "terminal", note)


def _yes(note: str = "") -> Approval:
    return Approval(True, "terminal", note)


def _waiting(settled: Settled) -> list[Passage]:
    from ares.gate import NeedApproval

    return [
        passage
        for passage in settled.passages
        if isinstance(passage.need, NeedApproval) and passage.proposal.action.id not in settled.answers
    ]


def _ask_all(settled: Settled, person: Person, desk: Desk, on_failure: str) -> None:
    from ares.gate import leave_unreached

    several = len(settled.passages) > 1
    leave_unreached(settled.passages, on_failure)
    if several and _waiting(settled):
        _show_all(settled.passages, person)
        _ask_together(settled, person)
    while waiting := _waiting(settled):
        passage = waiting[0]
        number = settled.passages.index(passage) + 1 if several else 0
        answer = _ask_one(passage.proposal, person, desk, number)
        if isinstance(answer, Edit):
            _replace(settled, passage, answer.arguments, person, desk)
            leave_unreached(settled.passages, on_failure)
        else:
            settled.answers[passage.proposal.action.id] = answer


def _show_all(passages: Sequence[Passage], person: Person) -> None:
    for number, passage in enumerate(passages, 1):
        denied = passage.outcome.error if passage.outcome else ""
        _write_lines(person, ["", *action_lines(passage.proposal, person.width, number, denied)])


def _replace(settled: Settled, old: Passage, arguments: dict[str, Json], person: Person, desk: Desk) -> None:
    from ares.api import with_arguments

    action = with_arguments(old.proposal.action, arguments)
    try:
        new = desk.enter(action, interactive=True)
    except AresError as error:
        _write_lines(person, prose("", visible(str(error)), person.width))
        return
    old.answer(_no(f"edited; {action.id} takes its place"))
    settled.passages[settled.passages.index(old)] = new


def _ask_together(settled: Settled, person: Person) -> None:
    """Ask about several actions at once, unless one of them is all that can be done. One by one leaves the
    questions open."""
    left = [passage for passage in settled.passages if passage.outcome is None]
    if len(left) < 2:
        return
    question = f"\nDo these {len(left)}? {_TOGETHER} [none] "
    answer, why = choose(person, question, _TOGETHER, _TOGETHER_ANSWERS)
    if answer == "all":
        settled.answers |= {passage.proposal.action.id: _yes("all of them") for passage in _waiting(settled)}
    elif answer != "one by one":
        _withdraw(settled, why or "none of them")


def _ask_one(proposal: Proposal, person: Person, desk: Desk, number: int) -> Approval | Edit:
    """Ask about one action; ``number`` is the one it was shown with."""
    _write_lines(person, ["", *action_lines(proposal, person.width, number)])
    answers: dict[str, bool | Callable[[Proposal, Person, Desk], Approval | Edit | None]] = {
        **YES_OR_NO,
        "edit": _edit,
        "explain": _explain,
        "always": _always,
    }
    while True:
        answer, why = choose(person, f"Do it? {_WAYS} [no] ", _WAYS, answers)
        if not callable(answer):
            return _yes() if answer else _no(why)
        if (done := answer(proposal, person, desk)) is not None:
            return done


def _explain(proposal: Proposal, person: Person, desk: Desk) -> None:
    rule = f" (rule {visible(proposal.decision.rule)})" if proposal.decision.rule else ""
    policy = f"{proposal.decision.answer}: {visible(proposal.decision.reason)}{rule}"
    _write_lines(person, prose("  policy     ", policy, person.width))
    _write_lines(person, verdict_lines(proposal.verdict, person.width))


def _always(proposal: Proposal, person: Person, desk: Desk) -> Approval | None:
    try:
        text = desk.always_text(proposal)
    except AresError as error:
        _write_lines(person, prose("", visible(str(error)), person.width))
        return None
    person.write(
        "This rule would be written. It allows exactly this, and you are asked only if ARES is not sure:\n\n"
    )
    for line in text.rstrip("\n").split("\n"):
        _write_lines(person, hanging("    ", visible(line), person.width))
    yes, why = choose(person, f"\nWrite it, and do the action now? {YES_NO} [no] ", YES_NO, YES_OR_NO)
    if yes is None:
        return _no(why)
    if not yes:
        person.write("No rule was written.\n")
        return None
    try:
        desk.write_always(proposal)
    except AresError as error:
        _write_lines(person, prose("", visible(str(error)), person.width))
        return None
    return _yes("always: a rule was written")


def _edit(proposal: Proposal, person: Person, desk: Desk) -> Edit | None:
    """Ask for each argument; an empty answer keeps what is there."""
    arguments = dict(proposal.action.arguments)
    changed = dict(arguments)
    for name, schema in proposal.capability.properties.items():
        now = quoted(arguments[name]) if name in arguments else "not given"
        _write_lines(person, hanging(f"  {visible(name)} = ", now, person.width))
        if known := offers(schema, desk.values):
            _write_lines(person, prose("    such as ", _listed(known), person.width))
        said = one_line(person, "  new value (empty keeps it): ")
        if not said:
            continue
        try:
            changed[name] = typed(said, schema, name)
        except AresError as error:
            _write_lines(person, prose("  ", visible(str(error)), person.width))
            return None
    if changed == arguments:
        person.write("Nothing was changed.\n")
        return None
    return Edit(changed)


def _listed(known: Sequence[tuple[str, str]]) -> str:
    """Return the first of several values in a row, with their labels, and how many there are besides."""
    shown = [visible(f"{value} ({label})" if label else value) for value, label in known[:_OFFERED]]
    more = len(known) - len(shown)
    return ", ".join(shown) + (f", and {more} more" if more else "")


def _write_lines(person: Person, lines: Sequence[str]) -> None:
    person.write("".join(f"{line}\n" for line in lines))
