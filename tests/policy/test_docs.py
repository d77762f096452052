from __future__ import annotations

import re

from ares.config import parse_yaml
from ares.core import Effect, Origin
from ares.paths import shipped
from ares.policy import INSIDE, STATE_RULE, parse_rules
from ares.policy._parse import _EXAMPLE, _RULE, _WHEN
from ares.policy._rule import TESTS

PAGE = (shipped("config").parent / "docs" / "policy.md").read_text(encoding="utf-8")


def test_the_page_names_every_key_and_every_word_of_a_rule_file() -> None:
    prose = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
    words = {word for quoted in re.findall(r"`([^`]+)`", prose) for word in re.findall(r"[\w.-]+", quoted)}
    wanted = {*_RULE, *_WHEN, *TESTS, *INSIDE, *map(str, Effect), *map(str, Origin), *_EXAMPLE, STATE_RULE}
    assert wanted <= words


def test_the_example_on_the_page_loads_after_the_shipped_rules() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    shipped_file = shipped("config") / "policy.yaml"
    base = parse_rules(parse_yaml(shipped_file.read_text(encoding="utf-8"), "shipped").data, "shipped")
    document = parse_yaml(example, "example")
    rules = parse_rules(document.data, "example", document.line, onto=base)
    assert "films" in [rule.id for rule in rules]
    assert "look-at-files" not in [rule.id for rule in rules]
