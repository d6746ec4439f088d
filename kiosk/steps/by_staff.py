"""Staff compare the person with his card, at the terminal, and say so with a number and a secret one."""

from __future__ import annotations

from config.identity_api import Subject
from config.words import Words, same, words
from kiosk.app_holder import Holder
from kiosk.masked import masked_number
from kiosk.means import MOST_FAILURES, Ended
from kiosk.platform import PlatformError
from kiosk.prompts import Row, StaffCheck, StaffSaid
from kiosk.visit import Visit


async def by_staff(visit: Visit) -> Ended:
    """Held when somebody of the staff has said that it is he; the session knows who."""
    session = visit.session
    assert session.person is not None and session.subject is not None
    session.staff = await ask_staff(visit, session.person, session.subject)
    return Ended.HELD if session.staff else Ended.OTHER


async def ask_staff(visit: Visit, person: Holder, subject: Subject) -> str:
    """The number of whoever of the staff has looked; empty when it is another way that is wanted.

    Wrong numbers count as failures of this means; the platform counts too.
    """
    failures, problem = visit.session.failures, None
    rows = (
        Row(words("identify.staff_name"), same(person.name)),
        Row(words("identify.staff_number"), masked_number(person.number)),
    )
    while failures.get("staff", 0) < MOST_FAILURES:
        page = StaffCheck(words("identify.staff_question"), rows, words("identify.other_way"), problem)
        said = await visit.ask(page)
        if not isinstance(said, StaffSaid):
            return ""
        problem, right = await _asked(visit, subject, said)
        if right:
            return said.number
        failures["staff"] = failures.get("staff", 0) + 1
    await visit.tell_trouble("staff_unproved", "other", "window", "home")
    return ""


async def _asked(visit: Visit, subject: Subject, said: StaffSaid) -> tuple[Words | None, bool]:
    """What is wrong, and whether nothing is. A platform that is down is told and asked again."""
    while True:
        try:
            result = await visit.backstage.platform.check_staff(subject.subject, said.number, said.pin)
        except PlatformError as error:
            if (
                error.code == "platform_refused"
                and error.words is not None
                and error.reason.startswith("staff_")
            ):
                return error.words, False
            await visit.tell_refusal(error, "again", "home")
            continue
        return words("identify.staff_wrong", left=result.tries_left), result.verified
