"""Police: records, household matters, identity cards, residence, crossings, offences on the road."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import date
from typing import Any

import pytest

from config.catalogue_files import load_catalogue
from config.people import people, person
from config.platform_api import OrderRequest, Query
from hall.platform.offices.police import is_rare
from hall.platform.registers import driving, household, marriages, police
from tests.hall.platform.conftest import Clock
from tests.hall.platform.office_table import Asked, Case, filed, judge, judge_answer
from tests.hall.platform.terminal import Terminal

SERVICES = load_catalogue().services
RECORD = {"what": "apply", "phone": "13800000001", "hukou": "330101", "living": "示例市示范区梧桐路12号",
          "kinds": "crime", "from": "2001-03-14", "to": "2026-11-22", "purpose": "work",
          "delivery": "collect"}  # fmt: skip
POST = {
    "delivery": "post",
    "receiver": "郑凯",
    "receiver_phone": "13800000014",
    "receiver_address": "示例市云杉路1号",
}
MATTER = {"what": "apply", "matter": "former_name", "purpose": "inherit", "phone": "13800000010"}
KIN = {**MATTER, "matter": "kin", "related": "许一诺"}
HAS_KIN = {"waived": ("kinship",)}
CARD = {"reason": "damaged", "photo": "XP2608140002", "phone": "13800000001", "delivery": "locker"}
HOME = {"address": "330101001905", "since": "2026-08-15", "housing": "rented", "phone": "13800000017"}
TEN = {"from": "2016-11-22", "to": "2026-11-22", "purpose": "work"}
COLLECT = {"what": "collect"}

CASES = [
    Case("GA01", "zheng", {**RECORD, **POST}, rows={"可领取日期": "2026-11-25"}, says="快递", decided=False),
    Case("GA01", "zheng", {**RECORD, **POST}, "refused", says="不用重复申请"),
    Case("GA01", "zheng", COLLECT, "refused", says="没有查到", refers=True),
    Case("GA01", "he", COLLECT, "refused", says="没有查到", refers=True),
    Case("GA01", "xu", RECORD, "not_eligible", says="16 周岁"),
    Case("GA01", "he", {**RECORD, "to": "2000-01-01"}, "form_invalid", says="不能早于查询起始日期"),
    Case("GA02", "li", MATTER, "refused", says="“曾用名”", refers=True),
    Case("GA02", "wu", MATTER, "refused", says="不在本市", refers=True),
    Case("GA02", "zhang", {**KIN, "related": "贺文静"}, "material_missing"),
    Case("GA04", "shen", HOME,
         rows={"居住地址": "示例市示范区望江路199号映山公寓1单元905室", "住房类型": "租住"}),
    Case("GA04", "shen", HOME, "refused", says="已在这个地址登记过"),
    Case("GA04", "shen", {**HOME, "address": "330103021202"}, rows={"入住日期": "2026-08-15"}, says="更新"),
    Case("GA04", "sun", {**HOME, "address": "330102008412", "housing": "dormitory"},
         rows={"居住地址": "示例市临溪县大学路8号学生公寓6幢412室", "住房类型": "单位、学校宿舍"}),
    Case("GA04", "chen", {**HOME, "address": "330101001804"}, "refused", says="户籍地址"),
    Case("GA04", "tang", {**HOME, "address": "330101012301"}, "refused", says="已在这个地址登记过"),
    Case("GA04", "jiang", {**HOME, "housing": "owned"}, "refused", says="不动产登记", refers=True),
    Case("GA04", "jiang", {**HOME, "address": "999"}, "refused", says="标准地址", refers=True),
    Case("GA04", "jiang", {**HOME, "since": "2027-01-01"}, "form_invalid", says="何时住进"),
    Case("GA05", "zhang", TEN, rows={"出入境次数": "4"},
         paper=("出入境记录查询结果", "张明远", "2019-10-02", "邻海港口岸", "普通护照", "示例机场口岸")),
    Case("GA05", "zheng", {**TEN, "purpose": "notary"}, rows={"出入境次数": "18"},
         paper=("郑凯", "2023-03-06", "2026-09-12", "共18行", "公证")),
    Case("GA05", "wu", {**TEN, "from": "2025-02-03"}, rows={"出入境次数": "1"},
         paper=("吴海生", "2025-02-06", "往来港澳通行证")),
    Case("GA05", "zhang", {**TEN, "from": "2025-01-01"}, "refused", says="2025-01-01", refers=True),
    Case("GA05", "sun", TEN, "refused", says="没有查到", refers=True),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_filed_ends_as_the_registers_say(standing: Terminal, clock: Clock, case: Case) -> None:
    judge(standing, case, filed(standing, clock, SERVICES, case))


ASKED = [
    Asked("GA06", "zhang", {}, lines=2, table=((0, ("2026-11-03 19:05", "浙Z0D581")),),
          rows={"未处理（条）": "2", "罚款合计（元）": "250.00", "记分合计": "2",
                "本记分周期已记分": "3 / 12"}),
    Asked("GA06", "hu", {}, lines=2, rows={"罚款合计（元）": "250.00", "名下机动车": "浙Z0H036 浙Z0H782"}),
    Asked("GA06", "hu", {"plate": "浙Z0H036"}, lines=1, rows={"罚款合计（元）": "200.00", "记分合计": "3"}),
    Asked("GA06", "he", {}, lines=0, rows={"未处理（条）": "0", "驾驶证": "C1，有效期至 2026-12-30"}),
    Asked("GA06", "zhang", {"plate": "浙Z0H036"}, found=False, says="不在您名下"),
    Asked("GA06", "qian", {}, found=False, says="没有查到"),
]  # fmt: skip


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_offences_are_ones_own(standing: Terminal, asked: Asked) -> None:
    judge_answer(standing, asked)


def test_fines_are_paid_elsewhere(standing: Terminal) -> None:
    answer = standing.post("/v1/queries", Query(service="GA06", subject=standing.lay_card("hu"))).json()
    assert "本机不收罚款" in answer["note"]["zh"] and "官方" in answer["note"]["zh"]


# ── what is reviewed, and collected ─────────────────────────────────────────
def _does(terminal: Terminal, clock: Clock, case: Case) -> dict[str, Any]:
    answer = filed(terminal, clock, SERVICES, case)
    judge(terminal, case, answer)
    return answer


def _rows(answer: dict[str, Any]) -> dict[str, str]:
    return {row["label"]["zh"]: row["value"]["zh"] for row in answer["rows"]}


def _form(terminal: Terminal, service: str, who: str) -> Any:
    return terminal.http.get(
        f"/v1/services/{service}/form", params={"subject": terminal.lay_card(who)}
    ).json()


def _progress(terminal: Terminal, who: str) -> str:
    """Of his oldest case."""
    answer = terminal.post("/v1/queries", Query(service="ZH02", subject=terminal.lay_card(who))).json()
    return str(answer["rows"][-1]["value"]["zh"])


@pytest.mark.parametrize(
    ("who", "changes", "paper"),
    [
        (
            "zhang",
            {},
            ("有无违法犯罪记录证明", "张明远", "未发现", "无记录", "就业、入职", "示例市公安局（样张）"),
        ),
        (
            "hu",
            {"purpose": "abroad"},
            ("胡一凡", "有记录", "2009-05-22", "故意伤害罪", "缓刑一年", "出国（境）"),
        ),
        ("hu", {"from": "2010-01-01"}, ("胡一凡", "未发现", "2010-01-01–2026-11-22", "无记录")),
    ],
)
def test_a_record_is_reviewed_and_collected_once_with_its_code(
    terminal: Terminal, clock: Clock, who: str, changes: dict[str, str], paper: tuple[str, ...]
) -> None:
    asks = Case("GA01", who, {**RECORD, **changes}, rows={"可领取日期": "2026-11-25"}, decided=False)
    filed_one = _does(terminal, clock, asks)
    code = _rows(filed_one)["领取码"]
    assert (
        filed_one["ready_on"] == "2026-11-25"
        and filed_one["case_no"].endswith(code)
        and not filed_one["documents"]
    )
    again = dataclasses.replace(asks, state="refused", rows={}, says="不用重复申请", decided=True)
    _does(terminal, clock, again)
    collects = Case("GA01", who, {**COLLECT, "code": code})
    early = dataclasses.replace(collects, state="refused", says="2026-11-25")
    _does(terminal, clock, early)
    assert [one["value"] for one in _form(terminal, "GA01", who)["options"]["what"]] == ["apply"]
    clock.pass_by(days=3)  # Wednesday
    assert _progress(terminal, who) == f"{filed_one['case_no']}（已办好，可领取）"
    known = _form(terminal, "GA01", who)["values"]
    assert (known["what"], known["code"]) == ("collect", code)
    _does(
        terminal,
        clock,
        Case("GA01", "li", {**COLLECT, "code": code}, "refused", says="没有查到", refers=True),
    )
    got = _does(terminal, clock, dataclasses.replace(collects, paper=(*paper, filed_one["case_no"])))
    assert got["case_no"] != filed_one["case_no"]
    _does(terminal, clock, dataclasses.replace(collects, state="refused", says="已经领取过", refers=True))


MATTERS = [
    ("tan", MATTER, {}, "2026-12-01", ("户籍事项证明", "谭晓", "曾用名", "谭小丫", "2004-09-01", "继承")),
    ("chen", {**MATTER, "matter": "move"}, {}, "2026-12-01",
     ("陈𬭩", "云南省远山市云岭县", "2016-09-12")),
    ("qin", {**MATTER, "matter": "struck_off", "related": "陆文斌"}, {}, "2026-12-04",
     ("秦素云", "陆文斌", "配偶", "2017-08-09", "死亡")),
    ("changqing", KIN, HAS_KIN, "2026-12-01", ("许长青", "许一诺", "子女", "33010100120301")),
]  # fmt: skip


def test_each_household_matter_is_collected_after_its_days(terminal: Terminal, clock: Clock) -> None:
    start = clock.time
    for who, asks, sends, ready, paper in MATTERS:
        clock.time = start
        asked = Case("GA02", who, asks, rows={"可领取日期": ready}, decided=False, sends=sends)
        _does(terminal, clock, asked)
        clock.pass_by(days=(date.fromisoformat(ready) - start.date()).days - 1)
        _does(terminal, clock, Case("GA02", who, COLLECT, "refused", says=ready))
        clock.pass_by(days=1)
        _does(terminal, clock, Case("GA02", who, COLLECT, paper=paper))


def test_kinship_is_known_of_ones_own_and_marriage_is_not_proved(standing: Terminal, clock: Clock) -> None:
    def ways(who: str, related: str) -> list[str]:
        query = Query(service="GA02", subject=standing.lay_card(who), values={**KIN, "related": related})
        answer = standing.post("/v1/services/GA02/materials", query).json()
        return [way["source"] for way in answer["ways"]["kinship"]]

    assert ways("tan", "许一诺")[:2] == ["data", "certificate"] and "data" in ways("xu", "谭晓")
    assert "data" not in ways("zhang", "贺文静") and "scan" in ways("zhang", "贺文静")
    subject = standing.lay_card("zhang")
    page = standing.http.post(
        "/v1/materials",
        params={"subject": subject},
        content=b"\xff\xd8\xff book \xff\xd9",
        headers={"Content-Type": "image/jpeg"},
    ).json()["material"]
    sends = {"subject": subject, "materials": {"kinship": (page,)}}
    wife = {**KIN, "related": "贺文静"}
    _does(
        standing,
        clock,
        Case("GA02", "zhang", wife, "refused", says="不证明婚姻关系", refers=True, sends=sends),
    )


# ── a new identity card ─────────────────────────────────────────────────────
def _paid(terminal: Terminal, who: str, values: dict[str, str], fen: int) -> str:
    """The key of an order that was paid at the test cashier; or the refusal's code."""
    key = str(uuid.uuid4())
    request = OrderRequest(
        service="GA03", terminal="K001", subject=terminal.lay_card(who), fen=fen, values=values
    )
    order = terminal.post("/v1/orders", request, **{"Idempotency-Key": key})
    if order.status_code != 200:
        return str(order.json()["code"])
    terminal.http.post(f"/pay/{order.json()['code'].rsplit('/', 1)[1]}/pay").raise_for_status()
    return key


