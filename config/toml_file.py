"""Reading a TOML file into a pydantic model with errors that say where.

`devices.receipt.port: must be a TCP address like 127.0.0.1:9100 (line 12)`
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


class ConfigError(Exception):
    """A file of settings or catalogue is wrong. `problems` is one line each: what, where, what to do."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        super().__init__("\n".join(f"{path.name}: {problem}" for problem in problems))
        self.path = path
        self.problems = problems


def load(path: Path, model: type[Model]) -> Model:
    """The file as a `model`. ConfigError when it is missing, not TOML, or does not fit.

    `{here}` in the text stands for the file's own folder.
    """
    try:
        text = path.read_text(encoding="utf-8").replace("{here}", str(path.resolve().parent))
    except FileNotFoundError:
        raise ConfigError(path, [f"there is no such file as {path}; check the path"]) from None
    try:
        return model.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(path, [f"not valid TOML: {error}"]) from None
    except ValidationError as error:
        raise ConfigError(path, [_problem(text, one) for one in error.errors()]) from None


def _problem(text: str, error: object) -> str:
    assert isinstance(error, dict)
    where = tuple(part for part in error["loc"] if isinstance(part, str | int))
    line = line_of(text, where)
    name = ".".join(str(part) for part in where) or "the file"
    return f"{name}: {error['msg']}" + (f", line {line}" if line else "")


def line_of(text: str, where: tuple[str | int, ...]) -> int:
    """The 1-based line of the deepest part of `where` that the text spells; 0 when none is."""
    table: list[str | int] = []
    key: list[str] = []
    best, depth = 0, 0
    counts: dict[tuple[str | int, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\[\s*([^\]]+?)\s*\]\]", line):
            name: tuple[str | int, ...] = tuple(_keys(header[1]))
            counts[name] = counts.get(name, -1) + 1
            table, key = [*name, counts[name]], []
        elif header := re.match(r"\s*\[\s*([^\]]+?)\s*\]", line):
            table, key = list(_keys(header[1])), []
        elif entry := re.match(r"\s*([\w\"'.-]+)\s*=", line):
            key = _keys(entry[1])
        else:
            continue
        here = (*table, *key)
        if here == where[: len(here)] and len(here) > depth:
            best, depth = number, len(here)
    return best


def _keys(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]
