"""Civil affairs: marriages, appointments to marry, elders and relief, by what the registers say."""

from __future__ import annotations

from typing import Any

import pytest

from config.catalogue_files import load_catalogue
from config.identity_api import AgentClaim
from config.people import person
from config.platform_api import FormData, Submission
from tests.hall.platform.conftest import Clock
from tests.hall.platform.office_table import SIGNATURE, Case, filed, judge
from tests.hall.platform.terminal import Terminal

SERVICES = load_catalogue().services
MARRIED = {"kind": "marriage", "from": "2000-01", "to": "2026-11", "purpose": "home"}
WEDDING = {
    "region": "330101",
    "partner_name": "沈可欣",
    "partner_number": person("shen").number,
    "partner_region": "330201",
    "office": "model",
    "day_model": "2026-11-28",
    "slot_model": "09:30",
}
ELDER = {
    "kind": "allowance",
    "region": "330102",
    "bank": "rural",
    "card_no": "6222021234567890128",
    "contact": "钱桂兰",
    "phone": "13800000012",
}

CASES = [
    Case("MZ01", "zhang", MARRIED, rows={"登记种类": "结婚登记"},
         paper=("婚姻登记档案证明", "示例市民政局（样张）", "2014-06-18", "贺文静", "J330101-2014-001734")),
    Case("MZ01", "qian", {**MARRIED, "from": "1967-08"}, rows={"登记种类": "结婚登记"},
         paper=("钱桂兰", "赵德福", "1969-01-01")),
    Case("MZ01", "li", {**MARRIED, "kind": "divorce"}, rows={"登记种类": "离婚登记"},
         paper=("李若澜", "L330102-2019-000077", "2019-03-14")),
    Case("MZ01", "zhang", {**MARRIED, "from": "2015-01"}, "refused", says="没有查到", refers=True),
    Case("MZ01", "zhang", {**MARRIED, "spouse": "李若澜"}, "refused", says="没有查到", refers=True),
    Case("MZ01", "qin", {**MARRIED, "kind": "divorce"}, "refused", says="离婚登记", refers=True),
    Case("MZ02", "jiang", {**WEDDING, "partner_name": "谭晓", "partner_number": person("tan").number},
         "refused", says="现有配偶", refers=True),
    Case("MZ02", "zhang", WEDDING, "refused", says="现有配偶", refers=True),
    Case("MZ02", "tan", WEDDING, "refused", says="男女双方", refers=True),
    Case("MZ02", "sun", WEDDING, "refused", says="22", refers=True),
    Case("MZ02", "jiang", {**WEDDING, "partner_name": "沈可心"}, "refused", says="不一致", refers=True),
    Case("MZ02", "jiang", {**WEDDING, "day_model": "2026-11-29"}, "slot_unknown"),
    Case("MZ02", "jiang", {**WEDDING, "partner_number": "330100200110020088"}, "form_invalid"),
    Case("MZ03", "zhao", ELDER, decided=False,
         rows={"申请待遇": "高龄津贴", "发放账户": "农村商业银行（尾号 0128）", "承诺办结": "5 个工作日"}),
    Case("MZ03", "qian", {**ELDER, "kind": "home_care", "bank": "abc", "contact": "唐小梅"}, decided=False,
         rows={"申请待遇": "居家养老服务", "联系人": "唐小梅"}),
    Case("MZ03", "zhao", ELDER, "refused", says="正在办理"),
    Case("MZ03", "qian", ELDER, "refused", says="80 周岁"),
    Case("MZ03", "qin", {**ELDER, "kind": "home_care"}, "refused", says="已在享受"),
    Case("MZ03", "han", {**ELDER, "kind": "home_care", "region": "330201"}, "refused", says="户籍",
         refers=True),
    Case("MZ03", "zhang", ELDER, "not_eligible", says="60"),
    Case("MZ03", "zhao", {**ELDER, "card_no": "6222021234567890123"}, "form_invalid", says="银行卡号"),
    Case("MZ04", "yang", {"purpose": "legal"},
         rows={"救助类别": "最低生活保障", "月保障金": "1,080.00 元", "有效期至": "2026-12-31"},
         paper=("社会救助对象证明", "杨翠花", "DB330102-2021-0316", "法律援助")),
    Case("MZ04", "wang", {"purpose": "school"}, rows={"救助类别": "低收入家庭", "保障人数": "2"},
         paper=("王守田", "2027-06-30", "助学")),
    Case("MZ04", "zhang", {"purpose": "school"}, "refused", says="没有查到", refers=True),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_filed_ends_as_the_registers_say(standing: Terminal, clock: Clock, case: Case) -> None:
    judge(standing, case, filed(standing, clock, SERVICES, case))


def by_agent(desk: Terminal, clock: Clock, service: str, values: dict[str, str], number: str) -> Any:
    """Tang Xiaomei, the village's helper, files for the elder of an authorisation."""
    tang = desk.lay_card("tang")
    acting = desk.http.post(f"/v1/authorisations/{number}/subject", params={"agent": tang}).json()
    claim = AgentClaim(subject=tang, authorisation=number, mode="errand")
    body = Submission(
        service=service,
        terminal="K001",
        subject=acting["subject"]["subject"],
        means="face",
        agent=claim,
        values=dict(values),
        signature=SIGNATURE,
        submitted_at=clock.time,
    )
    return desk.file(body).json()


def test_the_villages_helper_asks_for_an_elder_and_the_case_says_so(terminal: Terminal, clock: Clock) -> None:
    answer = by_agent(terminal, clock, "MZ03", {**ELDER, "relation": "helper"}, "SQ20260310ZHAO23")
    rows = {row["label"]["zh"]: row["value"]["zh"] for row in answer["rows"]}
    assert answer["state"] == "accepted" and rows["代办人"] == "村（社区）代办员"
    again = filed(terminal, clock, SERVICES, Case("MZ03", "zhao", ELDER))
    assert again["state"] == "refused" and "正在办理" in again["message"]["zh"], "it is his own case"


def test_nobody_asks_for_anothers_marriage_records(terminal: Terminal, clock: Clock) -> None:
    answer = by_agent(terminal, clock, "MZ01", MARRIED, "SQ20260310ZHAO23")
    assert answer["code"] == "agent_refused"


def test_two_who_may_marry_have_one_appointment(terminal: Terminal, clock: Clock) -> None:
    told = {"预约时间": "11月28日 周六 09:30", "婚姻登记处": "示范区婚姻登记处", "对方": "沈**"}
    judge(
        terminal,
        Case("MZ02", "jiang", {}, rows=told),
        filed(terminal, clock, SERVICES, Case("MZ02", "jiang", WEDDING)),
    )
    hers = {
        **WEDDING,
        "partner_name": "蒋一鸣",
        "partner_number": person("jiang").number,
        "slot_model": "10:00",
    }
    for who, values in (("jiang", WEDDING), ("shen", hers)):
        again = Case("MZ02", who, values, "refused", says="已有未到期", refers=True)
        judge(terminal, again, filed(terminal, clock, SERVICES, again))
    clock.pass_by(days=10)  # they never went
    later = {**hers, "day_model": "2026-12-05"}
    assert filed(terminal, clock, SERVICES, Case("MZ02", "shen", later))["state"] == "accepted"


def test_the_last_half_hour_goes_to_one_pair(terminal: Terminal, clock: Clock) -> None:
    linxi = {"office": "linxi", "day_linxi": "2026-11-24", "slot_linxi": "09:00", "region": "330102"}
    kept = {key: value for key, value in WEDDING.items() if not key.endswith("_model")}
    first = Case("MZ02", "jiang", {**kept, **linxi}, rows={"婚姻登记处": "临溪县婚姻登记处"})
    judge(terminal, first, filed(terminal, clock, SERVICES, first))
    feng = {"partner_name": "冯丽娜", "partner_number": person("feng").number, "partner_region": "330103"}
    second = filed(terminal, clock, SERVICES, Case("MZ02", "wu", {**kept, **linxi, **feng}))
    assert second["code"] == "slot_full" and "09:30" in second["message"]["zh"]


@pytest.mark.parametrize(("who", "region"), [("zhao", "330102"), ("wu", "")])
def test_the_form_knows_the_household_of_this_city(standing: Terminal, who: str, region: str) -> None:
    told = standing.http.get("/v1/services/MZ03/form", params={"subject": standing.lay_card(who)})
    form = FormData.model_validate_json(told.content)
    assert form.values.get("region", "") == region and form.values["phone"] == person(who).phone


def test_the_form_offers_each_registrys_own_half_hours(standing: Terminal) -> None:
    told = standing.http.get("/v1/services/MZ02/form", params={"subject": standing.lay_card("jiang")})
    form = FormData.model_validate_json(told.content)
    offered = form.options
    assert form.values == {"region": "330101"}, "his household's"
    assert "2026-11-28" in [one.value for one in offered["day_model"]], "a Saturday, in the city"
    assert "2026-11-28" not in [one.value for one in offered["day_linxi"]]
    slot = offered["slot_linxi"][0]
    assert slot.value == "09:00" and slot.only_if is not None and slot.only_if.field == "day_linxi"
