"""Numbers between two bounds as grammar expressions, digit by digit."""

from __future__ import annotations

from typing import Final

MAX_DIGITS: Final = 15
"""So many decimal digits survive a trip through a 64-bit float, which is what JSON readers may use."""

LARGEST: Final = 10**MAX_DIGITS - 1


def integers(low: int, high: int) -> str:
    """Return an expression for the integers ``low`` to ``high``, without leading zeros or ``-0``.

    Raises :class:`ValueError` when there are none.
    """
    if low > high:
        raise ValueError(f"no integer lies between {low} and {high}")
    parts: list[str] = []
    if low < 0:
        parts.append(f'"-" ({_naturals(max(1, -high), -low)})')
    if high >= 0:
        parts.append(_naturals(max(0, low), high))
    return " | ".join(parts)


def numbers(low: float, high: float) -> str:
    """Return an expression for decimal numbers from ``low`` to ``high``, at most six digits after the point.

    It leaves out numbers between a bound and the next integer, so that the integer part alone decides.
    Raises :class:`ValueError` when no integer lies between the bounds.
    """
    first, last = _ceiling(low), -_ceiling(-high)
    parts = [integers(first, last)]
    if last - 1 >= max(first, 0):
        parts.append(f'({_naturals(max(first, 0), last - 1)}) "." [0-9]{{1,6}}')
    if first < 0 and -first - 1 >= max(-last, 0):
        parts.append(f'"-" ({_naturals(max(-last, 0), -first - 1)}) "." [0-9]{{1,6}}')
    return " | ".join(parts)


def _ceiling(value: float) -> int:
    whole = int(value)
    return whole + 1 if value > whole else whole


def _naturals(low: int, high: int) -> str:
    parts: list[str] = []
    while low <= high:
        last = min(high, 10 ** len(str(low)) - 1)
        parts.append(_same_length(str(low), str(last)))
        low = last + 1
    return " | ".join(parts)


def _same_length(low: str, high: str) -> str:
    """Return an expression for the numbers ``low`` to ``high``, both of as many digits."""
    if low == high:
        return f'"{low}"'
    first, last, rest = low[0], high[0], len(low) - 1
    if first == last:
        return f'"{first}" ({_same_length(low[1:], high[1:])})'
    if rest == 0:
        return f"[{first}-{last}]"
    parts: list[str] = []
    if low[1:].strip("0"):
        parts.append(f'"{first}" ({_same_length(low[1:], "9" * rest)})')
        first = str(int(first) + 1)
    tail = ""
    if high[1:].strip("9"):
        tail = f'"{last}" ({_same_length("0" * rest, high[1:])})'
        last = str(int(last) - 1)
    if first <= last:
        head = f'"{first}"' if first == last else f"[{first}-{last}]"
        parts.append(f"{head} [0-9]{{{rest}}}")
    return " | ".join([*parts, tail] if tail else parts)
