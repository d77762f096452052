from __future__ import annotations

import json
import random
import re
import string
from collections.abc import Callable
from datetime import date
from ipaddress import ip_address
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ares.core import Capability, Effect
from ares.errors import ModelError
from ares.inference.grammar import (
    Chars,
    Group,
    Literal,
    Name,
    Part,
    Repeat,
    build_grammar,
    check_grammar,
    fitting,
)
from ares.inference.grammar._ranges import integers, numbers

Says = Callable[[str], str]


def tool(schema: Any, name: str = "do") -> Capability:
    return Capability(
        module="tool", name=name, description="d", effect=Effect.READ, input_schema=schema, output_schema={}
    )


def having(**properties: Any) -> Any:
    return {"type": "object", "properties": properties, "required": list(properties)}


def write(rules: dict[str, Group], part: Part, chance: random.Random) -> str:
    """Write some text that ``part`` describes."""
    match part:
        case Literal(text):
            return text
        case Name(name):
            return write(rules, rules[name], chance)
        case Repeat(inner, least, most):
            count = least + min(int(chance.expovariate(0.4)), most - least)
            return "".join(write(rules, inner, chance) for _ in range(count))
        case Group(alternatives):
            return "".join(write(rules, inner, chance) for inner in chance.choice(alternatives))
        case Chars(negated, ranges):
            if not negated:
                return chr(chance.randint(*chance.choice(ranges)))
            while True:
                code = ord(chance.choice(string.printable + "éß日\U0001f600\u202e\u0085\x00"))
                if not any(first <= code <= last for first, last in ranges):
                    return chr(code)


def answers(grammar: str, count: int = 30) -> list[Any]:
    rules = check_grammar(grammar)
    return [json.loads(write(rules, rules["root"], random.Random(seed))) for seed in range(count)]


def arguments(schema: Any, count: int = 60) -> list[Any]:
    found = answers(build_grammar([tool(schema)]), count * 3)
    return [call["arguments"] for answer in found for call in answer.get("actions", ())]


def values(schema: Any, count: int = 60) -> list[Any]:
    return [given["value"] for given in arguments(having(value=schema), count)]


def test_an_answer_is_calls_or_a_question_or_a_refusal() -> None:
    grammar = build_grammar([tool(having(a={"type": "boolean"})), tool({"type": "object"}, "wait")])
    forms = set()
    for answer in answers(grammar, 200):
        forms.add(next(iter(answer)))
        assert len(answer) == 1
        for call in answer.get("actions", ()):
            assert set(call) == {"capability", "arguments"}
            if call["capability"] == "tool.wait":
                assert call["arguments"] == {}
            else:
                assert call["capability"] == "tool.do"
                assert type(call["arguments"]["a"]) is bool
    assert forms == {"actions", "none", "clarify"}


def test_there_are_at_most_as_many_calls_as_allowed() -> None:
    schema = {"type": "object"}
    for most in (1, 2, 4):
        found = answers(build_grammar([tool(schema)], max_actions=most), 300)
        assert max(len(answer.get("actions", ())) for answer in found) == most


def test_without_capabilities_only_words_are_left() -> None:
    assert {key for answer in answers(build_grammar([]), 60) for key in answer} == {"none", "clarify"}


def test_required_arguments_are_always_there_and_optional_ones_sometimes() -> None:
    schema = {
        "type": "object",
        "properties": {name: {"type": "boolean"} for name in "abcd"},
        "required": ["b"],
        "additionalProperties": False,
    }
    found = arguments(schema)
    assert all("b" in given for given in found)
    assert {"a", "c", "d"} <= {name for given in found for name in given}
    assert any(set(given) == {"b"} for given in found)
    optional = {"type": "object", "properties": schema["properties"]}
    seen = {frozenset(given) for given in arguments(optional, 300)}
    assert {frozenset(), frozenset("a"), frozenset("d"), frozenset("abcd"), frozenset("bd")} <= seen


