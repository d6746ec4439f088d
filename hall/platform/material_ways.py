"""How a citizen may have each paper that a service wants, and whether a submission's claims are true.

A terminal says which way was taken for each paper; here it is looked at again, since who claims that an
office has his paper may be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from fastapi import APIRouter

from config.identity_api import ECertificate
from config.materials import MaterialSpec
from config.platform_api import MaterialsKnown, MaterialWay, Query, Submission
from config.service import Level
from config.words import words
from hall.platform.authorisations import holder_for
from hall.platform.door import PartsHere
from hall.platform.handlers import handler
from hall.platform.office import Asking
from hall.platform.refusals import Refused
from hall.platform.registers.certificates import held

routes = APIRouter(prefix="/v1/services", tags=["materials"])

LATER_DAYS = 15  # by when a paper that is missing must be brought, the day itself included
_OF_OFFICE = ("data", "office")


@routes.post("/{service}/materials")
def materials_known(service: str, query: Query, parts: PartsHere) -> MaterialsKnown:
    """The ways that are open to this citizen, for each paper that his answers ask for.

    Refused `service_unknown` (404), `subject_missing`, `body_invalid` (422), `subject_unknown` (410),
    `platform_closed` (409).
    """
    parts.require_open()
    known = parts.service(service)
    if query.service != service:
        raise Refused("body_invalid", 422)
    holder = holder_for(parts, query.subject, service) if query.subject else None
    if known.level and holder is None:
        raise Refused("subject_missing", 422)
    asking = Asking(parts, known, holder, parts.now(), query.values)
    ways = {one.key: tuple(_ways(asking, one)) for one in wanted(asking)}
    later = any(way.source == "later" for offered in ways.values() for way in offered)
    return MaterialsKnown(ways=ways, until=until(asking.today) if later else None)


def until(today: date) -> date:
    """By when what is missing must be brought."""
    return today + timedelta(days=LATER_DAYS)


def wanted(asking: Asking) -> tuple[MaterialSpec, ...]:
    """The papers that these answers ask for."""
    values = dict(asking.values)
    return tuple(one for one in asking.service.materials if one.only_if is None or one.only_if.holds(values))


def check_claims(asking: Asking, submission: Submission) -> None:
    """Is each paper had by exactly one way that is open to him, and none that nobody asked for?

    Pages are looked at by `materials.check`. Refused `material_missing`, `certificate_not_held`.
    """
    papers = {one.key: one for one in wanted(asking)}
    claims = _claims(submission)
    if not {key for key, _ in claims} <= papers.keys():
        raise Refused("material_missing", 422)
    for key, material in papers.items():
        sources = {source for claimed, source in claims if claimed == key}
        if not sources and material.letter in submission.letters:
            sources = {"letter"}
        if len(sources) != 1:
            raise Refused("material_missing", 422)
        _check_way(asking, material, sources.pop(), submission)


def letters_due(asking: Asking, submission: Submission) -> dict[str, int]:
    """The commitments that must have been signed, with the versions that hold: the service's own, and those
    that stand for a paper."""
    claimed = {key for key, _ in _claims(submission)}
    names = [one.letter for one in wanted(asking) if one.letter and one.key not in claimed]
    letters = asking.parts.catalogue.letters
    return {name: letters[name].version for name in (*asking.service.letters, *names)}


def check_letters(asking: Asking, submission: Submission) -> None:
    """Was every commitment signed as it reads today, and no other? Refused `letter_missing`, `letter_old`."""
    due = letters_due(asking, submission)
    if submission.letters.keys() != due.keys():
        raise Refused("letter_missing", 422)
    if submission.letters != due:
        raise Refused("letter_old", 409)


def _claims(submission: Submission) -> list[tuple[str, str]]:
    """Every paper with the way that is claimed for it; `pages` are scanned or came from a phone."""
    return [
        *((key, "pages") for key in submission.materials),
        *((key, "certificate") for key in submission.cited),
        *((key, "waived") for key in submission.waived),
        *((key, "later") for key in submission.later),
    ]


def _check_way(asking: Asking, material: MaterialSpec, claim: str, submission: Submission) -> None:
    ways = {way.source: way for way in _ways(asking, material)}
    if claim == "certificate":
        way = ways.get("certificate")
        cited = submission.cited[material.key]
        if way is None or cited not in {one.identifier for one in way.certificates}:
            raise Refused("certificate_not_held", 422)
        return
    allowed = {"pages": ("scan", "upload"), "waived": _OF_OFFICE}.get(claim, (claim,))
    if not ways.keys() & set(allowed):
        raise Refused("material_missing", 422)


def _ways(asking: Asking, material: MaterialSpec) -> Iterator[MaterialWay]:
    """In the catalogue's order."""
    has = handler(asking.service.id).has
    there = has is not None and material.key in has(asking)
    known = asking.service.level > Level.NONE
    for source in material.sources:
        match source:
            case "data" | "office" if there:
                name = asking.service.department if source == "data" else None
                yield MaterialWay(source=source, note=name)
            case "certificate":
                if found := _certificates(asking, material.certificate):
                    yield MaterialWay(source=source, certificates=found)
            case "letter" if known:
                title = asking.parts.catalogue.letters[material.letter].title
                yield MaterialWay(source=source, note=words("platform.way_letter", title=title))
            case "later" if known:
                yield MaterialWay(source=source)
            case "upload" | "scan":
                yield MaterialWay(source=source)


def _certificates(asking: Asking, type: str) -> tuple[ECertificate, ...]:
    if asking.person is None:
        return ()
    return tuple(one for one in held(asking.person, asking.today) if one.type == type)
