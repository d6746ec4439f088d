"""医保: care away from home, and insurance that moves with its holder (YB04, YB05)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from config import regions
from config.people import Person
from config.platform_api import FormData, ResultRow
from config.words import Words, same, words
from hall.platform import outcomes
from hall.platform.earlier import Earlier, earlier
from hall.platform.office import Asking, Decision, Filing, Handler
from hall.platform.offices.medical import insured
from hall.platform.outcomes import Sheet, amount
from hall.platform.registers import medical
from hall.platform.registers.medical import Away, Elsewhere


def _phone(asking: Asking) -> FormData:
    """The number on file."""
    if asking.person is None or not asking.person.phone:
        return FormData()
    source = words("office_medical.source_phone")
    return FormData(values={"phone": asking.person.phone}, sources={"phone": source})


# ── YB04 ────────────────────────────────────────────────────────────────────
def _register_away(filing: Filing) -> Decision:
    person, service = filing.person, filing.service
    found = insured(person)
    if person is None or found is None:
        return outcomes.no_record(service, words("office_medical.none"))
    if found.until:
        return outcomes.refuse(service, words("office_medical.yb04_stopped", month=found.until))
    kind = filing.text("kind")
    if kind == "retired" and found.kind != "retired":
        return outcomes.refuse(service, words("office_medical.yb04_retired"))
    new = _away(person, filing.text)
    for old in _registered(filing, person):
        if _overlap(old, new):
            told = {"region": _name(old.region), "first": old.first, "last": _end(old)}
            return outcomes.refuse(service, words("office_medical.yb04_again", **told))
    rows = [
        _row("away_kind", filing.option("kind", kind)),
        _row("away_region", _name(new.region)),
        _row("first", same(str(new.first))),
        _row("last", _end(new)),
        _row("region", _name(found.region)),
        _row("phone", same(filing.text("phone"))),
    ]
    if filing.text("contact"):
        rows.append(_row("contact", same(filing.text("contact"))))
    message = words("office_medical.yb04_message", day=new.first, region=_name(new.region))
    title = words("office_medical.yb04_title")
    return outcomes.grant(filing, "yb04", person, Sheet(tuple(rows)), title=title, message=message)


def _registered(filing: Filing, person: Person) -> Iterator[Away]:
    """What holds already: by the register, and by earlier cases here."""
    yield from (one for one in medical.load().away if one.who == person.key)
    for case in _earlier(filing, person, "YB04"):
        yield _away(person, case.text)


def _away(person: Person, text: Callable[[str], str]) -> Away:
    """A filled form. A short stay has its last day in `to`, a long one in `until`, or none."""
    last = text("to") or text("until")
    first = date.fromisoformat(text("from"))
    return Away(person.key, text("kind"), text("region"), first, date.fromisoformat(last) if last else None)


def _overlap(one: Away, other: Away) -> bool:
    """The same city, and a day on which both hold?"""
    same_city = one.region[:4] == other.region[:4]
    return same_city and one.first <= (other.last or date.max) and other.first <= (one.last or date.max)


def _end(one: Away) -> Words:
    return same(str(one.last)) if one.last else words("office_medical.no_end")


# ── YB05 ────────────────────────────────────────────────────────────────────
def _move(filing: Filing) -> Decision:
    person, service = filing.person, filing.service
    old, new = filing.text("from_region"), filing.text("to_region")
    if person is None:
        return outcomes.no_record(service, words("office_medical.none"))
    if _here(filing, old) == _here(filing, new):
        return outcomes.refuse(service, words("office_medical.yb05_here"))
    for case in _earlier(filing, person, "YB05"):
        if (case.text("from_region"), case.text("to_region")) == (old, new):
            told = {"day": case.when.date(), "case_no": case.result.case_no}
            return outcomes.refuse(service, words("office_medical.yb05_again", **told))
    what = words("office_medical.yb05_what")
    if _here(filing, new) and ((now := insured(person)) is None or now.until):
        return outcomes.refuse(service, words("office_medical.yb05_first"), what)
    left = _insured_at(filing, person, old)
    if left is None or left.kind != filing.text("insurance"):
        kind = filing.option("insurance", filing.text("insurance"))
        return outcomes.no_record(service, words("office_medical.yb05_none", region=_name(old), kind=kind))
    if not left.until:
        return outcomes.refuse(service, words("office_medical.yb05_active", region=_name(old)), what)
    rows = [
        _row("from", _name(old)),
        _row("to", _name(new)),
        _row("kind", filing.option("insurance", left.kind)),
        _row("until", same(left.until)),
    ]
    mine = insured(person)
    if _here(filing, old) and mine is not None and left.kind == "employee":
        rows.append(_row("moved", amount(mine.balance)))
    rows.append(_row("phone", same(filing.text("phone"))))
    title, message = words("office_medical.yb05_title"), words("office_medical.yb05_message")
    sheet = Sheet(tuple(rows))
    return outcomes.grant(filing, "yb05", person, sheet, title=title, message=message, decided=False)


def _insured_at(filing: Filing, person: Person, region: str) -> Elsewhere | None:
    """What he had where he comes from: here, or in another city."""
    if _here(filing, region):
        mine = insured(person)
        return Elsewhere(person.key, mine.form_kind, mine.region, mine.until) if mine else None
    others = (one for one in medical.load().elsewhere if one.who == person.key)
    return next((one for one in others if one.region[:4] == region[:4]), None)


def _here(filing: Filing, region: str) -> bool:
    return region[:4] == filing.parts.settings.region[:4]


def _name(region: str) -> Words:
    return regions.full_name(region) or same(region)


def _earlier(filing: Filing, person: Person, service: str) -> Iterator[Earlier]:
    return earlier(filing.transaction, person.number, service)


def _row(name: str, value: Words) -> ResultRow:
    return ResultRow(label=words(f"office_medical.row_{name}"), value=value)


HANDLERS = {
    "YB04": Handler(knows=_phone, decides=_register_away),
    "YB05": Handler(knows=_phone, decides=_move),
}
