"""Files: nothing is overwritten silently, nothing is lost, and some places are never touched."""

from __future__ import annotations

import os
import socket
import struct
import threading
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from tests.modules.desk import NOW, Desk

from ares.errors import AresError, ModuleError, NotFoundError, UsageError

ODD_BYTES = bytes(range(256)) * 7
ODD_TIME = 1_650_000_000_987_654_321


@pytest.fixture
def tree(desk: Desk) -> ModuleType:
    """The part of the module that moves and copies, as it is loaded."""
    desk.do("files.list")
    return desk.code("files", "_tree")


def odd_file(name: str = "photo.raw") -> Path:
    path = Path.cwd() / name
    path.write_bytes(ODD_BYTES)
    path.chmod(0o604)
    os.utime(path, ns=(ODD_TIME, ODD_TIME))
    return path


def is_odd(path: Path) -> bool:
    found = path.stat()
    return (path.read_bytes(), found.st_mode & 0o7777, found.st_mtime_ns) == (ODD_BYTES, 0o604, ODD_TIME)


def test_a_folder_is_listed_by_name_with_kinds_and_sizes(desk: Desk) -> None:
    Path("b.txt").write_text("four")
    Path("A").mkdir()
    Path("c").symlink_to("b.txt")
    os.mkfifo("d")
    assert desk.do("files.list", path=".").result["entries"] == [
        {"name": "A", "kind": "folder"},
        {"name": "b.txt", "kind": "file", "size": 4},
        {"name": "c", "kind": "link"},
        {"name": "d", "kind": "other"},
    ]


def test_a_name_that_is_not_unicode_is_listed_with_question_marks(desk: Desk) -> None:
    Path(os.fsdecode(b"caf\xe9")).touch()
    assert [entry["name"] for entry in desk.do("files.list").result["entries"]] == ["caf\ufffd"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("*.JPG", ["a/cat.jpg", "a/deep/dog.JPG"]),
        ("cat", ["a/cat.jpg", "a/deep/concatenate.txt"]),
        ("dee?", ["a/deep"]),
        ("nothing", []),
    ],
)
def test_finding_takes_patterns_and_parts_of_names(desk: Desk, name: str, found: list[str]) -> None:
    Path("a/deep").mkdir(parents=True)
    for file in ("a/cat.jpg", "a/deep/dog.JPG", "a/deep/concatenate.txt"):
        Path(file).touch()
    result = desk.do("files.find", name=name).result
    assert sorted(result["matches"]) == sorted(str(Path.cwd() / path) for path in found)
    assert result["complete"] is True


def test_finding_stops_at_its_limits_and_says_so(desk: Desk) -> None:
    for number in range(1001):
        Path(f"x{number}").touch()
    result = desk.do("files.find", name="x").result
    assert (len(result["matches"]), result["complete"]) == (1000, False)
    search = desk.code("files", "_search")
    assert search.search(Path.cwd(), "x", None, seconds=0.0) == ([], False)


def test_a_folder_that_cannot_be_read_makes_a_search_incomplete(nobodys: Desk) -> None:
    Path("closed").mkdir(mode=0o000)
    assert nobodys.do("files.find", name="x").result["complete"] is False
    Path("closed").chmod(0o700)


def test_finding_does_not_follow_links_round_in_circles(desk: Desk) -> None:
    Path("loop").symlink_to(".")
    Path("one").touch()
    assert desk.do("files.find", name="one").result["matches"] == [str(Path.cwd() / "one")]


def test_finding_does_not_look_into_the_state_of_ares(desk: Desk) -> None:
    result = desk.do("files.find", name="ledger.db", path=str(desk.paths.home.parent)).result
    assert result["matches"] == []


def test_reading_stops_at_200_kb_even_inside_a_character(desk: Desk) -> None:
    Path("long.txt").write_text("x" + "ü" * 150_000, encoding="utf-8")
    result = desk.do("files.read", path="long.txt").result
    assert result["truncated"] is True
    assert result["size"] == 300_001
    assert result["text"] == "x" + "ü" * 99_999


