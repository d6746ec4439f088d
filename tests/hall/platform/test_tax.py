"""Taxes and residents' contributions: what each citizen of the table gets, by his records."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from config.catalogue_files import load_catalogue
from config.people import person
from config.platform_api import FormData, OrderRequest
from hall.platform.registers import taxes
from tests.hall.platform.conftest import Clock
from tests.hall.platform.office_table import Case, filed, judge
from tests.hall.platform.terminal import Terminal

SERVICES = load_catalogue().services
TODAY = date(2026, 11, 22)
THIS_YEAR = {"from": "2026-01", "to": "2026-10"}
SELF = {"for": "self", "year": "2026", "level": "p200"}
CHILD = {"for": "family", "family_number": person("xu").number, "year": "2027", "level": "medical"}

CASES = [
    Case("SW01", "zhang", THIS_YEAR,
         rows={"申报月数": "10", "收入额合计": "150,000.00 元", "实缴税额合计": "3,225.00 元"},
         paper=("个人所得税纳税记录", "示例市税务局（样张）", "张明远", "2026-07", "467.40", "2026-11-12")),
    Case("SW01", "jiang", {"from": "2026-01", "to": "2026-11"},
         rows={"税款所属期": "2026-08 – 2026-10", "实缴税额合计": "141.30 元"},
         paper=("蒋一鸣", "示例市云杉软件有限公司", "47.10")),
    Case("SW01", "tan", THIS_YEAR, rows={"申报月数": "9", "实缴税额合计": "0.00 元"}, paper=("谭晓", "0.00")),
    Case("SW01", "sun", THIS_YEAR, "refused", says="没有查到", refers=True),
    Case("SW01", "han", THIS_YEAR, "refused", says="2026-01 至 2026-10", refers=True),
    Case("SW01", "zhang", {"from": "2026-10", "to": "2026-01"}, "form_invalid", says="不能早于"),
    Case("SW02", "zhang", {"tax": "deed", "contract": "sf20150611088"},
         rows={"税种": "契税", "实缴税额合计": "12,800.00 元"},
         paper=("税收完税证明", "1,280,000.00", "1%", "502室", "2015-08-20")),
    Case("SW02", "he", {"tax": "deed", "contract": "SF20150611088"},
         rows={"实缴税额合计": "12,800.00 元"}, paper=("贺文静", "502室")),
    Case("SW02", "zheng", {"tax": "income", "year": "2025"},
         rows={"税种": "个人所得税", "实缴税额合计": "10,080.00 元"},
         paper=("郑凯", "示例市云杉软件有限公司", "240,000.00", "累计预扣")),
    Case("SW02", "hu", {"tax": "vehicle", "year": "2026"},
         rows={"税种": "车船税", "实缴税额合计": "1,074.00 元"}, paper=("浙Z0H036", "60 元/吨")),
    Case("SW02", "li", {"tax": "deed", "contract": "SF20150611088"}, "refused", says="买受人", refers=True),
    Case("SW02", "tan", {"tax": "income", "year": "2025"}, "refused", says="个人所得税", refers=True),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_filed_ends_as_the_records_say(standing: Terminal, clock: Clock, case: Case) -> None:
    judge(standing, case, filed(standing, clock, SERVICES, case))


# ── SW03: paid before it is filed ───────────────────────────────────────────
def ordered(desk: Terminal, who: str, values: Mapping[str, Any], fen: int) -> tuple[str, dict[str, Any]]:
    """The key of an order, and how the platform answers it."""
    key = str(uuid.uuid4())
    subject = desk.lay_card(who)
    request = OrderRequest(service="SW03", terminal="K001", subject=subject, fen=fen, values=dict(values))
    return key, desk.post("/v1/orders", request, **{"Idempotency-Key": key}).json()


def contributed(desk: Terminal, clock: Clock, case: Case, fen: int) -> None:
    key, order = ordered(desk, case.who, case.values, fen)
    assert desk.http.post(f"{order['code']}/pay").status_code == 200
    case = Case(**{**vars(case), "sends": {"payment": key}})
    judge(desk, case, filed(desk, clock, SERVICES, case))


def test_a_contribution_is_paid_once_for_oneself_or_a_child(terminal: Terminal, clock: Clock) -> None:
    care = {"险种和档次": "居民医疗保险 420 元/年", "已缴金额": "420.00 元", "缴费年度": "2027"}
    contributed(terminal, clock, Case("SW03", "changqing", CHILD, rows={"参保人": "许**", **care}), 42_000)
    own = {"for": "self", "year": "2027", "level": "medical"}
    contributed(terminal, clock, Case("SW03", "yang", own, rows={"参保人": "杨**", **care}), 42_000)
    for who, values in (("tan", CHILD), ("yang", own)):  # the mother, and once more
        _, answer = ordered(terminal, who, values, 42_000)
        assert answer["code"] == "not_eligible" and "已经缴过" in answer["message"]["zh"]


@pytest.mark.parametrize(
    ("who", "values", "words"),
    [
        ("zhang", SELF, "职工社会保险"),
        ("qian", {**SELF, "year": "2027", "level": "medical"}, "职工社会保险"),  # retired
        ("wu", SELF, "职工社会保险"),  # pays for his pension as one who works for himself
        ("sun", SELF, "在校学生"),
        ("yang", SELF, "已经缴过"),
        ("yang", {**SELF, "year": "2027"}, "不征缴"),
        ("zhang", CHILD, "家属关系"),
        ("wu", {**SELF, "level": "medical"}, "已经缴过"),
    ],
)
def test_nobody_pays_what_he_need_not_or_may_not(
    standing: Terminal, who: str, values: dict[str, str], words: str
) -> None:
    _, answer = ordered(standing, who, values, taxes.levels()[values["level"]].fen)
    assert answer["code"] == "not_eligible" and words in answer["message"]["zh"]


def test_the_form_offers_what_is_collected_now(standing: Terminal) -> None:
    told = standing.http.get("/v1/services/SW03/form", params={"subject": standing.lay_card("yang")})
    offered = FormData.model_validate_json(told.content).options
    assert [one.value for one in offered["year"]] == ["2026", "2027"]
    years = {one.value: one.only_if.is_in for one in offered["level"] if one.only_if}
    assert years["medical"] == ("2026", "2027") and years["p200"] == ("2026",)


# ── the arithmetic of withholding ───────────────────────────────────────────
@given(some.integers(0, 200_000_000), some.integers(0, 10_000_000))
def test_more_income_is_never_less_tax_and_never_all_of_it(taxable: int, more: int) -> None:
    assert 0 <= taxes.tax_on(taxable) <= taxes.tax_on(taxable + more) <= (taxable + more) * 45 // 100


@pytest.mark.parametrize(
    ("taxable", "tax"), [(3_600_000, 108_000), (3_600_100, 108_010), (14_400_000, 1_188_000), (0, 0), (-1, 0)]
)
def test_a_year_is_taxed_by_the_published_table(taxable: int, tax: int) -> None:
    assert taxes.tax_on(taxable) == tax


@pytest.mark.parametrize("key", ["zhang", "zheng", "he", "jiang"])
def test_the_months_of_a_year_make_the_years_tax(key: str) -> None:
    (wage,) = taxes.wages()[key]
    monthly = wage.income - taxes.ALLOWANCE - wage.insured - wage.special
    months = [one for one in taxes.withheld(key, TODAY) if one.month.startswith("2026")]
    assert sum(one.tax for one in months) == taxes.tax_on(monthly * len(months)) > 0


def test_a_month_is_on_record_from_the_day_it_is_declared() -> None:
    last = [taxes.withheld("zhang", date(2026, 11, day))[-1].month for day in (11, 12)]
    assert last == ["2026-09", "2026-10"]
