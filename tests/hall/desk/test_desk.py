"""The desk in a real browser: what changes in the hall is on the page, in the reader's language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from hall.data import store
from hall.desk import openapi, pages
from hall.settings import DeskSettings, HallSettings
from mqtt import messages as m
from tests.hall.fleet import Speaker, fill, health
from tests.peers.desk import account, browser, desk, log_in, token

ROOT = Path(__file__).parents[3]
SOON = 30_000  # ms: a page that hears nothing stays as it is for ever


class Desk:
    """A running desk with its store, and an officer who may everything."""

    def __init__(self, address: str, settings: HallSettings) -> None:
        self.address = address
        self.settings = settings
        self.engine = store.open_store(settings)
        self.officer = account(settings)

    def client(self) -> httpx.Client:
        """The officer's program."""
        return httpx.Client(
            base_url=self.address,
            trust_env=False,
            timeout=60,
            follow_redirects=True,
            headers=token(self.settings, self.officer),
        )

    def speaker(self, path: str = "a/h/k") -> Speaker:
        """A terminal's voice into this store."""
        return Speaker(self.engine, path)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    """A desk on an empty store."""
    settings = HallSettings(data=tmp_path, area="a", hall="h", desk=DeskSettings(silent_seconds=3600))
    store.migrate(settings)
    with desk(settings) as address:
        running = Desk(address, settings)
        yield running
        running.engine.dispose()


@pytest.fixture
def page(chromium: Browser, at: Desk) -> Iterator[Page]:
    """A reader's tab, which fails the test on any error of a script or the page's policy."""
    context = chromium.new_context(base_url=at.address)
    context.set_default_timeout(60_000)
    log_in(context, at.address, at.settings, at.officer)
    tab = context.new_page()
    wrong: list[str] = []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on(
        "console",
        lambda said: (
            wrong.append(said.text) if said.type == "error" and "ERR_FAILED" not in said.text else None
        ),
    )
    yield tab
    context.close()
    assert wrong == []


def open_page(page: Page, path: str) -> None:
    """Go there and wait until the page listens."""
    page.goto(path)
    expect(page.locator("#line")).to_have_class("on", timeout=60_000)


def test_a_devices_row_changes_without_a_reload(at: Desk, page: Page) -> None:
    speaker = at.speaker()
    speaker.say(m.TerminalState(True, 1), health())
    open_page(page, "/terminals/a/h/k")
    printer = page.locator('tr[data-device="a4_printer"]')
    expect(printer).to_contain_text("纸 充足")
    expect(printer).to_contain_text("墨粉 充足 约 35 %")
    expect(printer).to_contain_text("约 80 % (main 40 %, lower 100 %)")
    receipt = page.locator('tr[data-device="receipt_printer"]')
    expect(receipt).to_contain_text("约可用到 11-25")
    expect(receipt).to_contain_text("切纸 3,805")
    expect(receipt).to_contain_text("用纸 571.2 米")
    expect(page.locator('tr[data-device="id_card_reader"]')).to_contain_text("失败 63")
    expect(printer).not_to_contain_text("unknown")
    page.evaluate("window.same = true")
    speaker.say(health({"a4_printer": {"supplies": {"paper": "out"}, "faults": ["a4_paper_out"]}}))
    expect(printer).to_contain_text("纸 用完", timeout=SOON)
    expect(page.locator("#faults")).to_contain_text("补充 A4 纸并检查纸盒是否到位")
    assert page.evaluate("window.same"), "the page was not loaded again"


def test_what_needs_somebody_comes_and_goes_on_the_overview(at: Desk, page: Page) -> None:
    speaker = at.speaker()
    open_page(page, "/")
    expect(page.locator("#fleet")).to_contain_text("还没有终端上报")
    speaker.say(m.TerminalState(True, 1), health())
    expect(page.locator("#fleet")).to_contain_text("待机", timeout=SOON)
    expect(page.locator("#needs")).to_contain_text("现在没有需要处理的事项")
    speaker.say(m.TerminalState(False, 1))
    expect(page.locator("#needs")).to_contain_text("终端离线", timeout=SOON)
    speaker.say(m.TerminalState(True, 2))
    expect(page.locator("#needs")).to_contain_text("现在没有需要处理的事项", timeout=SOON)


