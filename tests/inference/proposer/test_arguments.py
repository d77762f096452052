"""Arguments: what a model copied is checked and mended, what it missed is found, what nobody said is
missing.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from ares.core import Capability, Source
from ares.evolve.reading import Machine
from ares.inference.command import Filled
from ares.inference.matching import Matcher
from ares.inference.proposer import CommandProposer
from ares.inference.proposer._arguments import fill
from ares.inference.proposer._filling import Asked, Filling
from ares.inference.values import Normaliser


def capability(machine: Machine, name: str) -> Capability:
    return next(each for each in (*machine.bundled, *machine.unseen) if each.full_name == name)


def filled(machine: Machine, tool_name: str, sentence: str, /, **copied: str) -> Filling:
    """Fill the arguments of ``tool_name`` from ``sentence``, of which a model copied the given spans."""
    tool = capability(machine, tool_name)
    request = Matcher([tool]).analyse(sentence)
    tools = (*machine.bundled, *machine.unseen)
    spans = {
        key: Filled(text, sentence.index(text), sentence.index(text) + len(text))
        for key, text in copied.items()
    }
    return fill(Asked(tool, request, None, spans), Normaliser(machine.world, tools))


def test_a_copied_span_is_widened_to_the_whole_value(machine: Machine) -> None:
    given = filled(
        machine, "clock.convert", "half past six in the evening in Oslo time", time="half past six", to="Oslo"
    )
    assert given.arguments == {"time": "18:30", "to": "Europe/Oslo"}


def test_a_copied_span_is_resolved_to_a_live_value_and_says_so(machine: Machine) -> None:
    given = filled(machine, "hosts.wake", "start my media server box", name="media server box")
    provenance = given.given["name"].provenance
    assert given.arguments == {"name": "mediaserver"}
    assert (provenance.source, provenance.how) == (Source.REGISTRY, "'media server' is mediaserver")


def test_a_value_said_as_it_is_is_the_owners_own(machine: Machine) -> None:
    given = filled(machine, "files.read", "cat /srv/Log.TXT", path="/srv/Log.TXT")
    assert given.arguments == {"path": "/srv/Log.TXT"}
    assert given.given["path"].provenance.source is Source.OWNER
    assert given.given["path"].provenance.how == ""


def test_no_value_is_ever_the_models(machine: Machine) -> None:
    given = filled(machine, "notes.add", "note that Ida likes plums", text="Ida likes plums")
    assert all(not each.provenance.source.tainted for each in given.given.values())


def test_what_the_model_missed_is_found_by_its_kind(machine: Machine) -> None:
    given = filled(machine, "hosts.add", "add zeta 02-1A-2B-3C-4D-5E on 10.9.8.7", name="zeta")
    assert given.arguments == {"name": "zeta", "mac": "02:1a:2b:3c:4d:5e", "address": "10.9.8.7"}


def test_text_is_trimmed_to_what_was_meant(machine: Machine) -> None:
    given = filled(
        machine, "notes.add", "jot down that the oven ticks, please", text="that the oven ticks, please"
    )
    assert given.arguments == {"text": "the oven ticks"}
    given = filled(
        machine, "notes.search", "find the note on the blue lamp", query="the note on the blue lamp"
    )
    assert given.arguments == {"query": "blue lamp"}


@pytest.mark.parametrize(
    ("name", "argument", "sentence", "span"),
    [
        ("files.delete", "path", "delete that one", "that one"),
        ("hosts.wake", "name", "wake one of the machines", "one of the machines"),
        ("notes.delete", "note", "remove the note", "the note"),
        ("clock.until", "date", "days until the big day", "the big day"),
    ],
)
def test_words_that_name_nothing_leave_the_argument_missing(
    machine: Machine, name: str, argument: str, sentence: str, span: str
) -> None:
    assert filled(machine, name, sentence, **{argument: span}).missing == (argument,)


def test_an_unknown_machine_is_not_guessed_at(machine: Machine) -> None:
    assert filled(machine, "hosts.wake", "wake hyperion", name="hyperion").missing == ("name",)


def test_values_between_which_the_words_leave_the_choice_are_named(machine: Machine) -> None:
    given = filled(machine, "files.delete", "delete the md file", path="the md file")
    assert given.missing == ("path",)
    assert given.open == {"path": ("todo.md", "readme.md")}


def test_a_new_file_name_is_taken_as_said(machine: Machine) -> None:
    given = filled(
        machine,
        "files.move",
        "rename report.pdf to Final Version.pdf",
        source="report.pdf",
        destination="Version.pdf",
    )
    assert given.arguments["source"] == "report.pdf"
    given = filled(machine, "files.copy", "copy src to Backups", source="src", destination="Backups")
    assert given.arguments == {"source": "src", "destination": "Backups"}


def test_what_destroys_does_not_take_here_for_a_path(machine: Machine) -> None:
    assert filled(machine, "files.delete", "delete the one in here").missing == ("path",)


def test_an_optional_argument_is_given_only_when_said(machine: Machine) -> None:
    assert filled(machine, "system.processes", "one of the programs is slow").arguments == {}
    assert filled(machine, "files.list", "what is in here").arguments in ({}, {"path": "."})


def test_a_choice_of_the_model_counts_only_with_a_word_of_the_owner(machine: Machine) -> None:
    tool = capability(machine, "system.processes")
    tools = (*machine.bundled, *machine.unseen)
    for sentence, given in (("what eats my ram", {"sort": "memory"}), ("what is running", {})):
        request = Matcher([tool]).analyse(sentence)
        asked = Asked(tool, request, None, {"sort": Filled("memory", -1, -1)})
        assert fill(asked, Normaliser(machine.world, tools)).arguments == given


def test_a_new_name_with_a_hyphen_is_where_a_copy_goes(machine: Machine) -> None:
    offered = [each for each in machine.bundled if each.module == "files"]
    (call,) = CommandProposer().read("cp -r src src-bak", offered, machine.world).calls
    assert call.arguments == {"source": "src", "destination": "src-bak"}


@pytest.mark.parametrize("sentence", ["call draft.docx final.docx", "please name draft.docx final.docx"])
def test_what_is_there_is_moved_and_not_what_is_not(machine: Machine, sentence: str) -> None:
    reading = CommandProposer().read(sentence, machine.bundled, machine.world)
    assert dict(reading.calls[0].arguments) == {"source": "draft.docx", "destination": "final.docx"}


@pytest.mark.parametrize("sentence", ["back up todo.md", "make a backup of todo.md"])
def test_words_for_saving_are_no_file_of_that_name(machine: Machine, sentence: str) -> None:
    tool = capability(machine, "files.copy")
    request = Matcher([tool]).analyse(sentence)
    filling = fill(Asked(tool, request, None, None), Normaliser(machine.world, machine.bundled))
    assert "backup.tar.gz" not in filling.arguments.values()
    assert any(value.value == "backup.tar.gz" for value in machine.world.values("files.here"))


@pytest.mark.parametrize(
    ("sentence", "destination"),
    [("rename photos to pictures", "pictures"), ("move photos to pictures", "~/Pictures")],
)
def test_a_new_name_is_no_place_that_is_called_so(machine: Machine, sentence: str, destination: str) -> None:
    reading = CommandProposer().read(sentence, machine.bundled, machine.world)
    assert [call.arguments.get("destination") for call in reading.calls] == [destination]


def test_a_folder_is_known_whatever_is_on_offer(machine: Machine) -> None:
    delete = capability(machine, "files.delete")
    alone = Normaliser(machine.world, [delete]).known_paths("files.here")
    beside = Normaliser(replace(machine.world, others=machine.bundled), [delete]).known_paths("files.here")
    assert "~/Documents" not in alone.values
    assert "~/Documents" in beside.values


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("could I trouble you to make a note that the car is due for service", "the car is due for service"),
        ("can you remember for me that the bins go out on tuesday", "the bins go out on tuesday"),
    ],
)
def test_what_leads_to_a_note_is_no_part_of_it(machine: Machine, sentence: str, text: str) -> None:
    reading = CommandProposer().read(sentence, machine.bundled, machine.world)
    assert [call.arguments for call in reading.calls] == [{"text": text}]


@pytest.mark.parametrize(
    "sentence", ["move report.pdf out of documents", "move report.pdf away from documents"]
)
def test_nothing_goes_to_where_it_is_taken_from(machine: Machine, sentence: str) -> None:
    given = filled(machine, "files.move", sentence).arguments
    assert given.get("destination") != "~/Documents"


def test_a_word_for_the_kind_of_thing_says_not_where_it_goes(machine: Machine) -> None:
    given = filled(machine, "files.move", "rename the folder photos to cooking").arguments
    assert given.get("source") == "photos"
