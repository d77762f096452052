from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ares.core import Capability, Effect, Kind, Source, Value
from ares.errors import ModelError
from ares.inference import Proposer, World
from ares.inference.chat import ChatProposer
from ares.inference.chat._prompt import messages
from ares.inference.engine import Engine
from ares.inference.grammar import build_grammar

WORLD = World(
    now=datetime(2026, 3, 14, 9, 26, tzinfo=UTC),
    zone="Europe/Lisbon",
    cwd="/home/ada/work",
    home="/home/ada",
    values=lambda source: (Value("nas"), Value("desk")) if source == "hosts.names" else (),
)


def tool(full: str, /, *examples: str, required: tuple[str, ...] = (), **properties: Any) -> Capability:
    module, _, short = full.partition(".")
    return Capability(
        module=module,
        name=short,
        description=f"what {full} does",
        effect=Effect.READ,
        input_schema={
            "type": "object",
            "properties": properties,
            "required": list(required),
            "additionalProperties": False,
        },
        output_schema={},
        examples=examples,
    )


TOOLS = (
    tool("hosts.wake", "wake {name}", required=("name",), name={"type": "string", "x-values": "hosts.names"}),
    tool(
        "notes.add",
        required=("text",),
        text={"type": "string", "minLength": 1, "description": "what to note"},
    ),
    tool("clock.until", required=("date",), date={"type": "string", "format": "date"}),
    tool(
        "system.processes",
        sort={"type": "string", "enum": ["cpu", "memory"]},
        limit={"type": "integer", "minimum": 1, "maximum": 200},
    ),
    tool("tree.plant", kinds={"type": "array", "items": {"type": ["string", "null"], "maxLength": 6}}),
)


@pytest.fixture(scope="module")
def engine(tiny_model: Path) -> Iterator[Engine]:
    with Engine.open(tiny_model, threads=1, context=8192) as opened:
        yield opened


def test_a_chat_proposer_is_a_proposer(engine: Engine) -> None:
    proposer: Proposer = ChatProposer(engine)
    assert proposer.read("wake the nas", TOOLS, WORLD).model == "tiny"


def test_noise_cannot_produce_a_malformed_call(write_tiny: Callable[..., Path]) -> None:
    schemas = {each.full_name: each.input_schema for each in TOOLS}
    kinds: set[Kind] = set()
    called: set[str] = set()
    for seed in range(16):
        with Engine.open(write_tiny(seed=seed, spread=0.3 + seed % 5 / 4), threads=1, context=8192) as engine:
            proposer = ChatProposer(engine, longest_string=24)
            for sentence in ("wake the nas", "note: buy 3 apples", "what?"):
                reading = proposer.read(sentence, TOOLS, WORLD)
                kinds.add(reading.kind)
                assert bool(reading.calls) == (reading.kind is Kind.ACTIONS)
                assert bool(reading.question) == (reading.kind is not Kind.ACTIONS)
                for call in reading.calls:
                    called.add(call.capability)
                    jsonschema.validate(call.arguments, schemas[call.capability])
                    assert set(call.provenance) == set(call.arguments)
                    assert call.choice is Source.MODEL
                    assert 0 <= call.confidence <= 1
    assert kinds == set(Kind)
    assert called == set(schemas)


def test_the_same_sentence_is_read_the_same_way_again(engine: Engine) -> None:
    proposer = ChatProposer(engine)
    first = proposer.read("wake the nas", TOOLS, WORLD)
    proposer.read("something else", TOOLS, WORLD)
    again = proposer.read("wake the nas", TOOLS, WORLD)
    assert (again.kind, again.question) == (first.kind, first.question)
    assert [call.arguments for call in again.calls] == [call.arguments for call in first.calls]


def test_the_answer_is_streamed_and_its_cost_is_noted(engine: Engine) -> None:
    given: list[str] = []
    reading = ChatProposer(engine).read("wake the nas", TOOLS, WORLD, on_text=given.append)
    assert "".join(given).startswith('{"')
    assert "".join(given).endswith("}")
    assert reading.notes["template"] == "ChatML, because the file has no chat template"
    assert "left_out" not in reading.notes
    answered, read = reading.notes["answer_tokens"], reading.notes["prompt_tokens"]
    assert isinstance(answered, int)
    assert isinstance(read, int)
    assert 0 < answered < read


def test_the_model_is_told_where_it_is_and_what_is_offered() -> None:
    system, user = messages("wake the nas", TOOLS, WORLD)
    assert (system["role"], user) == ("system", {"role": "user", "content": "wake the nas"})
    text = system["content"]
    assert "Now: Saturday 2026-03-14 09:26 (Europe/Lisbon)." in text
    assert 'Working folder: "/home/ada/work". Home: "/home/ada".' in text
    assert (
        '- hosts.wake(name: string known: "nas", "desk"): what hosts.wake does.'
        ' Said for example: "wake {name}".' in text
    )
    assert "- notes.add(text: string (what to note)): what notes.add does." in text
    assert '- system.processes(sort?: "cpu"|"memory", limit?: integer): ' in text


def test_a_description_cannot_begin_a_line_of_its_own() -> None:
    text = messages(
        "x", [tool("a.b", "one\n- c.d(): two", x={"type": "string", "description": "y\n- e.f()"})], WORLD
    )
    assert sum(line.startswith("- ") for line in text[0]["content"].splitlines()) == 1


