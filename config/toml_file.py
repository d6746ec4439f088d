"""Reading a TOML file into a pydantic model with errors that say where.

`config/profiles/demo.toml: devices.receipt.port: must be a TCP address like 127.0.0.1:9100, line 12`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import tomli
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)
Where = tuple[str | int, ...]  # the way to a value: keys, and numbers of an array's entries from 0

_KEY = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[\w-]+)"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_ARRAY_HEADER = re.compile(rf"\s*\[\[\s*({_DOTTED})\s*\]\]")
_HEADER = re.compile(rf"\s*\[\s*({_DOTTED})\s*\]")
_ENTRY = re.compile(rf"\s*({_DOTTED})\s*=")
# What may hide a bracket or a quote, then brackets: enough of TOML to know where a value goes on.
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' + r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*'" + r"|#[^\n]*" + r"|[\[\]{}]" + r"|\n",
    re.DOTALL,
)


# In words of who writes the file, by pydantic's name of the problem.
_PLAIN = {
    "missing": "is missing",
    "extra_forbidden": "there is no such key here; check its spelling and its section",
}


class ConfigError(Exception):
    """A file of settings or catalogue is wrong. `problems` is one line each: what, where, what to do."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        super().__init__("\n".join(f"{_spelled(path)}: {problem}" for problem in problems))
        self.path = path
        self.problems = problems


def _spelled(path: Path) -> str:
    """Which file it is: from where one stands when it lies below, else as given."""
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    except (ValueError, OSError, RuntimeError):  # elsewhere; the folder is gone; links in a circle
        return str(path)


def load(path: Path, model: type[Model]) -> Model:
    """The file as a `model`. ConfigError when it is missing, not TOML, or does not fit.

    `{here}` in the text stands for the file's own folder.
    """
    text = _text(path).replace("{here}", str(path.resolve().parent))
    try:
        return model.model_validate(tomli.loads(text))
    except tomli.TOMLDecodeError as error:
        raise ConfigError(path, [f"not valid TOML: {error}"]) from None
    except ValidationError as error:
        raise ConfigError(path, [_problem(text, one) for one in error.errors()]) from None


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(path, ["there is no such file; check the path"]) from None
    except OSError as error:
        raise ConfigError(path, [f"cannot be read ({error.strerror}); check path and owner"]) from None
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")  # some editors begin a file with a mark
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(path, [f"not UTF-8 text, line {line}; save the file as UTF-8"]) from None


def _problem(text: str, error: object) -> str:
    assert isinstance(error, dict)
    where = tuple(part for part in error["loc"] if isinstance(part, str | int))
    line = line_of(text, where)
    name = ".".join(str(part) for part in where) or "the file"
    message = _PLAIN.get(str(error["type"])) or str(error["msg"]).removeprefix("Value error, ")
    return f"{name}: {message}" + (f", line {line}" if line else "")


def line_of(text: str, where: Where) -> int:
    """The 1-based line of the deepest part of `where` that the text spells; 0 when none is.

    What is missing is told by the line of the table it should stand in.
    """
    table: Where = ()
    best, depth = 0, 0
    counts: dict[Where, int] = {}
    for number, line in _statements(text):
        if header := _ARRAY_HEADER.match(line):
            name = _within(_keys(header[1]), counts)
            counts[name] = counts.get(name, -1) + 1
            here = table = (*name, counts[name])
        elif header := _HEADER.match(line):
            here = table = _within(_keys(header[1]), counts)
        elif entry := _ENTRY.match(line):
            here = (*table, *_keys(entry[1]))
        else:
            continue
        common = next((n for n, pair in enumerate(zip(here, where, strict=False)) if pair[0] != pair[1]), -1)
        common = min(len(here), len(where)) if common < 0 else common
        told = common == len(here) or common >= len(where) - 1  # a dotted name may say its table only so
        if told and common > depth:
            best, depth = number, common
    return best


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The lines at which a header or an entry begins, with their numbers: none inside a longer value."""
    number, open_brackets, start = 1, 0, 0
    yield 1, text.partition("\n")[0]
    for token in _TOKEN.finditer(text):
        found = token[0]
        if found == "\n":
            number, start = number + 1, token.end()
            if open_brackets <= 0:
                open_brackets = 0
                yield number, text[start:].partition("\n")[0]
        elif found in "[{":
            open_brackets += 1
        elif found in "]}":
            open_brackets -= 1
        else:
            number += found.count("\n")


def _within(keys: list[str], counts: dict[Where, int]) -> Where:
    """The keys of a header as a way: below an array of tables they mean its last entry."""
    way: Where = ()
    for at, key in enumerate(keys):
        way = (*way, key)
        if way in counts and at < len(keys) - 1:
            way = (*way, counts[way])
    return way


def _keys(dotted: str) -> list[str]:
    return [part[1:-1] if part[0] in "\"'" else part for part in re.findall(_KEY, dotted)]
