"""Papers that are brought later: which case waits for them, when they come, and when they do not."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from config.platform_api import OpenCases, Query, Supplement
from hall.platform import deficits, handlers
from hall.platform.settings import ServerSettings
from hall.platform.store import Store
from tests.hall.platform.conftest import Clock, serving
from tests.hall.platform.paper_service import HANDLER, ID, lay_down
from tests.hall.platform.terminal import Terminal
from tests.hall.platform.test_material_ways import BANK, code, file, page


@pytest.fixture
def desk(settings: ServerSettings, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    monkeypatch.setitem(handlers._HANDLERS, ID, HANDLER)
    folder = lay_down(settings.data.with_name("services"))
    with serving(settings.model_copy(update={"catalogue": (folder,)}), clock) as terminal:
        yield terminal


def waiting(desk: Terminal, subject: str) -> OpenCases:
    return OpenCases.model_validate_json(desk.http.get("/v1/cases/open", params={"subject": subject}).content)


def bring(
    desk: Terminal, case_no: str, subject: str, key: str | None = None, **materials: tuple[str, ...]
) -> httpx.Response:
    body = Supplement(subject=subject, terminal="K002", materials=materials)
    return desk.post(
        f"/v1/cases/{case_no}/supplements", body, **{"Idempotency-Key": key or str(uuid.uuid4())}
    )


def progress(desk: Terminal, subject: str) -> list[str]:
    """The last line of each case's progress, and how the newest stands."""
    answer = desk.post("/v1/queries", Query(service="ZH02", subject=subject)).json()
    return [event["what"]["zh"] for event in answer["timeline"]] + [answer["rows"][0]["value"]["zh"]]


@pytest.fixture
def accepted(desk: Terminal, clock: Clock) -> dict[str, Any]:
    """Zhang's case, paid to his bank card: it lacks the diploma and a picture of the card."""
    later = ("diploma", "card_copy")
    answer = file(desk, clock, desk.lay_card("zhang"), values=BANK, later=later)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def test_a_case_without_some_papers_is_accepted_until_a_day(desk: Terminal, accepted: dict[str, Any]) -> None:
    assert accepted["state"] == "accepted" and not accepted["decided"]
    assert accepted["deficit"] == {"materials": ["diploma", "card_copy"], "until": "2026-12-07"}
    assert "结业证书、银行卡照片" in accepted["message"]["zh"] and "2026-12-07" in accepted["message"]["zh"]
    (case,) = waiting(desk, desk.lay_card("zhang")).items
    assert (case.case_no, case.deficit.materials) == (accepted["case_no"], ("diploma", "card_copy"))
    assert waiting(desk, desk.lay_card("wang")).items == (), "nobody sees another's"


def test_papers_come_one_by_one_and_at_any_terminal(desk: Terminal, accepted: dict[str, Any]) -> None:
    zhang, number = desk.lay_card("zhang"), accepted["case_no"]
    first = bring(desk, number, zhang, diploma=(page(desk, zhang), page(desk, zhang))).json()
    assert first["deficit"]["materials"] == ["card_copy"] and "银行卡照片" in first["message"]["zh"]
    second = bring(desk, number, zhang, card_copy=(page(desk, zhang),)).json()
    assert second["deficit"] is None
    assert waiting(desk, zhang).items == ()
    told = progress(desk, zhang)
    assert "已补交结业证书" in told and "已补交银行卡照片" in told and told[-1].endswith("（办理中）")
    assert code(bring(desk, number, zhang, card_copy=(page(desk, zhang),))) == "deficit_none"


def test_the_same_key_brings_them_once(desk: Terminal, accepted: dict[str, Any]) -> None:
    zhang, number = desk.lay_card("zhang"), accepted["case_no"]
    pages, key = (page(desk, zhang), page(desk, zhang)), str(uuid.uuid4())
    first = bring(desk, number, zhang, key, diploma=pages)
    assert bring(desk, number, zhang, key, diploma=pages).json() == first.json()
    assert desk.http.get(f"/v1/cases/by-key/{key}").json() == first.json(), "asked after by its key"
    assert code(bring(desk, number, zhang, key, card_copy=(page(desk, zhang),))) == "key_reused"


def test_a_key_that_was_withdrawn_brings_nothing(desk: Terminal, accepted: dict[str, Any]) -> None:
    zhang, key = desk.lay_card("zhang"), str(uuid.uuid4())
    assert desk.post(f"/v1/cases/by-key/{key}/withdraw").status_code == 204
    late = bring(desk, accepted["case_no"], zhang, key, card_copy=(page(desk, zhang),))
    assert (late.status_code, code(late)) == (410, "key_withdrawn")


def test_what_is_overdue_lapses_by_the_platforms_clock_and_is_told(
    desk: Terminal, clock: Clock, accepted: dict[str, Any]
) -> None:
    clock.pass_by(days=15)
    assert waiting(desk, desk.lay_card("zhang")).items, "the last day counts"
    clock.pass_by(days=1)
    zhang = desk.lay_card("zhang")
    told = progress(desk, zhang)
    assert "逾期（2026-12-07）未补齐材料，申请终止" in told and told[-1].endswith("（未予办理）")
    late = bring(desk, accepted["case_no"], zhang, card_copy=(page(desk, zhang),))
    assert code(late) == "deficit_lapsed" and "2026-12-07" in late.json()["message"]["zh"]


def test_what_a_department_granted_without_the_papers_does_not_lapse(
    desk: Terminal, clock: Clock, settings: ServerSettings, accepted: dict[str, Any]
) -> None:
    with closing(Store(settings.data / "platform.db")) as store, store.transaction() as transaction:
        deficits.change(transaction, accepted["case_no"], decided=True)
    clock.pass_by(days=20)
    assert waiting(desk, desk.lay_card("zhang")).items == ()
    result = desk.http.get(f"/v1/cases/by-key/{accepted['key']}").json()
    assert (result["state"], result["decided"]) == ("accepted", True)


@pytest.mark.parametrize("who", ["wang", "zhang"])
def test_only_his_own_case_gets_only_its_own_papers(
    desk: Terminal, accepted: dict[str, Any], who: str
) -> None:
    subject = desk.lay_card(who)
    diploma = (page(desk, subject), page(desk, subject))
    if who == "wang":
        assert code(bring(desk, accepted["case_no"], subject, diploma=diploma)) == "case_not_yours"
        return
    number = accepted["case_no"]
    assert code(bring(desk, number, subject, record=(page(desk, subject),))) == "material_missing"
    assert code(bring(desk, number, subject, diploma=diploma[:1])) == "material_missing"
    assert code(bring(desk, number, subject)) == "material_missing"
    others = desk.lay_card("wang")
    assert code(bring(desk, number, subject, card_copy=(page(desk, others),))) == "material_missing"
    assert bring(desk, number, subject, diploma=diploma).status_code == 200
