"""A service that wants papers: a TOML file, a camera above the table, and a citizen who lays them down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest

from drivers.document_page import RATIOS
from drivers.virtual.document_camera import VirtualDocumentCamera
from kiosk.prompts import Chosen, Consent, ScanDocument, Trouble
from tests.journeys.citizen import HOME, Citizen, Way
from tests.journeys.conftest import Play
from tests.journeys.copier import hinted, lifted
from tests.journeys.hall import Hall
from tests.journeys.test_journeys import told
from tests.journeys.traces import search

REGISTERING = """
id = "SB91"
version = 1
theme = 1
flow = "declare"
level = 2
means = ["sms", "face"]
department = { zh = "人力资源和社会保障", en = "Human resources" }
name = { zh = "失业登记", en = "Register as unemployed" }
action = { zh = "提交登记", en = "Register" }
needs = ["id_card_reader", "document_camera"]
materials = [
  { key = "leaving", name = { zh = "离职证明", en = "leaving certificate" }, shape = "a4" },
  { key = "card", name = { zh = "社保卡", en = "social security card" }, pages = 2, shape = "card" },
]

[guide]
summary = { zh = "登记失业。", en = "Registers you as unemployed." }
fee = { zh = "免费", en = "Free" }
time = { zh = "约 3 分钟", en = "About 3 minutes" }
legal = { zh = "《就业服务与就业管理规定》", en = "Employment rules" }
phone = "12333"
"""


@pytest.fixture
def table() -> Iterator[VirtualDocumentCamera]:
    camera = VirtualDocumentCamera(0)
    camera.start()
    yield camera
    camera.stop()


@pytest.fixture
def registering(hall: Hall) -> Iterator[None]:
    file = hall.catalogue / "sb91.toml"
    file.write_text(REGISTERING, encoding="utf-8")
    hall.children["platform"].restart(60)  # the platform reads its catalogue when it starts
    yield
    file.unlink()


class Papers:
    """Lays the right sheet for each page; the first card lies in a reflection, and is taken twice."""

    def __init__(self) -> None:
        self.checked: list[tuple[int, int]] = []

    async def answer(self, citizen: Citizen, prompt: ScanDocument) -> object:
        if prompt.actions:
            picture = prompt.frames()
            assert picture is not None and len(picture.rgb) == picture.width * picture.height * 3
            self.checked.append((prompt.page, prompt.pages))
            return Chosen("rescan" if len(self.checked) == 2 else "use")
        await lifted(citizen)
        if "离职" in prompt.question.zh:
            await citizen.do("document_camera", "put", sheet="form")
        elif not self.checked[1:]:
            await citizen.do("document_camera", "put", sheet="card", glare=0.05)
            await hinted(citizen, "反光")
            await citizen.do("document_camera", "move", glare=0)
        else:
            await citizen.do("document_camera", "put", sheet="card", turn=10 * len(self.checked))
        return None


def at_the_table(
    hall: Hall, table: VirtualDocumentCamera, answer: Callable[[Citizen, ScanDocument], Any]
) -> Citizen:
    ways: dict[type, Way] = {ScanDocument: answer, Consent: Chosen("other"), Trouble: HOME}
    citizen = Citizen(hall, service="SB91", ways=ways)
    citizen.brought["document_camera"] = table
    return citizen


def camera(table: VirtualDocumentCamera) -> dict[str, object]:
    """In the settings; on a busy computer pictures come slowly, which is not what is tried here."""
    patience = {"open_timeout": 20.0, "read_timeout": 10.0, "fresh_seconds": 5.0}
    return {"kind": "document_camera", "driver": "document_camera", "port": table.url, "options": patience}


def test_papers_are_taken_looked_at_and_go_with_the_case(
    hall: Hall, play: Play, kiosk: str, table: VirtualDocumentCamera, registering: None
) -> None:
    papers = Papers()
    citizen = at_the_table(hall, table, papers.answer)
    play(
        citizen, after=lambda: told(hall, kiosk, "hall.session.ended"), devices__document_camera=camera(table)
    )
    assert papers.checked == [(1, 1), (1, 2), (1, 2), (2, 2)]
    (case,) = hall.rows(hall.platform_database, "SELECT key FROM cases WHERE terminal = ?", kiosk)
    kept = hall.rows(hall.platform_database, "SELECT jpeg FROM materials WHERE case_key = ?", case["key"])
    ratios = []
    for row in kept:
        page = cv2.imdecode(np.frombuffer(row["jpeg"], np.uint8), cv2.IMREAD_COLOR)
        assert page is not None
        ratios.append(page.shape[1] / page.shape[0])
    assert sorted(ratios) == pytest.approx([RATIOS["a4"], RATIOS["card"], RATIOS["card"]], rel=0.01)


def test_no_page_of_a_citizen_stays_on_the_terminal(
    hall: Hall, play: Play, table: VirtualDocumentCamera, registering: None
) -> None:
    """Neither in its database nor in any other file of its folder."""
    citizen = at_the_table(hall, table, Papers().answer)
    settings = play(citizen, devices__document_camera=camera(table))
    assert citizen.last(ScanDocument).actions, "no page was ever taken"
    assert search(settings.data, []) == []


def test_a_camera_that_is_unplugged_is_told_and_heals(
    hall: Hall, play: Play, table: VirtualDocumentCamera, registering: None
) -> None:
    async def pull(citizen: Citizen, prompt: ScanDocument) -> object:
        await citizen.do("document_camera", "unplug")
        return None

    citizen = at_the_table(hall, table, pull)
    play(citizen, devices__document_camera=camera(table))
    assert citizen.troubles()[0] in ("device_offline", "device_absent", "camera_frozen")
