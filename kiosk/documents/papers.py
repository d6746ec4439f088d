"""What the terminal's own papers say: values for the templates of `config/catalogue/papers/`.

Each function makes one kind of paper; how it looks is its template's. Names and numbers are masked by
`paper_lines.fill`, and where a platform's rows spell the holder's they are masked here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol
from urllib.parse import quote
from zoneinfo import ZoneInfo

from config.catalogue_files import Catalogue
from config.money import yuan
from config.platform_api import CaseResult, QueryResult, ResultRow
from config.service import Service
from config.settings import Settings
from config.words import Words, same, words
from kiosk.backstage import Backstage
from kiosk.documents.paper_lines import Lists, Values, fill
from kiosk.documents.receipts import Receipt
from kiosk.masked import masked_name, masked_number
from kiosk.prompts import Option
from kiosk.scan import certificate_code, rating_code
from kiosk.shown import joined
from kiosk.visit import Visit

_STAFF = {"zh": "staff", "en": "staff_en"}  # the only paper that is wanted in either language


class Issuer(Protocol):
    """Who prints: `Backstage`, or whoever else has these of it."""

    @property
    def settings(self) -> Settings: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def linked(self) -> Callable[[], bool]: ...


def option(way: str) -> Option:
    """One of the ways of the locale (`way_…`) as an option."""
    return Option(way, words(f"journey.way_{way}"))


def paper(
    stage: Issuer,
    document: str,
    values: Values,
    lists: Lists | None = None,
    service: Service | None = None,
    template: str = "",
    language: str = "zh",
) -> Receipt:
    """A paper of this document, by its own template or by the one named, which is in this language."""
    identity = stage.settings.identity
    everywhere = {
        "hall": identity.hall_name.zh,
        "terminal": identity.kiosk,
        "printed": datetime.now(ZoneInfo(identity.time_zone)).strftime("%Y-%m-%d %H:%M"),
        "help_phone": identity.help_phone,
        "pending": "" if stage.linked() else words("receipt.pending")[language],
    }
    if service is not None:
        everywhere["service"], everywhere["service_en"] = service.name.zh, service.name.en
        everywhere["department"] = service.department.zh
    chosen = stage.catalogue.papers[template or document]
    return Receipt(fill(chosen, {**everywhere, **values}, lists, language))


def slip(visit: Visit, case: CaseResult, document: str) -> Receipt:
    """A case's receipt or ticket."""
    return _ticket(visit, case) if document == "ticket" else _receipt(visit, case)


def progress_slip(visit: Visit, result: QueryResult) -> Receipt:
    """What a query found: its rows and timeline."""
    zone = ZoneInfo(visit.backstage.settings.identity.time_zone)
    timeline = [
        {"when": one.when.astimezone(zone).strftime("%m-%d %H:%M"), "what": one.what.zh}
        for one in result.timeline
    ]
    return paper(
        visit.backstage,
        "progress",
        {**_holder(visit), "title": result.title.zh},
        {"rows": [*_rows(visit, result.rows), *_table(visit, result)], "timeline": timeline},
        visit.service,
        _template(visit, "progress"),
    )


def referral_slip(visit: Visit, reason: Words | None = None) -> Receipt:
    """Where to go with what could not be done here, and which number to say there."""
    service, case, told = visit.service, visit.session.case, visit.referral
    number = case.case_no if case else f"{visit.backstage.settings.identity.kiosk}-{visit.session.id[-6:]}"
    values = {
        **_holder(visit),
        "reason": (reason or words("receipt.reason")).zh,
        "window": (told.where if told else service.guide.window or words("receipt.window")).zh,
        "what": told.what.zh if told else "",
        "say": number.upper(),
        "phone": told.phone if told else service.guide.phone,
        "certificate_no": case.documents[0].number if case and case.documents else "",
    }
    return paper(visit.backstage, "referral", values, service=service)


def reprint_slip(
    stage: Backstage, service: Service | None, number: str, copy: int, decided_by: str, decided_at: datetime
) -> Receipt:
    """Goes with a certificate that is printed again. `decided_by` in words that may be read by anybody."""
    values = {
        "certificate_no": number,
        "copy": words("receipt.copy", copy=copy).zh,
        "decided_by": decided_by,
        "decided_at": decided_at.strftime("%Y-%m-%d %H:%M"),
        "check_code": certificate_code(stage.settings.platform.public, number) if number else "",
    }
    return paper(stage, "reprint", values, service=service)


