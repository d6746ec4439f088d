"""Who it is by a typed number, when no card can be read: staff must look at him and his card."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from config.identity_api import IdentityClaim, Subject
from config.words import Words, words
from drivers.id_card import valid_number
from kiosk.app_holder import AppHolder
from kiosk.platform import PlatformError
from kiosk.prompts import Field, FieldKind, Filled, FillForm, Value
from kiosk.steps.by_staff import ask_staff
from kiosk.visit import Visit


@dataclass(frozen=True)
class Looked:
    """Whom staff have looked at, and who of them."""

    person: AppHolder
    subject: Subject
    staff: str


async def by_number(visit: Visit) -> Looked | None:
    """Asks for name and number, then for the staff; None when they do not say so. Raises GoBack."""
    name, number = "", ""
    problem: Words | None = None
    while True:
        answer = await visit.ask(_page(name, number, problem))
        assert isinstance(answer, Filled)
        name, number = _text(answer.values.get("name")), _text(answer.values.get("number")).upper()
        birth = _born(number)
        if not name or birth is None:
            problem = words("identify.typed_bad")
            continue
        try:
            subject = await visit.backstage.platform.identify(
                IdentityClaim(name=name, number=number, birth=birth, card="typed")
            )
        except PlatformError as error:
            await visit.tell_trouble(error.code, "again", "home", what=error.words)
            continue
        if not subject.known:
            problem = words("identify.typed_unknown")
            continue
        person = AppHolder(name, number, birth, "typed")
        staff = await ask_staff(visit, person, subject)
        return Looked(person, subject, staff) if staff else None


def _page(name: str, number: str, problem: Words | None) -> FillForm:
    fields = (
        Field("name", FieldKind.TEXT, words("identify.typed_name"), name, most=30),
        Field(
            "number", FieldKind.ID_NUMBER, words("identify.typed_number"), number, problem=problem, most=18
        ),
    )
    return FillForm(words("identify.typed_question"), fields, words("journey.next"))


def _text(value: Value | None) -> str:
    return value.strip() if isinstance(value, str) else ""


def _born(number: str) -> date | None:
    """The day of birth in a number of 18 places; None when it is none."""
    if len(number) != 18 or not valid_number(number):
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
