"""``python -m ares.evolve.reading all|words|habits|meaning|extraction|fit``, in a checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ares.evolve.command_model import load_sources
from ares.evolve.reading._fit import Example, examples, fitted, write_weights
from ares.evolve.reading._habits import PHRASES, write_habits
from ares.evolve.reading._requests import load_requests, load_world
from ares.evolve.reading._words import listed_words, write_words

_CHECKOUT = Path(__file__).resolve().parents[4]
_PACKAGE = _CHECKOUT / "src" / "ares"
_REQUESTS = _CHECKOUT / "tests" / "data" / "requests"
_FURTHER = ("second", "third", "fourth", "fifth", "sixth")


def _words() -> str:
    from ares.evolve.meaning import REQUESTS, with_requests

    sources = with_requests(load_sources(_CHECKOUT / "modules", held_out=_REQUESTS), REQUESTS, PHRASES)
    vocabulary = listed_words(_PACKAGE / "evolve" / "reading" / "vocabulary.txt")
    names = listed_words(_PACKAGE / "evolve" / "reading" / "names.txt")
    target = _PACKAGE / "inference" / "words.txt"
    spoken = (phrase for tool in sources.tools for phrase in (*tool.phrases, *tool.examples))
    count = write_words(_PACKAGE / "evolve" / "command_model" / "data", target, vocabulary, names, spoken)
    return f"{count} stems in {target}"


def _habits() -> str:
    world = load_world(_REQUESTS, _CHECKOUT / "modules")
    target = _PACKAGE / "inference" / "matching" / "habits.json"
    count = write_habits(_PACKAGE / "evolve" / "command_model" / "data", world.bundled, target, PHRASES)
    return f"weights from {count} phrases in {target}"


def _meaning() -> str:
    from ares.evolve.meaning import REQUESTS, TOOLS, associations, with_requests, with_tools
    from ares.evolve.meaning._train import Settings, train, write_meaning

    sources = with_requests(load_sources(_CHECKOUT / "modules", held_out=_REQUESTS), REQUESTS, PHRASES)
    sources = with_tools(sources, TOOLS)
    folder = _PACKAGE / "inference" / "meaning"
    for name, settings in (("meaning.npz", Settings()), ("bigrams.npz", Settings(bigrams=True))):
        model, words = train(sources, associations(), settings)
        write_meaning(model, words, folder / name)
    return f"vectors of {len(words)} words in {folder}"


def _extraction() -> str:
    from ares.evolve.extraction._train import Settings, train
    from ares.evolve.meaning import REQUESTS, with_requests

    sources = with_requests(load_sources(_CHECKOUT / "modules", held_out=_REQUESTS), REQUESTS, PHRASES)
    trained = train(sources, Settings())
    target = _PACKAGE / "inference" / "extraction" / "extraction.npz"
    trained.write(target)
    return f"a network that knows {len(trained.words)} words in {target}"


def _fit() -> str:
    from ares.agent import built_in_file
    from ares.inference.command import CommandModel, LlamaEngine

    def found(model: CommandModel | None) -> list[Example]:
        return [
            example
            for folder in (_REQUESTS, *(_REQUESTS / each for each in _FURTHER))
            for example in examples(
                load_requests(folder / "dev.jsonl"), load_world(folder, _CHECKOUT / "modules"), model
            )
        ]

    sets = {"matcher": fitted(found(None), with_model=False)}
    file = built_in_file()
    if file is not None:
        sets["model"] = fitted(found(CommandModel(LlamaEngine(file))), with_model=True)
    target = _PACKAGE / "inference" / "proposer" / "weights.json"
    write_weights(target, sets)
    return f"{' and '.join(sets)} weights in {target}"


_TASKS = {"words": _words, "habits": _habits, "meaning": _meaning, "extraction": _extraction, "fit": _fit}
"""In the order in which each needs what the one before wrote."""


def main(arguments: list[str]) -> int:
    """Do the task that is named, or ``all``; each in a process of its own, as words and weights are read once
    in a process.
    """
    if len(arguments) != 1 or arguments[0] not in (*_TASKS, "all"):
        print("usage: python -m ares.evolve.reading all|words|habits|meaning|extraction|fit", file=sys.stderr)
        return 2
    if arguments[0] != "all":
        print(_TASKS[arguments[0]]())
        return 0
    for task in _TASKS:
        code = subprocess.run([sys.executable, "-m", "ares.evolve.reading", task], check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
