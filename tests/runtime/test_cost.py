"""What a start costs: nothing is imported that only registering or running a module needs."""

from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import json, sys
from ares.ledger import Ledger
from ares.paths import Paths
from ares.registry import Registry
from ares.runtime import Modules, Runtime
from ares.store import Store

paths = Paths.find()
with Store.open(paths) as store:
    registry, ledger = Registry(store), Ledger(store)
    runtime = Runtime(registry, paths, claim=ledger.claim)
    Modules(registry, ledger, lambda: runtime, paths).register_bundled()
    registry.capabilities()
print(json.dumps(sorted(sys.modules)))
"""


def test_a_later_start_imports_neither_yaml_nor_pluggy_nor_any_module() -> None:
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert "ares.runtime._runtime" in loaded
    costly = {"yaml", "pluggy", "packaging", "importlib.metadata", "psutil", "shutil", "zoneinfo"}
    assert not costly & loaded
    assert not [name for name in loaded if name.startswith("ares_modules")]
