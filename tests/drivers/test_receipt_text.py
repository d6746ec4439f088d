"""GB18030 text: what is sent, what of it is on paper, and what is left to the picture."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.receipt_fences import ReceiptError
from drivers.receipt_text import Code, Line, Pair, Rule, Text, blocks, printable
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from tests.drivers.receipts import driver_of, switched_on

RECEIPT: tuple[Line, ...] = (
    Text("示例政务服务大厅"),
    Text("社保参保证明", size=2),
    Rule(),
    Pair("姓名", "张*"),
    Pair("金额", "¥128.00"),
    Pair("地址", "示例省示例市示例区幸福路一百二十三号阳光花园四号楼五单元六零一室，电话簿旁"),
    Code("http://127.0.0.1/v/KT20261122"),
    Text("请妥善保管"),
)
_REALTIME = re.compile(rb"\x10[\x04\x05\x14]")


def test_what_was_sent_is_on_paper_and_its_code_can_be_scanned() -> None:
    with switched_on(VirtualReceiptPrinter(real_time=False)) as printer:
        with driver_of(printer, text=True) as driver:
            assert driver.takes_text(RECEIPT)
            assert driver.print_text(RECEIPT, b"T001").finished
    [piece] = printer.paper()
    said = [line.strip() for line in piece.text]
    assert said[:5] == ["示例政务服务大厅", "社保参保证明", "-" * 48, "姓名 张*", "金额 ￥128.00"]
    assert said[-2:] == ["QR http://127.0.0.1/v/KT20261122", "请妥善保管"]
    seen = cv2.imdecode(np.frombuffer(piece.png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert seen is not None
    assert cv2.QRCodeDetector().detectAndDecode(seen)[0] == "http://127.0.0.1/v/KT20261122"


def test_long_values_wrap_in_their_own_column_and_lose_nothing() -> None:
    with switched_on(VirtualReceiptPrinter(real_time=False)) as printer, driver_of(printer) as driver:
        driver.print_text(RECEIPT, b"T001")
    [piece] = printer.paper()
    first, second = (line for line in piece.text if "示例省" in line or "电话簿" in line)
    assert first.startswith("地址 示例省") and second.startswith("     ")
    value = next(line.value for line in RECEIPT if isinstance(line, Pair) and line.label == "地址")
    assert (first.removeprefix("地址 ") + second.strip()) == value


@pytest.mark.parametrize("name", ["𠮷田", "䶮", "㛃", "𫖯", "张\ue000", "\x10\x04", "A\x1b@"])
def test_what_is_not_in_the_printers_type_is_never_sent_as_text(name: str) -> None:
    lines = (Pair("姓名", name),)
    assert not printable(lines)
    with pytest.raises(ValueError, match="not in the printer's type"):
        blocks(lines, 576)


@pytest.mark.parametrize("content", ["", "中", "a\n", "x" * 501])
def test_a_code_that_could_be_misread_is_not_sent_as_text(content: str) -> None:
    assert not printable((Code(content),))


_words = st.text(st.characters(codec="gb18030"), max_size=60)
_lines = st.lists(
    st.one_of(
        st.builds(Text, _words, st.sampled_from((1, 2)), st.booleans()),
        st.builds(Pair, _words, _words),
        st.just(Rule()),
        st.builds(
            Code, st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=500)
        ),
    ),
    max_size=12,
)


@given(_lines)
def test_no_text_holds_a_command_that_is_obeyed_at_once_nor_a_question_mark_of_its_own(
    lines: list[Line],
) -> None:
    if not printable(lines):
        return
    sent = b"".join(block.data for block in blocks(lines, 576))
    assert not _REALTIME.search(sent)
    asked = sum(str(vars(line)).count("?") for line in lines)
    assert sent.count(b"?") <= asked


def test_paper_that_ends_in_a_text_leaves_what_is_certain(tmp_path: Path) -> None:
    many = [Pair(f"第{number}项", "内容") for number in range(40)]
    with switched_on(VirtualReceiptPrinter(link=tmp_path / "line", real_time=False)) as printer:
        with driver_of(printer) as driver:
            printer.act("paper_out_after", rows=8 * 30 * 2 + 10)
            with pytest.raises(ReceiptError) as caught:
                driver.print_text(many, b"T001")
            assert caught.value.code == "receipt_paper_out"
            assert (caught.value.outcome.bands, caught.value.outcome.total) == (2, 5)
            assert driver.counts()["paper_mm"] == 2 * 8 * 30 // 8


def test_a_printer_prefers_text_only_where_its_settings_say_so() -> None:
    with switched_on(VirtualReceiptPrinter(real_time=False)) as printer:
        with driver_of(printer) as picture:
            assert not picture.takes_text(RECEIPT)
        with driver_of(printer, text=True) as text:
            assert not text.takes_text((*RECEIPT, Text("𠮷")))


# ── narrow paper ────────────────────────────────────────────────────────────
NARROW = (
    Text("WINDOW-12", size=4),
    Pair("姓名", "张*"),
    Pair("办件编号", "330100SB0120261122000001"),
    Pair("申请人居民身份证号", "3301** **** **** 001X"),
    Code("https://zwfw.example.gov.cn/v/" + "1234567890ABCDEF" * 12),
)


def test_on_58_mm_a_number_stays_whole_a_huge_one_shrinks_and_a_long_code_fits() -> None:
    with switched_on(VirtualReceiptPrinter(real_time=False, width=384)) as printer:
        with driver_of(printer, width=384, text=True) as driver:
            assert driver.width() == 384
            assert driver.print_text(NARROW, b"T001").finished
    [piece] = printer.paper()
    said = [line.strip() for line in piece.text]
    assert said[:2] == ["WINDOW-12", "姓名         张*"], "one line, and one column of labels"
    assert "330100SB0120261122000001" in said, "on a line of its own"
    assert "3301** **** **** 001X" in said, "its groups stay together"
    seen = cv2.imdecode(np.frombuffer(piece.png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert seen is not None and seen.shape[1] == 384
    assert cv2.QRCodeDetectorAruco().detectAndDecode(seen)[0] == NARROW[-1].content
