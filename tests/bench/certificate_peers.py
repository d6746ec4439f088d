"""The page of SB01 by other makers of PDF: the same texts, table, code and watermark, near enough to compare.

reportlab cannot embed the outlines of Noto Sans CJK (CFF), so it draws with HanaMin (TrueType). WeasyPrint
takes Noto, and HanaMin where that lacks a character. Neither makes PDF/A-2b of it here.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from config import assets
from hall.platform.certificates import Particulars, verification_code
from tests.hall.platform.papers import FACTS

Draw = Callable[[Particulars], bytes]


def installed() -> Mapping[str, Draw]:
    """Those that this environment has, by name."""
    makers: dict[str, Callable[[], Draw]] = {"reportlab": _reportlab, "weasyprint": _weasyprint}
    return {name: make() for name, make in makers.items() if importlib.util.find_spec(name)}


def _cells(told: Particulars) -> list[list[str]]:
    facts = FACTS["sb01"]
    rows = [["姓名", told.name, "证件号码", told.id_number]]
    rows.append(["起止年月", f"{facts['first']} 至 {facts['last']}", "证明用途", facts["purpose"]])
    rows.append(["险种", "缴费起止年月", "缴费月数", "参保单位"])
    for one in facts["insurances"]:
        rows.append([one["name"], f"{one['first']} 至 {one['last']}", str(one["months"]), one["employer"]])
    return rows


def _notes(told: Particulars) -> list[str]:
    return [
        "本证明依据参保人本人申请，由社会保险登记信息生成；缴费月数为所列起止年月内的实际缴费月数。",
        f"自出具之日起有效。{told.restriction}。",
        f"使用单位可扫描左下方二维码，或登录 {told.verify_site} 输入证明编号或验证码，核对真伪和状态。",
        "本文件为软件演示样张，人员、单位及出具机构均为虚构，不具有任何法律效力。",
    ]


def _reportlab() -> Draw:
    import segno
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Table

    for name in ("HanaMinA", "HanaMinB"):
        pdfmetrics.registerFont(TTFont(name, str(assets.font(f"{name}.ttf"))))
    known = pdfmetrics.getFont("HanaMinA").face.charToGlyph

    def write(page: Any, x: float, y: float, size: float, text: str) -> None:
        line = page.beginText(x, y)
        for character in text:  # it has no fonts to fall back on: ours to choose, character by character
            line.setFont("HanaMinA" if ord(character) in known else "HanaMinB", size)
            line.textOut(character)
        page.drawText(line)

    def draw(told: Particulars) -> bytes:
        out = BytesIO()
        page: Any = Canvas(out, pagesize=A4)
        page.setFillGray(0.92)
        for row in (600, 400, 200):
            page.saveState()
            page.translate(150, row)
            page.rotate(24)
            write(page, 0, 0, 62, told.watermark)
            write(page, 0, -30, 13, told.restriction)
            page.restoreState()
        page.setFillGray(0.1)
        page.rect(28, 28, 539, 786)
        write(page, 68, 770, 9.5, told.issuer)
        write(page, 68, 755, 8, told.number)
        write(page, 200, 700, 27, told.title)
        style = [("FONT", (0, 0), (-1, -1), "HanaMinA", 10), ("GRID", (0, 0), (-1, -1), 0.5, "#b9c3d0")]
        cells = _cells(told)
        name, cells[0][1] = cells[0][1], ""
        table: Any = Table(cells, style=style)
        table.wrapOn(page, 460, 400)
        table.drawOn(page, 68, 520)
        write(page, 150, 600, 13, name)
        for number, note in enumerate(_notes(told)):
            write(page, 68, 480 - 16 * number, 9, note)
        for y, line in enumerate(segno.make(told.verify_url, error="m", micro=False).matrix):
            for x, dark in enumerate(line):
                if dark:
                    page.rect(68 + 1.6 * x, 150 - 1.6 * y, 1.6, 1.6, stroke=0, fill=1)
        write(page, 170, 120, 12, told.short_code)
        write(page, 340, 130, 10, told.issuer)
        write(page, 340, 110, 10, told.issued_on)
        page.save()
        return out.getvalue()

    return draw


def _weasyprint() -> Draw:
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    faces = {"NotoSansSC-Regular.otf": "Noto", "HanaMinA.ttf": "HanaA", "HanaMinB.ttf": "HanaB"}
    faced = "".join(
        f"@font-face {{ font-family: {family}; src: url({assets.font(file).as_uri()}) }}"
        for file, family in faces.items()
    )
    style = CSS(
        string=faced + "@page { size: A4; margin: 22mm 24mm } body { font: 10.5pt Noto, HanaA, HanaB }"
        "table { width: 100%; border-collapse: collapse } td { border: .5pt solid #b9c3d0; padding: 9pt }"
        ".w { position: fixed; transform: rotate(-24deg); font-size: 62pt; color: #e9edf3; z-index: -1 }",
        font_config=fonts,
    )

    def draw(told: Particulars) -> bytes:
        rows = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in _cells(told))
        marks = "".join(f'<p class="w" style="top:{y}mm">{told.watermark}</p>' for y in (30, 100, 170))
        text = (
            f"{marks}<p>{told.issuer}</p><p>{told.number}</p><h1>{told.title}</h1><table>{rows}</table><ol>"
            + "".join(f"<li>{note}</li>" for note in _notes(told))
            + f"</ol>{verification_code(told.verify_url)}<p>{told.short_code}</p><p>{told.issued_on}</p>"
        )
        pdf = HTML(string=text).write_pdf(stylesheets=[style], font_config=fonts)
        assert isinstance(pdf, bytes)
        return pdf

    return draw
