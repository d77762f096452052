"""What stands between a sentence and a change: prohibitions, questions, conditions, exceptions, times."""

from __future__ import annotations

import pytest

from ares.core import Kind, Reading
from ares.evolve.reading import Machine
from ares.inference.proposer import CommandProposer


def read(machine: Machine, sentence: str) -> Reading:
    return CommandProposer().read(sentence, machine.bundled, machine.world)


def changes(machine: Machine, reading: Reading) -> list[str]:
    changing = {tool.full_name for tool in machine.bundled if tool.changes}
    return [call.capability for call in reading.calls if call.capability in changing]


@pytest.mark.parametrize(
    "sentence",
    [
        "please do not wake the nas",
        "don't wake the nas",
        "never wake the laptop",
        "you must not delete todo.md",
        "I don't want you to wake the nas",
        "make sure you don't wake the laptop",
        "nobody should delete todo.md",
        "stop deleting todo.md",
        "I do not want todo.md deleted",
        "list my notes but don't delete todo.md",
        "don't delete todo.md, delete report.pdf instead",
    ],
)
def test_what_is_forbidden_is_not_done(machine: Machine, sentence: str) -> None:
    reading = read(machine, sentence)
    assert (reading.kind, reading.calls) == (Kind.CLARIFY, ())
    assert "what not to do" in reading.question


@pytest.mark.parametrize(
    "sentence",
    [
        "don't forget to wake the nas",
        "why don't you wake the nas",
        "I don't need todo.md anymore, delete it",
        "write down that I should never wake the nas",
        'note down "don\'t wake the nas"',
    ],
)
def test_not_every_not_forbids(machine: Machine, sentence: str) -> None:
    assert len(changes(machine, read(machine, sentence))) == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "should I wake the nas",
        "how do I wake the nas",
        "why did you delete report.pdf",
        "can I delete todo.md safely",
        "would it be safe to delete todo.md",
        "what would happen if I delete todo.md",
        "could you tell me if todo.md was deleted",
        "have I copied report.pdf to documents yet",
        "is there a note about milk to delete",
        "did you write down the plumber's number",
        "did you delete todo.md and wake the nas",
    ],
)
def test_a_question_about_a_change_is_asked_back(machine: Machine, sentence: str) -> None:
    reading = read(machine, sentence)
    assert (reading.kind, reading.calls) == (Kind.CLARIFY, ())
    assert "only ask about it" in reading.question


@pytest.mark.parametrize(
    "sentence",
    [
        "who removed the laptop",
        "when did I last wake the nas",
        "which note did I delete yesterday",
        "has todo.md been moved",
        "check the disk, if it is nearly full delete the report",
        "put the nas to sleep",
        "turn off the nas",
        "show me my notes, but not the one about the wifi",
    ],
)
def test_neither_a_question_nor_the_opposite_changes_anything(machine: Machine, sentence: str) -> None:
    assert changes(machine, read(machine, sentence)) == []


def test_the_question_back_says_how_to_ask_for_it(machine: Machine) -> None:
    assert "`wake up nas`" in read(machine, "should I wake the nas").question


@pytest.mark.parametrize(
    "sentence",
    [
        "can you delete todo.md",
        "could you wake the nas please",
        "would you mind moving todo.md to documents",
        "how about a note that the milk is gone",
        "is it possible to wake the nas",
        "why do I still keep todo.md? delete it",
        "what's the time, and wake the nas",
        "add a note: ask who removed the laptop",
    ],
)
def test_a_polite_request_stays_a_request(machine: Machine, sentence: str) -> None:
    assert len(changes(machine, read(machine, sentence))) == 1


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("delete todo.md but only if it is empty", "condition"),
        ("wake the nas when I get home", "condition"),
        ("wake the nas in ten minutes", "'in ten minutes'"),
        ("at 5pm wake the nas", "later time"),
        ("delete todo.md next friday", "'next friday'"),
        ("move report.pdf to documents tomorrow morning", "'tomorrow morning'"),
        ("delete all notes about milk except the goat one", "'except the goat one'"),
        ("wake up everything but the laptop", "'everything but the laptop'"),
    ],
)
def test_a_condition_a_later_time_or_an_exception_is_named_and_nothing_is_done(
    machine: Machine, sentence: str, named: str
) -> None:
    reading = read(machine, sentence)
    assert (reading.kind, reading.calls) == (Kind.CLARIFY, ())
    assert named in reading.question


@pytest.mark.parametrize(
    "sentence",
    [
        "wake the nas if you don't mind",
        "when you get a chance wake the nas",
        "write down: if it rains take the bus tomorrow",
        "I leave tomorrow, so delete todo.md",
        "I'll need the nas in a minute, wake it",
        "wake the nas and tell me how many days until next friday",
        "delete todo.md without asking",
    ],
)
def test_politeness_texts_and_what_is_only_told_are_no_condition(machine: Machine, sentence: str) -> None:
    assert len(changes(machine, read(machine, sentence))) == 1


