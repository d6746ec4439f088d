"""婚姻登记预约: two people who may marry, an office, a half-hour (MZ02)."""

from __future__ import annotations

from datetime import date

from config import rules
from config.platform_api import FormData
from config.rules import day_of
from config.words import Words, same
from hall.platform.earlier import everybodys
from hall.platform.office import Asking, Decision, Filing, Handler
from hall.platform.offices.civil import home, said, told
from hall.platform.outcomes import no_record, refuse
from hall.platform.registers import marriages
from hall.platform.two_offices import both, taken

OFFICES = {"model": "marriage_model", "linxi": "marriage_linxi"}
AGES = {"male": 22, "female": 20}  # 民法典 art. 1047


def _free(asking: Asking) -> FormData:
    """The half-hours of both registries, and where the citizen's household is."""
    return home(asking.person).model_copy(update={"options": both(asking, OFFICES).options})


def _appointment(filing: Filing) -> Decision:
    """MZ02: who is on the register and may not marry hears so before anybody comes in vain."""
    person = filing.person
    if person is None:
        return no_record(filing.service, said("not_registered"))
    complaint = _complaint(filing, person.number)
    if complaint is not None:
        return refuse(filing.service, complaint, said("mz02_bring"))
    place = taken(filing, OFFICES)
    return Decision(
        "accepted",
        said("mz02_title"),
        said("mz02_message"),
        said("mz02_event", when=place.words),
        rows=(
            told("when", place.words),
            told("where", filing.option("office", filing.text("office"))),
            told("partner", same(_masked(filing.text("partner_name")))),
            told("case_no", same(filing.case_no)),
        ),
    )


def _complaint(filing: Filing, number: str) -> Words | None:
    """The rule by which the two may not marry here; None when nothing on record speaks against it."""
    other = filing.text("partner_number")
    if other == number or _sex(other) == _sex(number):
        return said("two_sides")
    day = day_of(filing.text(f"day_{filing.text('office')}")) or filing.today
    for side in (number, other):
        if not rules.min_age("", {"birth": _birth(side), "today": day}, years=AGES[_sex(side)]):
            return said("not_of_age", **AGES)
    partner = filing.parts.citizens.get(other)
    if partner is not None and partner.name != filing.text("partner_name").strip():
        return said("name_differs")
    for citizen in (filing.person, partner):
        if citizen is not None and marriages.spouse(citizen.key):
            return said("married")
    return said("booked_already") if _booked(filing, {number, other}) else None


def _booked(filing: Filing, two: set[str]) -> bool:
    """Has either of them an appointment that is still to come?"""
    for citizen, one in everybodys(filing.transaction, "MZ02"):
        day = day_of(one.text(f"day_{one.text('office')}"))
        if two & {citizen, one.text("partner_number")} and day is not None and day >= filing.today:
            return True
    return False


def _sex(number: str) -> str:
    """GB 11643: the seventeenth digit is odd for a man."""
    return "male" if int(number[16]) % 2 else "female"


def _birth(number: str) -> date:
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def _masked(name: str) -> str:
    return name[:1] + "*" * (len(name) - 1)


HANDLERS = {"MZ02": Handler(knows=_free, decides=_appointment)}
