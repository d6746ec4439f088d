"""Medical insurance: what each citizen of the table gets, by his records."""

from __future__ import annotations

from datetime import date

import pytest

from config import regions
from config.catalogue_files import load_catalogue
from config.identity_api import AgentClaim, IdentityClaim
from config.people import people, person
from config.platform_api import FormData, Query, QueryResult, Submission
from hall.platform.registers import medical
from tests.hall.platform import test_social as social
from tests.hall.platform.conftest import Clock
from tests.hall.platform.office_table import SIGNATURE, Asked, Case, filed, judge, judge_answer
from tests.hall.platform.terminal import Terminal

SERVICES = load_catalogue().services
YEAR = {"from": "2025-11-22", "to": "2026-11-22"}
PHONE = {"phone": "13800000020"}
WINTER = {**PHONE, "kind": "living", "region": "530100", "from": "2026-12-01", "until": "2027-04-30"}
TRIP = {
    **PHONE,
    "kind": "short",
    "region": "330201",
    "from": "2026-11-22",
    "to": "2026-12-20",
    "contact": "钱桂兰",
}
OUT = {**PHONE, "from_region": "330100", "to_region": "320100", "insurance": "employee"}
IN = {**PHONE, "from_region": "330200", "to_region": "330101", "insurance": "resident"}

