"""Which words of a request are the value of an argument that takes free text: extractive slot filling.

A small convolutional network looks at every word of the request through the eyes of one argument (does the
word stand before the argument's slot in an example phrase, is the capability spoken of with it, is it part
of another value, in quotation marks …) and says of every span how likely it is the value, and how likely it
is that there is none. It learned nothing from the modules that a request is for, so it serves any module
from the moment it is registered.
``extraction.npz`` holds its numbers; ``python -m ares.evolve.reading extraction`` trains them.
"""

from __future__ import annotations

from ares.inference.extraction._features import (
    SLOT_FEATURES,
    WORD_FEATURES,
    Eyes,
    Seen,
    eyes,
    is_content,
    see,
)
from ares.inference.extraction._network import (
    BUCKETS,
    LENGTHS,
    Extractor,
    Numbers,
    Spans,
    bucket,
    extractor,
    load,
    store,
)

__all__ = [
    "BUCKETS",
    "LENGTHS",
    "SLOT_FEATURES",
    "WORD_FEATURES",
    "Extractor",
    "Eyes",
    "Numbers",
    "Seen",
    "Spans",
    "bucket",
    "extractor",
    "eyes",
    "is_content",
    "load",
    "see",
    "store",
]
