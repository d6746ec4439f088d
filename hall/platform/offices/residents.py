"""城乡居民社保费: what residents pay for pension and medical care, for them or their family (SW03)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from config import rules
from config.form import When
from config.money import yuan
from config.people import Person
from config.platform_api import FormData, FormOption, ResultRow
from config.words import Words, same, words
from hall.platform.clock import months_later
from hall.platform.earlier import everybodys
from hall.platform.office import Asking, Decision, Filing, Handler
from hall.platform.outcomes import refuse
from hall.platform.refusals import Refused
from hall.platform.registers import household, marriages, medical, schools, taxes

FIRST_AGE, LAST_AGE = 16, 59  # of the pension
COLLECTED_FROM = 9  # the month in which the next year's medical contribution is asked for


def _said(name: str, **values: object) -> Words:
    return words(f"office_tax.{name}", **values)


def _offers(asking: Asking) -> FormData:
    """The years that are collected now, and what may be paid for each."""
    named = next(spec.options for spec in asking.service.fields if spec.key == "level")
    years = sorted({year for option in named for year in _collected(option.value, asking.today)})
    levels = tuple(
        FormOption(
            value=option.value,
            name=option.name,
            only_if=When(field="year", is_in=tuple(map(str, _collected(option.value, asking.today)))),
        )
        for option in named
    )
    offered = tuple(FormOption(value=str(year), name=same(str(year))) for year in years)
    return FormData(options={"year": offered, "level": levels})


def _collected(level: str, today: date) -> tuple[int, ...]:
    """The years for which a grade is collected: the pension in its own, medical care from autumn on."""
    if taxes.levels()[level].insurance == "pension" or today.month < COLLECTED_FROM:
        return (today.year,)
    return (today.year, today.year + 1)


def _price(asking: Asking) -> int:
    """Fen. Refused `not_eligible` where nothing can be paid, so that nobody pays in vain."""
    with asking.parts.store.reading() as connection:
        complaint = _hindrance(asking, connection)
    if complaint is not None:
        raise Refused("not_eligible", 422, complaint=complaint)
    return taxes.levels()[asking.text("level")].fen


def _pay(filing: Filing) -> Decision:
    """SW03: the contribution is booked."""
    complaint = _hindrance(filing, filing.transaction)
    if complaint is not None:
        return refuse(filing.service, complaint)
    insured, level = _insured(filing), filing.text("level")
    assert insured is not None, "a hindrance"
    told = {
        "insured": same(f"{insured.name[:1]}{'*' * (len(insured.name) - 1)}"),
        "level": filing.option("level", level),
        "year": same(filing.text("year")),
        "paid": _said("yuan", yuan=yuan(taxes.levels()[level].fen)),
    }
    return Decision(
        "accepted",
        _said("sw03_title"),
        _said("sw03_message"),
        _said("sw03_event"),
        rows=tuple(ResultRow(label=_said(name), value=value) for name, value in told.items()),
    )


def _insured(asked: Asking | Filing) -> Person | None:
    """For whom it is paid; None for somebody who is not on the register."""
    if asked.text("for") != "family":
        return asked.person
    return asked.parts.citizens.get(asked.text("family_number"))


def _hindrance(asked: Asking | Filing, connection: Connection) -> Words | None:
    """The rule by which it cannot be paid; None when it can."""
    payer, insured = asked.person, _insured(asked)
    if payer is None or insured is None or not _one_family(payer, insured):
        return _said("not_family" if asked.text("for") == "family" else "not_registered")
    level, year, today = asked.text("level"), asked.text("year"), asked.today
    if year not in map(str, _collected(level, today)):
        return _said("not_collected", year=year)
    insurance = taxes.levels()[level].insurance
    if _pension_elsewhere(insured, today) if insurance == "pension" else _care_elsewhere(insured, today):
        return _said("by_employer")
    if insurance == "pension":
        facts = {"birth": insured.birth, "today": today}
        of_age = rules.min_age("", facts, years=FIRST_AGE) and rules.max_age("", facts, years=LAST_AGE)
        if not of_age or any(one.last is None for one in schools.study_files(insured.key)):
            return _said("no_pension", first=FIRST_AGE, last=LAST_AGE)
    if _already(asked, connection, insured, year, level):
        return _said("already_paid", year=year)
    return None


def _one_family(payer: Person, insured: Person) -> bool:
    """The same person, spouses, or parent and child."""
    return (
        payer.key == insured.key
        or marriages.spouse(payer.key) == insured.key
        or insured.key in household.load().children(payer.key)
        or insured.key in household.load().parents(payer.key)
    )


def _pension_elsewhere(insured: Person, today: date) -> bool:
    """Is the pension of employees, or of the self-employed, paid for him now?"""
    return any(one.kind == "pension" and one.last >= _last_month(today) for one in insured.insurance)


def _care_elsewhere(insured: Person, today: date) -> bool:
    """Is he insured as an employee, or as one who has retired?"""
    found = medical.load().insured.get(insured.key)
    return found is not None and found.kind != "resident" and (found.until or "9999-12") >= _last_month(today)


def _last_month(today: date) -> str:
    return f"{months_later(today.replace(day=1), -1):%Y-%m}"


def _already(asked: Asking | Filing, connection: Connection, insured: Person, year: str, level: str) -> bool:
    """Has the insurance been paid for that year: on record, or here, by anybody?"""
    insurance = taxes.levels()[level].insurance
    return _on_record(insured, int(year), insurance, asked.today) or any(
        (one.text("family_number") if one.text("for") == "family" else payer) == insured.number
        and one.text("year") == year
        and taxes.levels()[one.text("level")].insurance == insurance
        for payer, one in everybodys(connection, "SW03")
    )


def _on_record(insured: Person, year: int, insurance: str, today: date) -> bool:
    """The pension by its entries; medical care up to this year for those who are residents."""
    if insurance == "pension":
        return any((one.citizen, one.year) == (insured.key, year) for one in taxes.contributions())
    found = medical.load().insured.get(insured.key)
    return found is not None and found.kind == "resident" and int(found.since[:4]) <= year <= today.year


HANDLERS = {"SW03": Handler(knows=_offers, decides=_pay, price=_price)}
