"""The report on paper, as text and for the hall: what is not ready first, with its remedy, nothing secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from config.catalogue_files import load_catalogue
from config.words import LANGUAGES, Words, same, words
from kiosk import doctor
from kiosk.data.store import read_only
from kiosk.doctor import report
from kiosk.readiness import readiness_paper
from kiosk.readiness.finding import Finding, worst_first
from kiosk.readiness.workplace import Workplace
from mqtt import messages, outbox
from tests.kiosk.doctor.bench import Stand, stand
from tests.kiosk.doctor.readable import readable

CAMERA = "rtsp://admin:s3cret@127.0.0.1:9/1"


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with stand(tmp_path_factory.mktemp("stand")) as made:
        yield made


def printed_lines(at: Stand, findings: list[Finding], language: str) -> list[str]:
    catalogue = load_catalogue(at.settings.catalogue)
    place = Workplace(at.settings, catalogue, None, None)  # type: ignore[arg-type]  # nothing is printed
    made = readiness_paper.paper(place, findings, language)
    return [f"{line.label} {line.text}".strip() for line in made.lines if line.kind != "rule"]


def examined(at: Stand) -> list[Finding]:
    """A printer that is low, a reader that is gone, a camera with a password in its address."""
    at.act("id_card_reader", "unplug")
    at.act("a4_printer", "toner_low")
    devices = dict(at.settings.devices)
    camera = devices["person_camera"].model_copy(update={"port": CAMERA})
    settings = at.settings.model_copy(update={"devices": {**devices, "person_camera": camera}})
    names = ("code_scanner", "a4_printer", "id_card_reader", "person_camera")
    try:
        return list(doctor.examine(settings, only=names))
    finally:
        at.mend("id_card_reader")
        at.mend("a4_printer")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_paper_has_what_somebody_must_see_to_and_counts_the_rest(at: Stand, language: str) -> None:
    findings = examined(at)
    assert [one.name for one in worst_first(findings)] == [
        "id_card_reader",
        "person_camera",
        "a4_printer",
        "code_scanner",
    ]
    lines = printed_lines(at, findings, language)
    said = "\n".join(lines)
    by_name = {one.name: one for one in findings}
    for name in ("id_card_reader", "person_camera", "a4_printer"):
        one = by_name[name]
        assert one.title[language] in said
        mark = words("doctor.attention" if one.ready else "doctor.not_ready")
        told = words("doctor.on_paper", mark=mark, found=readable(one).found)
        assert told[language][: readiness_paper.LONGEST_FOUND] in said
        assert f"{one.remedies[0][language]} [{one.codes[0]}]" in said
    assert by_name["code_scanner"].title[language] not in said, "of what is ready only how many"
    assert said.index("device_absent") < said.index("a4_toner_low"), "what is not ready first"
    assert ("2 项就绪，2 项未就绪" if language == "zh" else "2 ready, 2 not ready") in said
    assert at.settings.identity.kiosk in said
    heads = ("工作人员处理单", "打印时间", "样张") if language == "zh" else ("staff", "Printed ", "Sample")
    assert all(head in said for head in heads)
    assert language == "zh" or not re.search("[一-鿿]", said), "Chinese left on an English paper"


def test_the_hall_is_told_what_was_found_in_both_languages_and_once_where_they_are_alike(at: Stand) -> None:
    findings = examined(at)
    printer = next(one for one in findings if one.name == "a4_printer")
    told = {one.name: one for one in readiness_paper.message("107", findings).found}["a4_printer"]
    assert told.detail_zh.startswith("在线 · 纸充足") and "墨粉偏少" in told.detail_zh
    assert told.detail.startswith("online · paper full") and "toner low" in told.detail
    (alike,) = readiness_paper.message("107", [replace(printer, found=same("IPP 2.0"))]).found
    assert (alike.detail, alike.detail_zh) == ("IPP 2.0", "")
    long = replace(printer, found=Words("长" * 900, "long " * 900))
    most = readiness_paper.message("107", [long] * 60)
    assert len(messages.encode(messages.Envelope("1", "t", "s", "2026-01-01T00:00:00Z", most))) > 10_000


def test_no_password_stands_in_any_form_of_the_report(at: Stand) -> None:
    findings = examined(at)
    told = messages.encode(
        messages.Envelope("1", "t", "s", "2026-01-01T00:00:00Z", readiness_paper.message("107", findings))
    )
    forms = [readiness_paper.text(at.settings.identity, findings, one) for one in LANGUAGES]
    forms += ["\n".join(printed_lines(at, findings, one)) for one in LANGUAGES] + [told.decode()]
    assert not any("s3cret" in form for form in forms)
    assert "rtsp://…@127.0.0.1:9/1" in forms[0]


def test_handed_in_without_a_running_terminal_it_is_on_paper_and_waits_in_the_outbox(at: Stand) -> None:
    findings = examined(at)
    before = len(at.bench.receipts.paper())
    said = report.hand_in(at.settings, findings, "zh", by="107")
    assert [one.en for one in said] == ["noted: the hall will be told", "the report was printed"]
    paper = at.bench.receipts.paper()
    assert len(paper) == before + 1 and paper[-1].cut
    with read_only(at.settings.data) as read:
        (waiting,) = outbox.due(read, 1e12, 10)
        types = [row[0] for row in read.execute("SELECT type FROM journal")]
    assert waiting.stream == "evt" and types == ["ReadinessReported"]


def test_without_a_receipt_printer_it_comes_on_a_page(at: Stand) -> None:
    at.act("receipt_printer", "open_cover")
    before = len(at.bench.a4.paper())
    try:
        said = report.hand_in(at.settings, [], "zh")
    finally:
        at.mend("receipt_printer")
    assert said[-1].en == "the report was printed"
    assert len(at.bench.a4.paper()) == before + 1


def test_without_any_printer_it_says_so(at: Stand) -> None:
    at.act("receipt_printer", "paper_out")
    at.act("a4_printer", "open_cover")
    try:
        said = report.hand_in(at.settings, [], "zh")
    finally:
        at.mend("receipt_printer")
        at.mend("a4_printer")
    assert said[-1].en == "the report was not printed: receipt_paper_out"
