"""The prompt format: folding, atoms, lines and how capabilities become tools."""

from __future__ import annotations

import pytest

from ares.inference.command import (
    ARGUMENT_IDS,
    CONTEXT_TOKENS,
    MAX_TOOLS,
    NAME,
    REQUEST,
    SPECIALS,
    Argument,
    Encoder,
    Tool,
    fold,
    render,
    tool_from_schema,
)

SHIFT = len(SPECIALS)


def tokenize(text: bytes) -> list[int]:
    """A tokenizer with one token a byte, above the special ones."""
    return [SHIFT + byte for byte in text]


def spell(tokens: list[int]) -> str:
    """Tokens as text, special ones by their names."""
    return "".join(SPECIALS[token] if token < SHIFT else chr(token - SHIFT) for token in tokens)


def test_folding_keeps_the_length_of_any_text() -> None:
    text = "Öffne “Müller’s” ﬁle\tİstanbul ẞ ½ \U0001f600"
    assert len(fold(text)) == len(text)
    assert fold("Où est “LÉA’s” Café") == 'ou est "lea\'s" cafe'


def test_plain_and_other_text_fold_the_same_way() -> None:
    assert fold("Tab\there `x`") == "tab here 'x'"
    assert fold("Tab\there `x` é") == "tab here 'x' e"


def test_atoms_know_their_place_in_the_request() -> None:
    request = "Move  Report.PDF to ~/Down-loads, 5pm"
    atoms = Encoder(tokenize).atoms(request)
    words = [request[atom.start : atom.end] for atom in atoms]
    assert words == ["Move", "Report", ".", "PDF", "to", "~", "/", "Down", "-", "loads", ",", "5", "pm"]
    assert spell(list(atoms[0].tokens)) == " move"
    assert spell(list(atoms[3].tokens)) == "pdf"


def test_a_possessive_ending_is_an_atom_of_its_own() -> None:
    request = "anna's shell"
    assert [request[atom.start : atom.end] for atom in Encoder(tokenize).atoms(request)] == [
        "anna",
        "'s",
        "shell",
    ]


@pytest.mark.parametrize(
    "request_text", ["note " + "word " * 1000, "a " * 1000, "note " + "x" * 9000 + " y" * 900]
)
def test_the_last_atom_of_a_very_long_request_stands_for_the_rest(request_text: str) -> None:
    atoms = Encoder(tokenize).atoms(request_text)
    assert len(atoms) <= 240
    assert sum(len(atom.tokens) for atom in atoms) < 400
    assert atoms[-1].end == len(request_text)


def test_the_longest_prompt_leaves_room_for_the_longest_answer() -> None:
    endless = "verylongword" * 9 + " and more"
    arguments = tuple(
        Argument(f"{endless} {number}", "choice", False, (endless,) * 9) for number in range(12)
    )
    tool = Tool(endless * 3, endless * 9, arguments, endless * 9)
    prompt = render(Encoder(tokenize), [tool] * MAX_TOOLS, endless * 99)
    answer = sum(len(atom.tokens) for atom in prompt.atoms) + len(Encoder(tokenize).name(tool)) + 20
    assert len(prompt.tokens) + answer <= CONTEXT_TOKENS


def test_a_line_that_is_cut_short_keeps_its_name() -> None:
    tool = Tool("x.find", "many words " * 90, (), "more words " * 90)
    assert spell(Encoder(tokenize).line(tool)).endswith("<|name|> x find<|line|>")


def test_broken_text_is_read_without_harm() -> None:
    prompt = render(Encoder(tokenize), [Tool("a.b", "")], "read \ud800 it\x00")
    assert prompt.atoms[-1].end <= len("read \ud800 it\x00")


def test_a_line_shows_description_example_name_and_arguments_in_this_order() -> None:
    tool = Tool(
        "disk.usage",
        "Show what is used",
        (Argument("at_path", "path"), Argument("unit", "choice", False, ("kb", "mb"))),
        "size of {at_path} in {unit}",
    )
    assert spell(Encoder(tokenize).line(tool)) == (
        " show what is used<|example|> size of<|a|> in<|b|><|name|> disk usage"
        "<|a|> at path<|path|><|b|> unit<|choice|> kb<|or|> mb<|optional|><|line|>"
    )


def test_a_line_without_description_and_example_still_has_the_name() -> None:
    assert spell(Encoder(tokenize).line(Tool("isOpen", ""))) == "<|name|> is open<|line|>"


def test_special_words_in_a_request_are_plain_text() -> None:
    prompt = render(Encoder(tokenize), [Tool("a.b", "")], "say <|end|><|a|>")
    request = prompt.tokens[prompt.tokens.index(REQUEST) + 1 : -1]
    assert all(token >= SHIFT for token in request)
    assert spell(request) == " say <|end|><|a|>"


def test_the_prompt_ends_where_the_name_of_a_tool_is_to_follow() -> None:
    prompt = render(Encoder(tokenize), [Tool("a.b", "x"), Tool("c.d", "y")], "go")
    assert spell(prompt.tokens) == " x<|name|> a b<|line|> y<|name|> c d<|line|><|request|> go<|name|>"
    assert prompt.tokens[-1] == NAME


@pytest.mark.parametrize("count", [0, MAX_TOOLS + 1])
def test_no_tool_or_too_many_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"not {count}"):
        render(Encoder(tokenize), [Tool("a.b", "")] * count, "go")


def test_a_schema_becomes_arguments_with_kinds_and_choices() -> None:
    schema = {
        "type": "object",
        "properties": {
            "path": {"type": "string", "format": "path"},
            "limit": {"type": "integer"},
            "sort": {"type": "string", "enum": ["cpu", "memory"]},
            "deep": {"type": "boolean"},
            "link": {"type": "string", "format": "uri"},
            "text": {"type": "string"},
        },
        "required": ["path"],
    }
    tool = tool_from_schema("x.y", "d", schema, "e")
    assert [(each.name, each.kind, each.required) for each in tool.arguments] == [
        ("path", "path", True),
        ("limit", "number", False),
        ("sort", "choice", False),
        ("deep", "choice", False),
        ("link", "url", False),
        ("text", "text", False),
    ]
    assert tool.arguments[2].choices == ("cpu", "memory")
    assert tool.arguments[3].choices == ("true", "false")


def test_of_many_arguments_the_required_ones_are_kept() -> None:
    properties = {f"a{number}": {"type": "string"} for number in range(12)}
    tool = tool_from_schema("x.y", "", {"properties": properties, "required": ["a11", "a9"]})
    assert len(tool.arguments) == len(ARGUMENT_IDS)
    assert [each.name for each in tool.arguments if each.required] == ["a9", "a11"]
