"""What the tests of the gate share: answers, the module `probe`, and a look into the ledger."""

from __future__ import annotations

from ares import Ares
from ares.core import Json
from ares.gate import (
    Proposal,
)
from ares.ledger import Record

ALLOW = """
rules:
  - id: probe
    answer: allow
    reason: the tests say so
    when: {capability: ["probe.*"]}
    match: [{capability: probe.look}]
    not_match: [{capability: files.list}]
"""


def yes(proposal: Proposal) -> bool:
    return True


def no(proposal: Proposal) -> bool:
    return False


def content(me: Ares) -> str | None:
    file = me.paths.data / "probe" / "it"
    return file.read_text() if file.exists() else None


def put(me: Ares, text: str) -> None:
    assert me.perform("probe.set", text=text, approve=yes).ok


def allow(me: Ares) -> None:
    me.paths.policy_d.mkdir(parents=True, exist_ok=True)
    (me.paths.policy_d / "tests.yaml").write_text(ALLOW)


def records(me: Ares, ref: str) -> list[Record]:
    return list(me.ledger.records(ref=ref))


def kinds(me: Ares, ref: str) -> list[str]:
    return [record.kind for record in records(me, ref)]


def field(payload: Json, *names: str) -> Json:
    for name in names:
        assert isinstance(payload, dict)
        payload = payload[name]
    return payload
