"""The tokenizer: byte-level BPE over the atoms of the prompt format, special tokens first, digits one by
one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ares.inference.command import SPECIALS, fold

if TYPE_CHECKING:
    from tokenizers import Tokenizer

VOCABULARY: Final = 4096
_ATOMS: Final = r"'(?:s|t|re|ve|m|ll|d)(?![\p{L}\p{N}])| ?\p{L}+| ?\d| ?[^\s\p{L}\p{N}]|\s+"


def train_tokenizer(texts: Iterable[str], size: int = VOCABULARY) -> Tokenizer:
    """A tokenizer of at most ``size`` tokens, learned from ``texts`` (folded, each as if a space stood
    before it)."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(_ATOMS), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [split, pre_tokenizers.ByteLevel(False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=2,
        show_progress=False,
        special_tokens=list(SPECIALS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator((" " + fold(text) for text in texts), trainer)
    return tokenizer


def load_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer saved at ``path``."""
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(path))


def tokenize_with(tokenizer: Tokenizer, text: bytes) -> list[int]:
    """The ids of one atom."""
    ids: list[int] = tokenizer.encode(text.decode("utf-8", "replace"), add_special_tokens=False).ids
    return ids
