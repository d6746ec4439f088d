"""公积金: the housing fund (GJ)."""

from __future__ import annotations

from sqlalchemy import Connection

from config.money import yuan
from config.people import Person
from config.platform_api import FormData, QueryResult, Referral, ResultRow, ResultTable
from config.regions import full_name
from config.words import Words, same, words
from hall.platform.earlier import earlier
from hall.platform.loan import Method, schedule
from hall.platform.office import Asking, Decision, Filing, Handler, refused, row
from hall.platform.refusals import Refused
from hall.platform.registers import estate, fund, marriages
from hall.platform.registers.fund import Account, Month

CITY = "330100"
PHONE = "12329"


def _account(person: Person | None) -> Account | None:
    return fund.load().of(person.key) if person else None


def _source(*keys: str) -> dict[str, Words]:
    return dict.fromkeys(keys, words("office_fund.source"))


def _no_account() -> Decision:
    return refused(
        words("office_fund.none_title"),
        words("office_fund.none_message"),
        _refer(words("office_fund.none_referral")),
    )


def _refer(what: Words) -> Referral:
    return Referral(what=what, where=words("office_fund.window"), phone=PHONE)


# ── GJ01 缴存证明 ─────────────────────────────────────────────────────────────
def _last_year(asking: Asking) -> FormData:
    """The last twelve months that were paid."""
    account = _account(asking.person)
    if account is None:
        return FormData()
    paid = account.paid
    values = {"from": paid[max(0, len(paid) - 12)].month, "to": paid[-1].month}
    return FormData(values=values, sources=_source("from", "to"))


def _proof_of_payments(filing: Filing) -> Decision:
    """The months of the period one by one; the sums are those of the rows."""
    account, person = _account(filing.person), filing.person
    if account is None or person is None:
        return _no_account()
    first, last = filing.text("from"), filing.text("to")
    paid = tuple(month for month in account.paid if first <= month.month <= last)
    if not paid:
        return refused(
            words("office_fund.none_title"),
            words("office_fund.no_months", first=first, last=last),
            _refer(words("office_fund.none_referral")),
        )
    total = sum(month.total for month in paid)
    facts = {
        "cells": [
            [words("office_fund.account").zh, account.number],
            [words("office_fund.state").zh, _state(account).zh],
            [words("office_fund.employer").zh, account.employer, "wide"],
            [words("office_fund.period").zh, f"{paid[0].month} – {paid[-1].month}", "wide"],
        ],
        "figures": [
            [words("office_fund.months").zh, str(len(paid)), words("office_fund.unit_months").zh],
            [words("office_fund.total").zh, yuan(total), ""],
            [words("office_fund.balance").zh, yuan(account.balance), ""],
        ],
        "rows": [*(_line(month) for month in paid), _sum(paid)],
    }
    issued = filing.issue("gj01", person, filing.option("purpose", filing.text("purpose")), facts)
    return Decision(
        "accepted",
        words("office_fund.issued_title"),
        words("office_fund.gj01_message"),
        words("platform.event_issued"),
        rows=(
            ResultRow(label=words("office_fund.months"), value=same(str(len(paid)))),
            ResultRow(label=words("office_fund.total"), value=same(yuan(total))),
            row("valid_until", same(issued.valid_until)),
            row("number", same(issued.document.number)),
        ),
        documents=(issued.document,),
    )


def _state(account: Account) -> Words:
    return {
        "active": words("office_fund.state_active"),
        "sealed": words("office_fund.state_sealed"),
        "closed": words("office_fund.state_closed"),
    }[account.state]


def _line(month: Month) -> list[str]:
    return [month.month, yuan(month.employer), yuan(month.own), yuan(month.total)]


def _sum(paid: tuple[Month, ...]) -> list[str]:
    sums = (sum(m.employer for m in paid), sum(m.own for m in paid), sum(m.total for m in paid))
    return [words("office_fund.sum").zh, *(yuan(fen) for fen in sums)]


# ── GJ02 异地贷款缴存使用证明 ─────────────────────────────────────────────────
def _here(asking: Asking) -> FormData:
    """Where it was paid. Refused `not_eligible` while a loan is open."""
    account = _account(asking.person)
    if account is not None and account.open_loan is not None:
        raise Refused("not_eligible", 422, complaint=_open_loan(account))
    values = {"paid_region": CITY, "paid_office": fund.load().centre.zh}
    if asking.person is not None and asking.person.phone:
        values["phone"] = asking.person.phone
    return FormData(values=values, sources=_source(*values))


