"""Any general instruct model as a proposer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Final

from ares.core import Capability, Json, Kind, Reading
from ares.errors import ModelError
from ares.inference import World
from ares.inference.chat._answer import parse_answer, read_calls
from ares.inference.chat._encode import encode
from ares.inference.chat._prompt import messages
from ares.inference.engine import Engine
from ares.inference.grammar import MAX_ACTIONS, MAX_STRING, build_grammar, fitting

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
        self._limits = {"max_actions": max_actions, "longest_string": longest_string}

    def read(
        self,
        sentence: str,
        tools: Sequence[Capability],
        world: World,
        on_text: Callable[[str], object] | None = None,
    ) -> Reading:
        """Return what the model makes of ``sentence``; the more fitting ``tools`` come first.

        Capabilities whose schema no answer can be held to and those that do not fit the context are left
        out; ``notes`` says why. ``on_text`` is given the answer as it is written. Raises
        :class:`ModelError` when the sentence itself does not fit and when the answer did not come to its end.
        """
        world = replace(world, values=cache(world.values))
        usable, left_out = fitting(tools, **self._limits)
        offered, prompt, how = self._fit(sentence, usable, world)
        left_out |= {tool.full_name: "does not fit the context" for tool in usable if tool not in offered}
        grammar = build_grammar(offered, **self._limits)
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
        if left_out:
            notes["left_out"] = dict(left_out)
        return Reading(
            kind=kind,
            calls=calls,
            question=held if isinstance(held, str) else "",
            candidates=tuple(dict.fromkeys(call.capability for call in calls)),
            model=self._engine.name,
            notes=notes,
        )

    def check(self) -> None:
        """Raise :class:`ModelError` when the context is too small for any sentence."""
        nowhere = World(datetime(2000, 1, 1, tzinfo=UTC), "UTC", "/", "/", lambda source: ())
        tokens, _ = self._prompt("", (), nowhere)
        if len(tokens) > self._most():
            raise ModelError(
                f"{self._engine.header.path}: the instructions alone take {len(tokens)} tokens, and there is"
                f" room for {self._most()}; {self._engine.longer}"
            )

    def _room(self) -> int:
        """How many tokens an answer may have."""
        return min(ANSWER_TOKENS, self._engine.context // 2)

    def _most(self) -> int:
        """How many tokens a prompt may have."""
        return self._engine.context - self._room() - 1

    def _fit(
        self, sentence: str, tools: Sequence[Capability], world: World
    ) -> tuple[Sequence[Capability], list[int], str]:
        """Return the tools that fit the context together with the sentence, those that come first before the
        others, and the prompt of both.
        """
        most = self._most()
        tokens, how = self._prompt(sentence, tools, world)
        if len(tokens) <= most:
            return tools, tokens, how
        tokens, how = bare, _ = self._prompt(sentence, (), world)
        offered: list[Capability] = []
        for tool in tools if len(bare) <= most else ():
            more, _ = self._prompt(sentence, [*offered, tool], world)
            if len(more) <= most:
                offered.append(tool)
                tokens = more
        if not offered:
            raise ModelError(
                f"the sentence and the instructions take {len(bare)} tokens, and with the room for {most} no"
                f" capability fits beside them; say it shorter or {self._engine.longer}"
            )
        return offered, tokens, how

    def _prompt(self, sentence: str, tools: Sequence[Capability], world: World) -> tuple[list[int], str]:
        return encode(self._engine, messages(sentence, tools, world), world.now)
