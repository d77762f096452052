"""CPU time and peak memory of the command line, against the bare interpreter in the same run.

    python benchmarks/cli.py [--rounds 10] [--modules 200]

Every command runs once a round, one after the other, so that a busy moment hits all of them alike; the first
round is dropped. Bytecode is brought up to date first, as setting up does. CPU is user and system time of the
process and its children, the least of all rounds. Wall time is not shown: on a machine that does other things
it says little.
"""

from __future__ import annotations

import argparse
import compileall
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

SCRIPT = Path(sys.executable).with_name("ares")
ARES = (str(SCRIPT),) if SCRIPT.exists() else (sys.executable, "-m", "ares")
BARE = "python -c pass"
TARGETS = {"ares --help": 16.0, "ares status": 8.0, "ares run system.disk": 20.0}
COMMANDS: Mapping[str, Sequence[str]] = {
    BARE: (sys.executable, "-c", "pass"),
    "ares --help": (*ARES, "--help"),
    "ares status": (*ARES, "status"),
    "ares run system.disk": (*ARES, "run", "system.disk"),
    "ares do": (*ARES, "do", "how full is the disk?"),
}


@dataclass
class Cost:
    """The least CPU time (seconds) and peak memory (bytes) seen so far."""

    cpu: float = float("inf")
    memory: int = 0

    def add(self, cpu: float, memory: int) -> None:
        """Take a run into account."""
        self.cpu = min(self.cpu, cpu)
        self.memory = max(self.memory, memory)


RUN_AND_WAIT = """
import os, sys
child = os.fork()
if not child:
    os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def measure(command: Sequence[str], environ: Mapping[str, str]) -> tuple[float, int]:
    """Run a command; return its CPU time in seconds and its peak memory in bytes."""
    # Linux counts what a process had before exec into its peak, so it is started from a small one.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", RUN_AND_WAIT, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(environ),
        check=False,
    )
    *said, figures = done.stderr.strip().splitlines()
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {' '.join(said)}")
    cpu, memory = figures.split()
    return float(cpu), int(memory)


def make_module(folder: Path, number: int) -> None:
    """Write a module with five capabilities, each with schemas and examples."""
    lines = [
        f"name: extra-{number}",
        f"display_name: Extra {number}",
        "version: 1.0.0",
        "type: tool",
        f"description: Invented module number {number}.",
        "entry_point: module.py",
        "capabilities:",
    ]
    phrases = ("the", "my", "our", "any", "one", "each")
    for verb in ("open", "close", "count", "compare", "describe"):
        lines += [
            f"  - name: {verb}",
            f"    description: {verb} the drawers of cabinet {number}",
            "    effect: read",
            "    input:",
            "      type: object",
            "      properties:",
            "        drawer: {type: string, description: which drawer}",
            "        limit: {type: integer, minimum: 1, default: 10, description: how many}",
            "      additionalProperties: false",
            "    output: {type: object, properties: {text: {type: string}}}",
            "    examples:",
            *(f"      - {verb} {word} {{drawer}} of cabinet {number}" for word in phrases),
        ]
    folder.mkdir()
    (folder / "module.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "module.py").write_text("def ares_operations():\n    return {}\n", encoding="utf-8")


def make_home(folder: Path, modules: int) -> dict[str, str]:
    """Make an ARES home with so many modules more; return the environment that uses it."""
    environ = {**os.environ, "ARES_HOME": str(folder / "home"), "HOME": str(folder)}
    (folder / "home").mkdir(parents=True)
    os.environ["ARES_HOME"] = environ["ARES_HOME"]
    from ares import Ares

    with Ares.open() as ares:
        for number in range(modules):
            make_module(folder / f"extra-{number}", number)
            ares.modules.register(folder / f"extra-{number}")
    return environ


def compare(homes: Mapping[int, Mapping[str, str]], rounds: int) -> dict[tuple[int, str], Cost]:
    """Measure every command in every home, in turns."""
    costs = {(count, name): Cost() for count in homes for name in COMMANDS}
    for turn in range(rounds + 1):
        for (count, name), cost in costs.items():
            cpu, memory = measure(COMMANDS[name], homes[count])
            if turn:
                cost.add(cpu, memory)
    return costs


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--modules", type=int, default=200)
    asked = parser.parse_args()
    spec = find_spec("ares")
    assert spec is not None
    for folder in spec.submodule_search_locations or ():
        compileall.compile_dir(folder, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        homes = {count: make_home(Path(folder) / str(count), count) for count in (0, asked.modules)}
        costs = compare(homes, asked.rounds)
    bare = min(costs[count, BARE].cpu for count in homes)
    print(f"{'command':<24}{'modules more':>14}{'CPU ms':>10}{'ratio':>8}{'target':>8}{'peak MB':>10}")
    for (count, name), cost in costs.items():
        target = f"{TARGETS[name]:.0f}x" if name in TARGETS else ""
        row = f"{name:<24}{count:>14}{cost.cpu * 1000:>10.1f}{cost.cpu / bare:>7.1f}x{target:>8}"
        print(f"{row}{cost.memory / 1e6:>10.1f}")
    for name in COMMANDS:
        growth = costs[asked.modules, name].cpu / costs[0, name].cpu - 1
        print(f"{name}: {growth:+.1%} CPU with {asked.modules} modules more")


if __name__ == "__main__":
    main()
