"""人社: what was paid for social insurance, on paper (SB01–SB03, SB07, SB08). The rest is in `work.py`."""

from __future__ import annotations

from dataclasses import asdict

from config import regions
from config.people import Insurance, Person
from config.platform_api import FormData, FormOption, QueryResult, ResultRow
from config.platform_body import Value
from config.words import Words, same, words
from hall.platform import outcomes
from hall.platform.contributions import Month, by_year, is_paying, is_self_insured, pension_months
from hall.platform.insurance import known_period, last_years, paid, pension_year, years_on_record
from hall.platform.office import Asking, Decision, Filing, Handler, row
from hall.platform.outcomes import Figure, Sheet, amount, money
from hall.platform.registers import social


def _insurances(asking: Asking) -> FormData:
    """The insurances on record, all ticked, over their whole span; nothing when there is no record."""
    person = asking.person
    period = known_period(person) if person else None
    if person is None or period is None:
        return FormData()
    kinds = {record.kind for record in person.insurance}
    offered = next(field for field in asking.service.fields if field.key == "insurances").options
    known = tuple(FormOption(value=o.value, name=o.name) for o in offered if o.value in kinds)
    values: dict[str, Value] = {
        "insurances": tuple(option.value for option in known),
        "from": period[0],
        "to": period[1],
    }
    source = words("platform.source_insurance")
    return FormData(values=values, sources=dict.fromkeys(values, source), options={"insurances": known})


def _years(asking: Asking) -> FormData:
    """The years on record, the last one chosen; without a record any year, and the answer is an honest no."""
    return _of_years(asking, asking.person)


def _of_years(asking: Asking, person: Person | None) -> FormData:
    years = years_on_record(person, asking.today) if person else ()
    offered = years or last_years(asking.today)
    return FormData(
        values={"year": years[0]} if years else {},
        sources={"year": words("platform.source_insurance")} if years else {},
        options={"year": tuple(FormOption(value=year, name=same(year)) for year in offered)},
    )


def _proof_of_insurance(filing: Filing) -> Decision:
    """SB01: a certificate of what was paid in the period, or a kind no when nothing was."""
    values, person = filing.submission.values, filing.person
    found = (
        paid(person, tuple(values["insurances"]), filing.text("from"), filing.text("to"))
        if person is not None
        else ()
    )
    if not found:
        return outcomes.no_record(filing.service, words("platform.sb01_none_message"))
    assert person is not None
    facts = {
        "first": filing.text("from"),
        "last": filing.text("to"),
        "insurances": [{**asdict(row), "name": filing.option("insurances", row.kind).zh} for row in found],
    }
    purpose = filing.option("purpose", filing.text("purpose"))
    issued = filing.issue("sb01", person, purpose, facts)
    names = [filing.option("insurances", row.kind) for row in found]
    listed = names[0]
    for name in names[1:]:
        listed = words("platform.listed", first=listed, rest=name)
    return Decision(
        "accepted",
        words("platform.sb01_title"),
        words("platform.sb01_message"),
        words("platform.event_issued"),
        rows=(
            row("insurances", listed),
            row("period", same(f"{values['from']} – {values['to']}")),
            row("valid_until", same(issued.valid_until)),
            row("number", same(issued.document.number)),
        ),
        documents=(issued.document,),
    )


def _pension_year(filing: Filing) -> Decision:
    """SB02: what was paid for the pension in one year, front and back of a sheet."""
    year = filing.text("year")
    person = filing.person
    if person is None or year not in years_on_record(person, filing.now.date()):
        return outcomes.no_record(filing.service, words("platform.sb02_none_message"))
    told = pension_year(person, int(year))
    facts = {
        "year": year,
        "employer": told.employer,
        "months": sum(told.paid),
        "total": told.totals[-1],
        "since": told.since,
        "until": told.until,
        "table": [
            {
                "month": f"{year}-{month:02}",
                "state": words("platform.month_paid" if paid else "platform.month_unpaid").zh,
                "total": total,
            }
            for month, (paid, total) in enumerate(zip(told.paid, told.totals, strict=True), start=1)
        ],
    }
    issued = filing.issue("sb02", person, words("platform.sb02_purpose"), facts)
    return Decision(
        "accepted",
        words("platform.sb01_title"),
        words("platform.sb02_message"),
        words("platform.event_issued"),
        rows=(
            row("year", same(year)),
            row("months", same(str(sum(told.paid)))),
            row("valid_until", same(issued.valid_until)),
            row("number", same(issued.document.number)),
        ),
        documents=(issued.document,),
    )


# ── SB03: what was paid into the pension ────────────────────────────────────
def _pension_period(asking: Asking) -> FormData:
    """From the first month to the last one that was paid."""
    records = _pensions(asking.person)
    if not records:
        return FormData()
    values: dict[str, Value] = {"from": records[0].first, "to": records[-1].last}
    return FormData(values=values, sources=dict.fromkeys(values, words("platform.source_insurance")))


