"""Models of one's own through the real command line. They are noise: what they answer is of no account."""

from __future__ import annotations

from pathlib import Path

from tests.cli.console import ares
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