@pytest.mark.parametrize(
    ("who", "values", "fen"),
    [
        ("zhang", CARD, 4000),
        ("he", {**CARD, "reason": "expired", "photo": "XP2610200004", "delivery": "window"}, 2000),
    ],
)
def test_a_card_is_paid_by_its_reason_and_made_once(
    standing: Terminal, clock: Clock, who: str, values: dict[str, str], fen: int
) -> None:
    query = Query(service="GA03", subject=standing.lay_card(who), values=values)
    assert standing.post("/v1/services/GA03/price", query).json() == {"fen": fen}
    assert _paid(standing, who, values, 6000 - fen) == "fee_wrong"
    case = Case("GA03", who, values, rows={"预计制证完成": "2026-12-18"}, decided=False)
    _does(standing, clock, dataclasses.replace(case, state="payment_missing"))
    key = _paid(standing, who, values, fen)
    other = {**values, "reason": "lost" if fen == 2000 else "expired"}
    _does(standing, clock, Case("GA03", who, other, "payment_missing", sends={"payment": key}))
    _does(standing, clock, dataclasses.replace(case, sends={"payment": key}))
    paid_again = _paid(standing, who, values, fen)
    again = Case("GA03", who, values, "refused", says="正在制作", refers=True, sends={"payment": paid_again})
    _does(standing, clock, again)


