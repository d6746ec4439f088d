"""Commitment letters (告知承诺书) as data: one TOML file each in `letters/`, signed on the screen."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import Field

from config import toml_file
from config.part import Part
from config.words import Words


class Letter(Part):
    """What is promised, by paragraphs. A changed text is a new version: cases name what was signed."""

    version: int = Field(ge=1)
    title: Words
    paragraphs: tuple[Words, ...] = Field(min_length=1)


def load_all(folders: Iterable[Path]) -> dict[str, Letter]:
    """The letters of every `letters/` by file name; a later folder's replace. toml_file.ConfigError."""
    return {
        path.stem: toml_file.load(path, Letter)
        for folder in folders
        for path in sorted((folder / "letters").glob("*.toml"))
    }
