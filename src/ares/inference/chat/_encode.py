"""A conversation as the tokens of one model."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from ares.inference.chat._template import render
from ares.inference.engine import Engine


def encode(engine: Engine, messages: Sequence[Mapping[str, str]], now: datetime) -> tuple[list[int], str]:
    """Return ``messages`` as tokens, up to where the answer begins, and which template wrote them, in words.

    Only the template may write special tokens. What looks like one inside a message stays text, so that the
    name of a file cannot end the message it stands in and speak as somebody else.
    """
    # The template is filled with marks in place of the messages, to know afterwards which words are whose.
    marks = {f"message{secrets.token_hex(8)}": message["content"] for message in messages}
    marked = [
        {"role": message["role"], "content": mark} for message, mark in zip(messages, marks, strict=True)
    ]
    written = render(engine.header.chat_template, marked, begin=engine.begin, end=engine.end, now=now)
    text = written.text
    opened = bool(engine.tokenize(b"", begin=True))
    if opened and engine.begin:
        text = text.removeprefix(engine.begin)
    parts = re.split(f"({'|'.join(marks)})", text)
    if not any(_spells_special(engine, content) for content in marks.values()):
        whole = "".join(marks.get(part, part) for part in parts)
        return engine.tokenize(_bytes(whole), special=True, begin=True), written.how
    tokens = engine.tokenize(b"", begin=True)
    for part in parts:
        tokens += engine.tokenize(_bytes(marks.get(part, part)), special=part not in marks)
    return tokens, written.how


def _spells_special(engine: Engine, text: str) -> bool:
    return engine.tokenize(_bytes(text), special=True) != engine.tokenize(_bytes(text))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
