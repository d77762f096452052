"""Which files make the policy, and that one that cannot be read denies everything."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.store.unprivileged import as_nobody, hand_over

from ares import Ares
from ares.core import Answer
from ares.errors import PolicyError, UsageError
from ares.gate import RuleBook
from ares.paths import Paths
from ares.textfile import LARGEST

RULE = "- {id: mine, answer: deny, reason: r, when: {capability: [files.delete]}}\n"


def book(paths: Paths) -> RuleBook:
    paths.create()
    return RuleBook(paths, "ask")


def link_to_zeros(file: Path) -> None:
    file.symlink_to("/dev/zero")


def link_to_nothing(file: Path) -> None:
    file.symlink_to(file.with_name("nothing"))


def huge(file: Path) -> None:
    file.touch()
    os.truncate(file, 1 << 40)


@pytest.mark.parametrize(
    ("name", "make", "why"),
    [
        ("policy.d", os.mkfifo, "is no folder; files of rules lie in a folder of this name"),
        ("policy.d", link_to_nothing, "is no folder"),
        ("policy.d/rules.txt", Path.touch, "is no file of rules; rules stand in files that end in .yaml"),
        *(
            (name, make, why)
            for name in ("policy.yaml", "policy.d/more.yaml")
            for make, why in (
                (os.mkfifo, "cannot be read (it is a pipe or a device)"),
                (Path.mkdir, "cannot be read (it is a folder)"),
                (link_to_zeros, "cannot be read (it is a pipe or a device)"),
                (link_to_nothing, "cannot be read (it is a link that leads nowhere)"),
                (huge, "larger than 1 MiB"),
            )
        ),
    ],
)
def test_what_is_no_file_of_rules_denies_everything(
    paths: Paths, name: str, make: Callable[[Path], None], why: str
) -> None:
    rules = book(paths)
    file = paths.config / name
    file.parent.mkdir(exist_ok=True)
    make(file)
    found = rules()
    assert found.rules == ()
    assert f"so everything is denied: {file}: {why}" in found.error
    assert "\n" not in found.error


@pytest.mark.parametrize(
    ("closed", "why"),
    [
        ("", "policy.yaml: cannot be looked at (Permission denied); make its folder one that you may read"),
        (
            "policy.d",
            "policy.d: cannot be looked into (Permission denied); make it a folder that you may read",
        ),
        ("policy.yaml", "policy.yaml: cannot be read (Permission denied); a text file that you may read"),
    ],
)
def test_rules_that_cannot_be_looked_at_deny_everything(elsewhere: Path, closed: str, why: str) -> None:
    paths = Paths(elsewhere / "home", elsewhere / "config", elsewhere / "cache")
    rules = book(paths)
    paths.policy_d.mkdir()
    paths.user_policy.write_text("rules:\n" + RULE)
    assert [rule.id for rule in rules().rules][-1] == "mine"
    hand_over(elsewhere, 0o700)
    (paths.config / closed).chmod(0)
    with as_nobody():
        found = rules()
    (paths.config / closed).chmod(0o700)
    assert found.rules == ()
    assert found.error.startswith(
        f"the policy cannot be trusted, so everything is denied: {paths.config}/{why}"
    )


@pytest.mark.parametrize("what", ["policy", "knowledge"])
def test_a_full_disk_is_not_taken_for_a_folder_that_is_shut(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with Ares.open() as me:
        monkeypatch.setattr(os, "fsync", full)
        said = (
            r"\.(yaml|md): cannot be written \(No space left on device\); the disk is full; free some space$"
        )
        writing: dict[str, Callable[[], object]] = {
            "policy": lambda: me.write_rules(paths.policy_d / "mine.yaml", RULE, ref="mine"),
            "knowledge": lambda: me.growth.record_use("database_centric_v1", True),
        }
        with pytest.raises(UsageError, match=said):
            writing[what]()


def test_a_file_of_rules_does_not_grow_beyond_what_is_read(paths: Paths) -> None:
    rules = book(paths)
    file = paths.policy_d / "always.yaml"
    file.parent.mkdir()
    text = rules.joined(file, RULE)
    file.write_text(text + "#" * (LARGEST - len(text) - len(RULE)) + "\n")
    with pytest.raises(PolicyError, match=r"always\.yaml: no room for another rule"):
        rules.joined(file, RULE.replace("mine", "more"))
    assert rules().error == ""


def test_a_rule_that_stands_there_is_not_added_again(paths: Paths) -> None:
    rules = book(paths)
    file = paths.policy_d / "always.yaml"
    file.parent.mkdir()
    file.write_text(rules.joined(file, RULE))
    assert rules.joined(file, RULE) == file.read_text()


def test_a_rule_that_spoils_the_policy_beside_the_others_is_refused(paths: Paths) -> None:
    rules = book(paths)
    paths.policy_d.mkdir()
    paths.user_policy.write_text(rules.joined(paths.user_policy, RULE))
    later, file = paths.policy_d / "later.yaml", paths.policy_d / "always.yaml"
    later.write_text(rules.joined(later, RULE.replace("mine", "later")))
    for name in ("mine", "later"):
        with pytest.raises(
            PolicyError, match=rf"^no rule was written, .*yaml:2: the id '{name}' is used twice"
        ):
            rules.joined(file, RULE.replace("mine", name))
    file.write_text(rules.joined(file, RULE.replace("mine", "another")))
    assert [rule.id for rule in rules().rules][-3:] == ["mine", "another", "later"]


@pytest.mark.parametrize("name", [".mine.yaml", "mine.yml", "deeper/mine.yaml", "../mine.yaml"])
def test_a_rule_is_refused_where_none_is_read(paths: Paths, name: str) -> None:
    rules = book(paths)
    with pytest.raises(PolicyError, match=r"is not read for rules|rules stand in files that end in"):
        rules.joined(paths.policy_d / name, RULE)
    assert rules().error == ""


def test_a_rule_that_changed_counts_though_size_and_time_are_as_before(paths: Paths) -> None:
    rules = book(paths)
    paths.policy_d.mkdir()
    file = paths.policy_d / "own.yaml"
    text = "rules:\n  - {id: own, answer: ask,  reason: r, when: {capability: [notes.add]}}\n"
    file.write_text(text)
    before = file.stat()
    assert rules().rules[-1].answer is Answer.ASK
    file.write_text(text.replace("ask, ", "deny,"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert rules().rules[-1].answer is Answer.DENY
