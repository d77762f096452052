from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ares.core import Action, Band, Capability, Effect, Mark, Origin, Provenance, Source, Undo
from ares.knowledge import Knowledge
from ares.paths import shipped
from ares.policy import always_asks
from ares.protocol import Alternative, Case, judge


@dataclass(frozen=True)
class Counts:
    ok: int = 0
    failed: int = 0
    unknown: int = 0
    denied: int = 0
    undone: int = 0


def capability(effect: Effect = Effect.WRITE, **facts: Any) -> Capability:
    given: dict[str, Any] = {
        "module": "notes",
        "name": "add",
        "description": "write down a new note",
        "input_schema": {"properties": {"text": {"type": "string"}}},
        "output_schema": {},
        "reversible": True,
        "verify": True,
        "undo": Undo("notes.delete", {"note": "$result.id"}),
    }
    return Capability(effect=effect, **{**given, **facts})


def action(source: Source = Source.OWNER, **facts: Any) -> Action:
    given: dict[str, Any] = {
        "capability": "notes.add",
        "arguments": {"text": "milk"},
        "origin": Origin.COMMAND,
        "provenance": {"text": Provenance(source, said="milk")},
        "words": "note milk",
    }
    return Action(**{**given, **facts})


def case(effect: Effect = Effect.WRITE, **facts: Any) -> Case:
    return Case(**{"action": action(), "capability": capability(effect), **facts})


GENTLER = Alternative("notes.list", "list", gentler=True)
READ = case(Effect.READ)
TRIED = case(statistics=Counts(ok=1))


def confidence(of: Case) -> int:
    return judge(of).confidence


def matched(text: str, folder: Path | None = None) -> dict[str, Any]:
    found = Knowledge.open([folder or shipped("knowledge")]).matching(text)
    return {
        "patterns": found.patterns,
        "technologies": found.technologies,
        "anti_patterns": found.anti_patterns,
    }


def test_there_are_five_steps_in_order_and_each_speaks_about_this_action() -> None:
    verdict = judge(READ)
    assert [step.name for step in verdict.steps] == [
        "challenge",
        "simplify",
        "validate",
        "explain",
        "confidence",
    ]
    for step in verdict.steps[:3]:
        assert "notes.add" in step.text
    assert "write down a new note" in verdict.steps[3].text
    assert "text=milk" in verdict.steps[3].text


options = st.builds(Alternative, st.just("notes.list"), st.just("list"), st.booleans(), st.booleans())
cases = st.builds(
    lambda effect, flags, source, choice, counts, health, sure, others: Case(
        action=action(source, choice=choice),
        capability=capability(effect, **flags),
        statistics=counts,
        health=health,
        proposer=sure,
        alternatives=others,
    ),
    st.sampled_from(list(Effect)),
    st.fixed_dictionaries(
        dict.fromkeys(("reversible", "destructive", "outward", "self_affecting", "verify"), st.booleans())
    ),
    st.sampled_from(list(Source)),
    st.sampled_from(list(Source)),
    st.none() | st.builds(Counts, *[st.integers(0, 9)] * 5),
    st.sampled_from(["", "healthy", "degraded", "error", "stopped"]),
    st.none() | st.floats(0, 1),
    st.lists(
        st.builds(Alternative, st.just("notes.list"), st.just("list"), st.booleans(), st.booleans()),
        max_size=2,
    ),
)


@given(cases)
def test_the_confidence_is_the_sum_of_the_weights_that_are_shown(any_case: Case) -> None:
    verdict = judge(any_case)
    total = sum(item.weight for step in verdict.steps for item in step.evidence)
    assert verdict.confidence == min(max(total, 0), 100)
    assert judge(any_case) == verdict


@given(cases)
def test_low_always_has_the_options_a_to_c_and_no_other_band_has_any(any_case: Case) -> None:
    verdict = judge(any_case)
    letters = [option.letter for option in verdict.options]
    assert letters == (["A", "B", "C"] if verdict.band is Band.LOW else [])
    assert all(option.text and option.trade_off for option in verdict.options)
    assert len({option.text for option in verdict.options}) == len(letters)


@given(cases)
def test_what_the_policy_asks_every_time_the_verdict_escalates(any_case: Case) -> None:
    equal = any(each.equal for each in any_case.alternatives)
    assert bool(judge(any_case).escalations) is bool(always_asks(any_case.capability) or equal)


@given(cases)
def test_a_side_effect_without_a_record_stays_under_50(any_case: Case) -> None:
    bare = replace(any_case, statistics=None)
    if bare.capability.changes:
        assert judge(bare).band is Band.LOW


@given(cases)
def test_every_reference_names_a_row_that_the_case_holds(any_case: Case) -> None:
    rows = {
        "registry": {"notes.add", "notes", "notes.delete", "notes.list"},
        "schema": {"notes.add"},
        "ledger": {"notes.add"},
        "words": {"text", "capability"},
        "proposer": {"capability"},
        "protocol": {"base", "no-record"},
    }
    for step in judge(any_case).steps:
        for item in step.evidence:
            assert item.ref in rows[item.source]
            assert item.text


