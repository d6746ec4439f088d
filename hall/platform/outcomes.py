"""How a request ends: a sheet that is looked at or printed, a refusal by a rule, or an honest no record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from config.money import yuan
from config.people import Person
from config.platform_api import QueryResult, Referral, ResultRow, ResultTable
from config.service import Service
from config.words import Words, same, words
from hall.platform import office
from hall.platform.office import Decision, Filing

WIDE = 26  # halves of a Chinese character, from which a value takes the whole line of the paper


@dataclass(frozen=True)
class Figure:
    """One number that matters, drawn large."""

    label: Words
    number: str
    unit: Words


@dataclass(frozen=True)
class Sheet:
    """What an office has to say: cells, large figures, one table. The same is shown and printed."""

    rows: tuple[ResultRow, ...]
    figures: tuple[Figure, ...] = ()
    heads: tuple[Words, ...] = ()
    table: tuple[tuple[Words, ...], ...] = ()
    hidden: tuple[int, ...] = ()  # columns that the screen covers until they are touched

    def all_rows(self) -> tuple[ResultRow, ...]:
        """Cells and figures, as rows of a result."""
        told = (
            ResultRow(label=one.label, value=words("outcomes.figure", number=same(one.number), unit=one.unit))
            for one in self.figures
        )
        return (*self.rows, *told)

    def facts(self) -> dict[str, Any]:
        """What `record.typ` draws."""
        facts: dict[str, Any] = {"cells": _cells(self.rows), "rows": _texts(self.table)}
        facts["figures"] = [(one.label.zh, one.number, one.unit.zh) for one in self.figures]
        if self.heads:
            facts["heads"] = [head.zh for head in self.heads]
        return facts


def show(title: Words, sheet: Sheet) -> QueryResult:
    """The sheet on the screen."""
    table = ResultTable(heads=sheet.heads, rows=sheet.table, hidden=sheet.hidden) if sheet.table else None
    return QueryResult(found=True, title=title, rows=sheet.all_rows(), table=table)


def grant(
    filing: Filing,
    template: str,
    holder: Person,
    sheet: Sheet,
    *,
    purpose: Words | None = None,
    title: Words | None = None,
    message: Words | None = None,
    decided: bool = True,
) -> Decision:
    """Accepted, with the sheet as a certificate. Refused `certificate_failed`."""
    issued = filing.issue(template, holder, purpose or filing.service.name, sheet.facts())
    return Decision(
        "accepted",
        title or words("outcomes.issued_title"),
        message or words("outcomes.issued_message", until=issued.valid_until),
        words("platform.event_issued" if decided else "platform.event_pending"),
        decided=decided,
        rows=(*sheet.all_rows(), office.row("number", same(issued.document.number))),
        documents=(issued.document,),
    )


def refuse(service: Service, message: Words, what: Words | None = None) -> Decision:
    """Not granted by the rule in `message`; with `what`, the service's window looks at it."""
    title = words("outcomes.refused_title")
    return office.refused(title, message, to_window(service, what) if what else None)


def no_record(service: Service, message: Words) -> Decision:
    """查无记录, with the window that can look further."""
    return office.refused(words("outcomes.none_title"), message, to_window(service))


def not_found(service: Service, message: Words) -> QueryResult:
    """查无记录 as the answer to a question."""
    title = words("outcomes.none_title")
    return QueryResult(found=False, title=title, note=message, referral=to_window(service))


def to_window(service: Service, what: Words | None = None) -> Referral:
    """The window of a service's own department, and what to ask for there."""
    where = service.guide.window or words("outcomes.general_window")
    return Referral(what=what or words("outcomes.bring_card"), where=where, phone=service.guide.phone)


def money(label: Words, fen: int) -> Figure:
    """An amount as a large figure."""
    return Figure(label, yuan(fen), words("outcomes.yuan"))


def amount(fen: int) -> Words:
    """An amount in a cell or table: `1,234.50`."""
    return same(yuan(fen))


def _cells(rows: Iterable[ResultRow]) -> list[tuple[str, ...]]:
    """Two cells a line, so that what follows begins a new one; long ones on lines of their own, below."""
    told = [(row.label.zh, row.value.zh) for row in rows]
    short: list[tuple[str, ...]] = [cell for cell in told if _halves(cell[1]) < WIDE]
    if len(short) % 2:
        short[-1] = (*short[-1], "wide")
    return [*short, *((*cell, "wide") for cell in told if _halves(cell[1]) >= WIDE)]


def _halves(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _texts(table: Iterable[tuple[Words, ...]]) -> list[list[str]]:
    return [[cell.zh for cell in row] for row in table]
