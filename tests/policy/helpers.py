"""Small questions and rules for the tests of the policy."""

from __future__ import annotations

from typing import Any

from ares.core import Capability, Effect, Origin
from ares.policy import Place, Question, Rule, parse_rules


def capability(full_name: str = "notes.add", effect: Effect = Effect.WRITE, **facts: Any) -> Capability:
    """Return a capability that takes ``text`` and ``path``."""
    module, _, name = full_name.partition(".")
    schema: dict[str, Any] = {"properties": {"text": {"type": "string"}, "path": {"type": "string"}}}
    rest: dict[str, Any] = {"input_schema": schema, "reversible": True, **facts}
    return Capability(
        module=module, name=name, description="do something", effect=effect, output_schema={}, **rest
    )


def question(
    full_name: str = "notes.add",
    effect: Effect = Effect.WRITE,
    *,
    arguments: dict[str, Any] | None = None,
    origin: Origin = Origin.COMMAND,
    tainted: tuple[str, ...] = (),
    paths: tuple[Place, ...] = (),
    interactive: bool = True,
    **facts: Any,
) -> Question:
    """Return a question about a capability that takes ``text`` and ``path``."""
    return Question(
        capability(full_name, effect, **facts), arguments or {}, origin, tainted, paths, interactive
    )


def rule(answer: str = "deny", name: str = "r", **when: Any) -> Rule:
    """Return a rule without examples, which only deny and ask may lack; allow gets ones that hold."""
    data: dict[str, Any] = {"id": name, "answer": answer, "reason": f"because {name}", "when": when}
    if answer != "allow":
        return parse_rules({"rules": [data]}, "test.yaml")[0]
    from dataclasses import replace

    from ares.core import Answer

    data["answer"] = "deny"
    return replace(parse_rules({"rules": [data]}, "test.yaml")[0], answer=Answer.ALLOW)
