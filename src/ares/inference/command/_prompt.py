"""How a list of tools and a request become the command model's tokens.

One line a tool, description first so that the name has read it when it is copied:

    move a file<|example|> put<|a|> into<|b|><|name|> files move<|a|> source<|path|><|b|> destination<|path|>

closed by ``<|line|>``, then ``<|request|> move it all to downloads<|name|>``. The answer is the name of the
chosen tool (or ``<|none|>``), for each argument its letter and a value copied token by token from the
request, and ``<|end|>``. Text is folded to lower case without accents, character by character, so that
positions in the folded text are positions in the request.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Final

MAX_TOOLS: Final = 16
MAX_ARGUMENTS: Final = 8
MAX_CHOICES: Final = 8
MAX_REQUEST_ATOMS: Final = 240
_MAX_DESCRIPTION_ATOMS: Final = 24
_MAX_EXAMPLE_ATOMS: Final = 18
_MAX_NAME_ATOMS: Final = 8
_MAX_ATOM_TOKENS: Final = 24
_MAX_TEXT_TOKENS: Final = 56  # of description and example in a line
_MAX_LINE_TOKENS: Final = 100
_MAX_REQUEST_TOKENS: Final = 360
CONTEXT_TOKENS: Final = 2560
"""What the longest prompt with the longest answer needs."""


KINDS: Final = ("path", "number", "duration", "time", "date", "zone", "mac", "ip", "url", "email", "choice")
TEXT_KIND: Final = "text"

SPECIALS: Final = (
    "<|none|>",
    "<|end|>",
    "<|request|>",
    "<|example|>",
    "<|name|>",
    "<|optional|>",
    "<|or|>",
    "<|missing|>",
    "<|line|>",
    *(f"<|{kind}|>" for kind in KINDS),
    *(f"<|{letter}|>" for letter in "abcdefgh"),
)
"""Special tokens; the position in this tuple is the token id, in training and in the shipped file."""

NONE, END, REQUEST, EXAMPLE, NAME, OPTIONAL, OR, MISSING, LINE = range(9)
_KIND_IDS: Final = {kind: 9 + index for index, kind in enumerate(KINDS)}
ARGUMENT_IDS: Final = tuple(range(9 + len(KINDS), 9 + len(KINDS) + MAX_ARGUMENTS))

_ATOM: Final = re.compile(r"'(?:s|t|re|ve|m|ll|d)(?![^\W_])| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)|\s")
_SLOT: Final = re.compile(r"\{([A-Za-z0-9_]+)\}")
_WORD_BREAK: Final = re.compile(r"[\s._\-/:]+")
_FORMAT_KINDS: Final = {"uri": "url", "ipv4": "ip", "ipv6": "ip", "date-time": "time"}

Tokenize = Callable[[bytes], list[int]]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument as the model sees it: ``kind`` is a word of `KINDS`, anything else is shown as plain text;
    ``choices`` are the only values allowed, in the schema's spelling."""

    name: str
    kind: str = TEXT_KIND
    required: bool = True
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tool:
    """One capability as the model sees it. ``example`` is a phrase with ``{argument}`` slots, best the one
    closest to the request; it may be empty, and so may the description."""

    name: str
    description: str
    arguments: tuple[Argument, ...] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class Atom:
    """A word, number or sign of the request: ``start`` and ``end`` are character positions (a leading space
    is not counted), ``tokens`` its token ids (which hold the leading space)."""

    start: int
    end: int
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """``tokens`` up to and including ``<|answer|>``; ``atoms`` of the request, from which values are
    copied."""

    tokens: list[int]
    atoms: tuple[Atom, ...]


def tool_from_schema(name: str, description: str, schema: Mapping[str, Any], example: str = "") -> Tool:
    """The view of a capability whose input is the JSON Schema ``schema`` (an object with properties).
    Required arguments come first when there are more than `MAX_ARGUMENTS`; the others are then left out."""
    required = set(schema.get("required", ()))
    properties: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    arguments = [_argument(key, value, key in required) for key, value in properties.items()]
    if len(arguments) > MAX_ARGUMENTS:
        kept = sorted(arguments, key=lambda argument: not argument.required)[:MAX_ARGUMENTS]
        arguments = [argument for argument in arguments if argument in kept]
    return Tool(name, description, tuple(arguments), example)


def _argument(name: str, schema: Mapping[str, Any], required: bool) -> Argument:
    kind = schema.get("type")
    if "enum" in schema:
        return Argument(name, "choice", required, tuple(str(value) for value in schema["enum"]))
    if kind == "boolean":
        return Argument(name, "choice", required, ("true", "false"))
    if kind in ("integer", "number"):
        return Argument(name, "number", required)
    shape = str(schema.get("format", TEXT_KIND))
    return Argument(name, _FORMAT_KINDS.get(shape, shape), required)


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    if character.isspace():
        return " "
    if character in "\u2018\u2019\u201b\u00b4`":
        return "'"
    if character in "\u201c\u201d\u201e\u00ab\u00bb":
        return '"'
    base = unicodedata.normalize("NFKD", character)[:1].lower()
    if len(base) == 1 and base.isascii() and base.isprintable():
        return base
    lower = character.lower()
    return lower if len(lower) == 1 else character