def reprint_mark(copy: int) -> str:
    """What stands at the top of a paper of our own that is printed again, for `Receipt.mark`."""
    return words("receipt.mark", copy=copy).zh


def staff_slip(
    stage: Issuer,
    title: str,
    rows: Iterable[tuple[str, str]],
    next: str = "",
    big: str = "",
    service: Service | None = None,
    language: str = "zh",
) -> Receipt:
    """What somebody of the hall must look after; the caller puts nothing personal on it.

    `language`: of what the caller says; head and foot are in it, too.
    """
    told = [{"label": label, "value": value} for label, value in rows]
    values, template = {"title": title, "big": big, "next": next}, _STAFF[language]
    return paper(stage, "staff", values, {"rows": told}, service, template, language)


def _receipt(visit: Visit, case: CaseResult) -> Receipt:
    fee, public = visit.service.fee, visit.backstage.settings.platform.public
    values = {**_holder(visit), **_case(visit, case)}
    if fee is not None:
        values["fee_for"], values["fee"] = fee.words.zh, words("receipt.yuan", yuan=yuan(visit.fee)).zh
    if case.documents:
        values["check_code"] = certificate_code(public, case.documents[0].number)
    else:
        values["case_code"] = case.case_no
    lists = {"rows": _rows(visit, case_rows(visit.service, case))}
    return paper(visit.backstage, "receipt", values, lists, visit.service, _template(visit, "receipt"))


def _ticket(visit: Visit, case: CaseResult) -> Receipt:
    """The first of the case's rows is the number that will be called."""
    number, *rows = _rows(visit, case.rows)
    values = {**_case(visit, case), "queue_no": number["value"], "case_code": case.case_no}
    lists = {"rows": rows}
    return paper(visit.backstage, "ticket", values, lists, visit.service, _template(visit, "ticket"))


def _case(visit: Visit, case: CaseResult) -> dict[str, str]:
    public = visit.backstage.settings.platform.public
    rated = rating_code(public, quote(case.case_no, safe="")) if visit.service.rate and case.case_no else ""
    return {"case_no": case.case_no, "rate_code": rated}


def _holder(visit: Visit) -> dict[str, str]:
    person = visit.session.person
    if person is None:
        return {}
    agent = visit.session.agent.name if visit.session.agent else ""
    return {"name": person.name, "number": person.number, "agent": agent}


def _rows(visit: Visit, rows: Iterable[ResultRow]) -> list[dict[str, str]]:
    return [{"label": row.label.zh, "value": _without(visit, row.value.zh)} for row in rows]


def case_rows(service: Service, case: CaseResult) -> tuple[ResultRow, ...]:
    """What the platform tells of a case, then the papers that it still lacks, and by when they must come."""
    lacks = case.deficit
    if lacks is None:
        return case.rows
    names = [one.name for one in service.materials if one.key in lacks.materials]
    return (
        *case.rows,
        ResultRow(label=words("bring.lacking"), value=joined(names)),
        ResultRow(label=words("bring.lacking_until"), value=same(lacks.until.isoformat())),
    )


def _table(visit: Visit, result: QueryResult) -> list[dict[str, str]]:
    """A table's lines as rows, the first column the label. Columns that the screen hid are not printed."""
    if result.table is None:
        return []
    shown = [n for n in range(1, len(result.table.heads)) if n not in result.table.hidden]
    return [
        {"label": line[0].zh, "value": _without(visit, " ".join(line[n].zh for n in shown))}
        for line in result.table.rows
    ]


def _without(visit: Visit, text: str) -> str:
    """The text with the holder's name and number, and his agent's name, masked where they are spelled."""
    person, agent = visit.session.person, visit.session.agent
    known = [] if person is None else [(person.number, masked_number), (person.name, masked_name)]
    for whole, masked in (*known, *([(agent.name, masked_name)] if agent else [])):
        if len(whole) > 1:
            text = text.replace(whole, masked(whole).zh)
    return text


def _template(visit: Visit, document: str) -> str:
    return next((one.template for one in visit.service.outputs if one.document == document), "")
