"""人社: social insurance and work (SB)."""

from __future__ import annotations

from dataclasses import asdict

from config.platform_api import FormData, FormOption
from config.platform_body import Value
from config.words import same, words
from hall.platform.insurance import known_period, paid, pension_year, years_on_record
from hall.platform.office import Asking, Decision, Filing, Handler, row


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
    """The years on record, the last one chosen; nothing when there is no record."""
    person = asking.person
    years = years_on_record(person, asking.today) if person else ()
    if not years:
        return FormData()
    return FormData(
        values={"year": years[0]},
        sources={"year": words("platform.source_insurance")},
        options={"year": tuple(FormOption(value=year, name=same(year)) for year in years)},
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
        return Decision(
            "refused",
            words("platform.sb01_none_title"),
            words("platform.sb01_none_message"),
            words("platform.event_refused"),
        )
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
        return Decision(
            "refused",
            words("platform.sb01_none_title"),
            words("platform.sb02_none_message"),
            words("platform.event_refused"),
        )
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


HANDLERS = {
    "SB01": Handler(knows=_insurances, decides=_proof_of_insurance),
    "SB02": Handler(knows=_years, decides=_pension_year),
}
