"""A picture of the screen for the service desk: of an idle terminal as it is, else masked and agreed to.

In a session no pixel of the citizen's page is ever read: the picture is drawn anew from a masked copy of the
prompt, out of sight, so that what is not in the copy cannot be in the picture.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from config.words import words
from kiosk.prompts import Chosen, Consent, Goodbye, Home, OutOfService
from kiosk.remote.command_desk import NotDone
from kiosk.remote.in_view import InView, masked

CONSENT_SECONDS = 20.0
DRAWING_SECONDS = 10.0
_LOOK_SECONDS = 0.1
_OF_NOBODY = (Home, OutOfService, Goodbye)


async def screenshot(view: InView, serving: Callable[[], bool]) -> tuple[bytes, str]:
    """A PNG, and the name of the page that it is of.

    NotDone `command_no_consent` when the citizen does not say yes in time, or has gone; `command_failed`
    when the window does not draw.
    """
    if view.prompt is None or isinstance(view.prompt, _OF_NOBODY):
        kind = type(view.prompt).__name__
        return await _drawn(view.picture()), kind  # asked for before anything else can be shown there
    await _consent(view, serving)
    if not serving():
        raise NotDone("command_no_consent", "session ended")
    copy = masked(view.prompt)
    return await _drawn(view.picture((copy, view.place))), copy.kind


def question() -> Consent:
    """What the citizen is asked."""
    return Consent(
        question=words("journey.peek_question"),
        points=(words("journey.peek_point"),),
        agree=words("journey.peek_agree"),
        other=words("journey.peek_other"),
    )


async def _consent(view: InView, serving: Callable[[], bool]) -> None:
    asking = asyncio.ensure_future(view.ask_aside(question()))
    leaving = asyncio.ensure_future(_left(serving))
    try:
        await asyncio.wait({asking, leaving}, timeout=CONSENT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            raise NotDone("command_no_consent", "session ended" if leaving.done() else "no answer")
        if asking.result() != Chosen("agree"):
            raise NotDone("command_no_consent", "refused")
    finally:
        for task in (asking, leaving):
            task.cancel()
        await asyncio.gather(asking, leaving, return_exceptions=True)


async def _left(serving: Callable[[], bool]) -> None:
    """Until the session has ended: the next citizen must not be asked in the name of the last."""
    while serving():  # noqa: ASYNC110 (a session's end has no event here)
        await asyncio.sleep(_LOOK_SECONDS)


async def _drawn(picture: Awaitable[bytes]) -> bytes:
    try:
        async with asyncio.timeout(DRAWING_SECONDS):
            return await picture
    except TimeoutError:
        raise NotDone("command_failed", "the window does not draw") from None
