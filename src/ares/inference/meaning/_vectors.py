"""Vectors of words, and how near a request is to the texts of capabilities by them.

Every token has a direction and a weight. A token that was never seen gets them from its groups of letters.
Where bigrams have vectors, what stands before a token has a part in both.

How well a request fits one text is the weighted sum of four things: how near the words of the request come,
each to its nearest in the text; how near those of the text come to the request; how alike the two are as a
whole (weighted sums of their directions); and a constant, one for phrases and one for the description. The
texts of a capability count together by their log-mean-exp, which is nearly the best of them, and by how alike
they are to the request on average. That nothing fits is the more likely the less of the request any
capability covers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from itertools import repeat
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, TypeAlias

from ares.inference.meaning._tokens import GROUPS, bigrams, letter_groups

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float32]

FARTHEST: Final = -0.2
"""Words less alike than this are no further apart."""
LARGEST: Final = 127
"""Vectors are stored as whole numbers up to this, each with a scale of its own."""
_TINY: Final = 1e-6
_Token = tuple[str, int | None]
"""A token and the number of its bigram, where bigrams count."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What training finds. ``request``, ``text``, ``whole`` and ``average`` are the shares of how the request
    finds its words in a text, a text its words in the request, both are alike as wholes, and the request is
    like the texts of a capability on average; ``phrase`` and ``about`` the constants; ``sharp`` how much the
    best text counts before the others; ``nothing`` and ``uncovered`` make the score of none; ``scale`` makes
    scores of log-probabilities.
    """

    request: float
    text: float
    whole: float
    average: float
    phrase: float
    about: float
    sharp: float
    nothing: float
    uncovered: float
    scale: float


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one capability, the description last: ``directions`` [n + 1, d] and ``weights`` [n + 1] of
    their n words and a last one for no word, ``places`` [texts, MOST_TOKENS] of each word in these, ``whole``
    [texts, d] the direction of each text.
    """

    directions: Array
    weights: Array
    places: NDArray[np.int32]
    whole: Array


@dataclass(frozen=True, slots=True)
class Likely:
    """The logarithms of the probability of ``each`` capability and of ``none``; as probabilities they add up
    to 1.
    """

    each: list[float]
    none: float


class Rounded:
    """Rows [n, d] of whole numbers, each with its scale; as floats they would take four times the memory, and
    a request needs few of them.
    """

    def __init__(self, whole: NDArray[np.int8], scales: NDArray[np.float16]) -> None:
        self._whole, self._scales = whole, scales
        self.shape = whole.shape

    def __getitem__(self, rows: int | Sequence[int]) -> Array:
        import numpy as np

        scales = self._scales[rows].astype(np.float32) / LARGEST
        found: Array = self._whole[rows] * scales[..., None]
        return found