def _contributions(person: Person | None, first: str, last: str) -> Sheet | None:
    """Year by year; None when nothing was paid."""
    months = pension_months(person, first, last) if person else ()
    if person is None or not months:
        return None
    record = _pensions(person)[-1]
    return Sheet(
        (
            _row("employer", same(record.employer)),
            _row("state", _state(person, record)),
            _row("first", same(record.first)),
            _row("period", same(f"{months[0].month} – {months[-1].month}")),
        ),
        (
            _months(len(months)),
            money(words("office_social.own"), sum(month.own for month in months)),
            money(words("office_social.employers"), sum(month.employers for month in months)),
        ),
        _heads("year", "months", "base", "own", "employers"),
        tuple(
            (same(y.year), same(str(y.months)), amount(y.base), amount(y.own), amount(y.employers))
            for y in by_year(months)
        ),
    )


def _look_at_contributions(asking: Asking) -> QueryResult:
    sheet = _contributions(asking.person, asking.text("from"), asking.text("to"))
    if sheet is None:
        return outcomes.not_found(asking.service, words("office_social.sb03_none"))
    return outcomes.show(words("office_social.sb03_title"), sheet)


def _print_contributions(filing: Filing) -> Decision:
    person = filing.person
    sheet = _contributions(person, filing.text("from"), filing.text("to"))
    if person is None or sheet is None:
        return outcomes.no_record(filing.service, words("office_social.sb03_none"))
    return outcomes.grant(filing, "sb03", person, sheet, purpose=words("office_social.purpose_check"))


# ── SB07: the statement of who pays for himself ─────────────────────────────
def _own_years(asking: Asking) -> FormData:
    known = asking.person is not None and is_self_insured(asking.person)
    return _of_years(asking, asking.person if known else None)


def _statement(filing: Filing) -> Decision:
    year, person = filing.text("year"), filing.person
    months: tuple[Month, ...] = ()
    if person is not None and is_self_insured(person) and year in years_on_record(person, filing.today):
        months = pension_months(person, f"{year}-01", f"{year}-12")
    if person is None or not months:
        return outcomes.no_record(filing.service, words("office_social.sb07_none"))
    sheet = Sheet(
        (
            _row("year", same(year)),
            _row("period", same(f"{months[0].month} – {months[-1].month}")),
        ),
        (_months(len(months)), money(words("office_social.paid_total"), sum(m.own for m in months))),
        _heads("month", "base", "paid"),
        tuple((same(m.month), amount(m.base), amount(m.own)) for m in months),
    )
    return outcomes.grant(filing, "sb07", person, sheet, purpose=words("office_social.purpose_check"))


# ── SB08: proof for moving to another province ──────────────────────────────
def _proof_for_moving(filing: Filing) -> Decision:
    person, kind = filing.person, filing.text("insurance")
    insurance, target = filing.option("insurance", kind), regions.full_name(filing.text("region"))
    record = next((r for r in person.insurance if r.kind == kind), None) if person else None
    if person is None or record is None:
        message = words("office_social.sb08_none", insurance=insurance)
        return outcomes.no_record(filing.service, message)
    if person.key in social.load().pension:
        return outcomes.refuse(filing.service, words("office_social.sb08_pension"))
    if is_paying(record):
        message = words("office_social.sb08_paying", employer=record.employer)
        return outcomes.refuse(filing.service, message, words("office_social.sb08_paying_what"))
    assert target is not None, "the form's rule"
    figures = [_months(record.months_paid)]
    if kind == "pension":
        own = sum(month.own for month in pension_months(person, record.first, record.last))
        figures.append(money(words("office_social.account"), own))
    sheet = Sheet(
        (
            _row("insurance", insurance),
            _row("target", target),
            _row("here", _here(filing)),
            _row("stopped", same(record.last)),
            _row("period", same(f"{record.first} – {record.last}")),
            _row("employer", same(record.employer)),
        ),
        tuple(figures),
    )
    return outcomes.grant(filing, "sb08", person, sheet, purpose=words("office_social.purpose_move"))


def _pensions(person: Person | None) -> tuple[Insurance, ...]:
    return tuple(r for r in person.insurance if r.kind == "pension") if person else ()


def _state(person: Person, record: Insurance) -> Words:
    if person.key in social.load().pension:
        return words("office_social.drawing")
    return words("office_social.paying" if is_paying(record) else "office_social.stopped")


def _here(filing: Filing) -> Words:
    return regions.full_name(filing.parts.settings.region) or same(filing.parts.settings.region)


def _row(name: str, value: Words) -> ResultRow:
    return ResultRow(label=words(f"office_social.row_{name}"), value=value)


def _heads(*names: str) -> tuple[Words, ...]:
    return tuple(words(f"office_social.head_{name}") for name in names)


def _months(count: int) -> Figure:
    return Figure(words("office_social.months"), str(count), words("outcomes.months"))


HANDLERS = {
    "SB01": Handler(knows=_insurances, decides=_proof_of_insurance),
    "SB02": Handler(knows=_years, decides=_pension_year),
    "SB03": Handler(knows=_pension_period, answers=_look_at_contributions, decides=_print_contributions),
    "SB07": Handler(knows=_own_years, decides=_statement),
    "SB08": Handler(decides=_proof_for_moving),
}
