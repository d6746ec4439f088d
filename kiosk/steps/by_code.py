"""Is it he, by a code that was sent to the phone on file?"""

from __future__ import annotations

from config.identity_api import CodeResult, CodeSent
from config.words import Words, words
from kiosk.means import Ended, lead_on
from kiosk.platform import PlatformError
from kiosk.prompts import EnterCode
from kiosk.visit import Visit


async def by_code(visit: Visit) -> Ended:
    """Has a code sent and asks for it until it is right, or used up.

    A code that could not be sent, or that was wrong too often, is one failure.
    """
    subject = visit.session.subject
    assert subject is not None
    if not subject.phone:
        await visit.tell_trouble("sms_no_phone", *lead_on(visit, "sms"))
        return Ended.FAILED
    sent: CodeSent | None = None
    problem: Words | None = None
    while True:
        try:
            sent = sent or await visit.backstage.platform.send_code(subject.subject)
            page = EnterCode(words("journey.code_question"), sent.sent_to, sent.digits, problem)
            entered = await visit.choose(page)
            if entered == "again":
                sent, problem = None, None
                continue
            result: CodeResult = await visit.backstage.platform.check_code(subject.subject, entered)
        except PlatformError as error:
            await visit.tell_refusal(error, "again", *lead_on(visit, "sms"))
            return Ended.FAILED
        if result.verified:
            return Ended.HELD
        if result.tries_left <= 0:
            await visit.tell_trouble("sms_refused", "again", *lead_on(visit, "sms"))
            return Ended.FAILED
        problem = words("journey.code_wrong", left=result.tries_left)
