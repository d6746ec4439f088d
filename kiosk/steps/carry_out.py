"""From *confirm* on: file the case, fetch and check the certificate, print, hand over.

This work is the terminal's own task. When the session is cancelled meanwhile,
asking ends; filing and printing go on to their recorded end.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial

from config.devices import Kind
from config.money import yuan
from config.platform_api import CaseResult, IssuedDocument, Submission
from config.words import Words, words
from kiosk.backstage import Backstage
from kiosk.documents import papers
from kiosk.filing import file_case
from kiosk.payment import case_key
from kiosk.platform import PlatformError
from kiosk.printing import left_paper, slips
from kiosk.printing.print_job import Printed
from kiosk.printing.print_wait import printing
from kiosk.printing.printing import print_certificate
from kiosk.prompts import Row, ShowResult, TakePaper, Working
from kiosk.session import Outcome
from kiosk.steps.confirm import devices_ready
from kiosk.steps.paper_out import USUAL_PRINTING, see_out
from kiosk.steps.pay import give_back
from kiosk.submission import pages as taken_pages
from kiosk.submission import stored, submission
from kiosk.visit import Leave, Visit

USUAL_FILING, USUAL_RECEIPT = 3, 4  # seconds, told while the citizen waits


@dataclass(frozen=True)
class Papers:
    """What came out. `None`: there was none to print, or no printer for it."""

    certificate: Printed | None = None  # the last one that was tried; the others came out
    certificate_from: Kind = Kind.A4_PRINTER
    tried: int = 0  # documents of the case
    slip: Printed | None = None


async def carry_out(visit: Visit) -> None:
    """Files, prints and hands over; the session's case stands afterwards."""
    try:
        await devices_ready(visit)
    except BaseException:
        give_back(visit)
        raise
    visit.session.case = await _file(visit)
    await hand_out(visit)


async def hand_out(visit: Visit) -> None:
    """Prints and hands over what came of the session's case."""
    case = visit.session.case
    assert case is not None, "a case was filed, here or by phone"
    if case.state == "refused":
        await _tell_refused(visit, case)
    papers_out = await visit.shielded(_print_all(visit, case))
    if papers_out.certificate is not None and _came(papers_out.slip):
        visit.reminders.append(words("journey.take_slip"))
    papers_out = await _see_out(visit, case, papers_out)
    await _hand_over(visit, case, papers_out)
    visit.session.outcome = Outcome.COMPLETED


async def _file(visit: Visit) -> CaseResult:
    session, stage = visit.session, visit.backstage
    filed, pages = submission(visit), taken_pages(visit)
    visit.show(Working(words("journey.sending_pages" if pages else "journey.filing"), USUAL_FILING))
    paid, session.payment = session.payment, ""
    try:
        if not paid:
            return await visit.shielded(_with_pages(stage, session.id, filed, pages))
        filing = _with_pages(stage, session.id, filed, pages, case_key(paid))
        return await visit.shielded(stage.payments.finish(paid, filing))
    except PlatformError as error:
        session.outcome = Outcome.FAILED
        unclear = error.code == "platform_unclear"
        ways = ("home",) if unclear else ("back", "home")
        await visit.tell_refusal(error, *ways, safe=_money(visit, unclear))
        raise Leave(Outcome.FAILED) from None


async def _with_pages(
    stage: Backstage, session: str, filed: Submission, pages: dict[str, tuple[bytes, ...]], key: str = ""
) -> CaseResult:
    """Leaves the pages with the platform, then files. Pages of what is never filed are thrown away there."""
    handles = await stored(stage.platform, filed.subject, pages)
    filed = filed.model_copy(update={"materials": {**filed.materials, **handles}})
    return await file_case(stage.platform, stage.ledger, session, filed, key)


def _money(visit: Visit, unclear: bool = False) -> Words | None:
    """What a citizen who has paid must know first when nothing came of it, or nobody knows yet."""
    if visit.service.fee is None:
        return None
    amount = yuan(visit.fee)
    if unclear:
        return words("journey.money_unclear", amount=amount)
    return words("journey.money_returned", amount=amount)


