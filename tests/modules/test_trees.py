"""Folders and files that the system does not let go, or that are too much for a disk: all or nothing."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import struct
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.modules.desk import Desk

from ares.errors import AresError, ModuleError

ODD_TIME = 1_650_000_000_987_654_321
CALLS = {
    "files.move": lambda path: {"source": path, "destination": f"{path}.moved"},
    "files.copy": lambda path: {"source": path, "destination": f"{path}.copied"},
    "files.delete": lambda path: {"path": path},
}


def cache(name: str = "cache") -> Path:
    """A tree with read-only folders, as Go keeps its modules."""
    tree = Path.cwd() / name
    (tree / "module" / "inner").mkdir(parents=True)
    for file in ("module/a.go", "module/inner/b.go"):
        (tree / file).write_text(file)
        (tree / file).chmod(0o444)
    (tree / "module" / "link").symlink_to("a.go")
    for folder in (tree / "module" / "inner", tree / "module", tree):
        os.utime(folder, ns=(ODD_TIME, ODD_TIME))
        folder.chmod(0o555)
    return tree


def looks(tree: Path) -> dict[str, Any]:
    """Everything about a tree that must stay: kinds, modes, times, bytes, where links lead."""
    found = {}
    for path in [tree, *sorted(tree.rglob("*"))]:
        state = path.lstat()
        what = os.readlink(path) if path.is_symlink() else path.read_text() if path.is_file() else ""
        kept = () if path.is_symlink() else (stat.S_IMODE(state.st_mode), state.st_mtime_ns)
        found[str(path.relative_to(tree))] = (stat.S_IFMT(state.st_mode), *kept, what)
    return found


def trash(desk: Desk) -> list[str]:
    return [row["path"] for row in desk.do("files.trash").result["items"]]


def hidden(folder: Path) -> list[str]:
    return [name for name in os.listdir(folder) if name.startswith(".")]


@contextmanager
def closed(folder: Path, mode: int = 0o555) -> Iterator[None]:
    """Take rights to a folder away for a while."""
    before = stat.S_IMODE(folder.stat().st_mode)
    folder.chmod(mode)
    try:
        yield
    finally:
        folder.chmod(before)


@pytest.mark.parametrize("kind", ["file", "folder"])
@pytest.mark.parametrize("capability", ["files.move", "files.delete"])
def test_what_may_not_leave_its_folder_stays_under_its_one_name(
    nobodys: Desk, capability: str, kind: str
) -> None:
    folder = Path.cwd() / "mine"
    path = folder / "it"
    folder.mkdir()
    if kind == "file":
        path.write_text("text")
    else:
        path.mkdir()
    arguments = {"source": str(path), "destination": str(Path.cwd() / "there")}
    with closed(folder), pytest.raises(ModuleError) as raised:
        nobodys.do(capability, **(arguments if capability == "files.move" else {"path": str(path)}))
    assert f"you may not change what is in {folder}; look at its permissions" in str(raised.value)
    assert path.stat().st_nlink == (1 if kind == "file" else 2)
    assert (os.listdir(), trash(nobodys)) == (["mine"], [])


@pytest.mark.parametrize("mode", [0o000, 0o444])
@pytest.mark.parametrize("capability", CALLS)
def test_a_folder_that_cannot_be_read_all_through_is_refused_and_stays(
    nobodys: Desk, capability: str, mode: int
) -> None:
    inner = Path.cwd() / "tree" / "closed"
    inner.mkdir(parents=True)
    (inner / "file").write_text("text")
    with (
        closed(inner, mode),
        pytest.raises(ModuleError, match=rf"{inner}.*, in .*tree, cannot be read: perm"),
    ):
        nobodys.do(capability, **CALLS[capability](str(Path.cwd() / "tree")))
    assert os.listdir() == ["tree"]
    assert (inner / "file").read_text() == "text"
    assert trash(nobodys) == []


def deep(tree: Path, length: int) -> None:
    """Make a tree whose longest path has so many characters, more than the system takes at once."""
    here, tree_length = Path.cwd(), len(str(tree))
    tree.mkdir()
    os.chdir(tree)
    left = length - tree_length
    while left > 0:
        name = "d" * min(200, left - 1)
        os.mkdir(name)
        os.chdir(name)
        left -= len(name) + 1
    os.chdir(here)


@pytest.mark.parametrize("capability", CALLS)
def test_a_tree_with_paths_too_long_to_reach_stays(desk: Desk, capability: str) -> None:
    tree = Path.cwd() / "tree"
    deep(tree, 5000)
    with pytest.raises(ModuleError, match=f"{tree} holds paths that are too long to be reached; shorten"):
        desk.do(capability, **CALLS[capability](str(tree)))
    assert os.listdir() == ["tree"]
    assert trash(desk) == []
    shutil.rmtree("tree")


@pytest.mark.parametrize("capability", CALLS)
def test_a_tree_whose_paths_would_be_too_long_at_its_new_place_stays(desk: Desk, capability: str) -> None:
    tree = Path.cwd() / "t"
    deep(tree, 4090)
    with pytest.raises(AresError, match="too long"):
        desk.do(capability, **CALLS[capability](str(tree)))
    assert os.listdir() == ["t"]
    assert trash(desk) == []
    shutil.rmtree("t")


def test_read_only_folders_go_to_another_file_system_and_back(nobodys: Desk, other_disk: Path) -> None:
    tree = cache()
    before = looks(tree)
    done = nobodys.do("files.move", source=str(tree), destination=str(other_disk / "there"))
    assert done.holds
    assert (looks(other_disk / "there"), os.listdir()) == (before, [])
    deleted = nobodys.do("files.delete", path=str(other_disk / "there"))
    assert deleted.holds
    assert os.listdir(other_disk) == []
    assert nobodys.undo(deleted).holds
    assert looks(other_disk / "there") == before
    assert nobodys.undo(done).holds
    assert (looks(tree), os.listdir(other_disk)) == (before, [])


def test_what_could_not_be_removed_is_not_copied_to_another_file_system(
    nobodys: Desk, other_disk: Path
) -> None:
    folder = Path.cwd() / "mine"
    (folder / "tree").mkdir(parents=True)
    with closed(folder), pytest.raises(ModuleError, match=f"you may not remove it from {folder}; look at"):
        nobodys.do("files.move", source=str(folder / "tree"), destination=str(other_disk / "there"))
    assert os.listdir(other_disk) == []
    assert os.listdir(folder) == ["tree"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_tree_with_folders_of_somebody_else_is_not_copied_to_another_file_system(
    nobodys: Desk, other_disk: Path
) -> None:
    tree = cache()
    os.seteuid(0)
    os.chown(tree / "module", 0, 0)
    os.seteuid(65534)
    before = looks(tree)
    with pytest.raises(ModuleError, match=rf"remove what is in {tree}/module, which is somebody else's"):
        nobodys.do("files.move", source=str(tree), destination=str(other_disk / "there"))
    assert (looks(tree), os.listdir(other_disk)) == (before, [])


def immovable(path: Path, on: bool) -> None:
    """Set or clear the attribute that keeps even root from removing a file."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.ioctl(descriptor, 0x40086602, struct.pack("l", 0x10 if on else 0))
    except OSError:
        pytest.skip("files cannot be made immutable here")
    finally:
        os.close(descriptor)