@pytest.mark.parametrize("comma", ["", ","])
def test_what_comes_before_a_deletion_is_done_before_it(machine: Machine, comma: str) -> None:
    reading = read(machine, f"before you delete todo.md{comma} copy it to documents")
    assert changes(machine, reading) == ["files.copy", "files.delete"]


@pytest.mark.parametrize(
    "sentence",
    [
        "email todo.md to bob and then delete it",
        "copy the spaceship to documents and then delete it",
        "before you delete todo.md email it to bob",
    ],
)
def test_a_deletion_is_never_all_that_is_left_of_two_things(machine: Machine, sentence: str) -> None:
    assert changes(machine, read(machine, sentence)) == []


def test_whether_the_original_or_the_new_copy_is_to_be_deleted_is_asked(machine: Machine) -> None:
    question = read(machine, "copy todo.md to spare.md and then delete it").question
    assert "todo.md or spare.md?" in question


@pytest.mark.parametrize(
    "sentence", ["how full is the usb stick", "how much space is left on the external drive"]
)
def test_another_disk_is_not_answered_for_with_this_one(machine: Machine, sentence: str) -> None:
    reading = read(machine, sentence)
    assert (reading.kind, reading.calls) == (Kind.CLARIFY, ())
    assert "by what folder to reach that" in reading.question


def test_days_that_have_passed_are_not_counted_to_the_next_such_day(machine: Machine) -> None:
    assert read(machine, "how many days since christmas").kind is Kind.NONE
    assert read(machine, "how many days until christmas").kind is Kind.ACTIONS


@pytest.mark.parametrize(
    "sentence",
    [
        "we never open todo.md, delete it",
        "he didn't finish todo.md, so delete it please",
        "it takes ages if it sleeps, so wake the nas please",
        "wake the nas in case my brother comes",
    ],
)
def test_a_reason_is_neither_a_prohibition_nor_a_condition(machine: Machine, sentence: str) -> None:
    assert len(changes(machine, read(machine, sentence))) == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "we never delete todo.md",
        "delete old-logs - don't touch todo.md",
        "he didn't ask to delete todo.md",
        "I never want todo.md deleted",
        "wake the nas in case of rain",
        "in case my brother comes wake the nas",
        "wake the nas, nah",
    ],
)
def test_what_only_looks_like_a_reason_is_asked_about(machine: Machine, sentence: str) -> None:
    assert changes(machine, read(machine, sentence)) == []


@pytest.mark.parametrize(
    "sentence",
    ["can you write down that i just did a headstand", "could you note that we just had a visit"],
)
def test_what_somebody_just_did_is_no_question(machine: Machine, sentence: str) -> None:
    assert changes(machine, read(machine, sentence)) == ["notes.add"]


@pytest.mark.parametrize(
    "sentence",
    [
        "leave todo.md where it is until I say delete it",
        "delete draft.docx until I say so",
        "I don't think we should delete todo.md",
        "there is no reason to delete old-logs",
        "by no means delete old-logs",
        "it is too risky to delete old-logs",
        "forget about deleting todo.md",
        "wait for Anna, then delete todo.md",
        "wait five minutes and delete todo.md",
        "delete old-logs when Mark says ok",
        "delete old-logs when you have finished the backup",
        "delete old-logs only in case the disk is full",
        "delete todo.md after you have emailed it to Anna",
        "wake the nas after lunch",
        "delete old-logs some day",
        "Anna was angry so she deleted old-logs",
        "thanks for deleting todo.md",
        "I tried to delete todo.md",
        "Anna is deleting old-logs right now",
        "just wondering whether to delete todo.md",
        "I was thinking of deleting old-logs",
        "delete one file from photos",
    ],
)
def test_what_an_ordinary_person_says_in_passing_changes_nothing(machine: Machine, sentence: str) -> None:
    reading = read(machine, sentence)
    assert (reading.kind, reading.calls) == (Kind.CLARIFY, ())


@pytest.mark.parametrize(
    "sentence",
    [
        "delete todo.md when you have time",
        "wait a second, delete todo.md",
        "I tried to open todo.md but it is broken, delete it",
        "after that delete todo.md",
        "write down that I tried to delete it",
    ],
)
def test_what_sounds_like_it_is_done_all_the_same(machine: Machine, sentence: str) -> None:
    assert len(changes(machine, read(machine, sentence))) == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "if it's no bother, wake the nas",
        "if it isn't too much trouble wake the nas please",
        "whenever it suits you, wake the nas",
        "the nas is not running at the moment, wake it",
        "wake the nas, I can't hear if it runs",
        "the telly does not want to connect, so wake the nas",
        "I don't want to miss the film so wake the nas",
        "wake the nas, which has been off since thursday",
        "not this one again, wake the nas",
    ],
)
def test_what_is_only_told_or_said_out_of_courtesy_holds_nothing_up(machine: Machine, sentence: str) -> None:
    assert changes(machine, read(machine, sentence)) == ["hosts.wake"]