def test_a_case_its_prints_and_its_rating_appear_in_their_row(at: Desk, page: Page) -> None:
    speaker = at.speaker()
    open_page(page, "/transactions")
    speaker.say(m.SessionStarted("s"), m.CaseFiled("s", "SB01", "key", "accepted", "330100-7"))
    row = page.locator("#rows tbody tr")
    expect(row).to_contain_text("个人参保证明打印", timeout=SOON)
    speaker.say(m.DocumentPrinted("s", "SB01", "j", "certificate", "confirmed", "a4_printer"))
    expect(row).to_contain_text("已打印", timeout=SOON)
    speaker.say(m.RatingGiven("s", "SB01", "330100-7", 5, ["510"]))
    expect(row).to_contain_text("非常满意", timeout=SOON)
    open_page(page, "/ratings")
    expect(page.locator("#rows tbody tr")).to_contain_text("一窗受理一次办结")
    page.get_by_role("link", name="330100-7").click()
    expect(page.locator("#rows tbody tr")).to_have_count(1)


def test_a_certificate_on_a_numbered_blank_is_found_by_the_blanks_number(at: Desk, page: Page) -> None:
    open_page(page, "/transactions?show=prints")
    printed = m.DocumentPrinted(
        "s", "SB01", "j", "certificate", "confirmed", "special_printer", "N-7", sheet="A101"
    )
    at.speaker().say(printed)
    row = page.locator("#rows tbody tr")
    expect(row).to_contain_text("N-7", timeout=SOON)
    expect(row).to_contain_text("空白证件 A101")
    expect(row).to_contain_text("证照打印机")


def test_a_copy_says_which_it_is_and_who_wanted_it_and_one_in_doubt_stands_first(
    at: Desk, page: Page
) -> None:
    speaker = at.speaker()
    speaker.say(m.TerminalState(True, 1), health())
    open_page(page, "/")
    told = ("s", "SB01", "j", "certificate")
    speaker.say(m.DocumentPrinted(*told, "unknown", "a4_printer", copy=2, decided_by="citizen"))
    expect(page.locator("#needs")).to_contain_text("一份打印件结果不明", timeout=SOON)
    page.get_by_role("link", name="一份打印件结果不明").click()
    row = page.locator("#rows tbody tr")
    expect(row).to_contain_text("补打 · 第 2 份")
    expect(row).to_contain_text("本人决定")
    speaker.say(m.DocumentPrinted(*told, "confirmed", "a4_printer", copy=2, decided_by="staff"))
    open_page(page, "/")
    expect(page.locator("#needs")).to_contain_text("现在没有需要处理的事项", timeout=SOON)


