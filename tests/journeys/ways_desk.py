"""A counter at which identification fails in every way: its devices, the app's issuer, and whoever comes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.devices import Kind
from config.people import FILE, person
from config.settings import IdentificationSettings
from hall.platform.demo_seal import open_seal
from kiosk import prompts as p
from kiosk.prompts import Answer, Chosen
from kiosk.steps import by_face
from tests.hall.platform.issuer import Issuer, new_issuer
from tests.journeys.counter import Counter, open_counter
from tests.journeys.counter_devices import CodeScanner, Ready
from tests.journeys.counter_judge import Seen
from tests.journeys.counter_stage import Customer, Row, Way
from tests.journeys.ways_devices import Face, IdReader, SocialReader

NO_PHONE = "li"  # has none on file here


@dataclass
class Desk:
    """The counter, its devices by name, and the issuer of app codes."""

    counter: Counter
    reader: IdReader
    social: SocialReader
    scanner: CodeScanner
    face: Face
    issuer: Issuer

    def visit(
        self, key: str, service: str = "SB01", values: Mapping[str, p.Value] | None = None, **ways: Way
    ) -> Seen:
        """Somebody comes; `ways` by the names of the pages."""
        answers = {getattr(p, page): way for page, way in ways.items()}
        return self.counter.serve(Row(service, key, values or {}, ways=answers))

    def app(self, key: str) -> str:
        """A fresh code of somebody's app."""
        return self.issuer.code(key, self.counter.clock())

    def holds(self, *codes: Callable[[], str]) -> Callable[[Customer, p.HoldCode], None]:
        """Holds these codes before the scanner, one each time that the page asks."""
        left = list(codes)

        def way(customer: Customer, page: p.HoldCode) -> None:
            self.scanner.hold(left.pop(0)())

        return way

    def inserts(self, *keys: str) -> Callable[[Customer, p.PlaceCard], None]:
        """Lays the identity card first, and these social security cards where one is asked for."""
        left = list(keys)

        def way(customer: Customer, page: p.PlaceCard) -> None:
            if page.card == "social":
                self.social.lay(person(left.pop(0)))
            else:
                customer.lay_card(page)

        return way


@contextmanager
def open_desk(folder: Path) -> Iterator[Desk]:
    """A counter of its own, staffed."""
    folder.mkdir(parents=True)
    (folder / "authority").mkdir()
    open_seal(folder / "authority")
    issuer = new_issuer(folder)
    people = folder / "people.toml"
    text = FILE.read_text(encoding="utf-8")
    people.write_text(text.replace(f'phone = "{person(NO_PHONE).phone}"\n', ""), encoding="utf-8")
    reader, social, scanner, face = IdReader(), SocialReader(), CodeScanner(), Face()
    more: dict[Kind, Any] = {
        Kind.ID_CARD_READER: reader,
        Kind.SOCIAL_CARD_READER: social,
        Kind.CODE_SCANNER: scanner,
        Kind.PERSON_CAMERA: Ready(),
    }
    seals = folder / "authority"
    with open_counter(folder / "hall", seals, more=more, app_trust=issuer.trust, people=people) as counter:
        counter.parts.face = face  # type: ignore[assignment]
        rest, by_face.REST_SECONDS = by_face.REST_SECONDS, 0.0
        try:
            yield Desk(counter, reader, social, scanner, face, issuer)
        finally:
            by_face.REST_SECONDS = rest
    shutil.rmtree(seals)


def tidy(desk: Desk) -> None:
    """As it was when it was new."""
    desk.reader.fails.clear()
    desk.reader.differently.clear()
    desk.social.secrets.clear()
    desk.face.verdicts.clear()
    desk.face.fault = ""
    desk.counter.phones.broken = False
    plugged(desk)
    staffed(desk, True)


def plugged(desk: Desk) -> None:
    """Puts the readers' cables back, and waits until they are ready."""
    desk.reader.out = desk.social.out = False
    end = time.monotonic() + 60
    while not all(
        desk.counter.parts.devices.ready(one) for one in (Kind.ID_CARD_READER, Kind.SOCIAL_CARD_READER)
    ):
        assert time.monotonic() < end, "a reader never came back"
        time.sleep(0.02)


def staffed(desk: Desk, there: bool) -> None:
    """Whether somebody of the hall is there."""
    told = IdentificationSettings(staffed=there)
    desk.counter.parts.settings = desk.counter.parts.settings.model_copy(update={"identification": told})


# ── ways to answer ──────────────────────────────────────────────────────────
def turns(*answers: Any) -> Callable[[Customer, Any], Any]:
    """One answer after the other; the last again and again. Those that can be called are called."""
    left = list(answers)

    def way(customer: Customer, page: Any) -> Any:
        answer = left.pop(0) if len(left) > 1 else left[0]
        return answer(customer, page) if callable(answer) else answer

    return way


def picks(*wanted: str) -> Callable[[Customer, Any], Answer]:
    """Of each page with options the first of these that is offered and open."""

    def way(customer: Customer, page: p.ChooseOne | p.Trouble) -> Answer:
        offered = [one.value for one in page.options if one.reason is None]
        found = [one for one in wanted if one in offered]
        assert found, f"none of {wanted} is offered: {offered}"
        return Chosen(found[0])

    return way


def agrees(customer: Customer, page: p.Consent) -> Answer:
    """To everything."""
    return Chosen("agree")


# ── what was seen ───────────────────────────────────────────────────────────
def troubles(seen: Seen) -> list[str]:
    """The codes that were told, in order."""
    return [one.code for one in seen.trail if isinstance(one, p.Trouble)]


def pages(seen: Seen, page: type) -> list[Any]:
    """The prompts of one class."""
    return [one for one in seen.trail if isinstance(one, page)]


def offers(seen: Seen) -> list[dict[str, str]]:
    """The means that were offered each time, each with the reason why it is closed."""
    return [
        {option.value: option.reason.zh if option.reason else "" for option in one.options}
        for one in pages(seen, p.ChooseOne)
        if {option.value for option in one.options} & {"face", "pin", "sms", "staff"}
    ]
