"""In a real browser: a readiness report with its remedies, who did what at a terminal, what is not ready."""

from __future__ import annotations

import httpx
from playwright.sync_api import Page, expect

from config.faults import faults
from mqtt import messages as m
from tests.hall.desk.test_desk import SOON, Desk, at, chromium, open_page, page
from tests.hall.fleet import health

__all__ = ["at", "chromium", "page"]  # fixtures

JAM = faults()["a4_jam"].technician
REPORT = m.ReadinessReported(
    "4711",
    [
        m.PartFound("disk", True, [], "41 GB free"),
        m.PartFound("receipt_printer", True, ["receipt_paper_low"], "paper low", "纸偏少"),
        m.PartFound("a4_printer", False, ["a4_jam"], "IPP 2.0"),
    ],
)


def test_the_last_report_is_on_the_terminals_page_what_is_not_ready_first(at: Desk, page: Page) -> None:
    speaker = at.speaker()
    speaker.say(m.TerminalState(True, 1), health())
    open_page(page, "/terminals/a/h/k")
    expect(page.locator("#readiness")).to_contain_text("还没有就绪报告")
    speaker.say(REPORT)
    rows = page.locator("#readiness tbody tr")
    expect(rows).to_have_count(2, timeout=SOON)
    expect(rows.nth(0)).to_contain_text("A4 打印机")
    expect(rows.nth(0)).to_contain_text(JAM.zh)
    expect(rows.nth(1)).to_contain_text("留意")
    expect(page.locator("#readiness")).to_contain_text("技术员 4711")
    expect(rows.nth(1)).to_contain_text("纸偏少")
    expect(rows.nth(1)).not_to_contain_text("paper low")
    expect(rows.nth(0)).to_contain_text("IPP 2.0")  # alike in both, or of a terminal of before
    page.get_by_role("link", name="English").click()
    expect(rows.nth(0)).to_contain_text(JAM.en)
    expect(rows.nth(1)).to_contain_text("paper low")
    expect(rows.nth(1)).not_to_contain_text("纸偏少")
    speaker.say(m.ReadinessReported("hall", [m.PartFound("disk", True, [], "41 GB free")]))
    expect(page.locator("#readiness")).to_contain_text("No part needs a look", timeout=SOON)


def test_who_did_what_at_the_terminal_is_on_its_page_and_in_the_audit(at: Desk, page: Page) -> None:
    speaker = at.speaker()
    speaker.say(m.TerminalState(True, 1), health())
    open_page(page, "/terminals/a/h/k")
    speaker.say(
        m.TechnicianActed("4711", "entered"),
        m.TechnicianActed("4711", "device_tested", "a4_printer", "a4_jam"),
    )
    acts = page.locator("#technicians tbody tr")
    expect(acts).to_have_count(2, timeout=SOON)
    tested = page.locator('#technicians tr[data-act="device_tested"]')
    expect(tested).to_contain_text("4711")
    expect(tested).to_contain_text("测试设备")
    expect(tested).to_contain_text("A4 打印机")
    open_page(page, "/audit")
    row = page.locator("tbody tr").filter(has_text="technician:4711").filter(has_text="A4 打印机")
    expect(row).to_contain_text("测试设备")
    expect(row).to_contain_text("k")


def test_what_was_only_begun_is_not_called_done(at: Desk, page: Page) -> None:
    at.speaker().say(
        m.TerminalState(True, 1),
        health(),
        m.TechnicianActed("4711", "touch_calibrated", detail="begun"),
        m.TechnicianActed("4711", "left", detail="idle"),
    )
    open_page(page, "/terminals/a/h/k")
    acts = page.locator("#technicians tbody tr")
    expect(acts).to_have_count(2, timeout=SOON)
    begun, left = acts.filter(has_text="校准触摸屏"), acts.filter(has_text="长时间无操作")
    expect(begun).to_contain_text("开始")
    expect(begun).not_to_contain_text("完成")
    expect(left).to_contain_text("完成")
    open_page(page, "/audit")
    expect(page.locator("main")).to_contain_text("校准触摸屏 开始")


def test_the_page_of_an_area_lists_what_is_not_ready_the_worst_first(at: Desk, page: Page) -> None:
    at.speaker("a/h/one").say(m.TerminalState(True, 1), health(), REPORT)
    two = m.ReadinessReported("install", [*REPORT.found, m.PartFound("display", False, [], "no output")])
    at.speaker("a/h/two").say(m.TerminalState(True, 1), health(), two)
    at.speaker("a/h/fine").say(m.ReadinessReported("install", [m.PartFound("disk", True)]))
    open_page(page, "/readiness")
    heads = page.locator("#readiness h2")
    expect(heads).to_have_count(2)
    expect(heads.nth(0)).to_contain_text("two")
    expect(page.locator("#readiness")).to_contain_text("3 台中 1 台")
    expect(page.locator('tr[data-part="display"]')).to_contain_text("显示屏")
    at.speaker("a/h/one").say(m.TerminalState(True, 2))


def test_programs_read_the_same_and_of_their_own_areas_only(at: Desk) -> None:
    at.speaker().say(m.TerminalState(True, 1), health(), REPORT, m.TechnicianActed("4711", "entered"))
    with at.client() as client:
        (report,) = client.get("/api/readiness").json()["items"]
        assert (report["terminal"], report["by"], report["not_ready"]) == ("a/h/k", "4711", 1)
        assert report["found"][0] == {
            "name": "a4_printer",
            "ready": False,
            "codes": ["a4_jam"],
            "detail": "IPP 2.0",
            "detail_zh": "",
        }
        assert (report["found"][2]["detail"], report["found"][2]["detail_zh"]) == ("paper low", "纸偏少")
        (act,) = client.get("/api/technician-acts", params={"terminal": "a/h/k"}).json()["items"]
        assert (act["actor"], act["act"]) == ("4711", "entered")
        assert 'kt_hall_parts_not_ready{area="a",hall="h"} 1.0' in client.get("/metrics").text
    for path in ("/api/readiness", "/api/technician-acts"):
        assert httpx.get(f"{at.address}{path}", trust_env=False, timeout=60).status_code == 401
