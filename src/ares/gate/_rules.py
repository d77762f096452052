"""The policy files: read, checked, and read again when one of them changes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
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

    def files(self, new: Path | None = None) -> list[Path]:
        """Return the files that make the policy, in the order they are read, as if ``new`` were there.

        Raises :class:`ConfigError` when it cannot be told which there are.
        """
        own, folder = self._paths.user_policy, self._paths.policy_d
        first = [shipped("config") / "policy.yaml", *([own] if own == new or exists(own) else [])]
        # Whatever lies there counts or is named: a rule that is silently not read may be one that denies.
        more = _inside(folder) if exists(folder) else []
        if new is not None and new.parent == folder:
            more.append(new)
        return [*first, *sorted({path for path in more if not path.name.startswith(".")})]

    def __call__(self) -> Rules:
        """Return the rules in force. A file that cannot be trusted makes all of them untrusted."""
        try:
            files = self.files()
        except ConfigError as error:
            return _untrusted(error)
        stamp = tuple(_stamp(path) for path in files)
        if self._rules is None or stamp != self._stamp:
            self._stamp, self._rules = stamp, _read(files, self._outside)
        return self._rules

    def joined(self, file: Path, text: str) -> str:
        """Return what a rule file of the owner, which may be new, says with rules added that are YAML text.

        What the policy would then be is parsed as a whole: rules that do not load, alone or beside those in
        force, are refused. What stands there already is not added again. Raises
        :class:`~ares.errors.PolicyError`, or :class:`~ares.errors.ConfigError` when a file cannot be read.
        """
        before = read_text(file) if exists(file) else "rules:\n"
        if text.strip() in before:
            return before
        joined = before.rstrip("\n") + "\n" + text.rstrip("\n") + "\n"
        if len(joined.encode()) > LARGEST:
            raise PolicyError(f"{file}: no room for another rule; take some out that you no longer need")
        files = self.files(new=file)
        if file not in files:
            raise PolicyError(f"{file}: is not read for rules; they go into {self._paths.policy_d}")
        try:
            _parsed(files, self._outside, {file: joined})
        except (PolicyError, ConfigError) as error:
            raise PolicyError(
                f"no rule was written, for with it the policy could not be trusted: {error}"
            ) from error
        return joined


def _inside(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise ConfigError(f"{folder}: is no folder; files of rules lie in a folder of this name")
    try:
        return [*folder.iterdir()]
    except OSError as error:
        raise ConfigError(
            f"{folder}: cannot be looked into ({error.strerror}); make it a folder that you may read"
        ) from error


def _stamp(path: Path) -> tuple[str | int, ...]:
    try:
        status = os.stat(path)
    except OSError:
        return (str(path),)
    # The time of the last change to the file itself cannot be set back, unlike that of its content.
    return (str(path), status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size)


def _read(files: Sequence[Path], outside: tuple[Rule, ...]) -> Rules:
    try:
        return Rules(rules=_parsed(files, outside, {}))
    except (PolicyError, ConfigError) as error:
        return _untrusted(error)


def _parsed(
    files: Sequence[Path], outside: tuple[Rule, ...], written: Mapping[Path, str]
) -> tuple[Rule, ...]:
    """Return the rules in ``files``. ``written`` has the text of those that are still to be written."""
    # Parsed anew in every process: what a file says must be what is in force, and a cache is one more
    # place in which somebody could write a rule that no file shows.
    rules = outside
    for path in files:
        if path.suffix != ".yaml":
            raise PolicyError(f"{path}: is no file of rules; rules stand in files that end in .yaml")
        document = parse_yaml(written[path], str(path)) if path in written else read_yaml(path)
        rules = parse_rules(document.data, str(path), document.line, onto=rules)
    return rules


def _untrusted(error: Exception) -> Rules:
    return Rules(error=f"the policy cannot be trusted, so everything is denied: {error}")
