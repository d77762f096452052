"""The one path: normalise, decide, judge, ask, grant, keep, execute, verify, record."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from ares.core import (
    Action,
    Answer,
    Approval,
    Capability,
    Check,
    Decision,
    Grant,
    Json,
    Outcome,
    Status,
    canonical,
)
from ares.errors import AresError, ArgumentError, DeniedError, StoreError
from ares.gate._facts import as_it_stands, case_for
from ares.gate._normalise import Surroundings, normalise, places_of
from ares.gate._passage import (
    Executed,
    NeedApproval,
    NeedExecute,
    NeedStart,
    Passage,
    Proposal,
    Steps,
)
from ares.gate._rules import Rules
from ares.gate._summary import summarise
from ares.gate._way_back import way_back, way_back_from_a_cut
from ares.knowledge import Knowledge
from ares.ledger import Ledger, this_process
from ares.policy import Place, Question, decide, ruling
from ares.protocol import judge
from ares.registry import Registry
from ares.runtime import is_json

GRANT_SECONDS = 60.0


class Binder(Protocol):
    """Says what a grant is bound to: the action, where its paths lead and the code that will run it."""

    def places(self, action: Action, capability: Capability) -> Mapping[str, str]:
        """Return the absolute path behind each argument that stands for one without being one."""

    def binding(self, action: Action, capability: Capability, leads: Mapping[str, str]) -> str:
        """Return a digest that changes when the action, the module's code, or where a path leads changes."""


