from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ares.config import Config
from ares.errors import ModelError, NotFoundError, UsageError
from ares.inference.models import BUILT_IN, Catalogue, Chosen, built_in_model
from ares.paths import Paths
from ares.registry import Registry
from ares.store import Store

Write = Callable[..., Path]


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    store = Store.open(Paths.find({"ARES_HOME": str(tmp_path / "home")}))
    yield Catalogue(Registry(store))
    store.close()


def config(
    tmp_path: Path, yaml: str = "", environ: dict[str, str] | None = None, flag: str | None = None
) -> Config:
    user = tmp_path / "ares.yaml"
    user.write_text(yaml)
    flags = {} if flag is None else {"model": flag}
    return Config.load(user, environ=environ or {}, flags=flags)


def test_a_model_that_was_added_is_listed_with_what_its_file_says(
    catalogue: Catalogue, write_tiny: Write
) -> None:
    path = write_tiny("my model.gguf", tokenizer__chat_template="{{ messages }}")
    added = catalogue.add(str(path))
    assert (added.name, added.path, added.active) == ("my-model", path, False)
    built_in, listed = catalogue.list()
    assert (built_in.name, built_in.active, built_in.path) == (BUILT_IN, True, built_in_model())
    described = listed.describe()
    assert json.loads(json.dumps(described)) == described
    assert described == {
        "name": "my-model",
        "path": str(path),
        "active": False,
        "problem": "",
        "size": path.stat().st_size,
        "architecture": "llama",
        "parameters": added.header.parameters if added.header else 0,
        "context": 8192,
        "quantisation": "F32",
        "chat_template": True,
    }


def test_what_is_no_model_is_not_added(catalogue: Catalogue, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"not a model")
    for path in (broken, tmp_path / "gone.gguf"):
        with pytest.raises(ModelError):
            catalogue.add(str(path))
    assert [entry.name for entry in catalogue.list()] == [BUILT_IN]


def test_a_name_stays_with_its_file(catalogue: Catalogue, write_tiny: Write) -> None:
    first, second = write_tiny("a.gguf"), write_tiny("b.gguf")
    catalogue.add(str(first), "mine")
    with pytest.raises(UsageError, match="a model 'mine' already"):
        catalogue.add(str(second), "mine")
    for name in (BUILT_IN, "with/slash", "two words"):
        with pytest.raises(UsageError):
            catalogue.add(str(second), name)
    assert catalogue.add(str(first), "mine").path == first
    assert [entry.path for entry in catalogue.list()][1:] == [first]


def test_a_model_in_use_is_active_until_the_built_in_one_is(catalogue: Catalogue, write_tiny: Write) -> None:
    catalogue.add(str(write_tiny("a.gguf")))
    catalogue.add(str(write_tiny("b.gguf")))
    assert catalogue.use("b").active
    assert {entry.name: entry.active for entry in catalogue.list()} == {
        BUILT_IN: False,
        "a": False,
        "b": True,
    }
    catalogue.use(BUILT_IN)
    assert {entry.name: entry.active for entry in catalogue.list()} == {
        BUILT_IN: True,
        "a": False,
        "b": False,
    }


def test_a_model_that_cannot_be_run_is_not_put_to_use(catalogue: Catalogue, write_tiny: Write) -> None:
    catalogue.add(str(write_tiny("a.gguf")))
    broken = write_tiny("b.gguf")
    catalogue.add(str(broken))
    catalogue.use("a")
    os.truncate(broken, 1000)
    with pytest.raises(ModelError, match="cut off"):
        catalogue.use("b")
    with pytest.raises(NotFoundError, match="'c'"):
        catalogue.use("c")
    assert [entry.name for entry in catalogue.list() if entry.active] == ["a"]


def test_a_file_that_changed_or_went_away_is_said_to(catalogue: Catalogue, write_tiny: Write) -> None:
    changed, gone = write_tiny("a.gguf"), write_tiny("b.gguf")
    catalogue.add(str(changed))
    catalogue.add(str(gone))
    with changed.open("ab") as file:
        file.write(b"more")
    gone.unlink()
    problems = {entry.name: entry.problem for entry in catalogue.list()}
    assert "has changed since it was added" in problems["a"]
    assert "there is no such file" in problems["b"]


def test_without_any_choice_the_built_in_model_is_used(catalogue: Catalogue, tmp_path: Path) -> None:
    expected = Chosen(BUILT_IN, built_in_model(), built_in=True)
    assert catalogue.resolve(config(tmp_path)) == expected
    assert catalogue.resolve(config(tmp_path, "model: built-in\n")) == expected


def test_the_setting_comes_before_the_choice_and_the_flag_before_all(
    catalogue: Catalogue, write_tiny: Write, tmp_path: Path
) -> None:
    paths = {name: write_tiny(f"{name}.gguf") for name in ("file", "chosen", "flagged")}
    for path in paths.values():
        catalogue.add(str(path))

    def name(**options: str) -> str:
        chosen = catalogue.resolve(
            config(
                tmp_path,
                options.get("yaml", ""),
                {"ARES_MODEL": options["environ"]} if "environ" in options else None,
                options.get("flag"),
            )
        )
        assert chosen.built_in or chosen.path == paths[chosen.name]
        return chosen.name

    assert name() == BUILT_IN
    catalogue.use("chosen")
    assert name() == "chosen"
    assert name(yaml="model: file\n") == "file"
    assert name(environ="file") == "file"
    assert name(environ="file", flag="flagged") == "flagged"
    assert name(flag=BUILT_IN) == BUILT_IN
    assert name(flag=str(paths["file"])) == "file"


def test_a_choice_that_is_neither_a_name_nor_a_file_is_an_error(
    catalogue: Catalogue, write_tiny: Write, tmp_path: Path
) -> None:
    catalogue.add(str(write_tiny("a.gguf")))
    with pytest.raises(
        NotFoundError, match=r"flag: 'nix' is neither .* \(built-in, a\) nor a file"
    ) as caught:
        catalogue.resolve(config(tmp_path, flag="nix"))
    assert "\n" not in str(caught.value)
