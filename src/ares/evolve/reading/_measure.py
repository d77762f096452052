"""Readings of requests with known answers, counted."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ares.core import Capability, Kind, Reading
from ares.evolve.reading._requests import Machine, Request
from ares.inference import Proposer
from ares.inference.proposer import shortlist
from ares.inference.values import Normaliser

_Z = 1.96


@dataclass(frozen=True, slots=True)
class Result:
    """One request and what it was read as; ``seconds`` of processor time that took; ``right``: capabilities
    and all arguments are.
    """

    request: Request
    reading: Reading
    seconds: float
    right: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """All results, and which capabilities change something."""

    results: tuple[Result, ...]
    changing: frozenset[str]

    def share(self, results: Sequence[Result], *, arguments: bool = True) -> float:
        """The share of ``results`` that is right, with or without a look at the arguments; NaN for none."""
        right = [
            each.right if arguments else each.request.right_capabilities(each.reading) for each in results
        ]
        return sum(right) / len(right) if right else math.nan

    def of(self, *, set: str = "", voice: str = "") -> list[Result]:
        """The results of one set, or of one voice."""
        return [
            each
            for each in self.results
            if (not set or each.request.set == set) and (not voice or each.request.voice == voice)
        ]

    def wrongly_changing(self, *, reading: bool) -> tuple[list[Result], int]:
        """The readings that would change something though the request only asks for something (``reading``)
        or fits nothing at all, and how many such requests there are.
        """
        harmless = [
            each
            for each in self.results
            if not each.request.clarify
            and bool(each.request.answers) is reading
            and not any(name in self.changing for answer in each.request.answers for name, _ in answer)
        ]
        wrong = [
            each
            for each in harmless
            if each.reading.kind is Kind.ACTIONS
            and any(call.capability in self.changing for call in each.reading.calls)
        ]
        return wrong, len(harmless)


def measure(proposer: Proposer, world: Machine, requests: Iterable[Request], offer: int = 12) -> Measured:
    """Read every request as the agent does: the ``offer`` likeliest capabilities are shown to
    ``proposer``.
    """
    results: list[Result] = []
    changing: set[str] = set()
    for request in requests:
        tools = world.tools(request)
        changing |= {tool.full_name for tool in tools if tool.changes}
        start = time.process_time()
        reading = _read(proposer, request.text, tools, world, offer)
        seconds = time.process_time() - start
        results.append(Result(request, reading, seconds, request.right(reading, world.defaults)))
    return Measured(tuple(results), frozenset(changing))


def _read(
    proposer: Proposer, sentence: str, tools: Sequence[Capability], world: Machine, offer: int
) -> Reading:
    offered = shortlist(sentence, tools, Normaliser(world.world, tools), offer)
    return proposer.read(sentence, offered, replace(world.world, others=tuple(tools)))


def interval(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson's score interval)."""
    if not total:
        return 0.0, 1.0
    share = right / total
    middle = (share + _Z**2 / (2 * total)) / (1 + _Z**2 / total)
    half = _Z / (1 + _Z**2 / total) * math.sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def table(measured: Measured) -> str:
    """The figures as a Markdown table: by set, then by voice, then the harm and the cost."""
    lines = ["| requests | n | exact | 95 % | capability |", "|---|---|---|---|---|"]
    sets = list(dict.fromkeys(each.request.set for each in measured.results))
    voices = sorted({each.request.voice for each in measured.results})
    rows = [(name, measured.of(set=name)) for name in sets]
    rows += [(f"voice: {name}", measured.of(voice=name)) for name in voices]
    rows.append(("all", list(measured.results)))
    for name, results in rows:
        right = sum(each.right for each in results)
        low, high = interval(right, len(results))
        exact, chosen = measured.share(results), measured.share(results, arguments=False)
        lines.append(
            f"| {name} | {len(results)} | {exact:.1%} | {low:.1%}–{high:.1%} | {chosen:.1%} |".replace(
                "%", " %"
            )
        )
    lines += [
        "",
        f"Picks that change something on requests that only ask: {_harm(measured, reading=True)};"
        f" on requests that nothing fits: {_harm(measured, reading=False)}.",
        _cost(measured),
    ]
    return "\n".join(lines)


def _harm(measured: Measured, *, reading: bool) -> str:
    wrong, total = measured.wrongly_changing(reading=reading)
    low, high = interval(len(wrong), total)
    share = len(wrong) / max(1, total)
    return f"{len(wrong)} of {total} ({share:.1%}, {low:.1%}–{high:.1%})".replace("%", " %")


def _cost(measured: Measured) -> str:
    times = sorted(each.seconds for each in measured.results)
    if not times:
        return "No requests."
    middle, late = times[len(times) // 2], times[int(len(times) * 0.95)]
    return f"Processor time a request: median {1000 * middle:.1f} ms, 95 % under {1000 * late:.1f} ms."
