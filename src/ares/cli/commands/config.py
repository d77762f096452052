"""``ares config``: settings, and where each value comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ares.cli import _output
from ares.cli._lazy import SettingCommand, examples, new_app
from ares.cli._session import opened
from ares.cli._text import json_text
from ares.config import KEYS, parse_setting
from ares.core import Json
from ares.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from ares.api import Ares

app = new_app(
    no_args_is_help=True,
    help="Read and change settings.",
    epilog=examples("ares config list", "ares config set output.show_work always"),
)

AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON document.")]
KeyName = Annotated[
    str,
    typer.Argument(
        metavar="KEY",
        help="The setting's name.",
        autocompletion=lambda incomplete: [name for name in KEYS if name.startswith(incomplete)],
    ),
]


@app.command("list", epilog=examples("ares config list"))
def list_settings(as_json: AsJson = False) -> None:
    """List all settings, their values and where these come from."""
    with opened() as ares:
        settings = ares.config.all()
    if as_json:
        values: dict[str, Json] = {
            name: {"value": _json(each.value), "source": each.source} for name, each in settings.items()
        }
        _output.document(values)
        return
    _output.table(
        ("setting", "value", "from", "what it is for"),
        [
            (name, json_text(_json(each.value)), each.source, KEYS[name].help)
            for name, each in settings.items()
        ],
    )


@app.command(epilog=examples("ares config get output.show_work"))
def get(key: KeyName, as_json: AsJson = False) -> None:
    """Print the value of one setting."""
    with opened() as ares:
        settings = ares.config.all()
    if key not in settings:
        raise ConfigError(f"there is no setting {key!r}; see `ares config list`")
    setting = settings[key]
    if as_json:
        _output.document({"key": key, "value": _json(setting.value), "source": setting.source})
    elif setting.value == "":
        _output.note(f"{key} is empty ({KEYS[key].help})")
    else:
        _output.line(str(setting.value))


@app.command("set", cls=SettingCommand, epilog=examples("ares config set output.show_work always"))
def set_value(
    key: KeyName, value: Annotated[str, typer.Argument(metavar="VALUE", help="Its new value.")]
) -> None:
    """Change a setting for good. Environment and flags still come first."""
    with opened() as ares:
        wanted = _json(parse_setting(key, value, "ares config set"))
        if key == "model" and value:
            from ares.inference.models import Catalogue

            # From another folder a relative path would lead elsewhere.
            wanted = Catalogue(ares.registry).check(value, "ares config set")
        with ares.ledger.change() as change:
            before = _before(ares, key)
            ares.registry.set_setting(key, wanted)
            change.append("ares", {"event": "configured", "key": key, "before": before, "value": wanted})
    _output.line(f"{key} set")


def _before(ares: Ares, key: str) -> Json:
    """Return what the database says of a setting; None also when that cannot be read, which setting mends.

    Not from the settings in force: a mistake in one of them must not keep another from being set.
    """
    try:
        return ares.registry.settings().get(key)
    except StoreError:
        return None


def _json(value: object) -> Json:
    assert isinstance(value, str | int)
    return value
