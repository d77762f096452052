"""The Python face: open a home, propose, perform, ask, undo. The command line stands on it too.

    import ares

    with ares.Ares.open() as me:
        outcome = me.perform("system.disk", path="/")
        print(outcome.summary)

Nothing here is a way around the gate: :meth:`Ares.perform` takes the same nine steps as the terminal and
writes the same records. What needs an answer is put to ``approve``; without one it is denied.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, TypeAlias

from ares import core
from ares.core import OWNER, Action, Json, Origin, Provenance, Source
from ares.errors import AresError, NotFoundError, UsageError
from ares.paths import Paths, own_parts, shipped, user_home, working_folder

if TYPE_CHECKING:
    from ares.agent import Reader
    from ares.config import Config
    from ares.core import Approval, Outcome, Reading, Value
    from ares.gate import Approver, CutOff, Gate, NeedApproval, Passage, Proposal, RuleBook
    from ares.knowledge import Growth, Knowledge
    from ares.ledger import Ledger, NotDone
    from ares.registry import Registry
    from ares.runtime import Modules, Runtime
    from ares.store import Store

Approve: TypeAlias = "Callable[[Proposal], bool]"
"""Says yes or no to one proposed action: True or False, anything else is an error and a no."""
ON_FAILURE: Final = ("stop", "continue")
"""What becomes of the other actions of a sentence when one does not end well."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sentence came to: how it was read, and the outcome of each action in order."""

    reading: Reading
    outcomes: tuple[Outcome, ...] = ()


