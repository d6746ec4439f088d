"""好差评: once for each case, by itself after handling ends; skipping is free."""

from __future__ import annotations

from config.devices import Kind
from config.ratings import star_rows, valid
from config.words import words
from kiosk.pads import answer_of
from kiosk.prompts import Option, Rate, Rated, Star
from kiosk.visit import Visit
from mqtt.messages import RatingGiven


async def rate(visit: Visit) -> None:
    """Asks for 1–5 stars and their indicators and tells the hall; nothing is told when skipped.

    A rating pad on the counter asks at the same time; it knows stars only.
    """
    question = words("journey.rate_question")
    prompt = Rate(
        question=question,
        stars=tuple(
            Star(row.stars, row.name, tuple(Option(i.code, i.name) for i in row.indicators))
            for row in star_rows()
        ),
    )
    on_pad = answer_of(visit.backstage.devices, Kind.RATING_PAD, "ask", question)
    answer = await visit.ask_or(prompt, on_pad)
    if isinstance(answer, int):
        answer = Rated(answer)
    if not isinstance(answer, Rated) or not valid(answer.stars, answer.codes):
        return
    session = visit.session
    await visit.backstage.ledger.tell(
        session.id,
        RatingGiven(
            session=session.id,
            service=visit.service.id,
            case_no=session.case.case_no if session.case else "",
            stars=answer.stars,
            codes=list(answer.codes),
        ),
    )
