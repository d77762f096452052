from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ares.errors import ConfigError
from ares.knowledge import Knowledge
from ares.knowledge._file import parse_file, render_file
from ares.paths import shipped
from ares.store import Store

PATTERNS = {
    "modular_architecture_v1": (1, 95, 12),
    "database_centric_v1": (1, 100, 15),
    "hybrid_ai_rules_v1": (1, 90, 8),
    "comprehensive_cli_v1": (1, 95, 10),
    "graceful_degradation_v1": (1, 95, 10),
    "local_sentiment_v2": (2, 37, 3),
}
RATES = {
    "Python": 95,
    "TypeScript with Node": 85,
    "SQLite": 100,
    "Git": 100,
    "AI together with rules": 90,
    "Modular scraper": 95,
    "Validation against several sources": 75,
    "Technical analysis": 40,
    "Sentiment analysis": 37,
    "Web scraping": 60,
    "Dynamic exits": 0,
    "AI alone": None,
}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.open([shipped("knowledge")])


def test_the_six_patterns_load_with_their_tiers_rates_and_uses(knowledge: Knowledge) -> None:
    assert {each.id: (each.tier, each.success, each.uses) for each in knowledge.patterns} == PATTERNS
    assert knowledge.patterns[0].id == "database_centric_v1"
    assert knowledge.patterns[-1].id == "local_sentiment_v2"


def test_the_matrix_the_decisions_and_the_anti_patterns_load(knowledge: Knowledge) -> None:
    assert {each.name: each.success for each in knowledge.technologies} == RATES
    assert len(knowledge.decisions) == 18
    assert all(each.question.startswith("Why ") and each.reasons for each in knowledge.decisions)
    assert len(knowledge.anti_patterns) == 3
    assert knowledge.directives
    assert knowledge.warnings == ()


def test_what_an_anti_pattern_names_instead_is_a_pattern(knowledge: Knowledge) -> None:
    assert {name for each in knowledge.anti_patterns for name in each.instead} <= set(PATTERNS)


@pytest.mark.parametrize(
    "text", ["email the maintainer", "click the button", "", "  ", "maintain a clip", "legit"]
)
def test_a_word_inside_another_word_names_nothing(knowledge: Knowledge, text: str) -> None:
    found = knowledge.matching(text)
    assert (found.patterns, found.technologies, found.anti_patterns) == ((), (), ())


@pytest.mark.parametrize(
    "text", ["sqlite", "use SQLite.", "a (sqlite) file", "data_in_sqlite", "ＳＱＬｉｔｅ", "sqlite-based"]
)
def test_a_whole_word_is_found_whatever_stands_around_it(knowledge: Knowledge, text: str) -> None:
    found = knowledge.matching(text)
    assert [each.id for each in found.patterns] == ["database_centric_v1"]
    assert [each.id for each in found.technologies] == ["sqlite"]


def test_a_phrase_is_found_in_its_order_only(knowledge: Knowledge) -> None:
    assert [each.id for each in knowledge.matching("a single source of truth").patterns] == [
        "database_centric_v1"
    ]
    assert knowledge.matching("the truth of a single source").patterns == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pure AI without fallback", "pure-ai-without-fallback"),
        ("rely only on AI, with no fallback", "pure-ai-without-fallback"),
        ("let an LLM alone decide, without any rules", "pure-ai-without-fallback"),
        ("Pure-AI, no fall-back", "pure-ai-without-fallback"),
        ("only AI, without any fall back", "pure-ai-without-fallback"),
        ("an AI-only pipeline", "pure-ai-without-fallback"),
        ("AI\u2011only", "pure-ai-without-fallback"),
        ("AI-only", "pure-ai-without-fallback"),
        ("nothing but an LLM decides", "pure-ai-without-fallback"),
        ("use the indicators as hard filters", "indicators-as-hard-filters"),
        ("let RSI veto every trade", "indicators-as-hard-filters"),
        ("a feature built but never wired in", "built-but-never-wired-in"),
        ("write the module now and wire it in later", "built-but-never-wired-in"),
    ],
)
def test_the_three_anti_patterns_are_recognised(knowledge: Knowledge, text: str, found: str) -> None:
    assert [each.id for each in knowledge.matching(text).anti_patterns] == [found]


