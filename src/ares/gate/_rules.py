"""The policy files: read, checked, and read again when one of them changes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ares.config import parse_yaml, read_yaml
from ares.errors import ConfigError, PolicyError
from ares.paths import Paths, shipped
from ares.policy import Rule, outside_rules, parse_rules
from ares.textfile import LARGEST, exists, read_text


@dataclass(frozen=True, slots=True)
class Rules:
    """The policy in force, or why it cannot be trusted (then everything is denied)."""

    rules: tuple[Rule, ...] = ()
    error: str = ""


class RuleBook:
    """Reads the shipped rules, the owner's ``policy.yaml`` and every ``policy.d/*.yaml``.

    ``outside`` is the setting ``policy.outside``.
    """

    def __init__(self, paths: Paths, outside: str) -> None:
        self._paths = paths
        self._outside = outside_rules(outside)
        self._stamp: tuple[tuple[str | int, ...], ...] = ()
        self._rules: Rules | None = None

    def files(self) -> list[Path]:
        """Return the files that make the policy, in the order they are read.

        Raises :class:`ConfigError` or :class:`OSError` when it cannot be told which there are.
        """
        own = [self._paths.user_policy] if exists(self._paths.user_policy) else []
        folder = self._paths.policy_d
        # Whatever lies there counts or is named: a rule that is silently not read may be one that denies.
        more = sorted(folder.iterdir()) if folder.is_dir() else [folder] if exists(folder) else []
        more = [path for path in more if not path.name.startswith(".")]
        return [shipped("config") / "policy.yaml", *own, *more]

    def __call__(self) -> Rules:
        """Return the rules in force. A file that cannot be trusted makes all of them untrusted."""
        try:
            files = self.files()
        except (ConfigError, OSError) as error:
            return _untrusted(error)
        stamp = tuple(_stamp(path) for path in files)
        if self._rules is None or stamp != self._stamp:
            self._stamp, self._rules = stamp, _read(files, self._outside)
        return self._rules


def _stamp(path: Path) -> tuple[str | int, ...]:
    try:
        status = os.stat(path)
    except OSError:
        return (str(path),)
    # The time of the last change to the file itself cannot be set back, unlike that of its content.
    return (str(path), status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size)


def _read(files: list[Path], outside: tuple[Rule, ...]) -> Rules:
    # Parsed anew in every process: what a file says must be what is in force, and a cache is one more
    # place in which somebody could write a rule that no file shows.
    rules: tuple[Rule, ...] = outside
    try:
        for path in files:
            if path.suffix != ".yaml" or not path.is_file():
                raise PolicyError(f"{path}: is no file of rules; rules stand in files that end in .yaml")
            document = read_yaml(path)
            rules = parse_rules(document.data, str(path), document.line, onto=rules)
    except (PolicyError, ConfigError, OSError) as error:
        return _untrusted(error)
    return Rules(rules=rules)


def _untrusted(error: Exception) -> Rules:
    return Rules(error=f"the policy cannot be trusted, so everything is denied: {error}")


def with_rules(file: Path, text: str) -> str:
    """Return what a rule file of the owner, which may be new, says with rules added that are YAML text.

    What stands there already is not added again. Raises :class:`~ares.errors.PolicyError` when the result
    would not load, or :class:`~ares.errors.ConfigError` when the file cannot be read.
    """
    before = read_text(file) if exists(file) else "rules:\n"
    if text.strip() in before:
        return before
    joined = before.rstrip("\n") + "\n" + text.rstrip("\n") + "\n"
    if len(joined.encode()) > LARGEST:
        raise PolicyError(f"{file}: no room for another rule; take some out that you no longer need")
    document = parse_yaml(joined, str(file))
    parse_rules(document.data, str(file), document.line)
    return joined
