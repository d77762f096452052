"""Measuring readings, counting words, training habits and fitting weights, on data small enough to check by
hand.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from ares.core import Call, Capability, Json, Kind, Reading
from ares.evolve.reading import Machine, Request, load_requests, load_world, measure, table
from ares.evolve.reading._fit import Example, fit, margin, probabilities, write_weights
from ares.evolve.reading._habits import write_habits
from ares.evolve.reading._measure import interval
from ares.evolve.reading._words import count_words, further_words, listed_words, write_words
from ares.inference import World
from ares.inference.proposer import CommandProposer

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def machine() -> Machine:
    return load_world(ROOT / "tests" / "data" / "requests", ROOT / "modules")


def request(**changes: object) -> Request:
    row = {"id": "1", "set": "s", "voice": "terse", "text": "t", "answers": (), "clarify": ""} | changes
    return Request(**row)  # type: ignore[arg-type]


def reading(*calls: tuple[str, dict[str, Json]]) -> Reading:
    made = tuple(
        Call(capability=name, arguments=given, provenance={}, confidence=1.0) for name, given in calls
    )
    return Reading(Kind.ACTIONS, made)


def test_an_answer_is_right_when_capability_and_every_argument_are() -> None:
    asked = request(answers=((("notes.add", {"text": "Buy milk"}),),))
    assert asked.right(reading(("notes.add", {"text": "buy milk."})))
    assert not asked.right(reading(("notes.add", {"text": "milk"})))
    assert not asked.right(reading(("notes.add", {"text": "buy milk", "x": 1})))
    assert not asked.right(reading(("notes.search", {"text": "buy milk"})))
    assert asked.right_capabilities(reading(("notes.add", {"text": "milk"})))


def test_saying_the_default_makes_no_other_call(machine: Machine) -> None:
    plain = request(answers=((("system.processes", {}),),))
    said = reading(("system.processes", {"sort": "cpu"}))
    assert plain.right(said, machine.defaults)
    assert not plain.right(said)
    assert not plain.right(reading(("system.processes", {"sort": "memory"})), machine.defaults)
    assert request(answers=((("files.list", {"path": "."}),),)).right(
        reading(("files.list", {})), machine.defaults
    )


def test_any_of_several_answers_is_right_and_their_order_counts() -> None:
    one: tuple[str, dict[str, Json]] = ("a.b", {})
    two: tuple[str, dict[str, Json]] = ("c.d", {})
    asked = request(answers=((one, two), (two,)))
    assert asked.right(reading(one, two))
    assert asked.right(reading(two))
    assert not asked.right(reading(two, one))


def test_none_and_a_question_are_answers_too() -> None:
    assert request().right(Reading(Kind.NONE))
    assert not request().right(reading(("a.b", {})))
    asked = request(clarify="a.b")
    assert asked.right(Reading(Kind.CLARIFY, candidates=("a.b", "c.d")))
    assert not asked.right(Reading(Kind.CLARIFY, candidates=("c.d",)))


def test_the_requests_written_by_hand_name_only_capabilities_that_there_are(machine: Machine) -> None:
    known = {tool.full_name for tool in (*machine.bundled, *machine.unseen)}
    for asked in load_requests(ROOT / "tests" / "data" / "requests" / "dev.jsonl"):
        named = {name for answer in asked.answers for name, _ in answer} | ({asked.clarify} - {""})
        assert named <= known, asked.id


def test_only_requests_for_unseen_modules_are_offered_them(machine: Machine) -> None:
    assert machine.tools(request(set="unseen")) == (*machine.bundled, *machine.unseen)
    assert machine.tools(request(set="none")) == machine.bundled


class AlwaysDeletes:
    """A mind that knows one thing."""

    def read(self, sentence: str, tools: Sequence[Capability], world: World) -> Reading:
        return reading(("files.delete", {"path": "x"}))


def test_picks_that_change_something_unasked_are_counted(machine: Machine) -> None:
    requests = [
        request(id="1", answers=((("files.list", {}),),)),
        request(id="2"),
        request(id="3", answers=((("files.delete", {"path": "x"}),),)),
        request(id="4", clarify="files.delete"),
    ]
    measured = measure(AlwaysDeletes(), machine, requests)
    wrong, total = measured.wrongly_changing(reading=True)
    assert ([each.request.id for each in wrong], total) == (["1"], 1)
    wrong, total = measured.wrongly_changing(reading=False)
    assert ([each.request.id for each in wrong], total) == (["2"], 1)
    assert "1 of 1 (100.0 %" in table(measured)
    assert measured.share(measured.of(set="s")) == 0.25


def test_the_interval_is_wilsons() -> None:
    low, high = interval(90, 100)
    assert (round(low, 3), round(high, 3)) == (0.826, 0.945)
    assert interval(0, 0) == (0.0, 1.0)


def test_words_are_counted_once_a_phrase_by_their_stem() -> None:
    counted = count_words([("copy copies {path}", 1.0), ("copied it to /tmp", 1.0)])
    assert counted["copy"] == (2, ["copied", "copies", "copy"])
    assert not [each for each in counted if "path" in each or "tmp" in each]


def example(*features: float, right: int, changes: tuple[bool, ...] = (False, False)) -> Example:
    import numpy as np

    return Example(np.array([[feature] for feature in features]), np.array([1.0]), right, changes)


def test_fitting_finds_that_a_telling_feature_tells() -> None:
    found = [example(1, 0, right=0), example(0, 1, right=1), example(0, 0, right=2)] * 20
    weights = fit(found)
    assert weights[0] > 1
    assert all(int(probabilities(each, weights).argmax()) == each.right for each in found)


def test_the_margin_grows_with_the_harm_and_is_never_nothing() -> None:
    import numpy as np

    weights = np.array([1.0, 0.0])
    safe = [example(2.0, 0.0, right=0, changes=(True, False))] * 10
    assert margin(safe, weights) == 1.2
    harmful = [example(0.5, 0.0, right=1, changes=(True, False))] * 10
    assert margin(safe + harmful, weights) > math.exp(0.5)


def test_weights_are_replaced_one_set_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "weights.json"
    write_weights(file, {"matcher": {"bar": 1}, "model": {"bar": 2}})
    write_weights(file, {"model": {"bar": 3}})
    assert json.loads(file.read_text(encoding="utf-8")) == {"matcher": {"bar": 1}, "model": {"bar": 3}}


def test_habits_are_the_same_each_time_they_are_trained(machine: Machine, tmp_path: Path) -> None:
    rows = [
        {
            "capability": "system.disk",
            "phrases": ["how full is the drive", "space on {path}", "drive space"] * 3,
        },
        {
            "capability": "notes.add",
            "phrases": ["jot {text}", "jot this {text} down", "please jot {text}"] * 3,
        },
    ]
    (tmp_path / "bundled.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (tmp_path / "none.jsonl").write_text('{"request": "sing a song"}\n{"request": "sing"}', encoding="utf-8")
    (tmp_path / "pools.yaml").write_text("host_names: [zeus]\n", encoding="utf-8")
    count = write_habits(tmp_path, machine.bundled, tmp_path / "one.json")
    write_habits(tmp_path, machine.bundled, tmp_path / "two.json")
    one, two = (
        json.loads((tmp_path / name).read_text(encoding="utf-8")) for name in ("one.json", "two.json")
    )
    # 18 phrases, 12 of them a second time without their value, and two requests that nothing fits.
    assert count == 18 + 12 + 2
    assert one == two
    assert one["classes"] == ["none", "notes.add", "system.disk"]
    assert one["weights"]["jot"]["1"] > 0 > one["weights"]["jot"]["2"]


def test_the_shipped_weights_know_every_signal() -> None:
    from ares.inference.proposer import FEATURES, MODEL_FEATURE, NONE_FEATURES, weights

    for with_model in (False, True):
        model = {MODEL_FEATURE} if with_model else set()
        assert set(weights(with_model).capability) >= {*FEATURES} | model
        assert set(weights(with_model).none) >= {*NONE_FEATURES} | model
        assert weights(with_model).margin >= 1


def test_without_a_model_most_of_the_development_half_is_read_right(machine: Machine) -> None:
    requests = load_requests(ROOT / "tests" / "data" / "requests" / "dev.jsonl")
    measured = measure(CommandProposer(), machine, requests[::5])
    assert measured.share(list(measured.results)) > 0.6


def test_a_word_that_several_use_is_no_slip_and_a_slip_of_a_common_one_is() -> None:
    sentences = [*["print the page"] * 6, "a paeg of foil", "the foil paeg", "one otter"]
    found = further_words(["wrap", "print"], sentences, {"print", "page", "the"})
    assert found == ["foil", "wrap"]


def test_listed_words_leave_out_what_is_for_people(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("# written by hand\nfoil wrap\nrome\n", "utf-8")
    assert listed_words(file) == ["foil", "wrap", "rome"]


def test_words_are_written_with_what_is_no_slip_besides(tmp_path: Path) -> None:
    (tmp_path / "tools_a.jsonl").write_text('{"phrases": ["copy the files", "copy it"]}\n', "utf-8")
    for name in ("bundled.jsonl", "none.jsonl"):
        (tmp_path / name).write_text("", "utf-8")
    target = tmp_path / "words.txt"
    assert write_words(tmp_path, target, ["copy", "foil"], ["rome", "foil"], []) == 4
    lines = target.read_text("utf-8").splitlines()
    assert lines[1:] == ["copy 2 copy", "file 1 files", "it 1 it", "the 1 the", "+ foil", "- rome"]