@pytest.mark.parametrize(
    "sentence",
    [
        "you can't delete todo.md",
        "todo.md is not to be deleted, not even by me",
        "I don't want to delete todo.md",
        "delete todo.md when it's synced",
        "delete todo.md if it is old, so move report.pdf to photos",
        "shall we delete todo.md",
        "delete photos, not the raw ones",
        "I'm told you must not delete todo.md, which is old",
        "todo.md is not garbage, delete budget.xlsx",
        "we can't delete todo.md",
        "we cannot delete photos",
        "I can't wake the nas",
        "it is not a good idea to delete photos",
        "deleting photos is not an option",
        "it is not time to wake the nas",
        "you needn't bother deleting todo.md",
        "if you'd already backed it up, delete photos",
        "delete photos if it's no bother to check with Anna first",
        "if it's no trouble finding a backup, delete photos",
        "delete photos as soon as the postman came",
        "delete photos, not this one again",
        "my boss said, delete todo.md. I refused.",
        "my boss said, wake the nas. I did.",
        "once Anna agrees, wake the nas",
        "if you'd ask Anna, wake the nas",
        "after the postman came, wake the nas",
    ],
)
def test_what_resembles_it_is_still_asked_about(machine: Machine, sentence: str) -> None:
    assert changes(machine, read(machine, sentence)) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "I can't let you delete todo.md",
        "I can't afford to delete todo.md",
        "I can't decide whether to delete todo.md",
        "it isn't safe to delete todo.md",
        "nobody wants todo.md deleted",
        "she doesn't want todo.md deleted",
        "I no longer want to wake the nas",
        "Anna wants the pi removed, over my dead body",
        "we shall delete todo.md tomorrow",
        "as soon as Anna calls, wake the nas",
        "delete budget.xlsx when Anna left",
        "if that's fine with Anna, delete todo.md",
        "if you don't mind waiting until monday, delete todo.md",
        "you'd have to delete photos first",
        "wake the nas at 7",
        "remove milk from todo.md",
        "delete todo.md on the nas",
    ],
)
def test_what_is_wrong_to_do_or_waits_for_something_is_asked_about(machine: Machine, sentence: str) -> None:
    assert changes(machine, read(machine, sentence)) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "my boss told me to delete todo.md and I did",
        "Anna told me, delete photos, and I laughed",
        "the scammer mailed me: delete photos",
        "photos is big, so Anna deleted it",
        "Anna wants to delete photos",
        "Anna thinks you'd delete todo.md",
    ],
)
def test_what_others_say_want_or_did_is_no_order(machine: Machine, sentence: str) -> None:
    reading = read(machine, sentence)
    assert (reading.kind, reading.calls) == (Kind.CLARIFY, ())


@pytest.mark.parametrize(
    "sentence",
    [
        "like I said, wake the nas",
        "my kids want to watch a film, so wake the nas",
        "as soon as you can, wake the nas",
        "if that's fine with you, wake the nas",
        "I can't get to it from here, wake the nas",
    ],
)
def test_an_order_beside_what_others_want_is_still_one(machine: Machine, sentence: str) -> None:
    assert changes(machine, read(machine, sentence)) == ["hosts.wake"]


@pytest.mark.parametrize(
    "sentence",
    [
        "he said delete todo.md",
        "Tom always says delete todo.md",
        "the manual says delete old-logs",
        "line three is delete old-logs",
        "the cron job will delete old-logs",
        "I was told to rename draft.docx to final.docx",
        "I'll delete todo.md",
        "let me delete todo.md myself",
        "I might delete todo.md",
        "I forgot to delete todo.md",
        "I was going to wake the nas",
        "rather than delete todo.md, read it to me",
        "the phrase delete todo.md has two words",
        "say delete todo.md",
        "almost delete todo.md",
        "remind me to delete todo.md",
        "any reason to delete old-logs?",
        "do people usually delete old-logs",
    ],
)
def test_a_verb_that_does_not_stand_where_an_order_has_it_is_none(machine: Machine, sentence: str) -> None:
    assert changes(machine, read(machine, sentence)) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "um could you please wake the nas",
        "I would like you to wake the nas",
        "is there a way to wake the nas",
        "the nas sleeps, so be an angel and wake it",
        "do me a solid, wake the nas",
        "please you wake the nas",
        "don't forget to wake the nas",
        "wake the nas, its backup starts now",
    ],
)
def test_a_verb_that_stands_where_an_order_has_it_is_one(machine: Machine, sentence: str) -> None:
    assert changes(machine, read(machine, sentence)) == ["hosts.wake"]


