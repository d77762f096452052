"""What is promised of the five steps, with nothing between the promise and the real gate."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.cli.console import Console, records

from ares import Ares
from ares.core import Action, Band, Origin, Provenance, Source
from ares.gate import Proposal
from ares.knowledge import Knowledge
from ares.knowledge._file import KnowledgeFile, parse_file, render_file
from ares.paths import shipped
from ares.protocol import as_json, render_markdown

QUESTION = "Do it? yes / no / edit / explain / always [no] "
STEPS = ("challenge", "simplify", "validate", "explain", "confidence")


@pytest.fixture
def me() -> Iterator[Ares]:
    with Ares.open() as opened:
        yield opened


def note(words: str) -> Action:
    return Action(
        capability="notes.add",
        arguments={"text": "milk"},
        origin=Origin.SENTENCE,
        provenance={"text": Provenance(Source.OWNER, said="milk")},
        words=words,
        sure=0.9,
    )


def judged(me: Ares, words: str) -> Proposal:
    return me.enter(note(words), interactive=True).proposal


def steps(proposal: Proposal) -> dict[str, Any]:
    return {step.name: step.describe() for step in proposal.verdict.steps}


def resolves(me: Ares, action: Mapping[str, Any], source: str, ref: str) -> bool:
    """Whether there is a row behind a piece of evidence."""
    match source:
        case "pattern" | "anti-pattern" | "tech":
            kind = {"pattern": "patterns", "anti-pattern": "anti-patterns", "tech": "technologies"}[source]
            return kind in [entry.kind for entry in me.knowledge.named(ref)]
        case "registry" | "schema":
            names = {each.full_name for each in me.registry.capabilities()}
            return ref in names | {row.name for row in me.registry.modules()}
        case "ledger":
            known = me.ledger.records(ref=ref), me.ledger.records(kind="outcome", capability=ref)
            return any(next(each, None) for each in known)
        case "words" | "proposer":
            return ref in ("capability", *action["arguments"])
        case _:
            return source == "protocol" and ref in ("base", "no-record")


def test_every_proposal_is_recorded_once_with_five_steps_whose_every_reference_resolves(me: Ares) -> None:
    me.perform("notes.add", text="first", approve=lambda proposal: True)
    me.undo(approve=lambda proposal: True)
    me.drive([me.enter(note("in sqlite and python, with pure AI without fallback"), interactive=False)], None)
    me.perform("files.read", path=str(me.paths.ledger_db))
    me.perform("system.uptime")
    me.perform("files.delete", path="nothing", approve=lambda proposal: False)
    proposals = [record.payload for record in me.ledger.records(kind="proposal")]
    answers = [proposal["ruling"]["answer"] for proposal in proposals if isinstance(proposal, dict)]
    assert set(answers) == {"deny", "ask", "allow"}
    assert len(proposals) == len(list(me.ledger.records(kind="outcome"))) == 6
    seen = set()
    for proposal in proposals:
        payload: Any = proposal
        assert tuple(step["name"] for step in payload["verdict"]["steps"]) == STEPS
        for step in payload["verdict"]["steps"]:
            for item in step["evidence"]:
                seen.add(item["source"])
                assert resolves(me, payload["action"], item["source"], item["ref"]), item
    assert seen >= {"pattern", "anti-pattern", "tech", "registry", "schema", "ledger", "words", "proposer"}


def test_the_five_steps_are_on_record_when_the_question_is_drawn() -> None:
    with Console("run", "notes.add", "text=milk") as console:
        console.expect(QUESTION)
        (proposal,) = records("proposal")
        assert [step["name"] for step in proposal["payload"]["verdict"]["steps"]] == list(STEPS)
        assert [record["kind"] for record in records()[-1:]] == ["proposal"]
        console.send("no\n")
        assert console.finish() == 4


@pytest.mark.parametrize(
    ("kind", "row", "step"),
    [
        ("patterns", "database_centric_v1", "validate"),
        ("technologies", "sqlite", "validate"),
        ("anti-patterns", "pure-ai-without-fallback", "challenge"),
    ],
)
def test_taking_away_a_row_that_a_step_refers_to_changes_that_step(
    me: Ares, tmp_path: Path, kind: str, row: str, step: str
) -> None:
    folder = tmp_path / "knowledge"
    shutil.copytree(shipped("knowledge"), folder)
    me.knowledge = Knowledge.open([folder])
    words = "keep it in sqlite and rely only on AI with no fallback"
    full = steps(judged(me, words))
    assert row in [item["ref"] for item in full[step]["evidence"]]
    file = folder / f"{kind}.md"
    parsed = parse_file(file.read_text(), kind)
    left = tuple(each for each in parsed.rows if each["id"] != row)
    file.write_text(render_file(KnowledgeFile(kind, left, parsed.body)))
    me.knowledge.reload()
    without = steps(judged(me, words))
    assert row not in [item["ref"] for item in without[step]["evidence"]]
    assert without[step]["text"] != full[step]["text"]


def test_a_record_in_the_ledger_changes_the_step_that_asks_for_proof(me: Ares) -> None:
    before = steps(judged(me, "note milk"))
    assert "ledger" not in [item["source"] for item in before["validate"]["evidence"]]
    me.perform("notes.add", text="milk", approve=lambda proposal: True)
    after = steps(judged(me, "note milk"))
    assert ("ledger", "notes.add") in [
        (item["source"], item["ref"]) for item in after["validate"]["evidence"]
    ]


def test_one_rate_edited_in_the_owners_file_changes_the_confidence(me: Ares) -> None:
    words = "a bot in typescript"
    me.perform("notes.add", text="first", approve=lambda proposal: True)
    before = judged(me, words).verdict.confidence
    folder = me.paths.config / "knowledge"
    folder.mkdir(parents=True)
    text = (shipped("knowledge") / "technologies.md").read_text()
    (folder / "technologies.md").write_text(text.replace("success: 85", "success: 40"))
    with Ares.open() as again:
        assert judged(again, words).verdict.confidence == before - 9
        assert judged(again, "a bot in lisp").verdict.confidence == before - 3


@pytest.mark.parametrize(
    "words",
    [
        "pure AI without fallback",
        "use the RSI indicators as hard filters",
        "the feature was built but never wired in",
    ],
)
def test_each_named_anti_pattern_warns_and_loses_confidence(me: Ares, words: str) -> None:
    me.perform("notes.add", text="first", approve=lambda proposal: True)
    (known,) = me.knowledge.matching(words).anti_patterns
    plain, bad = judged(me, "note milk").verdict, judged(me, words).verdict
    assert bad.confidence <= plain.confidence - 20
    assert any(known.name in warning for warning in bad.warnings)
    assert plain.warnings == ()


def test_what_a_note_is_about_is_no_evidence_for_taking_it(me: Ares) -> None:
    about = "use sqlite and python"
    action = replace(note(f"note down {about}"), arguments={"text": about}, provenance={})
    assert me.knowledge.matching(action.words).technologies
    verdict = me.enter(action, interactive=True).proposal.verdict
    assert {item.source for step in verdict.steps for item in step.evidence} == {
        "protocol", "registry", "schema", "words", "proposer",
    }  # fmt: skip
    assert verdict.confidence < 50


def test_an_undo_that_nothing_here_offers_is_neither_promised_nor_evidence(me: Ares) -> None:
    with_it = me.enter(note("note milk"), interactive=True).proposal
    me.store.registry.execute("UPDATE capabilities SET capability = 'other' WHERE capability = 'delete'")
    without = me.enter(note("note milk"), interactive=True).proposal
    assert steps(with_it)["validate"] != steps(without)["validate"]
    assert (with_it.capability.reversible, without.capability.reversible) == (True, False)
    assert "notes.delete" not in json.dumps(without.describe())
    assert "cannot be undone" in without.ruling.because


def test_two_modules_that_would_do_the_same_leave_the_choice_to_the_owner(me: Ares, tmp_path: Path) -> None:
    folder = tmp_path / "pad"
    shutil.copytree(shipped("modules") / "notes", folder)
    manifest = (folder / "module.yaml").read_text()
    (folder / "module.yaml").write_text(
        manifest.replace("name: notes", "name: pad").replace(" notes.", " pad.")
    )
    assert not me.enter(note("note milk"), interactive=True).proposal.verdict.escalations
    me.modules.register(folder)
    proposal = me.enter(note("note milk"), interactive=True).proposal
    assert proposal.verdict.escalations == ("pad.add would do as well, and only you can choose",)
    named = replace(note(""), sure=None)
    assert not me.enter(named, interactive=True).proposal.verdict.escalations


@pytest.mark.parametrize("words", ["email the maintainer", "click the button"])
def test_a_word_inside_another_word_is_no_evidence(me: Ares, words: str) -> None:
    assert judged(me, words).verdict.confidence == judged(me, "note milk").verdict.confidence


def test_a_recorded_judgement_is_shown_as_markdown_and_as_json_that_fits_the_schema(me: Ares) -> None:
    assert judged(me, "note milk").verdict.band is Band.LOW
    (record,) = me.ledger.records(kind="proposal")
    payload: Any = record.payload
    page = (shipped("config").parent / "docs" / "protocol.md").read_text(encoding="utf-8")
    (schema,) = re.findall(r"```json\n(\{\n  \"\$schema\".*?)```", page, re.DOTALL)
    data: Any = as_json(payload)
    jsonschema.validate(data, json.loads(schema))
    text = render_markdown(payload)
    assert [option["letter"] for option in data["verdict"]["options"]] == ["A", "B", "C"]
    assert re.findall(r"^- \*\*([A-C])\*\*", text, re.MULTILINE) == ["A", "B", "C"]
    assert re.findall(r"^\d\. . \*\*(\w+)\*\*", text, re.MULTILINE) == [name.capitalize() for name in STEPS]


SHOP = """
name: shop
display_name: Shop
version: 1.0.0
type: tool
description: Hard cases.
entry_point: module.py
isolation: in-process
capabilities:
"""
HARD = {
    "delete": "effect: write, destructive: true, reversible: false",
    "force_push": "effect: network, destructive: true, outward: true, reversible: false",
    "pay": "effect: spend, reversible: false",
}
CODE = """
from ares.runtime import Operation
from ares.runtime.hookspecs import hookimpl

