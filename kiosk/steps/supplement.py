"""容缺: papers of a case that was accepted without them are brought now, at whichever terminal."""

from __future__ import annotations

from dataclasses import replace

from config.devices import Kind
from config.materials import MaterialSpec
from config.platform_api import CaseResult, MaterialsKnown, MaterialWay, OpenCase, OpenCases, Supplement
from config.words import words
from kiosk.documents import papers
from kiosk.filing import file_supplement
from kiosk.platform import PlatformError
from kiosk.printing import slips
from kiosk.prompts import ChooseOne, Confirm, Option, Row, ShowResult, TakePaper, Working
from kiosk.session import Outcome
from kiosk.stage import GoBack
from kiosk.steps.materials import bring
from kiosk.submission import stored
from kiosk.visit import Leave, Visit

USUAL_LOOK, USUAL_SENDING, USUAL_RECEIPT = 2, 4, 4  # seconds


async def supplement(visit: Visit, case_no: str = "") -> None:
    """Brings papers of the case with this number, or of the one that the citizen chooses.

    Raises Leave when no case of his waits for papers; GoBack before anything was sent.
    """
    waiting = (await open_cases(visit)).items
    if case_no:
        waiting = tuple(one for one in waiting if one.case_no == case_no)
    if not waiting:
        done = papers.option("done")
        await visit.choose(ShowResult(False, words("bring.none_open"), actions=(done,)))
        raise Leave(Outcome.CONSULTED)
    while True:
        case = await _choose(visit, waiting)
        try:
            await _bring(visit, case)
            return
        except GoBack:
            if len(waiting) == 1 or visit.session.subject is None:
                raise
            visit.session.pages.clear()  # another case's papers may have the same names
            visit.session.had.clear()


async def open_cases(visit: Visit) -> OpenCases:
    """The holder's cases that lack papers."""
    subject = visit.session.subject
    assert subject is not None, "whose cases are asked for is known"
    while True:
        visit.show(Working(words("journey.asking"), USUAL_LOOK))
        try:
            with visit.clock.hold():
                return await visit.backstage.platform.open_cases(subject.subject)
        except PlatformError as error:
            await visit.tell_refusal(error, "again", "home")


async def _choose(visit: Visit, waiting: tuple[OpenCase, ...]) -> OpenCase:
    if len(waiting) == 1:
        return waiting[0]
    options = tuple(
        Option(one.case_no, one.name, words("bring.due", day=one.deficit.until.isoformat()))
        for one in waiting
    )
    chosen = await visit.choose(ChooseOne(words("bring.which_case"), options[:8]))
    return next(one for one in waiting if one.case_no == chosen)


async def _bring(visit: Visit, case: OpenCase) -> None:
    """Takes the papers, confirms, sends, and says what is left."""
    service = visit.backstage.catalogue.services.get(case.service)
    wanted = tuple(one for one in (service.materials if service else ()) if one.key in case.deficit.materials)
    if service is None or not wanted:  # another release of the catalogue: a window has to do it
        await visit.tell_trouble("platform_refused", "window", "home", what=words("bring.not_here"))
        raise Leave(Outcome.REFERRED)
    own = replace(visit, service=service)
    while True:
        await bring(own, wanted, MaterialsKnown(ways={one.key: _ways(one) for one in wanted}))
        rows = tuple(_row(own, one) for one in wanted)
        page = Confirm(
            words("bring.supplement_question", name=case.name), rows, words("bring.supplement_action")
        )
        try:
            await visit.choose(page)
            break
        except GoBack:
            continue
    result = await _send(own, case, wanted)
    visit.session.case = result
    visit.session.outcome = Outcome.COMPLETED
    await _tell(own, result)


def _ways(material: MaterialSpec) -> tuple[MaterialWay, ...]:
    """What comes later comes as pages."""
    told: tuple[MaterialWay, ...] = ()
    if "scan" in material.sources:
        told += (MaterialWay(source="scan"),)
    if "upload" in material.sources:
        told += (MaterialWay(source="upload"),)
    return told


def _row(visit: Visit, material: MaterialSpec) -> Row:
    had, taken = visit.session.had[material.key], visit.session.pages.get(material.key, ())
    if had.source == "upload":
        return Row(material.name, words("bring.uploaded", pages=len(had.handles)))
    return Row(material.name, words("journey.confirm_pages", pages=len(taken)))


async def _send(visit: Visit, case: OpenCase, wanted: tuple[MaterialSpec, ...]) -> CaseResult:
    """Once, and with its record; what is not known yet is told as such."""
    session, stage = visit.session, visit.backstage
    assert session.subject is not None
    keys = [one.key for one in wanted]
    from_phone = {key: session.had[key].handles for key in keys if session.had[key].source == "upload"}
    scanned = {key: session.pages[key] for key in keys if key not in from_phone}
    subject, terminal = session.subject.subject, stage.settings.identity.kiosk

    async def send() -> CaseResult:
        handles = await stored(stage.platform, subject, scanned)
        brought = Supplement(subject=subject, terminal=terminal, materials={**from_phone, **handles})
        return await file_supplement(
            stage.platform, stage.ledger, session.id, case.service, case.case_no, brought
        )

    visit.show(Working(words("journey.sending_pages"), USUAL_SENDING))
    try:
        return await visit.shielded(send())
    except PlatformError as error:
        session.outcome = Outcome.FAILED
        ways = ("home",) if error.code == "platform_unclear" else ("back", "home")
        await visit.tell_refusal(error, *ways)
        raise Leave(Outcome.FAILED) from None


async def _tell(visit: Visit, result: CaseResult) -> None:
    """By a receipt where one can be printed, and on the screen otherwise."""
    if visit.backstage.devices.ready(Kind.RECEIPT_PRINTER):
        visit.show(Working(words("journey.printing_slip"), USUAL_RECEIPT, Kind.RECEIPT_PRINTER))
        receipt = papers.slip(visit, result, "receipt")
        printed = await visit.shielded(slips.print_slip(visit, "receipt", receipt))
        if printed.came:
            page = TakePaper(words("journey.take_slip"), Kind.RECEIPT_PRINTER, result.message)
            await slips.hand_over(visit, page)
            return
    done = papers.option("done")
    await visit.choose(ShowResult(True, result.title, note=result.message, actions=(done,)))
