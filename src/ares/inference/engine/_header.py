"""GGUF files, read without llama.cpp: what a model is, and whether its file can be what it says.

llama.cpp trusts a model file more than a file from somewhere deserves: it may abort the whole process on
numbers that contradict each other. They are checked here first. ggml's ``docs/gguf.md`` describes the format.
"""

from __future__ import annotations

import math
import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from ares.errors import ModelError
from ares.textfile import open_regular

Fact: TypeAlias = "bool | int | float | str"

_SCALARS: Final = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_STRING: Final = 8
_ARRAY: Final = 9

_MAX_KEY: Final = 65_535
_MAX_TEXT: Final = 1 << 20
_MAX_DIMENSIONS: Final = 4
_MAX_ELEMENTS: Final = 1 << 62
# Longer arrays (vocabularies, scores) are only measured; nothing here needs their members.
_KEPT_ARRAY: Final = 1024
_LARGEST_BLOCK_COUNT: Final = 512


class TensorType(NamedTuple):
    """How a tensor is stored: ``block`` numbers at a time in ``size`` bytes."""

    name: str
    block: int
    size: int


TENSOR_TYPES: Final[Mapping[int, TensorType]] = {
    number: TensorType(*facts)
    for number, facts in {
        0: ("F32", 1, 4),
        1: ("F16", 1, 2),
        2: ("Q4_0", 32, 18),
        3: ("Q4_1", 32, 20),
        6: ("Q5_0", 32, 22),
        7: ("Q5_1", 32, 24),
        8: ("Q8_0", 32, 34),
        9: ("Q8_1", 32, 36),
        10: ("Q2_K", 256, 84),
        11: ("Q3_K", 256, 110),
        12: ("Q4_K", 256, 144),
        13: ("Q5_K", 256, 176),
        14: ("Q6_K", 256, 210),
        15: ("Q8_K", 256, 292),
        16: ("IQ2_XXS", 256, 66),
        17: ("IQ2_XS", 256, 74),
        18: ("IQ3_XXS", 256, 98),
        19: ("IQ1_S", 256, 50),
        20: ("IQ4_NL", 32, 18),
        21: ("IQ3_S", 256, 110),
        22: ("IQ2_S", 256, 82),
        23: ("IQ4_XS", 256, 136),
        24: ("I8", 1, 1),
        25: ("I16", 1, 2),
        26: ("I32", 1, 4),
        27: ("I64", 1, 8),
        28: ("F64", 1, 8),
        29: ("IQ1_M", 256, 56),
        30: ("BF16", 1, 2),
        34: ("TQ1_0", 256, 54),
        35: ("TQ2_0", 256, 66),
        39: ("MXFP4", 32, 17),
    }.items()
}
"""The tensor types of ggml by number."""

# llama.cpp has no product of numbers with these and would call a function that is not there.
_NO_WEIGHTS: Final = frozenset({"I8", "I16", "I32", "I64", "F64", "Q8_1", "Q8_K"})