def _done(arguments, context):
    with (context.data / "target").open("a") as target:
        target.write("touched ")
    return {}

@hookimpl
def ares_operations():
    return {name: Operation(_done) for name in ("delete", "force_push", "pay")}
"""
RULE = """
rules:
  - {id: shop, answer: allow, reason: the tests say so, when: {capability: ["shop.*"]},
     match: [{capability: shop.pay}], not_match: [{capability: files.list}]}
"""
ACT = """
import sys
from ares.cli._session import act, opened
from ares.core import Action, Origin
with opened() as me:
    act(me, [Action(capability=sys.argv[1], arguments={}, origin=Origin.SENTENCE, words="surely")])
"""


@pytest.fixture
def shop(me: Ares, tmp_path: Path) -> Path:
    """A shop whose every capability is allowed by a rule, and as sure as can be. Returns what it touches."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "module.py").write_text(CODE)
    rest = "input: {type: object, properties: {}, additionalProperties: false}, output: {type: object}"
    listed = [
        f"  - {{name: {name}, description: {name}, {facts}, {rest}, examples: [{name}]}}\n"
        for name, facts in HARD.items()
    ]
    (folder / "module.yaml").write_text(SHOP + "".join(listed))
    me.modules.register(folder)
    me.paths.policy_d.mkdir(parents=True)
    (me.paths.policy_d / "shop.yaml").write_text(RULE)
    for number in range(15):
        row = {"name": f"Proven {number}", "success": 100, "usage": "always", "words": ["surely"]}
        me.growth.add("technologies", {"id": f"proven-{number}", **row})
    return me.paths.data / "shop" / "target"


@pytest.mark.parametrize("name", list(HARD))
def test_a_hard_case_asks_in_the_terminal_at_95_and_no_leaves_the_target_untouched(
    shop: Path, name: str
) -> None:
    with Console(f"shop.{name}", command=(sys.executable, "-c", ACT)) as console:
        console.answer(QUESTION, "no")
        assert console.finish() == 0
    (proposal,) = records("proposal")
    assert proposal["payload"]["decision"]["answer"] == "allow"
    assert proposal["payload"]["verdict"]["confidence"] >= 95
    assert proposal["payload"]["ruling"]["answer"] == "ask"
    assert [record["payload"]["yes"] for record in records("approval")] == [False]
    assert not shop.exists()
    with Console(f"shop.{name}", command=(sys.executable, "-c", ACT)) as console:
        console.answer(QUESTION, "yes")
        assert console.finish() == 0
    assert shop.read_text() == "touched "
