"""`./ares` on checkouts small enough to set up in seconds: real venvs, real pip, no network.

Packages come from a folder of tiny wheels; the checkout builds itself with a backend of twenty lines.
"""

from __future__ import annotations

import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from runpy import run_path
from types import FrameType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120

UNFIT = ('"', "$", "`", "\\", ":", ";", "\n")

BACKEND = """
import os, pathlib, sys, zipfile

def _wheel(folder, name, version, files):
    path = pathlib.Path(folder) / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    with zipfile.ZipFile(path, "w") as wheel:
        record = ""
        for file, text in files.items():
            wheel.writestr(file, text)
            record += f"{file},,\\n"
        wheel.writestr(f"{info}/RECORD", record + f"{info}/RECORD,,\\n")
    return path.name

def build_wheel(folder, settings=None, metadata=None):
    return BUILD(folder)

def build_editable(folder, settings=None, metadata=None):
    here = pathlib.Path(__file__).resolve().parent
    (here / "builds").open("a").write("build\\n")
    if (here / "wait").exists():
        # A named pipe: reading it waits until the test has opened and closed its end.
        (here / "wait").read_text()
    scripts = "[console_scripts]\\nares = ares:main\\n"
    return _wheel(
        folder, "ares", "0.1.0",
        {"ares.pth": str(here / "src"), "ares-0.1.0.dist-info/entry_points.txt": scripts},
    )
"""

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "ares"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["llama-cpp-python==0.3.36"]

[project.optional-dependencies]
train = ["torch==2.13.0"]
dev = []
"""

PROGRAM = """
import sys

def main():
    print(*sys.argv[1:], sep="|")
    return 3 if "fail" in sys.argv else 0
"""


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Checkout:
    """A checkout with the real `ares`, the real tools, and next to nothing to install."""

    root: Path
    wheels: Path

    def environ(self, more: Mapping[str, str]) -> dict[str, str]:
        ours = ("PIP_", "ARES_", "CMAKE_")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        here = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels)}
        return {**clean, **here, "PIP_NO_CACHE_DIR": "1", **more}

    def run(
        self,
        *arguments: str,
        script: str = "",
        cwd: Path | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Done:
        done = subprocess.run(
            [script or str(self.root / "ares"), *arguments],
            capture_output=True,
            text=True,
            cwd=cwd,
            env=self.environ(environ or {}),
            timeout=PATIENCE,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str, before: Sequence[str] = ()) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*before, str(self.root / "ares"), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environ({}),
            start_new_session=True,
        )

    @property
    def builds(self) -> int:
        """How often pip built this checkout."""
        file = self.root / "builds"
        return len(file.read_text().splitlines()) if file.exists() else 0


def make_wheel(folder: Path, name: str, version: str, files: Mapping[str, str]) -> None:
    space: dict[str, object] = {"__file__": str(folder / "backend.py")}
    exec(BACKEND, space)
    build = space["_wheel"]
    assert callable(build)
    build(folder, name, version, files)


def make_checkout(root: Path, *, llama: bool = True) -> Checkout:
    (root / "src" / "ares").mkdir(parents=True)
    shutil.copy(ROOT / "ares", root / "ares")
    shutil.copytree(ROOT / "tools", root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "backend.py").write_text(BACKEND)
    (root / "src" / "ares" / "__init__.py").write_text(PROGRAM)
    # pip takes spaces for separators here.
    wheels = root.parent / f"{root.name}-wheels".replace(" ", "-")
    wheels.mkdir()
    if llama:
        make_wheel(wheels, "llama_cpp_python", "0.3.36", {"llama_cpp.py": ""})
    make_wheel(wheels, "torch", "2.13.0", {"torch.py": ""})
    return Checkout(root, wheels)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout after its first run."""
    checkout = make_checkout(tmp_path_factory.mktemp("ready") / "check out")
    first = checkout.run("do", "two words")
    assert (first.code, first.out) == (0, "do|two words\n"), first.err
    assert "step 1 of 4: making a virtual environment" in first.err
    assert "compiling llama.cpp, about" in first.err
    return checkout


def test_a_later_run_says_nothing_and_starts_no_other_program(ready: Checkout) -> None:
    later = ready.run("do", "it", environ={"PATH": "/nonexistent"})
    assert later == Done(0, "do|it\n", "")


