"""Where ARES keeps things, and where it finds what it ships with.

``ARES_HOME`` moves all state. Without it the XDG folders are used: data in ``$XDG_DATA_HOME/ares``,
configuration in ``$XDG_CONFIG_HOME/ares``, caches in ``$XDG_CACHE_HOME/ares``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ares.errors import ConfigError, UsageError


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one ARES home. Making one touches no file; :meth:`create` makes the folders."""

    home: Path
    config: Path
    cache: Path

    @classmethod
    def find(cls, environ: Mapping[str, str] | None = None) -> Paths:
        """Work the folders out from the environment (default: this process's).

        Raises :class:`~ares.errors.UsageError` when it names none.
        """
        env = os.environ if environ is None else environ
        if moved := env.get("ARES_HOME"):
            home = named_path(moved, env)
            return cls(home, home / "config", home / "cache")
        user = user_home(env)

        def xdg(variable: str, default: str) -> Path:
            value = env.get(variable, "")
            # The specification says that relative values are to be ignored.
            return (Path(value) if value.startswith("/") else user / default) / "ares"

        return cls(
            xdg("XDG_DATA_HOME", ".local/share"),
            xdg("XDG_CONFIG_HOME", ".config"),
            xdg("XDG_CACHE_HOME", ".cache"),
        )

    @property
    def registry_db(self) -> Path:
        """Modules, versions, configuration, models."""
        return self.home / "ares.db"

    @property
    def ledger_db(self) -> Path:
        """The chain of records, grants and approvals."""
        return self.home / "ledger.db"

    @property
    def backups(self) -> Path:
        """Copies of the databases, made before each migration."""
        return self.home / "backups"

    @property
    def modules(self) -> Path:
        """Installed module versions, one folder each: ``<name>/<version>``."""
        return self.home / "modules"

    @property
    def data(self) -> Path:
        """What modules keep, one folder a module."""
        return self.home / "data"

    @property
    def models(self) -> Path:
        """Model files that ARES itself fetched."""
        return self.home / "models"

    @property
    def user_policy(self) -> Path:
        """The owner's own rules, read after the shipped ones."""
        return self.config / "policy.yaml"

    @property
    def policy_d(self) -> Path:
        """Further rule files of the owner; answers of "always" go to ``always.yaml`` in it."""
        return self.config / "policy.d"

    def create(self) -> None:
        """Make the folders, readable for their owner alone. Raises :class:`OSError`."""
        for folder in (self.home, self.config, self.cache, self.data):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def user_home(environ: Mapping[str, str] | None = None) -> Path:
    """Return the user's home: ``HOME``, or what the system says where that is not set.

    Raises :class:`~ares.errors.ConfigError` for a ``HOME`` that is empty or relative: a guess would draw the
    line around what counts as the home, and put files, somewhere else.
    """
    home = (os.environ if environ is None else environ).get("HOME")
    if home is None:
        import pwd

        try:
            home = pwd.getpwuid(os.getuid()).pw_dir
        except KeyError as error:
            raise ConfigError("HOME is not set; set it to your home folder") from error
    if not home.startswith("/"):
        says = f"{home!r}, which is no absolute path" if home else "empty"
        raise ConfigError(f"HOME is {says}; set it to your home folder")
    return Path(home)


def working_folder() -> Path:
    """Return the folder this process works in. Raises :class:`~ares.errors.UsageError` when it is gone."""
    try:
        return Path.cwd()
    except OSError as error:
        raise UsageError("the folder you are in is gone; change to one that exists (cd)") from error


def named_path(name: str | Path, environ: Mapping[str, str] | None = None) -> Path:
    """Return the absolute path of what a person named; a leading ``~`` is their home.

    Raises :class:`~ares.errors.UsageError` when there is no such home, or no folder to start from.
    """
    path = Path(name)
    first = path.parts[0] if path.parts else ""
    if first == "~":
        return user_home(environ).joinpath(*path.parts[1:])
    try:
        path = path.expanduser()
    except RuntimeError as error:
        raise UsageError(f"{name}: there is no user {first[1:]!r}; write the path out") from error
    return path if path.is_absolute() else working_folder() / path


def shipped(name: str) -> Path:
    """Return the path of a file or folder that comes with ARES.

    ``name`` is one of ``schema.sql``, ``config``, ``knowledge``, ``modules`` or a path below the last three.
    In a checkout they stand at its top; in an installed wheel below the package.
    """
    package = Path(__file__).resolve().parent
    installed = package / "_shipped"
    root = installed if installed.is_dir() else package.parent.parent
    return root / name


def own_parts() -> tuple[Path, ...]:
    """Return what the program itself is made of: its code, what it ships with, and the virtual environment
    or checkout it runs from, as far as these are there for it alone."""
    package = Path(__file__).resolve().parent
    parts = [package, *map(shipped, ("config", "knowledge", "modules", "schema.sql"))]
    root = shipped("schema.sql").parent
    if root != package / "_shipped":
        parts += [root / "ares", root / "tools"]
    if sys.prefix != sys.base_prefix:
        parts.append(Path(sys.prefix))
    return tuple(parts)