def fold(text: str) -> str:
    """``text`` in lower case, without accents, with plain quotes and spaces; always of the same length."""
    if text.isascii():
        return text.lower().translate(_ASCII_SPACES)
    return "".join(map(_fold_character, text))


_ASCII_SPACES: Final = {9: " ", 10: " ", 11: " ", 12: " ", 13: " ", 96: "'"}


class Encoder:
    """Turns tools and requests into token ids; remembers the ids of every word it has seen.

    ``tokenize`` maps UTF-8 bytes to token ids without adding or parsing special tokens."""

    def __init__(self, tokenize: Tokenize) -> None:
        self._tokenize = tokenize
        self._known: dict[str, tuple[int, ...]] = {}

    def _ids(self, atom: str) -> tuple[int, ...]:
        ids = self._known.get(atom)
        if ids is None:
            found = self._tokenize(atom.encode("utf-8", "replace"))
            ids = self._known[atom] = tuple(found[:_MAX_ATOM_TOKENS])
        return ids

    def text(self, text: str, limit: int = 1 << 30) -> list[int]:
        """The ids of at most ``limit`` words of ``text``, which starts as if a space stood before it."""
        ids: list[int] = []
        words = (match[0] for match in _ATOM.finditer(" " + fold(text)) if match[0] != " ")
        for word in islice(words, limit):
            ids.extend(self._ids(word))
        return ids

    def words(self, identifier: str, limit: int = _MAX_NAME_ATOMS) -> list[int]:
        """The ids of an identifier (``disk.usage``, ``room_name``, ``isOpen``) read as words."""
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", identifier)
        return self.text(_WORD_BREAK.sub(" ", spaced.replace("_", " ")), limit)

    def atoms(self, request: str) -> tuple[Atom, ...]:
        """The words of ``request`` with their places. Of a very long request only the
        beginning is read (at most `MAX_REQUEST_ATOMS`), and its last word stands for all the rest."""
        atoms: list[Atom] = []
        tokens = 0
        for match in _ATOM.finditer(" " + fold(request)):
            if match[0] == " ":
                continue
            start = match.start() + (match[0][0] == " ")
            atoms.append(Atom(start - 1, match.end() - 1, self._ids(match[0])))
            tokens += len(atoms[-1].tokens)
            if len(atoms) == MAX_REQUEST_ATOMS or tokens > _MAX_REQUEST_TOKENS:
                atoms[-1] = Atom(start - 1, len(request), atoms[-1].tokens)
                break
        return tuple(atoms)

    def line(self, tool: Tool) -> list[int]:
        """The line of ``tool``."""
        arguments = tool.arguments[:MAX_ARGUMENTS]
        ids = self.text(tool.description, _MAX_DESCRIPTION_ATOMS)
        if tool.example:
            ids += [EXAMPLE, *self._example(tool.example, [argument.name for argument in arguments])]
        del ids[_MAX_TEXT_TOKENS:]
        ids += [NAME, *self.name(tool)]
        for letter, argument in zip(ARGUMENT_IDS, arguments, strict=False):
            ids += [letter, *self._described(argument)]
        del ids[_MAX_LINE_TOKENS:]
        return [*ids, LINE]

    def name(self, tool: Tool) -> list[int]:
        """The ids of the tool's name, in its line and in an answer."""
        return self.words(tool.name)[:_MAX_ATOM_TOKENS]

    def _example(self, phrase: str, names: Sequence[str]) -> list[int]:
        ids: list[int] = []
        left = _MAX_EXAMPLE_ATOMS
        for index, part in enumerate(_SLOT.split(phrase)):
            if index % 2 == 0:
                ids += self.text(part, left)
                left -= len(part.split())
            elif part in names:
                ids.append(ARGUMENT_IDS[names.index(part)])
            if left <= 0:
                break
        return ids

    def _described(self, argument: Argument) -> Iterable[int]:
        yield from self.words(argument.name, 4)
        if argument.kind in _KIND_IDS:
            yield _KIND_IDS[argument.kind]
        for index, choice in enumerate(argument.choices[:MAX_CHOICES]):
            if index:
                yield OR
            yield from self.words(choice, 3)
        if not argument.required:
            yield OPTIONAL

    def choices(self, argument: Argument) -> list[tuple[int, ...]]:
        """The ids of every choice of ``argument``, as they stand in the line and in an answer."""
        return [tuple(self.words(choice, 3)) for choice in argument.choices]


def render(encoder: Encoder, tools: Sequence[Tool], request: str) -> Prompt:
    """The prompt that offers ``tools`` (1 to `MAX_TOOLS`) for ``request``."""
    if not 1 <= len(tools) <= MAX_TOOLS:
        raise ValueError(f"1 to {MAX_TOOLS} tools can be offered, not {len(tools)}")
    tokens: list[int] = []
    for tool in tools:
        tokens += encoder.line(tool)
    atoms = encoder.atoms(request)
    tokens.append(REQUEST)
    for atom in atoms:
        tokens += atom.tokens
    tokens.append(NAME)
    return Prompt(tokens, atoms)
