"""How long a policy decision takes beside Cedar (cedarpy), over an equivalent set of rules in the same run.

The rules are the shipped ones and twenty more; every rule is also written as a Cedar policy: allow as permit,
deny as forbid, and neither means ask. Both sides get their rules parsed and their questions built beforehand,
and answer the same questions; the answers are compared first. Cedar is given what it cannot express for free:
taint, links and unknown arguments are not in its policies.

    python benchmarks/policy.py [rounds]

Prints the time a decision takes on each side and the ratio. Rounds alternate, and the fastest of each side
counts. Without cedarpy (the extra `bench`) it prints our time alone and says so.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from ares.config import read_yaml
from ares.core import Answer, Capability, Effect, Origin
from ares.paths import shipped
from ares.policy import Place, Question, Rule, decide, parse_rules

REPEATS = 20


def more_rules() -> list[dict[str, Any]]:
    """Return ten allow and ten deny rules as an owner might add them."""
    allowed = [
        {
            "id": f"always-{number}",
            "answer": "allow",
            "reason": "you answered always to exactly this",
            "when": {
                "capability": ["notes.add"],
                "effect": ["write"],
                "origin": ["command", "sentence", "chat"],
                "arguments": {"text": {"equals": f"note {number}"}},
            },
            "match": [
                {"capability": "notes.add", "effect": "write", "arguments": {"text": f"note {number}"}}
            ],
            "not_match": [{"capability": "notes.add", "effect": "write", "arguments": {"text": "other"}}],
        }
        for number in range(10)
    ]
    denied = [
        {
            "id": f"never-{number}",
            "answer": "deny",
            "reason": "not from there",
            "when": {"capability": [f"module{number}.*"], "effect": ["write", "execute"], "origin": ["mcp"]},
        }
        for number in range(10)
    ]
    return [*allowed, *denied]


def questions() -> list[Question]:
    """Return calls of several capabilities from several origins, in and outside of allowed places."""
    calls: list[tuple[str, Effect, dict[str, Any], str]] = [
        ("system.memory", Effect.READ, {}, ""),
        ("system.disk", Effect.READ, {"path": "/"}, "system"),
        ("files.read", Effect.READ, {"path": "/home/ada/list"}, "home"),
        ("files.read", Effect.READ, {"path": "/etc/hosts"}, "system"),
        ("files.read", Effect.READ, {"path": "/home/ada/.local/share/ares/x"}, "state"),
        ("notes.add", Effect.WRITE, {"text": "note 7"}, ""),
        ("notes.add", Effect.WRITE, {"text": "something else"}, ""),
        ("module3.run", Effect.EXECUTE, {}, ""),
    ]
    origins = (Origin.COMMAND, Origin.SENTENCE, Origin.MCP)
    return [_question(*call, origin) for call in calls for origin in origins]


def _question(name: str, effect: Effect, arguments: dict[str, Any], inside: str, origin: Origin) -> Question:
    module, _, short = name.partition(".")
    capability = Capability(
        module=module,
        name=short,
        description="",
        effect=effect,
        input_schema={"properties": {each: {"type": "string"} for each in arguments}},
        output_schema={},
        reversible=True,
    )
    places = (Place("path", arguments["path"], inside),) if inside else ()
    return Question(capability, arguments, origin, (), places)


def as_cedar(rules: Sequence[Rule]) -> str:
    """Return the same rules as Cedar policies."""
    policies = ['forbid (principal, action, resource) when { context.places.contains("state") };']
    for rule in rules:
        head = "permit" if rule.answer is Answer.ALLOW else "forbid"
        when = " && ".join(f"({part})" for part in _cedar_conditions(rule)) or "true"
        policies.append(f"{head} (principal, action, resource) when {{ {when} }};")
    return "\n".join(policies)


def _cedar_conditions(rule: Rule) -> list[str]:
    names = [
        f"context.module == {json.dumps(name[:-2])}"
        if name.endswith(".*")
        else f"action == Action::{json.dumps(name)}"
        for name in rule.capability
    ]
    parts = [" || ".join(names)] if names else []
    for name, values in (("effect", rule.effect), ("origin", rule.origin)):
        if values:
            parts.append(f"{json.dumps([str(value) for value in values])}.contains(context.{name})")
    if rule.every_place:
        parts.append(f"{json.dumps(list(rule.every_place))}.containsAll(context.places)")
    for test in rule.arguments:
        given = f"context.arguments has {test.name}"
        parts.append(f"{given} && context.arguments.{test.name} == {json.dumps(test.values[0])}")
    return parts


def as_request(question: Question) -> dict[str, Any]:
    """Return the same question as a Cedar request."""
    return {
        "principal": 'User::"owner"',
        "action": f'Action::"{question.capability.full_name}"',
        "resource": 'Machine::"here"',
        "context": {
            "module": question.capability.module,
            "effect": str(question.capability.effect),
            "origin": str(question.origin),
            "arguments": dict(question.arguments),
            "places": [place.inside for place in question.paths],
        },
    }


def best(work: Callable[[], object], count: int) -> float:
    """Return the microseconds of CPU time a decision takes, ``count`` of them made by ``work``."""
    began = time.process_time()
    work()
    return (time.process_time() - began) / count * 1e6


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    document = read_yaml(shipped("config") / "policy.yaml")
    rules = parse_rules(document.data, document.where, document.line)
    rules = parse_rules({"rules": more_rules()}, "more", onto=rules)
    asked = questions()
    count = len(asked) * REPEATS

    def ours() -> None:
        for _ in range(REPEATS):
            for question in asked:
                decide(question, rules)

    try:
        import cedarpy
    except ImportError:
        took = min(best(ours, count) for _ in range(rounds))
        print(f"ares   {took:8.2f} us a decision ({len(rules)} rules)")
        print("cedarpy is not installed (the extra `bench`), so there is nothing to compare with")
        return 0

    policies = cedarpy.PolicySet.from_str(as_cedar(rules))
    entities = cedarpy.Entities.from_json_str("[]")
    requests = [as_request(question) for question in asked]

    def cedar(request: dict[str, Any]) -> Answer:
        result = cedarpy.is_authorized(request, policies, entities)
        if result.diagnostics.errors:
            raise RuntimeError(f"Cedar could not judge {request}: {result.diagnostics.errors}")
        if result.decision == cedarpy.Decision.Allow:
            return Answer.ALLOW
        return Answer.DENY if result.diagnostics.reasons else Answer.ASK

    def theirs() -> None:
        for _ in range(REPEATS):
            for request in requests:
                cedarpy.is_authorized(request, policies, entities)

    seen = set()
    for question, request in zip(asked, requests, strict=True):
        mine, other = decide(question, rules).answer, cedar(request)
        seen.add(mine)
        if mine is not other:
            print(f"different answers: ares {mine}, cedar {other} for {request}")
            return 1
    times = [(best(ours, count), best(theirs, count)) for _ in range(rounds)]
    fastest = [min(side) for side in zip(*times, strict=True)]
    print(f"{len(asked)} questions over {len(rules)} rules; the same answers ({', '.join(sorted(seen))})")
    print(f"ares   {fastest[0]:8.2f} us a decision")
    print(f"cedar  {fastest[1]:8.2f} us a decision")
    print(f"ratio  {fastest[0] / fastest[1]:8.2f} (target: at most 0.5)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
