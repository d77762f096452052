from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from ares.core import Action, Answer, Capability, Effect, Json, Origin, Provenance, Ruling, Source, Verdict
from ares.paths import shipped
from ares.protocol import Alternative, Case, as_json, judge, render_markdown

ACTION = Action(
    capability="notes.add",
    arguments={"text": "milk *and* <b>"},
    origin=Origin.SENTENCE,
    provenance={"text": Provenance(Source.OWNER, said="milk")},
)


def verdict(effect: Effect, **facts: Any) -> Verdict:
    capability = Capability(
        module="notes",
        name="add",
        description="write down a new note",
        effect=effect,
        input_schema={},
        output_schema={},
        **facts,
    )
    look = Alternative("notes.list", "list all notes", gentler=True)
    return judge(Case(action=ACTION, capability=capability, alternatives=(look,), warnings=("careful",)))


LOW, MEDIUM = verdict(Effect.WRITE), verdict(Effect.READ)
HIGH = Verdict(steps=MEDIUM.steps, confidence=80)


def proposal(given: Verdict, ruling: Ruling) -> dict[str, Json]:
    """Return what the ledger has of a proposal that the renderers read."""
    return {"action": ACTION.describe(), "verdict": given.describe(), "ruling": ruling.describe()}


ALLOW, ASK, DENY = (Ruling(answer, "so it is") for answer in (Answer.ALLOW, Answer.ASK, Answer.DENY))


def schema() -> Any:
    docs = shipped("config").parent / "docs" / "protocol.md"
    (found,) = re.findall(r"```json\n(\{\n  \"\$schema\".*?)```", docs.read_text(encoding="utf-8"), re.DOTALL)
    loaded = json.loads(found)
    jsonschema.Draft202012Validator.check_schema(loaded)
    return loaded


@pytest.mark.parametrize("given", [LOW, MEDIUM, HIGH])
@pytest.mark.parametrize("ruling", [ALLOW, ASK, DENY])
def test_the_json_fits_the_schema_in_the_docs(given: Verdict, ruling: Ruling) -> None:
    data = json.loads(json.dumps(as_json(proposal(given, ruling))))
    jsonschema.validate(data, schema())


def test_the_schema_in_the_docs_refuses_less_and_more() -> None:
    data: Any = json.loads(json.dumps(as_json(proposal(LOW, ASK))))
    for broken in (
        {**data, "more": 1},
        {key: value for key, value in data.items() if key != "verdict"},
        {**data, "verdict": {**data["verdict"], "steps": data["verdict"]["steps"][:4]}},
        {**data, "verdict": {**data["verdict"], "confidence": 101}},
        {**data, "verdict": {**data["verdict"], "options": []}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, schema())


def test_markdown_and_json_say_the_same() -> None:
    text = render_markdown(proposal(LOW, ASK))
    data: Any = as_json(proposal(LOW, ASK))
    assert f"[{data['tag']}]" in text
    assert f"Confidence {data['verdict']['confidence']} %" in text

    def said(part: str) -> bool:
        return re.sub(r"([\\`*<>\[\]])", r"\\\1", part) in text

    for step in data["verdict"]["steps"]:
        assert said(step["text"])
        for item in step["evidence"]:
            assert said(item["text"])
            assert f"{item['weight']:+d} " in text
    for option in data["verdict"]["options"]:
        assert f"**{option['letter']}**" in text
        assert said(option["text"])
        assert said(option["trade_off"])
    for part in (*data["verdict"]["warnings"], *data["verdict"]["escalations"], data["ruling"]["because"]):
        assert said(part)


def test_all_five_steps_and_the_options_appear_when_low() -> None:
    text = render_markdown(proposal(LOW, ASK))
    for number, name in enumerate(("Challenge", "Simplify", "Validate", "Explain", "Confidence"), 1):
        assert re.search(rf"^{number}\. [✓!?] \*\*{name}\*\*", text, re.MULTILINE)
    assert re.findall(r"^- \*\*([A-Z])\*\*", text, re.MULTILINE) == ["A", "B", "C"]
    assert "### Options" not in render_markdown(proposal(MEDIUM, ALLOW))


@pytest.mark.parametrize(
    ("given", "ruling", "tag"),
    [
        (HIGH, ALLOW, "EXECUTING"),
        (HIGH, ASK, "ESCALATION REQUIRED"),
        (HIGH, DENY, "DENIED"),
        (MEDIUM, ALLOW, "PROCEEDING WITH CAVEATS"),
        (LOW, ASK, "ESCALATION REQUIRED"),
        (LOW, DENY, "DENIED"),
    ],
)
def test_the_heading_says_what_follows(given: Verdict, ruling: Ruling, tag: str) -> None:
    assert render_markdown(proposal(given, ruling)).startswith(f"## [{tag}] notes.add")
    assert as_json(proposal(given, ruling))["tag"] == tag


def test_values_cannot_become_markup_or_leave_their_line() -> None:
    text = render_markdown(proposal(LOW, ASK))
    assert "milk \\*and\\* \\<b\\>" in text
    broken = Ruling(Answer.ASK, "x\n## [EXECUTING] `all`")
    lines = render_markdown(proposal(LOW, broken)).splitlines()
    assert sum(line.startswith("## ") for line in lines) == 1
