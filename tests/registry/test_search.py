from __future__ import annotations

import string

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ares.core import Capability, Effect, Module
from ares.registry import Registry
from ares.store import Store

OFFERS = {
    "system.disk": ("how full the disks are", "how full is the disk", "how much space is left on {path}"),
    "system.memory": ("how much memory is in use", "how much ram is free", "is memory running low"),
    "notes.add": ("write down a new note", "take a note {text}", "remember that {text}"),
    "notes.delete": (
        "delete one note",
        "throw away my note about {note}",
        "forget what i noted about {note}",
    ),
    "hosts.wake": ("wake a sleeping machine", "wake up {host}", "turn {host} on"),
    "files.set_permissions": ("change who may read a file", "make {path} private", "chmod {path}"),
}


def modules() -> list[Module]:
    found: dict[str, list[Capability]] = {}
    for full_name, (description, *examples) in OFFERS.items():
        module, _, name = full_name.partition(".")
        found.setdefault(module, []).append(
            Capability(
                module=module,
                name=name,
                description=description,
                effect=Effect.READ,
                input_schema={},
                output_schema={},
                examples=tuple(examples),
            )
        )
    return [
        Module(
            name=name,
            version="1",
            display_name=name,
            type="tool",
            description="",
            entry_point="m.py",
            capabilities=tuple(capabilities),
        )
        for name, capabilities in found.items()
    ]


@pytest.fixture
def registry(store: Store) -> Registry:
    registry = Registry(store)
    for module in modules():
        registry.register(module)
    return registry


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("how full is the disk?", "system.disk"),
        ("DISKS", "system.disk"),
        ("memory", "system.memory"),
        ("memroy", "system.memory"),
        ("memmory", "system.memory"),
        ("memor", "system.memory"),
        ("mem", "system.memory"),
        ("nemory", "system.memory"),
        ("waking machines", "hosts.wake"),
        ("delete the notes about milk", "notes.delete"),
        ("remembering", "notes.add"),
        ("permission", "files.set_permissions"),
        ("set_permissions", "files.set_permissions"),
        ("files.set_permissions", "files.set_permissions"),
        ("throw away", "notes.delete"),
    ],
)
def test_the_capability_that_fits_comes_first(registry: Registry, query: str, best: str) -> None:
    assert registry.search(query, 3)[0][0].full_name == best


@pytest.mark.parametrize("query", ["", "   ", "?!", "xylophone", "host", "path", "*", '"', "NEAR("])
def test_words_that_nobody_knows_find_nothing(registry: Registry, query: str) -> None:
    # The slots of examples, such as {host} and {path}, are no words.
    found = [each.full_name for each, _ in registry.search(query, 5) if each.module != "hosts"]
    assert found == []


def test_the_best_come_first_and_no_more_than_asked_for(registry: Registry) -> None:
    found = registry.search("note disk memory wake", 10)
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0
    assert len(found) == 5
    assert registry.search("note disk memory wake", 2) == found[:2]
    assert registry.search("note", 0) == registry.search("note", -1) == []


WORDS = st.sampled_from(
    ["note", "NEAR", "AND", "OR", "NOT", '"', "*", "^", ":", "-", "(", ")", "{", "+", "name"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text() | st.lists(WORDS).map(" ".join) | st.text(string.printable))
@example("\x00note\x00")
@example("\ud800 note")
@example("note " * 20_000)
@example("n" * 100_000)
@example('name:note" OR "1')
@example("ᾴ ß İ ﬁ")
def test_any_text_is_a_query(registry: Registry, query: str) -> None:
    assert all(score > 0 for _, score in registry.search(query, 5))


def test_a_search_among_five_hundred_reads_an_index_and_few_rows(store: Store, registry: Registry) -> None:
    for number in range(100):
        registry.register(
            Module(
                name=f"m{number}",
                version="1",
                display_name="",
                type="tool",
                description="",
                entry_point="m.py",
                capabilities=tuple(
                    Capability(
                        module=f"m{number}",
                        name=f"verb{verb}",
                        description=f"thing {number} of {verb}",
                        effect=Effect.READ,
                        input_schema={},
                        output_schema={},
                        examples=tuple(f"please do {verb} with thing {number} {i}" for i in range(6)),
                    )
                    for verb in range(5)
                ),
            )
        )
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    store.registry.set_progress_handler(count, 1000)
    assert registry.search("how much memroy is in use by thing 77?", 12)[0][0].full_name == "system.memory"
    store.registry.set_progress_handler(None, 0)
    # In thousands of steps of SQLite's machine: reading every row of every table would take far more.
    assert steps < 100