def test_strings_keep_to_their_length_and_hold_no_control_or_direction_marks() -> None:
    found = values({"type": "string", "minLength": 2, "maxLength": 5})
    assert {len(value) for value in found} == {2, 3, 4, 5}
    free = build_grammar([tool(having(value={"type": "string"}))], longest_string=7)
    assert '{0,7} "\\""' in free
    for value in values({"type": "string"}, 300):
        assert not any(ord(c) < 32 and c not in "\n\t" for c in value)
        assert not set(value) & {"\x7f", "\x85", "\u202e"}


def test_formats_are_exact() -> None:
    days = [date.fromisoformat(value) for value in values({"type": "string", "format": "date"}, 300)]
    assert len(set(days)) > 50
    assert any((day.month, day.day) == (2, 29) for day in days)
    for value in values({"type": "string", "format": "time"}):
        hour, _, minute = value.partition(":")
        assert (len(hour), len(minute)) == (2, 2)
        assert int(hour) < 24
        assert int(minute) < 60
    for value in values({"type": "string", "format": "mac"}):
        assert len(bytes.fromhex(value.replace(":", ""))) == 6
        assert value.count(":") == 5
    assert {ip_address(value).version for value in values({"type": "string", "format": "ip"})} == {4, 6}
    for value in values({"type": "string", "format": "ipv4"}):
        assert ip_address(value).version == 4


def test_every_day_of_the_calendar_and_no_other_is_a_date() -> None:
    import re

    pattern = re.compile(
        as_regex(check_grammar(build_grammar([tool(having(a={"format": "date", "type": "string"}))])), "date")
    )
    for year in (1900, 1904, 1999, 2000, 2023, 2024, 2096, 2099):
        for month in range(14):
            for day in range(34):
                text = f"{year}-{month:02}-{day:02}"
                try:
                    date(year, month, day)
                except ValueError:
                    assert not pattern.fullmatch(f'"{text}"'), text
                else:
                    assert pattern.fullmatch(f'"{text}"'), text


def as_regex(rules: dict[str, Group], hint: str) -> str:
    """Return the rule whose name begins with ``hint`` as a regular expression."""
    import re

    def convert(part: Part) -> str:
        match part:
            case Literal(text):
                return re.escape(text)
            case Name(name):
                return convert(rules[name])
            case Repeat(inner, least, most):
                return f"(?:{convert(inner)}){{{least},{most}}}"
            case Group(alternatives):
                return "(?:" + "|".join("".join(map(convert, sequence)) for sequence in alternatives) + ")"
            case Chars(negated, ranges):
                inside = "".join(f"{re.escape(chr(a))}-{re.escape(chr(b))}" for a, b in ranges)
                return f"[{'^' if negated else ''}{inside}]"

    return convert(rules[next(name for name in rules if name.startswith(hint))])


