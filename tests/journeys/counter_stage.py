"""Who comes to the counter: a row of the table, and the citizen who plays it.

A row says who comes, what he fills in, and what must come of it:

    Row("SB01", "zhang", {"purpose": "home"}, paper=("张明远", "196"), stored={"state": "accepted"})

`values` are of the form; what is not said keeps what is prefilled, else the first option. `paper` are texts
that stand on the last certificate, `slip` on the last receipt, `told` on some page that was shown (results,
tables, trouble); blanks are no matter. `stored` is compared with the platform's case: its columns, and those
of its result. `outcome` is how the visit ended. `ways` answer pages otherwise than usual. A row with
`refused` is a citizen who must be told no, in these words, and of whom no accepted case is stored.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from config.people import person
from config.strokes import Point, Strokes
from config.words import words
from kiosk import prompts as p
from kiosk.prompts import Answer, Chosen, Filled, Prompt
from kiosk.stage import GoHome

if TYPE_CHECKING:
    from tests.journeys.counter import Counter

Way = Answer | BaseException | Callable[["Customer", Any], Any] | None


@dataclass(frozen=True)
class Row:
    """One visit and what must come of it; see above."""

    service: str
    person: str
    values: Mapping[str, p.Value] = field(default_factory=dict)
    paper: tuple[str, ...] = ()
    slip: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    stored: Mapping[str, Any] = field(default_factory=dict)
    refused: str = ""
    outcome: str = ""
    ways: Mapping[type, Way] = field(default_factory=dict)

    def __str__(self) -> str:
        """For the test's name."""
        return f"{self.service}-{self.person}{'-refused' if self.refused else ''}"


@dataclass
class Customer:
    """A stage: answers each page in the usual way, or as the row says."""

    counter: Counter
    row: Row
    trail: list[Prompt] = field(default_factory=list)

    async def ask(self, prompt: Prompt, place: p.Place) -> Answer:
        self.show(prompt, place)
        way = self.row.ways.get(type(prompt), _USUAL.get(type(prompt)))
        if callable(way):
            way = way(self, prompt)
        if way is None:  # a device answers
            await asyncio.Event().wait()
        if isinstance(way, BaseException):
            raise way
        assert way is not None
        return way

    def show(self, prompt: Prompt, place: p.Place) -> None:
        self.trail.append(prompt)
        assert len(self.trail) < 200, f"it goes in circles: {[type(one).__name__ for one in self.trail[-8:]]}"

    def warn(self, seconds_left: int | None) -> None: ...
    def on_touch(self, listener: Callable[[], None]) -> None: ...
    def dress(self, language: str, help_phone: str) -> None: ...

    def beat_age(self) -> float:
        return 0.0

    async def ask_aside(self, question: p.Consent) -> Answer:
        return Chosen("other")

    async def picture(self, masked: tuple[p.Masked, p.Place] | None = None) -> bytes:
        return b""

    # ── the usual ways ──────────────────────────────────────────────────────
    def lay_card(self, prompt: p.PlaceCard) -> None:
        self.counter.reader.lay(person(self.row.person))

    def fill(self, prompt: p.FillForm) -> Answer | BaseException:
        problems = {field.key: field.problem.zh for field in prompt.fields if field.problem}
        if problems and not self.row.refused:
            raise AssertionError(f"the form is not content: {problems}")
        if problems:
            return GoHome()
        values: dict[str, p.Value] = {}
        for one in prompt.fields:
            if one.locked or (one.only_if and not one.only_if.holds({**self.row.values, **values})):
                continue
            first = one.options[0].value if one.options else ""
            usual = one.value or ((first,) if one.kind is p.FieldKind.CHOICES and first else first)
            values[one.key] = self.row.values.get(one.key, usual if one.required else one.value)
        return Filled(values)

    def choose(self, prompt: p.ChooseOne) -> Answer:
        """A means of being known is by text message; else the first answer."""
        offered = [option.value for option in prompt.options if option.reason is None]
        return Chosen("sms" if "sms" in offered else offered[0])

    def consent(self, prompt: p.Consent) -> Answer:
        """He signs commitments; no camera looks at him."""
        return Chosen("agree" if prompt.agree == words("bring.promise") else "other")

    def read_code(self, prompt: p.EnterCode) -> Answer:
        return Chosen(self.counter.phones.code())

    def look_at_page(self, prompt: p.ScanDocument) -> Answer | None:
        return Chosen(prompt.actions[0].value) if prompt.actions else None

    def pay(self, prompt: p.Pay) -> None:
        """With the phone, at the test cashier."""
        threading.Thread(target=self.counter.pay, args=(prompt.code,)).start()


def _first(customer: Customer, prompt: Any) -> Answer:
    return Chosen(prompt.actions[0].value)


def _sign(customer: Customer, prompt: p.Sign) -> Answer:
    line = tuple(Point(0.1 + 0.8 * n / 40, 0.5 + 0.3 * (n % 2), n * 0.01) for n in range(41))
    return p.Signed(Strokes((line,)))


_USUAL: dict[type, Way] = {
    p.Guide: Chosen("start"),
    p.PlaceCard: Customer.lay_card,
    p.Consent: Customer.consent,
    p.ChooseOne: Customer.choose,
    p.EnterCode: Customer.read_code,
    p.StaffCheck: p.StaffSaid("1001", "246810"),
    p.FillForm: Customer.fill,
    p.Materials: Chosen("next"),
    p.ScanDocument: Customer.look_at_page,
    p.Confirm: Chosen("confirm"),
    p.Sign: _sign,
    p.Pay: Customer.pay,
    p.ShowResult: _first,
    p.ShowTable: _first,
    p.Preview: _first,
    p.ShowCode: _first,
    p.TakePaper: Chosen("taken"),
    p.Rate: Chosen("skip"),
    p.Trouble: GoHome(),
}
