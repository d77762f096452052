from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ares.errors import ModelError
from ares.inference.engine import TENSOR_TYPES, read_header

Write = Callable[..., Path]


def edited(path: Path, after: bytes, form: str, value: Any, skip: int = 0) -> Path:
    """Overwrite what stands ``skip`` bytes behind the first ``after``."""
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, data.index(after) + len(after) + skip, value)
    path.write_bytes(data)
    return path


def test_a_header_says_what_the_model_is(write_tiny: Write) -> None:
    path = write_tiny(tokenizer__chat_template="{{ messages }}")
    header = read_header(path)
    assert (header.architecture, header.name, header.version) == ("llama", "tiny noise", 3)
    assert (header.layers, header.context, header.quantisation) == (2, 8192, "F32")
    assert header.chat_template == "{{ messages }}"
    per_layer = 32 + 32 * 32 + 2 * 32 * 16 + 32 * 32 + 32 + 3 * 32 * 64
    assert header.parameters == header.vocabulary * 32 + 32 + 2 * per_layer
    assert header.size == path.stat().st_size


def test_the_cache_is_counted_in_two_byte_keys_and_values_of_every_layer(tiny_model: Path) -> None:
    assert read_header(tiny_model).cache_bytes(100) == 100 * 2 * (2 * 8 + 2 * 8) * 2


def test_the_table_of_tensor_types_is_that_of_ggml(tiny_model: Path) -> None:
    from ares.inference.engine._log import llama

    llama()
    import llama_cpp

    libraries = sorted((Path(llama_cpp.__file__).parent / "lib").glob("libggml-base*"))
    ggml = ctypes.CDLL(str(libraries[0]))
    ggml.ggml_type_size.restype = ctypes.c_size_t
    ggml.ggml_blck_size.restype = ctypes.c_int64
    ggml.ggml_type_name.restype = ctypes.c_char_p
    for number, known in TENSOR_TYPES.items():
        assert (ggml.ggml_type_size(number), ggml.ggml_blck_size(number)) == (known.size, known.block), known
        assert ggml.ggml_type_name(number).decode().upper() == known.name.upper()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"GG", "not a GGUF model"),
        (b"PK\x03\x04 some archive", "not a GGUF model"),
        (b"GGUF", "ends within its header"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "GGUF version 1"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big-endian"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1 << 60), "ends within its header"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "does not name its architecture"),
    ],
)
def test_what_is_no_model_is_refused_in_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=says) as caught:
        read_header(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such file"):
        read_header(tmp_path / "gone.gguf")
    with pytest.raises(ModelError, match="this is a folder"):
        read_header(tmp_path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    with pytest.raises(ModelError, match=r"it is a pipe or a device\); name a GGUF file"):
        read_header(tmp_path / "pipe.gguf")


def test_a_model_cut_off_anywhere_is_refused(write_tiny: Write) -> None:
    path = write_tiny()
    whole = path.read_bytes()
    for length in range(1, len(whole), len(whole) // 97):
        path.write_bytes(whole[:length])
        with pytest.raises(ModelError, match=r"cut off|not a GGUF"):
            read_header(path)
    # Only the padding behind the last tensor may lack.
    path.write_bytes(whole[:-1])
    with pytest.raises(ModelError, match="cut off"):
        read_header(path)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"general__architecture": None}, "does not name its architecture"),
        ({"general__type": "adapter"}, "not a model of its own"),
        ({"general__alignment": 48}, "alignment of 48"),
        ({"llama__block_count": None}, "block_count is missing"),
        ({"llama__block_count": 4000}, "more than 512 layers"),
        ({"llama__embedding_length": 0}, "embedding_length is 0"),
        ({"llama__context_length": 0}, "context_length is 0"),
        ({"llama__attention__layer_norm_rms_epsilon": float("nan")}, "epsilon is nan"),
        ({"llama__attention__causal": False}, "embed text and write none"),
        ({"tokenizer__ggml__tokens": None}, "no vocabulary"),
        ({"tokenizer__ggml__tokens": ["a", "b"]}, "cannot spell every byte"),
        ({"tokenizer__ggml__tokens": ["a", "a"]}, "stand there twice"),
        ({"tokenizer__ggml__tokens": ["a", "", "[EMPTY_1]"]}, "1 tokens of its vocabulary stand there twice"),
        ({"tokenizer__ggml__tokens": ["ab", "ab\0", "c\0"]}, "2 tokens .* have a NUL character in them"),
        ({"tokenizer__ggml__scores": [0.0]}, "1 members for"),
        ({"tokenizer__ggml__eos_token_id": 100_000}, "eos_token_id is 100000"),
    ],
)
def test_numbers_that_would_crash_llama_cpp_are_refused(
    write_tiny: Write, facts: dict[str, Any], says: str
) -> None:
    with pytest.raises(ModelError, match=says):
        read_header(write_tiny(**facts))


@pytest.mark.parametrize(
    ("form", "value", "skip", "says"),
    [
        ("<I", 7, 0, "has 7 dimensions"),
        ("<Q", 0, 4, "impossible shape"),
        ("<Q", 1 << 62, 4, "impossible shape"),
        ("<I", 99, 20, "stored as type 99"),
        ("<I", 24, 20, "stored as I8"),
        ("<Q", 1 << 40, 24, "across another|its tensors need"),
        ("<Q", 3, 24, "off its alignment"),
        ("<Q", 0, 24, "across another"),
    ],
)
def test_tensors_that_do_not_fit_the_file_are_refused(
    write_tiny: Write, form: str, value: int, skip: int, says: str
) -> None:
    with pytest.raises(ModelError, match=says):
        read_header(edited(write_tiny(), b"blk.1.ffn_down.weight", form, value, skip))


def test_a_key_that_is_said_twice_is_refused(write_tiny: Write) -> None:
    path = write_tiny()
    path.write_bytes(
        path.read_bytes().replace(b"llama.feed_forward_length", b"llama.rope.dimension_count", 1)
    )
    with pytest.raises(ModelError):
        read_header(path)
