"""A sentence that goes on with the ones before it: the answer to a question back ("which machine?" – "the
nas"), or something that "it" was named for before ("read todo.md" – "delete it").

Both are read as what the owner could have said at once, so that every value is still in the owner's own
words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from ares.core import Kind, Reading
from ares.inference.proposer import acts_on_it, demands

_LONGEST_ANSWER: Final = 12

Read = Callable[[str], Reading]


def follow_up(sentence: str, history: Sequence[str], read: Read, recall: Read) -> Reading:
    """What ``sentence`` asks for after the sentences in ``history``. ``read`` reads a text alone; ``recall``
    does so for one that is made of ``history``, which may have been read before.
    """
    alone = read(sentence)
    if acts_on_it(sentence) and alone.kind is not Kind.ACTIONS:
        return _about_it(sentence, history[-1], read) or alone
    if len(sentence.split()) <= _LONGEST_ANSWER and (alone.kind is not Kind.ACTIONS or not demands(sentence)):
        return _answered(sentence, history, read, recall) or alone
    return alone


def _about_it(sentence: str, before: str, read: Read) -> Reading | None:
    """The requests of ``sentence`` where "it" is what ``before`` named."""
    both = read(f"{before}; {sentence}")
    new = tuple(call for call in both.calls if call.words and call.words in sentence)
    if both.kind is not Kind.ACTIONS or not new or len(new) == len(both.calls):
        return None
    return replace(both, calls=new)


def _answered(sentence: str, history: Sequence[str], read: Read, recall: Read) -> Reading | None:
    """What was asked about, with ``sentence`` as the answer: the question's capability must come out, with
    less missing than before.
    """
    question = ""
    for before in reversed(history):
        question = f"{before} {question}".strip()
        asked = recall(question)
        if asked.kind is Kind.ACTIONS and demands(question):
            return None
        if asked.kind is not Kind.CLARIFY or len(asked.candidates) != 1 or "unclear" in asked.notes:
            continue
        answered = read(f"{question} {sentence}")
        if _same(answered, asked.candidates[0]) and _missing(answered) < _missing(asked):
            return answered
    return None


def _same(reading: Reading, capability: str) -> bool:
    chosen = {call.capability for call in reading.calls} or set(reading.candidates)
    return reading.kind is not Kind.NONE and chosen == {capability}


def _missing(reading: Reading) -> int:
    missing = reading.notes.get("missing")
    return len(missing) if isinstance(missing, list) else 0
