"""School and transport: what each citizen of the table gets, by his records."""

from __future__ import annotations

import pytest

from config.catalogue_files import load_catalogue
from config.people import person
from config.platform_api import FormData, Query, QueryResult
from tests.hall.platform.conftest import Clock
from tests.hall.platform.office_table import Asked, Case, filed, judge, judge_answer
from tests.hall.platform.terminal import Terminal

SERVICES = load_catalogue().services
CHILD = {"child_name": "许一诺", "child_number": person("xu").number, "year": "2024"}
ELSEWHERE = {"school": "other", "school_name": "外省某大学", "year": "unknown"}
LORRY = {"plate": "浙Z0H036", "certificate": "330103008801"}

CASES = [
    Case("JY02", "jiang", {"school": "XJ2022-04417", "year": "2022"},
         rows={"学校": "示例市理工学院", "毕业年份": "2026", "存档单位": "示例市人才服务中心（样张）"},
         paper=("学生档案存档证明", "示例市教育局（样张）", "蒋一鸣", "2026-07-20")),
    Case("JY02", "sun", {"school": "XJ2023-00761", "year": "2023"},
         rows={"学校": "示例市临溪大学", "毕业年份": "在读"}, paper=("孙䶮", "示例市临溪大学档案室")),
    Case("JY02", "shen", ELSEWHERE, "refused", says="外地学校", refers=True),
    Case("JY02", "sun", {"school": "XJ2022-04417", "year": "2022"}, "refused", says="没有查到", refers=True),
    Case("JY02", "sun", {"school": "other", "year": "unknown"}, "form_invalid", says="学校名称"),
    Case("JT01", "hu", {**LORRY, "mileage": "186500"},
         rows={"年审结果": "符合", "下次年审截止": "2027-12-10", "行驶里程": "186,500 公里"}),
    Case("JT01", "wu", {"plate": "浙Z1T035", "certificate": "330201001207"},
         rows={"经营类别": "巡游出租汽车客运", "下次年审截止": "2027-12-31"}),
    Case("JT01", "hu", LORRY, "refused", says="不用重复办理", refers=True),
    Case("JT01", "hu", {"plate": "浙Z0H782", "certificate": "330103008802"}, "refused", says="2025-06-30",
         refers=True),
    Case("JT01", "hu", {"plate": "浙Z0H782", "certificate": "330103008801"}, "refused", says="不一致",
         refers=True),
    Case("JT01", "zhang", LORRY, "refused", says="您名下", refers=True),
    Case("JT01", "hu", {**LORRY, "certificate": "33010300880"}, "form_invalid", says="12"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_filed_ends_as_the_records_say(standing: Terminal, clock: Clock, case: Case) -> None:
    judge(standing, case, filed(standing, clock, SERVICES, case))


ASKED = [
    Asked("JY01", "changqing", CHILD,
          rows={"学校": "示例市示范区梧桐路小学", "状态": "已录取", "您的身份": "监护人（父亲）"}),
    Asked("JY01", "tan", CHILD, rows={"报名类别": "幼升小", "您的身份": "监护人（母亲）"}),
    Asked("JY01", "tan", {**CHILD, "year": "2026"}, found=False, says="2026"),
    Asked("JY01", "tan", {**CHILD, "child_name": "许二诺"}, found=False, says="姓名"),
    Asked("JY01", "zhang", CHILD, found=False, says="监护人"),
]  # fmt: skip


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_what_is_asked_is_answered_from_the_records(standing: Terminal, asked: Asked) -> None:
    judge_answer(standing, asked)


def test_a_stranger_hears_the_same_of_a_child_as_of_no_child(standing: Terminal) -> None:
    told = []
    for number in (person("xu").number, person("zhou").number):
        query = Query(
            service="JY01", subject=standing.lay_card("zhang"), values={**CHILD, "child_number": number}
        )
        told.append(QueryResult.model_validate_json(standing.post("/v1/queries", query).content))
    assert told[0] == told[1] and not told[0].found


def test_a_review_renews_the_e_certificate(terminal: Terminal, clock: Clock) -> None:
    def held(who: str) -> dict[str, str]:
        found = terminal.http.get("/v1/certificates", params={"subject": terminal.lay_card(who)}).json()[
            "items"
        ]
        return {one["identifier"]: one["valid_until"] for one in found if one["type"] == "transport"}

    before = held("hu")
    assert list(before.values()) == ["2026-12-10"]
    assert filed(terminal, clock, SERVICES, Case("JT01", "hu", LORRY))["state"] == "accepted"
    assert list(held("hu").values()) == ["2027-12-10"] and not held("hu").keys() & before.keys()
    clock.pass_by(days=30)
    assert len(held("hu")) == 1, "the old one would have expired"


def test_entry_to_school_is_a_line_of_time(standing: Terminal) -> None:
    query = Query(service="JY01", subject=standing.lay_card("tan"), values=dict(CHILD))
    answer = QueryResult.model_validate_json(standing.post("/v1/queries", query).content)
    assert [f"{event.when:%Y-%m-%d}" for event in answer.timeline] == ["2024-04-15", "2024-07-10"]


@pytest.mark.parametrize(
    ("service", "who", "values"),
    [
        ("JT01", "hu", LORRY),
        ("JT01", "zhang", {}),
        ("JY02", "jiang", {"school": "XJ2022-04417", "year": "2022"}),
        ("JY02", "shen", {}),
    ],
)
def test_the_form_says_what_is_known(
    standing: Terminal, service: str, who: str, values: dict[str, str]
) -> None:
    told = standing.http.get(f"/v1/services/{service}/form", params={"subject": standing.lay_card(who)})
    assert FormData.model_validate_json(told.content).values == values