@pytest.mark.parametrize(
    ("who", "changes", "says"),
    [
        ("chen", {"photo": "XP2609010009"}, "生僻字"),
        ("hu", {"photo": "XP2501090011"}, "6 个月内"),
        ("wang", {}, "指纹"),
        ("changqing", {"reason": "expired"}, "照片"),
    ],
)
def test_who_must_go_to_the_window_is_told_before_the_form_and_refused_after(
    standing: Terminal, clock: Clock, who: str, changes: dict[str, str], says: str
) -> None:
    form = _form(standing, "GA03", who)
    assert form["code"] == "not_eligible" and says in form["message"]["zh"]
    values = {**CARD, **changes}
    sends = {"payment": _paid(standing, who, values, 2000 if values["reason"] == "expired" else 4000)}
    _does(standing, clock, Case("GA03", who, values, "refused", says=says, refers=True, sends=sends))


def test_a_card_that_lasts_is_not_renewed(standing: Terminal, clock: Clock) -> None:
    values = {**CARD, "reason": "expired"}
    sends = {"payment": _paid(standing, "zhang", values, 2000)}
    _does(
        standing, clock, Case("GA03", "zhang", values, "refused", says="3 个月以上", refers=True, sends=sends)
    )


def test_names_that_machines_cannot_write_are_rare() -> None:
    assert {who for who, one in people().items() if is_rare(one.name)} == {"chen", "sun"}


# ── the registers ───────────────────────────────────────────────────────────
def test_the_registers_speak_of_citizens_and_agree() -> None:
    register, home = police.load(), household.load()
    named = {
        *register.fingers,
        *(one.citizen for one in register.conviction),
        *(one.citizen for one in register.crossing),
        *(one.citizen for one in register.portrait),
        *(one.citizen for one in home.former_name),
        *(one.citizen for one in home.move),
        *(one.citizen for one in home.residence),
    }
    assert named <= people().keys()
    for one in home.child:
        assert len(one.parents) < 2 or marriages.spouse(one.parents[0]) == one.parents[1]
        assert all(person(key).birth < date(2010, 1, 1) for key in one.parents)
    for who in people():
        trips = [one.way for one in police.crossings(who, date(1990, 1, 1), date(2030, 1, 1))]
        assert trips == ["out", "in"] * (len(trips) // 2), who  # everybody came back
        assert not driving.plates(who) or driving.licence(who), f"{who} has a vehicle and no licence"
