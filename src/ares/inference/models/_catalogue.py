"""The models a person can choose from: the built-in one, those added by name, and any GGUF file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ares.core import Json
from ares.errors import ModelError, NotFoundError, UsageError
from ares.inference.engine import Header, read_header
from ares.paths import named_path

if TYPE_CHECKING:
    from ares.config import Config
    from ares.registry import Registry

BUILT_IN: Final = "built-in"
"""The name of the model that comes with ARES."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The model that a sentence is to be read with; ``known`` by its name, or else as a file."""

    name: str
    path: Path
    built_in: bool
    known: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """A model known by name. ``header`` is what its file says, or None when ``problem`` says why not."""

    name: str
    path: Path
    active: bool
    header: Header | None
    problem: str = ""

    def describe(self) -> Mapping[str, Json]:
        """Return the entry as JSON."""
        facts: dict[str, Json] = {
            "name": self.name,
            "path": str(self.path),
            "active": self.active,
            "problem": self.problem,
        }
        if self.header is not None:
            facts |= {
                "size": self.header.size,
                "architecture": self.header.architecture,
                "parameters": self.header.parameters,
                "context": self.header.context,
                "quantisation": self.header.quantisation,
                "chat_template": bool(self.header.chat_template),
            }
        return facts


def built_in_model() -> Path:
    """Return where the built-in command model lies (beside this file, also in a wheel)."""
    return Path(__file__).resolve().parent / "command.gguf"


class Catalogue:
    """Adds, lists and chooses models. What a file is, is read from the file itself each time."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def add(self, path: str, name: str = "") -> Entry:
        """Make the GGUF file ``path`` known as ``name`` (empty: the name of the file without its ending).

        The file stays where it is. Raises :class:`ModelError` when it is no model that can be run,
        :class:`UsageError` when the name is taken by another file or reserved.
        """
        file = named_path(path)
        header = read_header(file)
        name = name or "-".join(file.stem.split())
        if name == BUILT_IN or "/" in name:
            raise UsageError(f"{name!r} cannot be the name of a model; use one word of your own")
        for known in self._registry.models():
            if known.name == name and Path(known.path) != file:
                raise UsageError(f"there is a model {name!r} already ({known.path}); choose another name")
        added = self._registry.add_model(name, str(file))
        return Entry(added.name, file, added.active, header)

    def list(self) -> tuple[Entry, ...]:
        """Return every model known by name, the built-in one first. Files that are gone are said to be."""
        known = self._registry.models()
        built_in = _entry(BUILT_IN, built_in_model(), active=not any(model.active for model in known))
        return (
            built_in,
            *(_entry(model.name, Path(model.path), active=model.active, size=model.size) for model in known),
        )

    def use(self, name: str) -> Entry:
        """Choose the model ``name`` from now on; ``built-in`` takes the choice back.

        Raises :class:`NotFoundError` for an unknown name and :class:`ModelError` when its file cannot be run;
        then the choice stays as it was.
        """
        if name == BUILT_IN:
            self._registry.use_model("")
            return _entry(BUILT_IN, built_in_model(), active=True)
        header = next(
            (read_header(Path(known.path)) for known in self._registry.models() if known.name == name), None
        )
        self._registry.use_model(name)
        assert header is not None, "the registry refuses unknown names"
        return Entry(name, header.path, True, header)

    def resolve(self, config: Config) -> Chosen:
        """Return the model to read sentences with.

        The setting ``model`` (a known name or a file; set by flag, environment or ``ares.yaml``) comes first,
        then the choice made with :meth:`use`, then the built-in model. Raises :class:`NotFoundError` when the
        setting is neither a name nor a file.
        """
        setting = config.all()["model"]
        choice = config.text("model")
        in_use = self._registry.model_in_use()
        if not choice and in_use is not None:
            return Chosen(in_use.name, Path(in_use.path), built_in=False)
        return self._named(choice or BUILT_IN, setting.source)

    def check(self, choice: str, where: str) -> str:
        """Return ``choice`` as the setting ``model`` may have it, a name that is known or the whole path of a
        file; ``where`` says who asks for it.

        Raises :class:`NotFoundError` when it is neither, and :class:`ModelError` for a file that is no model.
        """
        chosen = self._named(choice, where)
        if not chosen.built_in:
            read_header(chosen.path)
        return choice if chosen.known else str(chosen.path)

    def _named(self, choice: str, where: str) -> Chosen:
        if choice == BUILT_IN:
            return Chosen(BUILT_IN, built_in_model(), built_in=True)
        known = {model.name: model for model in self._registry.models()}
        if choice in known:
            return Chosen(choice, Path(known[choice].path), built_in=False)
        file = named_path(choice)
        if not file.exists():
            names = ", ".join([BUILT_IN, *known])
            raise NotFoundError(
                f"{where}: {choice!r} is neither a model known by name ({names}) nor a file;"
                " `ares models add` adds one"
            )
        return Chosen(file.stem, file, built_in=False, known=False)


def _entry(name: str, path: Path, *, active: bool, size: int = 0) -> Entry:
    try:
        header = read_header(path)
    except ModelError as error:
        return Entry(name, path, active, None, str(error))
    changed = f"{path}: has changed since it was added" if size and size != header.size else ""
    return Entry(name, path, active, header, changed)
