"""How the knowledge grows: rows of the owner, in files of the owner, each change dated and on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ares.core import Json
from ares.errors import ConfigError, NotFoundError, UsageError
from ares.knowledge._admission import USES_OF, Checks, allowed, promotion, standing
from ares.knowledge._file import file_text, new_file, read_file, row_problem
from ares.knowledge._knowledge import Knowledge
from ares.knowledge._rows import Entry

if TYPE_CHECKING:
    from ares.ledger import Change, Ledger

_PATTERNS: Final = "patterns"


@dataclass(frozen=True, slots=True)
class Learned:
    """What a change came to: the row as it is now, and what follows from it (empty: nothing)."""

    entry: Entry
    note: str = ""


class Growth:
    """Changes the knowledge for its owner.

    ``folder`` is the owner's own, one of those that ``knowledge`` reads. What comes with ARES is never
    changed: a row that is gets a copy there, which takes its place. Every method writes the row, dated,
    together with its record, and raises :class:`~ares.errors.UsageError` or
    :class:`~ares.errors.StoreError` when either cannot be; then the files are as they were.
    """

    def __init__(
        self, knowledge: Knowledge, folder: Path, ledger: Ledger, today: Callable[[], date] = date.today
    ) -> None:
        self._knowledge = knowledge
        self._folder = folder
        self._ledger = ledger
        self._today = today

    def check_new(self, kind: str, row: Mapping[str, Any]) -> None:
        """Raise :class:`ConfigError` for a row that cannot be added."""
        if problem := row_problem(kind, row):
            raise ConfigError(f"this cannot be added: {problem[1]}")
        if there := self._knowledge.named(row["id"]):
            raise ConfigError(f"{row['id']!r} is there already, in {there[0].file}; take another id")

    def add(self, kind: str, row: Mapping[str, Any]) -> Learned:
        """Add a row of any kind but patterns, which are admitted."""
        if kind == _PATTERNS:
            raise UsageError("a pattern is admitted by six checks: `ares knowledge admit`")
        with self._alone() as change:
            self.check_new(kind, row)
            return Learned(self._put(change, "knowledge added", kind, row))

    def admit(self, pattern: Mapping[str, Any], checks: Checks) -> Learned:
        """Add a pattern with the tier that ``checks`` and its uses give; the note says why that one."""
        if "tier" in pattern:
            raise UsageError("the tier of a pattern follows from the six checks; leave it out")
        with self._alone() as change:
            self.check_new(_PATTERNS, {**pattern, "tier": 3})
            given = standing(checks, pattern["uses"])
            row = {"id": pattern["id"], "tier": given.tier, **pattern}
            told: dict[str, Json] = {"tier": given.tier, "checks": asdict(checks)}
            entry = self._put(change, "pattern admitted", _PATTERNS, row, told=told)
            return Learned(entry, given.why)

    def record_use(self, pattern_id: str, worked: bool) -> Learned:
        """Count one more use of a pattern into its uses and success rate; the note says if a promotion is
        due."""
        with self._alone() as change:
            before = self._pattern(pattern_id)
            uses = before.row["uses"] + 1
            good = round(_worked(before.row) + worked, 2)
            row = {**before.row, "success": round(100 * good / uses), "uses": uses, "worked": good}
            entry = self._put(
                change, "pattern used", _PATTERNS, row, before, {"how": "worked" if worked else "failed"}
            )
            due = promotion(row["name"], row["tier"], uses)
            how = f"; `ares knowledge promote {pattern_id}`" if due.allowed < row["tier"] else ""
            return Learned(entry, due.suggestion and due.suggestion + how)

    def check_promotable(self, pattern_id: str) -> None:
        """Raise :class:`UsageError` for a pattern that no answers to the six checks could promote."""
        row = self._pattern(pattern_id).row
        if row["tier"] == 1:
            raise UsageError(f"{pattern_id} is at tier 1 already")
        if allowed(row["uses"]) >= row["tier"]:
            better = row["tier"] - 1
            why = f"tier {better} takes {USES_OF[better]} uses, not {row['uses']}"
            raise UsageError(f"{pattern_id} stays at tier {row['tier']}: {why}")

    def promote(self, pattern_id: str, checks: Checks) -> Learned:
        """Raise a pattern to the tier that ``checks`` and its uses give; the note says why that one.

        Raises :class:`UsageError` when that is no better tier.
        """
        with self._alone() as change:
            self.check_promotable(pattern_id)
            before = self._pattern(pattern_id)
            given = standing(checks, before.row["uses"])
            if given.tier >= before.row["tier"]:
                raise UsageError(f"{pattern_id} stays at tier {before.row['tier']}: {given.why}")
            row = {**before.row, "tier": given.tier}
            told: dict[str, Json] = {"tier": given.tier, "checks": asdict(checks)}
            return Learned(self._put(change, "pattern promoted", _PATTERNS, row, before, told), given.why)

    def _pattern(self, pattern_id: str) -> Entry:
        found = [each for each in self._knowledge.named(pattern_id) if each.kind == _PATTERNS]
        if not found:
            raise NotFoundError(f"there is no pattern {pattern_id!r}; see `ares knowledge list patterns`")
        return found[0]

    @contextmanager
    def _alone(self) -> Iterator[Change]:
        # Of two processes at once the second waits here and then reads what the first one wrote.
        with self._ledger.change() as change:
            self._knowledge.reload()
            yield change
        self._knowledge.reload()

    def _put(
        self,
        change: Change,
        event: str,
        kind: str,
        row: Mapping[str, Any],
        before: Entry | None = None,
        told: Mapping[str, Json] | None = None,
    ) -> Entry:
        """Record a row and write it to the owner's file in which it stands, or to the one of its kind."""
        own = before is not None and before.file.parent == self._folder
        file = before.file if before and own else self._folder / f"{kind}.md"
        new = {**row, "dated": self._today().isoformat()}
        content = (read_file(file) or new_file(kind)).with_row(kind, new, str(file))
        was = dict(before.row) if before else None
        what = {"event": event, "kind": kind, **(told or {}), "file": str(file), "row": new, "before": was}
        change.append(new["id"], what)
        change.write(file, file_text(file, content))
        return Entry(kind, file, new)


def _worked(row: Mapping[str, Any]) -> float:
    """Return how many uses of a pattern worked: what its row says when that fits its rate, which its owner
    may have changed, and otherwise what the rate says."""
    uses, rate = row["uses"], row["success"]
    worked: float | None = row.get("worked")
    if worked is not None and uses and round(100 * worked / uses) == rate:
        return worked
    return float(rate * uses / 100)