@settings(max_examples=150, deadline=None)
@given(st.integers(-3000, 3000), st.integers(0, 900))
def test_a_range_holds_its_integers_and_no_others(low: int, width: int) -> None:
    import re

    high = low + width
    pattern = re.compile(as_regex(check_grammar(f"root ::= {integers(low, high)}\n"), "root"))
    for value in {low - 11, low - 1, low, low + 1, (low + high) // 2, high - 1, high, high + 1, high + 11, 0}:
        assert bool(pattern.fullmatch(str(value))) == (low <= value <= high), value
    assert not pattern.fullmatch("-0")
    assert not pattern.fullmatch("00")


@settings(max_examples=100, deadline=None)
@given(st.floats(-300, 300), st.floats(1, 200))
def test_decimal_numbers_stay_between_their_bounds(low: float, width: float) -> None:
    high = low + width
    rules = check_grammar(f"root ::= {numbers(low, high)}\n")
    for seed in range(20):
        assert low <= float(write(rules, rules["root"], random.Random(seed))) <= high


def test_bounds_of_all_kinds_are_kept() -> None:
    assert set(values({"type": "integer", "minimum": 1, "maximum": 3})) == {1, 2, 3}
    assert set(values({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 3.5})) == {2, 3}
    assert set(values({"type": "integer", "minimum": 1.5, "maximum": 3.5})) == {2, 3}
    assert min(values({"type": "integer"}, 200)) < 0 < max(values({"type": "integer"}, 200))
    assert any(value % 1 for value in values({"type": "number", "minimum": -2, "maximum": 2}))


def test_listed_values_are_the_only_ones() -> None:
    listed: list[Any] = ["a", 'q"\\\n', "", "日", 7, None, True]
    found = values({"enum": listed}, 200)
    assert {json.dumps(value) for value in found} == {json.dumps(value) for value in listed}
    assert set(values({"type": "string", "enum": listed}, 100)) == {"a", 'q"\\\n', "", "日"}
    assert set(values({"const": 5})) == {5}


def test_arrays_keep_to_their_length() -> None:
    boolean = {"type": "boolean"}
    assert {len(v) for v in values({"type": "array", "items": boolean}, 300)} >= {0, 1, 2, 3, 4}
    assert {len(v) for v in values({"type": "array", "items": boolean, "minItems": 2, "maxItems": 3})} == {
        2,
        3,
    }
    assert {len(v) for v in values({"type": "array", "items": boolean, "minItems": 1, "maxItems": 1})} == {1}
    assert {len(v) for v in values({"type": "array", "items": boolean, "maxItems": 0})} == {0}
    assert {len(v) for v in values({"type": "array", "items": boolean, "minItems": 20})} == {20}


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ({"type": "string", "pattern": "a+"}, "value uses 'pattern'"),
        ({"type": "string", "minLength": 5000}, "'minLength' of 5000"),
        ({"type": "string", "minLength": 5, "maxLength": 4}, "'minLength' of 5"),
        ({"type": "string", "minLength": -1}, "'minLength' that is no count"),
        ({"type": "string", "format": "mac", "maxLength": 12}, "that its format does not keep to"),
        ({"type": "integer", "multipleOf": 3}, "uses 'multipleOf'"),
        ({"type": "integer", "minimum": 5, "maximum": 4}, "bounds that fit no number"),
        ({"type": "integer", "minimum": True}, "'minimum' that is no number"),
        ({"type": "number", "exclusiveMinimum": 0}, "uses 'exclusiveMinimum'"),
        ({"type": "number", "minimum": 0.2, "maximum": 0.8}, "bounds that fit no number"),
        ({"type": "array"}, "array without 'items'"),
        ({"type": "array", "items": {"type": "null"}, "uniqueItems": True}, "uses 'uniqueItems'"),
        ({"type": "array", "items": {"type": "null"}, "minItems": 3, "maxItems": 2}, "'minItems' of 3"),
        ({"type": "array", "items": {"oneOf": []}}, r"value\[\] states no type but uses 'oneOf'"),
        ({"type": "object", "properties": {"b": {"type": "text"}}}, "value.b is of the unknown type 'text'"),
        ({"type": "object", "required": ["b"]}, "'b' in 'required' but not in 'properties'"),
        (
            {"type": "object", "additionalProperties": {"type": "string"}},
            "'additionalProperties' with a schema",
        ),
        ({"type": "object", "patternProperties": {}}, "uses 'patternProperties'"),
        ({"$ref": "#/x", "type": "string"}, "uses '\\$ref'"),
        ({"type": ["string", "null"], "pattern": "a"}, "uses 'pattern'"),
        ({"anyOf": [{"type": "string"}], "minLength": 3}, "uses 'minLength'"),
        ({"anyOf": []}, "'anyOf' that is no list"),
        ({"enum": []}, "allows no value"),
        ({"enum": ["a"], "type": "integer"}, "allows no value"),
        ({"enum": ["\ud800"]}, "which JSON cannot carry"),
        ({}, "states no type"),
        (True, "states no schema"),
    ],
)
def test_a_keyword_that_no_answer_can_be_held_to_is_named(schema: Any, says: str) -> None:
    capability = tool(having(value=schema))
    with pytest.raises(ModelError, match=says) as caught:
        build_grammar([capability])
    assert str(caught.value).startswith("tool.do: input")
    assert "\n" not in str(caught.value)
    assert fitting([capability]) == ([], {"tool.do": str(caught.value).removeprefix("tool.do: ")})


