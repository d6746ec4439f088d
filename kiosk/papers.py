"""What the terminal's own papers say: the receipt of a case, the ticket of a queue."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from config.money import yuan
from config.platform_api import CaseResult, QueryResult
from config.words import words
from kiosk.prompts import Option
from kiosk.receipts import Receipt
from kiosk.scan import certificate_code
from kiosk.visit import Visit, masked_name, masked_number


def option(way: str) -> Option:
    """One of the ways of the locale (`way_…`) as an option."""
    return Option(way, words(f"journey.way_{way}"))


def slip(visit: Visit, case: CaseResult, document: str) -> Receipt:
    """A case's receipt or ticket. Names and numbers on it are masked."""
    return _ticket(visit, case) if document == "ticket" else _receipt(visit, case)


def progress_slip(visit: Visit, result: QueryResult) -> Receipt:
    """A query's receipt: its rows and timeline."""
    rows = [*_holder(visit), *((row.label.zh, row.value.zh) for row in result.rows)]
    rows += [(event.when.strftime("%m-%d %H:%M"), event.what.zh) for event in result.timeline]
    return _paper(visit, rows)


def _receipt(visit: Visit, case: CaseResult) -> Receipt:
    rows = [*_holder(visit), (words("receipt.case").zh, case.case_no)]
    rows += [(row.label.zh, row.value.zh) for row in case.rows]
    if visit.service.fee is not None:
        rows.append((visit.service.fee.words.zh, words("receipt.yuan", yuan=yuan(visit.service.fee.fen)).zh))
    if case.documents:
        code = certificate_code(visit.backstage.settings.platform.public, case.documents[0].number)
        return _paper(visit, rows, code=code, code_words=words("receipt.code").zh)
    return _paper(visit, rows, **_case_code(case))


def _ticket(visit: Visit, case: CaseResult) -> Receipt:
    number, *rows = [(row.label.zh, row.value.zh) for row in case.rows]
    return _paper(visit, rows, big=number[1], **_case_code(case))


def _case_code(case: CaseResult) -> dict[str, str]:
    """The case's number as a code, to be scanned where its progress is asked for."""
    return {"code": case.case_no, "code_words": words("receipt.case_code").zh}


def _paper(visit: Visit, rows: list[tuple[str, str]], **more: Any) -> Receipt:
    identity = visit.backstage.settings.identity
    printed = (words("receipt.printed").zh, datetime.now().strftime("%Y-%m-%d %H:%M"))
    machine = (words("receipt.terminal").zh, identity.kiosk)
    return Receipt(
        hall=identity.hall_name.zh,
        title=visit.service.name,
        rows=(*rows, printed, machine),
        foot=(words("receipt.sample").zh, words("receipt.help", phone=identity.help_phone).zh),
        **more,
    )


def _holder(visit: Visit) -> list[tuple[str, str]]:
    person = visit.session.person
    if person is None:
        return []
    return [
        (words("receipt.name").zh, masked_name(person.name).zh),
        (words("receipt.number").zh, masked_number(person.number).zh),
    ]
