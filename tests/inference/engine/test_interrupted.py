"""Ctrl-C while llama.cpp is at work."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ares.agent import built_in_file

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
