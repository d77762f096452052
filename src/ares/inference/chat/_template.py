"""Chat templates: how a model wants a conversation written. They come in its file and are foreign code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import jinja2

CHATML: Final = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{{ '<|im_start|>assistant\n' }}"
)
"""The template for models that bring none of their own."""

_LONGEST: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Rendered:
    """A conversation as a model wants it, up to its answer. ``how`` says in words which template wrote it."""

    text: str
    how: str


def render(
    template: str, messages: Sequence[Mapping[str, str]], *, begin: str, end: str, now: datetime
) -> Rendered:
    """Write ``messages`` (each with ``role`` and ``content``) with the Jinja ``template`` of a model.

    ``begin`` and ``end`` are the spellings of its first and last token. The template runs in Jinja's sandbox:
    it reaches no attribute of Python's and changes nothing. A template that knows no system role gets the
    system message at the head of the user's. Without a template, or when it fails, ChatML is used and
    ``how`` says so.
    """
    if not template:
        return Rendered(
            _fill(CHATML, messages, begin, end, now), "ChatML, because the file has no chat template"
        )
    if len(template) > _LONGEST:
        how = f"ChatML, because the file's chat template is longer than {_LONGEST} characters"
        return Rendered(_fill(CHATML, messages, begin, end, now), how)
    problem = ""
    attempts = (
        (messages, "the file's chat template"),
        (_merged(messages), "the file's, without a system role"),
    )
    for each, how in attempts:
        try:
            return Rendered(_fill(template, each, begin, end, now), how)
        except Exception as error:  # noqa: BLE001 - a foreign program may fail in any way
            problem = problem or " ".join(f"{type(error).__name__}: {error}".split())[:120]
    return Rendered(
        _fill(CHATML, messages, begin, end, now),
        f"ChatML, because the file's chat template failed ({problem})",
    )


def written_with(template: str) -> str:
    """Say which template writes what a model with this one in its file is told; tried with two messages."""
    messages = [{"role": role, "content": "words"} for role in ("system", "user")]
    return render(template, messages, begin="", end="", now=datetime(2000, 1, 1, tzinfo=UTC)).how


def _merged(messages: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Return the conversation with its system messages at the head of the first message that is none."""
    head = [message["content"] for message in messages if message["role"] == "system"]
    others = [message for message in messages if message["role"] != "system"]
    if not head or not others:
        return others
    first = {"role": others[0]["role"], "content": "\n\n".join([*head, others[0]["content"]])}
    return [first, *others[1:]]


def _fill(template: str, messages: Sequence[Mapping[str, str]], begin: str, end: str, now: datetime) -> str:
    return _compiled(template).render(
        messages=[dict(message) for message in messages],
        add_generation_prompt=True,
        bos_token=begin,
        eos_token=end,
        # Models that think aloud first are asked not to: the answer is one JSON object.
        enable_thinking=False,
        strftime_now=now.strftime,
    )


@lru_cache(maxsize=4)
def _compiled(template: str) -> jinja2.Template:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise
    return environment.from_string(template)


def _to_json(value: Any, indent: int | None = None, **_: Any) -> str:
    # Jinja's own filter escapes for HTML, which models have not seen in training.
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _raise(message: str) -> None:
    from jinja2.exceptions import TemplateError

    raise TemplateError(message)
