"""The housing fund: what each citizen of the table gets, by his account; and what a loan costs."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as some

from config.catalogue_files import load_catalogue
from config.people import people
from config.platform_api import FormData, Query, QueryResult
from hall.platform.loan import Method, schedule
from hall.platform.registers import estate, fund
from tests.hall.platform.conftest import Clock
from tests.hall.platform.office_table import Case, filed, judge
from tests.hall.platform.terminal import Terminal

SERVICES = load_catalogue().services
YEAR = {"from": "2025-11", "to": "2026-10", "purpose": "home"}
AWAY = {"paid_region": "330100", "paid_office": "示例市住房公积金中心（样张）", "loan_region": "320100",
        "loan_office": "对江市住房公积金中心", "phone": "13800000015"}  # fmt: skip
RENT = {"amount": "120000", "marital": "single", "bank": "cloud", "card_no": "6222020000000000000",
        "phone": "13800000004"}  # fmt: skip
LOAN = {"amount": "50000000", "years": "20", "home": "first", "method": "instalment"}

CASES = [
    Case("GJ01", "zhang", YEAR, rows={"缴存月数": "12", "缴存合计（元）": "40,320.00"},
         paper=("住房公积金缴存证明", "张明远", "330100000010", "380,283.45", "1,680.00", "购房")),
    Case("GJ01", "tan", {**YEAR, "purpose": "loan"}, rows={"缴存月数": "11", "缴存合计（元）": "10,560.00"},
         paper=("谭晓", "封存", "2025-11–2026-09", "示例市住房公积金中心（样张）", "147,842.30")),
    Case("GJ01", "chen", {**YEAR, "from": "2016-09", "to": "2016-12"}, rows={"缴存合计（元）": "4,800.00"},
         paper=("陈𬭩", "134,184.00")),
    Case("GJ01", "sun", YEAR, "refused", says="没有查到", refers=True),
    Case("GJ01", "feng", {**YEAR, "from": "2026-06", "to": "2026-10"}, "refused", says="2026-06",
         refers=True),
    Case("GJ01", "zhang", {**YEAR, "from": "2015-01"}, "form_invalid", says="59 个月"),
    Case("GJ02", "feng", AWAY, rows={"贷款地": "江苏省对江市"},
         paper=("异地贷款职工住房公积金缴存使用证明", "冯丽娜", "142", "188,484.20", "1,320.00")),
    Case("GJ02", "zheng", {**AWAY, "loan_region": "530100", "loan_office": "远山市住房公积金中心"},
         rows={"贷款地": "云南省远山市"}, paper=("郑凯", "268", "1", "756,540.50")),
    Case("GJ02", "zhang", AWAY, "not_eligible", says="GJJ2015060088"),
    Case("GJ02", "jiang", AWAY, "refused", says="已缴存 3 个月", refers=True),
    Case("GJ02", "feng", {**AWAY, "loan_region": "330102"}, "form_invalid", says="以外的地区"),
    Case("GJ04", "zhang", {**RENT, "marital": "married"}, "refused", says="梧桐路12号3幢502室", refers=True),
    Case("GJ04", "tan", {**RENT, "marital": "married"}, "refused", says="封存", refers=True),
    Case("GJ04", "shen", RENT, "refused", says="已缴存 2 个月", refers=True),
    Case("GJ04", "chen", {**RENT, "marital": "married"}, "refused", says="婚姻登记信息不一致", refers=True),
    Case("GJ04", "chen", {**RENT, "amount": "150001"}, "refused", says="1,500.00 元", refers=True),
    Case("GJ04", "chen", {**RENT, "card_no": "6222020000000000001"}, "form_invalid", says="银行卡号"),
    Case("GJ04", "yang", RENT, "refused", says="没有查到", refers=True),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_filed_ends_as_the_account_says(standing: Terminal, clock: Clock, case: Case) -> None:
    judge(standing, case, filed(standing, clock, SERVICES, case))


def test_rent_is_taken_out_until_the_months_limit_is_used(terminal: Terminal, clock: Clock) -> None:
    def does(case: Case) -> None:
        judge(terminal, case, filed(terminal, clock, SERVICES, case))

    does(Case("GJ04", "chen", RENT, rows={"提取金额（元）": "1,200.00", "收款账号": "**** 0000"},
              paper=("住房公积金提取受理单", "陈𬭩", "示例云杉银行", "300.00"), decided=False))  # fmt: skip
    does(Case("GJ04", "tang", {**RENT, "amount": "150000", "bank": "rural"},
              rows={"提取金额（元）": "1,500.00"}, paper=("唐小梅", "示例农村合作银行", "0.00"),
              decided=False))  # fmt: skip
    does(
        Case(
            "GJ04",
            "chen",
            {**RENT, "amount": "30100"},
            "refused",
            says="您本月还可提取 300.00 元",
            refers=True,
        )
    )
    assert _form(terminal, "GJ04", "chen").values["amount"] == "30000"
    does(Case("GJ04", "chen", {**RENT, "amount": "30000"}, paper=("300.00",), decided=False))
    assert terminal.http.get(
        "/v1/services/GJ04/form", params={"subject": terminal.lay_card("chen")}
    ).json()["message"]["zh"].startswith("本月或本年度的租房提取额度已用完")  # fmt: skip
    clock.pass_by(days=10)
    assert _form(terminal, "GJ04", "chen").values["amount"] == "150000"


def _form(terminal: Terminal, service: str, who: str) -> FormData:
    told = terminal.http.get(f"/v1/services/{service}/form", params={"subject": terminal.lay_card(who)})
    return FormData.model_validate_json(told.content)


@pytest.mark.parametrize(
    ("service", "who", "says"),
    [
        ("GJ02", "zhang", "结清后"),
        ("GJ04", "zheng", "有房"),
        ("GJ04", "he", "梧桐路"),
        ("GJ04", "feng", "封存"),
    ],
)
def test_who_may_not_is_told_before_the_form(standing: Terminal, service: str, who: str, says: str) -> None:
    told = standing.http.get(f"/v1/services/{service}/form", params={"subject": standing.lay_card(who)})
    assert told.status_code == 422 and says in told.json()["message"]["zh"]


# ── GJ03 ────────────────────────────────────────────────────────────────────
def _calculated(terminal: Terminal, **differently: str) -> QueryResult:
    answer = terminal.post("/v1/queries", Query(service="GJ03", values={**LOAN, **differently}))
    return QueryResult.model_validate_json(answer.content)


@pytest.mark.parametrize(
    ("form", "rows"),
    [
        ({}, {"每月还款（元）": "2,673.94", "年利率": "2.6%（自 2025-05-08 起执行）"}),
        (
            {"years": "5", "amount": "10000000"},
            {"每月还款（元）": "1,757.15", "还款总额（元）": "105,429.31"},
        ),
        ({"method": "principal"}, {"首月还款（元）": "3,166.66", "利息合计（元）": "130,541.88"}),
        ({"home": "second", "method": "principal"}, {"年利率": "3.075%（自 2025-05-08 起执行）"}),
    ],
)
def test_a_loan_is_calculated_and_said_to_be_no_promise(
    standing: Terminal, form: dict[str, str], rows: dict[str, str]
) -> None:
    answer = _calculated(standing, **form)
    told = {row.label.zh: row.value.zh for row in answer.rows}
    assert rows.items() <= told.items(), told
    assert "仅供参考" in answer.title.zh and answer.note is not None and "仅供参考" in answer.note.zh
    assert answer.table is not None and len(answer.table.rows) == int({**LOAN, **form}["years"]) * 12


@pytest.mark.parametrize("form", [{"amount": "999999"}, {"years": "31"}, {"years": "0"}, {"amount": "1.5"}])
def test_no_loan_is_calculated_that_nobody_gives(standing: Terminal, form: dict[str, str]) -> None:
    answer = standing.post("/v1/queries", Query(service="GJ03", values={**LOAN, **form}))
    assert answer.json()["code"] == "form_invalid"


@given(
    some.integers(1, 10**10),
    some.integers(1, 480),
    some.integers(0, 30_000),
    some.sampled_from(get_args(Method)),
)
def test_every_loan_is_paid_back_to_the_fen(amount: int, months: int, rate: int, method: Method) -> None:
    plan = schedule(amount, months, rate, method)
    assert len(plan) == months and plan[-1].left == 0
    assert sum(payment.principal for payment in plan) == amount
    assert all(payment.principal >= 0 and payment.interest >= 0 for payment in plan)
    left = amount
    for payment in plan:  # each month's interest is that of what is still owed
        assert abs(payment.interest - left * rate / 1_200_000) <= 0.5 + left * 1e-15
        left -= payment.principal
        assert payment.left == left


@given(some.integers(10**6, 12 * 10**7), some.integers(1, 30), some.integers(1, 6000))
def test_equal_instalments_are_equal_and_equal_parts_fall(amount: int, years: int, rate: int) -> None:
    months = years * 12
    totals = {payment.total for payment in schedule(amount, months, rate, "instalment")[:-1]}
    assert len(totals) == 1
    last, monthly = schedule(amount, months, rate, "instalment")[-1].total, rate / 1_200_000
    # What rounding left over: at most a fen for each month, with its interest since.
    assert abs(last - totals.pop()) <= ((1 + monthly) ** months - 1) / monthly
    falling = [payment.total for payment in schedule(amount, months, rate, "principal")]
    assert falling[:-1] == sorted(falling[:-1], reverse=True)


# ── the register ────────────────────────────────────────────────────────────
def test_the_accounts_are_those_of_citizens_and_fit_their_work() -> None:
    for account in fund.load().account:
        who = people()[account.citizen]
        pension = next(one for one in who.insurance if one.kind == "pension")
        assert account.employer == pension.employer
        months = [month.month for month in account.paid]
        assert months == sorted(set(months)) and pension.first <= months[0]
        assert months[-1] == pension.last
        assert account.balance >= 0 and (account.state != "closed" or account.balance == 0)


def test_who_borrowed_for_a_home_owns_one() -> None:
    for account in fund.load().account:
        assert not account.loans or estate.of(account.citizen)
