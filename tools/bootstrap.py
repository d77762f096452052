"""Sets up the checkout: a virtual environment in .venv, llama.cpp compiled lean, ARES and extras in it.

Called by ``./ares``, which only looks for an interpreter that can run this. Standard library alone. Safe to
stop at any point and to start twice: one set-up runs at a time, what is done already is not done again, and
the stamp that ends it is written last.
"""

from __future__ import annotations

import fcntl
import hashlib
import math
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

ROOT = Path(__file__).resolve().parent.parent
COMPILE_CPU_SECONDS = 180
"""What the lean build takes on one core of a recent x86 machine."""
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What stops a set-up: Ctrl-C, somebody who ends it, a terminal that is closed."""
DEVIATIONS = {
    f"PIP_{name}"
    for name in (
        *("USER", "TARGET", "PREFIX", "ROOT", "PYTHON", "REQUIRE_VIRTUALENV"),
        *("REQUIREMENT", "EDITABLE", "NO_DEPS", "NO_BUILD_ISOLATION", "DRY_RUN"),
    )
}
"""Variables that make pip install into another place, or something else, than a set-up asks for.

Where it fetches from is for the machine to say.
"""
UNFETCHED = re.compile(
    r"^\s*(?:ERROR: .*(?:No matching distribution found|HTTP error|ConnectionPool|Connection )"
    r"|pip\._vendor\.(?:urllib3|requests)\.|error: incomplete-download)",
    re.MULTILINE,
)
"""What pip says when it gives up fetching something. Warnings do not count: success may follow them."""
UNFIT = re.compile(r'["$`\\:;\n]')
"""What a path may not hold: shells, CMake and Python's own launchers take these for something else."""


class SetupError(Exception):
    """Set-up cannot go on. The message says what to do about it."""


@dataclass(frozen=True)
class Step:
    """One thing to do: its words, the command, and what else to try before giving up.

    ``minutes`` is how long it usually takes, 0 for what takes no time worth saying. ``hint`` says what to do
    when it fails; with ``known``, whatever the command said.
    """

    title: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    otherwise: Step | None = None
    hint: str = ""
    known: bool = False
    minutes: int = 0

    def words(self, seconds: int) -> str:
        """Return the title, after so many seconds, with how long it takes."""
        if not self.minutes:
            return self.title
        # A quarter over: what was promised is "about".
        if seconds >= self.minutes * 75:
            return f"{self.title}, longer than usual"
        return f"{self.title}, about {self.minutes} minute{'s' if self.minutes > 1 else ''}"


@dataclass(frozen=True)
class Checkout:
    """The folder that is set up, and what its pyproject.toml asks for."""

    root: Path

    @property
    def venv(self) -> Path:
        """The virtual environment."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The interpreter in it."""
        return self.venv / "bin" / "python"

    @property
    def log(self) -> Path:
        """What the commands said."""
        return self.root / "build" / "setup.log"

    @cached_property
    def asked(self) -> tuple[bytes, int]:
        """The text of pyproject.toml and its time. Read once: what changes meanwhile is for the next run."""
        with open(self.root / "pyproject.toml", "rb") as file:
            return file.read(), os.fstat(file.fileno()).st_mtime_ns

    def project(self) -> dict[str, Any]:
        """Return the ``[project]`` table."""
        return dict(tomllib.loads(self.asked[0].decode("utf-8"))["project"])

    def pinned(self, package: str) -> str:
        """Return the requirement that fixes ``package`` to one version."""
        project = self.project()
        wanted = chain(project["dependencies"], *project["optional-dependencies"].values())
        return str(next(each for each in wanted if re.match(re.escape(package) + r"\s*==", each)))

    def stamp(self, extra: str) -> Path:
        """Return the file that says that an extra ("" for none) is in place."""
        return self.venv / ("ready" + (f"-{extra}" if extra else ""))

    def stamp_text(self, extra: str) -> bytes:
        """Return what the stamp has to say: the folder, the interpreter, then a digest of what was asked for.

        ``./ares`` reads the first two lines.
        """
        digest = hashlib.sha256(self.asked[0] + extra.encode()).hexdigest()
        return os.fsencode(f"{self.root}\n{self.python.resolve()}\n{digest}\n")

    def is_ready(self, extra: str) -> bool:
        """Whether the stamp still holds."""
        try:
            stamped = self.stamp(extra).read_bytes() == self.stamp_text(extra)
        except OSError:
            return False
        there = self.python.exists() and (self.venv / "bin" / "ares").exists()
        return stamped and there and self.is_of_version()

    def is_of_version(self) -> bool:
        """Whether .venv is of the version that ARES_PYTHON names; any will do when it names none."""
        major, minor = sys.version_info[:2]
        return not os.environ.get("ARES_PYTHON") or (self.venv / "lib" / f"python{major}.{minor}").is_dir()

    def mark_ready(self, extra: str) -> None:
        """Write the stamp, with the time of what it was made from: ``./ares`` compares the two."""
        new = self.stamp(extra).with_suffix(".new")
        new.write_bytes(self.stamp_text(extra))
        os.utime(new, ns=(self.asked[1], self.asked[1]))
        new.replace(self.stamp(extra))