@pytest.mark.parametrize(
    "text",
    [
        "AI with a fallback to rules",
        "pure AI",
        "rules first, and AI only for the rest",
        "AI only as a fall-back",
        "a read-only view for the AI",
        "no fallback for the printer",
        "indicators as one part of a score",
        "filter out spam",
        "the module is built and wired in",
        "he never called",
    ],
)
def test_half_of_a_sign_is_no_anti_pattern(knowledge: Knowledge, text: str) -> None:
    assert knowledge.matching(text).anti_patterns == ()


def write(folder: Path, kind: str, rows: str, name: str = "file.md") -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"---\nkind: {kind}\nrows:\n{rows}---\n\n# Text\n", encoding="utf-8")
    return file


ROW = "- {id: nim, name: Nim, success: 50, usage: none, words: [nim]}\n"


def test_a_row_of_the_owner_replaces_a_shipped_one_and_new_ones_join(tmp_path: Path) -> None:
    write(tmp_path / "own", "technologies", ROW + ROW.replace("nim", "sqlite").replace("Nim", "SQLite"))
    both = Knowledge.open([shipped("knowledge"), tmp_path / "own"])
    rates = {each.id: each.success for each in both.technologies}
    assert (len(rates), rates["sqlite"], rates["nim"]) == (13, 50, 50)


def test_missing_knowledge_is_a_warning_and_not_silence(tmp_path: Path) -> None:
    write(tmp_path / "own", "technologies", ROW)
    found = Knowledge.open([tmp_path / "own", tmp_path / "gone"])
    assert any("gone" in warning for warning in found.warnings)
    assert any("kind patterns" in warning for warning in found.warnings)
    assert any("kind anti-patterns" in warning for warning in found.warnings)
    assert not any("kind technologies" in warning for warning in found.warnings)


