"""A certificate that did not come out well: told, asked about, printed again; and the hall knows of each."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from config.devices import Kind
from kiosk.printing import print_desk, print_job
from kiosk.prompts import ChooseOne, Chosen, Place, Prompt, TakePaper, Trouble, Working
from tests.journeys.citizen import Citizen
from tests.journeys.conftest import Play
from tests.journeys.hall import Hall, until
from tests.journeys.test_journeys import told


def says(value: str) -> Callable[[Citizen, ChooseOne], Any]:
    """This of a page that offers it; the usual of any other."""

    def way(citizen: Citizen, prompt: ChooseOne) -> Any:
        offered = value in {option.value for option in prompt.options}
        return Chosen(value) if offered else citizen.choose_one(prompt)

    return way


class Meddler(Citizen):
    """Has hands at the A4 printer as soon as it prints for the first time."""

    def __init__(self, hall: Hall, *hands: str, **more: Any) -> None:
        super().__init__(hall, **more)
        self._hands = hands
        self._moving: asyncio.Future[None] | None = None

    def show(self, prompt: Prompt, place: Place) -> None:
        super().show(prompt, place)
        if isinstance(prompt, Working) and prompt.device == Kind.A4_PRINTER and self._moving is None:
            self._moving = asyncio.ensure_future(asyncio.to_thread(self._meddle))

    def _meddle(self) -> None:
        until(lambda: self.hall.state()["a4_printer"]["printing"])
        for hand in self._hands:
            self.hall.act("a4_printer", hand)


@pytest.fixture(autouse=True)
def _empty(hall: Hall) -> None:
    """The tray is."""
    hall.act("a4_printer", "take")


def prints(hall: Hall, kiosk: str) -> Callable[[], list[tuple[Any, ...]]]:
    """What the hall knows of the certificates: the last word on each job, oldest first."""
    sql = "SELECT * FROM prints WHERE terminal LIKE ? AND document = 'certificate' ORDER BY job"

    def look() -> list[tuple[Any, ...]]:
        rows = hall.rows(hall.hall_database, sql, f"%/{kiosk}")
        assert len({row["number"] for row in rows}) <= 1, "the number changed"
        return [(row["copy"], row["state"], row["decided_by"]) for row in rows]

    return look


def pages(hall: Hall) -> list[dict[str, Any]]:
    return list(hall.state()["a4_printer"]["pages"])


def test_paper_that_ends_in_the_print_is_refilled_and_the_certificate_printed_again(
    hall: Hall, play: Play, kiosk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits a minute and a half for the job that hangs; the one after it has its usual time."""
    usual = print_job.PRINT_SECONDS
    monkeypatch.setattr(print_job, "PRINT_SECONDS", 4.0)

    async def refill(citizen: Citizen, prompt: Trouble) -> Any:
        monkeypatch.setattr(print_job, "PRINT_SECONDS", usual)
        assert [option.value for option in prompt.options] == ["print_again", "window", "home"]
        await citizen.do("a4_printer", "refill")
        return Chosen("print_again")

    citizen = Meddler(hall, "paper_out", ways={Trouble: [refill, Chosen("again")]})
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    assert citizen.troubles()[0] == "a4_paper_out"
    assert citizen.pages[-4:] == ["TakePaper", "Rate", "Goodbye", "Home"]
    assert prints(hall, kiosk)() == [(1, "failed", ""), (2, "confirmed", "citizen")]
    (page,) = pages(hall)
    (issued,) = hall.rows(
        hall.platform_database,
        "SELECT d.sha256 FROM documents d JOIN cases c USING (case_no) WHERE c.terminal = ?",
        kiosk,
    )
    printed = httpx.get(f"{hall.bench}/paper/a4/{page['number']}.pdf", trust_env=False).content
    assert hashlib.sha256(printed).hexdigest() == issued["sha256"]
    sessions = hall.rows(hall.hall_database, "SELECT * FROM sessions WHERE terminal LIKE ?", f"%/{kiosk}")
    assert "completed" in {one["outcome"] for one in sessions}


def test_who_has_his_paper_though_the_printer_cannot_tell_says_so(hall: Hall, play: Play, kiosk: str) -> None:
    citizen = Meddler(hall, "unplug", "plug", ways={ChooseOne: says("came")})
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    assert citizen.troubles() == []
    assert citizen.pages[-6:] == ["ChooseOne", "Working", "TakePaper", "Rate", "Goodbye", "Home"]
    (one,) = prints(hall, kiosk)()
    assert one in [(1, "confirmed", "citizen"), (1, "unknown", "")]  # the printer may still be starting


def test_of_whom_nothing_came_gets_it_printed_again_and_marked(hall: Hall, play: Play, kiosk: str) -> None:
    async def wait_and_again(citizen: Citizen, prompt: Trouble) -> Any:
        await asyncio.sleep(0.5)
        return Chosen(prompt.options[0].value)

    citizen = Meddler(hall, "unplug", "plug", ways={ChooseOne: says("nothing"), Trouble: wait_and_again})
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    assert citizen.pages[-4:] == ["TakePaper", "Rate", "Goodbye", "Home"]
    assert prints(hall, kiosk)() == [(1, "failed", "citizen"), (2, "confirmed", "citizen")]
    assert len(pages(hall)) == 1


def test_beyond_the_limit_the_window_is_what_is_offered(hall: Hall, play: Play, kiosk: str) -> None:
    citizen = Citizen(hall, ways={Trouble: Chosen("window")})
    hall.act("a4_printer", "abort_next")
    settings = play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"), printing__copies=1)
    told_of = next(prompt for prompt in citizen.trail if isinstance(prompt, Trouble))
    assert told_of.options[0].value == "window"
    assert not any(isinstance(p, TakePaper) and p.device == Kind.A4_PRINTER for p in citizen.trail)
    assert pages(hall) == []
    assert print_desk.show(settings) == 0


def test_a_receipt_that_failed_is_told_and_never_offered_twice(hall: Hall, play: Play, kiosk: str) -> None:
    hall.act("receipt_printer", "paper_out_after", rows=200)
    citizen = Citizen(hall)
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    assert citizen.troubles() == [] and citizen.last(TakePaper).note is not None
    assert prints(hall, kiosk)() == [(1, "confirmed", "")]
