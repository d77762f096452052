"""Every error that ARES raises on purpose.

    AresError                   what a caller may catch; one line for people, an exit code for the shell
    ├── UsageError              the words of the call are off (unknown name, bad value)          exit 2
    │   ├── ManifestError       module.yaml does not say what it must: file, line, what to do
    │   ├── ConfigError         a configuration file or override: file, line, key
    │   ├── PolicyError         a policy file cannot be trusted; nothing runs until it is mended
    │   ├── ArgumentError       arguments break the capability's schema
    │   └── NotFoundError       a module, capability, action, model that is not there
    ├── DeniedError             the gate said no, or nobody could be asked                       exit 4
    │   └── GrantError          a grant that is forged, used, expired or for other bytes
    ├── DependencyError         a module needs something this machine lacks                      exit 5
    ├── ModuleError             a module failed, answered nonsense or ran out of time            exit 6
    │   └── VerificationError   it said it was done, and reading back shows otherwise
    ├── ModelError              a model cannot be loaded or did not answer in form               exit 7
    └── StoreError              the databases: locked, full, read-only, newer than this program  exit 8
        └── TamperError         the ledger does not verify                                       exit 9

A message is one line: what, where, what to do next. Only the edges (command line, Python face) turn an
error into text; in between it is caught only where something can be done about it.
"""

from __future__ import annotations

from typing import ClassVar


class AresError(Exception):
    """Base of every deliberate error. ``str(error)`` is one line fit to be shown to a person."""

    exit_code: ClassVar[int] = 1


class UsageError(AresError):
    """The words of a call are off: an unknown name or a value that cannot be meant."""

    exit_code = 2


class ManifestError(UsageError):
    """A module manifest cannot be registered. The message names file and line."""


class ConfigError(UsageError):
    """A configuration file or override has an unknown key or an impossible value."""


class PolicyError(UsageError):
    """A policy file does not load, or one of its rules fails its own examples."""


class ArgumentError(UsageError):
    """Arguments do not fit the input schema of a capability. The message names the argument."""


class NotFoundError(UsageError):
    """A module, capability, action or model with this name is not known."""


class DeniedError(AresError):
    """The gate did not let an action through. The reason is in the ledger too."""

    exit_code = 4


class GrantError(DeniedError):
    """A grant does not fit what is about to run: forged, used, expired, or other bytes."""


class DependencyError(AresError):
    """A module needs a package, program, module or setting that is missing. Each one is named."""

    exit_code = 5


class ModuleError(AresError):
    """A module raised, answered something that breaks its schema, or ran out of time."""

    exit_code = 6


class VerificationError(ModuleError):
    """What a module claims to have done could not be read back."""


class ModelError(AresError):
    """A model file cannot be loaded, or its answer does not fit what was asked."""

    exit_code = 7


class StoreError(AresError):
    """A database cannot be opened or written: locked, full, read-only, damaged, or too new."""

    exit_code = 8


class TamperError(StoreError):
    """The ledger does not verify. The message names the first record that is wrong."""

    exit_code = 9