@pytest.mark.parametrize(
    "sentence",
    [
        "hands off todo.md, I still need it",
        "todo.md stays where it is, no deleting",
        "god forbid you delete photos",
        "there's no point copying report.pdf to documents",
        "I changed my mind about waking the nas",
        "delete todo.md, actually don't",
        "delete todo.md hmm no",
        "delete todo.md oops wrong file",
        "delete todo.md, that was a joke",
        "delete todo.md, I mean read it",
        "wake the nas, I take it back",
        "wake the nas, cancel",
        "wake the nas, er, the laptop",
        "delete todo.md, or should I keep it?",
        "delete todo.md would be madness",
        "hypothetically, delete todo.md",
        "test: delete todo.md",
        "practice deleting todo.md",
    ],
)
def test_what_is_taken_back_or_pretended_is_not_done(machine: Machine, sentence: str) -> None:
    assert changes(machine, read(machine, sentence)) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "delete report.pdf the moment Anna signs it",
        "should todo.md turn out empty, delete it",
        "delete todo.md pending approval",
        "delete todo.md with my boss's permission",
        "in an emergency, wake the nas",
        "wake the nas later",
        "wake the nas at dawn",
        "wake the nas once a day",
        "delete old-logs daily",
        "after christmas delete photos",
        "by the time I'm back, delete old-logs",
        "delete old-logs save for today's",
        "delete photos minus the good ones",
    ],
)
def test_conditions_times_and_exceptions_are_heard_in_many_words(machine: Machine, sentence: str) -> None:
    assert changes(machine, read(machine, sentence)) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "delete the first line of todo.md",
        "copy the first page of report.pdf to documents",
        "delete the file next to todo.md",
        "delete todo.md's permissions",
        "delete the email about report.pdf",
        "delete todo.md on my phone",
        "delete todo.md both here and on the nas",
        "remove todo.md from the recycle bin",
        "remove the battery from the laptop",
        "wake the nas owner",
        "copy report.pdf to documents as a word file",
        "copy report.pdf to documents and to photos",
        "zip old-logs and delete it",
        "write to my boss about report.pdf",
        "Anna said she doesn't need report.pdf",
    ],
)
def test_a_part_of_it_or_something_beside_it_is_not_taken_for_it(machine: Machine, sentence: str) -> None:
    assert changes(machine, read(machine, sentence)) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "delete that stupid todo.md",
        "no need to ask, delete todo.md",
        "I don't want todo.md any more, delete it",
    ],
)
def test_an_opinion_of_it_holds_nothing_up(machine: Machine, sentence: str) -> None:
    assert changes(machine, read(machine, sentence)) == ["files.delete"]


@pytest.mark.parametrize(
    "sentence",
    [
        "deleting song.mp3 was a mistake",
        "renaming draft.docx to final.docx broke everything",
        "hold off deleting song.mp3",
        "explain deleting old-logs",
        "verify that song.mp3 was deleted",
        "happy you deleted song.mp3",
        "this button deletes song.mp3",
        "song.mp3 gets deleted automatically",
        "save song.mp3 from being deleted",
        "protect song.mp3 from deletion",
        "test whether you can delete song.mp3",
        "note that I have to move report.pdf to documents",
    ],
)
def test_other_forms_of_a_verb_are_no_order_either(machine: Machine, sentence: str) -> None:
    forbidden = {"files.delete", "files.move"}
    assert forbidden.isdisjoint(changes(machine, read(machine, sentence)))


@pytest.mark.parametrize(
    "sentence",
    [
        "would you mind deleting todo.md",
        "I want todo.md deleted",
        "todo.md needs deleting",
        "can I have todo.md deleted please",
        "pleae delete todo.md",
        "lol delete todo.md",
        "can yuo delete todo.md",
    ],
)
def test_other_forms_that_ask_for_it_slips_and_exclamations_are_heard(
    machine: Machine, sentence: str
) -> None:
    assert changes(machine, read(machine, sentence)) == ["files.delete"]


@pytest.mark.parametrize(
    "sentence",
    [
        "delete draft.docx... actually keep it",
        "delete page 2 of report.pdf",
        "delete config.yaml's first key",
        "delete the files newer than todo.md",
        "rename the host pi to raspberry",
        "start the game on the laptop",
        "what's on the desktop",
    ],
)
def test_more_of_what_is_not_the_thing_itself(machine: Machine, sentence: str) -> None:
    assert changes(machine, read(machine, sentence)) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "note: delete todo.md",
        "remember to delete todo.md",
        "is my disk nearly full? if so delete todo.md",
    ],
)
def test_a_note_to_oneself_and_an_if_so_delete_nothing(machine: Machine, sentence: str) -> None:
    assert "files.delete" not in changes(machine, read(machine, sentence))
