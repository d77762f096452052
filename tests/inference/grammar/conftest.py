"""llama.cpp in a process of its own, so that a crash in it is a failing test."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_WORKER = """
import json, sys
from pathlib import Path
from ares.errors import ModelError
from ares.inference.engine import Engine
from ares.inference.engine._sampler import GrammarState
import numpy
engine = Engine.open(Path(sys.argv[1]), threads=1, context=64)
for line in sys.stdin:
    try:
        state = GrammarState(engine._api, engine._vocabulary, json.loads(line))
        tokens = numpy.arange(engine.header.vocabulary, dtype=numpy.int32)
        for _ in range(3):
            allowed = state.filter(tokens, numpy.zeros(len(tokens), dtype=numpy.float32))
            first = int(allowed.argmax())
            if allowed[first] != 0 or engine._ends(first):
                break
            state.accept(first)
        state.close()
        print("accepted", flush=True)
    except ModelError as error:
        print(error, flush=True)
"""


@pytest.fixture(scope="session")
def llama_says(tiny_model: Path) -> Iterator[Callable[[str], str]]:
    """Give a grammar to the real llama.cpp: ``accepted``, why not, or ``crashed``."""
    running: list[subprocess.Popen[str]] = []

    def ask(grammar: str) -> str:
        if not running or running[-1].poll() is not None:
            running.append(
                subprocess.Popen(
                    [sys.executable, "-c", _WORKER, str(tiny_model)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
            )
        worker = running[-1]
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(json.dumps(grammar) + "\n")
        worker.stdin.flush()
        return worker.stdout.readline().strip() or "crashed"

    yield ask
    for worker in running:
        worker.kill()
        worker.communicate()
