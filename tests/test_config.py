from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ares.config import KEYS, VARIABLES, Config, Key, parse_setting, parse_yaml, read_yaml
from ares.errors import ConfigError


def load(text: str, tmp_path: Path, **more: object) -> Config:
    file = tmp_path / "ares.yaml"
    file.write_text(text, encoding="utf-8")
    return Config.load(file, environ=more.pop("environ", {}), **more)  # type: ignore[arg-type]


def test_without_any_source_the_shipped_defaults_hold(tmp_path: Path) -> None:
    config = Config.load(tmp_path / "absent.yaml", environ={})
    assert {name: setting.value for name, setting in config.all().items()} == {
        key.name: key.default for key in KEYS.values()
    }


def test_later_sources_win(tmp_path: Path) -> None:
    environ = {"ARES_AGENT_OFFER": "5"}
    text = "agent:\n  offer: 2\n"
    assert load(text, tmp_path).number("agent.offer") == 2
    assert load(text, tmp_path, database={"agent.offer": 3}).number("agent.offer") == 3
    assert load(text, tmp_path, database={"agent.offer": 3}, environ=environ).number("agent.offer") == 5
    assert load(text, tmp_path, environ=environ, flags={"agent.offer": 6}).number("agent.offer") == 6


def test_every_setting_says_where_it_came_from(tmp_path: Path) -> None:
    config = load("model: tiny\n", tmp_path, environ={"ARES_AGENT_OFFER": "5"})
    assert config.all()["model"].source.endswith("ares.yaml")
    assert config.all()["agent.offer"].source == "ARES_AGENT_OFFER"


