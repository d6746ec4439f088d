"""Given each fault that the bench can play, the doctor names the device, the fault and the remedy."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from config.words import Words
from kiosk import doctor
from kiosk.readiness import readiness_paper
from kiosk.readiness.finding import Finding
from kiosk.readiness.workplace import Allowed
from tests.kiosk.doctor.bench import BLANKS, REPAIRS, Stand, hands, stand
from tests.kiosk.doctor.bench_rows import (
    DOORS,
    HARMLESS,
    NO_DEVICE,
    NOTHING,
    PAPER,
    PERSON,
    ROWS,
    RUNNING,
    Row,
)
from tests.kiosk.doctor.readable import readable


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with stand(tmp_path_factory.mktemp("stand")) as made:
        yield made


def examined(at: Stand, row: Row) -> Finding:
    """What the doctor says of the row's device; the hand moves before, or when somebody is asked."""

    def asked(words: Words) -> None:
        if row.asked:
            at.act(row.device, row.hand, **row.arguments)

    if row.allowed.paper:  # a printer takes a moment to forget the fault of the row before
        _await_in_order(at, row.device)
    if row.first is not None:
        at.act(row.device, row.first[0], **row.first[1])
    if not row.asked:
        at.act(row.device, row.hand, **row.arguments)
    (finding,) = doctor.examine(at.settings, row.allowed, asked, only=(row.device,))
    return finding


def _await_in_order(at: Stand, device: str) -> None:
    """Until the device has no fault left."""
    end = time.monotonic() + 60
    while any(one.codes for one in doctor.examine(at.settings, NOTHING, only=(device,))):
        assert time.monotonic() < end, f"{device} was never mended"


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_fault_of_the_bench_is_told_with_its_device_and_its_remedy(at: Stand, row: Row) -> None:
    try:
        finding = examined(at, row)
    finally:
        at.mend(row.device)
    assert readable(finding).name == row.device
    assert row.code in finding.codes, finding
    assert finding.ready is row.ready
    english = "\n".join(readiness_paper.lines_of(finding, "en"))
    assert row.remedy in english
    chinese = "\n".join(readiness_paper.lines_of(finding, "zh"))
    assert row.code in chinese
    assert finding.remedies[finding.codes.index(row.code)].zh in chinese


def test_every_hand_of_the_bench_has_its_row_or_does_no_harm(at: Stand) -> None:
    rows = {(row.device, row.hand) for row in (*ROWS, *RUNNING)}
    assert not rows & set(HARMLESS)
    seen = set()
    for name, device in at.bench.devices().items():
        if name in NO_DEVICE:
            continue
        known = hands(device)
        assert known >= {"plug", "unplug"}, f"the search itself has broken: {name}"
        seen |= {(name, hand) for hand in known - set(REPAIRS[name])}
    assert seen - rows - set(HARMLESS) == set(), "a fault that no row plays"
    assert (rows | set(HARMLESS)) - seen - _repairs() == set(), "a hand that the bench has not"


def _repairs() -> set[tuple[str, str]]:
    return {(name, hand) for name, hands in REPAIRS.items() for hand in hands}


@pytest.mark.parametrize(
    ("device", "allowed", "found", "untried"),
    [
        ("id_card_reader", NOTHING, "module 05.01-20260101", "no card was read"),
        ("id_card_reader", PERSON, "a card was read", ""),
        ("code_scanner", NOTHING, "online", "no code was read"),
        ("code_scanner", PERSON, "a code of 6 characters", ""),
        ("io_board", NOTHING, "lit id_card_reader", "no door was opened"),
        ("io_board", DOORS, "opened hall_door", ""),
        ("locker", NOTHING, "12 doors, 0 open", "no door was opened"),
        ("locker", DOORS, "12 doors", ""),
        ("person_camera", NOTHING, "picture 640x480", ""),
        ("document_camera", NOTHING, "picture 1600x1200", ""),
        ("receipt_printer", NOTHING, "paper full", "it uses paper"),
        ("receipt_printer", PAPER, "slip printed", ""),
        ("a4_printer", NOTHING, "toner full", "it uses paper"),
        ("a4_printer", PAPER, "page printed", ""),
        ("special_printer", PAPER, f"blanks {BLANKS}", "none is spent on a test"),
    ],
)  # fmt: skip
def test_a_device_in_order_is_tried_with_its_verbs_and_nothing_is_used_up_unasked(
    at: Stand, device: str, allowed: Allowed, found: str, untried: str
) -> None:
    def asked(words: Words) -> None:
        if device == "id_card_reader":
            at.act(device, "put", person="zhang")
        else:
            at.act(device, "scan", text="abcdef")

    before = len(at.bench.receipts.paper()), len(at.bench.a4.paper())
    try:
        (finding,) = doctor.examine(at.settings, allowed, asked, only=(device,))
    finally:
        after = len(at.bench.receipts.paper()), len(at.bench.a4.paper())
        at.mend(device)
    assert finding.ready, finding
    assert found in readable(finding).found.en
    assert untried in (finding.untried.en if finding.untried else "")
    assert bool(untried) == (finding.untried is not None)
    printed = (int(device == "receipt_printer"), int(device == "a4_printer")) if allowed.paper else (0, 0)
    assert (after[0] - before[0], after[1] - before[1]) == printed
    assert "张三" not in finding.found.zh, "a card is read without telling whose"