class Meaning:
    """The vectors: ``words`` with their ``vectors`` [words, d], ``groups`` [GROUPS, d] of letters, ``gate``
    [d + 1], of which a vector's product with the first d plus the last makes the weight (softplus), and
    perhaps ``bigrams`` [BIGRAMS, d], added to the vector of a token for what stands before it.
    """

    def __init__(
        self,
        words: Sequence[str],
        vectors: Array | Rounded,
        groups: Array | Rounded,
        gate: Array,
        numbers: Numbers,
        bigrams: Array | Rounded | None = None,
    ) -> None:
        self._places = {word: place for place, word in enumerate(words)}
        self._vectors, self._groups, self._gate, self._numbers = vectors, groups, gate, numbers
        self._bigrams = bigrams

    def _vector(self, token: _Token) -> Array:
        word, bigram = token
        if (place := self._places.get(word)) is not None:
            vector: Array = self._vectors[place]
        else:
            groups = letter_groups(word)
            vector = self._groups[groups].sum(0) / math.sqrt(max(1, len(groups)))
        return vector if bigram is None or self._bigrams is None else vector + self._bigrams[bigram]

    def _in_order(self, tokens: Sequence[str]) -> list[_Token]:
        return list(zip(tokens, bigrams(tokens) if self._bigrams is not None else repeat(None), strict=False))

    def _looked_up(self, tokens: Sequence[_Token]) -> tuple[Array, Array]:
        """The directions and weights of ``tokens``."""
        import numpy as np

        vectors = np.array([self._vector(token) for token in tokens], np.float32)
        vectors = vectors.reshape(-1, self._groups.shape[1])
        weights = np.logaddexp(0, vectors @ self._gate[:-1] + self._gate[-1])
        return _unit(vectors), weights

    def likeness(self, some: Sequence[str], others: Sequence[str]) -> list[list[float]]:
        """How alike each of the words ``some`` is in meaning to each of ``others`` (their cosine)."""
        one, other = (self._looked_up([(word, None) for word in each])[0] for each in (some, others))
        alike: list[list[float]] = (one @ other.T).tolist()
        return alike

    def texts(self, texts: Sequence[Sequence[str]]) -> Texts:
        """What is kept of a capability's texts; the last one is its name and description."""
        import numpy as np

        rows = [self._in_order(text) for text in texts]
        tokens = list(dict.fromkeys(token for row in rows for token in row))
        directions, weights = self._looked_up(tokens)
        number = {token: place for place, token in enumerate(tokens)}
        longest = max(len(text) for text in texts)
        places: NDArray[np.int32] = np.full((len(texts), longest), len(tokens), np.int32)
        for at, row in enumerate(rows):
            places[at, : len(row)] = [number[token] for token in row]
        nothing = np.zeros((1, directions.shape[1]), np.float32)
        directions, weights = np.vstack([directions, nothing]), np.append(weights, np.float32(0))
        whole = _unit((directions[places] * weights[places, None]).sum(1))
        return Texts(directions, weights, places, whole)

    def likely(self, request: Sequence[str], capabilities: Sequence[Texts]) -> Likely:
        """How likely the tokens of ``request`` ask for each capability, and for none of them."""
        import numpy as np

        if not request or not capabilities:
            even = -math.log(len(capabilities) + 1)
            return Likely([even] * len(capabilities), even)
        number = self._numbers
        firsts = np.cumsum([0, *(len(each.places) for each in capabilities[:-1])])
        # Products of matrices may raise the flag for numbers that the processor computes and nobody uses.
        with np.errstate(invalid="ignore"):
            near, fits, alike, shares = self._fit(request, capabilities)
            covered = float((np.maximum.reduceat(near, firsts) @ shares).max())
        fits[firsts[1:] - 1] += number.about - number.phrase
        fits[-1] += number.about - number.phrase
        counts = np.diff([*firsts, len(fits)])
        best = fits.max()
        summed = np.add.reduceat(np.exp((fits - best) * number.sharp), firsts)
        together = np.log(summed / counts + _TINY) / number.sharp + best
        average = np.add.reduceat(alike, firsts) / counts
        none = number.nothing + number.uncovered * (1 - covered)
        scores = np.append(together + number.average * average, none) * number.scale
        scores -= scores.max()
        found = (scores - np.log(np.exp(scores).sum())).tolist()
        return Likely(found[:-1], found[-1])

    def _fit(
        self, request: Sequence[str], capabilities: Sequence[Texts]
    ) -> tuple[Array, Array, Array, Array]:
        """For every text of all capabilities: how near each word of the request comes to one of it
        [texts, words], how well it fits, as if it were a phrase [texts], and how alike it is as a whole
        [texts]; and the share that each word of the request counts for [words].
        """
        import numpy as np

        number = self._numbers
        own, own_weights = self._looked_up(self._in_order(request))
        shares = own_weights / own_weights.sum()
        alike = np.vstack([each.whole for each in capabilities]) @ _unit((own * shares[:, None]).sum(0))
        likeness = np.vstack([each.directions for each in capabilities]) @ own.T
        weights = np.concatenate([each.weights for each in capabilities])
        places = _stacked(capabilities)
        likeness[np.cumsum([len(each.weights) for each in capabilities]) - 1] = FARTHEST
        np.maximum(likeness, FARTHEST, out=likeness)
        near = likeness[places].max(1)
        counted = weights[places]
        found = (likeness.max(1)[places] * counted).sum(1) / np.maximum(counted.sum(1), _TINY)
        fits = number.request * (near @ shares) + number.text * found + number.whole * alike + number.phrase
        return near, fits, alike, shares


def _stacked(capabilities: Sequence[Texts]) -> NDArray[np.int32]:
    """The places of all texts, as those of one capability with all their words."""
    import numpy as np

    longest = max(each.places.shape[1] for each in capabilities)
    rows, before = [], 0
    for each in capabilities:
        missing = longest - each.places.shape[1]
        rows.append(
            np.pad(each.places, ((0, 0), (0, missing)), constant_values=len(each.weights) - 1) + before
        )
        before += len(each.weights)
    return np.vstack(rows)


def _unit(vectors: Array) -> Array:
    """``vectors`` with length 1; those without any stay without."""
    import numpy as np

    length = np.sqrt((vectors * vectors).sum(-1, keepdims=True))
    unit: Array = vectors / np.maximum(length, _TINY)
    return unit


def store(
    file: Path,
    words: Sequence[str],
    vectors: Array,
    groups: Array,
    gate: Array,
    numbers: Numbers,
    bigrams: Array | None = None,
) -> None:
    """Write what :func:`load` reads."""
    import numpy as np

    whole, scales = _rounded(np.vstack([vectors, groups, *([] if bigrams is None else [bigrams])]))
    np.savez_compressed(
        file,
        words=np.frombuffer("\n".join(words).encode(), np.uint8),
        vectors=whole,
        scales=scales,
        gate=gate.astype(np.float32),
        numbers=np.array(astuple(numbers), np.float64),
    )


def _rounded(vectors: Array) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    import numpy as np

    scales = np.maximum(np.abs(vectors).max(1), _TINY).astype(np.float16)
    whole = np.rint(vectors / np.maximum(scales[:, None], _TINY) * LARGEST)
    return np.clip(whole, -LARGEST, LARGEST).astype(np.int8), scales


def load(file: IO[bytes]) -> Meaning:
    """The meaning stored in ``file``."""
    import numpy as np

    with np.load(file) as stored:
        words = bytes(stored["words"]).decode().split("\n")
        whole, scales = stored["vectors"], stored["scales"]
        numbers = Numbers(*(float(each) for each in stored["numbers"]))
        ends = [len(words), len(words) + GROUPS]
        parts = zip(np.split(whole, ends), np.split(scales, ends), strict=True)
        own, groups, bigrams = (Rounded(*part) for part in parts)
        return Meaning(words, own, groups, stored["gate"], numbers, bigrams if bigrams.shape[0] else None)
