"""A bad rating opens a ticket: somebody takes it, calls back, closes it in time, and all that is audited."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from hall import rating_tickets
from hall.data import store
from hall.data.desk_tables import audit
from hall.settings import HallSettings
from mqtt import messages as m
from tests.hall.desk.test_desk_acts import K, Place
from tests.hall.doors import csrf
from tests.peers.desk import account, browser, desk, log_in

CHINA = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    settings = HallSettings(data=tmp_path, area="a", hall="h")
    store.migrate(settings)
    with desk(settings) as address:
        made = Place(settings, address)
        yield made
        made.engine.dispose()


def rated(place: Place, stars: int, case_no: str = "C1", number: int = 1, session: str = "s1") -> None:
    codes = {1: ["110"], 2: ["209"], 5: ["510"]}[stars]
    place.speaker.say(m.RatingGiven(session, "SB01", case_no, stars, codes, number))


def open_ones(place: Place) -> list[tuple[str, int, int]]:
    with place.engine.connect() as tx:
        return [
            (row["case_no"], row["number"], row["stars"]) for row in rating_tickets.shown(tx, None, CHINA)
        ]


def acts(place: Place) -> list[tuple[str, str, str]]:
    with place.engine.connect() as tx:
        rows = tx.execute(select(audit).where(audit.c.act.startswith("ticket")).order_by(audit.c.n)).all()
    return [(row.act, row.actor, row.detail) for row in rows]


@pytest.mark.usefixtures("chromium")
def test_from_the_rating_to_its_end_at_the_desk(place: Place, chromium: Browser) -> None:
    page = place.tab(chromium)
    page.goto("/ratings/tickets")
    expect(page.locator("main")).to_contain_text("没有待处置的差评")
    expect(page.locator("#line")).to_have_class("on")
    rated(place, 2)
    row = page.locator("tr[data-ticket]")
    expect(row).to_contain_text("未在承诺时间内办结")
    expect(row).to_contain_text("C1")
    expect(row).to_contain_text("先回访，再办结")
    row.get_by_role("button", name="由我处理").click()
    expect(page.locator("tr[data-ticket]")).to_contain_text("officer")
    page.locator("summary", has_text="记录回访").press("Enter")
    page.get_by_label("回访情况").select_option("reached")
    page.get_by_role("button", name="记下").click()
    expect(page.locator("tr[data-ticket]")).to_contain_text("已回访")
    page.locator("summary", has_text="办结").press("Enter")
    page.get_by_label("处理结果（请勿写个人信息）").fill("已说明原因并致歉")
    page.get_by_role("button", name="办结").click()
    expect(page.locator("main")).to_contain_text("没有待处置的差评")
    page.goto("/ratings/tickets?show=closed")
    expect(page.locator("tr[data-ticket]")).to_contain_text("已说明原因并致歉")
    assert acts(place) == [
        ("ticket_taken", "officer", ""),
        ("ticket_called", "officer", "reached"),
        ("ticket_closed", "officer", "已说明原因并致歉"),
    ]


def test_only_a_bad_one_opens_a_ticket_and_each_rating_one(place: Place) -> None:
    rated(place, 5)
    rated(place, 1, "C2", session="s2")
    rated(place, 1, "C2", session="s2")
    rated(place, 2, "C2", number=2, session="s3")
    rated(place, 2, "", session="s4")
    assert open_ones(place) == [("C2", 1, 1), ("C2", 2, 2), ("", 1, 2)]


def post(place: Place, client: httpx.Client, deed: str, **fields: str) -> int:
    token = csrf(client.get("/ratings/tickets").text)
    return client.post(f"/ratings/tickets/1/{deed}", data={"csrf": token, **fields}).status_code


def inside(place: Place, name: str) -> httpx.Client:
    """A logged-in browser's requests."""

    class Context:
        def add_cookies(self, cookies: list[dict[str, str]]) -> None:
            self.cookies = {one["name"]: one["value"] for one in cookies}

    context = Context()
    log_in(context, place.address, place.settings, name)  # type: ignore[arg-type]
    headers = {"Origin": place.address}
    return httpx.Client(
        base_url=place.address, cookies=context.cookies, headers=headers, trust_env=False, timeout=60
    )


def test_it_is_not_closed_before_the_call_back_nor_twice_nor_without_a_word(place: Place) -> None:
    rated(place, 1)
    with inside(place, "officer") as client:
        assert post(place, client, "close", note="完成") == 409
        assert post(place, client, "call", how="by pigeon") == 400
        assert post(place, client, "call", how="nobody") == 303
        assert post(place, client, "close", note="  ") == 400
        assert post(place, client, "close", note="完成") == 303
        assert post(place, client, "close", note="再一次") == 409
        assert post(place, client, "take") == 409
        assert [act for act, _, _ in acts(place)] == ["ticket_called", "ticket_closed"]


def test_of_another_area_one_sees_none_and_ends_none(place: Place) -> None:
    rated(place, 1)
    account(place.settings, "neighbour", ("command", "b"))
    account(place.settings, "watcher", ("watch", "a"))
    with inside(place, "neighbour") as client:
        assert "data-ticket" not in client.get("/ratings/tickets").text
        assert post(place, client, "take") == 404
    with inside(place, "watcher") as client:
        assert post(place, client, "take") == 303, "as with incidents: who watches may"
    with httpx.Client(base_url=place.address, trust_env=False, timeout=60) as stranger:
        assert stranger.post("/ratings/tickets/1/take", data={}).status_code in (303, 401, 403)
    assert [(act, who) for act, who, _ in acts(place)] == [("ticket_taken", "watcher")]
    assert open_ones(place) and K == "a/h/k"


def test_without_the_login_s_own_token_nothing_is_done(place: Place) -> None:
    rated(place, 1)
    with inside(place, "officer") as client:
        assert client.post("/ratings/tickets/1/take", data={"csrf": "wrong"}).status_code == 403
    assert acts(place) == []


def test_fifteen_working_days_are_three_weeks() -> None:
    def due(day: int) -> str:
        opened = datetime(2026, 11, day, 15, 0, tzinfo=CHINA)
        end = rating_tickets.due(int(opened.timestamp() * 1000), CHINA)
        return f"{datetime.fromtimestamp(end / 1000 - 1, CHINA):%F %H}"

    assert due(23) == "2026-12-14 23", "a Monday's until the Monday in three weeks"
    assert due(27) == "2026-12-18 23"
    assert due(28) == due(29) == "2026-12-18 23", "of a weekend it begins on Monday"


@given(st.integers(1_600_000_000_000, 1_900_000_000_000))
def test_a_later_rating_is_never_due_earlier(opened: int) -> None:
    assert rating_tickets.due(opened, CHINA) <= rating_tickets.due(opened + 86_400_000, CHINA)
    assert 19 * 86_400_000 < rating_tickets.due(opened, CHINA) - opened <= 22 * 86_400_000
