"""A technician at a whole hall: his card on the real reader, paper, a broken printer, a notice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config.people import person
from config.settings import Settings
from config.words import words
from kiosk import prompts as p
from kiosk.prompts import Answer, Chosen
from kiosk.stage import GoHome
from kiosk.technician import one_time_code, people
from kiosk.technician.people import Technician
from tests.journeys import traces
from tests.journeys.citizen import Citizen
from tests.journeys.hall import Hall
from tests.journeys.hall_voice import HallVoice
from tests.journeys.test_commands import LOCK, serve, shows, told_all
from tests.kiosk import small_visit
from tests.mqtt.small_hall import eventually

NUMBER, CARD = "1001", "li"
ROLL = "receipt_printer"


class Crew(Citizen):
    """A citizen, and then a technician who makes the gesture wherever it is heard. `moves` are his touches in
    turn: a value, or something done at the machine that ends with one."""

    def __init__(self, hall: Hall, moves: list[str | Callable[[], str]], **told: Any) -> None:
        inside = dict.fromkeys((p.WorkList, p.WorkSheet), Crew.move)
        ways: dict[type, Any] = {
            **inside,
            p.TechnicianKey: Crew.show_card,
            p.FillForm: Crew.knock_at_the_form,
            p.Consent: Chosen("other"),
            p.Home: Crew.come,
        }
        super().__init__(hall, ways=ways, **told)
        self.moves = moves
        self.knock: Callable[[], None] = lambda: None
        self.knocks = 1

    def on_gesture(self, listener: Callable[[], None]) -> None:
        self.knock = listener

    def show(self, prompt: p.Prompt, place: p.Place) -> None:
        super().show(prompt, place)
        if isinstance(prompt, p.OutOfService) and self.moves:
            self.knock()

    async def come(self, prompt: p.Home) -> Answer | None:
        if self._visits == 0 and self.moves:
            self.knock()
            return None
        return await self.home(prompt)

    async def knock_at_the_form(self, prompt: p.FillForm) -> Answer:
        """The gesture of somebody who is being served, and goes home then."""
        self.knock()
        raise GoHome

    async def show_card(self, prompt: p.TechnicianKey) -> None:
        assert prompt.card
        await self.do("id_card_reader", "take")
        await self.do("id_card_reader", "put", person=CARD)

    async def move(self, prompt: p.WorkList | p.WorkSheet) -> Answer:
        move = self.moves.pop(0)
        return Chosen(move if isinstance(move, str) else await asyncio.to_thread(move))


def registered(settings: Settings) -> None:
    """He was registered at this terminal, with his card."""
    settings.data.mkdir(parents=True, exist_ok=True)
    assert settings.technician.people is not None
    digest = people.card_digest(settings.data, small_visit.card(CARD))
    known = Technician(number=NUMBER, secret=one_time_code.new_secret(), cards=(digest,))
    people.write(settings.technician.people, (known,))


def acts(hall: Hall, kiosk: str) -> list[tuple[str, str, str, str]]:
    """What the hall has stored of this terminal's technicians, in the terminal's own order."""
    rows = hall.rows(
        hall.hall_database,
        "SELECT actor, act, subject, outcome FROM technician_acts WHERE terminal = ? ORDER BY boot, seq",
        f"330100/demo/{kiosk}",
    )
    return [(row["actor"], row["act"], row["subject"], row["outcome"]) for row in rows]


def test_paper_a_broken_printer_and_a_notice_while_the_halls_commands_wait(
    hall: Hall, kiosk: str, tmp_path: Path
) -> None:
    settings = hall.settings(kiosk, technician__people=str(tmp_path / "technicians.toml"))
    registered(settings)
    given: list[str] = []
    voices: list[HallVoice] = []
    crew = Crew(hall, [])

    def state() -> list[str]:
        return voices[0].healthy[-1].devices[names().index(ROLL)].faults if voices[0].healthy else []

    def names() -> list[str]:
        return [one.name for one in voices[0].healthy[-1].devices]

    def empty() -> str:
        """The roll runs out, and the hall gives a command."""
        given.append(voices[0].give("lock", **LOCK))
        eventually(lambda: voices[0].told(given[0]) == ["accepted  technician"])
        hall.act(ROLL, "paper_out")
        eventually(lambda: "receipt_paper_out" in state())
        return f"device:{ROLL}"

    def fill() -> str:
        hall.act(ROLL, "refill")
        return "changed"

    crew.moves += [empty, "test", "back", "change_paper", fill, "test", "back", "back"]
    crew.moves += ["notice", "repair", "back", "leave"]
    then = ["notice", "take_down", "lift_hall", "lift_hall", "back", "leave"]

    def act(voice: HallVoice) -> None:
        voices.append(voice)
        eventually(lambda: not crew.moves, 150)
        voice.until(given[0], "done")  # the command went on when he had left
        eventually(shows(crew, p.OutOfService))
        assert crew.last(p.OutOfService).note == words("technician.notice_repair"), "his own comes first"
        crew.moves += then
        crew.knock()
        eventually(lambda: not crew.moves and shows(crew, p.Home)(), 150)
        eventually(lambda: told_all(settings))

    serve(hall, settings, crew, act)
    at = crew.pages.index("FillForm")
    assert crew.pages[at : at + 3] == ["FillForm", "Home", "TechnicianKey"], "not while a citizen is served"
    sheets = [one for one in crew.trail if isinstance(one, p.WorkSheet) and one.note]
    assert p.Condition.NOT_READY in [one.condition for one in sheets if "receipt_paper_out" in str(one.rows)]
    found = acts(hall, kiosk)
    assert [one for one in found if one[1] in ("entered", "left")] == [
        (NUMBER, "entered", "", ""),
        (NUMBER, "left", "", ""),
    ] * 2
    assert (NUMBER, "device_tested", ROLL, "receipt_paper_out") in found
    assert (NUMBER, "supply_changed", f"{ROLL}:paper", "") in found
    assert (NUMBER, "notice_set", "technician", "") in found
    assert (NUMBER, "notice_lifted", "hall", "") in found
    nothing_of_him(hall, settings)


def nothing_of_him(hall: Hall, settings: Settings) -> None:
    """His card's number and his name are in no file of terminal and hall."""
    who = person(CARD)
    for folder in (settings.data, hall.folder / "hall", hall.folder / "logs"):
        for file in (path for path in folder.rglob("*") if path.is_file()):
            content = file.read_bytes()
            for text in (who.number, who.name):
                assert not [name for name, raw in traces.spellings(text).items() if raw in content], file.name