def test_arguments_and_exit_code_go_through(ready: Checkout) -> None:
    assert ready.run("fail", "", "a b", "*") == Done(3, "fail||a b|*\n", "")


def test_what_is_set_for_another_python_puts_no_code_into_it(ready: Checkout, tmp_path: Path) -> None:
    (tmp_path / "os.py").write_text("raise SystemExit('not ours')")
    others = {"PYTHONPATH": str(tmp_path), "PYTHONHOME": str(tmp_path / "nothing")}
    assert ready.run("x", environ=others) == Done(0, "x\n", "")


def test_it_works_through_a_symlink_and_from_another_folder(ready: Checkout, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "first").symlink_to(ready.root / "ares")
    (tmp_path / "second").symlink_to("bin/first")
    assert ready.run("x", script=str(tmp_path / "second"), cwd=tmp_path) == Done(0, "x\n", "")
    assert ready.run("x", script="./ares", cwd=ready.root) == Done(0, "x\n", "")


def test_bytecode_is_compiled_although_the_environment_says_not_to(ready: Checkout) -> None:
    assert list((ready.root / "src" / "ares" / "__pycache__").glob("*.pyc"))


def change(file: Path, text: str, seconds: float) -> None:
    """Write ``text`` and date the file so many seconds from now."""
    file.write_text(text)
    os.utime(file, (time.time() + seconds, time.time() + seconds))


@pytest.mark.parametrize("seconds", [-9000, 9000])
def test_a_touched_pyproject_is_looked_at_once_and_a_changed_one_is_installed(
    ready: Checkout, seconds: float
) -> None:
    before = ready.builds
    change(ready.root / "pyproject.toml", PYPROJECT, seconds)
    assert ready.run("x") == ready.run("x", environ={"PATH": "/nonexistent"}) == Done(0, "x\n", "")
    assert ready.builds == before
    change(ready.root / "pyproject.toml", PYPROJECT.replace("==", " == "), 2 * seconds)
    assert "step 1 of 2: installing ARES" in ready.run("x").err
    assert ready.builds == before + 1
    change(ready.root / "pyproject.toml", PYPROJECT, 0)
    assert "installing ARES" in ready.run("x").err


def test_what_changes_while_a_set_up_is_at_work_is_for_the_next_run(ready: Checkout) -> None:
    change(ready.root / "pyproject.toml", PYPROJECT + "one = []\n", 0)
    first = ready.start("one")
    with held(ready):
        change(ready.root / "pyproject.toml", PYPROJECT, -9000)
    assert first.communicate(timeout=PATIENCE)[0] == "one\n"
    assert "installing ARES" in ready.run("two").err


@pytest.mark.parametrize("program", ["", f'exec {sys.executable} -I -S "$@"'], ids=["gone", "another"])
def test_when_the_python_is_gone_or_became_another_it_is_set_up_anew(
    ready: Checkout, tmp_path: Path, program: str
) -> None:
    if program:
        # One that does not look into the folder where the packages of the old one lie.
        (tmp_path / "python").write_text(f"#!/bin/sh\n{program}\n")
        (tmp_path / "python").chmod(0o755)
    python = ready.root / ".venv" / "bin" / "python3"
    python.unlink()
    python.symlink_to(tmp_path / "python")
    done = ready.run("x")
    assert (done.code, done.out) == (0, "x\n")
    assert "making a virtual environment" in done.err
    assert ready.run("x", environ={"PATH": "/nonexistent"}) == Done(0, "x\n", "")


def test_a_command_that_was_deleted_is_installed_again(ready: Checkout) -> None:
    (ready.root / ".venv" / "bin" / "ares").unlink()
    done = ready.run("x")
    assert (done.code, done.out) == (0, "x\n")
    assert "step 1 of 2: installing ARES" in done.err


