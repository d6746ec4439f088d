"""Rating from home: once for each case, by whoever has the receipt, without a name."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from config.people import person
from config.ratings import star_rows
from hall.platform import uploads
from hall.platform.settings import ServerSettings
from hall.platform.store import Store
from hall.platform.tables import ratings
from tests.hall.platform.papers import NOW
from tests.hall.platform.terminal import Terminal, proof
from tests.hall.platform.test_verification_page import state
from tests.peers.desk import browser


def case(terminal: Terminal) -> str:
    return str(terminal.file(proof(terminal.lay_card("li"), NOW)).json()["case_no"])


def rate(terminal: Terminal, case_no: str, **told: Any) -> httpx.Response:
    return terminal.http.post(f"/r/{case_no}", data=told)


def kept(settings: ServerSettings) -> list[tuple[Any, ...]]:
    store = Store(settings.data / "platform.db")
    with store.reading() as connection:
        rows = connection.execute(ratings.select()).all()
    store.close()
    return [(row.stars, json.loads(row.codes), row.text) for row in rows]


def test_five_levels_then_their_reasons_and_nobodys_name(standing: Terminal) -> None:
    case_no = case(standing)
    page = standing.http.get(f"/r/{case_no}")
    assert page.status_code == 200 and "个人参保证明打印" in page.text
    for row in star_rows():
        assert row.name.zh in page.text and row.name.en in page.text
        reasons = unescape(standing.http.get(f"/r/{case_no}", params={"stars": row.stars}).text)
        assert all(one.name.zh in reasons and one.name.en in reasons for one in row.indicators)
    who = person("li")
    assert who.name not in page.text and "李" not in page.text and who.number not in page.text
    assert page.headers["referrer-policy"] == "no-referrer" and "<script" not in page.text


def test_a_rating_is_kept_once_and_the_same_one_again_is_thanked_for_again(
    terminal: Terminal, settings: ServerSettings
) -> None:
    case_no = case(terminal)
    for _ in range(2):
        page = rate(terminal, case_no, stars="2", codes=["209", "207"], text=" 等了很久 ")
        assert page.status_code == 200 and state(page) == "done"
    other = rate(terminal, case_no, stars="5")
    assert (other.status_code, state(other)) == (409, "again")
    assert state(terminal.http.get(f"/r/{case_no}")) == "again"
    assert kept(settings) == [(2, ["207", "209"], "等了很久")]


def test_of_ratings_at_the_same_moment_one_is_kept(terminal: Terminal, settings: ServerSettings) -> None:
    case_no = case(terminal)
    with ThreadPoolExecutor(5) as hands:
        states = list(hands.map(lambda n: state(rate(terminal, case_no, stars=str(n))), range(1, 6)))
    assert sorted(states) == ["again"] * 4 + ["done"] and len(kept(settings)) == 1


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"stars": "6"},
        {"stars": "５"},
        {"stars": "5", "codes": ["108"]},
        {"stars": "5", "text": "字" * 151},
        {"stars": "5", "codes": [str(n) for n in range(40)]},
        {"stars": "5", "text": "x" * 9000},
    ],
    ids=[
        "nothing",
        "six",
        "no digit",
        "another's reason",
        "wordy",
        "many fields",
        "far too much",
    ],
)
def test_what_is_no_rating_is_refused_kindly_and_may_be_given_again(
    standing: Terminal, told: dict[str, Any]
) -> None:
    case_no = case(standing)
    page = rate(standing, case_no, **told)
    assert (page.status_code, state(page)) == (422, "bad") and "五个等级" in page.text
    assert state(rate(standing, case_no, stars="4", text="字" * 150)) == "done"


def test_a_case_that_never_was_cannot_be_rated(standing: Terminal) -> None:
    for answer in (standing.http.get("/r/330100SB0119990101000001"), rate(standing, "<script>", stars="5")):
        assert (answer.status_code, state(answer)) == (404, "unknown") and "<script" not in answer.text


def test_the_number_beside_ones_own_is_nobodys(standing: Terminal) -> None:
    """Who counts on from his own receipt finds no case that he could rate."""
    number = case(standing)
    later = case(standing)
    assert number[:18] == later[:18] and number != later
    for end in ("000001", "222222", "222223"):
        assert state(rate(standing, number[:18] + end, stars="1")) == "unknown"
    assert not later[18:].isdecimal() or not number[18:].isdecimal(), "not counted"


def test_a_form_that_never_ends_is_not_waited_for(
    standing: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SECONDS", 0.3)
    where = standing.http.base_url
    form = f"POST /r/{case(standing)} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nstars=5"
    with socket.create_connection((where.host, where.port or 80), timeout=60) as line:
        line.sendall(form.encode())
        assert line.recv(100).startswith(b"HTTP/1.1 422")


def test_who_closes_the_page_while_it_sends_is_no_error_of_ours(
    terminal: Terminal, capfd: pytest.CaptureFixture[str]
) -> None:
    where = terminal.http.base_url
    with socket.create_connection((where.host, where.port or 80), timeout=60) as line:
        line.sendall(b"POST /r/x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nstars=5")
    said = ""
    while "route=/r/{case_no}" not in said:  # pytest's time-out ends the wait
        said += "".join(capfd.readouterr())
    assert "error" not in said


def test_a_phone_rates_without_a_script(standing: Terminal) -> None:
    case_no = case(standing)
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 360, "height": 740}, java_script_enabled=False)
        page.goto(str(standing.http.base_url.join(f"/r/{case_no}")))
        page.get_by_role("link", name="基本满意").click()
        page.get_by_label("办事指南指引准确").check()
        page.get_by_label("想说的话").fill("很好")
        page.get_by_role("button", name="提交评价").click()
        expect(page.get_by_role("heading")).to_contain_text("谢谢您的评价")
        assert page.locator("main").evaluate("e => document.documentElement.scrollWidth") <= 360
