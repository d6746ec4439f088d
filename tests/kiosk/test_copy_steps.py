"""The steps of a copy by themselves: what its form means, what is refused early, what the camera notices."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageStat

from config.catalogue_files import BUILT_IN, load_catalogue
from config.devices import Availability, DeviceState, Kind
from config.form_check import check
from config.settings import DeviceSettings
from config.toml_file import ConfigError
from drivers import document_page, opencv
from drivers.document_camera import Look, Page
from drivers.virtual.document_scene import Scene, draw
from kiosk.document_scan import Scanner, same_side, turned
from kiosk.documents.copy_order import order
from kiosk.printing import print_job
from kiosk.printing.print_job import Printed, follow, printer_for
from kiosk.prompts import Trouble, Value
from kiosk.stage import GoBack
from kiosk.steps.copy_scan import copy_scan
from tests.kiosk.small_visit import TODAY, Script, backstage, service, visit

ZH05 = (BUILT_IN / "zh05.toml").read_text("utf-8")
FORM: dict[str, Value] = {"original": "card", "purpose": "school", "copies": "3", "sides": "two"}


# ── the form ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({}, set()),
        ({"purpose": "none"}, {"purpose"}),
        ({"purpose": "none", "original": "certificate"}, {"purpose"}),
        ({"purpose": "none", "original": "paper"}, set()),
        ({"purpose": "other"}, {"purpose"}),
        ({"purpose": "other", "purpose_words": "参展"}, set()),
        ({"purpose": "other", "purpose_words": "参" * 21}, {"purpose_words"}),
        ({"copies": ""}, {"copies"}),
    ],
)
def test_a_card_or_certificate_is_never_copied_without_its_purpose(
    changes: dict[str, Value], problems: set[str]
) -> None:
    assert set(check(service("ZH05").fields, {**FORM, **changes}, {"today": TODAY})) == problems


def test_what_is_chosen_is_what_is_printed() -> None:
    zh05 = service("ZH05")
    card = order(zh05, FORM)
    assert card.mark(TODAY) == "仅供办理入学使用 2026-11-22"
    assert (card.layout(1).copies, card.layout(1).sides) == (3, "one-sided"), "one sheet has one side"
    paper = order(zh05, {**FORM, "original": "paper", "purpose": "none"})
    assert paper.mark(TODAY) == "" and paper.layout(2).sides == "two-sided-long-edge"
    own = order(zh05, {**FORM, "purpose": "other", "purpose_words": " 参展 \t 报名 "})
    assert own.mark(TODAY) == "仅供参展 报名使用 2026-11-22"
    assert "参展" not in repr(own), "it is the citizen's own affair"


@pytest.mark.parametrize(
    ("purpose", "told"), [("签证\U0001fa70", "\U0001fa70"), ("", "必须注明用途"), ("签证\x07", "\x07")]
)
def test_a_purpose_that_cannot_be_printed_leads_back_to_the_form(
    tmp_path: Path, purpose: str, told: str
) -> None:
    @dataclass
    class Backwards(Script):
        async def ask(self, prompt: Any, place: Any) -> Any:
            self.shown.append(prompt)
            raise GoBack

    async def play(stage: Script) -> None:
        async with backstage(tmp_path, stage) as parts:
            one = visit(parts, service("ZH05"))
            one.session.values = {**FORM, "purpose": "other", "purpose_words": purpose}
            await copy_scan(one)

    stage = Backwards()
    with pytest.raises(GoBack):
        asyncio.run(play(stage))
    (prompt,) = stage.shown
    assert isinstance(prompt, Trouble) and told in prompt.what.zh


WRONG = [
    ('"document_camera", "a4_printer"', '"a4_printer"', "a copy needs a document_camera and an a4_printer"),
    ("level = 0", "level = 0\nmaterials = [{ key = 'x', name = { zh = '一', en = 'x' } }]", "a copy files"),
    ('key = "copies"', 'key = "number"', "a copy asks for copies, a required choice"),
    ('value = "5"', 'value = "50"', "copies are numbers from 1 to 9"),
    ('key = "paper"\npages', 'key = "book"\npages', "field original are the keys of originals"),
    ("pages = 2", "pages = 3", "a card has two sides"),
    ('flow = "copy"', 'flow = "declare"', "originals are for flow copy alone"),
]


@pytest.mark.parametrize(("right", "wrong", "told"), WRONG)
def test_a_mistake_in_a_halls_own_copy_service_is_told(
    tmp_path: Path, right: str, wrong: str, told: str
) -> None:
    assert right in ZH05
    (tmp_path / "zh05.toml").write_text(ZH05.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        load_catalogue([tmp_path])


# ── under the camera ────────────────────────────────────────────────────────
@cache
def look(sheet: str, seed: int) -> Look:
    """What the driver tells of a sheet; an empty name is the bare table."""
    cv2 = opencv.load()
    picture = draw(Scene(sheet, turn=0.0 if sheet.startswith("card") else 90.0), seed)
    seen = document_page.look(picture)
    small = cv2.cvtColor(cv2.resize(picture, (640, 480)), cv2.COLOR_BGR2RGB)
    corners = tuple((x * 0.4, y * 0.4) for x, y in seen.corners)
    return Look(640, 480, small.tobytes(), seen.advice, corners)


@cache
def taken(sheet: str) -> bytes:
    cv2 = opencv.load()
    picture = draw(Scene(sheet))
    page = document_page.straighten(picture, document_page.look(picture), "card")
    return bytes(cv2.imencode(".jpg", page)[1])


@dataclass
class Table:
    """Devices with a document camera alone, which sees what lies there."""

    lies: str
    captured: list[str] = field(default_factory=list)
    looks: int = 0
    on_look: Callable[[Table], None] = lambda table: None

    async def becomes_ready(self, kind: Kind, seconds: float) -> bool:
        return True

    async def call(self, kind: Kind, verb: str, *arguments: Any, **named: Any) -> Any:
        if verb == "capture":
            self.captured.append(self.lies)
            return Page(self.lies.encode(), 1, 1)
        self.looks += 1
        self.on_look(self)
        return look(self.lies, self.looks % 3)


async def take(scanner: Scanner) -> str:
    async with asyncio.timeout(60):
        return (await scanner.take("free", lambda told: None)).decode()


def test_a_sheet_changed_while_its_picture_was_looked_at_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.document_scan.PAUSE", 0.0)

    async def play() -> list[str]:
        table = Table("form")
        scanner = Scanner(table)  # type: ignore[arg-type]
        first = await take(scanner)
        table.lies = "letter"  # nobody looked meanwhile
        return [first, await take(scanner)]

    assert asyncio.run(play()) == ["form", "letter"]


def test_the_same_sheet_is_not_taken_twice_before_it_was_lifted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.document_scan.PAUSE", 0.0)

    async def play() -> tuple[Table, str]:
        table = Table("form")
        scanner = Scanner(table)  # type: ignore[arg-type]
        await take(scanner)
        table.looks, table.on_look = 0, _lift_after_twenty
        return table, await take(scanner)

    table, again = asyncio.run(play())
    assert again == "form" and table.looks == 21, "only after it was away"


def _lift_after_twenty(table: Table) -> None:
    table.lies = "" if table.looks == 20 else "form"


@pytest.mark.parametrize(("lies", "empty"), [("", True), ("card", False)])
def test_whether_an_original_was_left_is_seen(
    lies: str, empty: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.document_scan.PAUSE", 0.0)
    assert asyncio.run(Scanner(Table(lies)).is_empty()) is empty  # type: ignore[arg-type]


def test_the_same_side_of_a_card_is_known_again_even_upside_down() -> None:
    front, back = taken("card"), taken("card_back")
    assert same_side(front, front) and same_side(front, turned(turned(front)))
    assert not same_side(front, back) and not same_side(back, turned(turned(front)))


def test_a_page_is_turned_to_the_right() -> None:
    image = Image.new("RGB", (40, 20), "white")
    image.paste((0, 0, 0), (0, 0, 20, 20))  # its left half is black
    made = io.BytesIO()
    image.save(made, "JPEG")
    with Image.open(io.BytesIO(turned(made.getvalue()))) as now:
        assert now.size == (20, 40)
        upper, lower = (
            ImageStat.Stat(now.convert("L").crop(box)).mean[0] for box in ((0, 0, 20, 12), (0, 28, 20, 40))
        )
        assert upper < 60 and lower > 200


# ── many sheets ─────────────────────────────────────────────────────────────
class Slow:
    """A printer whose job brings a sheet out at each question, nine in all; then it never ends."""

    def __init__(self, last: int) -> None:
        self.sheets, self.last = 0, last

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def status(self) -> DeviceState:
        return DeviceState(Availability.ONLINE)

    def job(self, job: int) -> Any:
        from drivers.a4_job import JobState

        self.sheets = min(self.sheets + 1, 9)
        return JobState("completed" if self.sheets == self.last else "processing", (), self.sheets)

    def cancel(self, job: int) -> None:
        self.last = -1


@pytest.mark.parametrize(("last", "state"), [(9, "confirmed"), (10, "unknown")])
def test_a_long_job_has_time_as_long_as_sheets_come_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: int, state: str
) -> None:
    monkeypatch.setattr(print_job, "PRINT_SECONDS", 0.1)
    # Short only where the job never ends: a busy computer may look at the next sheet late.
    monkeypatch.setattr(print_job, "SHEET_SECONDS", 60.0 if state == "confirmed" else 0.6)
    monkeypatch.setattr(print_job, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(print_job, "CANCEL_SECONDS", 0.1)
    told = DeviceSettings(kind=Kind.A4_PRINTER, driver="x", port="x")

    async def play() -> Printed:
        async with backstage(tmp_path, Script(), {"a4": told}, lambda _: Slow(last)) as parts:
            parts.devices.start()
            assert await parts.devices.becomes_ready(Kind.A4_PRINTER, 60)
            printed = await follow(printer_for(parts.devices, Kind.A4_PRINTER), 1, "J-1")
            await parts.devices.close()
            return printed

    assert asyncio.run(play()).state == state
