"""税务: proof of taxes that were paid (SW01, SW02)."""

from __future__ import annotations

from datetime import date

from config.money import yuan
from config.platform_api import FormData, FormOption, ResultRow
from config.words import Words, same, words
from hall.platform.office import Asking, Decision, Filing, Handler
from hall.platform.outcomes import Sheet, grant, money, no_record
from hall.platform.registers import taxes
from hall.platform.registers.taxes import Payment, Withheld


def _said(name: str, **values: object) -> Words:
    return words(f"office_tax.{name}", **values)


def _row(name: str, value: Words) -> ResultRow:
    return ResultRow(label=_said(name), value=value)


# ── SW01 个人所得税纳税记录 ───────────────────────────────────────────────────
def _last_year(asking: Asking) -> FormData:
    """The last twelve months on record."""
    months = taxes.withheld(asking.person.key, asking.today) if asking.person else ()
    if not months:
        return FormData()
    values = {"from": months[max(0, len(months) - 12)].month, "to": months[-1].month}
    return FormData(values=values, sources=dict.fromkeys(values, _said("source")))


def _record(filing: Filing) -> Decision:
    """SW01: every month declared in the period, also those without tax."""
    first, last, person = filing.text("from"), filing.text("to"), filing.person
    declared = taxes.withheld(person.key, filing.today) if person else ()
    found = tuple(month for month in declared if first <= month.month <= last)
    if person is None or not found:
        return no_record(filing.service, _said("sw01_none", first=first, last=last))
    payers = dict.fromkeys(month.payer for month in found)
    sheet = Sheet(
        rows=(
            _row("period", same(f"{found[0].month} – {found[-1].month}")),
            _row("months", same(str(len(found)))),
            _row("payers", same(_said("comma").zh.join(payers))),
        ),
        figures=(
            money(_said("income"), sum(month.income for month in found)),
            money(_said("tax"), sum(month.tax for month in found)),
        ),
        heads=tuple(_said(f"sw01_{head}") for head in ("month", "item", "income", "tax", "declared")),
        table=tuple(_line(month) for month in found),
    )
    return grant(filing, "sw01", person, sheet, purpose=_said("sw01_purpose"))


def _line(month: Withheld) -> tuple[Words, ...]:
    told = (month.month, _said("wages").zh, yuan(month.income), yuan(month.tax), f"{month.declared}")
    return tuple(same(text) for text in told)


# ── SW02 完税证明 ─────────────────────────────────────────────────────────────
def _years(asking: Asking) -> FormData:
    """This year and the four before it."""
    years = (str(asking.today.year - n) for n in range(5))
    return FormData(options={"year": tuple(FormOption(value=year, name=same(year)) for year in years)})


def _proof(filing: Filing) -> Decision:
    """SW02: income tax of a year from its months, other taxes from their vouchers."""
    person, tax = filing.person, filing.text("tax")
    name = filing.option("tax", tax)
    if person is None:
        return no_record(filing.service, _said("sw02_none", tax=name))
    if tax == "income":
        lines = _income_of(person.key, filing.text("year"), filing.today)
    else:
        lines = tuple(_voucher(name, paid) for paid in _paid(filing, person.key))
    if not lines:
        return no_record(filing.service, _said("sw02_none", tax=name))
    sheet = Sheet(
        rows=(_row("tax_kind", name), _row("vouchers", same(str(len(lines))))),
        figures=(money(_said("tax_all"), sum(fen for _, fen in lines)),),
        heads=tuple(_said(f"sw02_{head}") for head in ("what", "base", "rate", "fen", "day", "voucher")),
        table=tuple(line for line, _ in lines),
    )
    return grant(filing, "sw02", person, sheet, purpose=_said("sw02_purpose"))


def _income_of(key: str, year: str, today: date) -> tuple[tuple[tuple[Words, ...], int], ...]:
    """The year's income tax by payer."""
    months = [one for one in taxes.withheld(key, today) if one.month.startswith(f"{year}-")]
    found = []
    for payer in dict.fromkeys(month.payer for month in months):
        of_payer = [month for month in months if month.payer == payer]
        fen, last = sum(month.tax for month in of_payer), max(month.declared for month in of_payer)
        income, voucher = yuan(sum(month.income for month in of_payer)), f"{last:%Y%m}"
        if fen:
            told = (
                payer,
                income,
                _said("withheld").zh,
                yuan(fen),
                f"{last}",
                _said("by_month", n=voucher).zh,
            )
            found.append((tuple(same(text) for text in told), fen))
    return tuple(found)


def _paid(filing: Filing, key: str) -> tuple[Payment, ...]:
    """The citizen's own vouchers: of deed tax by the contract, of other taxes by the year."""
    kind, year, contract = filing.text("tax"), filing.text("year"), filing.text("contract").strip().upper()
    return tuple(
        one
        for one in taxes.payments()
        if one.kind == kind
        and key in one.payers
        and (one.contract == contract if kind == "deed" else str(one.paid.year) == year)
    )


def _voucher(name: Words, paid: Payment) -> tuple[tuple[Words, ...], int]:
    base = yuan(paid.base) if paid.base else "-"
    told = (
        _said("for_what", tax=name, what=paid.what).zh,
        base,
        paid.rate,
        yuan(paid.fen),
        f"{paid.paid}",
        paid.voucher,
    )
    return tuple(same(text) for text in told), paid.fen


HANDLERS = {
    "SW01": Handler(knows=_last_year, decides=_record),
    "SW02": Handler(knows=_years, decides=_proof),
}
