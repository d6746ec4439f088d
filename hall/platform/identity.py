"""Who is it: a handle for the card's holder, the photograph on file, codes by text message."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from fastapi import APIRouter, Response
from PIL import Image

from config.assets import photograph
from config.identity_api import CodeCheck, CodeResult, CodeSent, IdentityClaim, Subject
from hall.platform.codes import masked_phone
from hall.platform.door import PartsHere
from hall.platform.refusals import Refused
from hall.platform.subjects import Subject as Known

routes = APIRouter(prefix="/v1/identity", tags=["identity"])

_LONGEST_SIDE = 640  # pixels; the face check needs far fewer


@routes.post("")
def identify(claim: IdentityClaim, parts: PartsHere) -> Subject:
    """A handle for the card's holder, good for 30 minutes. Refused `card_expired` (422)."""
    if claim.valid_to is not None and claim.valid_to < parts.now().date():
        raise Refused("card_expired", 422)
    person = parts.citizens.get(claim.number)
    if person is not None and (person.name, person.birth) != (claim.name, claim.birth):
        person = None  # a card, of whichever kind, that disagrees with the register proves nobody
    subject = parts.subjects.add(claim.number, claim.birth, person, typed=claim.card == "typed")
    return described(subject)


def described(subject: Known) -> Subject:
    """What a terminal is told of a holder."""
    person = subject.person
    return Subject(
        subject=subject.handle,
        known=person is not None,
        has_photograph=bool(person and person.reference),
        phone=masked_phone(person.phone) if person else "",
    )


@routes.get(
    "/{subject}/photograph",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The photograph on file"}},
)
def photograph_on_file(subject: str, parts: PartsHere) -> Response:
    """The holder's photograph, JPEG. Refused `photograph_none` (404), `subject_unknown` (410)."""
    person = parts.subjects.get(subject).person
    if person is None or not person.reference:
        raise Refused("photograph_none", 404)
    return Response(_jpeg(person.reference), media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@routes.post("/{subject}/codes")
def send_code(subject: str, parts: PartsHere) -> CodeSent:
    """Sends a code to the phone on file.

    Refused `phone_none` (409), `code_too_soon` and `code_too_many` (429), `sms_failed` (424),
    `subject_unknown` (410).
    """
    found = parts.subjects.claimed(subject)
    phone = found.person.phone if found.person else ""
    return parts.codes.send(subject, found.number, phone)


@routes.post("/{subject}/codes/check")
def check_code(subject: str, check: CodeCheck, parts: PartsHere) -> CodeResult:
    """Is this the code? Five tries. Refused `code_none` (409), `code_expired`, `subject_unknown` (410)."""
    parts.subjects.claimed(subject)
    result = parts.codes.check(subject, check.code)
    if result.verified:
        parts.subjects.mark(subject, "sms")
    return result


@lru_cache(maxsize=16)
def _jpeg(name: str) -> bytes:
    with Image.open(photograph(name)) as picture:
        small = picture.convert("RGB")
        small.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
        content = BytesIO()
        small.save(content, "JPEG", quality=90)
    return content.getvalue()
