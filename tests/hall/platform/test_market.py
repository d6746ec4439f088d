"""Companies: names, registrations, licences and files, by what the register says."""

from __future__ import annotations

from typing import Any

import pytest

from config.catalogue_files import load_catalogue
from config.platform_api import FormData
from tests.hall.platform.conftest import Clock
from tests.hall.platform.office_table import Asked, Case, filed, judge, judge_answer
from tests.hall.platform.terminal import Terminal

SERVICES = load_catalogue().services
YUNSHAN, XUJI, TINGQUAN = "91330101MADEM00116", "92330101MADEM002XT", "91330101MADEM0046Q"
SHOP = {
    "name_1": "示例市示范区小满馄饨店",
    "industry": "6210",
    "region": "330101",
    "address": "梧桐路30号",
    "capital": "5000000",
    "phone": "13800000010",
}
PROMISED = {"letters": {"premises": 1}}


def shop(who: str, state: str = "accepted", **told: Any) -> Case:
    """A shop asked for, with changes."""
    values = {**SHOP, **told.pop("values", {})}
    return Case("SJ01", who, values, state, sends=PROMISED, decided=state == "refused", **told)


CASES = [
    shop("tan", rows={"名称": "示例市示范区小满馄饨店", "资金数额": "50,000.00 元", "承诺办结": "1 个工作日"},
         paper=("登记受理通知书", "谭晓", "6210 正餐服务", "示范区梧桐路30号")),
    shop("sun", values={"name_1": "示例市示范区许记面馆", "name_2": "示例市望江区孙氏理发店",
                        "industry": "8040", "region": "330103", "capital": "2000000"},
         rows={"名称": "示例市望江区孙氏理发店", "行业": "8040 理发及美容服务"},
         paper=("孙䶮", "望江区梧桐路30号")),
    shop("qin", "refused", values={"name_1": "示例市示范区渡口咖啡馆"}, says="名称都不能使用", refers=True),
    shop("qin", "refused", values={"name_1": "秦记小店铺子"}, says="示例市", refers=True),
    shop("qin", "refused", values={"industry": "5169"}, says="前置审批", refers=True),
    shop("shen", "refused", values={"region": "330201"}, says="不在示例市", refers=True),
    shop("xu", "not_eligible", says="16"),
    shop("qin", "form_invalid", values={"capital": "50"}, says="不能少于 1 元"),
    shop("qin", "form_invalid", values={"name_2": SHOP["name_1"]}, says="不能与"),
    Case("SJ01", "qin", SHOP, "material_missing"),
    Case("SJ02", "zheng", {"code": YUNSHAN, "copy": "copy", "copy_no": "1"},
         rows={"名称": "示例市云杉软件有限公司", "执照": "副本（1）"},
         paper=("营业执照", "郑凯", YUNSHAN, "人民币500万元", "2004-07-01", "云杉路100号", "样张·无效")),
    Case("SJ02", "changqing", {"code": XUJI, "copy": "copy", "copy_no": "1"},
         rows={"名称": "示例市示范区许记面馆"}, paper=("许长青", "个体工商户", "人民币5万元")),
    Case("SJ02", "changqing", {"code": XUJI, "copy": "original"}, "refused", says="待打印", refers=True),
    Case("SJ02", "zhang", {"code": YUNSHAN, "copy": "original"}, "refused", says="法定代表人"),
    Case("SJ02", "zheng", {"code": TINGQUAN, "copy": "original"}, "refused", says="2025-01-20"),
    Case("SJ02", "zheng", {"code": "91330103MADEM0069X", "copy": "original"}, "form_invalid"),
    Case("SJ04", "zhang", {"code": YUNSHAN},
         rows={"法定代表人": "郑凯", "登记状态": "存续", "资金数额": "5,000,000.00 元"},
         paper=("企业登记机读档案资料", "张明远", "2026-10-28", "云杉路100号2幢", "应用软件开发")),
    Case("SJ04", "li", {"code": TINGQUAN}, rows={"登记状态": "已注销（2025-01-20）"},
         paper=("听泉餐饮", "周雨桐")),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_filed_ends_as_the_register_says(standing: Terminal, clock: Clock, case: Case) -> None:
    judge(standing, case, filed(standing, clock, SERVICES, case))


ASKED = [
    Asked("SJ03", "", {"name": "云杉"}, lines=2,
          table=((0, ("示例市云杉软件有限公司", "存续", "2004-07-01", YUNSHAN)),
         (1, ("示例市云杉园艺工作室", "已注销")))),
    Asked("SJ03", "", {"name": "渡口咖啡"}, lines=1,
          table=((0, ("示例市示范区渡口咖啡馆", "名称预留（至所列日期）", "2026-12-20")),)),
    Asked("SJ03", "", {"name": "大满馄饨"}, found=False, says="以登记机关核准为准"),
    Asked("SJ04", "zhang", {"code": YUNSHAN}, rows={"名称": "示例市云杉软件有限公司"}, lines=3),
    Asked("SJ04", "zhang", {"code": "91330103MADEM00706"}, found=False, says="没有查到"),
]  # fmt: skip


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_what_is_asked_is_answered_from_the_register(standing: Terminal, asked: Asked) -> None:
    judge_answer(standing, asked)


def test_a_name_that_was_kept_is_kept_from_the_next(terminal: Terminal, clock: Clock) -> None:
    for case in (
        shop("tan"),
        shop("qin", "refused"),
        shop("qin", values={"name_2": "示例市示范区秦家馄饨店"}),
    ):
        answer = filed(terminal, clock, SERVICES, case)
        assert answer["state"] == case.state
    assert answer["rows"][0]["value"]["zh"] == "示例市示范区秦家馄饨店"
    kept = ((-1, ("示例市示范区小满馄饨店", "设立登记申请中", "2026-11-22")),)
    judge_answer(terminal, Asked("SJ03", "", {"name": "馄饨"}, lines=2, table=kept))


def test_each_licence_is_printed_once(terminal: Terminal, clock: Clock) -> None:
    for number, again in (("1", False), ("2", False), ("1", True)):
        case = Case("SJ02", "zheng", {"code": YUNSHAN, "copy": "copy", "copy_no": number})
        answer = filed(terminal, clock, SERVICES, case)
        assert answer["state"] == ("refused" if again else "accepted")
    assert "只打印一次" in answer["message"]["zh"]


@pytest.mark.parametrize(("who", "code"), [("zheng", YUNSHAN), ("changqing", XUJI), ("sun", "")])
def test_the_form_knows_the_citizens_own_open_company(standing: Terminal, who: str, code: str) -> None:
    told = standing.http.get("/v1/services/SJ02/form", params={"subject": standing.lay_card(who)})
    assert FormData.model_validate_json(told.content).values.get("code", "") == code
