"""A department decides in a system of its own: accepted once here, nothing lost on the way, nothing twice."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from config.catalogue_files import load_catalogue
from config.platform_api import Query
from config.words import Words
from hall import department_example
from hall.department_example import ExampleSettings, department_app
from hall.platform import department_outbox
from hall.platform.serve import listen
from hall.platform.settings import DepartmentSettings, ServerSettings
from tests.hall.platform.conftest import Clock, serving
from tests.hall.platform.office_table import Case, filed
from tests.hall.platform.terminal import Terminal
from tests.peers.broker import free_port

MOVE = {"from_region": "330100", "to_region": "320100", "insurance": "employee", "phone": "13800000020"}
TOKEN = "platform"


@dataclass
class Department:
    """The example behind a door with moods: well, shut, slow, breaks (after filing), refuses, babbles."""

    folder: Path
    url: str = ""
    mood: str = "well"
    posts: list[str] = field(default_factory=list)

    def books(self) -> list[tuple[str, str]]:
        """What the department has filed: case number and state."""
        with sqlite3.connect(self.folder / "department.db") as read:
            return list(read.execute("SELECT case_no, state FROM cases ORDER BY reference"))

    def judge(self, case_no: str, granted: bool) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        told = {"granted": granted}
        url = f"{self.url}/desk/cases/{case_no}"
        httpx.post(url, json=told, headers=headers, trust_env=False, timeout=60).raise_for_status()


@contextmanager
def open_department(folder: Path, clock: Clock) -> Iterator[Department]:
    """It serves from `folder` on a free port until the block ends."""
    inner = department_app(ExampleSettings(data=folder, token=TOKEN, demo=True), clock)
    found = Department(folder)

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and scope["path"].startswith("/v1/")
        if not asked or found.mood == "well":
            if asked and scope["method"] == "POST":
                found.posts.append(found.mood)
            return await inner(scope, receive, send)
        if scope["method"] == "POST":
            found.posts.append(found.mood)
        if found.mood in ("breaks", "slow", "twice"):
            swallowed: list[Message] = []

            async def keep(message: Message) -> None:
                swallowed.append(message)

            await inner(scope, receive, keep)  # it has done it …
            if found.mood == "slow":
                await asyncio.sleep(1.5)  # longer than anybody waits who has no patience
            if found.mood == "breaks":
                raise RuntimeError("the line breaks")  # … and nobody hears of it
            for message in swallowed:
                await send(message)
            return
        status, body = {"shut": (503, b""), "refuses": (422, REFUSAL), "babbles": (200, b"<html>")}[
            found.mood
        ]
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})

    with listen("127.0.0.1", 0) as listener:
        found.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(door, log_level="critical", access_log=False, lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        until(lambda: server.started, "the department starts")
        try:
            yield found
        finally:
            server.should_exit = True
            thread.join(60)


REFUSAL = '{"code": "closed", "message": {"zh": "转出地尚未停保", "en": "Still insured there"}}'.encode()


def until(holds: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.02)


@pytest.fixture
def department(tmp_path: Path, clock: Clock) -> Iterator[Department]:
    with open_department(tmp_path / "department", clock) as found:
        yield found


def behind(settings: ServerSettings, url: str, patience: float = 60.0) -> ServerSettings:
    """The platform's settings with the department behind it, which has so many seconds for an answer."""
    told = DepartmentSettings(
        name="medical",
        words=Words("医保局", "the medical insurance office"),
        services=("YB05", "BD02"),
        url=url,
        token=TOKEN,
        timeout_seconds=patience,
        ask_seconds=60,
    )
    return settings.model_copy(update={"departments": (told,)})


@pytest.fixture
def platform(settings: ServerSettings, department: Department, clock: Clock) -> Iterator[Terminal]:
    with serving(behind(settings, department.url), clock) as terminal:
        yield terminal


def file(terminal: Terminal, clock: Clock) -> str:
    """A move of insurance, accepted at the counter; its number."""
    answer = filed(terminal, clock, load_catalogue().services, Case("YB05", "feng", MOVE))
    assert answer.get("state") == "accepted" and not answer["decided"], answer
    return str(answer["case_no"])


def progress(terminal: Terminal, case_no: str, who: str = "feng") -> list[str]:
    """What the citizen reads of it, in order."""
    asked = Query(service="ZH02", subject=terminal.lay_card(who), values={"case_no": case_no})
    return [event["what"]["zh"] for event in terminal.post("/v1/queries", asked).json()["timeline"]]


