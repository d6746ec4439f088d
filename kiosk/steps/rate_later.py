"""好差评补评: a case of before is rated, or given its one follow-up: by its receipt, or out of one's own."""

from __future__ import annotations

from config.rating_api import NewRating, Rateable
from config.words import words
from kiosk.documents import papers
from kiosk.platform import PlatformError
from kiosk.prompts import ChooseOne, Option, ShowResult, Working
from kiosk.scan import number_in
from kiosk.session import Outcome
from kiosk.stage import GoHome
from kiosk.steps.rate import ask_rating, give
from kiosk.visit import Visit

MOST = 8  # answers of one question


async def rate_later(visit: Visit) -> None:
    """Asks which, then how it was; the end of the journey either way."""
    visit.session.outcome = Outcome.CONSULTED
    case = await _which(visit)
    if case is None:
        actions = (papers.option("done"),)
        note = words("rating.none_note")
        await visit.choose(ShowResult(False, words("rating.none"), note=note, actions=actions))
        return
    question = words("rating.ask_about" if case.number == 1 else "rating.ask_follow_up", service=case.name)
    answer = await ask_rating(visit, question)
    if answer is None:
        return
    rating = NewRating(
        case_no=case.case_no,
        service=case.service,
        stars=answer.stars,
        codes=answer.codes,
        text=answer.text.strip(),
        number=case.number,
    )
    if not await give(visit, rating):
        await visit.tell_trouble("platform_refused", "home", what=words("rating.again"))
        return
    visit.session.outcome = Outcome.COMPLETED
    thanks, note = words("rating.thanks"), words("rating.thanks_note")
    await visit.choose(ShowResult(True, thanks, note=note, actions=(papers.option("done"),)))


async def _which(visit: Visit) -> Rateable | None:
    """The case of the receipt that was scanned or typed, else one of one's own; None without any."""
    session, stage = visit.session, visit.backstage
    told = session.values.get("case_no", "")
    number = number_in(stage.settings.platform.public, told) if isinstance(told, str) else ""
    while True:
        visit.show(Working(words("journey.asking"), 1))
        try:
            with visit.clock.hold():
                if number:
                    return await stage.platform.rateable(number)
                subject = session.subject.subject if session.subject else ""
                return await _chosen(visit, await stage.platform.my_rateables(subject))
        except PlatformError as error:
            ways = ("back", "home") if error.code == "platform_refused" else ("again", "home")
            await visit.tell_refusal(error, *ways)


async def _chosen(visit: Visit, found: tuple[Rateable, ...]) -> Rateable | None:
    if not found:
        return None
    options = tuple(
        Option(
            one.case_no,
            one.name,
            words(
                "rating.first" if one.number == 1 else "rating.follow_up",
                filed=one.filed.isoformat(),
                case_no=one.case_no,
            ),
        )
        for one in found[:MOST]
    )
    value = await visit.choose(ChooseOne(words("rating.which"), options))
    chosen = next((one for one in found if one.case_no == value), None)
    if chosen is None:
        raise GoHome
    return chosen
