"""Patterns for argument values: regular expressions that cannot be made to run for hours.

The pattern of a rule or of a schema meets values that a model or a web page may have chosen, and Python's
matcher backtracks. So groups cannot be repeated, and the number of repetitions and the length of the text are
bounded: the worst case grows with the cube of 1000 characters instead of exponentially.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST_PATTERN: Final = 400
LONGEST_TEXT: Final = 1000
_REPETITIONS: Final = 3
_OPTIONALS: Final = 8
_TOKEN: Final = re.compile(
    r"\\(?P<escaped>.)|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<special>\(\?(?!:))"
    r"|(?P<after>\)?)(?:(?P<repeat>[*+]|\{\d*,\d*\})|(?P<exact>\{\d+\})|(?P<optional>\?))|.",
    re.DOTALL,
)


def compile_pattern(pattern: str, *, anywhere: bool = False) -> re.Pattern[str]:
    """Compile ``pattern``, to be used with ``fullmatch``, or ``anywhere`` with ``search``, on a text of at
    most :data:`LONGEST_TEXT` characters.

    Raises :class:`ValueError`, with one plain sentence, when it is no regular expression or one whose
    running time cannot be bounded.
    """
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"a pattern has at most {LONGEST_PATTERN} characters")
    # Looking for the place where a match begins costs as much as one more repetition.
    begins = pattern.startswith("^")
    repetitions = optionals = 0
    for token in _TOKEN.finditer(pattern):
        if token["special"]:
            raise ValueError("look-arounds, flags and named groups (?...) are not used in patterns")
        if token["escaped"] and token["escaped"].isdigit():
            raise ValueError("back references are not used in patterns")
        if token["after"] and (token["repeat"] or token["exact"]):
            raise ValueError("a group cannot be repeated in a pattern; repeat a single character or [set]")
        begins = begins and token[0] != "|"
        repetitions += bool(token["repeat"])
        optionals += bool(token["optional"])
    most = _REPETITIONS if begins or not anywhere else _REPETITIONS - 1
    if repetitions > most or optionals > _OPTIONALS:
        hint = "" if most == _REPETITIONS else f", {_REPETITIONS} when it begins with ^ and has no |"
        raise ValueError(f"a pattern has at most {most} repetitions{hint}, and {_OPTIONALS} optional parts")
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"not a regular expression: {error}") from error