def test_a_file_of_exactly_200_kb_is_read_whole(desk: Desk) -> None:
    Path("full.txt").write_text("y" * 200_000)
    result = desk.do("files.read", path="full.txt").result
    assert (result["truncated"], result["text"]) == (False, "y" * 200_000)


@pytest.mark.parametrize("path", [".", "folder"])
def test_a_folder_is_not_read_and_the_line_says_what_lists_it(desk: Desk, path: str) -> None:
    Path("folder").mkdir()
    whole = Path.cwd() / path
    with pytest.raises(UsageError) as raised:
        desk.do("files.read", path=path)
    assert str(raised.value) == (
        f"files.read: {whole} is a folder; name a file in it, or list it with `files.list`"
    )


def test_what_the_system_refuses_is_told_by_the_path_that_was_meant(nobodys: Desk) -> None:
    (folder := Path.cwd() / "closed").mkdir(mode=0o555)
    (private := Path.cwd() / "private").write_text("text")
    private.chmod(0o000)
    (hidden := Path.cwd() / "hidden").mkdir(mode=0o000)
    long = "x" * 300
    denied = "permission denied; look at its permissions and those of its folder"
    for capability, arguments, line in (
        ("files.read", {"path": "private"}, f"{private} cannot be read: {denied}"),
        ("files.read", {"path": "hidden/x"}, f"{hidden}/x cannot be looked at: {denied}"),
        ("files.write", {"path": "hidden/x", "text": "x"}, f"{hidden}/x cannot be looked at: {denied}"),
        (
            "files.copy",
            {"source": "hidden", "destination": "hidden/x"},
            f"{hidden}/x cannot be looked at: {denied}",
        ),
        ("files.list", {"path": "hidden"}, f"{hidden} cannot be listed: {denied}"),
        (
            "files.write",
            {"path": "closed/new", "text": "x"},
            f"{folder}/new cannot be written: "
            f"you may not change what is in {folder}; look at its permissions",
        ),
        (
            "files.copy",
            {"source": "private", "destination": "closed"},
            f"{private} cannot be read: {denied}",
        ),
        (
            "files.read",
            {"path": long},
            f"{Path.cwd() / long} cannot be looked at: the name or path is too long; use shorter names",
        ),
    ):
        with pytest.raises(ModuleError) as raised:
            nobodys.do(capability, **arguments)
        assert str(raised.value).removeprefix(f"{capability}: ").removeprefix("keep: ") == line
    assert os.listdir(folder) == []
    hidden.chmod(0o700)


def test_a_folder_that_lets_its_owner_write_but_not_read_can_be_written_in(nobodys: Desk) -> None:
    Path("blind").mkdir()
    Path("blind").chmod(0o300)
    assert nobodys.do("files.write", path="blind/a", text="x").holds
    moved = nobodys.do("files.move", source="blind/a", destination="blind/b")
    assert moved.holds
    assert nobodys.undo(moved).holds
    assert Path("blind/a").read_text() == "x"


def test_a_file_that_the_kernel_makes_up_is_not_copied(desk: Desk) -> None:
    with pytest.raises(ModuleError, match=r"^files\.copy: /proc/version changed .*, or has no size"):
        desk.do("files.copy", source="/proc/version", destination="version")
    assert os.listdir() == []


@pytest.mark.parametrize("data", [b"MZ\x00\x01", b"caf\xe9 au lait", "ü".encode("utf-16")])
def test_what_is_not_text_is_refused_plainly(desk: Desk, data: bytes) -> None:
    Path("blob").write_bytes(data)
    with pytest.raises(UsageError, match="blob is not text"):
        desk.do("files.read", path="blob")


def test_reading_a_pipe_does_not_wait_for_its_other_end(desk: Desk) -> None:
    os.mkfifo("pipe")
    with pytest.raises(UsageError, match="not a file that can be read"):
        desk.do("files.read", path="pipe")


def test_reading_what_is_not_there_says_so(desk: Desk) -> None:
    with pytest.raises(NotFoundError, match=r"there is no .*absent\.txt"):
        desk.do("files.read", path="absent.txt")


def test_writing_keeps_the_mode_and_the_old_bytes(desk: Desk) -> None:
    path = odd_file()
    done = desk.do("files.write", path=str(path), text="new")
    assert (path.read_text(), path.stat().st_mode & 0o7777) == ("new", 0o604)
    assert desk.undo(done).holds
    assert is_odd(path)