def _open_loan(account: Account) -> Words:
    assert account.open_loan is not None
    return words("office_fund.loan_open", contract=account.open_loan.contract)


def _proof_for_elsewhere(filing: Filing) -> Decision:
    account, person, register = _account(filing.person), filing.person, fund.load()
    if account is None or person is None:
        return _no_account()
    title, least = words("office_fund.elsewhere_no"), register.limits.elsewhere_after_months
    if account.open_loan is not None:
        return refused(title, _open_loan(account), _refer(words("office_fund.elsewhere_referral")))
    if len(account.paid) < least:
        too_few = words("office_fund.too_few", paid=len(account.paid), least=least)
        return refused(title, too_few, _refer(words("office_fund.elsewhere_referral")))
    region = full_name(filing.text("loan_region"))
    assert region is not None, "the form's rule"
    paid = account.paid
    facts = {
        "cells": [
            [words("office_fund.account").zh, account.number],
            [words("office_fund.state").zh, _state(account).zh],
            [words("office_fund.employer").zh, account.employer, "wide"],
            [words("office_fund.period").zh, f"{paid[0].month} – {paid[-1].month}"],
            [words("office_fund.monthly").zh, yuan(paid[-1].total)],
            [words("office_fund.paid_in").zh, register.centre.zh, "wide"],
            [words("office_fund.loan_in").zh, f"{region.zh} {filing.text('loan_office')}", "wide"],
        ],
        "figures": [
            [words("office_fund.months").zh, str(len(paid)), words("office_fund.unit_months").zh],
            [words("office_fund.balance").zh, yuan(account.balance), ""],
            [words("office_fund.loans").zh, str(len(account.loans)), words("office_fund.unit_times").zh],
        ],
    }
    issued = filing.issue("gj02", person, words("office_fund.gj02_purpose", region=region), facts)
    return Decision(
        "accepted",
        words("office_fund.issued_title"),
        words("office_fund.gj02_message"),
        words("platform.event_issued"),
        rows=(
            ResultRow(label=words("office_fund.loan_in"), value=region),
            row("valid_until", same(issued.valid_until)),
            row("number", same(issued.document.number)),
        ),
        documents=(issued.document,),
    )


# ── GJ03 贷款试算 ─────────────────────────────────────────────────────────────
def _calculation(asking: Asking) -> QueryResult:
    """Every month's payment, and what it all comes to."""
    rates, years = fund.load().rates, int(asking.text("years"))
    rate = rates.rate("first" if asking.text("home") == "first" else "second", years)
    method: Method = "principal" if asking.text("method") == "principal" else "instalment"
    amount = int(asking.text("amount"))
    plan = schedule(amount, years * 12, rate, method)
    interest = sum(payment.interest for payment in plan)
    first = "office_fund.first_month" if method == "principal" else "office_fund.each_month"
    told = (
        (words("office_fund.amount"), same(yuan(amount))),
        (words("office_fund.term"), words("office_fund.term_years", years=years, months=len(plan))),
        (words("office_fund.method"), asking.option("method", method)),
        (words("office_fund.rate"), words("office_fund.rate_since", rate=_percent(rate), since=rates.since)),
        (words(first), same(yuan(plan[0].total))),
        (words("office_fund.last_month"), same(yuan(plan[-1].total))),
        (words("office_fund.interest"), same(yuan(interest))),
        (words("office_fund.all"), same(yuan(amount + interest))),
    )
    table = ResultTable(
        heads=(
            words("office_fund.head_month"),
            words("office_fund.head_payment"),
            words("office_fund.head_principal"),
            words("office_fund.head_interest"),
            words("office_fund.head_left"),
        ),
        rows=tuple(
            (same(str(n)), *(same(yuan(fen)) for fen in (one.total, one.principal, one.interest, one.left)))
            for n, one in enumerate(plan, start=1)
        ),
    )
    return QueryResult(
        found=True,
        title=words("office_fund.gj03_title"),
        rows=tuple(ResultRow(label=label, value=value) for label, value in told),
        table=table,
        note=words("office_fund.gj03_note"),
    )


def _percent(rate: int) -> str:
    """`2.6` for 2600 thousandths, at least one digit after the point."""
    text = f"{rate // 1000}.{rate % 1000:03}".rstrip("0")
    return f"{text}0" if text.endswith(".") else text


