"""Services to be found by the initials of their names in pinyin, or by words.

The table of readings (`config/pinyin.py`) is read when somebody searches, never at the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from config.catalogue_files import Catalogue
from config.service import Service
from kiosk.prompts import Entry


def entries(catalogue: Catalogue, services: Iterable[Service]) -> tuple[Entry, ...]:
    """One entry a service, in the order of their names' letters."""
    found = tuple(services)
    themes = {theme.number: theme.name for theme in catalogue.themes}
    initial = _initials({character for service in found for character in service.name.zh})
    made = (Entry(one.id, one.name, letters(one.name.zh, initial), themes[one.theme]) for one in found)
    return tuple(sorted(made, key=lambda entry: (entry.letters, entry.value)))


def letters(name: str, initial: Mapping[str, str]) -> str:
    """The initials of a name, small letters; digits and letters stay, what has no sound is left out."""
    return "".join(
        character.lower() if character.isascii() and character.isalnum() else initial.get(character, "")
        for character in name
    )


def _initials(characters: set[str]) -> dict[str, str]:
    """The first letter of each character's first reading. Nothing without the table: words still find."""
    from config import pinyin  # a table of its own: the home page need not wait for it

    try:
        table = pinyin.table()
    except FileNotFoundError:
        return {}
    best: dict[str, tuple[int, str]] = {}
    for syllable, row in table.items():
        for character in characters.intersection(row):
            place = row.index(character)
            if character not in best or place < best[character][0]:
                best[character] = (place, syllable[0])
    return {character: letter for character, (_, letter) in best.items()}
