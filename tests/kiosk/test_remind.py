"""What is told beside a service: a certificate that expires, a locker for originals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from config.devices import Kind
from config.identity_api import ECertificate, ECertificates, Subject
from config.platform_api import CaseResult
from config.settings import DeviceSettings, PlatformSettings
from config.words import same
from drivers.virtual.locker import LOCKS, VirtualLocker
from kiosk.data import originals
from kiosk.platform import Platform
from kiosk.prompts import ChooseOne, Chosen, ShowResult
from kiosk.steps import remind
from kiosk.steps.hand_in import hand_in
from kiosk.visit import Elsewhere, Visit
from tests.kiosk.small_visit import Script, backstage, service, visit

SOON = date(2027, 1, 15)  # today is 2026-11-22


def held(until: date | None, renew: str = "GA03", name: str = "居民身份证") -> ECertificate:
    return ECertificate(identifier=f"id-{until}", type="T", name=same(name), valid_until=until, renew=renew)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy computer a platform that answers well takes its time."""
    monkeypatch.setattr(remind, "PATIENCE", 60.0)


@dataclass
class Told:
    """What came of the step: where it led, what was asked."""

    led_to: str
    pages: list[ChooseOne]


@asynccontextmanager
async def platform(answer: Callable[[], str | None]) -> AsyncIterator[str]:
    """A platform that says one thing of everybody's certificates; None: it never answers. Its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = answer()
        if body is None:
            await asyncio.Event().wait()
        text = (body or "").encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(text) + text)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def reminded(
    folder: Path, answer: Callable[[], str | None], way: str = "go_on", wanted: str = "ZH02"
) -> Told:
    """The step for somebody whose certificates the platform tells so; every device is there."""

    async def run() -> Told:
        stage = Script([Chosen(way)])
        async with platform(answer) as url, backstage(folder, stage) as parts:
            parts.devices.ready = lambda kind: True  # type: ignore[method-assign]
            await parts.platform.close()
            parts.platform = Platform(
                PlatformSettings(
                    url=url, token="t", public="https://check.example", trust=folder / "root.pem"
                )
            )
            at = visit(parts, service(wanted), "he")
            at.session.subject = Subject(subject="handle", known=True, has_photograph=False)
            led_to = ""
            try:
                await remind.remind(at)
            except Elsewhere as elsewhere:
                led_to = elsewhere.service.id
            assert at.session.reminded
            return Told(led_to, [page for page in stage.shown if isinstance(page, ChooseOne)])

    return asyncio.run(asyncio.wait_for(run(), 60))


def says(*items: ECertificate) -> Callable[[], str]:
    return lambda: ECertificates(items=items).model_dump_json()


def test_what_expires_first_is_told_with_its_day_and_the_service_that_renews_it(tmp_path: Path) -> None:
    told = reminded(tmp_path, says(held(date(2027, 2, 10), "GA05", "别的证"), held(SOON)))
    (page,) = told.pages
    assert page.note is not None and page.note.zh.startswith("您的居民身份证将于 2027-01-15 到期")
    assert told.led_to == ""
    assert "居民身份证" not in page.question.zh, "what is said aloud names nothing"
    assert page.note is not None and "居民身份证换领" in page.note.zh
    assert page.options[0].value == "go_on", "what somebody came for comes first"


def test_whoever_takes_it_up_is_led_there(tmp_path: Path) -> None:
    assert reminded(tmp_path, says(held(SOON)), "renew").led_to == "GA03"


def test_what_has_expired_is_told_as_such(tmp_path: Path) -> None:
    (page,) = reminded(tmp_path, says(held(date(2026, 11, 1)))).pages
    assert page.note is not None and "已于 2026-11-01 到期" in page.note.zh


@pytest.mark.parametrize(
    "items",
    [
        (),
        (held(None),),
        (held(date(2027, 2, 21)),),  # more than 90 days
        (held(SOON, ""),),
        (held(SOON, "GA99"),),
        (held(SOON, "ZH0711"),),  # no tile of its own
    ],
    ids=["none", "for life", "later", "no renewal", "no such service", "in a bundle"],
)
def test_nobody_is_held_up_for_what_cannot_be_done_now(
    tmp_path: Path, items: tuple[ECertificate, ...]
) -> None:
    assert reminded(tmp_path, says(*items)).pages == []


def test_whoever_has_come_to_renew_it_is_not_asked(tmp_path: Path) -> None:
    assert reminded(tmp_path, says(held(SOON)), wanted="GA03").pages == []


@pytest.mark.parametrize(
    "answer", [None, "", "{}x", '{"items": [1]}'], ids=["silent", "empty", "broken", "odd"]
)
def test_a_platform_that_does_not_answer_well_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str | None
) -> None:
    monkeypatch.setattr(remind, "PATIENCE", 0.3)
    assert reminded(tmp_path, lambda: answer) == Told("", [])


# ── the locker ──────────────────────────────────────────────────────────────
def handed_in(folder: Path, devices: Mapping[str, DeviceSettings]) -> tuple[ShowResult, frozenset[int]]:
    """The page, and the compartments in which something may lie afterwards."""

    async def run() -> tuple[ShowResult, frozenset[int]]:
        stage = Script([Chosen("done")])
        async with backstage(folder, stage, devices) as parts:
            parts.devices.start()
            for one in devices.values():
                assert await parts.devices.becomes_ready(one.kind, 60)
            at: Visit = visit(parts, service("ZH04"), "he")
            at.session.case = CaseResult(
                key="k", case_no="n", state="accepted", title=same("-"), message=same("-"), compartment=7
            )
            await hand_in(at)
            kept = originals.compartments(parts.ledger)
            await parts.devices.close()
        (page,) = stage.shown
        assert isinstance(page, ShowResult)
        return page, kept

    return asyncio.run(asyncio.wait_for(run(), 60))


@pytest.mark.parametrize("jammed", [False, True])
def test_the_compartment_of_the_case_opens_and_a_door_that_stays_shut_sends_to_the_window(
    tmp_path: Path, jammed: bool
) -> None:
    bench = VirtualLocker(tmp_path / "locker", pulse=0.01)
    bench.start()
    with closing(Stopping(bench)):
        if jammed:
            bench.act("jam", door=7)
        options = {"locks": [LOCKS], "timeout": 8.0, "open_timeout": 8.0}
        locker = DeviceSettings(
            kind=Kind.LOCKER, driver="locker_8a", port=str(tmp_path / "locker"), options=options
        )
        page, kept = handed_in(tmp_path, {"locker": locker})
        doors = bench.state()["doors"]
    assert isinstance(doors, dict)
    assert doors["7"] == ("jammed" if jammed else "open")
    assert page.good is not jammed and page.note is not None
    assert ("综合窗口" in page.note.zh) is jammed
    assert {state for door, state in doors.items() if door != "7"} == {"closed"}
    assert kept == (set() if jammed else {7}), "no technician opens it for a test"


def test_a_terminal_without_a_locker_sends_to_the_window(tmp_path: Path) -> None:
    page, kept = handed_in(tmp_path, {})
    assert not kept and not page.good and page.note is not None and "综合窗口" in page.note.zh


@dataclass
class Stopping:
    """Ends the bench's locker with the test."""

    bench: VirtualLocker

    def close(self) -> None:
        self.bench.stop()