async def _tell_refused(visit: Visit, case: CaseResult) -> None:
    rows = tuple(Row(row.label, row.value) for row in case.rows)
    done = papers.option("done")
    visit.referral = case.referral
    await visit.choose(
        ShowResult(False, case.title, rows, note=_money(visit) or case.message, actions=(done,))
    )
    raise Leave(Outcome.REFERRED, case.message)


async def _print_all(visit: Visit, case: CaseResult) -> Papers:
    """Prints every output of the service, in its order; a missing optional printer is passed over."""
    out = Papers()
    for output in visit.service.outputs:
        if output.later and not case.documents:  # made after review; the case that collects it has it
            continue
        if output.document == "certificate":
            async with printing(visit, Working(words("journey.printing"), USUAL_PRINTING, output.device)):
                out = await _certificates(visit, case, replace(out, certificate_from=output.device))
        elif output.required or visit.backstage.devices.ready(output.device):
            visit.show(Working(words("journey.printing_slip"), USUAL_RECEIPT, Kind.RECEIPT_PRINTER))
            out = replace(out, slip=await _slip(visit, case, output.document))
    return out


async def _certificates(visit: Visit, case: CaseResult, out: Papers) -> Papers:
    """Prints each document of the case that is left; the first that does not come out well ends it."""
    if not case.documents:
        return replace(out, certificate=Printed("failed", "certificate_missing"))
    for document in case.documents[out.tried :]:
        printed = await _certificate(visit.backstage, visit, document, out.certificate_from)
        out = replace(out, certificate=printed, tried=out.tried + 1)
        if printed.state != "confirmed":
            break
    return out


async def _see_out(visit: Visit, case: CaseResult, out: Papers) -> Papers:
    """Until the last certificate has come out. Raises when the citizen leaves without it."""
    kind = out.certificate_from
    while out.certificate is not None:
        tried = case.documents[max(0, out.tried - 1) : out.tried]
        anew = [partial(_certificate, visit.backstage, visit, document, kind) for document in tried]
        out = replace(out, certificate=await see_out(visit, out.certificate, kind, *anew))
        if out.tried == len(case.documents):
            break
        async with printing(visit, Working(words("journey.printing"), USUAL_PRINTING, kind)):
            out = await visit.shielded(_certificates(visit, case, out))
    return out


async def _certificate(stage: Backstage, visit: Visit, document: IssuedDocument, printer: Kind) -> Printed:
    """Fetches, verifies and prints unchanged bytes."""
    from kiosk.documents.certificate_check import (
        verify,  # brings pyHanko, which the home page need not wait for
    )

    session, service = visit.session.id, visit.service.id
    try:
        pdf = await stage.platform.document(document.document)
    except PlatformError as error:
        return Printed("failed", error.code)
    root = stage.settings.platform.trust.read_bytes()
    verdict = await asyncio.to_thread(verify, pdf, root, document.sha256)
    if not verdict.valid:
        return Printed("failed", "certificate_invalid")
    return await print_certificate(
        stage.devices, stage.ledger, session, service, document.number, pdf, printer, document.layout
    )


async def _slip(visit: Visit, case: CaseResult, document: str) -> Printed:
    return await slips.print_slip(visit, document, papers.slip(visit, case, document))


async def _hand_over(visit: Visit, case: CaseResult, out: Papers) -> None:
    """Tells what came out, truly: a slip that failed is told."""
    note = None if out.slip is None or _came(out.slip) else words("journey.slip_failed")
    if out.certificate is not None:
        special = out.certificate_from is Kind.SPECIAL_PRINTER
        asked = words("journey.take_book" if special else "journey.take_certificate")
        await left_paper.hand_over(visit, TakePaper(asked, out.certificate_from, note))
    elif _came(out.slip):
        await slips.hand_over(visit, TakePaper(_take_words(visit), Kind.RECEIPT_PRINTER, case.message))
    else:
        rows = tuple(Row(row.label, row.value) for row in papers.case_rows(visit.service, case))
        done = papers.option("done")
        await visit.choose(ShowResult(True, case.title, rows, note=note, actions=(done,)))


def _came(printed: Printed | None) -> bool:
    return printed is not None and printed.came


def _take_words(visit: Visit) -> Words:
    ticket = any(output.document == "ticket" for output in visit.service.outputs)
    return words("journey.take_ticket" if ticket else "journey.take_slip")