CASES = [
    Case("YB01", "zhang", {"year": "2026", "kind": "employee"},
         rows={"本年度缴费": "10 个月", "个人缴费合计": "3,009.60 元", "个人账户余额": "12,643.80 元"},
         paper=("医疗保险参保凭证及缴费明细", "示例市医疗保障服务中心", "2026-10", "15,048.00", "300.96")),
    Case("YB01", "xu", {"year": "2025", "kind": "resident"},
         rows={"个人缴费合计": "420.00 元", "财政补助": "710.00 元"}, paper=("许一诺", "城乡居民医保")),
    Case("YB01", "zhang", {"year": "2026", "kind": "resident"}, "refused", says="城乡居民医保", refers=True),
    Case("YB01", "zhang", {"year": "2019", "kind": "employee"}, "refused", refers=True),
    Case("YB02", "zhang", YEAR,
         rows={"就医次数": "3 次", "统筹支付合计": "218.90 元", "个人支付合计": "262.20 元"},
         paper=("医疗保险就医明细单", "张明远", "示例市第一医院", "过敏性鼻炎", "236.50")),
    Case("YB02", "qin", {"from": "2026-01-01", "to": "2026-06-30"}, rows={"统筹支付合计": "6,294.92 元"},
         paper=("秦素云", "远山市中心医院", "9,684.50", "3,389.58")),
    Case("YB02", "sun", YEAR, "refused", says="没有查到", refers=True),
    Case("YB02", "zhang", {"from": "2025-01-01", "to": "2026-11-01"}, "form_invalid", says="12 个月"),
    Case("YB04", "zheng", {**TRIP, "region": "320101"}, "refused", says="长期有效"),
    Case("YB04", "feng", TRIP, "refused", says="2026-05"),
    Case("YB04", "zhang", {**WINTER, "kind": "retired"}, "refused", says="异地长期居住"),
    Case("YB04", "zhang", {**TRIP, "from": "2026-11-21"}, "form_invalid", says="不能早于今天"),
    Case("YB04", "zhang", {**TRIP, "region": "330102"}, "form_invalid", says="示例市以外"),
    Case("YB04", "zhang", {**WINTER, "kind": "referred"}, "field_unknown"),
    Case("YB05", "zhang", OUT, "refused", says="还没有停保", refers=True),
    Case("YB05", "zhang", IN, "refused", says="没有查到", refers=True),
    Case("YB05", "feng", {**OUT, "insurance": "resident"}, "refused", says="城乡居民医保", refers=True),
    Case("YB05", "feng", {**OUT, "from_region": "530100"}, "refused", says="有且只有一地"),
    Case("YB05", "feng", {**OUT, "from_region": "320100", "to_region": "330100"}, "refused",
         says="还没有在本市参保", refers=True),
    Case("YB06", "li", {"reason": "first"}, "refused", says="临溪县"),
    Case("YB06", "zhang", {"reason": "first"}, "refused", says="2021-05-17"),
    Case("YB06", "wang", {"reason": "lost"}, "refused", says="首次申领"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_filed_ends_as_the_records_say(standing: Terminal, clock: Clock, case: Case) -> None:
    judge(standing, case, filed(standing, clock, SERVICES, case))


ASKED = [
    Asked("YB01", "zhang", {"year": "2026", "kind": "employee"}, rows={"参保状态": "正常参保"}, lines=10,
          table=((0, ("2026-01", "15,048.00", "300.96", "300.96")), (-1, ("2026-10",)))),
    Asked("YB01", "qin", {"year": "2025", "kind": "employee"},
          rows={"参保类别": "职工医保（退休）"}, lines=12, table=((0, ("2025-01", "—", "0.00", "135.00")),)),
    Asked("YB01", "tan", {"year": "2026", "kind": "employee"}, rows={"参保状态": "2026-09 后停保"}, lines=9),
    Asked("YB01", "wang", {"year": "2026", "kind": "resident"}, found=False, says="城乡居民医保"),
    Asked("YB02", "zhang", YEAR, lines=3, rows={"就医次数": "3 次"},
          table=((0, ("2026-03-11", "示例市第一医院", "门诊", "急性上呼吸道感染", "236.50", "124.00")),)),
    Asked("YB02", "xu", YEAR, lines=1, table=((0, ("2026-05-06", "示例市儿童医院")),)),
    Asked("YB02", "sun", YEAR, found=False, says="12393"),
    Asked("YB03", "qin", {}, rows={"LX20261012008（远山市中心医院）": "审核中（1,264.30 元）"}),
    Asked("YB03", "zhao", {"case_no": " lx20260903021 "},
          rows={"LX20260903021（临溪县人民医院）": "已支付 3,210.00 元（票据 4,568.00 元），"
                "2026-09-18 到账"}),
    Asked("YB03", "zhang", {}, found=False, says="零星报销"),
    Asked("YB03", "qin", {"case_no": "LX20260903021"}, found=False),  # another's bills
]  # fmt: skip


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_what_is_asked_is_answered_from_the_records(standing: Terminal, asked: Asked) -> None:
    judge_answer(standing, asked)


def test_diagnoses_and_nothing_else_are_covered_on_the_screen(standing: Terminal) -> None:
    query = Query(service="YB02", subject=standing.lay_card("zhao"), values=YEAR)
    table = QueryResult.model_validate_json(standing.post("/v1/queries", query).content).table
    assert table is not None
    assert [table.heads[column].zh for column in table.hidden] == ["诊断"]
    assert SERVICES["YB02"].private


@pytest.mark.parametrize(
    ("who", "events"),
    [("hu", [("窗口收件", True), ("退回补正", True)]), ("qin", [("窗口收件", True), ("审核", False)])],
)
def test_one_claim_has_its_line_of_time(standing: Terminal, who: str, events: list[tuple[str, bool]]) -> None:
    query = Query(service="YB03", subject=standing.lay_card(who))
    told = QueryResult.model_validate_json(standing.post("/v1/queries", query).content)
    assert [(event.what.zh, event.done) for event in told.timeline] == events


# ── what comes again ────────────────────────────────────────────────────────
def test_a_place_is_registered_once_for_the_same_days(terminal: Terminal, clock: Clock) -> None:
    def does(case: Case) -> None:
        judge(terminal, case, filed(terminal, clock, SERVICES, case))

    does(Case("YB04", "qin", WINTER, rows={"就医地": "云南省远山市", "截止日期": "2027-04-30"},
              paper=("异地就医备案登记表", "秦素云", "异地长期居住", "个人承诺书")))  # fmt: skip
    does(Case("YB04", "qin", {**TRIP, "region": "530101", "to": "2027-01-05"}, "refused", says="2026-12-01"))
    does(
        Case(
            "YB04",
            "qin",
            TRIP,
            rows={"紧急联系人": "钱桂兰", "截止日期": "2026-12-20"},
            paper=("邻海市海岛县",),
        )
    )
    zhao = {**WINTER, "kind": "retired"}
    del zhao["until"]
    does(Case("YB04", "zhao", zhao, rows={"截止日期": "长期有效"}, paper=("赵德福", "异地安置退休")))


def test_who_does_an_errand_registers_the_other_and_not_himself(terminal: Terminal, clock: Clock) -> None:
    """Qian Guilan for her husband, by his authorisation, which does not reach to every service."""
    number, qian = "SQ20260105ZHAO22", terminal.lay_card("qian")
    answer = terminal.http.post(f"/v1/authorisations/{number}/subject", params={"agent": qian})
    zhao = answer.json()["subject"]["subject"]
    claim = AgentClaim(subject=qian, authorisation=number, mode="proxy")
    body = Submission(
        service="YB04",
        terminal="K001",
        subject=zhao,
        means="face",
        agent=claim,
        values=WINTER,
        letters={"away_care": 1},
        signature=SIGNATURE,
        submitted_at=clock.time,
    )
    judge(terminal, Case("YB04", "zhao", WINTER, paper=("赵德福", "远山市")), terminal.file(body).json())
    form = {"from_region": "330100", "to_region": "320100", "insurance": "employee", **PHONE}
    moves = body.model_copy(update={"service": "YB05", "values": form, "letters": {}})
    assert terminal.file(moves).status_code in (403, 422)


def test_insurance_moves_out_and_in_and_is_asked_for_once(terminal: Terminal, clock: Clock) -> None:
    def does(case: Case) -> None:
        judge(terminal, case, filed(terminal, clock, SERVICES, case))

    does(Case("YB05", "feng", OUT, rows={"随转个人账户（元）": "3,441.50", "转出地停保年月": "2026-05"},
              paper=("医保关系转移接续受理单", "冯丽娜", "江苏省对江市"), decided=False))  # fmt: skip
    does(Case("YB05", "shen", IN, rows={"参保类别": "城乡居民医保", "转出地停保年月": "2026-07"},
              paper=("沈可欣", "浙江省邻海市"), decided=False))  # fmt: skip
    does(Case("YB05", "feng", OUT, "refused", says="请勿重复提交"))


def test_a_booklet_is_had_once_and_replaced_when_it_is_full(terminal: Terminal, clock: Clock) -> None:
    def does(case: Case) -> None:
        judge(terminal, case, filed(terminal, clock, SERVICES, case))

    does(
        Case(
            "YB06", "wang", {"reason": "first"}, rows={"参保类别": "职工医保"}, paper=("就医记录册", "王守田")
        )
    )
    does(Case("YB06", "wang", {"reason": "first"}, "refused", says="2026-11-22"))
    does(
        Case(
            "YB06",
            "he",
            {"reason": "lost"},
            rows={"旧册": "2024-02-26 领取的旧册已挂失作废"},
            paper=("贺文静",),
        )
    )
    clock.pass_by(days=300)
    does(
        Case(
            "YB06",
            "wang",
            {"reason": "full"},
            rows={"旧册": "2026-11-22 领取的旧册作废"},
            paper=("用完更换",),
        )
    )


STRANGER = IdentityClaim(name="外地人", number="330100199001010095", birth=date(1990, 1, 1))

# What the form forbids is forbidden to everybody, and he is too young for SB04.
FILED = [case for case in (*social.CASES, *CASES) if case.state in ("accepted", "refused")]
HIS = [case for case in FILED if case.service != "SB04"]


@pytest.mark.parametrize("case", HIS, ids=str)
def test_whom_no_register_knows_hears_so_and_where_to_go(
    standing: Terminal, clock: Clock, case: Case
) -> None:
    subject = standing.post("/v1/identity", STRANGER).json()["subject"]
    answer = filed(standing, clock, SERVICES, case, subject)
    assert answer["state"] == "refused" and not answer["documents"], answer
    assert answer["referral"] is not None or "有且只有一地" in answer["message"]["zh"]


# ── forms and records ───────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("service", "who", "values"),
    [
        ("YB01", "jiang", {"kind": "employee", "year": "2026"}),
        ("YB01", "sun", {"kind": "resident", "year": "2026"}),
        ("YB02", "li", YEAR),
        ("YB04", "qin", PHONE),
    ],
)
def test_the_form_says_what_is_known(
    standing: Terminal, service: str, who: str, values: dict[str, str]
) -> None:
    told = standing.http.get(f"/v1/services/{service}/form", params={"subject": standing.lay_card(who)})
    assert FormData.model_validate_json(told.content).values == values


def test_the_register_fits_the_citizens_and_itself() -> None:
    register = medical.load()
    assert register.insured.keys() <= people().keys()
    for visit in register.visit:
        insured = register.insured[visit.who]
        assert 0 <= visit.fund <= visit.total and f"{visit.day:%Y-%m}" >= insured.since
    for claim in register.claim:
        assert (claim.state == "paid") == (claim.paid_on is not None) == (claim.paid > 0)
        assert claim.paid <= claim.total and claim.who in register.insured
    for key, insured in register.insured.items():
        assert insured.region in regions.regions()
        assert (insured.kind == "retired") == bool(insured.credit)
        if insured.kind == "retired":
            assert max(record.last for record in person(key).insurance) < insured.since
        if insured.until:
            assert insured.until == max(record.last for record in person(key).insurance)
    places = [(one.who, one.region) for one in register.away]
    for who, region in (*places, *((one.who, one.region) for one in register.elsewhere)):
        assert who in people() and region in regions.regions()
