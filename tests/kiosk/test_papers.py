"""The terminal's own papers: what a citizen finds on them, and what a finder of one does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from config.people import person
from config.platform_api import CaseResult, IssuedDocument, QueryResult, ResultRow, TimelineEvent
from config.words import Words, same
from kiosk import papers
from kiosk.receipts import Receipt, draw
from kiosk.scan import certificate_code, number_in
from kiosk.visit import Visit, masked_name, masked_number
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


def made(folder: Path, id: str, key: str, make: Callable[[Visit], T]) -> T:
    async def run() -> T:
        async with backstage(folder, Script()) as parts:
            return make(visit(parts, service(id), key))

    return asyncio.run(run())


def text(receipt: Receipt) -> str:
    """All that is to be read on a paper."""
    rows = (part for row in receipt.rows for part in row)
    return "\n".join([receipt.hall, receipt.title.zh, receipt.big, *rows, *receipt.foot])


def test_a_receipt_tells_the_case_and_hides_the_holder(tmp_path: Path) -> None:
    for key in ("zhang", "chen"):
        receipt = made(tmp_path, "SB01", key, lambda one: papers._receipt(one, CASE))
        who, said = person(key), text(receipt)
        assert dict(receipt.rows)["办件编号"] == CASE.case_no
        assert dict(receipt.rows)["有效期至"] == "2027-02-22"
        assert "K001" in said and "12345" in said
        assert "样张" in said
        for personal in (who.name, who.name[1:], who.number, who.number[4:14], who.address, who.phone):
            assert personal not in said


def test_the_code_on_a_receipt_leads_to_the_publics_page_of_the_certificate(tmp_path: Path) -> None:
    picture = made(tmp_path, "SB01", "zhang", lambda one: draw(papers.slip(one, CASE, "receipt")))
    seen, *_ = cv2.QRCodeDetector().detectAndDecode(np.asarray(picture.convert("L")))
    assert seen == f"https://check.example/v/{NUMBER}"


def test_without_a_certificate_the_code_is_the_cases_number(tmp_path: Path) -> None:
    bare = CASE.model_copy(update={"documents": ()})
    receipt = made(tmp_path, "SB01", "zhang", lambda one: papers._receipt(one, bare))
    assert receipt.code == CASE.case_no
    assert receipt.code_words == "查询办件进度时可扫此码"


def test_a_scanned_paper_of_ours_means_its_number(tmp_path: Path) -> None:
    public = "https://check.example"
    assert number_in(public, certificate_code(public, NUMBER)) == NUMBER
    assert number_in(public, f" {CASE.case_no}\n") == CASE.case_no
    elsewhere = f"https://elsewhere.example/v/{NUMBER}"
    assert number_in(public, elsewhere) == elsewhere


def test_a_ticket_has_its_number_large_and_belongs_to_nobody(tmp_path: Path) -> None:
    rows = (
        ResultRow(label=Words("排队号", "Queue number"), value=same("A012")),
        ResultRow(label=Words("前面等候人数", "People before you"), value=same("3")),
    )
    ticket = CASE.model_copy(update={"rows": rows, "documents": ()})
    receipt = made(tmp_path, "ZH03", "", lambda one: papers._ticket(one, ticket))
    assert receipt.big == "A012"
    assert dict(receipt.rows)["前面等候人数"] == "3"
    assert "姓名" not in text(receipt)


def test_a_progress_slip_is_as_long_as_the_progress(tmp_path: Path) -> None:
    event = TimelineEvent(when=datetime(2026, 11, 20, 9, 30, tzinfo=UTC), what=Words("受理", "Accepted"))
    short = QueryResult(found=True, title=same("进度"), timeline=(event,))
    long = short.model_copy(update={"timeline": (event,) * 30})
    heights = [
        made(tmp_path, "ZH02", "wang", lambda one, asked=asked: draw(papers.progress_slip(one, asked))).height  # type: ignore[misc]
        for asked in (short, long)
    ]
    assert heights[1] - heights[0] == 29 * 36


def test_what_is_masked_cannot_be_read_back() -> None:
    assert masked_number("330100199301300051").zh == "3301**********0051"
    assert masked_number("H12345678").zh == "H1*****78"
    assert masked_number("").zh == ""
    for number in ("1", "12", "1234567", "12345678", "123456789012"):
        shown = masked_number(number).zh
        assert len(shown) == len(number)
        assert shown.count("*") * 3 >= len(number)
    assert masked_name("陈𬭩").zh == "陈*"
    assert masked_name("李").zh == "李*"
