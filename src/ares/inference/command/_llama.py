"""The command model's engine on llama.cpp: one thread, scores of the last token only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ares.inference.command._prompt import CONTEXT_TOKENS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class LlamaEngine:
    """The GGUF file ``path`` (a command model) in llama.cpp. Reads at most `CONTEXT_TOKENS` tokens at a
    time."""

    def __init__(self, path: Path) -> None:
        import llama_cpp

        self._api = llama_cpp
        self._model = llama_cpp.Llama(
            str(path),
            n_ctx=CONTEXT_TOKENS,
            n_batch=512,
            n_threads=1,
            n_threads_batch=1,
            n_gpu_layers=0,
            flash_attn=True,  # reads a prompt of 300 tokens in two thirds of the time
            logits_all=False,
            verbose=False,
        )
        self._vocabulary = self._model.n_vocab()

    def tokenize(self, text: bytes) -> list[int]:
        """The ids of ``text``; special tokens are neither added nor recognised in it."""
        return list(self._model.tokenize(text, add_bos=False, special=False))

    def eval(self, tokens: Sequence[int]) -> None:
        """Read ``tokens`` after what was read before."""
        self._model.eval(tokens)

    def logits(self) -> NDArray[np.float32]:
        """The scores of every token to follow the last one read."""
        import numpy as np

        row = self._api.llama_get_logits_ith(self._model.ctx, -1)
        return np.ctypeslib.as_array(row, shape=(self._vocabulary,)).copy()

    def rewind(self, length: int) -> None:
        """Forget all but the first ``length`` tokens that were read."""
        self._model.n_tokens = length