def test_pip_installs_here_whatever_it_is_told_for_other_places(ready: Checkout, tmp_path: Path) -> None:
    config = tmp_path / "pip.conf"
    config.write_text("[install]\nuser = true\n")
    others = {name: str(tmp_path / "other") for name in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")}
    others |= {"PIP_USER": "1", "PIP_REQUIRE_VIRTUALENV": "1", "PIP_CONFIG_FILE": str(config)}
    (ready.root / ".venv" / "bin" / "ares").unlink()
    done = ready.run("x", environ=others)
    assert (done.code, done.out) == (0, "x\n"), done.err
    assert not (tmp_path / "other").exists()


def test_extras_are_set_up_once_and_torch_comes_first(ready: Checkout) -> None:
    done = ready.run("--setup", "dev", "train")
    assert done.code == 0
    assert done.err.index("installing torch") < done.err.index("installing ARES")
    assert ready.run("--setup", "train") == Done(0, "", "")


def test_an_unknown_extra_is_refused_by_name(ready: Checkout) -> None:
    done = ready.run("--setup", "frob")
    assert done == Done(2, "", "ares: there is no extra 'frob'; known: dev, train\n")


def test_a_checkout_that_was_copied_is_set_up_anew(ready: Checkout) -> None:
    copy = Checkout(ready.root.parent / "copy", ready.wheels)
    shutil.copytree(ready.root, copy.root, symlinks=True)
    done = copy.run("x")
    assert (done.code, done.out) == (0, "x\n")
    assert "making a virtual environment" in done.err
    assert str(copy.root) in (copy.root / ".venv" / "bin" / "ares").read_text()


@contextmanager
def held(checkout: Checkout) -> Iterator[int]:
    """Hold pip in the middle of building the checkout; give the writing end of the pipe that holds it."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise TimeoutError("pip never came to building the checkout")

    os.mkfifo(checkout.root / "wait")
    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE)
    try:
        descriptor = os.open(checkout.root / "wait", os.O_WRONLY)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    (checkout.root / "wait").unlink()
    yield descriptor
    os.close(descriptor)


def test_two_first_runs_at_once_do_not_collide(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path / "two")
    first = checkout.start("one")
    with held(checkout):
        second = checkout.start("two")
        assert second.stderr is not None
        assert f"another set-up is at work here (process {first.pid})" in second.stderr.readline()
    assert first.communicate(timeout=PATIENCE)[0] == "one\n"
    assert second.communicate(timeout=PATIENCE)[0] == "two\n"
    assert checkout.builds == 1


def test_what_a_killed_set_up_left_at_work_is_waited_for(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path / "killed")
    first = checkout.start("one")
    with held(checkout):
        first.kill()
        first.communicate(timeout=PATIENCE)
        second = checkout.start("two")
        assert second.stderr is not None
        said = re.search(r"another set-up is at work here \(process (\d+)\)", second.stderr.readline())
        assert said
        assert "pip" in Path("/proc", said[1], "cmdline").read_text().split("\0")
    assert second.communicate(timeout=PATIENCE)[0] == "two\n"


def test_ctrl_c_stops_what_pip_started_and_the_next_run_goes_on(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path / "stopped")
    first = checkout.start("one")
    with held(checkout) as pipe:
        os.killpg(first.pid, signal.SIGINT)
        assert_stopped(first, pipe)
    assert_goes_on(checkout)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_ending_the_command_ends_what_it_started_and_the_next_run_goes_on(
    number: signal.Signals, tmp_path: Path
) -> None:
    checkout = make_checkout(tmp_path / "ended")
    first = checkout.start("one")
    with held(checkout) as pipe:
        # To this one process, as `kill` and service managers do.
        first.send_signal(number)
        assert_stopped(first, pipe)
    assert_goes_on(checkout)


def test_what_does_not_want_to_end_is_made_to(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path / "stubborn")
    with (checkout.root / "backend.py").open("a") as backend:
        backend.write("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n")
        backend.write("signal.signal(signal.SIGTERM, signal.SIG_IGN)\n")
    first = checkout.start("one")
    with held(checkout) as pipe:
        first.terminate()
        assert_stopped(first, pipe)


def assert_stopped(process: subprocess.Popen[str], pipe: int) -> None:
    """The set-up has ended and said so, and so has the builder that holds the other end of the pipe."""
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (130, "")
    assert err.endswith("ares: set-up stopped; the next run goes on from here\n")
    assert_gone(pipe)


def assert_gone(pipe: int) -> None:
    # An error on the pipe means that nobody reads it any more: the builder is gone.
    watch = select.poll()
    watch.register(pipe, 0)
    assert watch.poll(PATIENCE * 1000) == [(pipe, select.POLLERR)]


def assert_goes_on(checkout: Checkout) -> None:
    again = checkout.run("one")
    assert (again.code, again.out) == (0, "one\n")
    assert "making a virtual environment" not in again.err
    assert "another set-up" not in again.err


def test_a_set_up_that_was_told_not_to_mind_a_closed_terminal_goes_on(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path / "nohup")
    first = checkout.start("one", before=("/bin/sh", "-c", "trap '' HUP; exec \"$@\"", "sh"))
    with held(checkout):
        first.send_signal(signal.SIGHUP)
    assert first.communicate(timeout=PATIENCE)[0] == "one\n"


def test_it_goes_on_and_ends_as_always_when_nobody_reads_what_it_says(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path / "unread")
    with unread(checkout) as first, held(checkout) as pipe:
        first.terminate()
        assert first.wait(PATIENCE) == 130
        assert_gone(pipe)
    with unread(checkout) as second:
        assert second.wait(PATIENCE) == 0


@contextmanager
def unread(checkout: Checkout) -> Iterator[subprocess.Popen[str]]:
    """Start `ares` and close the pipe that it says things to."""
    with checkout.start("one") as process:
        assert process.stderr is not None
        process.stderr.close()
        yield process


@pytest.mark.parametrize(
    ("minutes", "seconds", "words"),
    [
        (0, 9000, "making"),
        (1, 0, "making, about 1 minute"),
        (2, 149, "making, about 2 minutes"),
        (2, 150, "making, longer than usual"),
    ],
)
def test_a_step_says_how_long_it_takes_until_it_takes_longer(minutes: int, seconds: int, words: str) -> None:
    step = run_path(str(ROOT / "tools" / "bootstrap.py"))["Step"]
    assert step("making", ["true"], minutes=minutes).words(seconds) == words


def test_a_stop_while_a_command_starts_ends_that_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap = run_path(str(ROOT / "tools" / "bootstrap.py"))
    started: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def stopped_half_way(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(start(*arguments, **options))
        signal.raise_signal(signal.SIGINT)
        return started[0]

    monkeypatch.setattr(subprocess, "Popen", stopped_half_way)
    step = bootstrap["Step"]("waiting", ["sleep", str(PATIENCE)])
    checkout = bootstrap["Checkout"](tmp_path)
    before = {number: signal.getsignal(number) for number in bootstrap["STOPS"]}
    try:
        with pytest.raises(KeyboardInterrupt), bootstrap["only_one"](checkout) as lock:
            bootstrap["carry_out"]([step], checkout, lock)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert started[0].poll() == -signal.SIGINT


def test_half_a_venv_is_made_again(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path / "half")
    (checkout.root / ".venv").mkdir()
    (checkout.root / ".venv" / "pyvenv.cfg").write_text("home = /nowhere\n")
    assert checkout.run("x").out == "x\n"


def test_when_the_lean_build_fails_the_plain_one_is_tried(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path / "le an", llama=False)
    log = tmp_path / "cmake-args"
    build = (
        "def BUILD(folder):\n"
        "    asked = os.environ.get('CMAKE_ARGS', '')\n"
        f"    open({str(log)!r}, 'a').write(asked + chr(10))\n"
        "    if 'nocommon' in asked:\n"
        "        sys.exit('cannot be built lean')\n"
        "    return _wheel(folder, 'llama_cpp_python', '0.3.36', {'llama_cpp.py': ''})\n"
    )
    make_sdist(checkout.wheels, tmp_path, build)
    done = checkout.run("x", environ={"CMAKE_ARGS": "-DMINE=ON"})
    assert (done.code, done.out) == (0, "x\n")
    assert "compiling llama.cpp again" in done.err
    lean, plain = log.read_text().splitlines()
    assert "-DLLAVA_BUILD=OFF -DLLAMA_OPENSSL=OFF" in lean
    assert lean.endswith("-DMINE=ON")
    assert plain == "-DMINE=ON"
    (include,) = [word.partition("_INCLUDE=")[2] for word in shlex.split(lean) if "_INCLUDE=" in word]
    assert Path(include).is_absolute()
    assert "set(LLAMA_BUILD_COMMON OFF)" in Path(include).read_text()


def test_a_llama_that_does_not_compile_is_named(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path / "broken", llama=False)
    make_sdist(checkout.wheels, tmp_path, "def BUILD(folder):\n    sys.exit('does not compile')\n")
    done = checkout.run("x")
    assert (done.code, done.out) == (5, "")
    assert done.err.splitlines()[-1].startswith("ares: llama.cpp does not compile here; the reason is in ")


@pytest.mark.parametrize("index", ["", "http://127.0.0.1:9/simple"], ids=["not there", "out of reach"])
def test_what_cannot_be_fetched_is_no_fault_of_the_compiler(tmp_path: Path, index: str) -> None:
    checkout = make_checkout(tmp_path / "alone", llama=False)
    environ = {"PIP_NO_INDEX": "", "PIP_INDEX_URL": index, "PIP_RETRIES": "0"} if index else {}
    done = checkout.run("x", environ=environ)
    assert (done.code, done.out) == (5, "")
    assert "compile" not in done.err.splitlines()[-1]
    assert "could not fetch what it needs: connect to the network" in done.err
    assert "again" not in done.err


def make_sdist(wheels: Path, scratch: Path, build: str) -> None:
    folder = scratch / "llama_cpp_python-0.3.36"
    folder.mkdir()
    (folder / "backend.py").write_text(BACKEND + build)
    (folder / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: llama_cpp_python\nVersion: 0.3.36\n")
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "llama_cpp_python"\nversion = "0.3.36"\n'
    )
    with tarfile.open(wheels / "llama_cpp_python-0.3.36.tar.gz", "w:gz") as archive:
        archive.add(folder, folder.name)


def programs(folder: Path, **scripts: str) -> str:
    """Make a PATH that holds `dirname`, and what is given as scripts."""
    folder.mkdir()
    for name in ("dirname", "readlink"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    for name, text in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return str(folder)


def test_without_a_compiler_it_says_what_to_install(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path / "bare", llama=False)
    path = programs(tmp_path / "bin", python3=f'exec {sys.executable} "$@"')
    done = checkout.run("x", environ={"PATH": path, "CXX": ""})
    assert (done.code, done.out) == (5, "")
    assert done.err.splitlines()[-1].endswith("there is no C++ compiler: apt install build-essential")


def test_without_venv_it_says_what_to_install(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path / "bare")
    hidden = "import runpy, sys; sys.modules['ensurepip'] = None; sys.argv = sys.argv[1:]; "
    hidden += "runpy.run_path(sys.argv[0], run_name='__main__')"
    script = f'[ "$1" = -c ] && exec {sys.executable} "$@"; exec {sys.executable} -c "{hidden}" "$@"'
    done = checkout.run("x", environ={"PATH": programs(tmp_path / "bin", python3=script)})
    assert (done.code, done.out) == (5, "")
    assert done.err.endswith("cannot make virtual environments: apt install python3-venv\n")


@pytest.mark.parametrize(
    ("scripts", "environ", "words"),
    [
        ({}, {}, "python3 is missing: apt install python3 python3-venv"),
        (
            {"python3": "[ $1 = -c ] && exit 1; echo Python 3.9.2"},
            {},
            "Python 3.9.2 is too old, 3.11 is needed",
        ),
        ({}, {"ARES_PYTHON": "/nowhere/python"}, "ARES_PYTHON=/nowhere/python is not a Python 3.11 or newer"),
    ],
)
def test_without_a_python_that_is_new_enough_it_says_so(
    tmp_path: Path, scripts: dict[str, str], environ: dict[str, str], words: str
) -> None:
    checkout = make_checkout(tmp_path / "bare")
    done = checkout.run("x", environ={"PATH": programs(tmp_path / "bin", **scripts), **environ})
    assert (done.code, done.out) == (1, "")
    assert words in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("character", UNFIT)
def test_a_folder_that_shells_would_misread_is_refused(tmp_path: Path, character: str) -> None:
    checkout = make_checkout(tmp_path / f"a{character}b")
    done = checkout.run("x")
    assert (done.code, done.out) == (5, "")
    assert done.err.endswith(f"a path with {character!r} in it cannot be set up; move the checkout\n")
    assert not (checkout.root / ".venv").exists()


def test_ares_python_chooses_the_interpreter(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path / "chosen")
    mark = tmp_path / "used"
    chosen = tmp_path / "my own python"
    chosen.write_text(f'#!/bin/sh\ntouch {mark}\nexec {sys.executable} "$@"\n')
    chosen.chmod(0o755)
    assert checkout.run("--setup", "frob", environ={"ARES_PYTHON": str(chosen)}).code == 2
    assert mark.exists()
