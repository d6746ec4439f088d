"""One person's visit: what was known is forgotten, and the clock that ends it gives fair warning."""

from __future__ import annotations

import asyncio
import time
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace

import pytest

from config.identity_api import Subject
from config.platform_api import CaseResult
from config.settings import SessionSettings
from config.words import same
from kiosk import session as sessions
from kiosk.prompts import Answer, CardScene, Place, PlaceCard, Prompt
from kiosk.session import IdleClock, Outcome, Session
from tests.kiosk.small_visit import Script, backstage, card, service, visit

# Shorter than the settings allow (30 s and 20 s), so that the test is.
QUICK = SessionSettings.model_construct(idle_seconds=2.4, warn_seconds=1.6)


def full_session() -> Session:
    """Somebody who has come to the end of a journey: everything there is to know is known."""
    who = card("chen")
    return Session(
        "s1",
        service="SB01",
        person=who,
        subject=Subject(subject="handle-7", known=True, has_photograph=True, phone="138****0004"),
        means="face",
        values={"insurances": ("pension",), "phone": "13800000004"},
        pages={"leaving": (b"a page",)},
        signature="M0 0L1 1",
        case=CaseResult(key="k", case_no="C-77", state="accepted", title=same("好"), message=same(who.name)),
        outcome=Outcome.COMPLETED,
    )


def everything(session: Session) -> str:
    """All that can be found in a session, down to the last field."""
    found = []
    for one in fields(session):
        value = getattr(session, one.name)
        held = getattr(value, "__dict__", None) or {
            name: getattr(value, name) for name in getattr(value, "__slots__", ())
        }
        found.append(f"{one.name}={value!r} {held}")
    return "\n".join(found)


def test_what_is_wiped_names_nobody_and_says_only_how_it_went() -> None:
    session = full_session()
    personal = (
        card("chen").name,
        card("chen").number,
        card("chen").address,
        "13800000004",
        "handle-7",
        "C-77",
        "a page",
        "M0 0L1 1",
    )
    assert all(one in everything(session) for one in personal), "the search itself has broken"
    session.wipe()
    assert not [one for one in personal if one in everything(session)]
    assert (session.id, session.service, session.outcome) == ("s1", "SB01", Outcome.COMPLETED)
    assert (session.means, session.wiped) == ("none", True)


def test_the_values_of_a_form_are_emptied_in_place_for_whoever_still_holds_them() -> None:
    session = full_session()
    held = session.values
    session.wipe()
    assert held == {}


def test_a_session_in_a_log_names_nobody() -> None:
    said = repr(full_session())
    for personal in (card("chen").name, card("chen").number, "13800000004", "handle-7"):
        assert personal not in said


# ── the clock ───────────────────────────────────────────────────────────────
@pytest.fixture
def by_sleeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time goes by the clock's own sleeps alone, so that a busy computer skips none of its seconds."""
    now, sleep = [0.0], asyncio.sleep

    async def passes(seconds: float) -> None:
        now[0] += seconds
        await sleep(0)

    monkeypatch.setattr(sessions, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(sessions, "asyncio", SimpleNamespace(sleep=passes))


@pytest.mark.usefixtures("by_sleeping")
def test_who_does_nothing_is_warned_with_falling_seconds_and_then_the_time_is_up() -> None:
    clock, stage = IdleClock(SessionSettings.model_construct(idle_seconds=2.6, warn_seconds=2.4)), Script()
    asyncio.run(asyncio.wait_for(clock.expired(stage), 60))
    *counted, last = stage.warnings
    assert last is None, "the warning is taken away at the end"
    assert counted[0] == 2
    assert counted == sorted(counted, key=lambda left: -(left or 0))
    assert all(left is not None and left >= 1 for left in counted)
    assert clock.left <= 0


@pytest.mark.usefixtures("by_sleeping")
def test_a_touch_takes_the_warning_away_and_gives_the_full_time_again() -> None:
    clock, stage = IdleClock(QUICK), Script()

    async def somebody_touches_once() -> None:
        async with asyncio.timeout(60):
            expiring = asyncio.create_task(clock.expired(stage))
            while not stage.warnings:  # noqa: ASYNC110 - what a citizen does: he looks until he is warned
                await asyncio.sleep(0)
            clock.touch()
            assert clock.left > QUICK.warn_seconds
            await expiring

    asyncio.run(somebody_touches_once())
    away = stage.warnings.index(None)
    assert stage.warnings[:away] and stage.warnings[away + 1 : -1], "warned, relieved, and warned again"


def test_while_the_terminal_is_at_work_no_time_passes() -> None:
    clock = IdleClock(QUICK)
    with clock.hold():
        with clock.hold():
            time.sleep(0.05)
        assert clock.left == QUICK.idle_seconds, "an inner wait must not let the clock go on"
    held = clock.left
    time.sleep(0.05)
    assert clock.left < held


class AtTheDevice(Script):
    """A citizen whose hands are at a device, not at the screen."""

    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError


def test_whoever_uses_a_device_has_the_full_time_again(tmp_path: Path) -> None:
    async def run() -> None:
        async with backstage(tmp_path, AtTheDevice()) as parts:
            signing = visit(parts, service("SB01"))

            async def on_the_pad() -> float:
                await asyncio.sleep(0.3)
                return signing.clock.left

            left = await signing.ask_or(PlaceCard(CardScene.PLACE), on_the_pad())
            assert isinstance(left, float) and signing.clock.left > left

    asyncio.run(run())
