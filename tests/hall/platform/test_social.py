"""Social insurance and work: what each citizen of the table gets, by his records."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from config.catalogue_files import load_catalogue
from config.people import people, person
from config.platform_api import FormData
from hall.platform.clock import months_later
from hall.platform.contributions import by_year, pension_months
from hall.platform.registers import social
from hall.platform.settings import ServerSettings
from tests.hall.platform.conftest import Clock, serving
from tests.hall.platform.office_table import Asked, Case, filed, judge, judge_answer, plain
from tests.hall.platform.terminal import Terminal

SERVICES = load_catalogue().services
SPAN = {"from": "2025-11", "to": "2026-10"}
TAN = {
    "region": "330101",
    "address": "梧桐路12号3幢301室",
    "education": "college",
    "end_date": "2026-09-30",
    "reason": "expired",
    "phone": "13800000010",
}
FENG = {
    **TAN,
    "region": "330103",
    "address": "潮声路15号",
    "education": "bachelor",
    "end_date": "2026-05-31",
    "reason": "dismissed",
    "phone": "13800000015",
    "intent": "编辑、校对",
}
BANK = {"bank": "sample", "card_no": "6222020000000000000", "phone": "13800000010"}
LOST = {"action": "lost", "reason": "lost", "phone": "13800000001"}
INFO, PROGRESS = {"action": "info"}, {"action": "progress"}
AWAY = {"region": "320100", "insurance": "pension"}

CASES = [
    Case("SB03", "zhang", SPAN, rows={"个人缴纳合计": "14,376.96 元", "参保状态": "正常缴费"},
         paper=("养老保险缴费情况", "张明远", "2026", "10", "15,048.00", "12,038.40")),
    Case("SB03", "wu", SPAN, rows={"单位缴纳合计": "0.00 元"}, paper=("吴海生", "1,948.80", "个人缴费")),
    Case("SB03", "sun", SPAN, "refused", says="没有查到", refers=True),
    Case("SB03", "xu", SPAN, "not_eligible", says="16 周岁"),
    Case("SB04", "zhao", {"phone": "13800000011"},
         rows={"养老金（元/月）": "2,864.00", "待遇状态": "恢复发放，次月补发",
               "下次认证截止": "2027-11-22"}),
    Case("SB04", "han", {"phone": "13800000018", "address": "建设路45号"},
         rows={"养老金（元/月）": "5,381.20", "待遇状态": "继续发放"}),
    Case("SB04", "qian", {"phone": "13800000012"}, "refused", says="2026-08-20"),
    Case("SB04", "wang", {"phone": "13800000002"}, "not_eligible", says="60 周岁"),
    Case("SB07", "wu", {"year": "2025"}, rows={"全年缴费合计": "11,692.80 元", "累计缴费": "12 个月"},
         paper=("灵活就业人员电子对账单", "吴海生", "2025-12", "4,872.00", "974.40")),
    Case("SB07", "changqing", {"year": "2024"}, rows={"全年缴费合计": "11,361.60 元"},
         paper=("许长青", "946.80")),
    Case("SB07", "zhang", {"year": "2025"}, "refused", says="灵活就业", refers=True),
    Case("SB08", "feng", AWAY, rows={"停保年月": "2026-05", "累计缴费": "140 个月"},
         paper=("参保缴费凭证", "冯丽娜", "江苏省对江市")),
    Case("SB08", "tan", {"region": "530100", "insurance": "unemployment"}, rows={"累计缴费": "150 个月"},
         paper=("谭晓", "失业保险", "云南省远山市")),
    Case("SB08", "zhang", AWAY, "refused", says="示例市云杉软件有限公司 仍在缴费", refers=True),
    Case("SB08", "qin", AWAY, "refused", says="已领取养老金"),
    Case("SB08", "wu", {"region": "320100", "insurance": "unemployment"}, "refused", says="“失业保险”",
         refers=True),
    Case("SB08", "feng", {"region": "330200", "insurance": "pension"}, "form_invalid", says="浙江省以外"),
    Case("SB09", "li", INFO, rows={"社保卡号": "A*****003", "卡状态": "正常", "发卡日期": "2021-11-08"}),
    Case("SB09", "jiang", PROGRESS, rows={"卡状态": "制卡中", "预计可领日期": "2026-12-01"}),
    Case("SB09", "hu", PROGRESS, rows={"卡状态": "已制好，待领取", "开户银行": "邻海银行"}),
    Case("SB09", "li", PROGRESS, "refused", says="2021-11-08", refers=True),
    Case("SB09", "tan", LOST, "refused", says="2026-11-25", refers=True),
    Case("SB09", "jiang", LOST, "refused", says="还没有发出"),
    Case("SB09", "sun", INFO, "refused", says="没有查到您的社会保障卡", refers=True),
    Case("SB09", "zhang", {**INFO, "reason": "lost"}, "field_unknown"),
    Case("SB05", "zhang", TAN, "refused", says="示例市云杉软件有限公司", refers=True),
    Case("SB05", "yang", TAN, "refused", says="2025-03-10"),
    Case("SB05", "han", TAN, "refused", says="已领取养老金"),
    Case("SB05", "zhao", TAN, "not_eligible", says="62 周岁"),
    Case("SB05", "tan", {**TAN, "end_date": "2026-10-15"}, "refused", says="2026-09-30", refers=True),
    Case("SB05", "tan", {**TAN, "end_date": "2026-12-01"}, "form_invalid", says="终止劳动关系日期"),
    Case("SB06", "yang", BANK, "refused", says="0 个月", refers=True),
    Case("SB06", "zhang", BANK, "refused", says="失业登记", refers=True),
    Case("SB06", "tan", {**BANK, "card_no": "6222020000000000001"}, "form_invalid", says="银行卡号"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_filed_ends_as_the_records_say(standing: Terminal, clock: Clock, case: Case) -> None:
    judge(standing, case, filed(standing, clock, SERVICES, case))


ASKED = [
    Asked("SB03", "zhang", SPAN, rows={"参保单位": "示例市云杉软件有限公司", "累计缴费": "12 个月"}, lines=2,
          table=((0, ("2025", "2", "14,616.00", "2,338.56", "4,677.12")), (1, ("2026", "10")))),
    Asked("SB03", "zhao", {"from": "1986-01", "to": "2006-02"},
          rows={"累计缴费": "230 个月", "参保状态": "已领取养老金"}),
    Asked("SB03", "sun", SPAN, found=False, says="12333"),
    Asked("SB03", "zhang", {"from": "1999-01", "to": "2001-12"}, found=False),
]  # fmt: skip


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_what_is_looked_at_is_what_would_be_printed(standing: Terminal, asked: Asked) -> None:
    judge_answer(standing, asked)


# ── what comes again ────────────────────────────────────────────────────────
def test_who_registers_as_unemployed_then_claims_and_neither_twice(terminal: Terminal, clock: Clock) -> None:
    def does(case: Case) -> None:
        judge(terminal, case, filed(terminal, clock, SERVICES, case))

    does(Case("SB06", "tan", BANK, "refused", says="SB05", refers=True))
    does(Case("SB05", "tan", TAN, rows={"文化程度": "大专", "失业原因": "劳动合同期满"},
              paper=("失业登记受理通知书", "谭晓", "浙江省示例市示范区梧桐路12号3幢301室")))  # fmt: skip
    does(
        Case(
            "SB05",
            "feng",
            FENG,
            rows={"求职意向": "编辑、校对", "终止劳动关系日期": "2026-05-31"},
            paper=("冯丽娜",),
        )
    )
    clock.pass_by(days=1)
    does(Case("SB05", "tan", TAN, "refused", says="2026-11-22"))
    does(Case("SB06", "tan", BANK,
              rows={"可领取月数": "24 个月", "银行卡号": "**** 0000", "每月金额（元）": "1,890.00 元"},
              paper=("失业保险金申领受理通知书", "谭晓", "2026-12"), decided=False))  # fmt: skip
    does(Case("SB06", "feng", {**BANK, "bank": "rural"},
              rows={"可领取月数": "18 个月", "失业保险缴费月数": "110"},
              paper=("冯丽娜", "示例农村商业银行"), decided=False))  # fmt: skip
    does(Case("SB06", "tan", BANK, "refused", says="不能重复申领"))


def test_who_resigned_has_no_claim(terminal: Terminal, clock: Clock) -> None:
    resigned = Case("SB05", "feng", {**FENG, "reason": "other"}, paper=("本人辞职",))
    judge(terminal, resigned, filed(terminal, clock, SERVICES, resigned))
    claim = Case("SB06", "feng", BANK, "refused", says="非因本人意愿", refers=True)
    judge(terminal, claim, filed(terminal, clock, SERVICES, claim))


def test_a_lost_card_stays_lost_for_a_week_and_over_a_restart(settings: ServerSettings, clock: Clock) -> None:
    def does(case: Case) -> None:
        with serving(settings, clock) as terminal:
            judge(terminal, case, filed(terminal, clock, SERVICES, case))

    does(Case("SB09", "zhang", LOST, rows={"临时挂失有效至": "2026-11-29", "卡状态": "临时挂失"}))
    clock.pass_by(days=7)
    does(Case("SB09", "zhang", LOST, "refused", says="2026-11-29", refers=True))
    does(Case("SB09", "zhang", INFO, rows={"卡状态": "临时挂失"}))
    clock.pass_by(days=1)
    does(Case("SB09", "zhang", INFO, rows={"卡状态": "正常"}))
    does(Case("SB09", "zhang", LOST, rows={"临时挂失有效至": "2026-12-07"}))


def test_a_pensioner_confirms_again_when_the_year_is_nearly_over(terminal: Terminal, clock: Clock) -> None:
    case = Case("SB04", "qin", {"phone": "13800000020"}, rows={"下次认证截止": "2027-11-22"})
    judge(terminal, case, filed(terminal, clock, SERVICES, case))
    clock.pass_by(days=30)
    again = Case("SB04", "qin", {"phone": "13800000020"}, "refused", says="2026-11-22")
    judge(terminal, again, filed(terminal, clock, SERVICES, again))


# ── forms, records, papers ──────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("service", "who", "values"),
    [
        ("SB03", "wang", {"from": "1998-01", "to": "2026-10"}),
        ("SB05", "tan", {"end_date": "2026-09-30", "phone": "13800000010"}),
        ("SB05", "sun", {"phone": "13800000007"}),
        ("SB06", "yang", {"registration": "2025-03-10 已登记", "phone": "13800000019"}),
        ("SB06", "tan", {"registration": "没有查到，请先办理失业登记（SB05）", "phone": "13800000010"}),
        ("SB07", "wu", {"year": "2025"}),
        ("SB07", "zhang", {}),
    ],
)
def test_the_form_says_what_is_known(
    standing: Terminal, service: str, who: str, values: dict[str, str]
) -> None:
    told = standing.http.get(f"/v1/services/{service}/form", params={"subject": standing.lay_card(who)})
    form = FormData.model_validate_json(told.content)
    assert form.values == values and form.sources.keys() == values.keys()


def test_a_year_is_ready_in_july(settings: ServerSettings, clock: Clock) -> None:
    for month, newest in ((6, "2024"), (7, "2025")):
        clock.time = clock.time.replace(month=month)
        with serving(settings, clock) as terminal:
            told = terminal.http.get("/v1/services/SB02/form", params={"subject": terminal.lay_card("zhang")})
            assert FormData.model_validate_json(told.content).values == {"year": newest}


def test_the_register_fits_the_citizens() -> None:
    register = social.load()
    for named in (register.percent, register.pension, register.unemployed, register.left, register.card):
        assert named.keys() <= people().keys()
    for key, pension in register.pension.items():
        assert not [record for record in person(key).insurance if record.last >= pension.since]
        assert person(key).birth < date(1967, 1, 1)
    for key, left in register.left.items():
        assert {record.last for record in person(key).insurance} == {f"{left.day:%Y-%m}"}
    for card in register.card.values():
        assert (card.issued is None) is bool(card.made) is (card.asked is not None)


def test_years_add_up_to_their_months() -> None:
    for who in people().values():
        months = pension_months(who, "1900-01", "2999-12")
        years = list(by_year(months))
        assert sum(year.own for year in years) == sum(month.own for month in months)
        assert [year.year for year in years] == sorted({month.month[:4] for month in months})
        for record in who.insurance:
            if record.kind == "pension":
                assert len(months) == record.months_paid


@given(some.sampled_from(sorted(people())), some.dates(date(1980, 1, 1), date(2026, 12, 1)))
def test_two_parts_of_what_was_paid_make_the_whole(key: str, day: date) -> None:
    who, middle = person(key), f"{day:%Y-%m}"
    after = f"{months_later(day.replace(day=1), 1):%Y-%m}"
    halves = (*pension_months(who, "1900-01", middle), *pension_months(who, after, "2999-12"))
    assert halves == pension_months(who, "1900-01", "2999-12")
    assert all(
        month.own % 100 % 4 == 0 and month.base % 100 == 0 for month in halves
    )  # whole fen of whole yuan


def test_a_long_list_stands_on_pages_of_its_own(standing: Terminal, clock: Clock, tmp_path: Path) -> None:
    case = Case("SB03", "wang", {"from": "1998-01", "to": "2026-10"}, paper=("王守田",))
    answer = filed(standing, clock, SERVICES, case)
    assert answer["documents"][0]["pages"] >= 2
    paper = plain(standing.pdf(answer))
    total = sum(month.own for month in pension_months(person("wang"), "1998-01", "2026-10"))
    assert f"{total // 100:,}.{total % 100:02}" in paper and "2004" in paper and "以下空白" in paper
