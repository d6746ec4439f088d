"""民生档案一网通查、即时出证: what an archive has of a citizen, as a stamped paper."""

from __future__ import annotations

from config.people import Person
from config.platform_api import QueryResult, Referral, ResultRow, ResultTable
from config.service import Service
from config.words import Words, same, words
from hall.platform.office import Asking, Decision, Filing, Handler, refused
from hall.platform.registers import archives
from hall.platform.registers.archives import Archive

_SPANS = {"any": (1900, 2999), "early": (1900, 1979), "middle": (1980, 1999), "late": (2000, 2999)}


def _found(person: Person | None, kind: str, years: str) -> tuple[Archive, ...]:
    first, last = _SPANS[years]
    return tuple(a for a in archives.of(person.key if person else "", kind) if first <= a.day.year <= last)


def _heads() -> tuple[Words, ...]:
    return tuple(words(f"office_general.archive_{head}") for head in ("number", "what", "day", "keeper"))


def _line(archive: Archive) -> tuple[str, ...]:
    return archive.number, archive.what, f"{archive.day:%Y-%m-%d}", archive.keeper


def _referral(service: Service) -> Referral:
    return Referral(
        what=words("office_general.archive_bring"),
        where=service.guide.window or words("office_general.archive_where"),
        phone=service.guide.phone,
    )


def _look(asking: Asking) -> QueryResult:
    """ZH01 before anything is printed: the records found, or where to go on searching."""
    found = _found(asking.person, asking.text("kind"), asking.text("years"))
    if not found:
        return QueryResult(
            found=False,
            title=words("office_general.archive_none"),
            note=words("office_general.archive_none_why", kind=asking.option("kind", asking.text("kind"))),
            referral=_referral(asking.service),
        )
    lines = tuple(tuple(same(cell) for cell in _line(archive)) for archive in found)
    return QueryResult(
        found=True,
        title=words("office_general.archive_found", count=len(found)),
        table=ResultTable(heads=_heads(), rows=lines),
    )


def _certificate(filing: Filing) -> Decision:
    """ZH01: the records on a stamped paper, or 查无此档 with a referral."""
    kind = filing.option("kind", filing.text("kind"))
    found = _found(filing.person, filing.text("kind"), filing.text("years"))
    if filing.person is None or not found:
        told = words("office_general.archive_none_why", kind=kind)
        return refused(words("office_general.archive_none"), told, _referral(filing.service))
    cells = [
        [words("office_general.archive_kind").zh, kind.zh],
        [words("office_general.archive_years").zh, filing.option("years", filing.text("years")).zh],
    ]
    facts = {"cells": cells, "rows": [list(_line(archive)) for archive in found]}
    purpose = filing.option("purpose", filing.text("purpose"))
    issued = filing.issue("zh01", filing.person, purpose, facts)
    told_rows = {
        "archive_kind": kind,
        "archive_count": same(str(len(found))),
        "valid_until": same(issued.valid_until),
        "number": same(issued.document.number),
    }
    return Decision(
        "accepted",
        words("office_general.archive_title"),
        words("office_general.archive_message"),
        words("platform.event_issued"),
        rows=tuple(
            ResultRow(label=words(f"office_general.{name}"), value=value) for name, value in told_rows.items()
        ),
        documents=(issued.document,),
    )


HANDLERS = {"ZH01": Handler(answers=_look, decides=_certificate)}
