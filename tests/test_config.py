from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ares.config import KEYS, Config, join_module_settings, parse_setting, parse_yaml, read_yaml
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
    "text",
    [
        "agent: {offer: many}",
        "agent: {offer: -1}",
        "agent: {offer: true}",
        "output: {show_work: sometimes}",
        "- a",
    ],
)
def test_an_impossible_value_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ares\.yaml:1: "):
        load(text, tmp_path)


def test_the_environment_cannot_loosen_a_security_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ARES_POLICY_OUTSIDE: policy\.outside may only be made stricter"):
        load("policy: {outside: deny}", tmp_path, environ={"ARES_POLICY_OUTSIDE": "ask"})


def test_the_environment_can_tighten_a_security_key(tmp_path: Path) -> None:
    config = load("policy: {outside: ask}", tmp_path, environ={"ARES_POLICY_OUTSIDE": "deny"})
    assert config.text("policy.outside") == "deny"


def test_a_number_is_read_from_words_a_person_typed() -> None:
    assert parse_setting("agent.offer", "7", "flag") == 7
    with pytest.raises(ConfigError, match="takes a whole number"):
        parse_setting("agent.offer", "seven", "flag")


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: 1\na: 2\n", 2, "said twice"),
        ("a: [1,\n", 2, "not valid YAML"),
        ("a: &x 1\nb: *x\n", 1, "aliases"),
        ("? [1]\n: 2\n", 1, "plain word"),
        ("a: !!python/object:os.system x\n", 1, "not valid YAML"),
        ('a: !!int ""\n', 1, "not valid YAML"),
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


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"\xff\xfe\x00a")
    with pytest.raises(ConfigError, match="cannot be read as UTF-8"):
        read_yaml(file)


@given(st.text(alphabet=st.sampled_from("abc:-[]{}&*!|>?\"'#%@,\n \t01é\x00"), max_size=60))
def test_whatever_is_typed_only_a_config_error_comes_out(text: str) -> None:
    try:
        parse_yaml(text, "f")
    except ConfigError as error:
        assert str(error).startswith("f:")
        assert "\n" not in str(error)


def test_module_settings_follow_the_same_order() -> None:
    joined = join_module_settings(
        {"port": 9, "broadcast": ""}, [("user", {"port": 7}), ("database", {"port": 8})], "m"
    )
    assert joined == {"port": 8, "broadcast": ""}


def test_an_unknown_module_setting_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="user: module m has no setting 'prt'; known: port"):
        join_module_settings({"port": 9}, [("user", {"prt": 7})], "m")
