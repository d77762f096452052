"""numpy is loaded with one thread, and nobody else is told."""

from __future__ import annotations

import subprocess
import sys

CHECK = """
import os, sys, time
from ares.inference import load_numpy
load_numpy()
assert "numpy" in sys.modules
assert not any(name.endswith("_NUM_THREADS") for name in os.environ), os.environ
print(len(os.listdir("/proc/self/task")))
"""


def test_numpy_brings_no_threads_and_leaves_the_environment_alone() -> None:
    clean = {"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", CHECK], capture_output=True, text=True, check=False, env=clean
    )
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr
