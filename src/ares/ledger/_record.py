"""What a record is: its header, byte for byte, and the nouns that the ledger answers with.

They are named tuples: every command loads them, and making one takes a quarter of the time of a dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, Final, NamedTuple

from ares.core import Json

KINDS: Final = ("proposal", "approval", "intent", "kept", "outcome", "event", "policy")
"""Every kind of record. The first five follow an action through the gate."""

CHANGES: Final = (
    "registered", "updated", "used", "unregistered", "enabled", "disabled", "preferred",
    "no longer preferred", "configured", "model added", "model used", "rules added", "knowledge added",
    "pattern admitted", "pattern used", "pattern promoted",
)  # fmt: skip
"""What an ``event`` can say was changed outside the ledger, in ares.db or in a file of the owner."""

START: Final = "0" * 64
"""What the first record has in place of the hash of the one before it."""


class Head(NamedTuple):
    """The newest record: its number and its hash. Written down elsewhere it proves what came before."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


class Record(NamedTuple):
    """One record. ``time`` is UTC in ISO 8601; ``ref`` an action's id or a module's name; ``payload`` is None
    once it was ``erased``; ``hash`` is the SHA-256 of the header, in hexadecimal digits."""

    seq: int
    time: str
    kind: str
    ref: str
    payload: Json
    hash: str
    erased: bool = False


class Report(NamedTuple):
    """What verifying came to. ``problem`` is empty when all is well, else one line that names the first
    record that is wrong; ``records`` counts the good ones before it, and ``head`` is the last of them."""

    ok: bool
    records: int
    head: Head
    problem: str = ""


class Statistics(NamedTuple):
    """How the actions of one capability ended. ``runs`` counts those that ran: ok, failed or unknown.
    ``denied`` counts the answers of no that a person gave, ``undone`` the actions that were taken back."""

    runs: int
    ok: int
    failed: int
    unknown: int
    denied: int
    undone: int


class Unfinished(NamedTuple):
    """An action with an intent and no outcome, and the process that wanted to run it (pid 0: not known).

    ``seq`` and ``time`` are those of the intent; ``capability`` is empty when no record names it.
    """

    action_id: str
    pid: int
    started: str
    seq: int
    time: str
    capability: str


class NotDone(NamedTuple):
    """A change that is on record and was not made: number, ref and ``event`` of its record, and the file of
    the owner that it was about (empty: none)."""

    seq: int
    ref: str
    event: str
    file: str = ""


class Undoable(NamedTuple):
    """An action that can be taken back, the call that does it, and whether that was done already."""

    action_id: str
    capability: str
    arguments: Mapping[str, Json]
    undone: bool
    summary: str = ""


class Facts(NamedTuple):
    """What is lifted out of a payload into the header, so that it is indexed and outlives an erasure.

    ``undoable`` is 1 when the outcome says how to take the action back; ``erases`` is the number of the
    record whose payload was erased.
    """

    capability: str | None = None
    status: str | None = None
    event: str | None = None
    undoes: str | None = None
    erases: int | None = None
    undoable: int | None = None


def facts_of(kind: str, payload: Json) -> Facts:
    """Read the facts out of a payload: from its own members or those of its ``action``."""
    if not isinstance(payload, Mapping):
        return Facts()
    action = payload.get("action")
    described = action if isinstance(action, Mapping) else payload
    ended = kind == "outcome"
    return Facts(
        capability=_text(payload.get("capability") or described.get("capability")),
        status=_text(payload.get("status")) if ended else _answered(kind, payload),
        event=_text(payload.get("event")) if kind in ("event", "policy") else None,
        undoes=_text(payload.get("undoes") or described.get("undoes")),
        undoable=1 if ended and payload.get("undo") is not None else None,
    )


def _answered(kind: str, payload: Mapping[str, Json]) -> str | None:
    """Say how a person answered: ``yes`` or ``no``, and ``unasked`` when nobody was there to answer."""
    if kind != "approval":
        return None
    if payload.get("by") == "nobody":
        return "unasked"
    return "yes" if payload.get("yes") is True else "no"


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None


ABOUT: Final = ("time", "kind", "ref", "capability", "status", "event", "undoes", "erases", "undoable")
"""The columns of ``records`` that say what the header says, in the order of :func:`header_bytes`."""


def header_bytes(seq: int, about: Sequence[Any], prev: str, commit: str) -> bytes:
    """Return a header: canonical JSON of what is given and not None, and ``v``, the version 1 of this form.

    ``about`` holds the values of :data:`ABOUT`, ``prev`` is the hash of the record before, ``commit`` is
    SHA-256 over salt and payload.
    """
    time, kind, ref, capability, status, event, undoes, erases, undoable = about
    to_commit, to_prev, to_time, to_end = _frame(capability, erases, event, kind, status, undoable, undoes)
    # Written out rather than encoded from a mapping: it is done for every record that is verified, and this
    # takes a fifth of the time. A test holds it against `canonical`.
    return (
        f'{to_commit}{commit}{to_prev}{prev}","ref":{encode_basestring(ref)},"seq":{seq},{to_time}{time}{to_end}'
    ).encode()


@lru_cache(maxsize=1024)
def _frame(
    capability: str | None,
    erases: int | None,
    event: str | None,
    kind: str,
    status: str | None,
    undoable: int | None,
    undoes: str | None,
) -> tuple[str, str, str, str]:
    """Return the pieces of a header that many records share, up to each of the values between them."""

    def member(name: str, value: str | int | None) -> str:
        if value is None:
            return ""
        return f'"{name}":{encode_basestring(value) if isinstance(value, str) else value},'

    return (
        "{" + member("capability", capability) + '"commit":"',
        '",' + member("erases", erases) + member("event", event) + member("kind", kind) + '"prev":"',
        member("status", status) + '"time":"',
        '",' + member("undoable", undoable) + member("undoes", undoes) + '"v":1}',
    )