def test_a_plain_read_by_the_owner_needs_no_history() -> None:
    assert judge(READ).band is not Band.LOW
    for sure in (0.0, 0.3, 1.0):
        spoken = replace(READ, proposer=sure, action=action(origin=Origin.SENTENCE))
        assert judge(spoken).band is not Band.LOW


def test_a_read_that_neither_choice_nor_value_of_is_the_owners_is_low() -> None:
    assert judge(replace(READ, action=action(Source.FOREIGN, choice=Source.FOREIGN))).band is Band.LOW


def test_a_reversible_write_becomes_high_by_its_record_only() -> None:
    spoken = case(proposer=0.9, action=action(origin=Origin.SENTENCE))
    bands = [judge(replace(spoken, statistics=Counts(ok=ok))).band for ok in (0, 1, 5)]
    assert bands == [Band.LOW, Band.MEDIUM, Band.HIGH]
    held = judge(spoken)
    assert held.confidence == 49
    assert "no record" in held.steps[4].text


def test_taking_something_back_counts_the_action_it_takes_back() -> None:
    undo = judge(case(action=action(origin=Origin.UNDO, undoes="a0001")))
    assert undo.band is not Band.LOW
    assert any((item.source, item.ref) == ("ledger", "a0001") for item in undo.steps[2].evidence)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (READ, case()),
        (TRIED, replace(TRIED, capability=capability(Effect.NETWORK))),
        (TRIED, replace(TRIED, capability=capability(Effect.POWER))),
        (TRIED, replace(TRIED, capability=capability(Effect.EXECUTE))),
        (TRIED, replace(TRIED, capability=capability(destructive=True))),
        (TRIED, replace(TRIED, capability=capability(reversible=False))),
        (TRIED, replace(TRIED, capability=capability(outward=True))),
        (TRIED, replace(TRIED, capability=capability(self_affecting=True))),
        (TRIED, replace(TRIED, capability=capability(undo=None))),
        (TRIED, replace(TRIED, capability=capability(verify=False))),
        (replace(TRIED, health="healthy"), TRIED),
        (TRIED, replace(TRIED, health="degraded")),
        (replace(TRIED, health="degraded"), replace(TRIED, health="error")),
        (replace(TRIED, statistics=Counts(ok=2)), TRIED),
        (TRIED, replace(TRIED, statistics=Counts(ok=1, failed=1))),
        (
            replace(TRIED, statistics=Counts(ok=9, failed=1)),
            replace(TRIED, statistics=Counts(ok=9, failed=8)),
        ),
        (TRIED, replace(TRIED, statistics=Counts(ok=1, undone=1))),
        (TRIED, replace(TRIED, statistics=Counts(ok=1, denied=1))),
        (TRIED, replace(TRIED, statistics=Counts(ok=1, unknown=1))),
        (TRIED, replace(TRIED, proposer=0.9)),
        (replace(TRIED, proposer=0.9), replace(TRIED, proposer=0.5)),
        (replace(TRIED, proposer=0.1), replace(TRIED, action=action(choice=Source.MODEL))),
        (TRIED, replace(TRIED, action=action(Source.MODEL))),
        (TRIED, replace(TRIED, action=action(Source.DEFAULT))),
        (TRIED, replace(TRIED, alternatives=(GENTLER,))),
        (TRIED, replace(TRIED, alternatives=(Alternative("notes.list", "list", equal=True),))),
        (TRIED, replace(TRIED, **matched("a pure AI without fallback"))),
        (replace(TRIED, **matched("sqlite")), TRIED),
        (TRIED, replace(TRIED, **matched("sentiment"))),
    ],
)
def test_every_fact_counts_in_its_direction(better: Case, worse: Case) -> None:
    assert confidence(better) > confidence(worse)


def without(of: Case, **gone: Any) -> set[int]:
    """Return which steps change when rows are taken out of the case."""
    before, after = judge(of).steps, judge(replace(of, **gone)).steps
    return {index for index, (one, other) in enumerate(zip(before, after, strict=True)) if one != other}


@pytest.mark.parametrize(
    ("full", "gone", "step"),
    [
        (replace(TRIED, **matched("sqlite")), {"patterns": ()}, 2),
        (replace(TRIED, **matched("sqlite")), {"technologies": ()}, 2),
        (replace(TRIED, **matched("a pure AI without fallback")), {"anti_patterns": ()}, 0),
        (TRIED, {"statistics": None}, 2),
        (replace(TRIED, health="error"), {"health": ""}, 0),
        (replace(TRIED, alternatives=(GENTLER,)), {"alternatives": ()}, 1),
        (TRIED, {"action": action(Source.MODEL)}, 3),
    ],
)
def test_taking_a_referenced_row_away_changes_its_step(full: Case, gone: dict[str, Any], step: int) -> None:
    assert step in without(full, **gone)