def test_a_schema_nested_without_end_is_refused() -> None:
    schema: dict[str, Any] = {"type": "boolean"}
    for _ in range(60):
        schema = {"type": "array", "items": schema}
    assert "nested more than 8 deep" in fitting([tool(having(value=schema))])[1]["tool.do"]


def texts(name: str, shortest: int, longest: int) -> Capability:
    """A capability with a text argument of every length from ``shortest`` to ``longest``."""
    lengths = range(shortest, longest + 1)
    return tool(having(**{f"a{most}": {"type": "string", "maxLength": most} for most in lengths}), name)


def test_only_what_makes_a_grammar_too_large_is_left_out() -> None:
    too_large, first, second, small = (
        texts("all", 1, 400), texts("one", 1, 250), texts("two", 251, 350), texts("few", 1, 3)
    )  # fmt: skip
    kept, refused = fitting([too_large, first, second, small])
    assert kept == [first, small]
    build_grammar(kept)
    assert list(refused) == ["tool.all", "tool.two"]
    assert re.fullmatch(r"grammar: \d+ repetitions, more than 50000; .*", refused["tool.all"])
    assert re.fullmatch(r"beside the others: grammar: \d+ repetitions, .*", refused["tool.two"])
    assert fitting([second, first])[0] == [second]


NAMES = st.text(min_size=1, max_size=8)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.text(max_size=8), st.floats(-9, 9, width=16)
)


def ordered(name: str, low: int, high: int) -> st.SearchStrategy[dict[str, int]]:
    pair = st.tuples(st.integers(low, high), st.integers(low, high)).map(sorted)
    return pair.map(lambda found: {f"min{name}": found[0], f"max{name}": found[1]})


LEAVES = st.one_of(
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.lists(SCALARS, min_size=1, max_size=4).map(lambda found: {"enum": found}),
    SCALARS.map(lambda found: {"const": found}),
    ordered("imum", -5000, 5000).map(lambda bounds: {"type": "integer", **bounds}),
    ordered("imum", -5000, 5000).map(lambda bounds: {"type": "number", **bounds}),
    ordered("Length", 0, 12).map(lambda bounds: {"type": "string", **bounds}),
    st.sampled_from(["date", "time", "mac", "ip", "uuid", "date-time", "path", "odd"]).map(
        lambda form: {"type": "string", "format": form, "description": "d", "x-values": "m.n"}
    ),
    st.just({"type": ["string", "null"], "maxLength": 4}),
)


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    def make(properties: dict[str, Any], chosen: int) -> dict[str, Any]:
        required = [name for place, name in enumerate(properties) if chosen >> place & 1]
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    return st.builds(make, st.dictionaries(NAMES, inner, max_size=4), st.integers(0, 15))


SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        objects(inner),
        st.tuples(inner, ordered("Items", 0, 4)).map(lambda f: {"type": "array", "items": f[0], **f[1]}),
        st.lists(inner, min_size=1, max_size=3).map(lambda found: {"anyOf": found}),
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(schema=objects(SCHEMAS), name=NAMES)
def test_whatever_is_built_validates_llama_cpp_accepts_it_and_answers_fit_the_schema(
    llama_says: Says, schema: dict[str, Any], name: str
) -> None:
    capability = tool(schema, name)
    grammar = build_grammar([capability, tool({"type": "object"}, "other")])
    assert llama_says(grammar) == "accepted"
    validator = jsonschema.Draft202012Validator(schema)
    for answer in answers(grammar, 20):
        for call in answer.get("actions", ()):
            if call["capability"] == capability.full_name:
                validator.validate(call["arguments"])
