from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.store.unprivileged import refuse_to_commit

from ares import Ares
from ares.errors import AresError, ArgumentError, StoreError, UsageError


def test_closing_from_another_thread_is_refused_and_takes_nothing_apart() -> None:
    with Ares.open() as me:
        raised: list[AresError] = []

        def close() -> None:
            try:
                me.close()
            except AresError as error:
                raised.append(error)

        thread = threading.Thread(target=close)
        thread.start()
        thread.join()
        assert [type(error) for error in raised] == [UsageError]
        assert "call ares.Ares.open() in each thread" in str(raised[0])
        store = me.store
        assert me.perform("system.uptime").ok
        assert me.store is store
    me.close()


RULE = "- {id: mine, answer: deny, reason: r, when: {capability: [notes.add]}}\n"


@pytest.mark.parametrize("before", ["", "rules:\n"])
def test_a_rule_that_cannot_be_recorded_is_not_in_force(before: str) -> None:
    with Ares.open() as me:
        file = me.paths.policy_d / "mine.yaml"
        if before:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(before)
        refuse_to_commit(me.store.ledger)
        with pytest.raises(StoreError):
            me.write_rules(file, RULE, ref="notes")
        assert (file.read_text() if file.exists() else "") == before
        assert list(me.ledger.records(kind="policy")) == []


def test_a_closed_home_says_so_whatever_is_asked_of_it() -> None:
    with Ares.open() as me:
        assert me.perform("system.uptime").ok
    asks: list[Callable[[], object]] = [
        lambda: me.perform("system.uptime"),
        lambda: me.ask("how full is the disk"),
        me.undo,
        me.registry.settings,
        lambda: list(me.ledger.records()),
    ]
    for ask in asks:
        with pytest.raises(UsageError, match=r"this Ares is closed; open another"):
            ask()
    me.close()


def test_what_to_do_on_failure_is_one_of_two_words() -> None:
    with Ares.open() as me:
        before = len(list(me.ledger.records()))
        said = "on_failure takes 'stop' or 'continue', not 'banana'"
        with pytest.raises(UsageError, match=said):
            me.ask("how full is the disk", on_failure="banana")
        with pytest.raises(UsageError, match=said):
            me.drive([], None, on_failure="banana")
        assert len(list(me.ledger.records())) == before


def test_an_approve_that_is_no_function_is_refused_before_anything_is_proposed() -> None:
    with Ares.open() as me:
        before = len(list(me.ledger.records()))
        wrong: Any = "yes"
        for call in (
            lambda: me.perform("notes.add", text="milk", approve=wrong),
            lambda: me.ask("note that milk is out", approve=wrong),
            lambda: me.undo(approve=wrong),
        ):
            with pytest.raises(UsageError, match=r"approve takes a function .* not 'yes'"):
                call()
        assert len(list(me.ledger.records())) == before


def test_summaries_say_how_many_and_how_much_in_plain_words() -> None:
    with Ares.open() as me:
        me.perform("notes.add", text="milk", approve=lambda proposal: True)
        deleted = me.perform("notes.delete", note="milk", approve=lambda proposal: True)
        assert deleted.summary == "notes deleted: 1"
        assert me.undo(approve=lambda proposal: True).summary == "notes brought back: 1"
        memory = me.perform("system.memory").summary
        size = r"[\d.]+ \w+"
        assert re.fullmatch(rf"[\d.]+ % of memory is used: {size} of {size}, {size} available", memory)


def test_an_argument_that_is_not_utf_8_says_what_to_do_without_words_of_codecs() -> None:
    with Ares.open() as me:
        with pytest.raises(
            ArgumentError, match=r"^path: has bytes that are not UTF-8 text; write it in"
        ) as raised:
            me.perform("system.disk", path="\udcff\udcfe")
        assert "codec" not in str(raised.value)
        wrong: Any = {1}
        with pytest.raises(ArgumentError, match=r"^path: is nothing that can be recorded; give text"):
            me.perform("system.disk", path=wrong)


Call = Callable[[Ares, Any], object]
CALLS: dict[str, Call] = {
    "capability takes the name of a capability": lambda me, wrong: me.perform(wrong),
    "capability takes the name": lambda me, wrong: me.propose(wrong),
    "sentence takes text": lambda me, wrong: me.read(wrong),
    "sentence takes": lambda me, wrong: me.ask(wrong),
    "history takes a list of texts": lambda me, wrong: me.read("list notes", [wrong]),
    "history takes": lambda me, wrong: me.read("list notes", wrong),
    "action_id takes the id of an action": lambda me, wrong: me.undo(wrong),
    "arguments takes a mapping of names": lambda me, wrong: me.action("system.disk", wrong),
    "arguments takes": lambda me, wrong: me.action("system.disk", {wrong: 1}),
    "paths takes an ares.paths.Paths": lambda me, wrong: Ares.open(wrong),
    "environ takes a mapping of text to text": lambda me, wrong: Ares.open(environ=wrong),
    "environ takes": lambda me, wrong: Ares.open(environ={"HOME": wrong}),
    "model takes the name of a model or a file": lambda me, wrong: Ares.open(model=wrong),
}


@pytest.mark.parametrize("says", CALLS)
@pytest.mark.parametrize("wrong", [5, b"x", (1, 2), 10**5000], ids=["number", "bytes", "tuple", "huge"])
def test_what_is_of_the_wrong_type_is_refused_in_one_line(says: str, wrong: object) -> None:
    with Ares.open() as me:
        before = len(list(me.ledger.records()))
        with pytest.raises(UsageError, match=rf"^{says}\b.*, not [^\n]+$"):
            CALLS[says](me, wrong)
        assert len(list(me.ledger.records())) == before


def deep() -> Any:
    found: list[Any] = []
    for _ in range(5000):
        found = [found]
    return found


@pytest.mark.parametrize(
    "wrong",
    [None, b"x", float("nan"), {"a": {1}}, Path("/"), 10**5000, deep(), object()],
    ids=["None", "bytes", "nan", "set", "path", "huge", "deep", "object"],
)
def test_an_argument_that_json_cannot_carry_or_that_does_not_fit_is_refused_in_one_line(wrong: Any) -> None:
    with Ares.open() as me:
        with pytest.raises(ArgumentError, match=r"^(system\.disk: )?path: [^\n]+$"):
            me.perform("system.disk", path=wrong)
        assert list(me.ledger.records(kind="proposal")) == []
