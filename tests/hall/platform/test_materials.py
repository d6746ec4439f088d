"""Pages that a citizen brings: left before the case, taken by it, and by nobody else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from config.platform_api import Submission
from hall.platform.settings import ServerSettings
from tests.hall.platform.conftest import Clock, serving
from tests.hall.platform.terminal import Terminal

JPEG = b"\xff\xd8\xff\xe0 a page \xff\xd9"
SERVICE = """
id = "SB92"
version = 1
theme = 1
flow = "declare"
level = 1
department = { zh = "人社", en = "Labour" }
name = { zh = "失业登记", en = "Register as unemployed" }
action = { zh = "提交", en = "Register" }
needs = ["id_card_reader", "document_camera"]
materials = [{ key = "leaving", name = { zh = "离职证明", en = "leaving certificate" }, pages = 2 }]

[guide]
summary = { zh = "登记。", en = "Registers." }
fee = { zh = "免费", en = "Free" }
time = { zh = "约 3 分钟", en = "3 minutes" }
legal = { zh = "规定", en = "Rules" }
phone = "12333"
"""


@pytest.fixture
def desk(settings: ServerSettings, clock: Clock) -> Iterator[Terminal]:
    folder = settings.data.with_name("services")
    folder.mkdir()
    (folder / "sb92.toml").write_text(SERVICE, encoding="utf-8")
    with serving(settings.model_copy(update={"catalogue": (folder,)}), clock) as terminal:
        yield terminal


def leave(desk: Terminal, subject: str, page: bytes = JPEG) -> httpx.Response:
    return desk.http.post(
        "/v1/materials",
        params={"subject": subject},
        content=page,
        headers={"Content-Type": "image/jpeg"},
    )


def pages(desk: Terminal, subject: str, count: int = 2) -> tuple[str, ...]:
    return tuple(str(leave(desk, subject).json()["material"]) for _ in range(count))


def file(desk: Terminal, clock: Clock, subject: str, **materials: tuple[str, ...]) -> httpx.Response:
    told = Submission(
        service="SB92",
        terminal="K001",
        subject=subject,
        means="card",
        materials=materials,
        submitted_at=clock(),
    )
    return desk.file(told)


def test_a_case_takes_the_pages_it_names_once(desk: Terminal, clock: Clock) -> None:
    subject = desk.lay_card("zhang")
    handles = pages(desk, subject)
    assert file(desk, clock, subject, leaving=handles).json()["state"] == "accepted"
    again = file(desk, clock, subject, leaving=handles)
    assert (again.status_code, again.json()["code"]) == (422, "material_missing")


def test_a_case_without_all_its_pages_is_not_filed(desk: Terminal, clock: Clock) -> None:
    subject = desk.lay_card("zhang")
    one, two = pages(desk, subject)
    for materials in ({}, {"leaving": (one,)}, {"leaving": (one, one)}, {"other": (one, two)}):
        assert file(desk, clock, subject, **materials).json()["code"] == "material_missing"
    assert file(desk, clock, subject, leaving=(one, "guessed")).json()["code"] == "material_missing"
    assert file(desk, clock, subject, leaving=(one, two)).status_code == 200


def test_nobody_files_anothers_pages(desk: Terminal, clock: Clock) -> None:
    handles = pages(desk, desk.lay_card("zhang"))
    other = file(desk, clock, desk.lay_card("wang"), leaving=handles)
    assert other.json()["code"] == "material_missing"


def test_a_page_that_no_case_took_is_thrown_away_after_a_day(
    desk: Terminal, clock: Clock, settings: ServerSettings
) -> None:
    subject = desk.lay_card("zhang")
    file(desk, clock, subject, leaving=pages(desk, subject))
    pages(desk, subject)
    clock.pass_by(days=1, minutes=1)
    leave(desk, desk.lay_card("wang"))
    database = settings.data / "platform.db"
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as kept:
        rows = kept.execute("SELECT case_key IS NULL FROM materials ORDER BY 1").fetchall()
    assert rows == [(0,), (0,), (1,)], "two of the case, and the one that is new"


@pytest.mark.parametrize("page", [b"%PDF-1.7", b"\xff\xd8", JPEG + b"\0" * (8 * 1024 * 1024)])
def test_what_is_no_page_is_not_kept(desk: Terminal, page: bytes) -> None:
    answer = leave(desk, desk.lay_card("zhang"), page)
    assert (answer.status_code, answer.json()["code"]) == (422, "material_invalid")


def test_a_page_of_nobody_is_refused(desk: Terminal) -> None:
    assert leave(desk, "guessed").json()["code"] == "subject_unknown"
