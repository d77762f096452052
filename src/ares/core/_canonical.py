"""Canonical bytes: one spelling for one value, so that a hash means something."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""A value that JSON can carry."""


def canonical(value: Json) -> bytes:
    """Return the canonical JSON of ``value``: UTF-8, sorted keys, no spaces, no NaN.

    Raises :class:`ValueError` for numbers that JSON has no word for and for text that is not Unicode
    (a lone surrogate), :class:`TypeError` for anything that is not JSON.
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8")


def digest(value: Json) -> str:
    """Return the SHA-256 of the canonical JSON of ``value`` as 64 hexadecimal digits."""
    # Loading OpenSSL takes four megabytes, and most commands that only show something hash nothing.
    from hashlib import sha256

    return sha256(canonical(value)).hexdigest()
