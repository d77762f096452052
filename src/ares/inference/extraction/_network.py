"""The network that finds the words of a free text: forward only, in numpy.

Every word is a vector of its own (of its ending, if it was hardly ever seen) together with the numbers that
say how the argument sees it. Three convolutions over neighbouring words (5, 5 and 3 wide, 1, 2 and 4 apart,
each added to what it was given) let a word know what stands around it. The score of a span is that of its
first word to begin and of its last word to end a value, the sum of what its words score to be inside of
one, a bilinear term of the two ends, and a number for its length. That there is no value has a score of its
own, from the greatest of each number over all words. The softmax over all spans and none is the probability.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, TypeAlias

from ares.inference.extraction._features import Seen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float32]

BUCKETS: Final = 512
"""So many vectors for endings of words; the checksum of an ending chooses its one."""
LENGTHS: Final = 16
"""Spans of so many words or more have the same number for their length."""
_ENDING: Final = 3
_MOST_WORDS: Final = 1000
_CONVOLUTIONS: Final = (("near", 1), ("middle", 2), ("far", 4))
_FARTHEST: Final = -1e4

Numbers = Mapping[str, "Array"]
"""What training finds, by name: ``words`` [words + BUCKETS, d]; ``names`` [names + 1, e], the last one for
names that were never seen; ``in``/``in_bias`` from all numbers of a word to h; ``near``, ``middle``, ``far``
[h, h, width] and their ``…_bias``; ``ends``/``ends_bias`` [3, h] for beginning, end and inside;
``first``/``first_bias``, ``last``/``last_bias`` [p, h]; ``lengths`` [2, LENGTHS] for names and for content;
``none``/``none_bias`` [h]."""


@dataclass(frozen=True, slots=True)
class Spans:
    """The likeliest ``spans``, best first: probability, number of the first word, number after the last; and
    how probable it is that there is ``none``.
    """

    spans: tuple[tuple[float, int, int], ...]
    none: float


def bucket(word: str) -> int:
    """Which of `BUCKETS` stands for ``word`` if it has no vector of its own."""
    return zlib.crc32(word[-_ENDING:].encode()) % BUCKETS


class Extractor:
    """The network. ``words`` and ``names`` have the first vectors in ``numbers``."""

    def __init__(self, words: Sequence[str], names: Sequence[str], numbers: Numbers) -> None:
        self._words = {word: place for place, word in enumerate(words)}
        self._names = {name: place for place, name in enumerate(names)}
        self._numbers = numbers

    def find(self, seen: Seen, most: int = 8) -> Spans:
        """The ``most`` likeliest spans of ``seen``; none of a request too long for all its spans to be
        weighed.
        """
        import numpy as np

        if not 0 < len(seen.forms) <= _MOST_WORDS:
            return Spans((), 1.0)
        scores = self.scores(seen)
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        count = len(seen.forms)
        best = np.argsort(-shares[:-1], kind="stable")[:most].tolist()
        spans = ((float(shares[each]), each // count, each % count + 1) for each in best)
        return Spans(tuple(span for span in spans if span[1] < span[2]), float(shares[-1]))

    def scores(self, seen: Seen) -> Array:
        """The scores [n * n + 1] of all spans, first word by last word, and of none."""
        import numpy as np

        hidden, number = self._read(seen), self._numbers
        begin, end, inside = number["ends"] @ hidden.T + number["ends_bias"][:, None]
        first = hidden @ number["first"].T + number["first_bias"]
        last = hidden @ number["last"].T + number["last_bias"]
        before = np.concatenate([[0.0], np.cumsum(inside)])
        scores = begin[:, None] + end[None] + before[None, 1:] - before[:-1, None] + first @ last.T
        places = np.arange(len(hidden))
        length = places[None] - places[:, None]
        scores += number["lengths"][int(seen.slot[0])][np.clip(length, 0, LENGTHS - 1)]
        scores[length < 0] = _FARTHEST
        none = hidden.max(0) @ number["none"] + number["none_bias"]
        return np.append(scores.ravel(), none).astype(np.float32)

    def _read(self, seen: Seen) -> Array:
        """The hidden numbers [n, h] of all words."""
        import numpy as np

        number = self._numbers
        known = len(self._words)
        own = [self._words.get(form, known + bucket(form)) for form in seen.forms]
        name = number["names"][self._names.get(seen.name, len(self._names))]
        same = np.concatenate([np.array(seen.slot, np.float32), name])
        given = np.concatenate(
            [
                number["words"][own],
                np.array(seen.words, np.float32),
                np.broadcast_to(same, (len(own), len(same))),
            ],
            1,
        )
        hidden = np.maximum(given @ number["in"].T + number["in_bias"], 0)
        for layer, apart in _CONVOLUTIONS:
            hidden = hidden + _convolved(hidden, number[layer], number[f"{layer}_bias"], apart)
        return hidden


def _convolved(hidden: Array, weights: Array, bias: Array, apart: int) -> Array:
    """The convolution of ``hidden`` [n, h] with ``weights`` [h, h, width], taps ``apart`` words apart, what
    is below 0 cut off.
    """
    import numpy as np

    width, count = weights.shape[2], len(hidden)
    reach = width // 2 * apart
    padded = np.zeros((count + 2 * reach, hidden.shape[1]), np.float32)
    padded[reach : reach + count] = hidden
    summed = sum(padded[tap * apart : tap * apart + count] @ weights[:, :, tap].T for tap in range(width))
    found: Array = np.maximum(summed + bias, 0)
    return found


def store(file: Path, words: Sequence[str], names: Sequence[str], numbers: Numbers) -> None:
    """Write what :func:`load` reads."""
    import numpy as np

    np.savez_compressed(
        file,
        known_words=np.frombuffer("\n".join(words).encode(), np.uint8),
        known_names=np.frombuffer("\n".join(names).encode(), np.uint8),
        **{name: each.astype(np.float16) for name, each in numbers.items()},
    )


def load(file: IO[bytes]) -> Extractor:
    """The network stored in ``file``."""
    import numpy as np

    with np.load(file) as stored:
        words, names = (bytes(stored[name]).decode().split("\n") for name in ("known_words", "known_names"))
        numbers = {
            name: stored[name].astype(np.float32) for name in stored.files if not name.startswith("known_")
        }
        return Extractor(words, names, numbers)


@lru_cache(maxsize=1)
def extractor() -> Extractor:
    """The network that ARES ships."""
    with resources.files(__package__).joinpath("extraction.npz").open("rb") as file:
        return load(file)
