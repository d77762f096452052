"""Writing the trained model as a GGUF file that llama.cpp reads, and checking that both give the same
numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch

from ares.evolve.command_model._model import HEAD_SIZE, NORM_EPSILON, ROPE_BASE, CommandLlama
from ares.inference.command import CONTEXT_TOKENS, END, SPECIALS, Encoder, LlamaEngine

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

_PARTS: Final = {
    "attention_norm": "attn_norm",
    "q": "attn_q",
    "k": "attn_k",
    "v": "attn_v",
    "o": "attn_output",
    "feed_norm": "ffn_norm",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}


def write_gguf(
    model: CommandLlama, tokenizer: Tokenizer, path: Path, kind: str = "f16", version: str = ""
) -> None:
    """Write ``model`` with ``tokenizer`` to ``path``; ``kind`` is how matrices are stored, "f16" or
    "q8_0"."""
    import gguf

    writer = gguf.GGUFWriter(str(path), "llama")
    shape = model.shape
    writer.add_name("ares-command")
    writer.add_description("Chooses a tool for a request and copies its arguments from it.")
    writer.add_license("mit")
    if version:
        writer.add_version(version)
    writer.add_context_length(CONTEXT_TOKENS)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_dimension_count(HEAD_SIZE)
    writer.add_rope_freq_base(ROPE_BASE)
    writer.add_layer_norm_rms_eps(NORM_EPSILON)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_file_type({"f16": gguf.LlamaFileType.MOSTLY_F16, "q8_0": gguf.LlamaFileType.MOSTLY_Q8_0}[kind])
    _add_tokenizer(writer, tokenizer, shape.vocabulary)
    stored = {"f16": gguf.GGMLQuantizationType.F16, "q8_0": gguf.GGMLQuantizationType.Q8_0}[kind]
    for name, array in _tensors(model):
        if array.ndim == 1:
            writer.add_tensor(name, array)
        else:
            writer.add_tensor(name, gguf.quants.quantize(array, stored), raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokenizer(writer: Any, tokenizer: Tokenizer, size: int) -> None:
    import gguf

    by_id = {number: token for token, number in tokenizer.get_vocab().items()}
    tokens = [by_id.get(number, f"<|unused {number}|>") for number in range(size)]
    control, normal, unused = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL, gguf.TokenType.UNUSED
    kinds = [
        control if number < len(SPECIALS) else normal if number in by_id else unused for number in range(size)
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(_merges(tokenizer))
    writer.add_eos_token_id(END)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)


def _merges(tokenizer: Tokenizer) -> list[str]:
    import json

    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    return [merge if isinstance(merge, str) else " ".join(merge) for merge in merges]


def _tensors(model: CommandLlama) -> Iterator[tuple[str, NDArray[np.float32]]]:
    for name, tensor in model.state_dict().items():
        array = tensor.detach().float().contiguous().numpy()
        if name == "embedding.weight":
            yield "token_embd.weight", array
        elif name == "norm.weight":
            yield "output_norm.weight", array
        else:
            _, number, part, _ = name.split(".")
            yield f"blk.{number}.{_PARTS[part]}.weight", _interleaved(array) if part in ("q", "k") else array


def _interleaved(weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows of a query or key matrix in llama.cpp's order: rotary pairs side by side, not in two
    halves."""
    import numpy as np

    heads = weight.shape[0] // HEAD_SIZE
    halves = weight.reshape(heads, 2, HEAD_SIZE // 2, weight.shape[1])
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(weight.shape))


def logit_difference(
    model: CommandLlama, engine: LlamaEngine, sequences: Iterable[list[int]]
) -> tuple[float, float]:
    """The greatest difference between the last logits of torch and llama.cpp over ``sequences`` of token
    ids, and the share of sequences where both put the same token first."""
    worst, same, count = 0.0, 0, 0
    for tokens in sequences:
        with torch.no_grad():
            expected = model.float().sequence(torch.tensor(tokens))[-1].numpy()
        engine.rewind(0)
        engine.eval(tokens)
        found = engine.logits()
        worst = max(worst, float(abs(found - expected).max()))
        same += int(found.argmax() == expected.argmax())
        count += 1
    return worst, same / max(1, count)


def tokenizer_differences(encoder: Encoder, engine: LlamaEngine, texts: Iterable[str]) -> int:
    """How many of ``texts`` llama.cpp's tokenizer splits otherwise than ``encoder``."""
    other = Encoder(engine.tokenize)
    return sum(encoder.text(text) != other.text(text) for text in texts)
