"""One citizen after another: nothing of one service goes into the next."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from config.devices import Availability, DeviceState, Kind
from config.settings import DeviceSettings
from drivers.device import DeviceError
from kiosk import journey, reception, ways_in
from kiosk.doors import Doors
from kiosk.health import Health
from kiosk.prompts import Answer, ChooseService, Chosen, Home, Place, Prompt
from kiosk.reception import receive
from kiosk.session import Outcome, Session
from kiosk.stage import GoBack, GoHome
from kiosk.visit import Elsewhere, Visit
from tests.kiosk.small_visit import Script, backstage


@dataclass
class Undecided(Script):
    """A citizen who answers in turn, and stays at home in the end; then it is `over`."""

    def __post_init__(self) -> None:
        self.over = asyncio.Event()

    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        if not self.answers:
            assert isinstance(prompt, Home)
            self.over.set()
            await asyncio.Event().wait()
        return await super().ask(prompt, place)


def filled(session: Session) -> list[str]:
    return [name for name in ("values", "pages", "signature") if getattr(session, name)]


def test_given_a_service_left_by_its_guide_then_nothing_of_it_is_sent_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[list[str]] = []

    async def play(visit: Visit, steps: object = None) -> None:
        """Fills in, scans, signs, and steps back to the guide and out of it; the second time looks."""
        found.append(filled(visit.session))
        visit.session.values["phone"] = "13800000004"
        visit.session.pages["leaving"] = (b"\xff\xd8\xff",)
        visit.session.signature = "M0 0L1 1"
        if len(found) == 1:
            raise GoBack

    async def run() -> None:
        stage = Undecided([Chosen("1"), Chosen("SB01"), Chosen("SB01")])
        async with backstage(tmp_path, stage) as parts:
            health = Health(parts.settings, stage, parts.devices, parts.platform, parts.ledger, lambda: 0)
            serving = asyncio.ensure_future(receive(parts, health, Doors(parts.ledger, lambda: "12345")))
            await stage.over.wait()
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    monkeypatch.setattr(journey, "play", play)
    asyncio.run(asyncio.wait_for(run(), 60))
    assert found == [[], []]


class Reader:
    """A reader that can be away."""

    there = False

    def open(self) -> None:
        if not Reader.there:
            raise DeviceError("device_absent")

    def close(self) -> None:
        pass

    def status(self) -> DeviceState:
        return DeviceState(Availability.ONLINE)


@dataclass
class AtTheTheme(Undecided):
    """Stays at the page of a theme, and has the device plugged in there."""

    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        if isinstance(prompt, ChooseService):
            self.shown.append(prompt)
            Reader.there = True
            await asyncio.Event().wait()
        return await super().ask(prompt, place)

    def show(self, prompt: Prompt, place: Place) -> None:
        super().show(prompt, place)
        self.over.set()


def test_given_a_theme_in_view_when_the_missing_device_comes_then_its_service_can_be_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways_in, "NOTICE_SECONDS", 0.02)

    async def run() -> tuple[Prompt, Prompt]:
        stage = AtTheTheme([Chosen("8")])
        reader = DeviceSettings(kind=Kind.ID_CARD_READER, driver="x", port="x")
        async with backstage(tmp_path, stage, {"reader": reader}, lambda _: Reader()) as parts:
            health = Health(parts.settings, stage, parts.devices, parts.platform, parts.ledger, lambda: 0)
            parts.devices.start()
            serving = asyncio.ensure_future(receive(parts, health, Doors(parts.ledger, lambda: "12345")))
            await stage.over.wait()
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            await parts.devices.close()
        return stage.shown[1], stage.shown[-1]

    Reader.there = False
    before, after = asyncio.run(asyncio.wait_for(run(), 60))
    assert isinstance(before, ChooseService) and isinstance(after, ChooseService)
    (grey,) = [one.reason for one in before.options if one.value == "ZH02"]
    (free,) = [one.reason for one in after.options if one.value == "ZH02"]
    assert grey is not None and free is None


def test_given_a_certificate_that_is_renewed_on_the_way_then_nobody_is_asked_again_who_he_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[tuple[str, str, list[str]]] = []

    async def play(visit: Visit, steps: object = None) -> None:
        played.append((visit.service.id, visit.session.means, filled(visit.session)))
        visit.session.means = "face"
        visit.session.values["phone"] = "13800000008"
        if visit.service.id == "SB01":
            raise Elsewhere(visit.backstage.catalogue.services["GA03"])

    async def run() -> None:
        stage = Undecided([Chosen("1"), Chosen("SB01")])
        async with backstage(tmp_path, stage) as parts:
            health = Health(parts.settings, stage, parts.devices, parts.platform, parts.ledger, lambda: 0)
            serving = asyncio.ensure_future(receive(parts, health, Doors(parts.ledger, lambda: "12345")))
            await stage.over.wait()
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    monkeypatch.setattr(journey, "play", play)
    asyncio.run(asyncio.wait_for(run(), 60))
    assert played == [("SB01", "none", []), ("GA03", "face", [])]


def test_what_the_questions_have_said_stands_in_the_form_and_not_in_the_next_persons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[tuple[str, dict[str, object]]] = []

    async def play(visit: Visit, steps: object = None) -> None:
        begun.append((visit.service.id, dict(visit.session.typed)))

    async def run() -> None:
        work = [Chosen("questions"), Chosen("work"), Chosen("0"), Chosen("2")]
        stage = Undecided([*work, Chosen("1"), Chosen("SB05")])
        async with backstage(tmp_path, stage) as parts:
            parts.devices.ready = lambda kind: True  # type: ignore[method-assign]
            health = Health(parts.settings, stage, parts.devices, parts.platform, parts.ledger, lambda: 0)
            serving = asyncio.ensure_future(receive(parts, health, Doors(parts.ledger, lambda: "12345")))
            await stage.over.wait()
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    monkeypatch.setattr(journey, "play", play)
    asyncio.run(asyncio.wait_for(run(), 60))
    assert begun == [("SB05", {"reason": "bankrupt"}), ("SB05", {})]


def test_whoever_steps_back_from_his_cases_is_at_home_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[str] = []

    async def play(visit: Visit, steps: object = None) -> None:
        played.append(visit.service.id)
        raise GoBack

    async def run() -> None:
        stage = Undecided([Chosen("progress")])
        async with backstage(tmp_path, stage) as parts:
            health = Health(parts.settings, stage, parts.devices, parts.platform, parts.ledger, lambda: 0)
            serving = asyncio.ensure_future(receive(parts, health, Doors(parts.ledger, lambda: "12345")))
            await stage.over.wait()
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    monkeypatch.setattr(journey, "play", play)
    asyncio.run(asyncio.wait_for(run(), 60))
    assert played == ["ZH02"]


def test_what_somebody_finished_is_counted_and_what_he_left_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(visit: Visit, steps: object = None) -> None:
        if visit.service.id == "SB01":
            raise GoHome

    async def run() -> list[str]:
        stage = Undecided([Chosen("1"), Chosen("SB01"), Chosen("1"), Chosen("SB02")])
        async with backstage(tmp_path, stage) as parts:
            health = Health(parts.settings, stage, parts.devices, parts.platform, parts.ledger, lambda: 0)
            serving = asyncio.ensure_future(receive(parts, health, Doors(parts.ledger, lambda: "12345")))
            await stage.over.wait()
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            return [one.id for one in parts.frequent.first(list(parts.catalogue.services.values()))]

    monkeypatch.setattr(journey, "play", play)
    assert asyncio.run(asyncio.wait_for(run(), 60)) == ["SB02"]


# ── time is up ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("typed", "asked"), [({"phone": "13800000001"}, True), ({}, False)])
def test_when_time_is_up_only_a_form_that_was_begun_may_be_kept(
    tmp_path: Path, typed: dict[str, str], asked: bool
) -> None:
    told: list[str] = []

    async def keeping() -> None:
        told.append("asked")
        raise GoHome

    async def run() -> None:
        async with backstage(tmp_path, Script()) as parts:
            session = Session("s1", keeping=keeping)
            session.typed.update(typed)
            journey = asyncio.ensure_future(asyncio.Event().wait())
            await reception._offer_to_keep(parts, session, journey)  # type: ignore[arg-type]
            assert journey.cancelled() is asked, "the page that was in view asks nothing any more"
            journey.cancel()
            session.wipe()
            assert session.keeping is None and not session.typed

    asyncio.run(asyncio.wait_for(run(), 60))
    assert bool(told) is asked


def test_given_a_full_disk_when_time_is_up_then_the_form_is_gone_and_the_terminal_goes_on(
    tmp_path: Path,
) -> None:
    async def keeping() -> None:
        raise OSError(28, "No space left on device", "13800000001")

    async def run() -> Session:
        async with backstage(tmp_path, Script()) as parts:
            session = Session("s1", keeping=keeping)
            session.typed["phone"] = "13800000001"
            journey = asyncio.ensure_future(asyncio.Event().wait())
            await reception._offer_to_keep(parts, session, journey)  # type: ignore[arg-type]
            return session

    with capture_logs() as logged:
        assert asyncio.run(asyncio.wait_for(run(), 60)).outcome is Outcome.FAILED
    assert [one["error"] for one in logged] == ["OSError"] and "13800000001" not in str(logged)