def test_what_is_left_of_a_move_is_told_and_the_move_can_be_undone(desk: Desk, other_disk: Path) -> None:
    (Path.cwd() / "tree").mkdir()
    for name in ("a", "b"):
        Path("tree", name).write_text(name)
    before = looks(Path("tree"))
    immovable(Path("tree/b"), True)
    done = desk.do("files.move", source="tree", destination=str(other_disk / "there"))
    (left,) = hidden(Path.cwd())
    immovable(Path(left, "b"), False)
    assert not done.holds
    (wrong,) = [check for check in done.checks if not check.holds]
    assert f"a part could not be removed and is at {Path.cwd() / left}" in wrong.seen
    assert looks(other_disk / "there") == before
    assert desk.undo(done).holds
    assert looks(Path("tree")) == before


def test_a_copy_of_a_read_only_folder_can_be_undone_and_made_again(nobodys: Desk) -> None:
    tree = cache()
    done = nobodys.do("files.copy", source=str(tree), destination="again")
    before = looks(Path("again"))
    assert done.holds
    undone = nobodys.undo(done)
    assert undone.holds
    assert os.listdir() == ["cache"]
    assert nobodys.undo(undone).holds
    assert looks(Path("again")) == before == looks(tree)


def test_a_read_only_folder_that_may_not_be_moved_keeps_its_mode(nobodys: Desk) -> None:
    tree = cache()
    (Path.cwd() / "there").mkdir()
    with (
        closed(Path("there")),
        pytest.raises(ModuleError, match=r"you may not change what is in .*there; look"),
    ):
        nobodys.do("files.move", source=str(tree), destination="there")
    assert stat.S_IMODE(tree.stat().st_mode) == 0o555


@pytest.mark.parametrize("across", [False, True])
def test_a_copy_that_fails_leaves_nothing_and_names_the_file_and_why(
    nobodys: Desk, other_disk: Path, across: bool
) -> None:
    tree = cache()
    (tree / "module" / "inner" / "b.go").chmod(0o000)
    target = other_disk / "again" if across else Path.cwd() / "again"
    with pytest.raises(ModuleError) as raised:
        nobodys.do("files.copy", source=str(tree), destination=str(target))
    assert str(raised.value) == (
        f"files.copy: {tree}/module/inner/b.go cannot be read: "
        "permission denied; look at its permissions and those of its folder"
    )
    assert hidden(target.parent) == []
    assert not target.exists()


