"""How characters are read: for each syllable of pinyin its characters, the frequent ones first.

The table is made at set-up from packages (`config/deploy/pinyin_table.py`) and read when it is first
asked for: 3 ms and less than a megabyte.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from config import assets

_LONGEST = 6  # letters of a syllable: zhuang


@dataclass(frozen=True)
class Candidate:
    """A character, and how many of the letters typed it stands for."""

    character: str
    letters: int


@cache
def _file() -> tuple[Mapping[str, str], Mapping[str, int]]:
    """Characters by syllable, and the rank of each character. FileNotFoundError with a remedy."""
    lines = assets.pinyin_table().read_text("utf-8").splitlines()
    found = dict(line.split(" ", 1) for line in lines)
    ranks = {character: rank for rank, character in enumerate(found.pop("*"))}
    for syllable in [one for one in found if "v" in one]:
        for other in (syllable.replace("v", "u"), syllable.replace("v", "yu")):
            found[other] = found.get(other, "") + found[syllable]
    return found, ranks


def table() -> Mapping[str, str]:
    """Characters by syllable, the frequent ones first; ü is written v, and may be written u or yu.

    Raises FileNotFoundError with a remedy when set-up has not made the table.
    """
    return _file()[0]


@cache
def readings() -> Mapping[str, tuple[str, ...]]:
    """Syllables by character."""
    found: dict[str, list[str]] = {}
    for syllable, characters in table().items():
        for character in characters:
            found.setdefault(character, []).append(syllable)
    return {character: tuple(syllables) for character, syllables in found.items()}


def candidates(typed: str) -> list[Candidate]:
    """Characters for the letters typed so far, those of the longest first syllable before others.

    `zhangsan` gives 张 (five letters), and 三 once these are gone; `zh` gives what begins so.
    """
    found: list[Candidate] = []
    seen: set[str] = set()
    for count in range(min(len(typed), _LONGEST), 0, -1):
        characters = table().get(typed[:count], "")
        if count == len(typed):
            characters += _beginning(typed)
        for character in characters:
            if character not in seen:
                seen.add(character)
                found.append(Candidate(character, count))
    return found


def _beginning(typed: str) -> str:
    """Characters of longer syllables that begin so, the frequent ones first."""
    longer = {c for s, row in table().items() if s.startswith(typed) and s != typed for c in row}
    return "".join(sorted(longer, key=_file()[1].__getitem__))


def reads(text: str, typed: str) -> bool:
    """Whether a part of the text is read so, by whole syllables or by initials: `shebao`, `sb`, `shebk`."""
    return any(_reads(text[place:], typed) for place in range(len(text)))


def _reads(text: str, typed: str) -> bool:
    if not typed:
        return True
    if not text:
        return False
    for syllable in readings().get(text[0], (text[0].lower(),)):
        if syllable.startswith(typed):
            return True
        if typed.startswith(syllable) and _reads(text[1:], typed[len(syllable) :]):
            return True
        if typed[0] == syllable[0] and _reads(text[1:], typed[1:]):
            return True
    return False
