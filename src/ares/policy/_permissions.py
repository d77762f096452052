"""AETHER's ``permissions.json`` as rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ares.core import Json, digest
from ares.errors import PolicyError
from ares.policy._always import write_rules
from ares.policy._parse import parse_rules
from ares.policy._rule import Rule

_KEYS: Final = ("version", "global_policy", "rules")
_WORD: Final = re.compile(r"[A-Za-z0-9_-]+")
_TOOL: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_.-]+)?")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to: rules, their YAML text for a file in ``policy.d``, and what a person should
    know about the difference."""

    rules: tuple[Rule, ...]
    text: str
    notes: tuple[str, ...]


def import_permissions(data: object, where: str = "permissions.json", *, module: str = "aether") -> Imported:
    """Turn the parsed ``permissions.json`` of an AETHER host into rules.

    A tool name without a dot is a capability of ``module``, the name the tools are registered under here; one
    with a dot is a full name. As there, only the exact word ``allow`` allows a tool, any other value denies
    it, and a ``global_policy`` that is not exactly ``allow`` denies every other tool of the modules named.
    Two things differ: a global ``allow`` becomes ask, since nothing here is allowed without being named, and
    ``version`` may be missing. Raises :class:`PolicyError`.
    """
    if not isinstance(data, Mapping):
        raise PolicyError(f"{where}: permissions are a JSON object with global_policy and rules")
    if unknown := [str(key) for key in data if key not in _KEYS]:
        raise PolicyError(f"{where}: permissions have no key {unknown[0]!r}; known: {', '.join(_KEYS)}")
    if not _WORD.fullmatch(module):
        raise PolicyError(f"{where}: {module!r} is no module name")
    tools = _tools(data.get("rules"), where, module)
    notes: list[str] = []
    written = [
        _allow(module, name) if value == "allow" else _deny(module, name, value)
        for name, value in tools.items()
    ]
    default = data.get("global_policy")
    if default == "allow":
        notes.append("global_policy allow becomes ask: here only what a rule names is allowed")
    else:
        written.append(_default(module, tools))
    if default not in ("allow", "deny"):
        notes.append(f"global_policy {default!r} is neither allow nor deny and counts as deny")
    for name, value in tools.items():
        if value not in ("allow", "deny"):
            notes.append(f"{name}: {value!r} is not allow and counts as deny")
    text = write_rules(written)
    return Imported(parse_rules({"rules": written}, where), text, tuple(notes))


def _tools(rules: object, where: str, module: str) -> dict[str, Json]:
    if rules is None:
        return {}
    if not isinstance(rules, Mapping):
        raise PolicyError(f"{where}: rules is a JSON object of tool names")
    tools: dict[str, Json] = {}
    for name, value in rules.items():
        if not isinstance(name, str) or not _TOOL.fullmatch(name):
            raise PolicyError(f"{where}: rules: {name!r} is no tool name")
        full_name = name if "." in name else f"{module}.{name}"
        if full_name in tools:
            raise PolicyError(f"{where}: rules: {full_name} is named twice; keep one")
        tools[full_name] = value
    return tools


def _rule_id(module: str, name: str) -> str:
    """Return an id that no import for another module gives: each host has a word on the same tool."""
    full = f"{module}.{name}"
    plain = full.lower()[:60]
    return f"aether-{plain}" if plain == full else f"aether-{plain}-{digest(full)[:8]}"


def _allow(module: str, full_name: str) -> dict[str, Json]:
    return {
        "id": _rule_id(module, full_name),
        "answer": "allow",
        "reason": "AETHER's permissions.json allows this tool",
        "when": {"capability": [full_name]},
        "match": [{"capability": full_name}],
        "not_match": [{"capability": f"{full_name}-not"}],
    }


def _deny(module: str, full_name: str, value: Json) -> dict[str, Json]:
    return {
        "id": _rule_id(module, full_name),
        "answer": "deny",
        "reason": f"AETHER's permissions.json says {str(value)[:40]!r}, which is not allow",
        "when": {"capability": [full_name]},
    }


def _default(module: str, tools: Mapping[str, Json]) -> dict[str, Json]:
    modules = sorted({module, *(name.partition(".")[0] for name in tools)})
    when: dict[str, Json] = {"capability": [f"{each}.*" for each in modules]}
    if tools:
        when["other_than"] = sorted(tools)
    return {
        "id": _rule_id(module, "everything-else"),
        "answer": "deny",
        "reason": "AETHER's permissions.json denies every tool it does not name",
        "when": when,
    }