class Ares:
    """One ARES home, opened. Use :meth:`open`; the parts are made when first needed."""

    def __init__(self, paths: Paths, environ: Mapping[str, str], model: str = "") -> None:
        self.paths = paths
        self._environ = environ
        self._model = model
        self._home = user_home(environ)
        self.cut_off: tuple[CutOff, ...] = ()
        self.not_done: tuple[NotDone, ...] = ()

    @classmethod
    def open(
        cls,
        paths: Paths | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        model: str = "",
        heal: bool = True,
    ) -> Ares:
        """Open the home that ``paths`` (default: the environment) names, making it when it is new.

        ``model`` names the model that reads sentences, as a registered name or a GGUF file. Actions that were
        cut off get their outcome (:func:`ares.gate.close_cut_off`) and are in :attr:`cut_off`; changes that
        were get a record that they were not done, and are in :attr:`not_done`. With ``heal`` false both are
        left as they are. Raises :class:`~ares.errors.StoreError` when the databases cannot be opened, and
        :class:`~ares.errors.UsageError` for an argument of the wrong type.
        """
        _require(paths is None or isinstance(paths, Paths), "paths", "an ares.paths.Paths", paths)
        _require(environ is None or _is_texts(environ), "environ", "a mapping of text to text", environ)
        _require(isinstance(model, str), "model", "the name of a model or a file, as text", model)
        env = os.environ if environ is None else environ
        me = cls(Paths.find(env) if paths is None else paths, env, model)
        try:
            if heal:
                me.not_done = me.ledger.close_changes()
            me.modules.register_bundled()
            if heal:
                me.cut_off = me._close_cut_off()
        except BaseException:
            me.close()
            raise
        return me

    def close(self) -> None:
        """Close the databases and any model for good: what needs them later raises
        :class:`~ares.errors.UsageError`. Doing it twice does no harm.

        Raises :class:`~ares.errors.UsageError` in another thread than the one that opened it; so does
        whatever else touches the databases.
        """
        if store := self.__dict__.get("store"):
            # First, because it refuses other threads than its own: then nothing is taken apart.
            store.close()
        if reader := self.__dict__.pop("reader", None):
            reader.close()
        if runtime := self.__dict__.pop("runtime", None):
            runtime.close()

    def __enter__(self) -> Ares:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @cached_property
    def store(self) -> Store:
        """The two databases."""
        from ares.store import Store

        return Store.open(self.paths)

    @cached_property
    def registry(self) -> Registry:
        """Modules, their versions and capabilities, settings, models."""
        from ares.registry import Registry

        return Registry(self.store)

    @cached_property
    def ledger(self) -> Ledger:
        """The record of everything."""
        from ares.ledger import Ledger

        return Ledger(self.store)

    @cached_property
    def config(self) -> Config:
        """The settings in force."""
        from ares.config import Config

        flags: dict[str, Json] = {"model": self._model} if self._model else {}
        return Config.load(
            self.paths.config / "ares.yaml",
            database=self.registry.settings(),
            environ=self._environ,
            flags=flags,
        )

    @cached_property
    def runtime(self) -> Runtime:
        """What loads modules and runs their operations, for those who hold a grant."""
        from ares.runtime import Runtime

        return Runtime(self.registry, self.paths, claim=self.ledger.claim, home=self._home)

    @cached_property
    def modules(self) -> Modules:
        """Registers, enables and removes modules; each change is recorded."""
        from ares.runtime import Modules

        return Modules(self.registry, self.ledger, lambda: self.runtime, self.paths)

    @cached_property
    def knowledge(self) -> Knowledge:
        """Patterns, technologies and decisions that the five steps use as evidence."""
        from ares.knowledge import Knowledge

        own = self.paths.config / "knowledge"
        return Knowledge.open([shipped("knowledge")], self.store.registry, own=own)

    @cached_property
    def growth(self) -> Growth:
        """Adds to the knowledge, in the owner's folder; each change is recorded and counts at once."""
        from ares.knowledge import Growth

        return Growth(self.knowledge, self.paths.config / "knowledge", self.ledger)

    @cached_property
    def rules(self) -> RuleBook:
        """The policy files."""
        from ares.gate import RuleBook

        return RuleBook(self.paths, self.config.text("policy.outside"))

    @cached_property
    def gate(self) -> Gate:
        """The one path."""
        from ares.gate import Gate, Surroundings

        return Gate(
            registry=self.registry,
            ledger=self.ledger,
            knowledge=self.knowledge,
            binder=self.runtime,
            rules=self.rules,
            surroundings=Surroundings(
                cwd=Path(os.path.realpath(working_folder())),
                home=Path(os.path.realpath(self._home)),
                state=tuple(
                    Path(os.path.realpath(folder))
                    for folder in (self.paths.home, self.paths.config, self.paths.cache)
                ),
                program=tuple(Path(os.path.realpath(part)) for part in own_parts()),
            ),
        )

    @cached_property
    def reader(self) -> Reader:
        """What turns a sentence into calls, with the model that the settings name."""
        from ares.agent import Reader

        return Reader.open(self.registry, self.runtime, self.config, self.paths)

    def values(self, source: str) -> tuple[Value, ...]:
        """Return the live values that a module offers for ``source`` (``module.name``) at this moment; none
        when it cannot."""
        return self.runtime.values(source)

    def read(self, sentence: str, history: Sequence[str] = ()) -> Reading:
        """Read a sentence. Nothing is proposed yet and nothing runs.

        ``history`` are the sentences before it, the latest last. Raises :class:`~ares.errors.UsageError` for
        what is no text or too long, and :class:`~ares.errors.ModelError` when the model cannot be used.
        """
        _require(isinstance(sentence, str), "sentence", "text", sentence)
        _require(
            not isinstance(history, str)
            and isinstance(history, Sequence)
            and all(isinstance(each, str) for each in history),
            "history",
            "a list of texts",
            history,
        )
        return self.reader.read(sentence, history)

    def action(
        self,
        capability: str,
        arguments: Mapping[str, Json],
        *,
        origin: Origin = Origin.PYTHON,
        provenance: Mapping[str, Provenance] | None = None,
    ) -> Action:
        """Return an action whose arguments the owner gave, unless ``provenance`` says otherwise.

        Raises :class:`~ares.errors.UsageError` for a name or arguments of the wrong type; what the arguments
        hold is looked at in :meth:`enter`.
        """
        _require(isinstance(capability, str), "capability", "the name of a capability, as text", capability)
        named = isinstance(arguments, Mapping) and all(isinstance(name, str) for name in arguments)
        _require(named, "arguments", "a mapping of names to values", arguments)
        sources = dict.fromkeys(arguments, OWNER) if provenance is None else provenance
        return Action(capability=capability, arguments=arguments, origin=origin, provenance=sources)

    def actions(self, reading: Reading, sentence: str, origin: Origin = Origin.SENTENCE) -> list[Action]:
        """Return the actions that a reading asks for; none unless it came to actions."""
        if reading.kind is not core.Kind.ACTIONS:
            return []
        return [
            Action(
                capability=call.capability,
                arguments=call.arguments,
                origin=origin,
                provenance=call.provenance,
                choice=call.choice,
                words=call.words or sentence,
                reason=call.reason,
                sure=call.confidence,
            )
            for call in reading.calls
        ]

    def enter(self, action: Action, *, interactive: bool = False) -> Passage:
        """Bring an action to the gate. See :meth:`ares.gate.Gate.enter`."""
        return self.gate.enter(action, interactive=interactive)

    def enter_all(self, actions: Sequence[Action], *, interactive: bool = False) -> list[Passage]:
        """Bring several actions to the gate. When one of them is refused there or Ctrl-C comes, those before
        it are denied in the record before the error goes on."""
        passages: list[Passage] = []
        try:
            for action in actions:
                passages.append(self.enter(action, interactive=interactive))
        except BaseException as error:
            from ares.gate import abandon

            refused = isinstance(error, AresError)
            abandon(passages, "another action of the same request was refused" if refused else "interrupted")
            raise
        return passages

    def propose(self, capability: str, /, **arguments: Json) -> Passage:
        """Propose a call and return its passage: judged and recorded, not run."""
        return self.enter(self.action(capability, arguments))

    def drive(
        self, passages: Sequence[Passage], approver: Approver | None, *, on_failure: str = "stop"
    ) -> list[Outcome]:
        """Take passages to their outcomes. See :func:`ares.gate.drive`."""
        from ares.gate import drive

        _require_choice(on_failure)
        return drive(passages, self.runtime, approver, on_failure=on_failure)

    def perform(self, capability: str, /, *, approve: Approve | None = None, **arguments: Json) -> Outcome:
        """Propose a call and take it to its outcome.

        Raises :class:`~ares.errors.UsageError` when there is no such capability or the arguments do not
        fit; whatever else happens is in the outcome.
        """
        approver = _approver(approve)
        passage = self.enter(self.action(capability, arguments), interactive=approve is not None)
        return self.drive([passage], approver)[0]

    def ask(self, sentence: str, *, approve: Approve | None = None, on_failure: str = "stop") -> Asked:
        """Read a sentence and take its actions to their outcomes.

        When one does not end well, ``on_failure`` ``stop`` leaves the rest undone, ``continue`` goes on.
        Raises :class:`~ares.errors.UsageError` for anything else, before the sentence is read.
        """
        _require_choice(on_failure)
        approver = _approver(approve)
        reading = self.read(sentence)
        passages = self.enter_all(self.actions(reading, sentence), interactive=approve is not None)
        return Asked(reading, tuple(self.drive(passages, approver, on_failure=on_failure)))

    def undoing(self, action_id: str = "") -> Action:
        """Return the action that takes back the named action, or the last one that can be taken back.

        Raises :class:`~ares.errors.NotFoundError` when there is no such action, and
        :class:`~ares.errors.UsageError` when it cannot be undone or was already.
        """
        _require(isinstance(action_id, str), "action_id", "the id of an action, as text", action_id)
        found = self.ledger.undoable(action_id)
        if found is None:
            raise NotFoundError(
                f"action {action_id} is not in the ledger or cannot be taken back; see `ares undo --list`"
                if action_id
                else "nothing can be taken back"
            )
        if found.undone:
            raise UsageError(f"action {found.action_id} was taken back already")
        return Action(
            capability=found.capability,
            arguments=found.arguments,
            origin=Origin.UNDO,
            provenance={name: Provenance(Source.REGISTRY, how="from the record") for name in found.arguments},
            reason=f"takes back {found.action_id}" + (f": {found.summary}" if found.summary else ""),
            undoes=found.action_id,
        )

    def undo(self, action_id: str = "", *, approve: Approve | None = None) -> Outcome:
        """Take back an action: an action of its own, through the same gate."""
        approver = _approver(approve)
        passage = self.enter(self.undoing(action_id), interactive=approve is not None)
        return self.drive([passage], approver)[0]

    def always_text(self, proposal: Proposal) -> str:
        """Return the rule, as YAML text, that answering "always" to a proposal would write."""
        from ares.gate import question_of
        from ares.policy import always_rule

        return always_rule(question_of(proposal.action, proposal.capability, proposal.places, True))[1]

    def write_always(self, proposal: Proposal) -> Path:
        """Add that rule to ``policy.d/always.yaml``, record it, and return the file."""
        return self.write_rules(
            self.paths.policy_d / "always.yaml", self.always_text(proposal), ref=proposal.action.id
        )

    def write_rules(self, file: Path, text: str, *, ref: str) -> Path:
        """Add rules, written as YAML text, to a file of the owner; record it under ``ref``, return the file.

        The whole policy, as it would then be, is checked before the file is replaced. Raises
        :class:`~ares.errors.PolicyError` when it would not load, :class:`~ares.errors.ConfigError` when a
        file cannot be read or written, and :class:`~ares.errors.StoreError` when it cannot be recorded; then
        the file is as it was.
        """
        with self.ledger.change() as change:
            event: Json = {"event": "rules added", "file": str(file), "rules": text}
            change.append(ref, event, "policy")
            change.write(file, self.rules.joined(file, text))
        return file

    def _close_cut_off(self) -> tuple[CutOff, ...]:
        if not self.ledger.unfinished():
            return ()
        from ares.gate import close_cut_off

        return close_cut_off(self.ledger, self.registry)


