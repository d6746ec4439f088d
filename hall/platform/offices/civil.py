"""民政: records of marriage, relief, and what old people may have (MZ01, MZ03, MZ04)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from config import rules
from config.people import Person
from config.platform_api import FormData, ResultRow
from config.words import Words, same, words
from hall.platform.clock import months_later
from hall.platform.earlier import earlier
from hall.platform.office import Asking, Decision, Filing, Handler
from hall.platform.outcomes import Sheet, grant, money, no_record, refuse
from hall.platform.parts import Parts
from hall.platform.registers import household, marriages, relief

CITY = "3301"
ALLOWANCE_AGE = 80
ADULT_MONTHS = 18 * 12


def said(row: str, /, **values: object) -> Words:
    """The words of this office."""
    return words(f"office_civil.{row}", **values)


def told(name: str, value: Words) -> ResultRow:
    """A row of a result, labelled by this office."""
    return ResultRow(label=said(name), value=value)


def name_of(parts: Parts, side: str) -> str:
    """The name of a marriage's side: a citizen's, or what the register has."""
    return next((person.name for person in parts.citizens.values() if person.key == side), side)


# ── MZ01 婚姻登记档案 ─────────────────────────────────────────────────────────
@dataclass(frozen=True)
class _Entry:
    """One entry of the register, as a citizen sees it."""

    day: date
    number: str
    office: str
    other: str


def _span(asking: Asking) -> FormData:
    """From the citizen's eighteenth birthday on."""
    if asking.subject is None:
        return FormData()
    first = months_later(asking.subject.birth, ADULT_MONTHS)
    return FormData(values={"from": f"{min(first, asking.today):%Y-%m}", "to": f"{asking.today:%Y-%m}"})


def _record(filing: Filing) -> Decision:
    """MZ01: the citizen's own entries of this kind in the period."""
    person, kind = filing.person, filing.text("kind")
    first, last, spouse = filing.text("from"), filing.text("to"), filing.text("spouse").strip()
    found = tuple(
        entry
        for entry in (_entries(filing.parts, person.key, kind) if person else ())
        if first <= f"{entry.day:%Y-%m}" <= last and spouse in ("", entry.other)
    )
    if person is None or not found:
        return no_record(filing.service, said("mz01_none", kind=filing.option("kind", kind)))
    sheet = Sheet(
        rows=(told("kind", filing.option("kind", kind)), told("period", same(f"{first} – {last}"))),
        heads=tuple(said(f"mz01_{head}") for head in ("day", "number", "other", "office")),
        table=tuple(
            (same(f"{one.day}"), same(one.number), same(one.other), same(one.office)) for one in found
        ),
    )
    purpose = filing.option("purpose", filing.text("purpose"))
    return grant(filing, "mz01", person, sheet, purpose=purpose)


def _entries(parts: Parts, key: str, kind: str) -> tuple[_Entry, ...]:
    found = []
    for one in marriages.of(key):
        other = name_of(parts, one.other(key))
        if kind == "marriage":
            found.append(_Entry(one.day, one.number, one.office, other))
        elif one.divorced is not None:
            found.append(_Entry(one.divorced, one.divorce_number, one.office, other))
    return tuple(found)


# ── MZ03 高龄津贴、居家养老 ───────────────────────────────────────────────────
def home(person: Person | None) -> FormData:
    """The division where a citizen's household is registered; nothing for one of elsewhere."""
    found = household.load().of(person.key) if person else None
    if found is None:
        return FormData()
    return FormData(values={"region": found.region}, sources={"region": said("source_home")})


def _known(asking: Asking) -> FormData:
    known, phone = home(asking.person), asking.person.phone if asking.person else ""
    if not phone:
        return known
    return FormData(
        values={**known.values, "phone": phone}, sources={**known.sources, "phone": said("source_phone")}
    )


def _elder(filing: Filing) -> Decision:
    """MZ03: taken in for the village or street to look at; nobody gets the same twice."""
    person, kind = filing.person, filing.text("kind")
    if person is None:
        return no_record(filing.service, said("not_registered"))
    name = filing.option("kind", kind)
    if not filing.text("region").startswith(CITY):
        return refuse(filing.service, said("elsewhere"), said("elsewhere_bring"))
    age = {"birth": person.birth, "today": filing.today}
    if kind == "allowance" and not rules.min_age("", age, years=ALLOWANCE_AGE):
        return refuse(filing.service, said("too_young", years=ALLOWANCE_AGE))
    if any(one.kind == kind for one in relief.elders(person.key)):
        return refuse(filing.service, said("granted_already", kind=name))
    if any(one.text("kind") == kind for one in earlier(filing.transaction, person.number, "MZ03")):
        return refuse(filing.service, said("asked_already", kind=name))
    bank = filing.option("bank", filing.text("bank"))
    rows = [
        told("elder_kind", name),
        told("account", said("account_tail", bank=bank, tail=filing.text("card_no")[-4:])),
        told("contact", same(filing.text("contact"))),
        told("promise", said("days", days=filing.service.item.promised_days)),
    ]
    if filing.acting is not None:
        relation = filing.text("relation")
        rows.append(told("agent", filing.option("relation", relation) if relation else said("authorised")))
    return Decision(
        "accepted",
        words("platform.accepted_title"),
        said("mz03_message", days=filing.service.item.promised_days),
        words("platform.event_pending"),
        decided=False,
        rows=tuple(rows),
    )


# ── MZ04 社会救助对象证明 ─────────────────────────────────────────────────────
def _relief(filing: Filing) -> Decision:
    """MZ04: what is in force today."""
    person = filing.person
    found = relief.reliefs().get(person.key) if person else None
    if person is None or found is None or not found.since <= filing.today <= found.until:
        return no_record(filing.service, said("mz04_none"))
    sheet = Sheet(
        rows=(
            told("relief_kind", said(f"relief_{found.kind}")),
            told("relief_number", same(found.number)),
            told("people", same(str(found.people))),
            told("since", same(f"{found.since}")),
            told("until", same(f"{found.until}")),
            told("office", same(found.office)),
        ),
        figures=(money(said("monthly"), found.fen),) if found.fen else (),
    )
    purpose = filing.option("purpose", filing.text("purpose"))
    return grant(filing, "mz04", person, sheet, purpose=purpose)


HANDLERS = {
    "MZ01": Handler(knows=_span, decides=_record),
    "MZ03": Handler(knows=_known, decides=_elder),
    "MZ04": Handler(decides=_relief),
}
