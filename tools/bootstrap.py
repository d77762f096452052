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


class SetupError(Exception):
    """Set-up cannot go on. The message says what to do about it."""


@dataclass(frozen=True)
class Step:
    """One thing to do: its words, the command, and what else to try before giving up.

    ``minutes`` is how long it usually takes, 0 for what takes no time worth saying.
    """

    title: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    otherwise: Step | None = None
    hint: str = ""
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

    def project(self) -> dict[str, Any]:
        """Return the ``[project]`` table."""
        return dict(tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))["project"])

    def pinned(self, package: str) -> str:
        """Return the requirement that fixes ``package`` to one version."""
        project = self.project()
        wanted = chain(project["dependencies"], *project["optional-dependencies"].values())
        return str(next(each for each in wanted if re.match(re.escape(package) + r"\s*==", each)))

    def stamp(self, extra: str) -> Path:
        """Return the file that says that an extra ("" for none) is in place."""
        return self.venv / ("ready" + (f"-{extra}" if extra else ""))

    def stamp_text(self, extra: str) -> str:
        """Return what the stamp has to say: the folder, then a digest of what was asked for."""
        asked = (self.root / "pyproject.toml").read_bytes() + extra.encode()
        version = ".".join(map(str, sys.version_info[:3]))
        return f"{self.root}\n{hashlib.sha256(asked + version.encode()).hexdigest()}\n"

    def is_ready(self, extra: str) -> bool:
        """Whether the stamp still holds."""
        try:
            stamped = self.stamp(extra).read_text() == self.stamp_text(extra)
        except OSError:
            return False
        return stamped and self.python.exists() and (self.venv / "bin" / "ares").exists()

    def mark_ready(self, extra: str) -> None:
        """Write the stamp, newer than everything it speaks of."""
        new = self.stamp(extra).with_suffix(".new")
        new.write_text(self.stamp_text(extra))
        new.replace(self.stamp(extra))


def say(text: str) -> None:
    """Tell the person in front of it."""
    _show(f"ares: {text}\n")


def _show(text: str) -> None:
    """Show text, past the stream's buffer; when nobody is there any more, that is no error."""
    with suppress(OSError):
        os.write(2, text.encode("utf-8", "backslashreplace"))


@contextmanager
def only_one(checkout: Checkout) -> Iterator[None]:
    """Wait until no other set-up of this checkout runs. The kernel lets go of the lock if this one dies."""
    checkout.log.parent.mkdir(exist_ok=True)
    with open(checkout.log.with_name("setup.lock"), "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            say(
                f"another set-up is at work here (process {lock.read().strip() or 'unknown'}); waiting for it"
            )
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def steps_for(checkout: Checkout, extras: Sequence[str]) -> list[Step]:
    """Return what is left to do."""
    pip = [str(checkout.python), "-m", "pip", "install", "--progress-bar", "off", "--no-input"]
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
        )
    minutes = max(1, math.ceil(COMPILE_CPU_SECONDS / 60 / (os.cpu_count() or 1)))
    include = f"-DCMAKE_PROJECT_llama.cpp_INCLUDE={checkout.root / 'tools' / 'nocommon.cmake'}"
    lean = shlex.join(["-DLLAVA_BUILD=OFF", "-DLLAMA_OPENSSL=OFF", include])
    hint = f"llama.cpp does not compile here; the reason is in {checkout.log}"
    plain = Step("compiling llama.cpp again, all of it", [*pip, llama], hint=hint)
    flags = {"CMAKE_ARGS": f"{lean} {own}".strip()}
    return Step("compiling llama.cpp", [*pip, llama], flags, otherwise=plain, minutes=minutes)


def _is_whole(checkout: Checkout) -> bool:
    """Whether .venv can be built on: made here (not moved), with pip, running the version asked for."""
    try:
        script = (checkout.venv / "bin" / "pip").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    asked = sys.version_info[:2] if os.environ.get("ARES_PYTHON") else None
    check = f"import pip, sys; v = sys.version_info[:2]; sys.exit(v < (3, 11) or v != ({asked} or v))"
    return str(checkout.venv) in script and _quiet([str(checkout.python), "-c", check])


def _has(checkout: Checkout, requirement: str) -> bool:
    name, version = (part.strip() for part in requirement.split("=="))
    check = f"from importlib.metadata import version as v; import sys; sys.exit(v({name!r}) != {version!r})"
    return checkout.python.exists() and _quiet([str(checkout.python), "-c", check])


def _quiet(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def carry_out(steps: Sequence[Step], checkout: Checkout) -> None:
    """Do all steps in order. Raises :class:`SetupError` at the first that cannot be done."""
    with open(checkout.log, "w", encoding="utf-8", errors="replace") as log:
        for number, step in enumerate(steps, 1):
            attempt: Step | None = step
            while attempt is not None and not _run(attempt, f"step {number} of {len(steps)}", checkout, log):
                if attempt.otherwise is None:
                    raise SetupError(
                        attempt.hint or f"{attempt.title} failed; the reason is in {checkout.log}"
                    )
                attempt = attempt.otherwise


def _run(step: Step, place: str, checkout: Checkout, log: TextIO) -> bool:
    log.write(f"\n# {step.title}\n$ {' '.join(step.command)}\n")
    log.flush()
    process = None
    try:
        # Stopped while it starts, the command would go on and nobody would know of it.
        with _stops_held_back():
            # A session of its own, so that stopping reaches the compilers that pip starts.
            process = subprocess.Popen(
                step.command,
                cwd=checkout.root,
                env={**os.environ, **step.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _show_progress(process, step, place)
    except BaseException:
        if process is not None:
            _end(process)
        raise
    return process.returncode == 0


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
        with only_one(checkout):
            wanted = extras or [""]
            if not all(checkout.is_ready(extra) for extra in wanted):
                carry_out(steps_for(checkout, extras), checkout)
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
