"""What papers and commitments this visit's answers ask for, and how they are had."""

from __future__ import annotations

from collections.abc import Iterator

from config.letters import Letter
from config.materials import MaterialSpec
from config.words import Words, words
from kiosk.prompts import Row
from kiosk.visit import Visit


def wanted(visit: Visit) -> tuple[MaterialSpec, ...]:
    """The materials that the answers so far ask for."""
    values = dict(visit.session.values)
    return tuple(one for one in visit.service.materials if one.only_if is None or one.only_if.holds(values))


def only_scanned(visit: Visit) -> bool:
    """Is there nothing to choose, since each paper can only be laid under the camera?"""
    return all(one.sources == ("scan",) for one in wanted(visit))


def letters(visit: Visit) -> dict[str, Letter]:
    """The commitments to be signed, by name: those of the service, and those that stand for a material."""
    had = visit.session.had
    instead = (one.letter for one in wanted(visit) if one.key in had and had[one.key].source == "letter")
    return {name: visit.backstage.catalogue.letters[name] for name in (*visit.service.letters, *instead)}


def signs(visit: Visit) -> bool:
    """Is anything signed after the confirmation?"""
    return visit.service.sign or bool(letters(visit))


def rows(visit: Visit) -> Iterator[Row]:
    """Each material with how it is had, then the commitments, for who confirms it."""
    for one in wanted(visit):
        yield Row(one.name, _way(visit, one))
    for letter in letters(visit).values():
        yield Row(letter.title, words("bring.to_sign"))


def _way(visit: Visit, material: MaterialSpec) -> Words:
    had = visit.session.had.get(material.key)
    if had is None or had.source == "scan":
        return words("journey.confirm_pages", pages=len(visit.session.pages.get(material.key, ())))
    if had.source == "upload":
        return words("bring.uploaded", pages=len(had.handles))
    return words(f"bring.had_{had.source}")