def say(text: str) -> None:
    """Tell the person in front of it."""
    _show(f"ares: {text}\n")


def _show(text: str) -> None:
    """Show text, past the stream's buffer; when nobody is there any more, that is no error."""
    with suppress(OSError):
        os.write(2, text.encode("utf-8", "backslashreplace"))


@contextmanager
def only_one(checkout: Checkout) -> Iterator[TextIO]:
    """Wait until no other set-up of this checkout runs; give the lock, which names the processes at work.

    The kernel lets go of it when the last process that was handed it is gone: this one, and what it started
    if this one is killed.
    """
    checkout.log.parent.mkdir(exist_ok=True)
    with open(checkout.log.with_name("setup.lock"), "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            living = [each for each in lock.read().split() if Path("/proc", each).exists()]
            at_work = living[0] if living else "unknown"
            say(f"another set-up is at work here (process {at_work}); waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield lock


def steps_for(checkout: Checkout, extras: Sequence[str]) -> list[Step]:
    """Return what is left to do."""
    pip = [str(checkout.python), "-m", "pip", "install", "--no-user", "--progress-bar", "off", "--no-input"]
    steps: list[Step] = []
    if not _is_whole(checkout):
        create = [sys.executable, "-m", "venv", "--clear", str(checkout.venv)]
        steps.append(Step("making a virtual environment in .venv", create))
    if "train" in extras:
        # Before anything that would pull the newest torch and its CUDA packages along.
        steps.append(Step("installing torch", [*pip, checkout.pinned("torch")]))
    llama = checkout.pinned("llama-cpp-python")
    if not _has(checkout, llama):
        steps.append(_llama_step(checkout, pip, llama))
    what = f".[{','.join(extras)}]" if extras else "."
    steps.append(Step("installing ARES and what it needs", [*pip, "-e", what]))
    # A run with PYTHONDONTWRITEBYTECODE set would never write these, and start four times slower for ever.
    compile_all = [str(checkout.python), "-m", "compileall", "-q", str(checkout.root / "src")]
    steps.append(Step("compiling bytecode", compile_all))
    return steps


def _llama_step(checkout: Checkout, pip: Sequence[str], llama: str) -> Step:
    own = os.environ.get("CMAKE_ARGS", "")
    compilers = [os.environ.get("CXX", "").split(" ")[0], "c++", "g++", "clang++"]
    if not any(name and shutil.which(name) for name in compilers):
        return Step(
            "looking for a compiled llama.cpp",
            [*pip, "--only-binary", "llama-cpp-python", llama],
            hint="llama.cpp has to be compiled and there is no C++ compiler: apt install build-essential",
            known=True,
        )
    minutes = max(1, math.ceil(COMPILE_CPU_SECONDS / 60 / (os.cpu_count() or 1)))
    include = f"-DCMAKE_PROJECT_llama.cpp_INCLUDE={checkout.root / 'tools' / 'nocommon.cmake'}"
    lean = shlex.join(["-DLLAVA_BUILD=OFF", "-DLLAMA_OPENSSL=OFF", include])
    hint = f"llama.cpp does not compile here; the reason is in {checkout.log}"
    plain = Step("fetching and compiling llama.cpp again, all of it", [*pip, llama], hint=hint)
    flags = {"CMAKE_ARGS": f"{lean} {own}".strip()}
    return Step("fetching and compiling llama.cpp", [*pip, llama], flags, otherwise=plain, minutes=minutes)


def _is_whole(checkout: Checkout) -> bool:
    """Whether .venv can be built on: made here (not moved), with pip, running the version asked for."""
    try:
        script = (checkout.venv / "bin" / "pip").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    check = "import os, pip, sys; old = sys.version_info < (3, 11); "
    check += "sys.exit(old or not os.path.samefile(sys.prefix, sys.argv[1]))"
    made_here = str(checkout.venv) in script and checkout.is_of_version()
    return made_here and _quiet([str(checkout.python), "-c", check, str(checkout.venv)])


def _has(checkout: Checkout, requirement: str) -> bool:
    name, version = (part.strip() for part in requirement.split("=="))
    check = f"from importlib.metadata import version as v; import sys; sys.exit(v({name!r}) != {version!r})"
    return checkout.python.exists() and _quiet([str(checkout.python), "-c", check])


def _quiet(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def carry_out(steps: Sequence[Step], checkout: Checkout, lock: TextIO) -> None:
    """Do all steps in order. Raises :class:`SetupError` at the first that cannot be done."""
    with open(checkout.log, "w", encoding="utf-8", errors="replace") as log:
        for number, step in enumerate(steps, 1):
            attempt = step
            place = f"step {number} of {len(steps)}"
            while (said := _run(attempt, place, checkout, log, lock)) is not None:
                reason = f"the reason is in {checkout.log}"
                if UNFETCHED.search(said) and not attempt.known:
                    raise SetupError(
                        f"{attempt.title} failed, since it could not fetch what it needs: connect to the "
                        f"network, or name a package index that can be reached (PIP_INDEX_URL); {reason}"
                    )
                if attempt.otherwise is None:
                    raise SetupError(attempt.hint or f"{attempt.title} failed; {reason}")
                attempt = attempt.otherwise


def _run(step: Step, place: str, checkout: Checkout, log: TextIO, lock: TextIO) -> str | None:
    """Run a command; return None when it did its work, else what it said."""
    log.write(f"\n# {step.title}\n$ {' '.join(step.command)}\n")
    log.flush()
    began = os.fstat(log.fileno()).st_size
    inherited = {name: value for name, value in os.environ.items() if name not in DEVIATIONS}
    process = None
    try:
        # Stopped while it starts, the command would go on and nobody would know of it.
        with _stops_held_back():
            # A session of its own, so that stopping reaches the compilers that pip starts. It holds the lock
            # too: if this process is killed it goes on, and no other may work on .venv until it has ended.
            process = subprocess.Popen(
                step.command,
                cwd=checkout.root,
                env={**inherited, **step.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[lock.fileno()],
            )
        lock.write(f"{process.pid}\n")
        lock.flush()
        _show_progress(process, step, place)
    except BaseException:
        if process is not None:
            _end(process)
        raise
    if process.returncode == 0:
        return None
    return checkout.log.read_bytes()[began:].decode("utf-8", "replace")


@contextmanager
def _stops_held_back() -> Iterator[None]:
    """Let what stops a set-up wait until the end of the block."""
    came: list[int] = []
    before = {each: signal.getsignal(each) for each in STOPS}
    for each, handler in before.items():
        if callable(handler):
            signal.signal(each, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        if came:
            signal.raise_signal(came[0])


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command and all that it started: first in the way that lets pip clear its folders away."""
    for each in STOPS:
        signal.signal(each, signal.SIG_IGN)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=3)


def _show_progress(process: subprocess.Popen[bytes], step: Step, place: str) -> None:
    """Say what is going on until the process ends: a clock in a terminal, a line now and then elsewhere."""
    moving = os.isatty(2) and os.environ.get("TERM", "dumb") != "dumb"
    began = time.monotonic()
    if not moving:
        say(f"{place}: {step.words(0)}")
    while True:
        elapsed = int(time.monotonic() - began)
        if moving:
            _show(f"\rares: {place}: {step.words(elapsed)} {elapsed // 60}:{elapsed % 60:02}")
        try:
            process.wait(timeout=1 if moving else 30)
            break
        except subprocess.TimeoutExpired:
            if not moving:
                elapsed = int(time.monotonic() - began)
                say(f"{place}: {step.words(elapsed)} ({elapsed} s so far)")
    if moving:
        _show("\n")


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(arguments: Sequence[str], checkout: Checkout) -> int:
    """Set up with the extras named, or without any and then become the command that follows ``--then``.

    Return an exit code.
    """
    if arguments[:1] != ["--then"]:
        return set_up(arguments, checkout)
    return set_up([], checkout, then=arguments[1:])


def set_up(names: Sequence[str], checkout: Checkout, then: Sequence[str] = ()) -> int:
    """Set up with the extras named, and become the command ``then``; return an exit code."""
    if unfit := UNFIT.search(str(checkout.root)):
        say(f"{checkout.root}: a path with {unfit[0]!r} in it cannot be set up; move the checkout")
        return 5
    extras = sorted(set(names))
    known = sorted(checkout.project()["optional-dependencies"])
    if unknown := [extra for extra in extras if extra not in known]:
        say(f"there is no extra {unknown[0]!r}; known: {', '.join(known)}")
        return 2
    if find_spec("ensurepip") is None or find_spec("venv") is None:
        say(f"{sys.executable} cannot make virtual environments: apt install python3-venv")
        return 5
    for each in STOPS:
        # What was ignored from the start, by `nohup` for instance, stays ignored.
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, _stop)
    try:
        with only_one(checkout) as lock:
            wanted = extras or [""]
            if not all(checkout.is_ready(extra) for extra in wanted):
                carry_out(steps_for(checkout, extras), checkout, lock)
            for extra in {"", *wanted}:
                checkout.mark_ready(extra)
        if then:
            os.execv(then[0], list(then))
    except SetupError as error:
        say(str(error))
        return 5
    except OSError as error:
        say(f"set-up cannot go on: {error.filename or checkout.root}: {error.strerror}")
        return 8
    except KeyboardInterrupt:
        say("set-up stopped; the next run goes on from here")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Checkout(ROOT)))