@pytest.mark.parametrize("capability", ["files.move", "files.copy"])
def test_a_copy_that_breaks_off_in_the_middle_leaves_nothing(
    nobodys: Desk, other_disk: Path, capability: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = cache()
    before, link = looks(tree), os.symlink

    def broken(source: str, target: str, **more: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "symlink", broken)
    with pytest.raises(ModuleError) as raised:
        nobodys.do(capability, source=str(tree), destination=str(other_disk / "there"))
    monkeypatch.setattr(os, "symlink", link)
    assert str(raised.value) == (
        f"{capability}: {tree}/module/link cannot be copied to {other_disk}/there/module/link: "
        "no space is left on that disk; make room there first"
    )
    assert (os.listdir(other_disk), looks(tree)) == ([], before)


def has_links_and_holes(tree: Path) -> bool:
    with (tree / "holes").open("rb") as file:
        begin = file.read(6)
        file.seek(32 * 1024 * 1024)
        middle, size = file.read(7), file.seek(0, os.SEEK_END)
    return (
        (tree / "one").samefile(tree / "two")
        and (begin, middle, size) == (b"begin\0", b"middle\0", 64 * 1024 * 1024)
        and (tree / "holes").stat().st_blocks * 512 < 1024 * 1024
    )


def test_hard_links_and_holes_within_a_tree_survive_another_file_system(desk: Desk, other_disk: Path) -> None:
    Path("tree").mkdir()
    Path("tree/one").write_text("text")
    os.link("tree/one", "tree/two")
    with open("tree/holes", "wb") as file:
        file.write(b"begin")
        file.truncate(64 * 1024 * 1024)
        file.seek(32 * 1024 * 1024)
        file.write(b"middle")
    done = desk.do("files.move", source="tree", destination=str(other_disk / "there"))
    assert has_links_and_holes(other_disk / "there")
    assert desk.undo(done).holds
    assert has_links_and_holes(Path("tree"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_what_goes_to_another_file_system_keeps_its_owner(desk: Desk, other_disk: Path) -> None:
    path = Path.cwd() / "theirs"
    path.write_text("text")
    os.chown(path, 12345, 23456)
    path.chmod(0o4750)
    done = desk.do("files.move", source=str(path), destination=str(other_disk / "there"))
    assert done.holds
    found = (other_disk / "there").stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (12345, 23456, 0o4750)


def sparse(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        file.truncate(size)
    return path


def test_writing_over_a_large_file_takes_little_memory_and_little_disk(desk: Desk) -> None:
    path = sparse(Path.cwd() / "large", 256 * 1024 * 1024)
    tracemalloc.start()
    done = desk.do("files.write", path=str(path), text="small")
    assert done.holds
    assert path.read_text() == "small"
    assert desk.undo(done).holds
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 32 * 1024 * 1024
    assert (path.stat().st_size, path.stat().st_blocks) == (256 * 1024 * 1024, 0)
    kept = desk.paths.data / "files" / "kept"
    assert sum(each.stat().st_blocks for each in kept.rglob("bytes")) < 64


def test_a_file_too_large_to_be_kept_is_not_written_over(desk: Desk) -> None:
    disk = os.statvfs(Path.cwd())
    path = sparse(Path.cwd() / "huge", 2 * disk.f_bavail * disk.f_frsize)
    before = path.stat()
    with pytest.raises(
        ModuleError, match=rf"keeping what is in {path} for an undo takes .* GiB, and the disk "
    ):
        desk.do("files.write", path=str(path), text="small")
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert list((desk.paths.data / "files" / "kept").iterdir()) == []


FULL = """
import os
from pathlib import Path
from ares.errors import AresError
from ares.paths import Paths
from ares.store import Store
from tests.modules.desk import open_desk

disk = Path("disk")
paths = Paths.find()
with Store.open(paths) as store:
    desk = open_desk(store, paths)
    Path("large").write_bytes(os.urandom(3_000_000))
    (disk / "small").write_text("small")
    for capability, arguments in (
        ("files.write", {"path": "disk/text", "text": "x" * 3_000_000}),
        ("files.copy", {"source": "large", "destination": "disk"}),
        ("files.move", {"source": "large", "destination": "disk"}),
    ):
        try:
            desk.do(capability, **arguments)
        except AresError as error:
            print(error)
print(sorted(os.listdir(disk)), sorted(os.listdir()))
"""


def test_a_full_disk_is_told_by_the_path_that_was_meant(desk: Desk) -> None:
    unshare, small = shutil.which("unshare"), 'mount -t tmpfs -o size=1m none disk && exec "$@"'
    within = [unshare or "", "--map-root-user", "--mount", "sh", "-c", small, "-"]
    Path("disk").mkdir()
    if not unshare or subprocess.run([*within, "true"], capture_output=True).returncode:
        pytest.skip("this machine gives no mount namespaces")
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(
        [*within, sys.executable, "-c", FULL],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(root), *sys.path])},
        capture_output=True,
        text=True,
    )
    here = Path.cwd()
    copying = (
        f"a copy at {here}/disk/large takes 2.9 MiB, and the disk that holds {here}/disk has 1.0 MiB free"
    )
    assert done.stdout.splitlines() == [
        f"files.write: {here}/disk/text cannot be written: "
        "no space is left on that disk; make room there first",
        f"files.copy: {copying}; make room there first; nothing was changed",
        f"files.move: {copying}; make room there first; nothing was changed",
        "['small'] ['disk', 'large']",
    ], done.stderr
