"""The recipe from data to file: tokenizer, training in several processes, export, manifest."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

from ares.evolve.command_model._rows import RequestMaker, RowMaker
from ares.evolve.command_model._sources import HERE, Sources
from ares.evolve.command_model._tokenizer import VOCABULARY, load_tokenizer, tokenize_with, train_tokenizer
from ares.inference.command import Encoder

if TYPE_CHECKING:
    from ares.evolve.command_model._train import Settings

TOKENIZER: Final = "tokenizer.json"
_WATCHED: Final = 60  # questions of each kind that are asked during training
_CODE: Final = (HERE, HERE.parents[1] / "inference" / "command")


def code_version() -> str:
    """The SHA-256 over the source files that decide the result: this package and the prompt format."""
    digest = hashlib.sha256()
    for folder in _CODE:
        for file in sorted(folder.glob("*.py")):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def file_digest(path: Path) -> str:
    """The SHA-256 of the bytes of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tokenizer_texts(sources: Sources, seed: int) -> Iterator[str]:
    """Texts as they occur in prompts, in about the proportion in which they do."""
    rng = Random(f"tokenizer {seed}")
    maker = RequestMaker(sources)
    for tool in sources.tools:
        names = [tool.name.replace(".", " "), *(slot.argument.name for slot in tool.slots)]
        for text in (tool.description, *names):
            yield from [text.replace("_", " ")] * 3
        for _ in range(100 if tool.bundled else 14):
            if request := maker.request(tool, rng.choice(tool.phrases), rng):
                yield request.text
    for _ in range(2 * len(sources.none)):
        if request := maker.none(rng):
            yield request.text


def make_tokenizer(sources: Sources, out: Path, seed: int) -> None:
    """Train the tokenizer into ``out``, unless it is there."""
    path = out / TOKENIZER
    if not path.exists():
        train_tokenizer(tokenizer_texts(sources, seed), VOCABULARY).save(str(path))


def make_encoder(out: Path) -> Encoder:
    """The encoder on the tokenizer in ``out``."""
    return Encoder(partial(tokenize_with, load_tokenizer(out / TOKENIZER)))


def train_here(sources: Sources, out: Path, settings: Settings, rank: int, world: int) -> None:
    """Be process ``rank`` of ``world`` of a training run; rank 0 writes ``model.pt``, the log and the
    figures."""
    import torch

    from ares.evolve.command_model._model import CommandLlama
    from ares.evolve.command_model._questions import questions
    from ares.evolve.command_model._train import Trainer
    from ares.evolve.command_model._validation import score, summary

    torch.set_num_threads(1)
    if world > 1:
        torch.distributed.init_process_group(
            "gloo", init_method=f"file://{out / 'meeting'}", rank=rank, world_size=world
        )
    encoder = make_encoder(out)
    asked = questions(sources) if rank == 0 else {}

    def watch(model: CommandLlama, step: int) -> str:
        return summary(score(model, encoder, asked, _WATCHED))

    trainer = Trainer(
        settings, RowMaker(sources, encoder), VOCABULARY, out, rank, world, partial(_log, out / "log.txt")
    )
    model = trainer.run(watch)
    if rank == 0:
        torch.save(model.state_dict(), out / "model.pt")
        record = {
            "settings": asdict(settings),
            "data": sources.digest,
            "code": code_version(),
            "parameters": sum(parameter.numel() for parameter in model.parameters()),
            "seconds": round(trainer.seconds),
            "processes": world,
            "validation": score(model, encoder, asked),
        }
        write_json(out / "training.json", record)
    if world > 1:
        torch.distributed.destroy_process_group()


def train_in_processes(arguments: list[str], out: Path, world: int) -> None:
    """Run ``world`` training processes with the command line ``arguments`` and wait for them."""
    (out / "meeting").unlink(missing_ok=True)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "ares.evolve.command_model", "train", *arguments]
    workers = [
        subprocess.Popen([*command, "--rank", str(rank), "--processes", str(world)], env=environment)
        for rank in range(world)
    ]
    try:
        codes = [worker.wait() for worker in workers]
    finally:
        for worker in workers:
            if worker.poll() is None:
                worker.kill()
    if any(codes):
        raise RuntimeError(
            f"training in {out} stopped early; see what it printed, then run the same command again"
        )


def _log(path: Path, line: str) -> None:
    stamped = f"{time.strftime('%H:%M:%S')} {line}"
    print(stamped, flush=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(stamped + "\n")


def export(sources: Sources, out: Path, kind: str) -> dict[str, Any]:
    """Write ``command.gguf`` and its manifest ``command.json`` from the trained model in ``out``; the
    manifest."""
    import torch

    from ares.evolve.command_model._export import logit_difference, tokenizer_differences, write_gguf
    from ares.evolve.command_model._model import CommandLlama
    from ares.evolve.command_model._questions import question_row, questions
    from ares.evolve.command_model._train import Settings
    from ares.inference.command import LlamaEngine

    record: dict[str, Any] = json.loads((out / "training.json").read_text("utf-8"))
    model = CommandLlama(Settings(**record["settings"]).shape(VOCABULARY))
    model.load_state_dict(torch.load(out / "model.pt", weights_only=True))
    target = out / "command.gguf"
    write_gguf(model, load_tokenizer(out / TOKENIZER), target, kind, record["code"][:12])
    engine, encoder = LlamaEngine(target), make_encoder(out)
    asked = [question for some in questions(sources).values() for question in some[:40]]
    rows = [row[0] for question in asked if (row := question_row(encoder, question))]
    worst, same = logit_difference(
        model, engine, (row.prefix + row.branches[0][: row.starts[0] + 1] for row in rows)
    )
    record |= {
        "file": file_digest(target),
        "bytes": target.stat().st_size,
        "kind": kind,
        "logit difference": round(worst, 4),
        "same first token": round(same, 4),
        "tokenizer differences": tokenizer_differences(encoder, engine, (q.request.text for q in asked)),
    }
    write_json(out / "command.json", record)
    return record


def write_json(path: Path, value: Any) -> None:
    """``value`` as readable JSON at ``path``."""
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", "utf-8")
