"""A counter: the real core and the real platform, over HTTP, with devices that need no time.

Every service is played here through its prompts by citizens of a table. A row says who comes, what he fills
in, and what must come of it:

    Row("SB01", "zhang", {"purpose": "home"}, paper=("张明远", "196"), stored={"state": "accepted"})

`values` are of the form; what is not said keeps what is prefilled, else the first option. `paper` are texts
that stand on the last certificate, `slip` on the last receipt, `told` on some page that was shown (results,
tables, trouble); blanks are no matter. `stored` is compared with the platform's case: its columns, and those
of its result. `outcome` is how the visit ended. `ways` answer pages otherwise than usual. A row with
`refused` is a citizen who must be told no, in these words, and of whom no accepted case is stored.

One file a theme, `services_NAME.py`, has its rows in `ROWS`; `test_services.py` plays them all, in the order
of the file, against one platform a file, whose day is 2026-11-22, half past nine.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import create_engine, text

from config.catalogue_files import Catalogue, load_catalogue
from config.devices import Kind
from config.people import FILE, person
from config.settings import IdentificationSettings, Identity, PlatformSettings, PrintingSettings, Settings
from config.strokes import Point, Strokes
from config.words import Words, words
from hall.platform.settings import ServerSettings
from kiosk import journey, stock
from kiosk import prompts as p
from kiosk.backstage import Backstage
from kiosk.devices import Devices
from kiosk.face_check import FaceCheck
from kiosk.ledger import Ledger
from kiosk.payment import Payments
from kiosk.platform import Platform
from kiosk.prompts import Answer, Chosen, Filled, Prompt
from kiosk.referral import refer
from kiosk.session import IdleClock, Outcome, Session
from kiosk.stage import GoBack, GoHome
from kiosk.store import Store
from kiosk.vault import Vault
from kiosk.visit import Leave, Visit
from mqtt.topics import TerminalPath
from tests.hall.platform.conftest import Clock, serving
from tests.hall.platform.phones import Phones, open_phones
from tests.hall.platform.terminal import TOKEN, Terminal
from tests.journeys import counter_devices
from tests.journeys.counter_devices import CardReader, ReceiptPrinter

PATIENCE = 120.0
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
class Seen:
    """What a visit left: pages, papers, the platform's row."""

    trail: list[Prompt]
    papers: list[bytes]
    slips: list[str]
    case: dict[str, Any] | None
    outcome: str

    def words(self) -> str:
        """All Chinese that was shown, without blanks."""
        return "".join("".join(_spoken(prompt)) for prompt in self.trail)


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


class Counter:
    """One platform and one terminal, for as many visits as are played in turn."""

    def __init__(
        self, folder: Path, parts: Backstage, loop: asyncio.AbstractEventLoop, phones: Phones
    ) -> None:
        self.folder, self.parts, self.phones = folder, parts, phones
        self._loop = loop
        self._made = 0
        self.clock = Clock()
        self.devices: dict[Kind, Any] = {}

    @property
    def reader(self) -> CardReader:
        found = self.devices[Kind.ID_CARD_READER]
        assert isinstance(found, CardReader)
        return found

    def serve(self, row: Row) -> Seen:
        """Plays one visit to its end."""
        return asyncio.run_coroutine_threadsafe(self._serve(row), self._loop).result(PATIENCE)

    @contextmanager
    def line(self) -> Iterator[Terminal]:
        """Another terminal's line to the same platform."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        url = self.parts.settings.platform.url
        with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as http:
            yield Terminal(http)

    def pay(self, code: str) -> None:
        """Pays an order at the test cashier."""
        httpx.post(f"{code}/pay", timeout=30, trust_env=False).raise_for_status()

    def rows(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """Rows of the platform's own database."""
        engine = create_engine(f"sqlite:///{self.folder / 'platform' / 'platform.db'}")
        try:
            with engine.connect() as read:
                return [dict(row._mapping) for row in read.execute(text(sql), values)]
        finally:
            engine.dispose()

    async def _serve(self, row: Row) -> Seen:
        self._made += 1
        customer = Customer(self, row)
        self.parts.stage = customer
        session = Session(f"visit-{self._made}", service=row.service)
        visit = Visit(
            self.parts.catalogue.services[row.service],
            session,
            IdleClock(self.parts.settings.session),
            self.parts,
        )
        printers = [self.devices[kind] for kind in (Kind.A4_PRINTER, Kind.SPECIAL_PRINTER)]
        before = [len(printer.papers) for printer in printers]
        slips: ReceiptPrinter = self.devices[Kind.RECEIPT_PRINTER]
        printed = len(slips.slips)
        stored = {one["key"] for one in self.rows("SELECT key FROM cases")}
        try:
            await journey.play(visit)
        except Leave as left:
            session.outcome = left.outcome
            if left.outcome is Outcome.REFERRED:
                await refer(visit, left.why)
        except (GoHome, GoBack):
            pass
        await self.parts.doings.close(30)
        cases = [one for one in self.rows("SELECT * FROM cases ORDER BY rowid") if one["key"] not in stored]
        papers = [paper for n, printer in enumerate(printers) for paper in printer.papers[before[n] :]]
        return Seen(
            customer.trail, papers, slips.slips[printed:], cases[0] if cases else None, session.outcome
        )


