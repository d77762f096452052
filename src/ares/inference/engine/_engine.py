"""A GGUF model in this process, through llama.cpp."""

from __future__ import annotations

import contextlib
import math
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from ares.errors import ModelError
from ares.inference.engine._header import Header, read_header
from ares.inference.engine._log import forget_errors, last_error, llama
from ares.inference.engine._sampler import GrammarState, Sampler
from ares.interrupts import held_back

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH: Final = 256
"""Prompts are read in pieces of so many tokens."""

_SPARE_BYTES: Final = 64 << 20
_STOPPED: Final = "loading was stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """An answer. ``finished`` is false when it was cut off by ``max_tokens`` or the end of the context.

    ``read_seconds`` went into the prompt, ``write_seconds`` into the answer. ``probability`` is the geometric
    mean of what the model gave each token of the answer before any grammar, 0 to 1.
    """

    text: str
    finished: bool
    prompt_tokens: int
    answer_tokens: int
    read_seconds: float
    write_seconds: float
    probability: float


class Engine:
    """One loaded model. Methods may be called from several threads; they take turns.

    Besides :meth:`generate` there are the steps it is made of: :meth:`tokenize`, :meth:`eval`, :meth:`logits`
    and :meth:`rewind`.
    """

    def __init__(self, header: Header, api: Any, model: Any, context: Any, tokens: int) -> None:
        self.header = header
        self.context = tokens
        self._api = api
        self._model = model
        self._context = context
        self._vocabulary = api.llama_model_get_vocab(model)
        self._lock = threading.RLock()
        self._pieces: dict[int, bytes] = {}
        self._read: list[int] = []
        self._whole = 0
        self._scored = False

    @classmethod
    def open(cls, path: Path, threads: int = 0, context: int = 4096) -> Engine:
        """Load the GGUF file ``path``.

        ``threads`` 0 means one for each core this process may use; ``context`` is the number of tokens that
        prompt and answer may have together, at most what the model was trained for. Raises
        :class:`ModelError` with one line for everything that does not end in a usable model.
        """
        header = read_header(path)
        tokens = min(context, header.context)
        if tokens < 16:
            raise ModelError(
                f"{path}: a context of {tokens} tokens holds no request; {_longer(header, tokens)}"
            )
        _check_memory(header, tokens)
        with held_back() as stopped, contextlib.ExitStack() as undo:
            api = llama()
            forget_errors()
            params = api.llama_model_default_params()
            params.progress_callback = api.llama_progress_callback(lambda *_: not stopped())
            model = api.llama_model_load_from_file(os.fsencode(path), params)
            if not model:
                cannot = f"llama.cpp cannot load this {header.architecture} model: {last_error()}"
                raise ModelError(f"{path}: {_STOPPED if stopped() else cannot}")
            undo.callback(api.llama_model_free, model)
            if api.llama_model_has_encoder(model) or not api.llama_model_has_decoder(model):
                raise ModelError(
                    f"{path}: {header.architecture} models do not continue a text; choose one that does"
                )
            loaded = api.llama_init_from_model(model, _context_params(api, threads or _cores(), tokens))
            if not loaded:
                raise ModelError(f"{path}: no room to work in a context of {tokens} tokens: {last_error()}")
            undo.callback(api.llama_free, loaded)
            if stopped():
                # What handles the signal need not raise.
                raise ModelError(f"{path}: {_STOPPED}")
            undo.pop_all()
        return cls(header, api, model, loaded, tokens)

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the model. Closing twice does nothing; any other use afterwards raises :class:`ModelError`."""
        # llama.cpp reports that it frees something, and what stops the process would be lost in the report.
        with self._lock, held_back():
            if self._context is not None:
                self._api.llama_free(self._context)
                self._api.llama_model_free(self._model)
                self._context = None

    @property
    def longer(self) -> str:
        """What to do for a longer context, as the end of an error line."""
        return _longer(self.header, self.context)

    @property
    def name(self) -> str:
        """What to call the model: the name of its file without the ending."""
        return self.header.path.stem

    def tokenize(self, text: bytes, *, special: bool = False, begin: bool = False) -> list[int]:
        """Return the ids of ``text`` (UTF-8).

        With ``special``, names of special tokens in it stand for these tokens; with ``begin``, the token that
        opens a text comes first if the model wants one.
        """
        import ctypes

        with self._open():
            size = len(text) + 8
            while True:
                ids = (ctypes.c_int32 * size)()
                count = self._api.llama_tokenize(self._vocabulary, text, len(text), ids, size, begin, special)
                if count >= 0:
                    return list(ids[:count])
                size = -count

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """Return the bytes of ``token``; a control token has none unless ``special`` asks for its name."""
        import ctypes

        with self._open():
            known = None if special else self._pieces.get(token)
            if known is None:
                size = 64
                while True:
                    buffer = ctypes.create_string_buffer(size)
                    count = self._api.llama_token_to_piece(self._vocabulary, token, buffer, size, 0, special)
                    if count >= 0:
                        break
                    size = -count
                known = buffer.raw[:count]
                if not special:
                    self._pieces[token] = known
            return known

    @property
    def begin(self) -> str:
        """The spelling of the token that opens a text, empty when there is none."""
        return self._spelling(self._api.llama_vocab_bos)

    @property
    def end(self) -> str:
        """The spelling of the token that ends a text, empty when there is none."""
        return self._spelling(self._api.llama_vocab_eos)

    def eval(self, tokens: Sequence[int]) -> None:
        """Read ``tokens`` after what was read before. Raises :class:`ModelError` when the context is full."""
        with self._open():
            if len(self._read) + len(tokens) > self.context:
                raise ModelError(
                    f"{len(self._read) + len(tokens)} tokens do not fit the context of {self.context};"
                    f" say it shorter or {self.longer}"
                )
            for start in range(0, len(tokens), BATCH):
                self._decode(tokens[start : start + BATCH])

    def logits(self) -> NDArray[np.float32]:
        """Return the scores of every token to follow the last one read.

        Raises :class:`ModelError` when nothing was read since the start or since :meth:`rewind`.
        """
        import numpy as np

        with self._open():
            if not self._scored:
                raise ModelError(f"{self.header.path}: no token was read, so none can be said to follow")
            row = self._api.llama_get_logits_ith(self._context, -1)
            return np.ctypeslib.as_array(row, shape=(self.header.vocabulary,)).copy()

    def rewind(self, length: int) -> None:
        """Forget all but the first ``length`` tokens that were read."""
        with self._open():
            self._scored = False
            memory = self._api.llama_get_memory(self._context)
            if length and not self._api.llama_memory_seq_rm(memory, 0, length, -1):
                # Recurrent models keep one state only; what shall stay is read again.
                kept = self._read[:length]
                self.rewind(0)
                self.eval(kept)
                return
            if not length:
                self._api.llama_memory_clear(memory, True)
            del self._read[length:]
            self._whole = min(self._whole, length // BATCH * BATCH)

    def generate(
        self,
        prompt: Sequence[int],
        *,
        grammar: str = "",
        max_tokens: int = 512,
        stop: Sequence[str] = (),
        temperature: float = 0.0,
        seed: int = 0,
        on_text: Callable[[str], object] | None = None,
    ) -> Generation:
        """Write what follows ``prompt`` until the model ends it, one of ``stop`` appears (it is cut off), or
        ``max_tokens`` were written.

        A ``grammar`` (GBNF, as :mod:`ares.inference.grammar` reads it) is checked first and then kept to.
        ``on_text`` is given the text as it comes. At temperature 0 the same prompt gives the same answer
        whatever was asked before. Raises :class:`ModelError` for a grammar that is refused and for a prompt
        that is empty or leaves no room.
        """
        if grammar:
            from ares.inference.grammar import check_grammar

            check_grammar(grammar)
        with self._open(), contextlib.ExitStack() as held:
            if not 0 < len(prompt) < self.context:
                raise ModelError(
                    f"a prompt of {len(prompt)} tokens leaves no room in the context of {self.context};"
                    f" say it shorter or {self.longer}"
                )
            state = GrammarState(self._api, self._vocabulary, grammar) if grammar else None
            if state is not None:
                held.callback(state.close)
            sampler = Sampler(state, self.piece, self._ends, temperature, seed)
            started = time.perf_counter()
            self._read_prompt(prompt)
            read = time.perf_counter()
            text = _Text(stop, on_text)
            count, finished = self._write(sampler, text, min(max_tokens, self.context - len(prompt)))
            text.flush()
            return Generation(
                text=text.text,
                finished=finished,
                prompt_tokens=len(prompt),
                answer_tokens=count,
                read_seconds=read - started,
                write_seconds=time.perf_counter() - read,
                probability=math.exp(sampler.log_probability / max(count, 1)),
            )

    def _write(self, sampler: Sampler, text: _Text, most: int) -> tuple[int, bool]:
        """Write at most ``most`` tokens; return how many it took and whether the answer came to its end."""
        for count in range(1, most + 1):
            token, characters = sampler.next(self.logits())
            text.add(characters)
            if self._ends(token) or text.stopped:
                return count, True
            if count < most:
                self._decode([token])
        return max(most, 0), False

    def _read_prompt(self, prompt: Sequence[int]) -> None:
        same = 0
        for known, wanted in zip(self._read, prompt, strict=False):
            if known != wanted:
                break
            same += 1
        # Only whole batches from the front are kept: a token read in a batch of another size differs in its
        # last bits, and then the same prompt might not give the same answer.
        keep = min(same, self._whole, len(prompt) - 1) // BATCH * BATCH
        self.rewind(keep)
        self.eval(prompt[keep:])
        self._whole = len(prompt) // BATCH * BATCH

    def _decode(self, tokens: Sequence[int]) -> None:
        import ctypes

        ids = (ctypes.c_int32 * len(tokens))(*tokens)
        forget_errors()
        code = self._api.llama_decode(self._context, self._api.llama_batch_get_one(ids, len(tokens)))
        if code != 0:
            self._read.clear()
            self._whole, self._scored = 0, False
            self._api.llama_memory_clear(self._api.llama_get_memory(self._context), True)
            raise ModelError(f"{self.header.path}: llama.cpp stopped while reading ({code}): {last_error()}")
        self._read.extend(tokens)
        self._scored = True

    def _ends(self, token: int) -> bool:
        return bool(self._api.llama_vocab_is_eog(self._vocabulary, token))

    def _spelling(self, find: Callable[[Any], int]) -> str:
        with self._open():
            token = find(self._vocabulary)
            return self.piece(token, special=True).decode("utf-8", "replace") if token >= 0 else ""

    @contextlib.contextmanager
    def _open(self) -> Iterator[None]:
        with self._lock:
            if self._context is None:
                raise ModelError(f"{self.header.path}: this model was closed; open it again")
            yield


class _Text:
    """The text of an answer as it comes, cut off before the first of ``stop``."""

    def __init__(self, stop: Sequence[str], on_text: Callable[[str], object] | None) -> None:
        self.text = ""
        self.stopped = False
        self._stop = [each for each in stop if each]
        self._on_text = on_text
        self._given = 0

    def add(self, characters: str) -> None:
        before = len(self.text)
        self.text += characters
        longest = max(map(len, self._stop), default=0)
        found = [self.text.find(each, max(0, before - longest + 1)) for each in self._stop]
        if any(at >= 0 for at in found):
            self.text = self.text[: min(at for at in found if at >= 0)]
            self.stopped = True
        self._give(len(self.text) if self.stopped else len(self.text) - max(longest - 1, 0))

    def flush(self) -> None:
        """Give the end, which was held back because a stop might have begun in it."""
        self._give(len(self.text))

    def _give(self, until: int) -> None:
        if self._on_text is not None and until > self._given:
            self._on_text(self.text[self._given : until])
            self._given = until


def _longer(header: Header, tokens: int) -> str:
    if tokens < header.context:
        return "set inference.context higher"
    return f"use a model with a longer context: this one was trained for {header.context} tokens"


def _context_params(api: Any, threads: int, tokens: int) -> Any:
    params = api.llama_context_default_params()
    params.n_ctx = tokens
    params.n_batch = params.n_ubatch = min(BATCH, tokens)
    params.n_threads = params.n_threads_batch = threads
    params.no_perf = True
    return params


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _check_memory(header: Header, tokens: int) -> None:
    import psutil

    needed = header.size + header.cache_bytes(tokens) + _SPARE_BYTES
    free = psutil.virtual_memory().available
    if needed > free:
        raise ModelError(
            f"{header.path}: needs about {needed / 2**30:.1f} GiB of memory with {tokens} tokens of context,"
            f" and {free / 2**30:.1f} GiB are free; choose a smaller model or set inference.context lower"
        )