def later(clock: Clock, holds: Callable[[], Any], what: str) -> None:
    """Hours go by until it is so."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        clock.pass_by(minutes=61)
        time.sleep(0.25)


def test_accepted_once_decided_there_and_the_certificate_lies_with_the_case(
    platform: Terminal, department: Department, clock: Clock, settings: ServerSettings
) -> None:
    case_no = file(platform, clock)
    until(lambda: department.books(), "it is handed over")
    assert department.books() == [(case_no, "open")]
    later(clock, lambda: "部门业务系统已收件" in progress(platform, case_no), "its progress comes back")
    assert "已转医保局办理" in progress(platform, case_no)
    department.judge(case_no, granted=True)
    later(clock, lambda: progress(platform, case_no)[-1] == "予以办理", "the decision comes back")
    with sqlite3.connect(settings.data / "platform.db") as read:
        papers = read.execute(
            "SELECT template FROM documents WHERE case_no = ? ORDER BY rowid", (case_no,)
        ).fetchall()
    assert papers == [("yb05",), ("department",)]
    assert progress(platform, case_no).count("部门已审查") == 1
    assert department.posts == ["well"]


@pytest.mark.parametrize("mood", ["shut", "breaks", "slow", "babbles"])
def test_whatever_befalls_the_line_it_is_filed_there_once(
    settings: ServerSettings, department: Department, clock: Clock, mood: str
) -> None:
    department.mood = mood
    patience = 0.5 if mood == "slow" else 60.0
    with serving(behind(settings, department.url, patience), clock) as platform:
        case_no = file(platform, clock)
        until(lambda: department.posts, "it is tried")
        department.mood = "well"
        later(clock, lambda: "已转医保局办理" in progress(platform, case_no), "it arrives after all")
        assert department.books() == [(case_no, "open")]
        assert progress(platform, case_no).count("已转医保局办理") == 1


def test_a_department_that_is_down_gets_every_case_when_it_is_back(
    settings: ServerSettings, tmp_path: Path, clock: Clock
) -> None:
    with serving(behind(settings, f"http://127.0.0.1:{free_port()}"), clock) as terminal:
        first = file(terminal, clock)
        assert progress(terminal, first)[-1] != "已转医保局办理"
    with open_department(tmp_path / "department", clock) as department:
        clock.pass_by(days=3)
        with serving(behind(settings, department.url), clock):
            until(lambda: department.books(), "it was kept over the night and the platform's restart")
            assert department.books() == [(first, "open")]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_platform_that_dies_between_sending_and_hearing_asks_before_it_sends_again(
    settings: ServerSettings, department: Department, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*arguments: Any) -> None:
        raise SystemExit  # the thread ends as a process would: the row stays `sent`

    with monkeypatch.context() as patch:
        patch.setattr(department_outbox, "_accepted", dies)
        with serving(behind(settings, department.url), clock) as terminal:
            case_no = file(terminal, clock)
            until(lambda: department.books(), "it arrived")
    with serving(behind(settings, department.url), clock) as terminal:
        later(clock, lambda: "已转医保局办理" in progress(terminal, case_no), "it is settled")
    assert department.books() == [(case_no, "open")] and department.posts == ["well"]


def test_what_it_refuses_ends_with_its_own_words(
    platform: Terminal, department: Department, clock: Clock
) -> None:
    department.mood = "refuses"
    case_no = file(platform, clock)
    later(clock, lambda: progress(platform, case_no)[-1] == "转出地尚未停保", "the refusal comes back")
    department.mood = "well"
    clock.pass_by(days=1)
    assert department.books() == [], "what was refused is not sent again"


def test_the_clerk_s_refusal_comes_back_without_a_paper(
    platform: Terminal, department: Department, clock: Clock, settings: ServerSettings
) -> None:
    case_no = file(platform, clock)
    until(lambda: department.books(), "it is handed over")
    department.judge(case_no, granted=False)
    later(clock, lambda: progress(platform, case_no)[-1] == "不符合条件，不予办理", "the decision")
    with sqlite3.connect(settings.data / "platform.db") as read:
        papers = read.execute("SELECT template FROM documents WHERE case_no = ?", (case_no,)).fetchall()
        state = read.execute("SELECT state FROM handed_over").fetchall()
    assert (papers, state) == ([("yb05",)], [("refused",)])


def test_a_question_is_asked_there_and_told_honestly_when_nobody_answers(
    platform: Terminal, department: Department
) -> None:
    asked = Query(service="BD02", subject=platform.lay_card("qin"))
    answer = platform.post("/v1/queries", asked).json()
    assert answer["found"] and "BDC20261116002" in str(answer["rows"])
    department.mood = "shut"
    refused = platform.post("/v1/queries", asked)
    assert refused.status_code == 409 and "医保局" in refused.json()["message"]["zh"]


def test_a_stranger_is_not_let_in_and_another_body_under_a_number_is_refused(department: Department) -> None:
    case = {"case_no": "C1", "service": "YB05", "values": {}, "accepted_at": "2026-11-22T09:30:00+08:00"}
    url, key = f"{department.url}/v1/cases", {"Idempotency-Key": "C1"}
    with httpx.Client(trust_env=False, timeout=60) as client:
        assert client.post(url, json=case, headers=key).status_code == 401
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        first, again = (client.post(url, json=case, headers=key).json() for _ in range(2))
        assert first == again
        assert client.post(url, json=case | {"values": {"a": "b"}}, headers=key).status_code == 409
        assert client.post(url, json=case | {"service": "SB01"}, headers=key).status_code == 422
        assert client.get(f"{url}/C2").status_code == 404
        assert client.get(f"{url}/C1/document").status_code == 404


def test_its_interface_is_the_document() -> None:
    document = Path(__file__).parents[3] / "docs" / "openapi-department.yaml"
    assert document.read_text(encoding="utf-8") == department_example.document()