def _approver(approve: Approve | None) -> Approver | None:
    if approve is None:
        return None
    if not callable(approve):
        raise UsageError(
            f"approve takes a function that is given a proposal and returns True or False, not {approve!r}"
        )

    def ask(needs: Sequence[NeedApproval]) -> list[Approval]:
        return [core.Approval(approve(need.proposal), "python") for need in needs]

    return ask


def _require(fits: bool, name: str, wanted: str, value: object) -> None:
    """Raise :class:`~ares.errors.UsageError` unless an argument ``fits``: nobody checks a caller's types."""
    if not fits:
        from ares.config import shown

        raise UsageError(f"{name} takes {wanted}, not {shown(value)}")


def _is_texts(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(each, str) for pair in value.items() for each in pair
    )


def _require_choice(on_failure: str) -> None:
    if on_failure not in ON_FAILURE:
        raise UsageError(f"on_failure takes {' or '.join(map(repr, ON_FAILURE))}, not {on_failure!r}")


def with_arguments(action: Action, arguments: Mapping[str, Json]) -> Action:
    """Return the action with arguments that the owner typed in place of some of its own."""
    changed = {name for name, value in arguments.items() if action.arguments.get(name) != value}
    provenance = {
        name: Provenance(Source.OWNER, how="edited")
        if name in changed
        else action.provenance.get(name, OWNER)
        for name in arguments
    }
    edited = replace(action.with_arguments(arguments, provenance), choice=Source.OWNER)
    # With other arguments it takes nothing back any more.
    return (
        replace(edited, undoes="", reason="", origin=Origin.COMMAND) if changed and action.undoes else edited
    )
