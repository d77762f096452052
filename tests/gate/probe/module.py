from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from typing import Any

from ares.runtime import Arguments, Context, Operation, Seen
from ares.runtime.hookspecs import hookimpl


def _look(arguments: Arguments, context: Context) -> Mapping[str, Any]:
    file = context.data / "it"
    return {"text": file.read_text() if file.exists() else ""}


def _set(arguments: Arguments, context: Context) -> Mapping[str, Any]:
    (context.data / "it").write_text(arguments["text"])
    return {"text": arguments["text"]}


def _destroy(arguments: Arguments, context: Context) -> Mapping[str, Any]:
    file = context.data / "it"
    text = file.read_text()
    file.unlink()
    return {"text": text}


def _says(arguments: Arguments, result: Mapping[str, Any], context: Context) -> list[Seen]:
    seen = _look({}, context)["text"]
    return [("the file says it", seen == arguments["text"], seen)]


def _gone(arguments: Arguments, result: Mapping[str, Any], context: Context) -> list[Seen]:
    return [("the file is gone", not (context.data / "it").exists(), "")]


def _crash(arguments: Arguments, context: Context) -> Mapping[str, Any]:
    if arguments["how"] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if arguments["how"] == "interrupt":
        raise KeyboardInterrupt
    raise RuntimeError("two\nlines")


@hookimpl
def ares_operations() -> Mapping[str, Operation]:
    return {
        "look": Operation(_look),
        "set": Operation(_set, keep=_look, verify=_says),
        "destroy": Operation(_destroy, verify=_gone),
        "lie": Operation(lambda arguments, context: {"text": arguments["text"]}, verify=_says),
        "crash": Operation(_crash),
    }
