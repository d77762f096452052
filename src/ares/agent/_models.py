"""Which model reads sentences, and opening it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ares.errors import ModelError

if TYPE_CHECKING:
    from ares.config import Config
    from ares.inference import Proposer
    from ares.inference.engine import Engine, Header
    from ares.registry import Registry

BUILT_IN: Final = "built-in"
_COMMAND_MODEL: Final = "ares-command"
"""What the header of a command model's file calls it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A proposer with the engine it stands on; ``most`` is how many capabilities it can be offered, 0 for
    any.
    """

    proposer: Proposer
    engine: Engine | None
    most: int = 0

    def close(self) -> None:
        """Free the model."""
        if self.engine is not None:
            self.engine.close()


def built_in_file() -> Path | None:
    """The command model that ARES ships, or None in a checkout that has none yet."""
    file = Path(str(resources.files("ares.inference").joinpath("models", "command.gguf")))
    return file if file.is_file() else None


def open_proposer(registry: Registry, config: Config) -> Opened:
    """Open what the setting ``model`` names, else the model in use in the registry, else the built-in one.

    Without a built-in file the matcher reads alone. Raises :class:`~ares.errors.NotFoundError` for a name
    that is neither a registered model nor a file, and :class:`~ares.errors.ModelError` for a file that
    cannot be used.
    """
    from ares.inference import load_numpy
    from ares.inference.models import Catalogue

    load_numpy()
    chosen = Catalogue(registry).resolve(config)
    if chosen.built_in:
        shipped = built_in_file()
        return _without_model() if shipped is None else _command(shipped, BUILT_IN)
    return open_file(chosen.path, config)


def open_file(file: Path, config: Config) -> Opened:
    """Open the GGUF file of a command model or of any that follows instructions.

    Raises :class:`~ares.errors.ModelError` when it cannot be used.
    """
    from ares.inference.engine import read_header

    if read_header(file).name == _COMMAND_MODEL:
        return _command(file, file.stem)
    return _chat(file, config)


def prompts_of(header: Header) -> str:
    """Say in which form a model is told what to read."""
    if header.name == _COMMAND_MODEL:
        return "the form that command models are trained with"
    from ares.inference.chat import written_with

    return written_with(header.chat_template)


def _without_model() -> Opened:
    from ares.inference.proposer import CommandProposer

    return Opened(CommandProposer(), None)


def _command(file: Path, name: str) -> Opened:
    from ares.inference.command import MAX_TOOLS, CommandModel
    from ares.inference.engine import Engine
    from ares.inference.proposer import CommandProposer

    # One thread: a request is some hundred tokens of a small model, and a second thread only waits for the
    # first.
    engine = Engine.open(file, threads=1, context=_CONTEXT)
    try:
        return Opened(CommandProposer(CommandModel(engine), name), engine, MAX_TOOLS)
    except (ValueError, AssertionError) as error:
        engine.close()
        raise ModelError(f"{file}: not a command model that this version can use: {error}") from error


_CONTEXT: Final = 2048


def _chat(file: Path, config: Config) -> Opened:
    from ares.inference.chat import ChatProposer
    from ares.inference.engine import Engine

    engine = Engine.open(file, config.number("inference.threads"), config.number("inference.context"))
    proposer = ChatProposer(engine)
    try:
        proposer.check()
    except ModelError:
        engine.close()
        raise
    return Opened(proposer, engine)