@dataclass(frozen=True, slots=True)
class Array:
    """An array of the header: how long it is, of what, and its numbers when there are few."""

    length: int
    type: int
    numbers: tuple[int | float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a GGUF file says about its model.

    ``size`` is that of the file in bytes, ``context`` the longest text in tokens it was trained on,
    ``quantisation`` the type of most of its bytes; ``chat_template`` is Jinja source or empty.
    """

    path: Path
    size: int
    version: int
    architecture: str
    name: str
    parameters: int
    layers: int
    context: int
    vocabulary: int
    quantisation: str
    chat_template: str
    facts: Mapping[str, Fact] = field(repr=False)
    arrays: Mapping[str, Array] = field(repr=False)

    def cache_bytes(self, context: int) -> int:
        """Return how much memory the keys and values of ``context`` tokens take, at two bytes a number.

        An upper estimate for models that attend to the last few tokens only, or to none.
        """
        heads = self._number("attention.head_count", 1)
        width = self._number("embedding_length", 0) // max(heads, 1)
        key = self._number("attention.key_length", width)
        value = self._number("attention.value_length", width)
        kept = f"{self.architecture}.attention.head_count_kv"
        if kept in self.arrays:
            over_layers = int(sum(self.arrays[kept].numbers))
        else:
            over_layers = self.layers * self._number("attention.head_count_kv", heads)
        return 2 * context * over_layers * (key + value)

    def _number(self, key: str, default: int) -> int:
        found = self.facts.get(f"{self.architecture}.{key}", default)
        return found if isinstance(found, int) else default


def read_header(path: Path) -> Header:
    """Read the header of a GGUF file and check it against the file.

    Raises :class:`ModelError` for a file that is missing, unreadable, cut off, not GGUF, not a model that
    generates text, or whose numbers contradict each other.
    """
    try:
        with open_regular(path) as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _header(path, _Cursor(path, data))
    except FileNotFoundError:
        raise ModelError(
            f"{path}: there is no such file; `ares models list` names those that are known"
        ) from None
    except IsADirectoryError:
        raise ModelError(f"{path}: this is a folder; name the GGUF file in it") from None
    except OSError as error:
        raise ModelError(
            f"{path}: cannot be read ({error.strerror or error}); name a GGUF file that you may read"
        ) from error
    except ValueError as error:
        if "empty" not in str(error):
            raise
        raise ModelError(f"{path}: the file is empty; fetch it again") from None


class _Cursor:
    """Reads the header from front to back and never past the end of the file."""

    def __init__(self, path: Path, data: mmap.mmap) -> None:
        self.path = path
        self.data = data
        self.size = len(data)
        self.at = 0
        self.tokens: set[bytes] = set()

    def fail(self, what: str) -> ModelError:
        return ModelError(f"{self.path}: damaged GGUF file, {what}; fetch it again")

    def take(self, count: int) -> int:
        """Move on by ``count`` bytes and return where they begin."""
        start = self.at
        if count > self.size - start:
            raise ModelError(
                f"{self.path}: the file ends within its header, at byte {self.size}: cut off, fetch it again"
            )
        self.at = start + count
        return start

    def number(self, form: str) -> int:
        value: int = struct.unpack_from(form, self.data, self.take(struct.calcsize(form)))[0]
        return value

    def scalar(self, type_number: int) -> Fact:
        if type_number == _STRING:
            return self.text(_MAX_TEXT)
        form = _SCALARS[type_number]
        value: bool | int | float = struct.unpack_from(form, self.data, self.take(struct.calcsize(form)))[0]
        return value

    def text(self, longest: int) -> str:
        length = self.number("<Q")
        if length > longest:
            raise self.fail(f"a text of {length} bytes at byte {self.at}")
        start = self.take(length)
        return self.data[start : start + length].decode("utf-8", "replace")

    def array(self, key: str) -> Array:
        type_number, length = self.number("<I"), self.number("<Q")
        if type_number == _STRING:
            self._skip_texts(length, distinct=key == "tokenizer.ggml.tokens")
            return Array(length, type_number)
        if type_number not in _SCALARS:
            raise self.fail(f"an array of the unknown type {type_number} at byte {self.at}")
        form = _SCALARS[type_number]
        start = self.take(length * struct.calcsize(form))
        if length > _KEPT_ARRAY:
            return Array(length, type_number)
        return Array(length, type_number, struct.unpack_from(f"<{length}{form[1]}", self.data, start))

    def _skip_texts(self, count: int, *, distinct: bool) -> None:
        # A vocabulary has hundreds of thousands of these, hence the local names.
        data, at, last = self.data, self.at, self.size - 8
        read = struct.Struct("<Q").unpack_from
        seen = self.tokens
        repeated = cut = 0
        for number in range(count):
            if at > last:
                at = self.size + 1
                break
            start = at + 8
            at = start + read(data, at)[0]
            if distinct:
                # llama.cpp reads a token up to its first NUL, gives an empty one this name, and aborts when
                # two are alike.
                text = data[start:at] or b"[EMPTY_%d]" % number
                repeated += text in seen
                cut += b"\0" in text
                seen.add(text)
        self.take(at - self.at)
        if cut:
            raise self.fail(f"{cut} tokens of its vocabulary have a NUL character in them")
        if repeated:
            raise self.fail(f"{repeated} tokens of its vocabulary stand there twice")


def _header(path: Path, cursor: _Cursor) -> Header:
    version = _version(cursor)
    tensor_count, fact_count = cursor.number("<Q"), cursor.number("<Q")
    facts, arrays = _facts(cursor, fact_count)
    architecture = facts.get("general.architecture")
    if not isinstance(architecture, str) or not architecture.isprintable() or not architecture:
        raise cursor.fail("it does not name its architecture")
    kind = facts.get("general.type", "model")
    if kind != "model":
        raise ModelError(
            f"{path}: holds {str(kind)[:40]!r}, not a model of its own; name the file of the model itself"
        )
    parameters, quantisation = _tensors(cursor, tensor_count, _alignment(cursor, facts))
    _check_numbers(cursor, architecture, facts, arrays)
    tokens = arrays.get("tokenizer.ggml.tokens")
    assert tokens is not None
    name, template = facts.get("general.name", ""), facts.get("tokenizer.chat_template", "")
    return Header(
        path=path,
        size=cursor.size,
        version=version,
        architecture=architecture,
        name=str(name),
        parameters=parameters,
        layers=_positive(cursor, facts, f"{architecture}.block_count"),
        context=_positive(cursor, facts, f"{architecture}.context_length"),
        vocabulary=tokens.length,
        quantisation=quantisation,
        chat_template=str(template),
        facts=facts,
        arrays=arrays,
    )


def _version(cursor: _Cursor) -> int:
    magic = cursor.data[:4]
    if magic != b"GGUF":
        raise ModelError(
            f"{cursor.path}: not a GGUF model (it begins with {magic!r}); other formats are converted with"
            " llama.cpp's convert_hf_to_gguf.py"
        )
    cursor.take(4)
    version = cursor.number("<I")
    if version & 0xFFFF == 0:
        raise ModelError(f"{cursor.path}: a GGUF file for big-endian machines; fetch the little-endian one")
    if version not in (2, 3):
        raise ModelError(
            f"{cursor.path}: GGUF version {version} is not known here (2 and 3 are); convert it again"
        )
    return version


def _facts(cursor: _Cursor, count: int) -> tuple[dict[str, Fact], dict[str, Array]]:
    facts: dict[str, Fact] = {}
    arrays: dict[str, Array] = {}
    for _ in range(count):
        key = cursor.text(_MAX_KEY)
        if not key or key in facts or key in arrays:
            raise cursor.fail(f"the key {key[:80]!r} is empty or said twice")
        type_number = cursor.number("<I")
        if type_number == _ARRAY:
            arrays[key] = cursor.array(key)
        elif type_number == _STRING or type_number in _SCALARS:
            facts[key] = cursor.scalar(type_number)
        else:
            raise cursor.fail(f"{key[:80]!r} is of the unknown type {type_number}")
    return facts, arrays


def _alignment(cursor: _Cursor, facts: Mapping[str, Fact]) -> int:
    alignment = facts.get("general.alignment", 32)
    if type(alignment) is not int or alignment < 8 or alignment & (alignment - 1) or alignment > 1 << 20:
        raise cursor.fail(f"an alignment of {alignment!r} bytes")
    return alignment


def _tensors(cursor: _Cursor, count: int, alignment: int) -> tuple[int, str]:
    """Check every tensor against the file; return the number of parameters and the prevalent type."""
    names: set[str] = set()
    placed: list[tuple[int, int, str]] = []
    bytes_of: dict[str, int] = {}
    parameters = 0
    for _ in range(count):
        name = cursor.text(_MAX_KEY)
        dimensions = cursor.number("<I")
        if name in names or not 1 <= dimensions <= _MAX_DIMENSIONS:
            raise cursor.fail(f"the tensor {name[:80]!r} is said twice or has {dimensions} dimensions")
        names.add(name)
        shape = [cursor.number("<Q") for _ in range(dimensions)]
        stored = TENSOR_TYPES.get(number := cursor.number("<I"))
        if stored is None or stored.name in _NO_WEIGHTS:
            shown = stored.name if stored else f"type {number}"
            raise ModelError(
                f"{cursor.path}: the tensor {name[:80]!r} is stored as {shown}, which cannot be run"
            )
        elements = 1
        for length in shape:
            elements *= length
        if not 0 < elements < _MAX_ELEMENTS or shape[0] % stored.block:
            raise cursor.fail(f"the tensor {name[:80]!r} has the impossible shape {shape}")
        size = elements // stored.block * stored.size
        placed.append((cursor.number("<Q"), size, name))
        parameters += elements
        bytes_of[stored.name] = bytes_of.get(stored.name, 0) + size
    if not placed:
        raise cursor.fail("it holds no tensors")
    _check_places(cursor, placed, alignment)
    return parameters, max(bytes_of, key=lambda name: bytes_of[name])


def _check_places(cursor: _Cursor, placed: list[tuple[int, int, str]], alignment: int) -> None:
    start = -(-cursor.at // alignment) * alignment
    free = 0
    for offset, size, name in sorted(placed):
        if offset % alignment or offset < free:
            raise cursor.fail(
                f"the tensor {name[:80]!r} lies at {offset}, across another or off its alignment"
            )
        free = offset + size
        if start + free > cursor.size:
            raise ModelError(
                f"{cursor.path}: the file has {cursor.size} bytes, its tensors need at least {start + free};"
                " it was cut off, fetch it again"
            )


def _check_numbers(
    cursor: _Cursor, architecture: str, facts: Mapping[str, Fact], arrays: Mapping[str, Array]
) -> None:
    """Check the numbers that llama.cpp divides by, multiplies or indexes with."""
    if facts.get(f"{architecture}.attention.causal", True) is False:
        raise ModelError(
            f"{cursor.path}: {architecture} models embed text and write none; choose one that generates"
        )
    for key in ("embedding_length", "context_length"):
        _positive(cursor, facts, f"{architecture}.{key}")
    if _positive(cursor, facts, f"{architecture}.block_count") > _LARGEST_BLOCK_COUNT:
        raise cursor.fail(f"it claims more than {_LARGEST_BLOCK_COUNT} layers")
    for key, value in facts.items():
        if isinstance(value, float) and not (math.isfinite(value) and value >= 0):
            raise cursor.fail(f"{key[:80]} is {value}")
    tokens = arrays.get("tokenizer.ggml.tokens")
    if tokens is None or tokens.type != _STRING or not tokens.length:
        raise ModelError(
            f"{cursor.path}: the file has no vocabulary, so it cannot write text; fetch a complete model"
        )
    if (
        facts.get("tokenizer.ggml.model") == "llama"
        and not {b"<0x%02X>" % byte for byte in range(256)} <= cursor.tokens
    ):
        raise cursor.fail("its vocabulary cannot spell every byte")
    for key in ("tokenizer.ggml.scores", "tokenizer.ggml.token_type"):
        if key in arrays and arrays[key].length != tokens.length:
            raise cursor.fail(f"{key} has {arrays[key].length} members for {tokens.length} tokens")
    for key, value in facts.items():
        outside = isinstance(value, int) and not isinstance(value, bool) and not 0 <= value < tokens.length
        if key.startswith("tokenizer.ggml.") and key.endswith("_token_id") and outside:
            raise cursor.fail(f"{key} is {value} among {tokens.length} tokens")


def _positive(cursor: _Cursor, facts: Mapping[str, Fact], key: str) -> int:
    value = facts.get(key)
    if type(value) is not int or not 0 < value < 1 << 31:
        said = "missing" if value is None else repr(value)[:40]
        raise cursor.fail(f"{key[:80]} is {said}")
    return value
