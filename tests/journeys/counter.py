"""A counter: the real core and the real platform, over HTTP, with devices that need no time.

Every service is played here through its prompts by citizens of a table: `counter_stage.py` has a row of it
and who comes, `counter_judge.py` what must come of it. One file a theme, `services_NAME.py`, has its rows in
`ROWS`; `test_services.py` plays them all, in the order of the file, against one platform a file, whose day is
2026-11-22, half past nine.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import create_engine, text

from config.catalogue_files import Catalogue, load_catalogue
from config.devices import Kind
from config.people import FILE
from config.settings import IdentificationSettings, Identity, PlatformSettings, PrintingSettings, Settings
from config.words import Words
from hall.platform.settings import ServerSettings
from kiosk import journey
from kiosk.backstage import Backstage
from kiosk.data import stock
from kiosk.data.ledger import Ledger
from kiosk.data.store import Store
from kiosk.data.vault import Vault
from kiosk.devices.devices import Devices
from kiosk.face_check import FaceCheck
from kiosk.payment import Payments
from kiosk.platform import Platform
from kiosk.printing.referral import refer
from kiosk.session import IdleClock, Outcome, Session
from kiosk.stage import GoBack, GoHome
from kiosk.visit import Leave, Visit
from mqtt.topics import TerminalPath
from tests.hall.platform.conftest import Clock, serving
from tests.hall.platform.phones import Phones, open_phones
from tests.hall.platform.terminal import TOKEN, Terminal
from tests.journeys import counter_devices
from tests.journeys.counter_devices import CardReader, ReceiptPrinter
from tests.journeys.counter_judge import Seen
from tests.journeys.counter_stage import Customer, Row

PATIENCE = 120.0


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