def attributes(path: Path) -> dict[str, bytes]:
    return {name: os.getxattr(path, name) for name in os.listxattr(path) if not name.startswith("security.")}


def access_list(*entries: tuple[int, int, int]) -> bytes:
    """An access list as Linux keeps it: version 2, then tag, permissions and user of each entry."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


NOBODY = 0xFFFFFFFF
SHARED = access_list((1, 6, NOBODY), (2, 6, 65534), (4, 4, NOBODY), (16, 6, NOBODY), (32, 0, NOBODY))
"""Read and write for the owner and for user 65534, read for the group, nothing for others."""


def with_attributes(path: Path, **more: bytes) -> dict[str, bytes]:
    """Give a file attributes where the file system has them, and return those it has."""
    try:
        for name, value in more.items():
            os.setxattr(path, name.replace("__", "."), value)
    except OSError:
        pytest.skip("no extended attributes or access lists on this file system")
    return attributes(path)


def test_writing_keeps_extended_attributes_and_the_access_list(desk: Desk) -> None:
    path = odd_file()
    path.chmod(0o660)
    wanted = with_attributes(path, user__origin=b"camera \0 7", system__posix_acl_access=SHARED)
    assert len(wanted) == 2
    done = desk.do("files.write", path=str(path), text="new")
    assert (path.read_text(), attributes(path), path.stat().st_mode & 0o7777) == ("new", wanted, 0o660)
    assert desk.undo(done).holds
    assert (path.read_bytes(), attributes(path)) == (ODD_BYTES, wanted)


def test_writing_gives_a_file_no_access_list_that_it_did_not_have(desk: Desk) -> None:
    path = odd_file()
    with_attributes(Path.cwd(), system__posix_acl_default=SHARED)
    desk.do("files.write", path=str(path), text="new")
    assert attributes(path) == {}
    desk.do("files.write", path="fresh", text="new")
    assert "system.posix_acl_access" in attributes(Path("fresh"))


def test_an_attribute_that_cannot_be_kept_leaves_the_file_as_it_was(desk: Desk) -> None:
    path = odd_file()
    with_attributes(path, user__origin=b"camera")
    desk.do("files.list")
    kept = desk.code("files", "_attributes")
    pipe = os.pipe()
    # A pipe takes no attributes, as a file on a file system without them would not.
    with pytest.raises(ModuleError, match=r"photo\.raw: its owner, .* cannot be kept .*nothing was written"):
        kept.carry_over(path, pipe[1])
    for each in pipe:
        os.close(each)
    assert is_odd(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_writing_keeps_the_owner_and_the_group(desk: Desk) -> None:
    path = odd_file()
    os.chown(path, 12345, 23456)
    path.chmod(0o4750)
    done = desk.do("files.write", path=str(path), text="new")
    desk.undo(done)
    found = path.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o7777) == (12345, 23456, 0o4750)


def test_a_file_with_two_names_is_not_written_over(desk: Desk) -> None:
    path = odd_file()
    os.link(path, "other name")
    with pytest.raises(UsageError, match=r"photo\.raw is one file under 2 names .*nothing was written"):
        desk.do("files.write", path=str(path), text="new")
    assert is_odd(path)
    assert path.samefile("other name")
    assert sorted(os.listdir()) == ["other name", "photo.raw"]


def test_writing_a_new_file_obeys_the_umask(desk: Desk) -> None:
    before = os.umask(0o027)
    try:
        desk.do("files.write", path="fresh.txt", text="x")
    finally:
        os.umask(before)
    assert Path("fresh.txt").stat().st_mode & 0o7777 == 0o640


def test_writing_through_a_link_changes_its_target_and_leaves_the_link(desk: Desk) -> None:
    Path("real.txt").write_text("old")
    Path("link.txt").symlink_to("real.txt")
    done = desk.do("files.write", path="link.txt", text="new")
    assert Path("link.txt").is_symlink()
    assert Path("real.txt").read_text() == "new"
    desk.undo(done)
    assert Path("real.txt").read_text() == "old"


def test_a_file_that_changed_after_it_was_kept_is_not_written_over(desk: Desk) -> None:
    from ares.core import Action, Origin

    Path("busy.txt").write_text("one")
    capability = desk.registry.capability("files.write")
    action = Action(
        capability="files.write", arguments={"path": "busy.txt", "text": "mine"}, origin=Origin.PYTHON
    )
    grant = desk.grant(action, capability)
    kept = desk.runtime.keep(action, capability, grant)
    Path("busy.txt").write_text("two")
    with pytest.raises(ModuleError, match="changed by somebody else"):
        desk.runtime.run(action, capability, grant, kept)
    assert Path("busy.txt").read_text() == "two"


def test_writing_leaves_no_draft_behind(desk: Desk) -> None:
    desk.do("files.write", path="a.txt", text="x")
    assert os.listdir(".") == ["a.txt"]


def test_a_reader_sees_the_old_or_the_new_text_and_nothing_between(desk: Desk) -> None:
    path = Path("shared.txt")
    path.write_text("a" * 100_000)
    seen: set[str] = set()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            seen.add("".join(sorted(set(path.read_text()))) + str(path.stat().st_size > 0))

    watcher = threading.Thread(target=look)
    watcher.start()
    for text in ("b" * 100_000, "a" * 100_000) * 5:
        desk.do("files.write", path=str(path), text=text)
    stop.set()
    watcher.join()
    assert seen <= {"aTrue", "bTrue"}


@pytest.mark.parametrize("capability", ["files.move", "files.copy"])
def test_moving_and_copying_refuse_a_target_that_exists(desk: Desk, capability: str) -> None:
    Path("a").write_text("a")
    Path("b").write_text("b")
    with pytest.raises(UsageError, match="there already"):
        desk.do(capability, source="a", destination="b")
    assert (Path("a").read_text(), Path("b").read_text()) == ("a", "b")


@pytest.mark.parametrize("capability", ["files.move", "files.copy"])
def test_into_an_existing_folder_means_inside_it(desk: Desk, capability: str) -> None:
    Path("folder").mkdir()
    path = odd_file()
    result = desk.do(capability, source=str(path), destination="folder").result
    assert result["destination"] == str(Path.cwd() / "folder" / "photo.raw")
    assert is_odd(Path("folder/photo.raw"))


@pytest.mark.parametrize("capability", ["files.move", "files.copy"])
def test_into_a_folder_that_has_such_a_name_is_refused(desk: Desk, capability: str) -> None:
    Path("folder").mkdir()
    Path("folder/a").write_text("other")
    Path("a").write_text("a")
    with pytest.raises(UsageError, match="there already"):
        desk.do(capability, source="a", destination="folder")
    assert Path("folder/a").read_text() == "other"


@pytest.mark.parametrize("capability", ["files.move", "files.copy"])
def test_a_folder_cannot_go_inside_itself(desk: Desk, capability: str) -> None:
    Path("outer/inner").mkdir(parents=True)
    with pytest.raises(UsageError, match="inside itself"):
        desk.do(capability, source="outer", destination="outer/inner")
    assert sorted(os.listdir("outer")) == ["inner"]


def test_a_missing_folder_is_not_made_on_the_way(desk: Desk) -> None:
    Path("a").touch()
    with pytest.raises(NotFoundError, match="there is no folder"):
        desk.do("files.move", source="a", destination="nowhere/a")


def test_a_file_that_appears_at_the_last_moment_is_not_replaced(tree: ModuleType) -> None:
    Path("a").write_text("a")
    Path("b").write_text("b")
    with pytest.raises(UsageError, match="there already"):
        tree.move(Path("a"), Path("b"))
    assert Path("b").read_text() == "b"


def test_copying_a_folder_copies_every_byte_mode_time_and_link(desk: Desk) -> None:
    Path("tree").mkdir()
    odd_file("tree/photo.raw")
    Path("tree/link").symlink_to("photo.raw")
    result = desk.do("files.copy", source="tree", destination="again").result
    assert result["files"] == 2
    assert is_odd(Path("again/photo.raw"))
    assert os.readlink("again/link") == "photo.raw"
    assert is_odd(Path("tree/photo.raw"))


def test_copying_a_folder_with_a_pipe_in_it_fails_and_leaves_nothing(desk: Desk) -> None:
    Path("tree").mkdir()
    os.mkfifo("tree/pipe")
    with pytest.raises(AresError):
        desk.do("files.copy", source="tree", destination="again")
    assert os.listdir(".") == ["tree"]


@pytest.mark.parametrize("capability", ["files.copy", "files.restore"])
def test_what_was_edited_since_is_not_put_into_the_trash_by_an_undo(desk: Desk, capability: str) -> None:
    odd_file("a")
    if capability == "files.copy":
        done = desk.do("files.copy", source="a", destination="b")
    else:
        done = desk.do("files.restore", item=desk.do("files.delete", path="a").result["item"])
    path = Path.cwd() / ("b" if capability == "files.copy" else "a")
    path.write_text("edited")
    with pytest.raises(UsageError, match=f"{path} is not what was put there; it changed since, so"):
        desk.undo(done)
    assert path.read_text() == "edited"
    assert desk.do("files.trash").result["items"] == []


def test_the_undo_of_a_restore_puts_it_back_under_its_number_and_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd_file("a")
    desk.do("files.delete", path="a")
    before = desk.do("files.trash").result
    odd_file("b")
    desk.do("files.delete", path="b")
    restored = desk.do("files.restore", item="a")
    monkeypatch.setattr("tests.modules.desk.NOW", NOW + timedelta(days=1))
    assert desk.undo(restored).result["item"] == "1"
    assert [row for row in desk.do("files.trash").result["items"] if row["item"] == "1"] == before["items"]


def test_a_number_that_something_else_has_in_the_trash_is_not_taken(desk: Desk) -> None:
    for name in ("a", "b"):
        odd_file(name)
    desk.do("files.delete", path="a")
    left = desk.do("files.copy", source="b", destination="c").kept["left"]
    with pytest.raises(UsageError, match=r"item 1 of the trash is .*/a; .*/c is not put there"):
        desk.do("files.discard", path="c", item="1", left=left)
    assert is_odd(Path("c"))


def test_a_deleted_folder_comes_back_identical(desk: Desk) -> None:
    Path("album").mkdir()
    path = odd_file("album/photo.raw")
    os.utime("album", ns=(ODD_TIME, ODD_TIME))
    done = desk.do("files.delete", path="album")
    assert not Path("album").exists()
    desk.undo(done)
    assert is_odd(path)
    assert Path("album").stat().st_mtime_ns == ODD_TIME


def test_deleting_a_link_deletes_the_link_and_not_its_target(desk: Desk) -> None:
    Path("real").write_text("x")
    Path("link").symlink_to("real")
    done = desk.do("files.delete", path="link")
    assert Path("real").read_text() == "x"
    assert not Path("link").is_symlink()
    desk.undo(done)
    assert os.readlink("link") == "real"


def test_restoring_refuses_to_overwrite(desk: Desk) -> None:
    Path("a").write_text("old")
    item = desk.do("files.delete", path="a").result["item"]
    Path("a").write_text("new")
    with pytest.raises(UsageError, match="there already"):
        desk.do("files.restore", item=item)
    assert Path("a").read_text() == "new"
    assert [row["item"] for row in desk.do("files.trash").result["items"]] == [item]


def test_restoring_takes_a_number_a_name_or_a_stem_and_asks_when_there_are_several(desk: Desk) -> None:
    for name in ("thesis.docx", "photo.jpg"):
        Path(name).write_text(name)
        desk.do("files.delete", path=name)
    assert desk.do("files.restore", item="Thesis.docx").result["path"].endswith("thesis.docx")
    assert desk.do("files.restore", item="photo").result["path"].endswith("photo.jpg")
    for _ in range(2):
        Path("twice").touch()
        desk.do("files.delete", path="twice")
    with pytest.raises(UsageError, match=r"say a number: 4 .*3 "):
        desk.do("files.restore", item="twice")
    with pytest.raises(NotFoundError, match="nothing in the trash"):
        desk.do("files.restore", item="never")


def test_numbers_in_the_trash_are_not_used_again(desk: Desk) -> None:
    Path("a").touch()
    first = desk.do("files.delete", path="a")
    desk.undo(first)
    assert desk.do("files.delete", path="a").result["item"] == "2"


def test_what_was_changed_in_the_trash_is_not_restored_as_if_it_were_the_original(desk: Desk) -> None:
    Path("a").write_text("original")
    item = desk.do("files.delete", path="a").result["item"]
    (desk.paths.data / "files" / "trash" / item / "item").write_text("tampered")
    with pytest.raises(ModuleError, match="changed since it was deleted"):
        desk.do("files.restore", item=item)
    assert not Path("a").exists()


def test_moving_to_another_file_system_keeps_bytes_mode_and_time(desk: Desk, other_disk: Path) -> None:
    path, away = odd_file(), other_disk / "away"
    done = desk.do("files.move", source=str(path), destination=str(away))
    assert done.holds
    assert is_odd(away)
    assert not path.exists()
    deleted = desk.do("files.delete", path=str(away))
    assert deleted.holds
    assert not away.exists()
    desk.undo(deleted)
    assert is_odd(away)


@pytest.mark.parametrize("place", ["/", "~", ".", "..", "{state}", "{above}"])
def test_some_folders_are_never_deleted_or_moved(desk: Desk, place: str) -> None:
    path = place.format(state=desk.paths.home, above=desk.paths.home.parent)
    for capability, arguments in (
        ("files.delete", {"path": path}),
        ("files.move", {"source": path, "destination": "/tmp/elsewhere"}),
    ):
        with pytest.raises(UsageError, match=r"stays where it is|belongs to ARES"):
            desk.do(capability, **arguments)
    assert Path.cwd().is_dir()
    assert desk.paths.ledger_db.is_file()


@pytest.mark.parametrize(
    ("capability", "arguments"),
    [
        ("files.list", {"path": "{state}"}),
        ("files.read", {"path": "{state}/ledger.db"}),
        ("files.read", {"path": "way-in/ledger.db"}),
        ("files.write", {"path": "{state}/ledger.db", "text": ""}),
        ("files.write", {"path": "shortcut", "text": ""}),
        ("files.copy", {"source": "{state}/ledger.db", "destination": "mine.db"}),
        ("files.copy", {"source": "a", "destination": "{state}/a"}),
        ("files.move", {"source": "a", "destination": "way-in"}),
        ("files.delete", {"path": "way-in/ares.db"}),
        ("files.find", {"name": "x", "path": "{state}/data"}),
    ],
)
def test_the_state_of_ares_is_out_of_reach(desk: Desk, capability: str, arguments: dict[str, str]) -> None:
    Path("a").write_text("a")
    Path("way-in").symlink_to(desk.paths.home)
    Path("shortcut").symlink_to(desk.paths.ledger_db)
    before = desk.paths.ledger_db.stat().st_size
    filled = {name: text.format(state=desk.paths.home) for name, text in arguments.items()}
    with pytest.raises(UsageError, match="belongs to ARES itself"):
        desk.do(capability, **filled)
    assert desk.paths.ledger_db.stat().st_size >= before
    assert Path("a").read_text() == "a"


def test_a_socket_cannot_be_copied(desk: Desk) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        with pytest.raises(AresError):
            desk.do("files.copy", source="s", destination="t")
    assert not Path("t").exists()


def test_values_are_places_entries_and_the_trash_under_the_names_people_use(desk: Desk) -> None:
    (Path.home() / "Downloads").mkdir()
    Path("old-logs").mkdir()
    Path("invoice_march.pdf").touch()
    Path(".hidden").touch()
    Path("thesis.docx").touch()
    desk.do("files.delete", path="thesis.docx")
    places = {value.value: value.aliases for value in desk.runtime.values("files.places")}
    assert list(places) == [".", "~", "~/Downloads", "old-logs"]
    assert "downloads" in places["~/Downloads"]
    assert "old logs" in places["old-logs"]
    here = {value.value: value.aliases for value in desk.runtime.values("files.here")}
    assert here == {"invoice_march.pdf": ("invoice_march", "invoice march"), "old-logs": ("old logs",)}
    (item,) = desk.runtime.values("files.trash")
    assert (item.value, item.aliases) == ("1", ("thesis.docx", "thesis"))
