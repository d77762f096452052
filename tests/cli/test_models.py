"""Models of one's own through the real command line. They are noise: what they answer is of no account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.cli.console import ares, records
from tests.inference.conftest import tiny
from tests.runtime.samples import ECHO, ECHO_CODE


def test_what_a_model_could_not_be_offered_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "echo"
    folder.mkdir()
    (folder / "module.py").write_text(ECHO_CODE)
    (folder / "module.yaml").write_text(ECHO.replace("minLength: 1}", "pattern: a}"))
    assert ares("modules", "register", str(folder)).code == 0
    model = tiny(tmp_path / "noise.gguf")
    environ = {"ARES_AGENT_OFFER": "2"}
    done = ares("do", "--dry-run", "--json", "--model", str(model), "repeat a 3 times", environ=environ)
    why = (
        "input.text uses 'pattern': a model's answer cannot be held to that; docs/models.md lists what it can"
    )
    assert done.json["left_out"] == {"echo.say": why}
    assert done.err == f"ares: not offered to noise: echo.say: {why}\n"
    built_in = ares("do", "--dry-run", "--json", "say a", environ=environ)
    assert (built_in.json["left_out"], built_in.err) == ({}, "")


def test_a_file_is_added_under_its_own_name_or_another(tmp_path: Path) -> None:
    model = tiny(tmp_path / "noise.gguf")
    assert ares("models", "add", str(model)).out == "noise added; `ares models use noise` chooses it\n"
    assert ares("models", "add", "din", str(model)).out == "din added; `ares models use din` chooses it\n"
    assert [row["name"] for row in ares("models", "list", "--json").json] == ["built-in", "din", "noise"]
    done = ares("models", "add", "my", "model", str(model))
    assert (done.code, done.out) == (2, "")
    assert "takes a name, one word, and a file, not 3 words" in done.err


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"llama__attention__head_count": 0}, "broken.gguf: "),
        (
            {"context": 64},
            "there is room for 31; use a model with a longer context: this one was trained for 64",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_not_added(tmp_path: Path, facts: dict[str, Any], why: str) -> None:
    model = tiny(tmp_path / "broken.gguf", **facts)
    done = ares("models", "add", str(model))
    assert (done.code, done.out) == (7, "")
    assert why in done.err
    assert len(done.err.splitlines()) == 1
    assert [row["name"] for row in ares("models", "list", "--json").json] == ["built-in"]
    assert ares("do", "--model", str(model), "hello").err == done.err


def test_the_choice_of_a_model_is_recorded(tmp_path: Path) -> None:
    ares("models", "add", str(tiny(tmp_path / "noise.gguf")))
    assert ares("models", "use", "nothing").code == 2
    for name in ("noise", "built-in"):
        assert ares("models", "use", name).code == 0
    chosen = [each["payload"] for each in records("event") if each["payload"]["event"] == "model used"]
    assert chosen == [
        {"event": "model used", "before": "built-in", "model": "noise"},
        {"event": "model used", "before": "noise", "model": "built-in"},
    ]


def test_the_setting_model_takes_what_there_is(tmp_path: Path) -> None:
    model = tiny(tmp_path / "cwd" / "noise.gguf")
    no_model = tmp_path / "cwd" / "words.txt"
    no_model.write_text("words")
    for wrong, code in (("/no/such.gguf", 2), ("noise", 2), (str(no_model), 7)):
        done = ares("config", "set", "model", wrong)
        assert (done.code, done.out) == (code, "")
        assert wrong in done.err
    assert ares("config", "get", "model").out == ""
    assert ares("config", "set", "model", "noise.gguf").code == 0
    assert ares("config", "get", "model").out == f"{model}\n"
    ares("models", "add", "noise.gguf")
    for known in ("noise", "built-in"):
        assert ares("config", "set", "model", known).code == 0
        assert ares("config", "get", "model").out == f"{known}\n"


def test_a_chat_with_a_model_that_is_not_there_ends_at_once() -> None:
    done = ares("chat", "--model", "/no/such.gguf")
    assert (done.code, done.out) == (2, "")
    assert "/no/such.gguf" in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("template", "there", "prompts"),
    [
        (None, False, "ChatML, because the file has no chat template"),
        ("{% for m in messages %}{{ m.content }}{% endfor %}", True, "the file's chat template"),
        ("{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}",
         True, "the file's, without a system role"),
        ("{{ nothing.at.all }}", True, "ChatML, because the file's chat template failed"),
    ],
)  # fmt: skip
def test_the_chat_template_of_a_file_is_shown(
    tmp_path: Path, template: str | None, there: bool, prompts: str
) -> None:
    ares("models", "add", str(tiny(tmp_path / "noise.gguf", tokenizer__chat_template=template)))
    shown = ares("models", "show", "noise", "--json").json
    assert shown["chat template"] is there
    assert shown["prompts in"].startswith(prompts)
    text = ares("models", "show", "noise").out
    assert f"chat template: {'yes' if there else 'no'}\n" in text
    assert f"prompts in:    {prompts}" in text


def test_the_built_in_model_is_told_in_a_form_of_its_own() -> None:
    assert ares("models", "show", "built-in", "--json").json["prompts in"].startswith("the form that command")
