"""Questions to a person, and what counts as an answer to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol, TypeVar

TRIES: Final = 3
YES_NO: Final = "yes / no"
YES_OR_NO: Final[Mapping[str, bool]] = {"yes": True, "y": True, "no": False, "n": False, "": False}

_T = TypeVar("_T")


class Person(Protocol):
    """Somebody who can be shown text and asked for a line. :class:`~ares.cli._terminal.Terminal` is one.

    Both raise :class:`~ares.errors.DeniedError` when they are gone.
    """

    @property
    def width(self) -> int:
        """How many columns they see."""

    def write(self, text: str) -> None:
        """Show text."""

    def ask(self, question: str) -> str | None:
        """Return their answer, None when there will be none."""


def choose(person: Person, question: str, ways: str, answers: Mapping[str, _T]) -> tuple[_T | None, str]:
    """Ask until one of ``answers`` is given, and return what it stands for; or None, and why there is none.

    ``ways`` says which there are to somebody who gave another.
    """

    def read(said: str) -> _T | None:
        return answers.get(" ".join(said.lower().split()))

    return _asked(person, question, f"Please answer {ways}.", read)


def one_line(person: Person, question: str) -> str:
    """Ask for a line of text; empty when there is none."""
    return _asked(person, question, "Please give one line.", str)[0] or ""


def _asked(
    person: Person, question: str, please: str, read: Callable[[str], _T | None]
) -> tuple[_T | None, str]:
    for _ in range(TRIES):
        said = person.ask(question)
        if said is None:
            return None, "end of input"
        # Several lines at once were pasted: whoever did so may not even have seen the question.
        answer = read(said) if len(f"{said}.".splitlines()) == 1 else None
        if answer is not None:
            return answer, ""
        person.write(f"{please}\n")
    return None, f"no clear answer in {TRIES} tries"
