"""By which means it may be shown that it is he (level 2 and 3): those of the service that this machine has.

Face is never the only one, and is not offered where nobody of the hall is there and liveness is not proved.
At level 3 a code to a phone shows nobody in person: it only goes together with the PIN of a card.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from config.devices import Kind
from config.faults import any_fault, fault
from config.service import Level, Means
from config.words import Words, words
from kiosk.visit import Visit

MOST_FAILURES = 3  # of one means in one session
FACE_FROM = 14  # years: below, a guardian's consent would be needed


class Ended(Enum):
    """How one means ended."""

    HELD = auto()
    FAILED = auto()
    OTHER = auto()  # the citizen wants another


@dataclass(frozen=True)
class Offer:
    """One means. A `reason` says why it cannot be chosen now."""

    means: Means
    name: Words
    note: Words | None = None
    reason: Words | None = None


def identified(visit: Visit) -> bool:
    """Is it known who stands here, in a way that this service takes?"""
    person = visit.session.person
    if person is None:
        return False
    return visit.session.agent is not None or person.card == "typed" or person.card in visit.service.cards


def proved(visit: Visit) -> bool:
    """Was it shown, by a means that this service takes?"""
    means, strong = visit.session.means, visit.service.level is Level.STRONG
    return means in visit.service.means and not (strong and means == "sms")


def offers(visit: Visit) -> tuple[Offer, ...]:
    """The means that may be offered here, in the service's order; what is closed has its reason."""
    return tuple(
        Offer(means, *_told(visit, means), reason=_closed(visit, means))
        for means in visit.service.means
        if _possible(visit, means)
    )


def none_here(visit: Visit) -> Words | None:
    """Why nobody can show here that it is he, whoever he is: told before he says who he is."""
    service = visit.service
    if service.level < Level.PERSON or any(_here(visit, one) for one in service.means):
        return None
    return words("identify.none_here")


def lead_on(visit: Visit, means: Means) -> tuple[str, ...]:
    """The ways out of a failure of this means: to the others that are left, and to the window."""
    others = [one for one in offers(visit) if one.means != means and one.reason is None]
    return ("other", "window", "home") if others else ("window", "home")


def count(visit: Visit, means: Means, all_of_them: bool = False) -> None:
    """One more failure of a means, or so many that it is closed."""
    failures = visit.session.failures
    failures[means] = MOST_FAILURES if all_of_them else failures.get(means, 0) + 1


def _possible(visit: Visit, means: Means) -> bool:
    return _here(visit, means) and (means != "face" or _old_enough(visit))


def _here(visit: Visit, means: Means) -> bool:
    """Does this machine have it, and may it be offered?"""
    devices, told = visit.backstage.devices, visit.backstage.settings.identification
    strong = visit.service.level is Level.STRONG
    match means:
        case "face":
            return devices.has(Kind.PERSON_CAMERA) and (told.staffed or told.liveness)
        case "pin":
            return devices.has(Kind.SOCIAL_CARD_READER) and (not strong or "sms" in visit.service.means)
        case "sms":
            return not strong
        case "staff":
            return told.staffed


def _old_enough(visit: Visit) -> bool:
    person, today = visit.session.person, visit.backstage.today()
    if person is None:
        return False
    birth = person.birth
    return (today.year - birth.year) - ((today.month, today.day) < (birth.month, birth.day)) >= FACE_FROM


def _told(visit: Visit, means: Means) -> tuple[Words, Words | None]:
    name, note = words(f"identify.means_{means}"), None
    if means == "sms":
        if phone := _phone(visit):
            note = words("identify.means_sms_note", phone=phone)
    elif means == "pin" and visit.service.level is Level.STRONG:
        name = words("identify.means_pin_strong")
    else:
        note = words(f"identify.means_{means}_note")
    return name, note


def _closed(visit: Visit, means: Means) -> Words | None:
    session, stage = visit.session, visit.backstage
    tried = session.failures.get(means, 0) >= MOST_FAILURES
    if means == "face":
        tried = tried or session.face_attempts >= stage.settings.face.attempts
    if tried:
        return words("identify.means_closed")
    needs_phone = means == "sms" or (means == "pin" and visit.service.level is Level.STRONG)
    if needs_phone and not _phone(visit):
        return fault("sms_no_phone").citizen
    if means == "pin":
        if session.failures.get("sms", 0) >= MOST_FAILURES and visit.service.level is Level.STRONG:
            return words("identify.means_closed")
        if not stage.devices.ready(Kind.SOCIAL_CARD_READER):
            return any_fault(stage.devices.fault(Kind.SOCIAL_CARD_READER)).citizen
    return None


def _phone(visit: Visit) -> str:
    return visit.session.subject.phone if visit.session.subject else ""
