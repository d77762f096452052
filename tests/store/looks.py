"""What tests of the store compare."""

from __future__ import annotations

from pathlib import Path

import pytest

from ares.errors import StoreError


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder that is not a write-ahead log or its index, with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".db-wal", ".db-shm", ".lock")
    }


def one_line(error: pytest.ExceptionInfo[StoreError], *words: str) -> None:
    text = str(error.value)
    assert "\n" not in text
    for word in words:
        assert word in text
