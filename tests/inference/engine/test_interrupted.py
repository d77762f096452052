"""Ctrl-C while llama.cpp is at work."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ares.agent import built_in_file
from ares.errors import ModelError
from ares.inference.engine import Engine, _engine
from ares.inference.engine._log import llama

INTERRUPTED = """
import os, signal, sys, threading, time
from pathlib import Path
from ares.inference.engine import Engine

file = Path(sys.argv[1])
Engine.open(file).close()
began = time.perf_counter()
Engine.open(file).close()
whole = time.perf_counter() - began
heard = 0
for part in range(40):
    clock = threading.Timer(whole * part / 40, os.kill, (os.getpid(), signal.SIGINT))
    try:
        clock.start()
        Engine.open(file).close()
        clock.join()
    except KeyboardInterrupt:
        heard += 1
        clock.join()
print(heard)
"""


def test_ctrl_c_while_a_model_loads_is_heard_wherever_it_comes() -> None:
    file = built_in_file()
    if file is None:
        pytest.skip("no model is built in here")
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(file)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "40\n", done.stderr
    assert "ctypes callback" not in done.stderr


@pytest.mark.parametrize(
    ("where", "freed"),
    [("forget_errors", []), ("_context_params", ["llama_free", "llama_model_free"])],
    ids=["before", "after"],
)
def test_a_handler_that_returns_gets_no_model_that_was_freed(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, where: str, freed: list[str]
) -> None:
    seen: list[int] = []
    gone: list[str] = []

    def stopping(real: Any) -> Any:
        def call(*arguments: Any) -> Any:
            signal.raise_signal(signal.SIGINT)
            return real(*arguments)

        return call

    def noting(name: str, real: Any) -> Any:
        def free(pointer: Any) -> None:
            gone.append(name)
            real(pointer)

        return free

    monkeypatch.setattr(_engine, where, stopping(getattr(_engine, where)))
    for name in ("llama_free", "llama_model_free"):
        monkeypatch.setattr(llama(), name, noting(name, getattr(llama(), name)))
    before = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    try:
        with pytest.raises(ModelError, match=r"\.gguf: loading was stopped$"):
            Engine.open(tiny_model, threads=1, context=64)
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [signal.SIGINT]
    assert gone == freed
