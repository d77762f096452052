from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ares.core import OWNER, Action, Capability, Effect, Json, Origin, Source
from ares.errors import ArgumentError
from ares.gate import Surroundings
from ares.gate._normalise import normalise


@pytest.fixture
def where(tmp_path: Path) -> Surroundings:
    home = (tmp_path / "home").resolve()
    for folder in (home / "work", home / ".ssh", home / ".local/share/ares", tmp_path / "elsewhere"):
        folder.mkdir(parents=True)
    return Surroundings(cwd=home / "work", home=home, state=(home / ".local/share/ares",))


def capability(**properties: dict[str, Json]) -> Capability:
    return Capability(
        module="m",
        name="v",
        description="d",
        effect=Effect.READ,
        input_schema={
            "type": "object",
            "properties": properties,
            "required": [name for name, schema in properties.items() if "default" not in schema],
            "additionalProperties": False,
        },
        output_schema={},
    )


PATH: dict[str, Json] = {"type": "string", "format": "path"}


def place(value: str, where: Surroundings) -> tuple[str, str, bool]:
    action = Action(
        capability="m.v", arguments={"path": value}, origin=Origin.COMMAND, provenance={"path": OWNER}
    )
    normal, places = normalise(action, capability(path=PATH), "1", where)
    assert len(places) == 1
    return str(normal.arguments["path"]), places[0].inside, places[0].holds_state


def test_a_relative_path_is_meant_from_the_working_folder(where: Surroundings) -> None:
    assert place("a/../b.txt", where) == (f"{where.cwd}/b.txt", "cwd", False)


def test_a_tilde_is_the_home(where: Surroundings) -> None:
    assert place("~/x", where)[:2] == (f"{where.home}/x", "home")


@pytest.mark.parametrize("value", ["x", ".", "link/x", "/"])
def test_a_path_that_comes_to_lie_in_a_folder_of_another_name_than_text_is_refused(
    where: Surroundings, value: str
) -> None:
    odd = where.cwd / os.fsdecode(b"\xff\xfe")
    odd.mkdir()
    (odd / "link").symlink_to(".")
    there = replace(where, cwd=odd)
    if value == "/":
        assert place(value, there)[0] == "/"
        return
    with pytest.raises(ArgumentError, match=r"^path: .*\\udcff\\udcfe.* not UTF-8 text; rename the folder"):
        place(value, there)


def test_climbing_out_is_seen_as_outside(where: Surroundings) -> None:
    assert place("../../elsewhere/x", where)[1] == "system"


def test_dot_folders_are_hidden_places(where: Surroundings) -> None:
    assert place("~/.ssh/id", where)[1] == "hidden"


def test_the_state_of_ares_is_recognised_from_any_spelling(where: Surroundings) -> None:
    assert place("~/work/../.local/share/ares/ledger.db", where)[1] == "state"
    (where.cwd / "link").symlink_to(where.state[0])
    assert place("link", where)[1] == "state"
    assert place("link/ledger.db", where)[1] == "state"


def test_a_folder_that_holds_the_state_says_so(where: Surroundings) -> None:
    assert place("~", where)[2]
    assert place("/", where)[2]
    assert not place("~/work", where)[2]


def test_a_link_counts_as_the_stricter_of_itself_and_its_target(where: Surroundings, tmp_path: Path) -> None:
    (where.cwd / "out").symlink_to(tmp_path / "elsewhere")
    path, inside, _ = place("out", where)
    assert (path, inside) == (f"{where.cwd}/out", "system")


def test_defaults_are_filled_in_and_said_to_be_defaults(where: Surroundings) -> None:
    action = Action(capability="m.v", arguments={}, origin=Origin.COMMAND)
    normal, places = normalise(action, capability(path={**PATH, "default": "."}), "3", where)
    assert normal.arguments == {"path": str(where.cwd)}
    assert normal.provenance["path"].source is Source.DEFAULT
    assert (normal.version, places[0].inside) == ("3", "cwd")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [({}, "path"), ({"path": 3}, "path"), ({"path": "x", "pth": "y"}, "pth"), ({"path": "a\0b"}, "path")],
)
def test_arguments_that_do_not_fit_are_named(
    arguments: dict[str, Json], named: str, where: Surroundings
) -> None:
    action = Action(capability="m.v", arguments=arguments, origin=Origin.COMMAND)
    with pytest.raises(ArgumentError, match=named) as caught:
        normalise(action, capability(path=PATH), "1", where)
    assert "\n" not in str(caught.value)