def judge(row: Row, seen: Seen) -> None:
    """Everything that the row promises."""
    said = seen.words()
    if row.refused:
        assert _plain(row.refused) in said, f"never told; the last words: {said[-300:]}"
        assert seen.case is None or json.loads(seen.case["result"])["state"] == "refused"
        return
    pages = [type(prompt).__name__ for prompt in seen.trail]
    assert "Trouble" not in pages, [prompt.what.zh for prompt in seen.trail if isinstance(prompt, p.Trouble)]
    for wanted in row.told:
        assert _plain(wanted) in said, f"{wanted} was never told"
    if row.paper:
        assert seen.papers, "no paper came out"
        printed = _plain(written(seen.papers[-1]))
        for wanted in row.paper:
            assert _plain(wanted) in printed, f"{wanted} does not stand on the paper: {printed[:600]}"
    if row.slip:
        assert seen.slips, "no receipt came out"
        for wanted in row.slip:
            assert _plain(wanted) in _plain(seen.slips[-1]), f"{wanted} is not on {seen.slips[-1]}"
    if row.stored:
        assert seen.case is not None, "no case was filed"
        told = {
            **seen.case,
            **json.loads(seen.case["result"]),
            **json.loads(seen.case["submission"])["values"],
        }
        for key, value in row.stored.items():
            assert told.get(key) == value, f"{key} is {told.get(key)!r}, not {value!r}"
    if row.outcome:
        assert seen.outcome == row.outcome


def written(pdf: bytes) -> str:
    """The text of a PDF."""
    made = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, timeout=60, check=True
    )
    return made.stdout.decode()


@contextmanager
def open_counter(
    folder: Path,
    authority: Path,
    catalogue: Catalogue | None = None,
    folders: tuple[Path, ...] = (),
    more: Mapping[Kind, Any] | None = None,
    app_trust: Path | None = None,
    people: Path = FILE,
) -> Iterator[Counter]:
    """A counter in `folder`; `authority` has the platform's keys, `folders` further services of both.

    `more` are devices besides the usual ones, or in their place; `app_trust` is whose app codes are believed;
    `people` are whom the platform knows.
    """
    shutil.copytree(authority, folder / "platform")
    with ExitStack() as opened:
        phones = opened.enter_context(open_phones())
        clock = Clock()
        told = ServerSettings(
            data=folder / "platform",
            port=0,
            tokens=(TOKEN,),
            sms_url=phones.url,
            demo=True,
            code_pause_seconds=0,
            codes_per_hour=9999,
            catalogue=folders,
            app_trust=app_trust,
            people=people,
        )
        line = opened.enter_context(serving(told, clock))
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        opened.callback(_end, loop, thread)
        devices: dict[Kind, Any] = {kind: counter_devices.make(kind) for kind in counter_devices.KINDS}
        devices |= more or {}
        url = str(line.http.base_url).rstrip("/")
        parts = _now(loop, _parts(folder, url, devices, catalogue or load_catalogue(folders), clock))
        opened.callback(lambda: _now(loop, _close(parts)))
        counter = Counter(folder, parts, loop, phones)
        counter.clock, counter.devices = clock, devices
        yield counter


async def _parts(
    folder: Path, url: str, devices: Mapping[Kind, Any], catalogue: Catalogue, clock: Clock
) -> Backstage:
    settings = Settings(
        identity=Identity(
            area="330100", hall="demo", kiosk="K001", hall_name=Words("示例大厅", "Hall"), help_phone="12345"
        ),
        data=folder / "terminal",
        platform=PlatformSettings(
            url=url, public=url, token=TOKEN, timeout_seconds=60, trust=folder / "platform" / "root.pem"
        ),
        identification=IdentificationSettings(staffed=True),
        printing=PrintingSettings(),
        devices=counter_devices.settings(devices),
    )
    store = Store(settings.data)
    supervisor = Devices(settings.devices, lambda one: devices[one.kind])
    platform, ledger = Platform(settings.platform), Ledger(store, Vault(settings.data), PATH)
    await store.write(lambda tx: stock.load(tx, Kind.SPECIAL_PRINTER, 500, "Z0000001"))
    supervisor.start()
    for kind in devices:
        assert await supervisor.becomes_ready(kind, 60)
    return Backstage(
        settings=settings,
        catalogue=catalogue,
        stage=Customer(None, Row("", "")),  # type: ignore[arg-type]  # a visit brings its own
        devices=supervisor,
        platform=platform,
        ledger=ledger,
        payments=Payments(platform, ledger),
        face=FaceCheck(settings.face, supervisor),
        platform_open=lambda: True,
        today=lambda: clock().date(),
        now=lambda: datetime.combine(clock().date(), clock().time()),
    )


PATH = TerminalPath("330100", "demo", "K001")


async def _close(parts: Backstage) -> None:
    await parts.doings.close(30)
    parts.face.close()
    await parts.devices.close()
    await parts.platform.close()


def _now(loop: asyncio.AbstractEventLoop, work: Any) -> Any:
    return asyncio.run_coroutine_threadsafe(work, loop).result(PATIENCE)


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    loop.call_soon_threadsafe(loop.stop)
    thread.join(PATIENCE)
    loop.close()


def _spoken(value: Any) -> Iterator[str]:
    """Every Chinese text in a prompt, depth first."""
    if isinstance(value, Words):
        yield _plain(value.zh)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _spoken(one)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from _spoken(getattr(value, name))


def _plain(words: str) -> str:
    return re.sub(r"\s+", "", words)
