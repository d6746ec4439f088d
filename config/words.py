"""Words for people, in every language of the house.

A `Words` holds one text in each language, so that a prompt can be drawn again
in another language without asking the core. Texts come from `locale/*.toml`
(one file a section), `faults.toml` and the catalogue; code never spells them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import tomli

LANGUAGES = ("zh", "en")
_LOCALE = Path(__file__).parent / "locale"


@dataclass(frozen=True)
class Words:
    """One text in each language."""

    zh: str
    en: str

    def __getitem__(self, language: str) -> str:
        """The text in `language`; KeyError when it is not one of LANGUAGES."""
        if language not in LANGUAGES:
            raise KeyError(language)
        return self.zh if language == "zh" else self.en

    def filled(self, **values: object) -> Words:
        """These words with `{name}` places filled. A `Words` value is filled per language."""

        def one(language: str) -> str:
            spelled = {k: v[language] if isinstance(v, Words) else v for k, v in values.items()}
            return self[language].format(**spelled)

        return Words(one("zh"), one("en"))


def same(text: str) -> Words:
    """Words that read alike in every language: a name, a number, a date."""
    return Words(text, text)


def joined(parts: Iterable[Words], separator: str = " · ") -> Words:
    """Several one after the other, in each language; what is empty or was said already is left out."""
    told = [part for part in dict.fromkeys(parts) if part.zh or part.en]
    return Words(separator.join(part.zh for part in told), separator.join(part.en for part in told))


def words(key: str, **values: object) -> Words:
    """The words for `key` (`"guide.start"` is row `start` of `locale/guide.toml`), filled.

    Each row has every language side by side: `start = { zh = "…", en = "…" }`.
    Raises KeyError naming file and row when it is missing.
    """
    section, _, name = key.partition(".")
    try:
        found = _section(section)[name]
    except KeyError:
        raise KeyError(f"config/locale/{section}.toml has no row {name!r}") from None
    return found.filled(**values) if values else found


@cache
def _section(section: str) -> dict[str, Words]:
    with (_LOCALE / f"{section}.toml").open("rb") as file:
        return {name: Words(**row) for name, row in tomli.load(file).items()}
