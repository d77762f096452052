"""Typed reading of a manifest: every wrong member becomes a ManifestError with its file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from ares.config import Document
from ares.errors import ManifestError
from ares.runtime._schema import is_json, show

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Section:
    """One mapping of a manifest, and where it stands. All methods raise :class:`ManifestError`."""

    document: Document
    data: Mapping[Any, Any]
    path: tuple[str | int, ...] = ()

    @classmethod
    def of(
        cls, document: Document, value: object, path: tuple[str | int, ...], known: Sequence[str]
    ) -> Section:
        """Read ``value`` as a mapping that has no other keys than ``known``."""
        section = cls(document, value if isinstance(value, Mapping) else {}, path)
        if not isinstance(value, Mapping):
            section.fail("", f"must be a mapping with the keys {', '.join(known)}, not {show(value)}")
        for key in value:
            if key not in known:
                import difflib

                close = difflib.get_close_matches(str(key), known, 1)
                hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
                section.fail(str(key), f"there is no such key; {hint}", name=False)
        return section

    def fail(self, key: str, problem: str, *deeper: str | int, name: bool = True) -> NoReturn:
        """Raise the error for member ``key`` (empty: the section itself)."""
        path = (*self.path, *((key,) if key else ()), *deeper)
        steps = path if name else (key,)
        spelt = ".".join(_plain(str(step)) for step in steps) or "the manifest"
        line = self.document.line(*path)
        raise ManifestError(f"{self.document.where}:{line}: {spelt}: {_plain(problem)}")

    def text(self, key: str, default: str | None = None) -> str:
        """Return text. Without ``default`` it must be there and not empty."""
        if key not in self.data:
            if default is None:
                self.fail("", f"{key!r} is missing")
            return default
        value = self.data[key]
        if not isinstance(value, str):
            self.fail(key, f"must be text, not {show(value)}; put it in quotes")
        if not is_json(value) or any(ord(character) < 32 and character not in "\t\n" for character in value):
            self.fail(key, f"has characters that are no text: {show(value)}")
        if default is None and not value.strip():
            self.fail(key, "must not be empty")
        return value.strip()

    def one_of(self, key: str, choices: Sequence[str], default: str) -> str:
        """Return one of ``choices``."""
        value = self.data.get(key, default)
        if value not in choices:
            self.fail(key, f"must be one of {', '.join(choices)}, not {show(value)}")
        return str(value)

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            self.fail(key, f"must be true or false, not {show(value)}")
        return value

    def items(self, key: str) -> Iterator[tuple[int, Any]]:
        """Yield the numbered members of a list; none when it is absent or empty."""
        value = self.data.get(key)
        if value is None:
            return
        if not isinstance(value, list):
            self.fail(key, f"must be a list, not {show(value)}")
        yield from enumerate(value)


def _plain(text: str) -> str:
    """Return ``text`` as one printable line."""
    return text if text.isprintable() else repr(text)
