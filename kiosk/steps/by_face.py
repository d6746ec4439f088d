"""Is it the card's holder, by his face? With separate consent, against a photograph, in memory only.

*Other* stands on every page of it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from config.devices import Kind
from config.words import Words, words
from drivers.device import DeviceError
from drivers.id_card import IdCard
from kiosk.means import Ended, lead_on
from kiosk.platform import PlatformError
from kiosk.prompts import Chosen, Consent, LookAtCamera
from kiosk.stage import ask_or
from kiosk.visit import Visit

if TYPE_CHECKING:  # it brings OpenCV
    from drivers.face import Embedding

OPENING_SECONDS = 4.0  # a camera that is just being opened is waited for
CHIP_SECONDS = 6.0  # for the reader's turn and its decoder
REST_SECONDS = 1.5  # between two looks: time to take off a hat


async def by_face(visit: Visit) -> Ended:
    """Held when the face matched. After the set number of looks this means is closed."""
    face = visit.backstage.face
    attempts = visit.backstage.settings.face.attempts
    consent = Consent(
        question=words("journey.face_question"),
        points=tuple(words(f"journey.face_point_{n}") for n in (1, 2, 3)),
        agree=words("journey.face_agree"),
        other=words("journey.face_other"),
    )
    if await visit.choose(consent) == "other":
        return Ended.OTHER
    try:
        reference = await _reference(visit)
        while visit.session.face_attempts < attempts:
            if await _attempt(visit, reference, visit.session.face_attempts + 1):
                return Ended.HELD
            visit.session.face_attempts += 1
            await asyncio.sleep(REST_SECONDS)
        await visit.tell_trouble("face_mismatch", *lead_on(visit, "face"))
    except DeviceError as error:
        await visit.tell_trouble(error.code, *lead_on(visit, "face"))
    except _AnotherWay:
        return Ended.OTHER
    finally:
        face.forget()
    return Ended.FAILED


async def _reference(visit: Visit) -> Embedding:
    """The embedding to compare with: the photo in the card's chip where a decoder makes one of it, else the
    platform's photograph; the person enrolled in a demo.
    """
    face, session = visit.backstage.face, visit.session
    assert session.subject is not None
    if visit.backstage.settings.face.enrol_on_camera:
        if face.enrolled is None:
            await _enrol(visit)
        assert face.enrolled is not None  # enrolling either takes somebody or raises
        return face.enrolled
    if not await visit.backstage.devices.becomes_ready(Kind.PERSON_CAMERA, OPENING_SECONDS):
        raise DeviceError(visit.backstage.devices.fault(Kind.PERSON_CAMERA))
    if (chip := await _of_the_chip(visit)) is not None:
        return chip
    try:
        photograph = await visit.backstage.platform.photograph(session.subject.subject)
    except PlatformError as error:
        raise DeviceError(error.code) from None
    if photograph is None:
        raise DeviceError("face_no_reference")
    return await face.reference(photograph)


async def _of_the_chip(visit: Visit) -> Embedding | None:
    """The face in the card's own photo; None when there is no photo, no decoder, or no face in what it gave.

    That the decoder fails is told by the reader's state; the citizen need not know, since the platform has
    a photograph too.
    """
    card, devices = visit.session.person, visit.backstage.devices
    if not isinstance(card, IdCard) or not card.has_photo:
        return None
    if not devices.offers(Kind.ID_CARD_READER, "chip_photo"):
        return None
    try:
        picture = await devices.call(Kind.ID_CARD_READER, "chip_photo", card.photo_wlt, seconds=CHIP_SECONDS)
        return await visit.backstage.face.reference(picture)
    except DeviceError:
        return None


async def _enrol(visit: Visit) -> None:
    """Asks the person before a demo's webcam to serve as the reference, in memory only."""
    consent = Consent(
        question=words("journey.enrol_question"),
        points=(words("journey.enrol_point_1"), words("journey.enrol_point_2")),
        agree=words("journey.enrol_agree"),
        other=words("journey.face_other"),
    )
    if await visit.choose(consent) == "other":
        raise _AnotherWay
    with visit.clock.hold():
        await visit.backstage.face.enrol()


async def _attempt(visit: Visit, reference: Embedding, attempt: int) -> bool:
    """One look through the camera. True on a match; raises when *other* is touched."""
    face = visit.backstage.face

    def page(hint: Words) -> LookAtCamera:
        return LookAtCamera(
            frames=face.picture,
            hint=hint,
            attempt=attempt,
            attempts=visit.backstage.settings.face.attempts,
            other=words("journey.face_other"),
        )

    def told(hint: str) -> None:
        visit.show(page(words(f"journey.hint_{hint}")))

    first = words("journey.hint_look" if attempt == 1 else "journey.hint_again")
    seen = await ask_or(visit.stage, page(first), visit.place, face.look(reference, told))
    if isinstance(seen, Chosen):
        raise _AnotherWay
    return getattr(seen, "verdict", "none") == "match"


class _AnotherWay(Exception):
    """*Other* was touched."""
