"""A terminal in a process of its own, which serves several citizens one after the other.

`python -m tests.journeys.many_citizens SETTINGS HALL` prints `settled` when the last one has gone and the
hall has everything; when stdin closes it ends as it should.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from config import settings as terminal_settings
from config.catalogue_files import load_catalogue
from kiosk import terminal
from kiosk.prompts import (
    Answer,
    Chosen,
    Confirm,
    Consent,
    EnterCode,
    Filled,
    FillForm,
    Home,
    Masked,
    Place,
    PlaceCard,
    Prompt,
    ShowResult,
    Trouble,
)
from tests.journeys.citizen import HOME, Citizen
from tests.journeys.copier import Papers, copier
from tests.journeys.hall import Hall
from tests.journeys.terminal_child import _settled

TYPED = "13912345678"  # a telephone number that stands on no card and in no register
PURPOSE = "赎回祖宅𡧳园"  # what a copy is for is nobody else's business
FOR = {"original": "card", "purpose": "other", "purpose_words": PURPOSE}


def citizens(hall: Hall) -> list[Citizen]:
    """Whole journeys by face and by code, a query, a ticket, and everything that goes wrong."""
    code = Chosen("other")
    return [
        Citizen(hall, person="zhang"),
        Citizen(hall, person="zhang", service="ZH02", ways={ShowResult: Chosen("print")}),
        Citizen(hall, person="chen", ways={EnterCode: [Chosen("000000"), Citizen.read_code]}),
        Citizen(
            hall,
            person="wang",
            service="SB90",
            ways={PlaceCard: [_damaged, Citizen.lay_card], FillForm: _typed},
        ),
        Citizen(hall, person="li", ways={Consent: code, Confirm: HOME}),
        Citizen(hall, person="zhou", ways={Trouble: Chosen("window")}),
        Citizen(hall, person="zhang", ways={Consent: code, Confirm: _nonsense}),
        copier(hall, Papers("card", "card_back", ways=("other_side", "enough")), FOR, person="copier"),
        copier(hall, Papers("card", ways=("one_side",)), FOR, person="copier", ways={Confirm: HOME}),
        Citizen(hall, person="sun", service="ZH03"),
    ]


async def _damaged(citizen: Citizen, prompt: PlaceCard) -> None:
    """The frame with the card's text arrives damaged."""
    await citizen.do("id_card_reader", "damage_next", how="checksum")
    await citizen.lay_card(prompt)


async def _typed(citizen: Citizen, prompt: FillForm) -> Answer:
    filled = await citizen.fill(prompt)
    assert isinstance(filled, Filled)
    return Filled({**filled.values, "phone": TYPED})


def _nonsense(citizen: Citizen, prompt: Confirm) -> Answer:
    """An answer of the wrong shape: the session fails by an error, with everything known in its frames."""
    return Filled({"rows": "".join(row.value.zh for row in prompt.rows)})


class InTurn:
    """Implements `kiosk.stage.Stage`: before home, the next citizen steps up when one has finished."""

    def __init__(self, waiting: Sequence[Citizen]) -> None:
        self._all = list(waiting)
        self.now, *self._waiting = waiting

    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        if isinstance(prompt, Home) and self.now._visits == 0 and self._waiting:
            print(f"{self.now.person} {self.now.service}: {' '.join(self.now.pages)}", flush=True)
            self.now = self._waiting.pop(0)
        return await self.now.ask(prompt, place)

    def show(self, prompt: Prompt, place: Place) -> None:
        self.now.show(prompt, place)

    def warn(self, seconds_left: int | None) -> None:
        self.now.warn(seconds_left)

    def on_touch(self, listener: Callable[[], None]) -> None:
        for one in self._all:
            one.on_touch(listener)

    def beat_age(self) -> float:
        return 0.0

    async def ask_aside(self, question: Consent) -> Answer:
        return await self.now.ask_aside(question)

    async def picture(self, masked: tuple[Masked, Place] | None = None) -> bytes:
        return await self.now.picture(masked)

    def dress(self, language: str, help_phone: str) -> None:
        pass


async def serve(told: Path, hall: Hall) -> None:
    """The core with these citizens, until stdin closes."""
    settings = terminal_settings.load(told)
    everybody = citizens(hall)
    core = asyncio.create_task(
        terminal.serve(settings, load_catalogue(settings.catalogue), InTurn(everybody))
    )
    last: asyncio.Task[Any] = asyncio.create_task(everybody[-1].finished.wait())
    await asyncio.wait({core, last}, return_when=asyncio.FIRST_COMPLETED)
    if core.done():
        await core
    while not _settled(settings.data):  # noqa: ASYNC110  (a store that others write has no event)
        await asyncio.sleep(0.1)
    print("settled\n", end="", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    core.cancel()
    await asyncio.gather(core, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), pickle.loads(Path(sys.argv[2]).read_bytes())))
