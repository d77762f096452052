"""Any general instruct model as a proposer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from ares.core import Capability, Json, Kind, Reading
from ares.errors import ModelError
from ares.inference import World
from ares.inference.chat._answer import parse_answer, read_calls
from ares.inference.chat._encode import encode
from ares.inference.chat._prompt import messages
from ares.inference.engine import Engine
from ares.inference.grammar import MAX_ACTIONS, MAX_STRING, build_grammar, unsupported

ANSWER_TOKENS: Final = 768
"""An answer may have so many tokens, or half of the context when that is less."""


class ChatProposer:
    """Reads sentences with a model that was trained to follow instructions.

    Its answer is held to the schemas of the offered capabilities by a grammar, so that it is either a valid
    call, a question or a refusal; what it chose and made up itself is marked as the model's.
    """

    def __init__(
        self, engine: Engine, *, max_actions: int = MAX_ACTIONS, longest_string: int = MAX_STRING
    ) -> None:
        self._engine = engine
        self._max_actions = max_actions
        self._longest_string = longest_string

    def read(
        self,
        sentence: str,
        tools: Sequence[Capability],
        world: World,
        on_text: Callable[[str], object] | None = None,
    ) -> Reading:
        """Return what the model makes of ``sentence``; the more fitting ``tools`` come first.

        Capabilities whose schema no answer can be held to and those that do not fit the context are left
        out; ``notes`` names them. ``on_text`` is given the answer as it is written. Raises
        :class:`ModelError` when the sentence itself does not fit and when the answer did not come to its end.
        """
        world = replace(world, values=cache(world.values))
        refused = {tool.full_name: why for tool in tools if (why := unsupported(tool))}
        usable = [tool for tool in tools if tool.full_name not in refused]
        offered, prompt, how = self._fit(sentence, usable, world)
        unfit = {tool.full_name: "does not fit the context" for tool in usable[len(offered) :]}
        grammar = build_grammar(offered, max_actions=self._max_actions, longest_string=self._longest_string)
        room = self._room()
        answer = self._engine.generate(prompt, grammar=grammar, max_tokens=room, on_text=on_text)
        if not answer.finished:
            raise ModelError(
                f"{self._engine.name} did not come to an end within {room} tokens; ask for less at once,"
                " or use another model"
            )
        kind, held = parse_answer(answer.text, offered)
        calls = (
            read_calls(held, offered, sentence, world.values, answer.probability, self._engine.name)
            if kind is Kind.ACTIONS
            else ()
        )
        notes: dict[str, Json] = {
            "template": how,
            "prompt_tokens": answer.prompt_tokens,
            "answer_tokens": answer.answer_tokens,
            "seconds": round(answer.read_seconds + answer.write_seconds, 3),
        }
        if refused or unfit:
            notes["left_out"] = refused | unfit
        return Reading(
            kind=kind,
            calls=calls,
            question=held if isinstance(held, str) else "",
            candidates=tuple(dict.fromkeys(call.capability for call in calls)),
            model=self._engine.name,
            notes=notes,
        )

    def _room(self) -> int:
        return min(ANSWER_TOKENS, self._engine.context // 2)

    def _fit(
        self, sentence: str, tools: Sequence[Capability], world: World
    ) -> tuple[Sequence[Capability], list[int], str]:
        """Return the first tools that fit the context together with the sentence, and the prompt of both."""
        room = self._engine.context - self._room()
        for count in range(len(tools), -1, -1):
            offered = tools[:count]
            tokens, how = encode(self._engine, messages(sentence, offered, world), world.now)
            if len(tokens) < room and (offered or not tools):
                return offered, tokens, how
        raise ModelError(
            f"the sentence and one capability take {len(tokens)} of {room} tokens; say it shorter or set"
            " inference.context higher"
        )
