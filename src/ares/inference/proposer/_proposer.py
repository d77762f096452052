"""The command proposer: a sentence becomes calls, a question back, or nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ares.core import Call, Capability, Json, Kind, Provenance, Reading, Source
from ares.inference._world import World
from ares.inference.command import CommandModel, Tool, tool_from_schema
from ares.inference.matching import Matcher
from ares.inference.proposer._arguments import Asked, Filling, earlier_values, fill, referred
from ares.inference.proposer._choice import Odds, Weights, odds, weights
from ares.inference.proposer._clauses import Part, parts, tells
from ares.inference.proposer._questions import nothing_fits, what_is_missing, which_of
from ares.inference.proposer._signals import Scene, look
from ares.inference.proposer._spans import says_something
from ares.inference.proposer._vague import acts_on_it
from ares.inference.values import Normaliser

WITHOUT_MODEL: Final = "matcher (no model)"
_SURE: Final = 0.95
_PART_BAR: Final = 0.7
_STRONG_PART_BAR: Final = 0.4
_OWN_VALUE_BAR: Final = 0.25
_SHORTEST_LISTED: Final = 2


@dataclass(frozen=True, slots=True)
class _Read:
    """One request of a sentence: what it was taken for and with what."""

    text: str
    scene: Scene
    odds: Odds
    capability: Capability
    filling: Filling

    @property
    def probability(self) -> float:
        return self.odds.best[1]

    @property
    def complete(self) -> bool:
        return not self.filling.missing

    @property
    def key(self) -> tuple[str, str]:
        return self.capability.full_name, repr(sorted(self.filling.arguments.items()))


class CommandProposer:
    """Reads sentences with the command model, or with the matcher alone when ``model`` is None.

    ``name`` is what readings say the model was. At most as many tools as the model takes may be offered with
    one. Not for use by two threads at once.
    """

    def __init__(
        self, model: CommandModel | None = None, name: str = "", chosen: Weights | None = None
    ) -> None:
        self._model = model
        self._name = name if model is not None else WITHOUT_MODEL
        self._weights = chosen or weights(model is not None)

    def read(self, sentence: str, tools: Sequence[Capability], world: World) -> Reading:
        """What ``sentence`` asks of ``tools`` in ``world``."""
        if not tools or not any(letter.isalnum() for letter in sentence):
            return Reading(Kind.NONE, question=nothing_fits(()), model=self._name)
        session = _Session(self._model, self._weights, tools, Normaliser(world, tools))
        reading = session.several(sentence) or session.single(sentence)
        return replace(reading, model=self._name)


class _Session:
    """Reading one sentence. The tools are shown to the model in one order and with one set of examples, so
    that what it has read of them serves for every part of the sentence.
    """

    def __init__(
        self,
        model: CommandModel | None,
        chosen: Weights,
        tools: Sequence[Capability],
        normaliser: Normaliser,
    ) -> None:
        self._model = model
        self._weights = chosen
        self._plain = chosen if model is None else weights(False)
        self._tools = tools
        self._normaliser = normaliser
        self._matcher = Matcher(tools)
        self._shown: tuple[Tool, ...] = ()

    def single(self, sentence: str) -> Reading:
        """Read the sentence as one request."""
        scene, ranked = self._weigh(sentence)
        notes: dict[str, Json] = {
            "candidates": {capability.full_name: round(p, 3) for capability, p in ranked.ranked[:3]},
            "none": round(ranked.none, 3),
        }
        if ranked.none >= ranked.best[1]:
            closest = [capability for capability, p in ranked.ranked[:2] if p > 0.02]
            return Reading(Kind.NONE, question=nothing_fits(closest), notes=notes)
        if not ranked.clear():
            return self._between(ranked, notes)
        read = self._read(sentence, scene, ranked)
        if not read.complete:
            return self._ask(read, notes)
        return Reading(Kind.ACTIONS, (_call(read),), notes=notes)

    def _between(self, ranked: Odds, notes: dict[str, Json]) -> Reading:
        """Ask which of two capabilities is meant, or say that none fits when that is likelier than the
        second.
        """
        best, rival = ranked.best[0], ranked.rival or ranked.ranked[-1]
        if ranked.none > rival[1]:
            return Reading(Kind.NONE, question=nothing_fits([best]), notes=notes)
        return Reading(
            Kind.CLARIFY,
            question=which_of(best, rival[0]),
            candidates=(best.full_name, rival[0].full_name),
            notes=notes,
        )

    def several(self, sentence: str) -> Reading | None:
        """Read the sentence as several requests; None when it is not at least two."""
        cut = parts(sentence)
        if len(cut) < 2:
            return None
        self._show(sentence)
        reads = self._actions(cut)
        if len({read.key for read in reads}) < 2:
            return None
        open_ones = [read for read in reads if not read.complete]
        notes: dict[str, Json] = {"parts": [read.text for read in reads]}
        if open_ones:
            return None
        return Reading(Kind.ACTIONS, tuple(_call(read) for read in reads), notes=notes)

    def _actions(self, cut: Sequence[Part]) -> list[_Read]:
        """The parts that read as requests of their own, in the order in which they are to be done."""
        ranked: list[tuple[float, _Read]] = []
        for part in cut:
            too_short = part.listed and len(part.text.split()) < _SHORTEST_LISTED
            if too_short or tells(part.text) or not says_something(part.text):
                continue
            read = self._part(part.text, part.strong, [each for _, each in ranked])
            if read is not None and not any(read.key == other.key for _, other in ranked):
                ranked.append((part.rank, read))
        return [read for _, read in sorted(ranked, key=lambda item: item[0])]

    def _part(self, text: str, strong: bool, before: Sequence[_Read]) -> _Read | None:
        scene, ranked = self._weigh(text)
        probability = ranked.best[1]
        bar = _STRONG_PART_BAR if strong else _PART_BAR
        if probability < min(bar, _OWN_VALUE_BAR) or ranked.none > probability:
            return None
        read = self._completed(self._read(text, scene, ranked), before)
        if probability < (_OWN_VALUE_BAR if self._has_own(read) else bar):
            return None
        points_at_nothing = bool(before) and acts_on_it(text) and not _refers_back(read)
        return read if read.complete and not points_at_nothing else None

    def _has_own(self, read: _Read) -> bool:
        """Whether a part acts on a file or a live value of its own: it is then hardly a mere aside."""
        kinds = {slot.name: slot.kind for slot in self._normaliser.slots(read.capability)}
        return any(
            kinds[name] in ("path", "live") and given.start >= 0 for name, given in read.filling.given.items()
        )

    def _completed(self, read: _Read, before: Sequence[_Read]) -> _Read:
        """``read`` with what it leaves out or says ``it`` for, if an earlier part named it."""
        earlier = [
            value
            for other in before
            for value in earlier_values(
                other.filling, self._normaliser.slots(other.capability), self._normaliser
            )
        ]
        given = dict(read.filling.given)
        for slot in self._normaliser.slots(read.capability):
            if slot.name in given:
                continue
            meant = referred(slot, read.text, earlier, given.values())
            if meant is not None:
                given[slot.name] = meant
        missing = tuple(name for name in read.filling.missing if name not in given)
        ordered = {name: given[name] for name in read.capability.properties if name in given}
        return replace(read, filling=Filling(ordered, missing, read.filling.open))

    def _show(self, sentence: str) -> Scene:
        """Read the sentence for the matcher and choose the examples that the model sees."""
        scene = look(sentence, self._matcher, self._tools, self._normaliser)
        if not self._shown and self._model is not None:
            self._shown = tuple(
                tool_from_schema(tool.full_name, tool.description, tool.input_schema, scene.example(tool))
                for tool in self._tools
            )
        return scene

    def _weigh(self, sentence: str) -> tuple[Scene, Odds]:
        """What speaks for each tool. The model is only asked when the matcher is not sure by itself, about a
        capability that the model was trained on.
        """
        scene = self._show(sentence)
        plain = odds(scene, None, self._tools, self._plain)
        sure = max(plain.best[1], plain.none) >= _SURE
        if self._model is None or sure or not scene.trained(plain.best[0]):
            return scene, plain
        return scene, odds(scene, self._model.choose(self._shown, sentence), self._tools, self._weights)

    def _read(self, sentence: str, scene: Scene, ranked: Odds) -> _Read:
        capability = ranked.best[0]
        hit = next(each.hit for each in scene.signals if each.capability is capability)
        asked = Asked(capability, scene.request, hit, None)
        return _Read(sentence, scene, ranked, capability, self._fill(sentence, asked, scene))

    def _fill(self, sentence: str, asked: Asked, scene: Scene) -> Filling:
        """The arguments: what the normalisers and the example phrases find; and for what they do not, what
        the model copies, if it was trained on the capability, else what is left over.
        """
        model = self._model if scene.trained(asked.capability) else None
        filling = fill(asked, self._normaliser, left_over=model is None)
        if model is None or not filling.missing:
            return filling
        index = next(at for at, tool in enumerate(self._tools) if tool is asked.capability)
        copied = model.fill(self._shown, sentence, index).arguments
        other = fill(replace(asked, copied=copied), self._normaliser, left_over=False)
        completed = filling.completed(other)
        ordered = {
            name: completed.given[name] for name in asked.capability.properties if name in completed.given
        }
        return replace(completed, given=ordered)

    def _ask(self, read: _Read, notes: dict[str, Json]) -> Reading:
        slot = next(
            each for each in self._normaliser.slots(read.capability) if each.name == read.filling.missing[0]
        )
        values: Sequence[str] = read.filling.open.get(slot.name, ())
        if not values and slot.kind == "live":
            values = [value.label or value.value for value in self._normaliser.values(slot.source)]
        described = read.capability.properties[slot.name].get("description", "")
        return Reading(
            Kind.CLARIFY,
            question=what_is_missing(read.capability, slot.kind, str(described), slot.name, values),
            candidates=(read.capability.full_name,),
            notes={**notes, "missing": list(read.filling.missing)},
        )


def _refers_back(read: _Read) -> bool:
    return any(given.start < 0 for given in read.filling.given.values())


def _call(read: _Read) -> Call:
    confidence = read.probability
    if not math.isfinite(confidence):
        confidence = 0.0
    provenance: dict[str, Provenance] = {name: each.provenance for name, each in read.filling.given.items()}
    return Call(
        capability=read.capability.full_name,
        arguments=read.filling.arguments,
        provenance=provenance,
        confidence=round(confidence, 4),
        choice=Source.OWNER,
        reason=f"{read.capability.description} ({round(100 * confidence)} % sure)",
        words=read.text,
    )
