"""`python -m ares.evolve.command_model`: rebuild the built-in command model from the data in this
repository."""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

from ares.evolve.command_model._recipe import (
    export,
    make_encoder,
    make_tokenizer,
    train_here,
    train_in_processes,
)
from ares.evolve.command_model._sources import HERE, Sources, load_sources

_ROOT = HERE.parents[3]


def main() -> None:
    """Parse the command line and do what it says."""
    parser = argparse.ArgumentParser(prog="python -m ares.evolve.command_model", description=__doc__)
    parser.add_argument("action", choices=("build", "data", "train", "export", "evaluate"))
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints, logs and the result")
    parser.add_argument(
        "--modules", type=Path, default=_ROOT / "modules", help="folder of the bundled modules"
    )
    parser.add_argument(
        "--held-out", type=Path, default=_ROOT / "tests" / "data" / "requests", help="keep clear of these"
    )
    parser.add_argument("--steps", type=int, help="optimiser steps")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2, help="single-threaded training processes")
    parser.add_argument(
        "--kind", choices=("f16", "q8_0"), default="q8_0", help="how the file stores matrices"
    )
    parser.add_argument("--rows", type=int, default=20, help="how many rows `data` prints")
    parser.add_argument("--rank", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.out = options.out.resolve()  # the processes meet at a file URL, which has no relative form
    options.out.mkdir(parents=True, exist_ok=True)
    held_out = options.held_out if options.held_out.is_dir() else None
    sources = load_sources(options.modules, held_out=held_out)
    if options.action == "data":
        _print_rows(sources, options)
    if options.action in ("build", "train"):
        _train(sources, options)
    if options.action in ("build", "export"):
        print(export(sources, options.out, options.kind))
    if options.action in ("build", "evaluate"):
        from ares.evolve.command_model._report import validation_report

        print(validation_report(sources, options.out))


def _train(sources: Sources, options: argparse.Namespace) -> None:
    from ares.evolve.command_model._train import Settings

    settings = Settings(seed=options.seed, **({"steps": options.steps} if options.steps else {}))
    make_tokenizer(sources, options.out, options.seed)
    if options.rank is not None or options.processes == 1:
        train_here(sources, options.out, settings, options.rank or 0, options.processes)
        return
    arguments = [
        "--out",
        str(options.out),
        "--modules",
        str(options.modules),
        "--held-out",
        str(options.held_out),
    ]
    arguments += ["--seed", str(options.seed), "--steps", str(settings.steps)]
    train_in_processes(arguments, options.out, options.processes)


def _print_rows(sources: Sources, options: argparse.Namespace) -> None:
    from ares.evolve.command_model._rows import RowMaker
    from ares.evolve.command_model._tokenizer import load_tokenizer

    make_tokenizer(sources, options.out, options.seed)
    maker = RowMaker(sources, make_encoder(options.out))
    words = {
        number: token for token, number in load_tokenizer(options.out / "tokenizer.json").get_vocab().items()
    }
    for number in range(options.rows):
        row = maker.row(8, 8, Random(f"{options.seed}/{number}"))
        for ids in (row.prefix, *row.branches):
            print("".join(words[one] for one in ids).replace("\u0120", " "))
        print()


if __name__ == "__main__":
    main()
