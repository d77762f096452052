from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from ares.api import Ares
from ares.errors import ConfigError, UsageError
from ares.paths import Paths, named_path, user_home, working_folder


def test_ares_home_moves_everything_and_may_be_relative_or_below_the_home(tmp_path: Path) -> None:
    for moved, home in (("/a/b", "/a/b"), ("b", str(tmp_path / "cwd" / "b")), ("~/b", "/me/b")):
        paths = Paths.find({"ARES_HOME": moved, "HOME": "/me"})
        assert [str(each) for each in (paths.home, paths.config, paths.cache)] == [
            home,
            f"{home}/config",
            f"{home}/cache",
        ]


def test_without_ares_home_the_xdg_folders_count_unless_they_are_relative() -> None:
    paths = Paths.find({"HOME": "/me", "XDG_DATA_HOME": "/data", "XDG_CONFIG_HOME": "config"})
    assert [str(each) for each in (paths.home, paths.config, paths.cache)] == [
        "/data/ares",
        "/me/.config/ares",
        "/me/.cache/ares",
    ]


@pytest.mark.parametrize("environ", [{}, {"ARES_HOME": ""}])
def test_a_home_that_is_not_set_is_what_the_system_says(environ: dict[str, str]) -> None:
    system = Path(pwd.getpwuid(os.getuid()).pw_dir)
    assert user_home(environ) == system
    assert Paths.find(environ).home == system / ".local/share/ares"


@pytest.mark.parametrize(("home", "says"), [("", "HOME is empty"), ("me", "HOME is 'me'")])
def test_a_home_that_is_no_folder_is_not_guessed(tmp_path: Path, home: str, says: str) -> None:
    for environ in ({"HOME": home}, {"HOME": home, "ARES_HOME": "~/x"}):
        with pytest.raises(ConfigError, match=f"{says}.*; set it to your home folder"):
            Paths.find(environ)
    # The line around the home is drawn with it, also where everything is kept elsewhere.
    with pytest.raises(ConfigError, match=says):
        Ares.open(environ={"HOME": home, "ARES_HOME": str(tmp_path / "ares")})
    assert not (tmp_path / "ares").exists()


def test_what_a_person_names_becomes_absolute(tmp_path: Path) -> None:
    cwd = tmp_path / "cwd"
    assert named_path("a/b") == cwd / "a/b"
    assert named_path(".") == cwd
    assert named_path("/a") == Path("/a")
    assert named_path("~/a") == tmp_path / "home" / "a"
    assert named_path("a/~") == cwd / "a/~"
    root = pwd.getpwuid(os.getuid())
    assert named_path(f"~{root.pw_name}/a") == Path(root.pw_dir, "a")
    with pytest.raises(UsageError, match="there is no user 'no-such-user'"):
        named_path("~no-such-user/a")


def test_a_working_folder_that_is_gone_is_one_plain_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "brief").mkdir()
    monkeypatch.chdir(tmp_path / "brief")
    (tmp_path / "brief").rmdir()
    uses = (working_folder, lambda: named_path("a"), lambda: Paths.find({"ARES_HOME": "a", "HOME": "/me"}))
    for use in uses:
        with pytest.raises(UsageError, match=r"the folder you are in is gone; change to one that exists"):
            use()
    assert named_path("/a") == Path("/a")
    with Ares.open() as me, pytest.raises(UsageError, match="the folder you are in is gone"):
        me.perform("system.uptime")
