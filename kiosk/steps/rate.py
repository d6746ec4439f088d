"""好差评: once for each case or visit, by itself after handling ends; skipping is free.

Stars and reasons go to the hall. A citizen's own words may be about people: they go to the platform alone,
over its own line, and leave nothing here.
"""

from __future__ import annotations

import asyncio

from config.devices import Kind
from config.rating_api import LONGEST, RATED, NewRating
from config.ratings import star_rows, valid
from config.words import Words, words
from kiosk.pads import answer_of
from kiosk.platform import PlatformError
from kiosk.prompts import Option, Rate, Rated, Star, Working
from kiosk.visit import Visit
from mqtt.messages import RatingGiven

A_MOMENT = 1.0  # seconds that nobody needs to be told of


async def rate(visit: Visit) -> None:
    """Asks for 1–5 stars, their indicators and words; nothing is told when skipped.

    A rating pad on the counter asks at the same time; it knows stars only.
    """
    answer = await ask_rating(visit, words("journey.rate_question"))
    if answer is None:
        return
    session = visit.session
    case_no = session.case.case_no if session.case else ""
    rating = NewRating(
        case_no=case_no,
        visit="" if case_no else session.id,
        service=visit.service.id,
        stars=answer.stars,
        codes=answer.codes,
        text=answer.text.strip(),
    )
    await give(visit, rating)


async def ask_rating(visit: Visit, question: Words) -> Rated | None:
    """A rating that fits the table; None when it was skipped."""
    stars = tuple(
        Star(row.stars, row.name, tuple(Option(i.code, i.name) for i in row.indicators))
        for row in star_rows()
    )
    prompt = Rate(question=question, stars=stars, write=True)
    on_pad = answer_of(visit.backstage.devices, Kind.RATING_PAD, "ask", question)
    answer = await visit.ask_or(prompt, on_pad)
    if isinstance(answer, int):
        answer = Rated(answer)
    if not isinstance(answer, Rated) or not valid(answer.stars, answer.codes):
        return None
    return Rated(answer.stars, answer.codes, answer.text[:LONGEST])


async def give(visit: Visit, rating: NewRating) -> bool:
    """Tells platform and hall. False when this was rated before, elsewhere: then it counts no second time.

    Without the platform the hall hears the stars all the same, and the citizen that his words wait.
    """
    told = False
    while True:
        try:
            await _send(visit, rating)
        except PlatformError as error:
            if error.code == "platform_refused":
                if error.reason == RATED:
                    return told
            else:
                if not told:
                    await _tell(visit, rating)
                    told = True
                if rating.text and await _again(visit):
                    continue
        if not told:
            await _tell(visit, rating)
        return True


async def _send(visit: Visit, rating: NewRating) -> None:
    """To the platform; a wait of more than a moment is told. Raises PlatformError."""
    sending = asyncio.ensure_future(visit.shielded(visit.backstage.platform.rate(rating)))
    try:
        if not (await asyncio.wait({sending}, timeout=A_MOMENT))[0]:
            visit.show(Working(words("rating.sending"), 1))
        await sending
    finally:
        sending.cancel()  # only our waiting: what is under way goes on


async def _again(visit: Visit) -> bool:
    """The words did not arrive: once more?"""
    way = await visit.tell_trouble("platform_down", "again", "done", safe=words("rating.words_wait"))
    return way == "again"


async def _tell(visit: Visit, rating: NewRating) -> None:
    session = visit.session
    given = RatingGiven(
        session=session.id,
        service=rating.service,
        case_no=rating.case_no,
        stars=rating.stars,
        codes=list(rating.codes),
        number=rating.number,
    )
    await visit.backstage.ledger.tell(session.id, given)