# ── GJ04 租房提取 ─────────────────────────────────────────────────────────────
def _possible(asking: Asking) -> FormData:
    """How much may be taken out this month. Refused `not_eligible` where the records say no."""
    person = asking.person
    if person is None:
        return FormData()
    with asking.parts.store.reading() as connection:
        if no := _no_rent(person):
            raise Refused("not_eligible", 422, complaint=no)
        account = _account(person)
        left = _left(connection, person, account, f"{asking.today:%Y-%m}") if account else 0
    if account is not None and left < 10000:
        raise Refused("not_eligible", 422, complaint=words("office_fund.used_up"))
    values = {"amount": str(left)} if account else {}
    sources = {"amount": words("office_fund.possible", amount=yuan(left))} if account else {}
    if person.phone:
        values["phone"], sources["phone"] = person.phone, words("office_fund.source")
    return FormData(values=values, sources=sources)


def _no_rent(person: Person) -> Words | None:
    """The rule by which nothing may be taken out for rent; None when it may."""
    limits, account = fund.load().limits, _account(person)
    if account is None:
        return None  # told by the decision, with a slip
    if account.state != "active":
        return words("office_fund.rent_sealed")
    if len(account.paid) < limits.rent_after_months:
        return words("office_fund.too_few", paid=len(account.paid), least=limits.rent_after_months)
    homes = {unit.address for who in (person.key, marriages.spouse(person.key)) for unit in estate.of(who)}
    if homes:
        return words("office_fund.rent_has_home", address=sorted(homes)[0])
    return None


def _left(connection: Connection, person: Person, account: Account, month: str) -> int:
    """What may still be taken out in this month (`YYYY-MM`), fen: limits and what was taken already."""
    limits = fund.load().limits
    taken = [(f"{one.day:%Y-%m}", one.fen) for one in account.withdrawals if one.reason == "rent"]
    taken += [
        (f"{case.when:%Y-%m}", int(case.text("amount")))
        for case in earlier(connection, person.number, "GJ04")
    ]
    since = sum(fen for when, fen in taken[len(account.withdrawals) :])
    in_month = sum(fen for when, fen in taken if when == month)
    in_year = sum(fen for when, fen in taken if when[:4] == month[:4])
    return max(0, min(limits.rent_month - in_month, limits.rent_year - in_year, account.balance - since))


def _rent(filing: Filing) -> Decision:
    """Taken in, and paid by the bank; refused with the rule that fails."""
    person, account = filing.person, _account(filing.person)
    if person is None or account is None:
        return _no_account()
    title = words("office_fund.rent_no")
    if no := _no_rent(person):
        return refused(title, no, _refer(words("office_fund.rent_referral")))
    if (filing.text("marital") == "married") != bool(marriages.spouse(person.key)):
        return refused(
            title, words("office_fund.marital_differs"), _refer(words("office_fund.rent_referral"))
        )
    amount = int(filing.text("amount"))
    left = _left(filing.transaction, person, account, f"{filing.today:%Y-%m}")
    if amount > left:
        limits = fund.load().limits
        too_much = words(
            "office_fund.too_much",
            month=yuan(limits.rent_month),
            year=yuan(limits.rent_year),
            left=yuan(left),
        )
        return refused(title, too_much, _refer(words("office_fund.rent_referral")))
    purpose = words("office_fund.gj04_purpose")
    facts = {
        "cells": [
            [words("office_fund.account").zh, account.number],
            [words("office_fund.card").zh, f"**** {filing.text('card_no')[-4:]}"],
            [words("office_fund.bank").zh, filing.option("bank", filing.text("bank")).zh, "wide"],
            [words("office_fund.case_no").zh, filing.case_no, "wide"],
            [words("office_fund.promise").zh, words("office_fund.promise_no_home").zh, "wide"],
        ],
        "figures": [
            [words("office_fund.rent_amount").zh, yuan(amount), ""],
            [words("office_fund.rent_left").zh, yuan(left - amount), ""],
        ],
    }
    issued = filing.issue("gj04", person, purpose, facts)
    return Decision(
        "accepted",
        words("platform.accepted_title"),
        words("office_fund.gj04_message"),
        words("platform.event_pending"),
        decided=False,
        rows=(
            ResultRow(label=words("office_fund.rent_amount"), value=same(yuan(amount))),
            ResultRow(label=words("office_fund.card"), value=same(f"**** {filing.text('card_no')[-4:]}")),
            row("number", same(issued.document.number)),
        ),
        documents=(issued.document,),
    )


HANDLERS = {
    "GJ01": Handler(knows=_last_year, decides=_proof_of_payments),
    "GJ02": Handler(knows=_here, decides=_proof_for_elsewhere),
    "GJ03": Handler(answers=_calculation),
    "GJ04": Handler(knows=_possible, decides=_rent),
}