PATTERN = "{id: p, tier: 2, name: P, description: d, success: 50, uses: 3, category: c, applies_to: [w]}"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("# no front matter\n", 1, "---"),
        ("", 1, "---"),
        ("---\nkind: patterns\n", 1, "not closed"),
        ("---\nkind: patterns\n---\n", 2, "kind and rows"),
        ("---\nkind: wisdom\nrows: []\n---\n", 2, "patterns"),
        ("---\nkind: [patterns]\nrows: []\n---\n", 2, "patterns"),
        ("---\nkind: patterns\nrows: 3\n---\n", 3, "list"),
        ("---\nkind: patterns\nrows:\n- 3\n---\n", 4, "key: value"),
        (f"---\nkind: patterns\nrows:\n- {PATTERN}\n- {PATTERN}\n---\n", 5, "twice"),
        ("---\nkind: patterns\nrows:\n- {id: p}\n---\n", 4, "'tier'"),
        ("---\nkind: patterns\nrows: [\n---\n", 4, "YAML"),
        *(
            (f"---\nkind: patterns\nrows:\n- {PATTERN.replace(old, new)}\n---\n", 4, says)
            for old, new, says in (
                ("success: 50", "success: 0.5", "0 to 100"),
                ("success: 50", "success: 101", "0 to 100"),
                ("success: 50", "success: true", "0 to 100"),
                ("success: 50", "success: null", "0 to 100"),
                ("uses: 3", "uses: -1", "from 0"),
                ("tier: 2", "tier: 4", "1, 2 or 3"),
                ("tier: 2", "tier: 1", "5 uses"),
                ("name: P", "name: ''", "text"),
                ("applies_to: [w]", "applies_to: w", "list"),
                ("id: p", "id: P P", "no id"),
                ("category: c", "category: c, dated: 2026-01-02", "text"),
                ("category: c", "category: c, dated: soon", "date"),
                ("category: c", "category: c, wrods: [x]", "'wrods'"),
            )
        ),
        (
            "---\nkind: anti-patterns\nrows:\n- {id: a, name: A, why: w, better: b, signs: [x]}\n---\n",
            4,
            "lists",
        ),
        (
            "---\nkind: anti-patterns\nrows:\n- {id: a, name: A, why: w, better: b, signs: []}\n---\n",
            4,
            "lists",
        ),
        (
            "---\nkind: anti-patterns\nrows:\n- {id: a, name: A, why: w, better: b, signs: [[]]}\n---\n",
            4,
            "lists",
        ),
    ],
)
def test_a_broken_file_is_refused_with_its_line_and_the_reason(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    file = tmp_path / "broken.md"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        Knowledge.open([tmp_path])
    assert str(caught.value).startswith(f"{file}:{line}: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.md").write_bytes(b"---\n\xff\n---\n")
    with pytest.raises(ConfigError, match="UTF-8"):
        Knowledge.open([tmp_path])


def test_what_is_no_file_or_no_folder_is_refused_and_nothing_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.raises(ConfigError, match=r"pipe\.md: cannot be read \(it is a pipe or a device\)"):
        Knowledge.open([tmp_path])
    with pytest.raises(ConfigError, match=r"pipe\.md: not a folder"):
        Knowledge.open([tmp_path / "pipe.md"])


def test_the_shipped_files_are_written_as_they_would_be_written_again() -> None:
    files = sorted(shipped("knowledge").glob("*.md"))
    assert len(files) == 5
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert render_file(parse_file(text, str(file))) == text


def test_an_unchanged_file_comes_from_the_cache_and_a_changed_one_does_not(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    file = write(folder, "technologies", ROW)
    first = Knowledge.open([folder], store.registry)
    store.registry.execute(
        "UPDATE cache SET value = replace(value, 'Nim', 'Cached') WHERE area = 'knowledge'"
    )
    assert Knowledge.open([folder], store.registry).technologies[0].name == "Cached"
    file.write_text(file.read_text(encoding="utf-8").replace("50", "51"), encoding="utf-8")
    again = Knowledge.open([folder], store.registry).technologies[0]
    assert (first.technologies[0].success, again.success, again.name) == (50, 51, "Nim")
    assert store.registry.execute("SELECT count(*) FROM cache WHERE area = 'knowledge'").fetchone()[0] == 1


def test_the_cache_gives_the_same_knowledge(store: Store, knowledge: Knowledge) -> None:
    for _ in range(2):
        found = Knowledge.open([shipped("knowledge")], store.registry)
        assert found.patterns == knowledge.patterns
        assert found.anti_patterns == knowledge.anti_patterns
        assert found.technologies == knowledge.technologies
        assert found.decisions == knowledge.decisions
        assert found.directives == knowledge.directives


@pytest.mark.parametrize("value", ["not json", json.dumps(["wisdom", []])])
def test_a_damaged_cache_is_read_past(store: Store, tmp_path: Path, value: str) -> None:
    write(tmp_path / "own", "technologies", ROW)
    Knowledge.open([tmp_path / "own"], store.registry)
    store.registry.execute("UPDATE cache SET value = ?", (value,))
    assert [each.id for each in Knowledge.open([tmp_path / "own"], store.registry).technologies] == ["nim"]


def test_a_database_that_cannot_be_used_costs_time_only(store: Store) -> None:
    store.registry.execute("PRAGMA query_only = ON")
    assert len(Knowledge.open([shipped("knowledge")], store.registry).patterns) == 6
    store.registry.close()
    assert len(Knowledge.open([shipped("knowledge")], store.registry).patterns) == 6


def test_a_run_with_a_warm_cache_imports_no_yaml(store: Store) -> None:
    Knowledge.open([shipped("knowledge")], store.registry)
    code = (
        "import sys; from ares.knowledge import Knowledge; from ares.paths import Paths, shipped;"
        "from ares.store import Store; store = Store.open(Paths.find());"
        "found = Knowledge.open([shipped('knowledge')], store.registry).matching('sqlite');"
        "print(len(found.patterns), 'yaml' in sys.modules, 'ares.config' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False", "False"]
