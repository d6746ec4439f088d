"""What he takes along: the readiness report, the support bundle, a camera's set-up."""

from __future__ import annotations

import asyncio
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from config.devices import Kind, Supply
from config.words import Words, same, words
from kiosk.backstage import Backstage
from kiosk.data import journal
from kiosk.data.store import read_only
from kiosk.data.vault import Vault
from kiosk.doctor import within
from kiosk.prompts import CameraSight, Condition, WorkList, WorkSheet
from kiosk.readiness import camera_sight, device_trial
from kiosk.readiness.finding import Finding
from kiosk.readiness.workplace import Allowed
from kiosk.technician import people, stick
from tests.kiosk import small_visit
from tests.kiosk.technician.room import NUMBER, SECRET, Gadget, acted, choose, key, play
from tests.kiosk.technician.test_devices import Deaf, Printer

GOOD = Finding("disk", same("disk"), same("room"), Words("剩余 9 GB", "9 GB free"), True)
OFF = Words("差 3 小时", "3 h off")
BAD = Finding("time", Words("时间", "time"), same("asked"), OFF, False, ("terminal_disk_full",))


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of which two things are found, one of them not ready."""

    async def examine(*_: Any) -> AsyncIterator[Finding]:
        for one in (GOOD, BAD):
            yield one

    monkeypatch.setattr(within, "examine", examine)


@pytest.mark.usefixtures("examined")
def test_the_report_is_shown_the_worst_first_printed_and_told_to_the_hall(tmp_path: Path) -> None:
    printer = Printer(Supply.FULL)
    ways = choose("report", "0", "back", "print", "back", "back", "leave")
    seen = play(tmp_path, key, *ways, devices={Kind.RECEIPT_PRINTER: printer})
    lists = [
        one for one in seen.shown if isinstance(one, WorkList) and one.lines[0].name == Words("时间", "Time")
    ]
    assert [one.condition for one in lists[0].lines] == [Condition.NOT_READY, Condition.READY]
    sheet = next(one for one in seen.shown if isinstance(one, WorkSheet))
    assert sheet.title == Words("时间", "Time") and sheet.note == BAD.remedies[0]
    (paper,) = printer.slips
    assert "差 3 小时" in paper
    assert ("report_printed", "", "confirmed") in [(one[1], one[3], one[4]) for one in acted(tmp_path)]
    data = tmp_path / "terminal"
    with read_only(data) as read:
        (told,) = [one for one in journal.entries(read) if one.type == "ReadinessReported"]
        body = journal.body(read, Vault(data), told)
    assert body["by"] == NUMBER and [one["ready"] for one in body["found"]] == [True, False]


def test_in_the_report_a_device_is_tried_again_as_on_its_own_page_and_no_command_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mended where he stands: tried again, told, and the list and the paper say how it is now."""
    names = (Kind.RECEIPT_PRINTER, Kind.FINGERPRINT_READER)

    async def examine(stage: Backstage, allowed: Allowed, *_: Any) -> AsyncIterator[Finding]:
        for name in names:
            yield await device_trial.try_device(device_trial.at_terminal(stage), name, allowed)

    monkeypatch.setattr(within, "examine", examine)
    printer = Deaf(Supply.FULL)

    def mend(prompt: Any) -> Any:
        printer.broken = False
        return choose("again")[0]

    ways = [*choose("report", "0"), mend, *choose("back", "1", "back", "back", "leave")]
    seen = play(tmp_path, key, *ways, devices=dict(zip(names, (printer, Gadget()), strict=True)))
    broken, mended, reader = [one for one in seen.shown if isinstance(one, WorkSheet)]
    assert [one.value for one in broken.actions] == ["again", "back"] and broken.main == "again"
    assert (broken.condition, mended.condition) == (Condition.NOT_READY, Condition.READY)
    assert words("technician.untried_hand") in [row.value for row in reader.rows]
    assert "--" not in str(reader.rows)
    lists = [
        one for one in seen.shown if isinstance(one, WorkList) and one.title == words("technician.act_report")
    ]
    assert [one.lines[0].condition for one in lists] == [Condition.NOT_READY, *[Condition.READY] * 2]
    assert len([one for one in acted(tmp_path) if one[1:3] == ("device_tested", names[0])]) == 2


def test_the_support_bundle_has_neither_secrets_nor_cards_and_says_when_no_stick_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stick, "TAKEN_SECONDS", 0.2)
    ways = choose("bundle", "stick", "back", "back", "leave")
    seen = play(tmp_path, key, *ways)
    (made,) = (tmp_path / "support").glob("*.tar.gz")
    digest = people.card_digest(tmp_path / "terminal", small_visit.card("li"))
    with tarfile.open(made) as pack:
        content = b"".join(file.read() for name in pack.getnames() if (file := pack.extractfile(name)))
    for secret in (SECRET, digest, (tmp_path / "terminal" / people.KEY_FILE).read_bytes().hex()):
        assert secret.encode() not in content
    assert "stick_unavailable" in str(seen.shown)
    assert [one[1:4] for one in acted(tmp_path) if one[1].startswith("bundle")][1::2] == [
        ("bundle_made", "", ""),
        ("bundle_copied", "stick", "stick_unavailable"),
    ]


class Lens(Gadget):
    """A camera whose pictures are sharp stripes."""

    def latest(self) -> Any:
        image = np.zeros((480, 640, 3), np.uint8)
        image[:, (np.arange(640) // 40) % 2 == 0] = 200
        return type("Frame", (), {"image": image})()


def test_a_camera_is_shown_live_with_its_measures_and_what_it_sees_is_kept(tmp_path: Path) -> None:
    name = str(Kind.DOCUMENT_CAMERA)
    sights: list[CameraSight] = []

    async def look(prompt: CameraSight) -> Any:
        sights.append(prompt)
        async with asyncio.timeout(60):
            while prompt.frames() is None:  # noqa: ASYNC110 (as the drawing thread does)
                await asyncio.sleep(0.01)
        return choose("keep")[0]

    ways = [*choose(f"device:{name}", "camera"), look, *choose("back", "back", "back", "leave")]
    seen = play(tmp_path, key, *ways, devices={Kind.DOCUMENT_CAMERA: Lens()})
    told = [one for one in seen.shown if isinstance(one, WorkSheet) and one.rows[0].value.zh == "完成"]
    assert ("分辨率", "640 × 480") in [(row.label.zh, row.value.zh) for row in told[0].rows]
    picture = sights[0].frames()
    assert picture is not None and len(picture.rgb) == picture.width * picture.height * 3
    assert any("640 × 480" in line.told.zh for line in sights[0].measured())
    kept = camera_sight.reference(tmp_path / "terminal", name)
    assert kept is not None and (kept.width, kept.height) == (640, 480)
    assert ("camera_calibrated", name, "") in [one[1:4] for one in acted(tmp_path)]


def test_given_no_picture_yet_then_nothing_can_be_kept(tmp_path: Path) -> None:
    class Dark(Gadget):
        def latest(self) -> None:
            return None

    name = str(Kind.PERSON_CAMERA)
    ways = choose(f"device:{name}", "camera", "keep", "back", "back", "leave")
    seen = play(tmp_path, key, *ways, devices={Kind.PERSON_CAMERA: Dark()})
    (first, *_) = [one for one in seen.shown if isinstance(one, CameraSight)]
    assert [one.condition for one in first.measured()] == [Condition.UNKNOWN]
    assert camera_sight.reference(tmp_path / "terminal", name) is None