class Gate:
    """Takes actions in and gives passages out. It executes nothing itself.

    ``rules`` is called for every decision, so that a rule written while an action waits counts. ``clock``
    gives seconds since the epoch.
    """

    def __init__(
        self,
        *,
        registry: Registry,
        ledger: Ledger,
        knowledge: Knowledge,
        binder: Binder,
        rules: Callable[[], Rules],
        surroundings: Surroundings,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._registry = registry
        self._ledger = ledger
        self._knowledge = knowledge
        self._binder = binder
        self._rules = rules
        self._surroundings = surroundings
        self._clock = clock

    def enter(self, action: Action, *, interactive: bool) -> Passage:
        """Propose an action: steps 0 to 2 happen now and are in the ledger when this returns.

        Raises :class:`~ares.errors.UsageError` for an unknown capability or arguments that break its
        schema, :class:`~ares.errors.ModuleError` when the module's files are not those that were registered,
        and whatever keeps the module from saying which path an argument stands for; such a call never was an
        action, and the ledger keeps a ``refused`` event of it.
        """
        try:
            _require_text(action)
            capability = as_it_stands(self._registry.capability(action.capability), self._registry)
            version = self._registry.module(capability.module).version
            action = replace(action, capability=capability.full_name)
            proposal = self._judge(*self._settle(action, capability, version), capability, interactive)
        except AresError as error:
            self._refuse(action, str(error))
            raise
        self._ledger.append("proposal", action.id, proposal.describe())
        return Passage(proposal, self._steps(proposal, interactive))

    def _refuse(self, action: Action, error: str) -> None:
        # What was asked for is written as Python would, since it may be what JSON cannot carry.
        try:
            asked = f"{action.capability} {dict(action.arguments)!r}"
        except (ValueError, RecursionError):
            # A number of thousands of digits, or lists within lists without end.
            asked = f"{action.capability} {', '.join(action.arguments)}"
        payload: Json = {
            "event": "refused",
            "capability": action.capability.encode("ascii", "backslashreplace").decode(),
            "error": error.encode("utf-8", "backslashreplace").decode(),
            "asked": asked.encode("ascii", "backslashreplace").decode()[:2000],
            "origin": str(action.origin),
        }
        self._ledger.append("event", action.id, payload)

    def _settle(
        self, action: Action, capability: Capability, version: str
    ) -> tuple[Action, tuple[Place, ...], str]:
        """Return the action as it would run now, the places it touches, and what a grant for it binds."""
        action, places = normalise(action, capability, version, self._surroundings)
        places += places_of(self._binder.places(action, capability), self._surroundings)
        # The last place of an argument is where it leads in the end.
        leads = {place.argument: place.resolved for place in places}
        return action, places, self._binder.binding(action, capability, leads)

    def _decide(
        self, action: Action, capability: Capability, places: Sequence[Place], interactive: bool
    ) -> Decision:
        policy = self._rules()
        if policy.error:
            return Decision(Answer.DENY, "policy-error", policy.error)
        return decide(question_of(action, capability, places, interactive), policy.rules)

    def _judge(
        self,
        action: Action,
        places: tuple[Place, ...],
        binds: str,
        capability: Capability,
        interactive: bool,
    ) -> Proposal:
        decision = self._decide(action, capability, places, interactive)
        verdict = judge(case_for(action, capability, self._registry, self._ledger, self._knowledge))
        return Proposal(
            action=action,
            capability=capability,
            places=places,
            decision=decision,
            verdict=verdict,
            ruling=ruling(decision, capability, verdict, action.tainted),
            binds=binds,
        )

    def _steps(self, proposal: Proposal, interactive: bool) -> Steps:
        answer = proposal.ruling.answer
        if answer is Answer.DENY:
            return self._denied(proposal, proposal.ruling.because)
        if answer is Answer.ASK:
            said = yield NeedApproval(proposal)
            assert isinstance(said, Approval)
            self._ledger.append("approval", proposal.action.id, said.describe())
            if not said.yes:
                return self._denied(proposal, said.note or f"no, said by {said.by}")
        turn = yield NeedStart(proposal)
        assert isinstance(turn, Approval)
        if not turn.yes:
            return self._denied(proposal, turn.note)
        try:
            grant = self._grant(proposal, interactive)
        except AresError as error:
            # Whatever keeps a grant from being given, a file that is gone or a disk that is full, is a no.
            return self._denied(proposal, str(error))
        return (yield from self._work(proposal, grant))

    def _grant(self, proposal: Proposal, interactive: bool) -> Grant:
        """Ask the policy again, then issue a grant and consume it in the transaction of the intent."""
        action, capability = proposal.action, proposal.capability
        same, places, binds = self._settle(action, capability, action.version)
        if (same.arguments, places) != (action.arguments, proposal.places):
            # A folder may have become a link meanwhile, by an earlier action of the same sentence even.
            raise DeniedError("a path leads somewhere else than when this was judged; ask for it again")
        again = self._decide(action, capability, places, interactive)
        if again.answer.strictness > proposal.decision.answer.strictness:
            raise DeniedError(f"the policy changed while this waited: {again.reason}")
        if binds != proposal.binds:
            raise DeniedError(
                f"the code of module {capability.module} or where a path leads changed while this waited; "
                "ask for it again"
            )
        now = self._clock()
        grant = Grant(secrets.token_hex(16), action.id, proposal.binds, now + GRANT_SECONDS)
        with self._ledger.batch() as batch:
            # Here, where nobody else can write: two undos of one action may have been asked about at once.
            if action.undoes and self._ledger.taken_back(action.undoes):
                raise DeniedError(f"action {action.undoes} was taken back already, or is about to be")
            self._ledger.issue(batch, grant, now)
            self._ledger.consume(batch, grant.nonce, proposal.binds, now)
            batch.append(
                "intent",
                action.id,
                {"action": action.id, "binds": grant.binds, "keeps": capability.keep, **this_process()},
            )
        return grant

    def _work(self, proposal: Proposal, grant: Grant) -> Steps:
        action, capability = proposal.action, proposal.capability
        began = time.monotonic()
        kept: Json = None
        done: dict[str, Executed] = {}
        for step in ("keep", "run", "verify"):
            if (step == "keep" and not capability.keep) or (step == "verify" and not capability.verify):
                continue
            result = done["run"].value if "run" in done else None
            answer = yield NeedExecute(step, action, capability, grant, kept, result)
            assert isinstance(answer, Executed)
            if step == "keep" and not answer.error:
                kept = answer.value
                answer = self._note_kept(action, kept)
            done[step] = answer
            if answer.error:
                break
        outcome = _outcome(proposal, done, kept, time.monotonic() - began)
        try:
            self._ledger.append("outcome", action.id, outcome.describe())
        except AresError as error:
            if "run" not in done:
                raise
            raise _unrecorded(capability, done["run"], error) from error
        return outcome

    def _note_kept(self, action: Action, kept: Json) -> Executed:
        """Record what was kept before anything runs, so that a crash from here on can be taken back."""
        try:
            self._ledger.append("kept", action.id, {"action": action.id, "kept": kept})
        except AresError as error:
            return Executed(error=str(error))
        return Executed(value=kept)

    def _denied(self, proposal: Proposal, because: str) -> Outcome:
        outcome = Outcome(action=proposal.action, status=Status.DENIED, error=because)
        self._ledger.append("outcome", proposal.action.id, outcome.describe())
        return outcome


def _unrecorded(capability: Capability, run: Executed, error: AresError) -> StoreError:
    """Return the error for an action whose outcome is not on record: it must not be taken for undone."""
    ran = "may have been run" if run.error else "was run"
    return StoreError(
        f"{capability.full_name} {ran}, and what came of it could not be recorded: {error}; look at what it "
        "did before you ask for it again, `ares status` will show it as unknown"
    )


def _require_text(action: Action) -> None:
    """Raise :class:`ArgumentError` for an argument that JSON, and so the ledger, cannot carry."""
    for name, value in action.arguments.items():
        why = "is nothing that can be recorded; give text, numbers, true or false, lists or mappings"
        try:
            canonical({name: value})
            if is_json(value):
                continue
        except UnicodeEncodeError:
            why = "has bytes that are not UTF-8 text; write it in UTF-8; rename a file named so first"
        except (TypeError, ValueError, RecursionError):
            # No more can be said of it.
            pass
        raise ArgumentError(f"{name.encode('ascii', 'backslashreplace').decode()}: {why}")
    try:
        canonical(action.words)
    except ValueError as error:
        raise ArgumentError("the sentence is not Unicode text; check what your terminal sends") from error


def question_of(
    action: Action, capability: Capability, places: Sequence[Place], interactive: bool
) -> Question:
    """Return what the policy is asked about an action."""
    return Question(
        capability=capability,
        arguments=action.arguments,
        origin=action.origin,
        tainted=action.tainted,
        paths=tuple(places),
        interactive=interactive,
    )


def _outcome(proposal: Proposal, done: dict[str, Executed], kept: Json, seconds: float) -> Outcome:
    action, capability = proposal.action, proposal.capability
    failed = next(((step, answer) for step, answer in done.items() if answer.error), None)
    result = done["run"].value if "run" in done else None
    checks: tuple[Check, ...] = done["verify"].checks if "verify" in done else ()
    verified = all(check.holds for check in checks) if checks else None
    status, error = Status.OK, ""
    if failed is not None:
        step, answer = failed
        status = Status.UNKNOWN if answer.interrupted and step != "keep" else Status.FAILED
        error = answer.error if step == "run" else f"{step}: {answer.error}"
        if step == "verify":
            verified = False
    elif verified is False:
        status = Status.FAILED
        wrong = next(check for check in checks if not check.holds)
        error = f"reading back shows otherwise: {wrong.what}" + (f" ({wrong.seen})" if wrong.seen else "")
    undo = None
    if "run" in done and not done["run"].error:
        undo = way_back(capability, action.arguments, result, kept)
    elif status is Status.UNKNOWN:
        undo = way_back_from_a_cut(capability, action.arguments, kept)
    return Outcome(
        action=action,
        status=status,
        result=result,
        error=error,
        summary=summarise(capability, result) if status is Status.OK else "",
        checks=checks,
        verified=verified,
        undo=undo,
        seconds=seconds,
    )
