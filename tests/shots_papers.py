"""A picture of each of the terminal's own papers as the virtual printer prints it, at 80 and 58 mm."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from config.catalogue_files import load_catalogue
from drivers.raster import raster
from drivers.receipt_printer import ReceiptPrinter
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from kiosk.documents.paper_lines import Lists, fill
from kiosk.documents.receipts import Receipt, draw, text_lines
from tests.rare_names import RARE_NAMES

WIDTHS = {80: 576, 58: 384}  # mm of paper, dots across
_PUBLIC = "http://127.0.0.1:8070"
_NUMBER = "1.2.156.3005.2.99DEMO0000000000SB001.99DEMO330100SB0001.K4Z8Q2.001.X"
_CASE = "330100SB0120261122000001"
_HOLDER = {"name": "陈𬭩", "number": "330100199301300051"}
_EVERYWHERE = {
    "hall": "示例市政务服务大厅",
    "terminal": "K001",
    "printed": "2026-11-22 09:30",
    "help_phone": "12345",
    "service": "个人参保证明打印",
    "service_en": "Proof of social insurance",
    "department": "人力资源和社会保障",
}
_CODES = {"check_code": f"{_PUBLIC}/v/{_NUMBER}", "rate_code": f"{_PUBLIC}/r/{_CASE}"}
# Name of the picture → the document, its values, its lists, the mark.
PAPERS: Mapping[str, tuple[str, Mapping[str, str], Lists, str]] = {
    "receipt": (
        "receipt",
        {**_HOLDER, **_CODES, "case_no": _CASE},
        {
            "rows": [
                {"label": "险种", "value": "养老保险、失业保险"},
                {"label": "有效期至", "value": "2027-02-22"},
            ]
        },
        "",
    ),
    "receipt-offline": (
        "receipt",
        {
            **_HOLDER,
            "case_no": _CASE,
            "case_code": _CASE,
            "fee_for": "工本费",
            "fee": "5.00 元（已付）",
            "pending": "待同步",
        },
        {},
        "",
    ),
    "ticket": (
        "ticket",
        {"queue_no": "A012"},
        {"rows": [{"label": "窗口", "value": "社保医保"}, {"label": "前面等候人数", "value": "3"}]},
        "",
    ),
    "progress": (
        "progress",
        {**_HOLDER, "title": "您有 1 件办件"},
        {
            "rows": [{"label": "个人参保证明打印", "value": f"{_CASE} · 已办结"}],
            "timeline": [
                {"when": "11-22 09:30", "what": "在自助终端提交"},
                {"when": "11-22 09:31", "what": "已办结，证明已打印"},
            ],
        },
        "",
    ),
    "referral": (
        "referral",
        {
            **_HOLDER,
            "reason": "没有查到您的登记信息，请到窗口核对。",
            "window": "社会保险窗口",
            "say": "K001-7F3A2C",
            "phone": "12333",
        },
        {},
        "",
    ),
    "reprint": (
        "reprint",
        {
            "certificate_no": _NUMBER,
            "copy": "第 2 份",
            "decided_by": "工作人员",
            "decided_at": "2026-11-22 09:29",
            "check_code": _CODES["check_code"],
        },
        {},
        "",
    ),
    "receipt-again": (
        "receipt",
        {**_HOLDER, **_CODES, "case_no": _CASE},
        {"rows": [{"label": "有效期至", "value": "2027-02-22"}]},
        "补打 第 2 份",
    ),
    "staff": (
        "staff",
        {"title": "请核对一份打印", "next": "请查看出纸口和打印机内：这份文件是否完整打印？"},
        {
            "rows": [
                {"label": "文件", "value": "证明"},
                {"label": "打印记录", "value": "0190b3f2-7c11-7a90-8f00-0c1d2e3f4a5b"},
            ]
        },
        "",
    ),
    "rare-names": (
        "staff",
        {"title": "生僻字", "service": ""},
        {"rows": [{"label": f"第 {n} 位", "value": name} for n, name in enumerate(RARE_NAMES, start=1)]},
        "",
    ),
}


def take(folder: Path) -> list[Path]:
    """Writes `folder`/NAME-80mm.png, -58mm.png, and -text.png of each where the printer's type has it."""
    return [
        picture
        for millimetres, across in WIDTHS.items()
        for text in (False, True)
        for picture in _print_all(folder, millimetres, across, text)
    ]


def _print_all(folder: Path, millimetres: int, across: int, text: bool) -> list[Path]:
    made = []
    papers = load_catalogue().papers
    virtual = VirtualReceiptPrinter(real_time=False, width=across)
    virtual.start()
    try:
        driver = ReceiptPrinter(port=f"127.0.0.1:{virtual.port}", width=across, text=text)
        driver.open()
        with closing(driver):
            for name, (document, values, lists, mark) in PAPERS.items():
                receipt = Receipt(fill(papers[document], {**_EVERYWHERE, **values}, lists), mark)
                lines = text_lines(receipt)
                if text and not driver.takes_text(lines):
                    continue  # a rare character: it goes out as a picture
                if text:
                    driver.print_text(lines, b"SHOT")
                else:
                    driver.print_image(raster(draw(receipt, across)), b"SHOT")
                picture = folder / f"{name}-{millimetres}mm{'-text' if text else ''}.png"
                picture.write_bytes(virtual.paper()[-1].png)
                made.append(picture)
    finally:
        virtual.stop()
    return made