@pytest.mark.parametrize("words", ["email the maintainer", "click the button"])
def test_a_word_inside_another_word_adds_nothing(words: str) -> None:
    assert confidence(replace(TRIED, **matched(words))) == confidence(TRIED)


def test_one_rate_changed_in_the_file_changes_the_confidence(tmp_path: Path) -> None:
    text = (shipped("knowledge") / "technologies.md").read_text(encoding="utf-8")
    before, after = tmp_path / "before", tmp_path / "after"
    for folder, content in ((before, text), (after, text.replace("success: 85", "success: 40"))):
        folder.mkdir()
        (folder / "technologies.md").write_text(content, encoding="utf-8")
    words = "a bot in typescript"
    one = judge(replace(TRIED, **matched(words, before)))
    other = judge(replace(TRIED, **matched(words, after)))
    assert one.confidence - other.confidence == 9
    assert any(item.ref == "typescript_node" for item in one.steps[2].evidence)


@pytest.mark.parametrize(
    "words",
    [
        "pure AI without fallback",
        "use RSI indicators as hard filters",
        "the feature was built but never wired in",
    ],
)
def test_each_anti_pattern_warns_loses_confidence_and_says_what_is_better(words: str) -> None:
    known = matched(words)
    (found,) = known["anti_patterns"]
    bad = judge(replace(TRIED, **known))
    assert bad.confidence < confidence(TRIED) - 10
    assert any(found.name in warning for warning in bad.warnings)
    assert bad.steps[0].mark is Mark.WARN
    assert found.better in bad.steps[1].text


def test_a_pattern_that_is_the_better_way_is_no_evidence_for_the_worse_one() -> None:
    verdict = judge(replace(TRIED, **matched("pure AI without fallback")))
    assert not [item for item in verdict.steps[2].evidence if item.source == "pattern"]


def test_a_pattern_of_tier_3_never_speaks_for_anything(tmp_path: Path) -> None:
    row = (
        "{id: new, tier: 3, name: N, description: d, success: 100, uses: 1, category: c, applies_to: [novel]}"
    )
    (tmp_path / "patterns.md").write_text(f"---\nkind: patterns\nrows:\n- {row}\n---\n", encoding="utf-8")
    untried = case(**matched("novel", tmp_path))
    assert [item.weight for item in judge(untried).steps[2].evidence if item.source == "pattern"] == [0]
    assert judge(untried).band is Band.LOW


def test_hard_cases_escalate_at_the_highest_confidence() -> None:
    sure = replace(TRIED, statistics=Counts(ok=90), **matched("python sqlite git"))
    for hard in (
        capability(destructive=True),
        capability(outward=True),
        capability(self_affecting=True),
    ):
        verdict = judge(replace(sure, capability=hard))
        assert verdict.band is Band.HIGH
        assert verdict.escalations
    assert judge(replace(sure, capability=capability(reversible=False))).escalations
    assert judge(replace(sure, capability=capability(Effect.SPEND))).escalations
    tie = judge(replace(sure, alternatives=(Alternative("notes.list", "list", equal=True),)))
    assert "notes.list" in tie.escalations[0]
    assert judge(sure).escalations == ()


def test_the_options_are_about_this_action() -> None:
    first = judge(case()).options
    assert "notes.add text=milk" in first[0].text
    assert "notes.delete" in first[0].trade_off
    assert "text" in first[1].text
    assert "write down a new note" in first[2].trade_off
    look = Alternative("notes.search", "search the notes for words", gentler=True)
    assert "notes.search" in judge(case(alternatives=(look,))).options[1].text
    gone = judge(case(capability=capability(reversible=False, undo=None))).options
    assert "no way back" in gone[0].trade_off


def test_nothing_in_a_verdict_can_move_the_cursor_or_hide() -> None:
    nasty = "a\x1b[2Kb\u202ec\nd"
    tricky = action(
        arguments={"text": nasty}, words=nasty, provenance={"text": Provenance(Source.OWNER, nasty, nasty)}
    )
    verdict = judge(
        case(
            action=tricky,
            capability=capability(description=nasty),
            health="error",
            health_detail=nasty,
            proposer=0.5,
            alternatives=(Alternative("notes.list", nasty, gentler=True),),
        )
    )
    texts = [step.text for step in verdict.steps]
    texts += [item.text for step in verdict.steps for item in step.evidence]
    texts += [part for option in verdict.options for part in (option.text, option.trade_off)]
    texts += verdict.warnings
    assert all(text.isprintable() for text in texts)
    assert any("\\u001b" in text for text in texts)


def test_a_long_value_is_cut_and_says_so() -> None:
    verdict = judge(case(action=action(arguments={"text": "m" * 5000})))
    assert "(5000 characters)" in verdict.steps[3].text
    assert len(verdict.steps[3].text) < 300


def test_warnings_about_missing_knowledge_are_passed_on() -> None:
    assert judge(case(warnings=("no knowledge of kind patterns was found",))).warnings == (
        "no knowledge of kind patterns was found",
    )
