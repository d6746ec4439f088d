"""General services: what the platform decides of each, and what it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import text

from config.catalogue_files import load_catalogue
from config.platform_api import Query, QueryResult, Submission
from config.platform_body import Value
from hall.platform import slots, windows
from hall.platform.clock import CHINA
from hall.platform.registers import archives, births
from hall.platform.settings import ServerSettings
from hall.platform.store import Store
from hall.platform.windows import SERVING, unserved
from hall.platform.workdays import working_day
from tests.hall.platform.conftest import Clock, serving
from tests.hall.platform.office_table import Asked, Case, filed, judge
from tests.hall.platform.terminal import Terminal

SERVICES = load_catalogue().services
PHONE = "13800000099"
PENSION: dict[str, Value] = {
    "matter": "retire",
    "retire_items": ("pension", "medical", "reward"),
    "bank_card": "6222020000000000018",
    "phone": PHONE,
}
BABY: dict[str, Value] = {
    "matter": "birth",
    "birth_items": ("household", "medical", "card"),
    "birth_certificate": "Z330000186",
    "child": "张知禾",
    "household": "mother",
    "phone": PHONE,
}
START: dict[str, Value] = {
    "matter": "start",
    "start_items": ("licence", "seal", "tax"),
    "company": "示例市晨光商贸有限公司",
    "capital": "20000000",
    "region": "330101",
    "address": "云杉路8号",
    "phone": PHONE,
}
ELSEWHERE: dict[str, Value] = {"region": "320101", "item": "YB05", "phone": PHONE}
RECORDS: dict[str, Value] = {"kind": "only_child", "years": "any", "purpose": "pension"}

CASES = (
    Case("ZH01", "qin", RECORDS, rows={"查到档案": "1"}, paper=("DS-1986-0417", "秦素云")),
    Case(
        "ZH01",
        "zhang",
        {**RECORDS, "kind": "marriage", "years": "late"},
        paper=("2014-06-18", "结婚登记"),
    ),
    Case("ZH01", "han", {**RECORDS, "years": "early"}, "refused", says="独生子女", refers=True),
    Case("ZH01", "xu", RECORDS, "refused", says="没有查到", refers=True),
    Case("ZH06", "feng", ELSEWHERE, rows={"通办范围": "跨省通办", "送达日": "2026-11-24"}, decided=False),
    Case("ZH06", "yang", {**ELSEWHERE, "region": "330200"}, rows={"承诺办结": "2026-12-07"}, decided=False),
    Case("ZH06", "feng", {**ELSEWHERE, "item": "MZ01"}, "refused", says="江北区", refers=True),
    Case("ZH06", "feng", {**ELSEWHERE, "region": "330101"}, "form_invalid", says="以外"),
    Case("ZH07", "han", PENSION, says="已受理 2 项", decided=False),
    Case("ZH07", "wang", PENSION, "refused", says="都没有受理"),
    Case("ZH07", "li", START, says="每一项都有自己的办件编号", decided=False),
    Case("ZH07", "chen", START, "refused", says="都没有受理"),  # the name is Li's by now
    Case("ZH07", "he", BABY, says="每一项都有自己的办件编号", decided=False),
    Case("ZH07", "zhang", BABY, "refused", says="都没有受理"),  # his wife was here
    Case("ZH07", "tan", {**BABY, "birth_certificate": "Z330000542"}, "refused"),  # another child's name
    Case("ZH07", "tan", {**BABY, "birth_items": ()}, "form_invalid"),
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, authority: Any) -> Iterator[Terminal]:
    """One platform for the whole table: what one citizen filed, the next one finds."""
    import shutil

    folder = tmp_path_factory.mktemp("general") / "platform"
    shutil.copytree(authority, folder)
    with serving(ServerSettings(data=folder, port=0, tokens=("terminal-one",)), Clock()) as terminal:
        yield terminal


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_case_ends_as_its_citizens_records_say(office: Terminal, clock: Clock, case: Case) -> None:
    judge(office, case, filed(office, clock, SERVICES, case))


@pytest.mark.parametrize(
    "asked",
    [
        Asked("ZH02", "he", {}, rows={"新生儿参加居民医保": "已办结"}),
        Asked("ZH02", "han", {}, rows={"医保在职转退休": "办理中", "退休待遇申请": "未予办理"}),
    ],
    ids=str,
)
def test_each_item_of_a_bundle_is_a_case_of_its_own(office: Terminal, asked: Asked) -> None:
    subject = office.lay_card(asked.who)
    answer = QueryResult.model_validate_json(
        office.post("/v1/queries", Query(service="ZH02", subject=subject)).content
    )
    told = {row.label.zh: row.value.zh for row in answer.rows}
    for item, state in asked.rows.items():
        assert state in told[item]
    assert any("承诺办结" in event.what.zh and not event.done for event in answer.timeline)


def bundle(terminal: Terminal, clock: Clock, who: str, values: dict[str, Value]) -> dict[str, Any]:
    return filed(terminal, clock, SERVICES, Case("ZH07", who, values))


def test_what_one_office_refuses_is_told_beside_the_numbers_of_the_others(
    terminal: Terminal, clock: Clock
) -> None:
    answer = bundle(terminal, clock, "han", PENSION)
    states = {part["service"]: part["state"] for part in answer["parts"]}
    assert states == {"ZH0711": "refused", "ZH0712": "accepted", "ZH0713": "accepted"}
    told = {row["label"]["zh"]: row["value"]["zh"] for row in answer["rows"]}
    assert told["退休待遇申请"].startswith("未受理：您自 2025-08 起")
    numbers = {part["case_no"] for part in answer["parts"]} | {answer["case_no"]}
    assert len(numbers) == 4 and told["医保在职转退休"] in numbers


def test_once_he_is_of_age_the_same_claim_is_granted(terminal: Terminal, clock: Clock) -> None:
    assert bundle(terminal, clock, "wang", PENSION)["state"] == "refused"
    clock.time = datetime(2028, 11, 2, 10, 0, tzinfo=CHINA)
    answer = bundle(terminal, clock, "wang", {**PENSION, "retire_items": ("pension",)})
    assert (answer["state"], answer["parts"][0]["state"]) == ("accepted", "accepted")


def test_without_the_licence_nothing_that_comes_after_it_is_done(terminal: Terminal, clock: Clock) -> None:
    taken = {**START, "company": "示例市云杉软件有限公司"}
    answer = bundle(terminal, clock, "li", taken)
    assert {part["state"] for part in answer["parts"]} == {"refused"}
    assert [part["case_no"] for part in answer["parts"][1:]] == ["", ""]
    assert "企业设立登记" in answer["parts"][1]["message"]["zh"]


def test_a_value_that_an_items_own_form_refuses_fails_that_item_only(
    terminal: Terminal, clock: Clock
) -> None:
    answer = bundle(terminal, clock, "li", {**START, "start_items": ("seal", "licence")})
    assert [part["state"] for part in answer["parts"]] == ["accepted", "accepted"]
    short = {**BABY, "birth_items": ("household", "card"), "birth_certificate": "Z" * 20}
    answer = bundle(terminal, clock, "he", short)
    assert {part["state"] for part in answer["parts"]} == {"refused"}


# ── papers taken in ─────────────────────────────────────────────────────────
def hand_in(terminal: Terminal, clock: Clock, originals: str = "yes") -> dict[str, Any]:
    subject = terminal.lay_card("he")
    page = terminal.http.post(
        "/v1/materials", params={"subject": subject}, content=b"\xff\xd8\xff page", headers=JPEG
    )
    told = Submission(
        service="ZH04",
        terminal="K001",
        subject=subject,
        means="face",
        values={"item": "tax", "about": "契税", "sheets": "1", "originals": originals, "phone": PHONE},
        materials={"page_1": (page.json()["material"],)},
        submitted_at=clock.time,
    )
    answer: dict[str, Any] = terminal.file(told).json()
    return answer


JPEG = {"Content-Type": "image/jpeg"}


def test_each_who_leaves_originals_has_a_compartment_of_his_own_for_three_days(
    terminal: Terminal, clock: Clock
) -> None:
    first, second = hand_in(terminal, clock), hand_in(terminal, clock)
    assert (first["compartment"], second["compartment"]) == (1, 2)
    rows = {row["label"]["zh"]: row["value"]["zh"] for row in first["rows"]}
    assert rows["存放到"] == "2026-11-25 09:30" and len(rows["取件码"]) == 6
    assert hand_in(terminal, clock, "no")["compartment"] == 0
    clock.pass_by(hours=72)
    assert hand_in(terminal, clock)["compartment"] == 1


def test_when_all_compartments_are_full_the_window_takes_the_originals(
    terminal: Terminal, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hall.platform.offices import intake

    monkeypatch.setattr(intake, "COMPARTMENTS", 1)
    assert hand_in(terminal, clock)["compartment"] == 1
    full = hand_in(terminal, clock)
    assert full["state"] == "accepted" and full["compartment"] == 0
    assert "综合窗口" in full["message"]["zh"]


# ── the hotline ─────────────────────────────────────────────────────────────
def test_a_ticket_is_followed_by_its_number_alone_and_tells_no_word_of_it(
    terminal: Terminal, clock: Clock
) -> None:
    wrote = Submission(
        service="ZH08",
        terminal="K001",
        values={"kind": "complain", "text": "楼道的灯坏了很久了"},
        submitted_at=clock.time,
    )
    number = terminal.file(wrote).json()["case_no"]

    def follow() -> QueryResult:
        query = Query(service="ZH0801", values={"ticket": f" {number.lower()} "})
        answer = terminal.post("/v1/queries", query)
        assert "楼道" not in answer.text
        return QueryResult.model_validate_json(answer.content)

    def state() -> str:
        return next(row.value.zh for row in follow().rows if row.label.zh == "现在")

    assert state() == "热线受理"
    clock.pass_by(hours=3)
    assert state() == "转承办单位"
    clock.pass_by(days=4)
    assert state() == "承办单位答复" and all(event.done for event in follow().timeline)
    assert not terminal.http.get("/v1/health").is_error


def test_the_number_of_another_case_is_no_ticket(terminal: Terminal, clock: Clock) -> None:
    other = filed(terminal, clock, SERVICES, Case("ZH06", "feng", ELSEWHERE))
    query = Query(service="ZH0801", values={"ticket": other["case_no"]})
    assert not QueryResult.model_validate_json(terminal.post("/v1/queries", query).content).found


# ── numbers ─────────────────────────────────────────────────────────────────
def number(terminal: Terminal, clock: Clock, **values: str) -> dict[str, str]:
    told = Submission(
        service="ZH03",
        terminal="K001",
        values={"window": "tax", "when": "now", **values},
        submitted_at=clock.time,
    )
    return {row["label"]["zh"]: row["value"]["zh"] for row in terminal.file(told).json()["rows"]}


def test_an_old_man_stands_behind_the_one_at_the_window_and_before_all_others(
    terminal: Terminal, clock: Clock
) -> None:
    for _ in range(4):
        number(terminal, clock)
    first = number(terminal, clock, priority="elder")
    assert (first["前面等候人数"], first["优先"]) == ("1", "60 岁以上老年人")
    assert number(terminal, clock, priority="soldier")["前面等候人数"] == "2"
    assert number(terminal, clock, priority="none")["前面等候人数"] == "6"


def test_the_form_offers_the_next_days_with_what_they_have_left(terminal: Terminal, clock: Clock) -> None:
    number(terminal, clock, when="later", day="2026-11-23", slot="09:00")
    told = terminal.http.get("/v1/services/ZH03/form").json()
    assert told["values"]["when"] == "now"
    assert [option["name"]["zh"] for option in told["options"]["day"][:2]] == [
        "11月23日 周一（余 43）",
        "11月24日 周二（余 44）",
    ]


@given(some.lists(some.tuples(some.integers(0, 300), some.booleans()), max_size=25), some.integers(0, 600))
def test_whoever_goes_first_never_waits_longer_than_without(came: list[tuple[int, bool]], at: int) -> None:
    morning = datetime(2026, 11, 23, 9, 0, tzinfo=CHINA)
    queue = sorted((morning + timedelta(minutes=minutes), first) for minutes, first in came)
    now = morning + timedelta(minutes=max([at, *(minutes for minutes, _ in came)]))
    left = unserved(queue, now)
    assert len(left) == len(unserved([(moment, False) for moment, _ in queue], now))
    assert unserved(queue, now + SERVING * (len(queue) + 1)) == []
    waiting = [first for _, first in queue]
    assert sum(left) <= sum(waiting) + 1  # those who go first, and whoever stands at the window


# ── days ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("day", "later", "found"),
    [
        ("2026-11-22", 0, "2026-11-23"),
        ("2026-11-22", 1, "2026-11-23"),
        ("2026-11-23", 0, "2026-11-23"),
        ("2026-11-23", 1, "2026-11-24"),
        ("2026-11-27", 1, "2026-11-30"),
        ("2026-12-31", 1, "2027-01-04"),
    ],
)
def test_working_days_leave_out_weekends_and_holidays(day: str, later: int, found: str) -> None:
    assert working_day(date.fromisoformat(day), later) == date.fromisoformat(found)


def test_the_records_are_of_our_citizens_and_in_their_lifetime() -> None:
    from config.people import people

    for archive in archives.load():
        assert archive.day > people()[archive.person].birth
    for birth in births.load():
        assert {birth.mother, birth.father} <= people().keys()
        assert people()[birth.mother].sex == "female" and people()[birth.father].sex == "male"


def test_a_file_of_the_release_before_keeps_its_queue_and_learns_of_those_who_go_first(
    tmp_path: Path,
) -> None:
    path, now = tmp_path / "platform.db", datetime(2026, 11, 23, 9, 0, tzinfo=CHINA)
    with closing(Store(path)) as store, store.transaction() as transaction:
        for _ in range(3):
            windows.take(transaction, ("tax",), "tax", now)
        transaction.execute(text("ALTER TABLE tickets DROP COLUMN priority"))
        for column in ("staff", "agent", "agent_mode", "authorisation"):
            transaction.execute(text(f"ALTER TABLE cases DROP COLUMN {column}"))
        for table in ("appointments", "lockers"):
            transaction.execute(text(f"DROP TABLE {table}"))
        transaction.execute(text("PRAGMA user_version = 2"))
    with closing(Store(path)) as store, store.transaction() as transaction:
        assert windows.waiting(transaction, "tax", now) == 3
        assert windows.take(transaction, ("tax",), "tax", now, priority=True).waiting == 1
        assert slots.take(transaction, "tax", "2026-11-24", "09:00", "case", now).number == 1
