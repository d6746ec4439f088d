"""Where a prompt stands, and what several kinds of prompt are made of."""

from __future__ import annotations

from dataclasses import dataclass

from config.words import Words

Value = str | tuple[str, ...]  # a field's value: text, code or `YYYY-MM`; several codes for `choices`


@dataclass(frozen=True)
class Place:
    """Where in the journey a prompt stands: the constant frame around it."""

    title: Words | None = None  # the service's name
    step: int = 0  # 1-based; 0 hides the step line
    steps: int = 0
    back: bool = True
    home: bool = True


@dataclass(frozen=True)
class Picture:
    """One live frame: RGB bytes, row by row from the top."""

    width: int
    height: int
    rgb: bytes
