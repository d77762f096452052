"""llama.cpp as this process has it: loaded once, its own output kept off the terminal."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any, Final

_ERROR: Final = 4
_CONTINUED: Final = 5
# Says that something failed, after the line that says why.
_EMPTY_PHRASES: Final = ("failed to load model", "failed to parse grammar")

_lock = threading.Lock()
_lines: deque[str] = deque(maxlen=50)
_loaded: list[Any] = []


def llama() -> Any:
    """Return llama.cpp's C interface (the module ``llama_cpp.llama_cpp``), silent and ready for use.

    From then on llama.cpp writes to no stream of this process; what it reports as errors is in
    :func:`last_error`.
    """
    with _lock:
        if not _loaded:
            import ctypes

            import llama_cpp.llama_cpp as interface

            keeper = interface.llama_log_callback(_keep)
            interface.llama_log_set(keeper, ctypes.c_void_p(0))
            interface.llama_backend_init()
            # The callback lives as long as llama.cpp may call it.
            _loaded.extend((interface, keeper))
        return _loaded[0]


def forget_errors() -> None:
    """Drop what was reported so far, before something is tried."""
    _lines.clear()


def last_error() -> str:
    """Return what llama.cpp said last about why something failed, in one line, or an empty string."""
    lines = [line for line in map(_plain, list(_lines)) if line]
    telling = [line for line in lines if not line.endswith(_EMPTY_PHRASES)]
    return (telling or lines or [""])[-1]


def _keep(level: int, text: bytes, _: Any) -> None:
    # Called from C, sometimes from a thread of llama.cpp: nothing may be raised and nothing is slow here.
    if level == _ERROR:
        _lines.append(text.decode("utf-8", "replace"))
    elif level == _CONTINUED and _lines:
        _lines.append(_lines.pop() + text.decode("utf-8", "replace"))


def _plain(line: str) -> str:
    """Return the message of a log line: without the functions that pass it on, without control characters."""
    shown = "".join(character if character.isprintable() else " " for character in line).strip()
    shown = shown.rpartition("error loading model: ")[2]
    while ": " in shown and " " not in shown.partition(": ")[0]:
        shown = shown.partition(": ")[2]
    return shown[:300]
