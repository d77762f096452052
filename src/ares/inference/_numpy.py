"""numpy as this process has it."""

from __future__ import annotations

import os
import sys
from typing import Final

_THREADS: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def load_numpy() -> None:
    """Load numpy with one thread for its linear algebra, unless it is loaded already or the environment says
    how many there are to be.

    What is multiplied here is so small that a second thread only burns time waiting for the first. The
    environment is left as it was: child processes are to choose for themselves.
    """
    if "numpy" in sys.modules or any(name in os.environ for name in _THREADS):
        return
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        import numpy  # noqa: F401 - loaded for its effect
    finally:
        for name in _THREADS:
            os.environ.pop(name, None)
