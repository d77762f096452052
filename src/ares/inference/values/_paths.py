"""Paths and file names: written, spoken, or meant as one of the files and places that are there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from ares.core import Value
from ares.inference._lexicon import lexicon
from ares.inference._words import fold, stem
from ares.inference.values._found import Found
from ares.inference.values._live import live_values
from ares.inference.values._names import names_of

_WRITTEN: Final = re.compile(
    r"(?<![\w/~.:*-])(?:(?:~|\.{1,2})?/[^\s\"'`<>|;,?*]*|~(?![\w~]))"
    r"|(?<![\w/~.:@*-])(?=[\w.-]*[A-Za-z_-])[\w][\w-]*(?:\.[\w-]+)*/[^\s\"'`<>|;,?*]+"
)
_FILE_NAME: Final = re.compile(
    r"(?<![\w/~.@:*-])(?:\w[\w-]*(?:\.[\w-]+)*\.[A-Za-z][A-Za-z0-9]{0,5}|\.[A-Za-z][\w.-]+)(?![\w@/]|\.\w)"
)
_QUOTED: Final = re.compile(r"(?<!\w)[\"'“‘`]([^\"“”`]{1,200}?)[\"'”’`](?!\w)")
_SPOKEN_SLASH: Final = re.compile(
    r"(?<!\w)(?:(?P<home>tilde|home) )?slash (?P<rest>\w[\w.-]*(?: (?:slash|dot|dash) \w[\w-]*)*)"
)
_SPOKEN_DOT: Final = re.compile(
    r"(?<!\w)(?P<name>\w[\w-]*(?: (?:dash|underscore) \w+)*)"
    r" dot (?P<ext>(?:[a-z0-9](?: [a-z0-9]){1,3}|[a-z0-9]{1,5})(?: dot [a-z0-9]{1,4})?)(?!\w)"
)
_RARE_AND: Final = re.compile(r"(?<![\w/~.*-])(?P<word>[^\W\d_]{3,}) and $")
_RARE: Final = 7.0
_BARE: Final = (".", "~")
_NOT_NAMES: Final = frozenset({"e.g", "i.e", "a.m", "p.m", "etc", "o.k"})


def written_paths(sentence: str) -> tuple[Found, ...]:
    """Paths and file names that stand in ``sentence`` as such."""
    found: list[Found] = []
    for pattern in (_WRITTEN, _FILE_NAME):
        for match in pattern.finditer(sentence):
            text = match[0].rstrip(".,:!)")
            if len(text) < len(match[0]) and match[0].startswith("."):
                text = match[0].rstrip(",:!)")
            if (
                len(text.strip(".")) < 1
                or fold(text) in _NOT_NAMES
                or any(each.end > match.start() and each.start < match.end() for each in found)
            ):
                continue
            value = text.rstrip("/") if len(text) > 1 else text
            found.append(Found(value or "/", match.start(), match.start() + len(text)))
    return tuple(sorted(found, key=lambda each: each.start))


def _spoken_paths(sentence: str) -> tuple[Found, ...]:
    """``slash var slash log``, ``report dot pdf``."""
    folded = fold(sentence)
    found: list[Found] = []
    for match in _SPOKEN_SLASH.finditer(folded):
        rest = match["rest"].replace(" slash ", "/").replace(" dot ", ".").replace(" dash ", "-")
        value = ("~/" if match["home"] == "tilde" else "/") + rest
        start = match.start() if match["home"] == "tilde" else match.start("rest") - len("slash ")
        found.append(Found(value, start, match.end(), f"spoken {value}"))
    for match in _SPOKEN_DOT.finditer(folded):
        if not any(each.start < match.end() and match.start() < each.end for each in found):
            name = match["name"].replace(" dash ", "-").replace(" underscore ", "_")
            ending = match["ext"].replace(" dot ", ".").replace(" ", "")
            value = f"{name}.{ending}"
            found.append(Found(value, match.start(), match.end(), f"spoken {value}"))
    return tuple(found)


def absolute(path: str, cwd: str, home: str) -> str:
    """What ``path`` stands for in the folder ``cwd``."""
    if path == "~" or path.startswith("~/"):
        path = home + path[1:]
    return posixpath.normpath(posixpath.join(cwd, path))


def _as_it_is(path: str) -> str:
    return path


def _distinct(values: Sequence[Value], resolved: Callable[[str], str]) -> dict[str, Value]:
    """``values`` by what they stand for, each once, under all its names. The working folder and the home stay
    two, for one says them in different words.
    """
    found: dict[str, Value] = {}
    for value in values:
        place = value.value if value.value in _BARE else resolved(value.value)
        same = found.get(place)
        if same is None:
            found[place] = value
        else:
            names = (*same.aliases, value.value, *value.aliases)
            aliases = tuple(name for name in dict.fromkeys(names) if name != same.value)
            found[place] = replace(same, aliases=aliases)
    return found


class KnownPaths:
    """The files and places that are there. Those ``expected`` for an argument may be said by a part of their
    name or with a slip; ``others`` must be named in full. Without any expected all are. Values that stand for
    the same path, as ``resolved`` tells, are one.
    """

    def __init__(
        self,
        expected: Sequence[Value] = (),
        others: Sequence[Value] = (),
        resolved: Callable[[str], str] = _as_it_is,
    ) -> None:
        every = _distinct((*expected, *others), resolved)
        wanted = {value.value for value in expected}
        first = {value.value: value for value in every.values() if value.value in wanted}
        rest = {value.value: value for value in every.values() if value.value not in wanted}
        if not first:
            first, rest = rest, {}
        self.mends = bool(expected)
        self.expected = names_of(tuple(first.values()))
        self.others = names_of(tuple(rest.values()))
        self.values = frozenset((*first, *rest))
        self._first = frozenset(first)
        self._folders = frozenset(
            value.value
            for value in (*first.values(), *rest.values())
            if any(name.endswith(" folder") for name in value.aliases)
        )
        self.by_name = {
            fold(name): value.value
            for value in (*first.values(), *rest.values())
            for name in (value.value, *value.aliases)
        }

    def is_folder(self, value: object) -> bool:
        """Whether ``value`` is known as a folder: one of its names says so."""
        return value in _BARE or value in self._folders

    def expects(self, value: object) -> bool:
        """Whether ``value`` is one of those expected."""
        return value in self._first


def paths(sentence: str, known: KnownPaths) -> tuple[Found, ...]:
    """The paths that ``sentence`` names. A written path is taken as it is, unless it is an expected one with
    a slip in it.
    """
    written: list[Found] = []
    for each in (*written_paths(sentence), *_spoken_paths(sentence)):
        assert isinstance(each.value, str)
        folded = fold(each.value)
        if folded in known.by_name:
            written.append(Found(known.by_name[folded], each.start, each.end, each.how))
            continue
        meant = live_values(each.value, known.expected) if known.mends and "/" not in each.value else ()
        if len(meant) == 1 and (meant[0].start, meant[0].end) == (0, len(each.value)):
            how = f"{each.value} is {meant[0].value}"
            written.append(Found(meant[0].value, each.start, each.end, how, False))
        else:
            written.append(each)
    written = [_with_words_before(each, sentence, known) for each in written]
    unwritten = live_values(_masked(sentence, written), known.expected, known.others)
    return tuple(sorted((*written, *unwritten), key=lambda found: (found.start, -found.end)))


def _with_words_before(found: Found, sentence: str, known: KnownPaths) -> Found:
    """``salt and pepper.txt`` is one name when ``salt`` is a rare word and names nothing else."""
    before = _RARE_AND.search(sentence[: found.start])
    if before is None or found.how or "/" in str(found.value) or found.value in known.values:
        return found
    rare = lexicon().weight(stem(fold(before["word"]))) >= _RARE
    if not rare or live_values(before["word"], known.expected, known.others):
        return found
    return Found(f"{before[0]}{found.value}", before.start(), found.end)


def _masked(sentence: str, taken: list[Found]) -> str:
    for each in taken:
        sentence = sentence[: each.start] + "\x00" * (each.end - each.start) + sentence[each.end :]
    return sentence


def quoted(sentence: str) -> tuple[Found, ...]:
    """What stands in quotation marks in ``sentence``."""
    return tuple(Found(match[1], match.start(1), match.end(1)) for match in _QUOTED.finditer(sentence))