def test_an_unknown_key_is_refused_by_name_and_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ares\.yaml:3: there is no setting 'agent\.offr'"):
        load("model: x\nagent:\n  offr: 2\n", tmp_path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("agent: {offer: many}", 'agent.offer takes a whole number, not "many"'),
        ("agent: {offer: true}", "agent.offer takes a whole number, not true"),
        ("model:", "model takes text, not nothing"),
        ("model: 2026-01-02", 'model takes text, not "2026-01-02"'),
        ("output: {show_work: sometimes}", 'one of never, low, always, not "sometimes"'),
        ("agent:", "there is no setting 'agent'"),
        ("{agent.offer: 3, agent: {offer: 4}}", "agent.offer is said twice"),
        ("- a", "`key: value` lines"),
    ],
)
def test_an_impossible_value_is_refused(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ares\.yaml:1: .*" + re.escape(problem)):
        load(text, tmp_path)


NUMBERS = [key for key in KEYS.values() if key.type is int]


@pytest.mark.parametrize("key", NUMBERS, ids=lambda key: key.name)
def test_every_number_has_a_range_and_nothing_outside_it_is_taken(key: Key) -> None:
    assert 0 <= key.least <= int(str(key.default)) <= key.most
    for good in (key.least, key.most):
        assert parse_setting(key.name, str(good), "flag") == good
    for bad in (key.least - 1, key.most + 1, 10**30):
        with pytest.raises(ConfigError, match=f"{key.name} takes a number from {key.least} to {key.most}"):
            parse_setting(key.name, str(bad), "flag")


@pytest.mark.parametrize(
    ("variable", "advice"),
    [
        ("ARES_AGENT_OFFR", "unset it, or write ARES_AGENT_OFFER"),
        ("ARES_MODULES", "unset it"),
        ("ARES_", "unset it"),
    ],
)
def test_a_variable_that_names_no_setting_is_refused(variable: str, advice: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"^{variable}: no setting has this variable; {advice}"):
        Config.load(tmp_path / "absent.yaml", environ={variable: "1"})


def test_variables_that_mean_something_else_are_left_alone(tmp_path: Path) -> None:
    others = (*VARIABLES, "ARES_MODULE_HOSTS_PORT", "CARES_X", "ares_agent_offr", "_ARES_COMPLETE")
    config = Config.load(tmp_path / "absent.yaml", environ=dict.fromkeys(others, "1"))
    assert {setting.source for setting in config.all().values()} == {"shipped"}


def test_a_file_of_settings_that_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    for name, problem in (("folder", "it is a folder"), ("nowhere", "it is a link that leads nowhere")):
        with pytest.raises(ConfigError, match=problem):
            Config.load(tmp_path / name, environ={})


def test_the_environment_cannot_loosen_a_security_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ARES_POLICY_OUTSIDE: policy\.outside may only be made stricter"):
        load("policy: {outside: deny}", tmp_path, environ={"ARES_POLICY_OUTSIDE": "ask"})


def test_the_environment_can_tighten_a_security_key(tmp_path: Path) -> None:
    config = load("policy: {outside: ask}", tmp_path, environ={"ARES_POLICY_OUTSIDE": "deny"})
    assert config.text("policy.outside") == "deny"


def test_a_number_is_read_from_words_a_person_typed() -> None:
    assert parse_setting("agent.offer", "7", "flag") == 7
    for text in ("seven", "7.5", "", "9" * 5000):
        with pytest.raises(ConfigError, match="takes a whole number") as caught:
            parse_setting("agent.offer", text, "flag")
        assert len(str(caught.value)) < 150


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: 1\na: 2\n", 2, "said twice"),
        ("a: [1,\n", 2, "not valid YAML"),
        ("a: &x 1\nb: *x\n", 1, "aliases"),
        ("? [1]\n: 2\n", 1, "plain word"),
        ("a: !!python/object:os.system x\n", 1, "not valid YAML"),
        ('a: !!int ""\n', 1, "not valid YAML"),
        (f"a:\n- é\n- 0\n- {'7' * 5000}\n", 4, "7777... cannot be read as a whole number; correct it"),
        (
            "a:\n- é\n- 2026-13-45\n",
            3,
            '"2026-13-45" cannot be read as a date; correct it, or put it in quotes',
        ),
        ("a: !!bool x\n", 1, "cannot be read as bool"),
        ("a:\n- é\n- b\x00\n", 3, r"the character U\+0000 stands here; take it out"),
        ("a:\n- é\n- b\x1b[\n", 3, r"the character U\+001B stands here"),
        ("".join(f"{' ' * depth}a:\n" for depth in range(900)), 102, "nested more than 100 levels deep"),
    ],
)
def test_bad_yaml_is_one_line_with_its_place(text: str, line: int, what: str) -> None:
    with pytest.raises(ConfigError, match=rf"^file\.yaml:{line}: .*{what}") as caught:
        parse_yaml(text, "file.yaml")
    assert "\n" not in str(caught.value)


def test_lines_are_known_for_every_member() -> None:
    document = parse_yaml("a:\n  - b: 1\n    c: 2\n", "f")
    assert document.line("a", 0, "c") == 3
    assert document.line("a", 0, "missing") == 2


def test_a_file_is_read_with_its_name_in_errors(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: 1\r\nb: [\r\n", encoding="utf-8-sig")
    with pytest.raises(ConfigError, match=r"x\.yaml:3: not valid YAML"):
        read_yaml(file)


@given(st.text(alphabet=st.sampled_from("abc:-[]{}&*!|>?\"'#%@,\n \t01é\x00"), max_size=60))
def test_whatever_is_typed_only_a_config_error_comes_out(text: str) -> None:
    try:
        parse_yaml(text, "f")
    except ConfigError as error:
        assert str(error).startswith("f:")
        assert "\n" not in str(error)


@pytest.mark.parametrize("level", ["[", "{a: ", "- ", "? ", "{[", "\n- [{"])
def test_yaml_that_would_overflow_the_stack_of_its_parser_is_refused_in_a_line(level: str) -> None:
    with pytest.raises(
        ConfigError, match=r"^deep\.yaml:\d+: (nested more than 100 levels deep|not valid YAML)"
    ):
        parse_yaml(level * 60_000, "deep.yaml")


def test_a_long_file_of_many_lists_is_not_deep() -> None:
    text = "".join(f"- [{number}, {{a: [b]}}]\n" for number in range(2000))
    assert len(parse_yaml(text, "long.yaml").data) == 2000
