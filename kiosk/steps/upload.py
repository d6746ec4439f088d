"""Pages of a paper from the citizen's phone: a code on the screen, and the pages when they have come."""

from __future__ import annotations

import asyncio

from config.materials import MaterialSpec
from config.phone_api import UploadCode, UploadRequest
from config.words import words
from kiosk.platform import PlatformError
from kiosk.prompts import Chosen, Option, ShowCode
from kiosk.stage import GoBack, ask_or
from kiosk.visit import Visit

POLL_SECONDS = 1.0


async def upload(visit: Visit, material: MaterialSpec) -> tuple[str, ...]:
    """The platform's handles of the pages. Raises GoBack when the citizen chooses another way."""
    while True:
        code = await _code(visit, material)
        prompt = ShowCode(
            question=words("bring.upload_question", name=material.name),
            code=code.url,
            seconds=code.valid_seconds,
            note=words("bring.upload_note", pages=material.pages),
            actions=(Option("other", words("bring.way_otherwise")),),
        )
        # The code's own end is the time-out: the citizen is busy with his phone, and touches nothing here.
        with visit.clock.hold():
            found = await ask_or(visit.stage, prompt, visit.place, _arrived(visit, code))
        if isinstance(found, Chosen):
            raise GoBack
        assert isinstance(found, tuple), "nothing else on this page answers"
        if found:
            return found
        await visit.tell_trouble("upload_expired", "again", "back", "home")


async def _code(visit: Visit, material: MaterialSpec) -> UploadCode:
    wanted = UploadRequest(subject=_subject(visit), service=visit.service.id, material=material.key)
    while True:
        try:
            with visit.clock.hold():
                return await visit.backstage.platform.upload_code(wanted)
        except PlatformError as error:
            await visit.tell_refusal(error, "again", "back", "home")


async def _arrived(visit: Visit, code: UploadCode) -> tuple[str, ...]:
    """The pages when all have come; none when the code's time is over. A lost line is passed over."""
    try:
        async with asyncio.timeout(code.valid_seconds):
            while True:
                try:
                    told = await visit.backstage.platform.uploaded(code.code, _subject(visit))
                except PlatformError as error:
                    if error.code == "platform_refused":
                        return ()
                else:
                    if told.done:
                        return told.materials
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        return ()


def _subject(visit: Visit) -> str | None:
    return visit.session.subject.subject if visit.session.subject else None
