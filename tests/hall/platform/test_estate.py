"""The real-estate register: what each citizen of the table owns, awaits and collects."""

from __future__ import annotations

import dataclasses

import pytest

from config.catalogue_files import load_catalogue
from config.people import people, person
from config.regions import regions
from hall.platform.registers import estate, household, marriages
from tests.hall.platform.conftest import Clock
from tests.hall.platform.office_table import Asked, Case, filed, judge, judge_answer
from tests.hall.platform.terminal import Terminal

SERVICES = load_catalogue().services
JPEG = b"\xff\xd8\xff\xe0 the household book \xff\xd9"
OWN = {"whose": "self", "scope": "city", "purpose": "school"}
XU = {**OWN, "whose": "child", "child_name": "许一诺", "child_number": person("xu").number}

CASES = [
    Case("BD01", "zhang", OWN, rows={"查询结果": "有房（1 处）"},
         paper=("不动产登记信息查询结果证明", "张明远", "梧桐路12号3幢502室", "89.62", "共同共有", "入学")),
    Case("BD01", "zheng", {**OWN, "purpose": "other"}, rows={"查询结果": "有房（2 处）"},
         paper=("郑凯", "潮声路88号6幢1201室", "云杉路16号2幢805室", "单独所有")),
    Case("BD01", "zheng", {**OWN, "scope": "district"}, rows={"查询结果": "有房（1 处）"},
         paper=("本区（示范区）", "云杉路16号2幢805室")),
    Case("BD01", "chen", {**OWN, "purpose": "fund"}, rows={"查询结果": "无房"},
         paper=("陈𬭩", "没有不动产登记记录")),
    Case("BD01", "li", {**OWN, "scope": "district"}, rows={"查询结果": "无房"}, paper=("李若澜",)),
    Case("BD01", "xu", OWN, "not_eligible", says="18 周岁"),
    Case("BD01", "changqing", XU, "material_missing"),
    Case("BD03", "zheng", {"case_no": "BDC20261020007"}, rows={"证书印制号": "样D33000012345"},
         paper=("不动产权证书", "郑凯", "样（2026）示例市不动产权第0009310号", "61.40", "单独所有")),
    Case("BD03", "li", {"case_no": " bdc20261028011 "}, rows={"证书印制号": "样D33000012346"},
         paper=("李若澜", "书院街66号", "104.77")),
    Case("BD03", "zheng", {"case_no": "BDC20261020007"}, "refused", says="已经领取过"),
    Case("BD03", "zhang", {"case_no": "BDC20261102003"}, "refused", says="2 位权利人", refers=True),
    Case("BD03", "hu", {"case_no": "BDC20261105014"}, "refused", says="完税", refers=True),
    Case("BD03", "qin", {"case_no": "BDC20261116002"}, "refused", says="公示中"),
    Case("BD03", "li", {"case_no": "BDC20261020007"}, "refused", says="没有查到", refers=True),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_filed_ends_as_the_register_says(standing: Terminal, clock: Clock, case: Case) -> None:
    judge(standing, case, filed(standing, clock, SERVICES, case))


ASKED = [
    Asked("BD01", "zhang", OWN, rows={"被查询人": "张明远", "查询范围": "全市"}, lines=1,
          table=((0, ("样（2015）示例市不动产权第0003021号", "示例市示范区梧桐路12号3幢502室", "89.62")),)),
    Asked("BD01", "tang", OWN, rows={"被查询人": "唐小梅"}, lines=0),
    Asked("BD01", "tan", XU, rows={"被查询人": "许一诺"}, lines=0),
    Asked("BD02", "qin", {}, rows={"继承登记": "受理编号 BDC20261116002"}),
    Asked("BD02", "hu", {"case_no": "BDC20261105014"}, rows={"变更登记（面积）": "受理编号 BDC20261105014"}),
    Asked("BD02", "sun", {}, found=False, says="没有查到"),
    Asked("BD02", "hu", {"case_no": "BDC20261116002"}, found=False, says="申请人本人"),
]  # fmt: skip


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_what_is_looked_at_is_what_would_be_printed(standing: Terminal, asked: Asked) -> None:
    judge_answer(standing, asked)


@pytest.mark.parametrize("who", ["zhang", "qin"])
def test_nobody_sees_what_is_anothers_childs(standing: Terminal, who: str) -> None:
    asked = {"service": "BD01", "subject": standing.lay_card(who), "values": XU}
    answer = standing.http.post("/v1/queries", json=asked).json()
    assert (
        not answer["found"]
        and answer["referral"]
        and "没有查到您与所填未成年子女的关系" in answer["note"]["zh"]
    )
    assert not answer["rows"] and answer["table"] is None


def test_a_parent_asks_for_the_child_with_the_household_book(standing: Terminal, clock: Clock) -> None:
    subject = standing.lay_card("changqing")
    page = standing.http.post(
        "/v1/materials",
        params={"subject": subject},
        content=JPEG,
        headers={"Content-Type": "image/jpeg"},
    ).json()["material"]
    sends = {"subject": subject, "materials": {"kinship": (page,)}}
    case = Case("BD01", "changqing", XU, rows={"查询结果": "无房"},
                paper=("许一诺", person("xu").number, "许长青"), sends=sends)  # fmt: skip
    judge(standing, case, filed(standing, clock, SERVICES, case))


def test_a_collected_certificate_ends_the_progress(terminal: Terminal, clock: Clock) -> None:
    def stages() -> list[str]:
        asked = {"service": "BD02", "subject": terminal.lay_card("li"), "values": {}}
        answer = terminal.http.post("/v1/queries", json=asked).json()
        return [event["what"]["zh"] for event in answer["timeline"]] + [str(bool(answer["note"]))]

    assert stages() == ["受理", "审核通过，可以领证", "True"]
    form = terminal.http.get("/v1/services/BD03/form", params={"subject": terminal.lay_card("li")}).json()
    collect = Case("BD03", "li", form["values"], paper=("李若澜",))
    judge(terminal, collect, filed(terminal, clock, SERVICES, collect))
    clock.pass_by(days=1)
    assert stages() == ["受理", "审核通过，可以领证", "已在自助终端领证", "False"]
    judge(terminal, dataclasses.replace(collect, state="refused", says="已经领取过", paper=()),
          filed(terminal, clock, SERVICES, collect))  # fmt: skip


# ── the register ────────────────────────────────────────────────────────────
def test_homes_stand_where_their_owners_and_registrations_say() -> None:
    for unit in estate.units():
        assert set(unit.owners) <= people().keys() and unit.region in regions()
        assert regions()[unit.region].name.zh in unit.address
        if len(unit.owners) == 2:
            assert marriages.spouse(unit.owners[0]) == unit.owners[1]
    for who in people():
        for case in estate.cases_of(who):
            assert set(estate.unit(case.unit).owners) == set(case.applicants)
            days = [stage.day for stage in case.stages]
            assert days == sorted(days) and bool(case.book) == (case.state == "ready")


def test_households_are_where_the_cards_say() -> None:
    register = household.load()
    members = [who for one in register.household for who in one.members]
    assert len(members) == len(set(members))
    assert people().keys() - set(members) == {"wu", "shen"}  # of another city
    for one in register.household:
        for who in one.members:
            assert person(who).address == one.address
