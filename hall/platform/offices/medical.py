"""医保: who is insured, visits, bills, booklets (YB01–YB03, YB06). The rest is in `medical_moves.py`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

from config import regions
from config.people import Person
from config.platform_api import FormData, FormOption, QueryResult, ResultRow, TimelineEvent
from config.platform_body import Value
from config.words import Words, same, words
from hall.platform import outcomes
from hall.platform.clock import CHINA, months_later
from hall.platform.earlier import earlier
from hall.platform.office import Asking, Decision, Filing, Handler
from hall.platform.outcomes import Figure, Sheet, amount, money
from hall.platform.registers import medical, social
from hall.platform.registers.medical import Claim, Insured, Visit

YEARS = 5  # that can be asked for
OWN = 2  # percent of the base, all of it into the account
DIAGNOSIS = 3  # the column that the screen covers


# ── YB01: insured how, and what was paid ────────────────────────────────────
def _insured(asking: Asking) -> FormData:
    """The years that were paid, the last one chosen; without any every year, and an honest no."""
    found, every = insured(asking.person), _years(asking.today)
    years = tuple(year for year in every if _paid_months(found, int(year))) if found else ()
    values: dict[str, Value] = {"kind": found.form_kind} if found else {}
    if years:
        values["year"] = years[0]
    return FormData(
        values=values,
        sources=dict.fromkeys(values, words("office_medical.source_insured")),
        options={"year": tuple(FormOption(value=year, name=same(year)) for year in years or every)},
    )


def _record(person: Person | None, year: str, kind: str, today: date) -> Sheet | None:
    """What was paid in a year; None when nothing was, or not as this kind."""
    found = insured(person)
    if person is None or found is None or found.form_kind != kind or year not in _years(today):
        return None
    months = _paid_months(found, int(year))
    if not months:
        return None
    rows = (
        _row("kind", words(f"office_medical.insured_{found.kind}")),
        _row("region", regions.full_name(found.region) or same(found.region)),
        _row("state", _state(found)),
        _row("since", same(found.since)),
    )
    heads = _heads("period", "base", "own", "account")
    if found.kind == "resident":
        fee, subsidy = medical.load().resident_fee, medical.load().resident_subsidy
        own = money(words("office_medical.own"), fee), money(words("office_medical.subsidy"), subsidy)
        return Sheet(rows, own, heads, ((same(year), same("—"), amount(fee), same("—")),))
    paid = [_paid(person, found, month) for month in months]
    figures = (
        Figure(words("office_medical.months"), str(len(months)), words("outcomes.months")),
        money(words("office_medical.own"), sum(own for _, own, _ in paid)),
        money(words("office_medical.account"), found.balance),
    )
    table = tuple(
        (same(month), amount(base) if base else same("—"), amount(own), amount(into))
        for month, (base, own, into) in zip(months, paid, strict=True)
    )
    return Sheet(rows, figures, heads, table)


def _look_at_record(asking: Asking) -> QueryResult:
    sheet = _record(asking.person, asking.text("year"), asking.text("kind"), asking.today)
    if sheet is None:
        kind = asking.option("kind", asking.text("kind"))
        return outcomes.not_found(asking.service, words("office_medical.yb01_none", kind=kind))
    return outcomes.show(words("office_medical.yb01_title"), sheet)


def _print_record(filing: Filing) -> Decision:
    person = filing.person
    sheet = _record(person, filing.text("year"), filing.text("kind"), filing.today)
    if person is None or sheet is None:
        kind = filing.option("kind", filing.text("kind"))
        return outcomes.no_record(filing.service, words("office_medical.yb01_none", kind=kind))
    return outcomes.grant(filing, "yb01", person, sheet, purpose=words("office_medical.purpose_proof"))


# ── YB02: visits ────────────────────────────────────────────────────────────
def _last_year(asking: Asking) -> FormData:
    return FormData(values={"from": str(months_later(asking.today, -12)), "to": str(asking.today)})


def _visits(person: Person | None, first: str, last: str) -> Sheet | None:
    """Each visit of a time; None without any."""
    found = sorted(_of(person, first, last), key=lambda one: one.day) if person else []
    if not found:
        return None
    fund, total = sum(one.fund for one in found), sum(one.total for one in found)
    return Sheet(
        (_row("period", same(f"{first} – {last}")),),
        (
            Figure(words("office_medical.visits"), str(len(found)), words("outcomes.times")),
            money(words("office_medical.fund"), fund),
            money(words("office_medical.rest"), total - fund),
        ),
        _heads("day", "place", "kind", "diagnosis", "total", "fund", "rest"),
        tuple(_line(one) for one in found),
        hidden=(DIAGNOSIS,),
    )


def _line(one: Visit) -> tuple[Words, ...]:
    told = (same(str(one.day)), same(one.place), words(f"office_medical.visit_{one.kind}"))
    return (*told, same(one.diagnosis), amount(one.total), amount(one.fund), amount(one.total - one.fund))


def _look_at_visits(asking: Asking) -> QueryResult:
    sheet = _visits(asking.person, asking.text("from"), asking.text("to"))
    if sheet is None:
        return outcomes.not_found(asking.service, words("office_medical.yb02_none"))
    return outcomes.show(words("office_medical.yb02_title"), sheet)


def _print_visits(filing: Filing) -> Decision:
    person = filing.person
    sheet = _visits(person, filing.text("from"), filing.text("to"))
    if person is None or sheet is None:
        return outcomes.no_record(filing.service, words("office_medical.yb02_none"))
    return outcomes.grant(filing, "yb02", person, sheet, purpose=words("office_medical.purpose_check"))


# ── YB03: bills brought to the window ───────────────────────────────────────
def _claims(asking: Asking) -> QueryResult:
    wanted = asking.text("case_no").strip().upper()
    found = [
        one
        for one in medical.load().claim
        if asking.person is not None and one.who == asking.person.key and wanted in ("", one.number)
    ]
    if not found:
        return outcomes.not_found(asking.service, words("office_medical.yb03_none"))
    found.sort(key=lambda one: one.brought, reverse=True)
    rows = tuple(ResultRow(label=_claim_name(one), value=_claim_state(one)) for one in found)
    timeline = tuple(_events(found[0])) if len(found) == 1 else ()
    title = words("office_medical.yb03_title")
    return QueryResult(found=True, title=title, rows=rows, timeline=timeline)


def _claim_name(one: Claim) -> Words:
    return words("office_medical.claim_label", number=one.number, place=one.place)


def _claim_state(one: Claim) -> Words:
    told = {"total": amount(one.total), "paid": amount(one.paid), "day": one.paid_on}
    return words(f"office_medical.claim_{one.state}", **told)


def _events(one: Claim) -> Iterator[TimelineEvent]:
    brought = _morning(one.brought)
    yield TimelineEvent(when=brought, what=words("office_medical.event_received"))
    if one.paid_on is not None:
        yield TimelineEvent(when=_morning(one.paid_on), what=words("office_medical.event_paid"))
    elif one.state != "received":
        done = one.state == "returned"
        yield TimelineEvent(when=brought, what=words(f"office_medical.event_{one.state}"), done=done)


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9), CHINA)


# ── YB06: a booklet ─────────────────────────────────────────────────────────
def _booklet(filing: Filing) -> Decision:
    person, reason, register = filing.person, filing.text("reason"), medical.load()
    found = insured(person)
    if person is None or found is None:
        return outcomes.no_record(filing.service, words("office_medical.none"))
    if found.region != register.booklets_in:
        names = {"region": regions.full_name(register.booklets_in), "own": regions.full_name(found.region)}
        return outcomes.refuse(filing.service, words("office_medical.yb06_region", **names))
    case = next(earlier(filing.transaction, person.number, "YB06"), None)
    since = case.when.date() if case else register.booklet.get(person.key)
    if since is not None and reason == "first":
        return outcomes.refuse(filing.service, words("office_medical.yb06_has", day=since))
    if since is None and reason != "first":
        return outcomes.refuse(filing.service, words("office_medical.yb06_has_not"))
    rows = [
        _row("booklet", same(f"JL{filing.case_no[-14:]}")),
        _row("reason", filing.option("reason", reason)),
        _row("kind", words(f"office_medical.insured_{found.kind}")),
        _row("region", regions.full_name(found.region) or same(found.region)),
    ]
    if since is not None:
        gone = "void_lost" if reason == "lost" else "void"
        rows.append(_row("old", words(f"office_medical.{gone}", day=since)))
    return outcomes.grant(
        filing,
        "yb06",
        person,
        Sheet(tuple(rows)),
        purpose=words("office_medical.purpose_visits"),
        title=words("office_medical.yb06_title"),
        message=words("office_medical.yb06_message"),
    )


# ── what several ask ────────────────────────────────────────────────────────
def insured(person: Person | None) -> Insured | None:
    """How somebody is, or was, insured here."""
    return medical.load().insured.get(person.key) if person else None


def _state(found: Insured) -> Words:
    if found.until:
        return words("office_medical.stopped", month=found.until)
    return words("office_medical.paying")


def _years(today: date) -> tuple[str, ...]:
    return tuple(str(year) for year in range(today.year, today.year - YEARS, -1))


def _paid_months(found: Insured, year: int) -> tuple[str, ...]:
    last = min(found.until or "9999-12", medical.load().booked_until)
    months = (f"{year}-{month:02}" for month in range(1, 13))
    return tuple(month for month in months if found.since <= month <= last)


def _paid(person: Person, found: Insured, month: str) -> tuple[int, int, int]:
    """Base, own share and what went into the account, in fen."""
    if found.kind == "retired":
        return 0, 0, found.credit
    base = social.load().base(person.key, int(month[:4]))
    return base, base * OWN // 100, base * OWN // 100


def _of(person: Person, first: str, last: str) -> Iterator[Visit]:
    visits = medical.load().visit
    return (one for one in visits if one.who == person.key and first <= str(one.day) <= last)


def _row(name: str, value: Words) -> ResultRow:
    return ResultRow(label=words(f"office_medical.row_{name}"), value=value)


def _heads(*names: str) -> tuple[Words, ...]:
    return tuple(words(f"office_medical.head_{name}") for name in names)


HANDLERS = {
    "YB01": Handler(knows=_insured, answers=_look_at_record, decides=_print_record),
    "YB02": Handler(knows=_last_year, answers=_look_at_visits, decides=_print_visits),
    "YB03": Handler(answers=_claims),
    "YB06": Handler(decides=_booklet),
}
