"""How many of the requests written by hand are read right: ``python benchmarks/requests.py
[dev|second|joined|report] [options]``; ``second`` are those that other people wrote later, ``joined``
sentences that ask for two things at once.

Prints a table by set and by voice. ``--no-model`` reads with the matcher alone, ``--model FILE`` with
another command model, ``--wrong`` lists what was not read right. The report half is for reporting a finished
model: an evaluation on it is appended to ``tests/data/evaluations.jsonl`` and its sentences are never listed.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from ares.agent import built_in_file
from ares.evolve.reading import Measured, load_joined, load_requests, load_world, measure, table
from ares.inference.command import CommandModel, LlamaEngine
from ares.inference.proposer import CommandProposer

CHECKOUT = Path(__file__).resolve().parents[1]
REQUESTS = CHECKOUT / "tests" / "data" / "requests"
JOINED = CHECKOUT / "tests" / "data" / "joined.jsonl"


def main() -> int:
    """Measure and print."""
    options = _options()
    file = None if options.no_model else options.model or built_in_file()
    model = CommandModel(LlamaEngine(file)) if file is not None else None
    second = options.half == "second"
    folder = REQUESTS / "second" if second else REQUESTS
    world = load_world(folder, CHECKOUT / "modules")
    file_of = {"joined": JOINED, "second": folder / "dev.jsonl"}
    load = load_joined if options.half == "joined" else load_requests
    requests = load(file_of.get(options.half, folder / f"{options.half}.jsonl"))
    proposer = CommandProposer(model, file.name if file is not None else "")
    measured = measure(proposer, world, requests, options.offer)
    print(f"{options.half}: {file.name if file is not None else 'no model'}, {options.offer} offered\n")
    print(table(measured))
    if options.half == "report":
        _log(measured, file.name if file is not None else "no model")
    elif options.wrong:
        _list_wrong(measured)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("half", nargs="?", default="dev", choices=("dev", "second", "joined", "report"))
    parser.add_argument("--model", type=Path)
    parser.add_argument("--no-model", action="store_true")
    parser.add_argument("--offer", type=int, default=12)
    parser.add_argument("--wrong", action="store_true")
    return parser.parse_args()


def _list_wrong(measured: Measured) -> None:
    for result in measured.results:
        if not result.right:
            calls = [(call.capability, dict(call.arguments)) for call in result.reading.calls]
            request = result.request
            expected = request.answers[:1] or request.clarify or "none"
            print(f"\n{request.id} {request.voice}: {request.text}\n  expected {expected}")
            reading = result.reading
            print(f"  got {reading.kind} {calls or reading.candidates} {dict(reading.notes)}")


def _log(measured: Measured, model: str) -> None:
    sets = dict.fromkeys(each.request.set for each in measured.results)
    row = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "model": model,
        "exact": {name: round(measured.share(measured.of(set=name)), 4) for name in sets},
    }
    with (REQUESTS.parent / "evaluations.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    sys.exit(main())