def test_a_payment_stands_in_its_cases_row_and_one_that_was_returned_in_its_own(at: Desk, page: Page) -> None:
    speaker = at.speaker()
    open_page(page, "/transactions")
    speaker.say(
        m.PaymentEnded("s", "SB01", "k1", "paid", 123450, "P1"),
        m.CaseFiled("s", "SB01", "k1-case", "accepted", "330100-8"),
    )
    expect(page.locator("#rows tbody tr")).to_contain_text("¥ 1,234.50 已付款", timeout=SOON)
    speaker.say(
        m.PaymentEnded("s2", "SB01", "k2", "paid", 500, "P2"),
        m.PaymentEnded("s2", "SB01", "k2", "refunded", 500, "P2"),
        m.PaymentEnded("s3", "SB01", "k3", "refused", 500, "P3", "payment_expired"),
    )
    open_page(page, "/transactions?show=payments")
    rows = page.locator("#rows tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="P2")).to_contain_text("已退款")
    expect(rows.filter(has_text="P3")).to_contain_text("付款码已过期")


def test_the_switch_turns_every_word_and_stays(at: Desk, page: Page) -> None:
    at.speaker().say(m.TerminalState(True, 1), health())
    open_page(page, "/terminals/a/h/k")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_contain_text("Terminal k")
    assert page.url.endswith("/terminals/a/h/k"), "back on the page one came from"
    open_page(page, "/")
    text = page.locator("body").inner_text().replace("中文", "")
    assert not re.search("[\u4e00-\u9fff]", text), "Chinese left in the English page"
    page.get_by_role("link", name="中文").click()
    expect(page.locator("#fleet")).to_contain_text("全部终端")


def test_a_page_that_lost_its_line_says_so(at: Desk, page: Page) -> None:
    open_page(page, "/")
    page.route("**/events*", lambda route: route.abort())
    page.reload()
    expect(page.locator("#line")).to_have_text("连接中断，正在重试")
    page.unroute("**/events*")


def test_every_page_of_a_full_fleet_opens_and_every_link_leads_somewhere(at: Desk) -> None:
    fill(at.engine)
    with at.client() as client:
        seen: set[str] = set()
        waiting = ["/"]
        while waiting and len(seen) < 40:
            path = waiting.pop()
            seen.add(path)
            answer = client.get(path)
            assert answer.status_code == 200, path
            links = re.findall(r'href="(/[^"#]*)"', answer.text.replace("&amp;", "&"))
            waiting += [link for link in links if link not in seen and link not in waiting]
            for table in re.findall(r"<table.*?</table>", answer.text, re.DOTALL):
                assert 'scope="col"' in table and 'aria-labelledby="' in table, path
    assert len(seen) >= 20


def test_older_rows_are_a_page_away_and_each_stands_once(at: Desk) -> None:
    speaker = at.speaker()
    start = datetime.now(UTC) - timedelta(hours=3)
    for number in range(pages.ROWS + 20):
        speaker.say(
            m.CaseFiled("s", "SB01", f"k{number}", "accepted", f"no-{number:03d}"),
            at=start + timedelta(seconds=number // 2),
        )
    with at.client() as client:
        first = client.get("/transactions").text
        link = re.search(r'href="(/transactions[^"]*before=[^"]+)"', first)
        assert link is not None
        second = client.get(link[1].replace("&amp;", "&")).text
    found = re.findall(r"no-\d{3}", first + second)
    assert sorted(found) == [f"no-{number:03d}" for number in range(pages.ROWS + 20)]


def test_the_interface_pages_through_every_message_of_a_terminal(at: Desk) -> None:
    speaker = at.speaker()
    for number in range(12):
        speaker.say(m.SessionStarted(f"s{number}"))
    at.speaker("a/h/other").say(m.SessionStarted("elsewhere"))
    with at.client() as client:
        got: list[int] = []
        after = 0
        while items := client.get(
            "/api/terminals/a/h/k/messages", params={"after": after, "limit": 5}
        ).json()["items"]:
            got += [item["seq"] for item in items]
            after = items[-1]["n"]
            assert all(re.fullmatch("[0-9a-f]{64}", item["digest"]) and item["head"] for item in items)
        assert got == list(range(1, 13))
        assert client.get("/api/terminals/a/h/none").status_code == 404
        assert client.get("/api/cases", params={"limit": 5000}).status_code == 422
        detail = client.get("/api/terminals/a/h/k").json()
        assert detail["head"] and detail["devices"] == []


def test_what_a_terminal_says_is_shown_as_text_and_never_as_markup(at: Desk) -> None:
    speaker = at.speaker()
    speaker.say(
        m.TerminalState(True, 1, "<script>alert(1)</script>"), health({"a4_printer": {"detail": "<b>x"}})
    )
    with at.client() as client:
        answer = client.get("/terminals/a/h/k")
    assert "<script>alert" not in answer.text and "<b>x" not in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_the_language_link_leads_nowhere_else(at: Desk) -> None:
    for back in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
        asked = {"back": back}
        answer = httpx.get(f"{at.address}/language/en", params=asked, trust_env=False, timeout=60)
        assert answer.headers["location"] == "/", back


def test_every_word_that_the_pages_ask_for_is_there_in_both_languages() -> None:
    rows = tomllib.loads((ROOT / "config/locale/desk.toml").read_text(encoding="utf-8"))
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "hall/desk/templates").glob("*.html"))
    text += "".join(path.read_text(encoding="utf-8") for path in (ROOT / "hall").rglob("*.py"))
    asked = set(re.findall(r"""(?<![\w.])(?:w\.)?t\(\s*["']([a-z_]+)["']\s*[,)]""", text))
    assert len(asked) > 60 and asked <= set(rows), asked - set(rows)
    for name, row in rows.items():
        assert set(row) == {"zh", "en"} and all(row.values()), name
        assert re.findall(r"\{\w+\}", row["zh"]) == re.findall(r"\{\w+\}", row["en"]), name


def test_the_interface_document_is_what_the_code_says() -> None:
    assert (ROOT / "docs/openapi-hall.yaml").read_text(encoding="utf-8") == openapi.document(), (
        "write it anew: python main.py hall openapi hall > docs/openapi-hall.yaml"
    )
