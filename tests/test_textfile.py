from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from tests.store.unprivileged import as_nobody, hand_over

from ares.errors import ConfigError
from ares.textfile import (
    LARGEST,
    draft_of,
    drop_draft,
    exists,
    open_regular,
    place_draft,
    read_text,
    write_draft,
)


def test_text_comes_back_as_it_stands_without_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"\xef\xbb\xbfa\r\n\xc3\xa9\n")
    assert read_text(file) == "a\r\né\n"


def test_a_link_to_a_file_is_read_and_one_to_a_device_is_not(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a")
    (tmp_path / "good").symlink_to(tmp_path / "file")
    (tmp_path / "bad").symlink_to("/dev/zero")
    assert read_text(tmp_path / "good") == "a"
    with pytest.raises(ConfigError, match=r"bad: cannot be read \(it is a pipe or a device"):
        read_text(tmp_path / "bad")


def test_what_is_no_file_is_named_and_nothing_waits_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    for name, problem in (
        ("pipe", "it is a pipe or a device"),
        ("folder", "it is a folder"),
        ("gone", "No such file"),
        ("dangling", "it is a link that leads nowhere"),
        ("folder/x/y", "No such file"),
    ):
        with pytest.raises(ConfigError, match=rf"{name}: cannot be read \({problem}") as caught:
            read_text(tmp_path / name)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "the disk is full; free some space"),
        (errno.EDQUOT, "the disk is full; free some space"),
        (errno.EROFS, "the disk is mounted read-only; mount it so that it can be written"),
        (errno.ENOTDIR, "a file is where a folder has to be; move it away"),
        (errno.EIO, "check the disk"),
        (errno.EACCES, "make its folder writable"),
    ],
)
def test_what_to_do_about_a_file_that_cannot_be_written_fits_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, advice: str
) -> None:
    def failing(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    for call, change, said in (
        ("replace", place_draft, "cannot be replaced ({}) and is as it was; {}"),
        ("fsync", lambda file: write_draft(file, "new"), "cannot be written ({}); {}"),
    ):
        monkeypatch.setattr(os, call, failing)
        with pytest.raises(ConfigError) as caught:
            change(tmp_path / "x")
        assert str(caught.value) == f"{tmp_path}/x: {said.format(os.strerror(number), advice)}"


def test_the_file_is_closed_when_it_is_refused(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_largest_file_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"a" * LARGEST)
    assert len(read_text(file)) == LARGEST
    file.write_bytes(b"a" * (LARGEST + 1))
    with pytest.raises(ConfigError, match="x: larger than 1 MiB"):
        read_text(file)


def test_a_huge_file_with_nothing_in_it_costs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.touch()
    os.truncate(file, 1 << 40)
    with pytest.raises(ConfigError, match="larger than"):
        read_text(file)


def test_a_byte_that_is_no_text_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"a\nb\xff\n")
    with pytest.raises(ConfigError, match="x:2: a byte here is not UTF-8 text; save the file as UTF-8"):
        read_text(file)


def test_a_link_that_leads_nowhere_is_there(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    assert exists(tmp_path / "link")
    assert not exists(tmp_path / "gone")


def test_what_cannot_be_looked_at_is_not_called_missing(elsewhere: Path) -> None:
    (elsewhere / "file").touch()
    with pytest.raises(ConfigError, match="Not a directory"):
        exists(elsewhere / "file" / "x")
    (elsewhere / "closed").mkdir()
    hand_over(elsewhere / "closed", 0)
    (elsewhere / "closed").chmod(0)
    hand_over(elsewhere, 0o700)
    (elsewhere / "closed").chmod(0)
    with as_nobody(), pytest.raises(ConfigError, match=r"closed/x: cannot be looked at \(Permission denied"):
        exists(elsewhere / "closed" / "x")


def test_new_text_takes_its_place_in_one_step_and_keeps_the_permissions_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("old")
    file.chmod(0o640)
    (tmp_path / "link").symlink_to(file)
    write_draft(tmp_path / "link", "new")
    assert file.read_text() == "old"
    place_draft(tmp_path / "link")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o640)
    assert {each.name for each in tmp_path.iterdir()} >= {"x", "link"}
    assert not draft_of(file).exists()


def test_a_new_file_is_for_its_owner_alone_and_gone_when_it_is_dropped(tmp_path: Path) -> None:
    file = tmp_path / "below" / "x"
    write_draft(file, "new")
    assert draft_of(file).stat().st_mode & 0o777 == 0o600
    drop_draft(file)
    drop_draft(file)
    assert list(file.parent.iterdir()) == []


def test_what_was_left_beside_a_file_does_not_keep_it_from_being_written(tmp_path: Path) -> None:
    file = tmp_path / "x"
    draft_of(file).symlink_to("/dev/full")
    write_draft(file, "new")
    place_draft(file)
    assert (file.read_text(), file.is_symlink()) == ("new", False)


def test_a_disk_that_takes_no_more_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / "below" / "x"
    file.parent.mkdir()
    file.write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match=r"x: cannot be written \(No space left on device\)"):
        write_draft(file, "new")
    assert [(each.name, each.read_text()) for each in file.parent.iterdir()] == [("x", "old")]


def test_a_folder_that_takes_no_file_is_one_error(elsewhere: Path) -> None:
    folder = elsewhere / "policy.d"
    folder.mkdir()
    hand_over(elsewhere, 0o500)
    for file in (folder / "x", elsewhere / "new" / "x"):
        with (
            as_nobody(),
            pytest.raises(ConfigError, match=r"x: cannot be written .* make its folder writable"),
        ):
            write_draft(file, "new")
    assert list(folder.iterdir()) == []
