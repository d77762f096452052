"""Choosing the next token: the most probable one, or one drawn at random, that grammar and UTF-8 allow."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ares.errors import ModelError
from ares.inference.engine._log import forget_errors, last_error

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class GrammarState:
    """Where an answer stands in a grammar that :func:`~ares.inference.grammar.check_grammar` let through."""

    def __init__(self, api: Any, vocabulary: Any, grammar: str) -> None:
        self._api = api
        forget_errors()
        self._sampler = api.llama_sampler_init_grammar(vocabulary, grammar.encode(), b"root")
        # llama.cpp hands out a sampler that crashes on first use when it could not read the grammar.
        if not self._sampler or last_error():
            raise ModelError(
                f"llama.cpp does not accept the grammar of the answer ({last_error() or 'no reason'})"
            )

    def filter(self, tokens: NDArray[np.int32], scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return ``scores`` with minus infinity for each of ``tokens`` that may not come next."""
        import ctypes

        import numpy as np

        entry = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
        entries: NDArray[np.void] = np.zeros(len(tokens), dtype=entry)
        entries["id"], entries["logit"] = tokens, scores
        array = self._api.llama_token_data_array(
            data=entries.ctypes.data_as(self._api.llama_token_data_p),
            size=len(entries),
            selected=-1,
            sorted=False,
        )
        self._api.llama_sampler_apply(self._sampler, ctypes.byref(array))
        return np.array(entries["logit"], dtype=np.float32)

    def accept(self, token: int) -> None:
        """Move on by ``token``, which :meth:`filter` has let through."""
        self._api.llama_sampler_accept(self._sampler, token)

    def close(self) -> None:
        """Free what llama.cpp holds for the grammar."""
        if self._sampler:
            self._api.llama_sampler_free(self._sampler)
            self._sampler = None


class Sampler:
    """Chooses tokens one after another.

    ``temperature`` 0 takes the most probable one that is allowed, lower ids first among equals; above 0 they
    are drawn with ``seed``. ``piece`` gives the bytes of a token, ``ends`` whether it ends an answer. Bytes
    that make no valid UTF-8 together are never chosen, because a grammar of characters cannot see them.
    """

    def __init__(
        self,
        grammar: GrammarState | None,
        piece: Callable[[int], bytes],
        ends: Callable[[int], bool],
        temperature: float,
        seed: int,
    ) -> None:
        import numpy as np

        self._grammar = grammar
        self._piece = piece
        self._ends = ends
        self._temperature = temperature
        self._random = np.random.default_rng(seed)
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self.log_probability = 0.0

    def next(self, logits: NDArray[np.float32]) -> tuple[int, str]:
        """Return the next token and the characters that it completes.

        Raises :class:`ModelError` when no token of the vocabulary may come next.
        """
        import numpy as np

        scores = logits.copy()
        filtered = self._grammar is None
        while True:
            token = self._draw(scores)
            if scores[token] == -np.inf:
                raise ModelError(
                    "the model's vocabulary has no token for what must come next; use another model"
                )
            if not filtered and not self._allowed(token, scores):
                assert self._grammar is not None
                scores = self._grammar.filter(np.arange(len(scores), dtype=np.int32), scores)
                filtered = True
                continue
            text = self._decoded(token)
            if text is None:
                scores[token] = -np.inf
                continue
            if self._grammar is not None and not self._ends(token):
                self._grammar.accept(token)
            self.log_probability += float(logits[token] - _log_sum_exp(logits))
            return token, text

    def _draw(self, scores: NDArray[np.float32]) -> int:
        import numpy as np

        if self._temperature <= 0:
            return int(scores.argmax())
        weights = np.exp((scores - scores.max()).astype(np.float64) / self._temperature)
        if not np.isfinite(weights).all():
            return int(scores.argmax())
        return int(self._random.choice(len(weights), p=weights / weights.sum()))

    def _allowed(self, token: int, scores: NDArray[np.float32]) -> bool:
        # Asking about one token first spares walking the whole vocabulary for nearly every token.
        import numpy as np

        assert self._grammar is not None
        one = self._grammar.filter(np.array([token], dtype=np.int32), scores[token : token + 1])
        return bool(one[0] != -np.inf)

    def _decoded(self, token: int) -> str | None:
        """Return the characters that ``token`` completes, or None when it may not come here."""
        ends = self._ends(token)
        piece = b"" if ends else self._piece(token)
        if not piece and not ends and self._grammar is not None:
            # A control token: a grammar would read its name as text, an answer would not show it.
            return None
        before = self._decoder.getstate()
        try:
            text = self._decoder.decode(piece, final=ends)
        except UnicodeDecodeError:
            self._decoder.setstate(before)
            return None
        # The decoder waits for the third byte of a surrogate before it refuses it; then it is too late.
        if b"\xed\xa0" <= self._decoder.getstate()[0] <= b"\xed\xbf":
            self._decoder.setstate(before)
            return None
        return text


def _log_sum_exp(logits: NDArray[np.float32]) -> float:
    import numpy as np

    wide = logits.astype(np.float64)
    highest = wide.max()
    return float(highest + np.log(np.exp(wide - highest).sum()))
