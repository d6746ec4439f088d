"""A citizen who answers prompts: the stage of tests, with hands at the bench.

Every page has a usual answer, so that a whole journey needs no script; a test
says only what is different. The trail tells which pages were shown.
"""

from __future__ import annotations

import asyncio
import inspect
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from config.people import people
from drivers.virtual.virtual_device import VirtualDevice
from kiosk import prompts as p
from kiosk.prompts import Answer, Chosen, Filled, Place, Prompt, Rated, Signed
from kiosk.stage import GoBack, GoHome
from tests.journeys.hall import Hall

Way = Answer | BaseException | Callable[["Citizen", Any], Any] | None  # None: waits, a device answers


class Citizen:
    """Implements `kiosk.stage.Stage`.

    `ways` says how pages are answered: class → one way, or several in turn (the
    last one again and again). `visits` sessions are played, then the citizen
    stays at home.
    """

    def __init__(
        self,
        hall: Hall,
        *,
        person: str = "zhang",
        service: str = "SB01",
        ways: Mapping[type, Way | Sequence[Way]] | None = None,
        visits: int = 1,
    ) -> None:
        self.hall, self.person, self.service = hall, person, service
        self.trail: list[Prompt] = []
        self.places: list[Place] = []
        self.warnings: list[int | None] = []
        self.finished = asyncio.Event()
        self.hung_since: float | None = None  # set it to play a window that hangs
        self.before_camera = ""  # somebody else's photograph
        self.brought: dict[str, VirtualDevice] = {}  # by name, those that the bench does not have
        self.asides: list[p.Consent] = []  # what staff asked besides
        self.aside: Answer | None = None  # what is said to that; None: nothing
        self.patient = True  # a device that still opens is waited for
        self._visits = visits
        self._ways: dict[type, list[Way]] = {
            page: list(way) if isinstance(way, Sequence) else [way] for page, way in (ways or {}).items()
        }
        self._lifting: asyncio.Future[None] | None = None
        self._touched: Callable[[], None] = lambda: None

    # ── the stage ───────────────────────────────────────────────────────────
    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        self.show(prompt, place)
        way = self._way(prompt)
        if callable(way):
            way = way(self, prompt)
            if inspect.isawaitable(way):
                way = await way
        if way is None:
            await asyncio.Event().wait()
        self._touched()
        if isinstance(way, BaseException):
            raise way
        assert isinstance(way, Chosen | Filled | Rated | Signed | p.StaffSaid)
        return way

    def show(self, prompt: Prompt, place: Place) -> None:
        self.trail.append(prompt)
        self.places.append(place)
        if isinstance(prompt, p.PlaceCard) and prompt.scene is p.CardScene.REMOVE:
            reader = "social_card_reader" if prompt.card == "social" else "id_card_reader"
            self._lifting = asyncio.ensure_future(self.do(reader, "take"))

    def warn(self, seconds_left: int | None) -> None:
        if not self.warnings or self.warnings[-1] != seconds_left:
            self.warnings.append(seconds_left)

    def on_touch(self, listener: Callable[[], None]) -> None:
        self._touched = listener

    def beat_age(self) -> float:
        return 0.0 if self.hung_since is None else time.monotonic() - self.hung_since

    async def ask_aside(self, question: p.Consent) -> Answer:
        self.asides.append(question)
        if self.aside is None:
            await asyncio.Event().wait()
        assert self.aside is not None
        return self.aside

    async def picture(self, masked: tuple[p.Masked, Place] | None = None) -> bytes:
        """What a window would draw: the words of what is in view, or of the masked copy."""
        shown = masked[0] if masked is not None else self.trail[-1]
        return b"\x89PNG" + repr(shown).encode()

    def dress(self, language: str, help_phone: str) -> None:
        """A citizen looks at what is asked, whatever the frame around it says."""

    # ── what was shown ──────────────────────────────────────────────────────
    @property
    def pages(self) -> list[str]:
        """The names of the pages shown, the same one in a row named once."""
        shown = [type(prompt).__name__ for prompt in self.trail]
        names = [name for n, name in enumerate(shown) if n == 0 or shown[n - 1] != name]
        while names[2:3] == ["Home"]:  # came too early: the devices were still opening
            names = names[2:]
        return names

    def last(self, page: type) -> Any:
        """The last prompt of this class that was shown."""
        found = [prompt for prompt in self.trail if isinstance(prompt, page)]
        assert found, f"{page.__name__} was never shown; the trail is {self.pages}"
        return found[-1]

    def troubles(self) -> list[str]:
        """The fault codes told, in order."""
        return [prompt.code for prompt in self.trail if isinstance(prompt, p.Trouble)]

    # ── the usual ways ──────────────────────────────────────────────────────
    def _way(self, prompt: Prompt) -> Way:
        own = self._ways.get(type(prompt))
        if own is not None:
            return own.pop(0) if len(own) > 1 else own[0]
        return _USUAL[type(prompt)]

    async def home(self, prompt: p.Home) -> Answer | None:
        if self._visits == 0:
            self.finished.set()
            return None
        self._visits -= 1
        return Chosen({"SB": "1"}.get(self.service[:2], "8"))

    async def choose_service(self, prompt: p.ChooseService) -> Answer | BaseException:
        """The service; while it is greyed, a patient citizen comes again."""
        option = next(o for o in prompt.options if o.value == self.service)
        if option.reason is None:
            return Chosen(self.service)
        if self.patient:
            await asyncio.sleep(0.2)
            self._visits += 1
        return GoHome()

    async def lay_card(self, prompt: p.PlaceCard) -> None:
        await self.do("id_card_reader", "take")
        await self.do("id_card_reader", "put", person=self.person)

    async def show_app(self, prompt: p.HoldCode) -> None:
        """Opens the app on the phone and holds its code before the scanner."""
        await self.do("phone", "show_code", person=self.person)
        state = await asyncio.to_thread(self.hall.state)
        await self.hold("scan", text=state["phone"]["code"])

    async def hold(self, action: str, **arguments: Any) -> None:
        """Holds a code before the scanner until the page goes: a terminal on a busy computer may begin to
        listen a moment after it has asked, and forgets what was scanned before."""
        while True:
            await self.do("code_scanner", action, **arguments)
            await asyncio.sleep(5.0)

    async def choose_one(self, prompt: p.ChooseOne) -> Answer:
        """The first answer; of the means a face, and a code once the camera was tried or refused."""
        options = [option.value for option in prompt.options if option.reason is None]
        since = self.pages[::-1]
        since = since[: since.index("PlaceCard")] if "PlaceCard" in since else since
        if "sms" in options and "Consent" in since:
            return Chosen("sms")
        await asyncio.sleep(0.2)
        return Chosen(options[0])

    async def step_before_camera(self, prompt: p.LookAtCamera) -> None:
        live = people()[self.person].live.rpartition(".")[0]
        await self.do("person_camera", "show", who=self.before_camera or live or "nobody")

    async def pay(self, prompt: p.Pay) -> None:
        """Scans the code with the phone and pays."""
        await self.do("phone", "scan", code=prompt.code)
        await self.do("phone", "pay")

    async def read_code(self, prompt: p.EnterCode) -> Answer:
        """Looks at the phone for the code."""
        for _ in range(1200):
            messages = await asyncio.to_thread(self.hall.messages)
            for message in messages:
                if found := re.search(rf"\b\d{{{prompt.digits}}}\b", message["text"]):
                    return Chosen(found[0])
            await asyncio.sleep(0.05)
        raise AssertionError("no text message came")

    async def do(self, device: str, action: str, **arguments: Any) -> None:
        """Does something at the bench, or at a device that the test has brought along."""
        if device in self.brought:
            await asyncio.to_thread(self.brought[device].act, action, **arguments)
        else:
            await asyncio.to_thread(self.hall.act, device, action, **arguments)

    async def fill(self, prompt: p.FillForm) -> Answer:
        """Leaves what is prefilled or optional and takes the first option of the rest."""
        values: dict[str, p.Value] = {}
        for field in prompt.fields:
            if field.locked:
                continue
            if not field.required and not field.options:
                values[field.key] = field.value
                continue
            first = field.options[0].value if field.options else "2026-01"
            value = field.value or ((first,) if field.kind is p.FieldKind.CHOICES else first)
            values[field.key] = value
        return Filled(values)


