"""Small real models for tests: llama-shaped GGUF files with random weights, written here byte by byte."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

_F32, _STRING, _ARRAY = 0, 8, 9
_SCALARS = {bool: (7, "<?"), int: (5, "<i"), float: (6, "<f")}
_CONTROL, _NORMAL, _BYTE, _UNKNOWN = 3, 1, 6, 2


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def fact(key: str, value: Any) -> bytes:
    if isinstance(value, str):
        return text(key) + struct.pack("<I", _STRING) + text(value)
    if isinstance(value, list):
        if isinstance(value[0], str):
            head = struct.pack("<IIQ", _ARRAY, _STRING, len(value))
            return text(key) + head + b"".join(text(item) for item in value)
        number, form = _SCALARS[type(value[0])]
        head = struct.pack("<IIQ", _ARRAY, number, len(value))
        return text(key) + head + b"".join(struct.pack(form, item) for item in value)
    number, form = (4, "<I") if type(value) is int else _SCALARS[type(value)]
    return text(key) + struct.pack("<I", number) + struct.pack(form, value)


def vocabulary() -> tuple[list[str], list[int]]:
    """Every byte, some words that JSON answers are made of, and the special tokens of ChatML."""
    special = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]
    words = [
        '{"',
        '":',
        ' "',
        '"}',
        '", "',
        "actions",
        "none",
        "clarify",
        "▁",
        "▁the",
        "é",
        "日本",
        ' {"',
        "}]}",
    ]
    tokens = [*special, *(f"<0x{byte:02X}>" for byte in range(256)), *words]
    kinds = [_UNKNOWN, *[_CONTROL] * 4, *[_BYTE] * 256, *[_NORMAL] * len(words)]
    return tokens, kinds


def write_gguf(
    path: Path,
    facts: Mapping[str, Any],
    tensors: Sequence[tuple[str, Sequence[int], bytes]],
    version: int = 3,
) -> Path:
    """Write a GGUF file of 32-bit floats; a fact of None is left out."""
    given = {key: value for key, value in facts.items() if value is not None}
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(given))
    head += b"".join(fact(key, value) for key, value in given.items())
    body = b""
    for name, shape, data in tensors:
        head += text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        head += struct.pack("<IQ", _F32, len(body))
        body += data + bytes(-len(data) % 32)
    path.write_bytes(head + bytes(-len(head) % 32) + body)
    return path


def tiny(path: Path, seed: int = 0, context: int = 8192, spread: float = 0.6, **changed: Any) -> Path:
    """Write a model of two layers, 32 wide, whose weights are noise.

    ``changed`` overrides facts (None leaves one out); dots in their names are written as two underscores.
    """
    noise = random.Random(seed)
    width, hidden, layers = 32, 64, 2
    tokens, kinds = vocabulary()
    facts: dict[str, Any] = {
        "general.architecture": "llama",
        "general.name": "tiny noise",
        "llama.block_count": layers,
        "llama.context_length": context,
        "llama.embedding_length": width,
        "llama.feed_forward_length": hidden,
        "llama.attention.head_count": 4,
        "llama.attention.head_count_kv": 2,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": 8,
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.scores": [-float(index) for index in range(len(tokens))],
        "tokenizer.ggml.token_type": kinds,
        "tokenizer.ggml.unknown_token_id": 0,
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.add_bos_token": True,
        "tokenizer.ggml.add_space_prefix": False,
    }
    facts |= {name.replace("__", "."): value for name, value in changed.items()}

    def weights(*shape: int) -> tuple[tuple[int, ...], bytes]:
        count = 1
        for length in shape:
            count *= length
        return shape, struct.pack(f"<{count}f", *(noise.gauss(0, spread) for _ in range(count)))

    def ones(count: int) -> tuple[tuple[int, ...], bytes]:
        return (count,), struct.pack(f"<{count}f", *[1.0] * count)

    tensors = [("token_embd.weight", *weights(width, len(tokens))), ("output_norm.weight", *ones(width))]
    for layer in range(layers):
        for name, made in (
            ("attn_norm", ones(width)),
            ("attn_q", weights(width, width)),
            ("attn_k", weights(width, width // 2)),
            ("attn_v", weights(width, width // 2)),
            ("attn_output", weights(width, width)),
            ("ffn_norm", ones(width)),
            ("ffn_gate", weights(width, hidden)),
            ("ffn_up", weights(width, hidden)),
            ("ffn_down", weights(hidden, width)),
        ):
            tensors.append((f"blk.{layer}.{name}.weight", *made))
    return write_gguf(path, facts, tensors)


@pytest.fixture
def write_tiny(tmp_path: Path) -> Callable[..., Path]:
    """Write a tiny model: ``write_tiny(name="tiny.gguf", seed=0, context=8192, **facts)``."""

    def write(name: str = "tiny.gguf", **options: Any) -> Path:
        return tiny(tmp_path / name, **options)

    return write


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One tiny model for all tests that only need some model."""
    return tiny(tmp_path_factory.mktemp("models") / "tiny.gguf")
