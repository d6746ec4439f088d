"""The terminal's own papers: what a citizen finds on them, and what a finder of one does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest

from config.people import person
from config.platform_api import CaseResult, IssuedDocument, QueryResult, ResultRow, TimelineEvent
from config.words import Words, same
from kiosk.documents import papers
from kiosk.documents.receipts import Receipt, draw
from kiosk.masked import masked_name, masked_number
from kiosk.scan import certificate_code, number_in, rating_code
from kiosk.visit import Visit
from tests.codes import codes_on
from tests.kiosk.small_visit import Script, backstage, service, visit

T = TypeVar("T")
NUMBER = "1.2.156.3005.2.99DEMO0000000000SB001.99DEMO330100SB0001.K4Z8Q2.001.X"
DOCUMENT = IssuedDocument(document="d1", kind="certificate", number=NUMBER, sha256="00", pages=1)
CASE = CaseResult(
    key="k1",
    case_no="330100202611220001",
    state="accepted",
    title=Words("办理成功", "Done"),
    message=same(""),
    rows=(ResultRow(label=Words("有效期至", "Valid until"), value=same("2027-02-22")),),
    documents=(DOCUMENT,),
)
TICKET = CASE.model_copy(
    update={
        "rows": (
            ResultRow(label=Words("排队号", "Queue number"), value=same("A012")),
            ResultRow(label=Words("前面等候人数", "People before you"), value=same("3")),
        ),
        "documents": (),
    }
)
EVENT = TimelineEvent(when=datetime(2026, 11, 20, 9, 30, tzinfo=UTC), what=Words("受理", "Accepted"))
PROGRESS = QueryResult(found=True, title=same("您有 1 件办件"), timeline=(EVENT,))


def made(
    folder: Path,
    id: str,
    key: str,
    make: Callable[[Visit], T],
    linked: bool = True,
    case: CaseResult | None = None,
) -> T:
    async def run() -> T:
        async with backstage(folder, Script()) as parts:
            one = visit(replace(parts, linked=lambda: linked), service(id), key)
            one.session.case = case
            return make(one)

    return asyncio.run(run())


def text(receipt: Receipt) -> str:
    """All that is to be read on a paper."""
    return "\n".join(f"{line.label} {line.text} {line.note}" for line in receipt.lines)


def pairs(receipt: Receipt) -> dict[str, str]:
    return {line.label: line.text for line in receipt.lines if line.kind == "pair"}


def codes(receipt: Receipt) -> list[str]:
    return [line.text for line in receipt.lines if line.kind == "code"]


EVERY: dict[str, tuple[str, Callable[[Visit], Receipt]]] = {
    "receipt": ("SB01", lambda one: papers.slip(one, CASE, "receipt")),
    "ticket": ("ZH03", lambda one: papers.slip(one, TICKET, "ticket")),
    "progress": ("ZH02", lambda one: papers.progress_slip(one, PROGRESS)),
    "referral": ("SB01", lambda one: papers.referral_slip(one, Words("查无记录", "No record"))),
    "reprint": (
        "SB01",
        lambda one: papers.reprint_slip(one.backstage, one.service, NUMBER, 2, "工作人员", EVENT.when),
    ),
    "staff": (
        "SB01",
        lambda one: papers.staff_slip(one.backstage, "请核实", [("编号", "R1")], "请查看出纸口"),
    ),
}


@pytest.mark.parametrize("document", EVERY)
def test_whatever_is_printed_is_a_sample_and_names_its_terminal(tmp_path: Path, document: str) -> None:
    id, make = EVERY[document]
    receipt = made(tmp_path, id, "zhang" if id != "ZH03" else "", make)
    assert receipt.lines[-1].text == "样张 · 无效"
    assert "K001" in text(receipt)
    assert document == "staff" or "12345" in text(receipt)
    assert "{" not in text(receipt) and "待同步" not in text(receipt)


@pytest.mark.parametrize("document", EVERY)
def test_while_the_line_to_the_hall_is_down_the_paper_says_so_and_what_it_means(
    tmp_path: Path, document: str
) -> None:
    id, make = EVERY[document]
    said = text(made(tmp_path, id, "zhang" if id != "ZH03" else "", make, linked=False))
    assert "待同步" in said
    assert any(meaning in said for meaning in ("自动上传", "恢复后", "稍后才能看到", "还看不到"))


@pytest.mark.parametrize("document", EVERY)
@pytest.mark.parametrize("key", ["zhang", "chen"])
def test_a_finder_learns_nothing_of_the_holder(tmp_path: Path, document: str, key: str) -> None:
    id, make = EVERY[document]
    who, said = person(key), text(made(tmp_path, id, key, make))
    for personal in (who.name, who.name[1:], who.number, who.number[4:14], who.address, who.phone):
        assert personal not in said
    if document in ("receipt", "progress", "referral"):
        assert masked_name(who.name).zh in said and masked_number(who.number).zh in said


def test_even_where_the_platform_spells_the_holder_the_paper_does_not(tmp_path: Path) -> None:
    who = person("zhang")
    row = ResultRow(label=Words("参保人", "Insured"), value=same(f"{who.name}（{who.number}）"))
    loud = CASE.model_copy(update={"rows": (row,)})
    said = text(made(tmp_path, "SB01", "zhang", lambda one: papers.slip(one, loud, "receipt")))
    assert who.name not in said and who.number not in said
    assert masked_number(who.number).zh in said


# ── receipts ────────────────────────────────────────────────────────────────
def test_a_receipt_tells_the_case(tmp_path: Path) -> None:
    told = pairs(made(tmp_path, "SB01", "zhang", lambda one: papers.slip(one, CASE, "receipt")))
    assert told["办件编号"] == CASE.case_no
    assert told["有效期至"] == "2027-02-22"


@pytest.mark.parametrize("across", [384, 576])
def test_its_codes_lead_to_the_certificate_and_to_the_rating(tmp_path: Path, across: int) -> None:
    picture = made(tmp_path, "SB01", "zhang", lambda one: draw(papers.slip(one, CASE, "receipt"), across))
    assert codes_on(picture) == [
        f"https://check.example/v/{NUMBER}",
        f"https://check.example/r/{CASE.case_no}",
    ]


def test_without_a_certificate_the_code_is_the_cases_number(tmp_path: Path) -> None:
    bare = CASE.model_copy(update={"documents": ()})
    receipt = made(tmp_path, "SB01", "zhang", lambda one: papers.slip(one, bare, "receipt"))
    assert codes(receipt)[0] == CASE.case_no
    assert "查询进度" in text(receipt)


def test_what_is_not_rated_has_no_code_for_it(tmp_path: Path) -> None:
    def unrated(one: Visit) -> Receipt:
        quiet = Visit(one.service.model_copy(update={"rate": False}), one.session, one.clock, one.backstage)
        return papers.slip(quiet, CASE, "receipt")

    assert codes(made(tmp_path, "SB01", "zhang", unrated)) == [f"https://check.example/v/{NUMBER}"]


def test_a_scanned_paper_of_ours_means_its_number() -> None:
    public = "https://check.example"
    assert number_in(public, certificate_code(public, NUMBER)) == NUMBER
    assert number_in(public, rating_code(public, CASE.case_no)) == CASE.case_no
    assert number_in(public, f" {CASE.case_no}\n") == CASE.case_no
    elsewhere = f"https://elsewhere.example/v/{NUMBER}"
    assert number_in(public, elsewhere) == elsewhere


# ── the others ──────────────────────────────────────────────────────────────
def test_a_ticket_has_its_number_large_and_belongs_to_nobody(tmp_path: Path) -> None:
    receipt = made(tmp_path, "ZH03", "", EVERY["ticket"][1])
    assert [line.text for line in receipt.lines if line.size == "huge"] == ["A012"]
    assert pairs(receipt)["前面等候人数"] == "3" and "排队号" not in pairs(receipt)
    assert "姓名" not in text(receipt)


def test_a_progress_slip_is_as_long_as_the_progress(tmp_path: Path) -> None:
    long = PROGRESS.model_copy(update={"timeline": (EVENT,) * 30})
    heights = [
        made(tmp_path, "ZH02", "wang", lambda one, asked=asked: draw(papers.progress_slip(one, asked))).height  # type: ignore[misc]
        for asked in (PROGRESS, long)
    ]
    assert heights[1] - heights[0] == 29 * 39


def test_a_referral_says_where_to_go_why_and_which_number_to_say(tmp_path: Path) -> None:
    receipt = made(tmp_path, "SB01", "zhang", EVERY["referral"][1])
    titles = [line.text for line in receipt.lines if line.size == "title"]
    assert "社会保险窗口" in titles
    assert any(title.startswith("K001-") for title in titles), "without a case the visit has a number"
    told = pairs(receipt)
    assert told["原因"] == "查无记录" and told["事项电话"] == "12333" and told["事项"] == "个人参保证明打印"


def test_with_a_case_its_number_is_said_and_its_certificate_named(tmp_path: Path) -> None:
    receipt = made(tmp_path, "SB01", "zhang", papers.referral_slip, case=CASE)
    assert CASE.case_no in [line.text for line in receipt.lines if line.size == "title"]
    assert pairs(receipt)["证明编号"] == NUMBER


def test_a_service_without_a_window_of_its_own_leads_to_the_general_one(tmp_path: Path) -> None:
    receipt = made(tmp_path, "ZH02", "zhang", papers.referral_slip)
    assert "综合窗口" in [line.text for line in receipt.lines if line.size == "title"]


def test_a_reprint_keeps_the_certificates_number_and_says_which_print_it_is(tmp_path: Path) -> None:
    receipt = made(tmp_path, "SB01", "", EVERY["reprint"][1])
    told = pairs(receipt)
    assert told["证明编号"] == NUMBER and told["决定补打"] == "工作人员"
    assert "第 2 份" in [line.text for line in receipt.lines]
    assert codes(receipt) == [f"https://check.example/v/{NUMBER}"]
    assert papers.reprint_mark(2) == "补打 第 2 份"


def test_what_is_masked_cannot_be_read_back() -> None:
    assert masked_number("330100199301300051").zh == "3301** **** **** 0051"
    assert masked_number("H12345678").zh == "H1*****78"
    assert masked_number("").zh == ""
    for number in ("1", "12", "1234567", "12345678", "123456789012"):
        shown = masked_number(number).zh
        assert len(shown) == len(number)
        assert shown.count("*") * 3 >= len(number)
    assert masked_name("陈𬭩").zh == "陈*"
    assert masked_name("李").zh == "李*"


def test_times_on_a_paper_are_the_halls(tmp_path: Path) -> None:
    said = text(made(tmp_path, "ZH02", "zhang", EVERY["progress"][1]))
    assert "11-20 17:30" in said, "09:30 of Greenwich, in Asia/Shanghai"
