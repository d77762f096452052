from __future__ import annotations

import ast
import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ares.core import (
    OWNER,
    Action,
    Answer,
    Band,
    Capability,
    Effect,
    Json,
    Origin,
    Provenance,
    Source,
    Undo,
    canonical,
    new_id,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
).filter(lambda value: "\\ud8" not in json.dumps(value))


def action(**arguments: Json) -> Action:
    return Action(
        capability="files.read",
        arguments=arguments,
        origin=Origin.COMMAND,
        provenance=dict.fromkeys(arguments, OWNER),
    )


@given(JSON)
def test_canonical_bytes_do_not_depend_on_the_order_of_keys(value: Json) -> None:
    shuffled = json.loads(json.dumps(value), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert canonical(shuffled) == canonical(value)


@given(JSON)
def test_canonical_bytes_read_back_as_the_same_value(value: Json) -> None:
    assert json.loads(canonical(value)) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_json_has_no_word_for_is_refused(value: Json) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical(value)


def test_the_digest_changes_with_every_part_that_will_run() -> None:
    base = action(path="a")
    others = [
        base.with_arguments({"path": "b"}, {}),
        replace(base, capability="files.delete"),
        replace(base, version="2.0.0"),
        replace(base, id=new_id("a")),
    ]
    assert len({base.digest, *(other.digest for other in others)}) == 5


def test_an_edited_action_has_an_id_of_its_own() -> None:
    base = action(path="a")
    assert base.with_arguments({"path": "a"}, {}).id != base.id


def test_an_argument_without_provenance_counts_as_the_models() -> None:
    assert replace(action(path="a"), provenance={}).tainted == ("path",)


@pytest.mark.parametrize("source", list(Source))
def test_only_models_and_foreigners_taint(source: Source) -> None:
    tainted = replace(action(path="a"), provenance={"path": Provenance(source)}).tainted
    assert bool(tainted) == (source in {Source.MODEL, Source.FOREIGN})


def test_the_choice_of_the_capability_can_be_tainted_too() -> None:
    assert replace(action(path="a"), choice=Source.FOREIGN).tainted == ("capability",)


def test_identifiers_sort_by_time_and_do_not_repeat() -> None:
    ids = [new_id("a") for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert ids[0][:12] <= ids[-1][:12]


@pytest.mark.parametrize(
    ("percent", "band"),
    [(100, Band.HIGH), (80, Band.HIGH), (79, Band.MEDIUM), (50, Band.MEDIUM), (49, Band.LOW)],
)
def test_the_bands_begin_at_80_and_50(percent: int, band: Band) -> None:
    assert Band.of(percent) is band


def test_deny_is_stricter_than_ask_and_ask_than_allow() -> None:
    assert sorted(Answer, key=lambda answer: answer.strictness) == [Answer.ALLOW, Answer.ASK, Answer.DENY]


def test_an_undo_is_filled_from_result_arguments_and_what_was_kept() -> None:
    undo = Undo("x.y", {"a": "$result.id", "b": "$arguments.path", "c": "$kept.mode", "d": "as is", "e": 7})
    filled = undo.fill({"path": "p"}, {"id": "1"}, {"mode": 420})
    assert filled == {"a": "1", "b": "p", "c": 420, "d": "as is", "e": 7}


def test_an_undo_leaves_out_what_is_not_there() -> None:
    undo = Undo("x.y", {"address": "$result.address", "name": "$result.name"})
    assert undo.fill({}, {"name": "nas", "address": None}, None) == {"name": "nas"}


def test_a_value_that_only_looks_like_a_template_stands_for_itself() -> None:
    assert Undo("x.y", {"a": "$other.id", "b": "$5.00"}).fill({}, {}, {}) == {"a": "$other.id", "b": "$5.00"}


@pytest.mark.parametrize("effect", list(Effect))
def test_everything_but_a_read_changes_something(effect: Effect) -> None:
    capability = Capability(
        module="m", name="v", description="d", effect=effect, input_schema={}, output_schema={}
    )
    assert capability.changes == (effect is not Effect.READ)
    assert capability.full_name == "m.v"


@pytest.mark.parametrize(
    ("description", "purpose"),
    [
        ("Send a WhatsApp message.", "send a WhatsApp message"),
        ("wake a machine", "wake a machine"),
        ("E-mail a file", "e-mail a file"),
        ("A look at the disk", "a look at the disk"),
        ("I am told the time", "I am told the time"),
        ("SSH into a machine", "SSH into a machine"),
        ("WhatsApp somebody", "WhatsApp somebody"),
        ("NASs are listed", "NASs are listed"),
        ("3D print it", "3D print it"),
        ("", ""),
    ],
)
def test_the_purpose_is_the_description_fit_for_the_middle_of_a_sentence(
    description: str, purpose: str
) -> None:
    capability = Capability(
        module="m",
        name="c",
        description=description,
        effect=Effect.READ,
        input_schema={},
        output_schema={},
    )
    assert capability.purpose == purpose


@pytest.mark.parametrize("package", ["ares", "ares.core", "ares.runtime", "ares.knowledge"])
def test_every_name_of_a_package_that_loads_them_late_is_there(package: str) -> None:
    module = import_module(package)
    assert all(getattr(module, name) is not None for name in module.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        module.nothing  # noqa: B018 - asking is the test


@pytest.mark.parametrize("package", ["ares.core", "ares.runtime", "ares.knowledge"])
def test_the_names_of_a_package_that_loads_them_late_are_said_alike(package: str) -> None:
    module = import_module(package)
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    (typed,) = [each for each in tree.body if isinstance(each, ast.If)]
    homes = {
        alias.name: str(each.module).rpartition(".")[2]
        for each in typed.body
        if isinstance(each, ast.ImportFrom)
        for alias in each.names
    }
    assert homes == module._HOMES
    assert set(homes) <= set(module.__all__)