def test_capabilities_that_do_not_fit_the_context_are_left_out_from_the_end_and_named(
    tiny_model: Path,
) -> None:
    many = [tool(f"m{index}.run", "do it " * 20) for index in range(30)]
    with Engine.open(tiny_model, threads=1, context=4096) as engine:
        reading = ChatProposer(engine, longest_string=20).read("do it", many, WORLD)
        left_out = reading.notes["left_out"]
        assert isinstance(left_out, dict)
        assert 0 < len(left_out) < 30
        assert list(left_out) == [each.full_name for each in many[-len(left_out) :]]
        assert set(left_out.values()) == {"does not fit the context"}
        prompt = reading.notes["prompt_tokens"]
        assert isinstance(prompt, int)
        assert prompt < 4096 - 768


def test_a_capability_with_an_unsupported_schema_is_left_out_and_the_keyword_named(engine: Engine) -> None:
    odd = tool("odd.one", x={"type": "string", "pattern": "a+"})
    notes = ChatProposer(engine).read("do it", [odd, *TOOLS], WORLD).notes
    left_out = notes["left_out"]
    assert isinstance(left_out, dict)
    assert list(left_out) == ["odd.one"]
    assert "input.x uses 'pattern'" in str(left_out["odd.one"])


def test_only_the_capability_that_does_not_fit_the_context_is_left_out(engine: Engine) -> None:
    many = {f"an_argument_with_number_{index}": {"type": "boolean"} for index in range(300)}
    texts = {f"a{most}": {"type": "string", "maxLength": most} for most in range(1, 401)}
    long = tool("long.one", required=tuple(many), **many)
    large = tool("large.one", required=tuple(texts), **texts)
    reading = ChatProposer(engine).read("do it", [long, large, *TOOLS], WORLD)
    left_out = reading.notes["left_out"]
    assert isinstance(left_out, dict)
    assert left_out["long.one"] == "does not fit the context"
    assert "repetitions" in str(left_out["large.one"])
    assert len(left_out) == 2
    prompt = reading.notes["prompt_tokens"]
    assert prompt == ChatProposer(engine).read("do it", TOOLS, WORLD).notes["prompt_tokens"]


def test_a_long_list_of_choices_is_cut_in_the_prompt_and_whole_in_the_grammar(engine: Engine) -> None:
    many = tool("pick.one", required=("n",), n={"enum": [f"value {index}" for index in range(3000)]})
    text = messages("pick value 2999", [many], WORLD)[0]["content"]
    assert '"value 0"|"value 1"|' in text
    assert '"value 23"|... (2976 more)' in text
    assert '"value 24"' not in text
    assert "value 2999" in build_grammar([many])
    assert "left_out" not in ChatProposer(engine).read("pick value 2999", [many], WORLD).notes


@pytest.mark.parametrize(
    ("trained", "context", "advice"),
    [
        (64, 4096, "use a model with a longer context: this one was trained for 64 tokens"),
        (8192, 600, "set inference.context higher"),
    ],
)
def test_a_context_without_room_for_the_instructions_is_told_with_advice_that_helps(
    write_tiny: Callable[..., Path], trained: int, context: int, advice: str
) -> None:
    with Engine.open(write_tiny(context=trained), threads=1, context=context) as small:
        room = small.context - small.context // 2 - 1
        says = rf"tiny\.gguf: the instructions alone take \d+ tokens, and there is room for {room}; "
        with pytest.raises(ModelError, match=says) as caught:
            ChatProposer(small).check()
    assert str(caught.value).endswith(f"; {advice}")


def test_with_nothing_to_offer_no_call_comes_back(engine: Engine) -> None:
    assert ChatProposer(engine).read("do it", [], WORLD).kind in (Kind.NONE, Kind.CLARIFY)


def test_a_sentence_that_does_not_fit_is_an_error_with_the_numbers_that_count(engine: Engine) -> None:
    ChatProposer(engine).check()
    says = (
        r"the sentence and the instructions take (\d+) tokens, and with the room for (\d+) no capability fits"
    )
    with pytest.raises(ModelError, match=says + ".*; say it shorter or use a model with a longer") as caught:
        ChatProposer(engine).read("word " * 4000, TOOLS, WORLD)
    found = re.search(says, str(caught.value))
    assert found
    assert int(found[1]) > int(found[2]) == 8192 - 768 - 1


def test_an_answer_that_does_not_end_is_an_error(write_tiny: Callable[..., Path]) -> None:
    endless = [tool("a.b", required=("x",), x={"type": "string", "minLength": 900})]
    outcomes: set[Kind | str] = set()
    for seed in range(8):
        with Engine.open(write_tiny(seed=seed), threads=1, context=4096) as engine:
            try:
                outcomes.add(ChatProposer(engine, max_actions=1).read("do it", endless, WORLD).kind)
            except ModelError as error:
                outcomes.add(str(error))
    assert Kind.ACTIONS not in outcomes
    assert any("did not come to an end within 768 tokens" in str(each) for each in outcomes)


def test_live_values_are_asked_for_once_a_sentence(tiny_model: Path) -> None:
    asked: list[str] = []

    def values(source: str) -> tuple[Value, ...]:
        asked.append(source)
        return ()

    world = World(WORLD.now, WORLD.zone, WORLD.cwd, WORLD.home, values)
    many = [*TOOLS, *(tool(f"m{index}.run", "do it " * 20) for index in range(30))]
    with Engine.open(tiny_model, threads=1, context=4096) as engine:
        ChatProposer(engine, longest_string=20).read("do it", many, world)
    assert asked == ["hosts.names"]
