"""The command proposer: a sentence becomes calls, a question back, or nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ares.core import Call, Capability, Json, Kind, Provenance, Reading, Source
from ares.inference._words import fold
from ares.inference._world import World
from ares.inference.command import CommandModel, Tool, tool_from_schema
from ares.inference.matching import Matcher
from ares.inference.proposer._arguments import fill
from ares.inference.proposer._choice import Odds, Weights, odds, weights
from ares.inference.proposer._clauses import Part, parts, states, tells
from ares.inference.proposer._conditions import conditional
from ares.inference.proposer._filling import Asked, Filling
from ares.inference.proposer._guard import guarded
from ares.inference.proposer._lists import spread
from ares.inference.proposer._mood import is_deed
from ares.inference.proposer._others import told_by_another
from ares.inference.proposer._questions import not_understood, nothing_fits, waits, what_is_missing, which_of
from ares.inference.proposer._several import Piece, Read, Several, Splitter, Take
from ares.inference.proposer._signals import Scene, look
from ares.inference.proposer._spans import names_kind
from ares.inference.values import Found, Normaliser, durations, numbers

WITHOUT_MODEL: Final = "matcher (no model)"
_SIGNS: Final = re.compile(r"[\W_]+")
_SURE: Final = 0.9
_CLEAR: Final = 0.85
_WHOLE: Final = 0.7


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
        normaliser = Normaliser(world, tools)
        session = _Session(self._model, self._weights, tools, normaliser)
        reading = session.each(sentence) or session.several(sentence) or session.single(sentence)
        return replace(guarded(sentence, reading, tools, normaliser), model=self._name)


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
        best, others = ranked.best[0], ranked.ranked[1:2]
        if not others or ranked.none > others[0][1]:
            return Reading(Kind.NONE, question=nothing_fits([best]), notes=notes)
        return Reading(
            Kind.CLARIFY,
            question=which_of(best, others[0][0]),
            candidates=(best.full_name, others[0][0].full_name),
            notes=notes,
        )

    def each(self, sentence: str) -> Reading | None:
        """Read the sentence as the same deed for each of several things that go to one place; None when it is
        none.
        """
        texts = spread(sentence, self._named(sentence))
        readings = [self.several(text) or self.single(text) for text in texts]
        calls = [call for reading in readings for call in reading.calls]
        if not calls or any(len(reading.calls) != 1 for reading in readings):
            return None
        goes = next(tool for tool in self._tools if tool.full_name == calls[0].capability)
        paths = [slot for slot in self._normaliser.slots(goes) if slot.kind == "path" and slot.required]
        if len(paths) < 2 or any(call.capability != goes.full_name for call in calls):
            return None
        return Reading(Kind.ACTIONS, tuple(calls), notes={"parts": list(texts)})

    def several(self, sentence: str) -> Reading | None:
        """Read the sentence as several requests; None when it is not at least two."""
        cut = parts(sentence, self._names_with_joiners(sentence))
        if len(cut) < 2 or _is_phrase(self._show(sentence), cut):
            return None
        found = self._split(sentence, cut, with_model=False)
        if self._model is not None and found.taken(Take.LACKING, Take.UNKNOWN):
            found = self._split(sentence, cut, with_model=True)
        requests = [piece.read for piece in found.taken(Take.REQUEST) if piece.read is not None]
        open_ones = found.taken(Take.LACKING, Take.UNKNOWN)
        distinct = list({read.key: read for read in reversed(requests)}.values())[::-1]
        if len(distinct) + len(open_ones) < 2:
            return self._beside_asides(sentence, distinct) if len(distinct) == 1 else None
        if not open_ones and self._is_one(sentence, distinct):
            return None
        if not requests:
            return self._none_clear(sentence, open_ones)
        notes: dict[str, Json] = {"parts": [piece.text for piece in found.pieces]}
        if open_ones:
            return self._about_a_part(open_ones[0], requests, notes)
        return Reading(Kind.ACTIONS, tuple(_call(read) for read in distinct), notes=notes)

    def _beside_asides(self, sentence: str, requests: Sequence[Read]) -> Reading | None:
        """The one part of the sentence that asks for something, when it is surer than the whole with all that
        is told beside it; else None.
        """
        read = requests[0]
        _, ranked = self._weigh(sentence)
        best, share = ranked.best
        clear = ranked.clear() and ranked.none < share
        if clear and (best is read.capability or read.probability <= share):
            return None
        sure = read.probability >= (_SURE if read.scene.trained(read.capability) else _WHOLE)
        before, _, after = sentence.partition(read.text)
        said_by_others = told_by_another(before, after)
        if not sure or tells(read.text) or states(read.text) or said_by_others or conditional(before + after):
            return None
        return Reading(Kind.ACTIONS, (_call(read),), notes={"parts": [read.text]})

    def _is_one(self, sentence: str, requests: Sequence[Read]) -> bool:
        """Whether the whole sentence is surely for one capability that nobody was trained on, and the others
        that its parts were taken for only show something, of which nothing is named: "which worlds are up,
        *and are they heavy*".
        """
        scene, ranked = self._weigh(sentence, with_model=False)
        best, share = ranked.best
        others = [read for read in requests if read.capability is not best]
        named = any(
            is_deed(read.capability) or read.filling.given or read.probability >= _CLEAR for read in others
        )
        sure = share >= _WHOLE and not scene.trained(best)
        return sure and len(others) == len(requests) - 1 and not named

    def _none_clear(self, sentence: str, pieces: Sequence[Piece]) -> Reading:
        """The sentence as one request, unless that would do one of several things that were asked for."""
        whole = self.single(sentence)
        if whole.kind is not Kind.ACTIONS:
            return whole
        notes = {**whole.notes, "unclear": pieces[0].text}
        return Reading(Kind.CLARIFY, question=not_understood(pieces[0].text, ()), notes=notes)

    def _split(self, sentence: str, cut: Sequence[Part], *, with_model: bool) -> Several:
        """The pieces of the sentence. Most are clear without the model, which takes far longer."""
        return Splitter(
            sentence,
            cut,
            self._normaliser,
            lambda text: self._request(text, with_model=with_model),
            self._refilled,
        ).read()

    def _named(self, sentence: str) -> list[Found]:
        """The paths and live values that the sentence names by nearly their whole name."""
        known = {
            (slot.kind, slot.source): slot
            for tool in self._tools
            for slot in self._normaliser.slots(tool)
            if slot.kind in ("path", "live")
        }
        found = (each for slot in known.values() for each in self._normaliser.find(slot, sentence))
        return [each for each in found if not each.how or _spelt(each.value, sentence[each.start : each.end])]

    def _names_with_joiners(self, sentence: str) -> list[tuple[int, int]]:
        """Where known names and amounts stand that may hold a joining word, such as a file "salt and
        pepper.txt" or "a hundred and twenty".
        """
        amounts = (*numbers(sentence), *durations(sentence))
        return [
            *((found.start, found.end) for found in amounts if " " in sentence[found.start : found.end]),
            *((found.start, found.end) for found in self._named(sentence)),
        ]

    def _about_a_part(self, piece: Piece, requests: Sequence[Read], notes: dict[str, Json]) -> Reading:
        """Ask about a part that lacks something or is not understood; the others wait for the answer."""
        rest = [read.text for read in requests]
        if piece.read is None:
            return Reading(
                Kind.CLARIFY,
                question=not_understood(piece.text, rest),
                candidates=tuple(dict.fromkeys(read.capability.full_name for read in requests)),
                notes={**notes, "unclear": piece.text},
            )
        asked = self._ask(piece.read, {**notes, "unclear": piece.text})
        return replace(asked, question=f"{asked.question} {waits(rest)}")

    def _request(self, text: str, *, with_model: bool) -> Read:
        """``text`` as one request."""
        scene, ranked = self._weigh(text, with_model=with_model)
        return self._read(text, scene, ranked, with_model=with_model)

    def _refilled(self, text: str, before: Read) -> Read:
        """``text`` as a request for the same as ``before``."""
        scene = self._show(text)
        asked = Asked(before.capability, scene.request, None, None, before.scene.trained(before.capability))
        filling = fill(asked, self._normaliser, left_over=names_kind(scene.request, before.capability))
        return replace(before, text=text, scene=scene, filling=filling)

    def _show(self, sentence: str) -> Scene:
        """Read the sentence for the matcher and choose the examples that the model sees."""
        scene = look(sentence, self._matcher, self._tools, self._normaliser)
        if not self._shown and self._model is not None:
            self._shown = tuple(
                tool_from_schema(tool.full_name, tool.description, tool.input_schema, scene.example(tool))
                for tool in self._tools
            )
        return scene

    def _weigh(self, sentence: str, *, with_model: bool = True) -> tuple[Scene, Odds]:
        """What speaks for each tool. The model is only asked when the matcher is not sure by itself, about a
        capability that the model was trained on.
        """
        scene = self._show(sentence)
        plain = odds(scene, None, self._tools, self._plain)
        sure = max(plain.best[1], plain.none) >= _SURE
        if self._model is None or not with_model or sure or not scene.trained(plain.best[0]):
            return scene, plain
        return scene, odds(scene, self._model.choose(self._shown, sentence), self._tools, self._weights)

    def _read(self, sentence: str, scene: Scene, ranked: Odds, *, with_model: bool = True) -> Read:
        capability = ranked.best[0]
        hit = next(each.hit for each in scene.signals if each.capability is capability)
        asked = Asked(capability, scene.request, hit, None, scene.trained(capability))
        filling = self._fill(sentence, asked, scene, with_model=with_model)
        return Read(sentence, scene, capability, ranked.best[1], ranked.none, filling)

    def _fill(self, sentence: str, asked: Asked, scene: Scene, *, with_model: bool) -> Filling:
        """The arguments: what the normalisers and the example phrases find; and for what they do not, what
        the model copies, if it was trained on the capability, else what is left over.
        """
        model = self._model if with_model and scene.trained(asked.capability) else None
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

    def _ask(self, read: Read, notes: dict[str, Json]) -> Reading:
        slot = next(
            each for each in self._normaliser.slots(read.capability) if each.name == read.filling.missing[0]
        )
        values: Sequence[str] = read.filling.open.get(slot.name, ())
        if not values and slot.kind == "live":
            known = self._normaliser.values(slot.source)
            values = [self._normaliser.called(slot, value.value) for value in known]
        described = read.capability.properties[slot.name].get("description", "")
        question = what_is_missing(read.capability, slot.kind, str(described), slot.name, values)
        unfit = read.filling.unfit.get(slot.name, "")
        return Reading(
            Kind.CLARIFY,
            question=f"{question} It {unfit}." if unfit else question,
            candidates=(read.capability.full_name,),
            notes={**notes, "missing": list(read.filling.missing)},
        )


def _spelt(value: Json, said: str) -> bool:
    """Whether ``said`` is ``value`` but for capitals and signs: "fast and slow" for "Fast, and Slow"."""
    one, other = (_SIGNS.sub("", fold(text)) for text in (str(value), said))
    return one == other


def _is_phrase(scene: Scene, cut: Sequence[Part]) -> bool:
    """Whether the sentence is an example phrase of which the words themselves are cut ("stop {name} *and*
    start it again"), or only a value that may be several ("feed the cats *and* dogs").
    """
    joiners = [part.start for part in cut[1:]]
    for each in scene.signals:
        if each.hit is None or not each.hit.exact:
            continue
        schemas = each.capability.properties
        single = [span for name, span in each.hit.slots.items() if schemas[name].get("type") != "array"]
        if not any(start < at <= end for at in joiners for start, end in single):
            return True
    return False


def _call(read: Read) -> Call:
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
        reason=f"{read.capability.purpose} ({round(100 * confidence)} % sure)",
        words=read.text,
    )