async def first_option(citizen: Citizen, prompt: Any) -> Answer:
    """The main way of a page with options, after a breath: whoever tries again does not try at once."""
    await asyncio.sleep(0.2)
    return Chosen(prompt.options[0].value)


def choose(value: str) -> Way:
    """Always this value."""
    return Chosen(value)


BACK, HOME = GoBack(), GoHome()
_USUAL: dict[type, Way] = {
    p.Home: Citizen.home,
    p.ChooseService: Citizen.choose_service,
    p.Guide: Chosen("start"),
    p.PlaceCard: Citizen.lay_card,
    p.Consent: Chosen("agree"),
    p.LookAtCamera: Citizen.step_before_camera,
    p.EnterCode: Citizen.read_code,
    p.HoldCode: Citizen.show_app,
    p.EnterPin: Chosen("123456"),
    p.StaffCheck: p.StaffSaid("1001", "246810"),
    p.FillForm: Citizen.fill,
    p.Confirm: Chosen("confirm"),
    p.Pay: Citizen.pay,
    p.TakePaper: Chosen("taken"),
    p.ShowResult: lambda citizen, prompt: Chosen(prompt.actions[0].value),
    p.Rate: Rated(5, ("516", "517")),
    p.Trouble: first_option,
    p.ChooseOne: Citizen.choose_one,
    p.Goodbye: Chosen("done"),
}
