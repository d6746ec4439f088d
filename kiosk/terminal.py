"""The terminal: its parts made in order, its duty done, its parts closed in order.

It knows no window: `main.py` hands it a stage and the loop that it runs on.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from config import heaps
from config.catalogue_files import Catalogue
from config.devices import Kind
from config.identifiers import uuid7
from config.settings import Settings
from drivers.device import DeviceError
from kiosk import catalogue_release, drafts, log_file
from kiosk.aloud import SpokenStage
from kiosk.backstage import Backstage
from kiosk.control import Control, obeying
from kiosk.data.ledger import Ledger
from kiosk.data.store import Store
from kiosk.data.vault import Vault
from kiosk.devices.counters import Counters
from kiosk.devices.devices import Devices
from kiosk.enrolment.certificate_watch import WATCH_SECONDS, CertificateWatch
from kiosk.face_check import FaceCheck
from kiosk.frequent import Frequent
from kiosk.guide_lights import GuideLights
from kiosk.health import Health
from kiosk.in_step import to_next
from kiosk.link.sender import Sender
from kiosk.link.used_numbers import UsedNumbers
from kiosk.payment import Payments
from kiosk.platform import Platform
from kiosk.printing import left_paper, slips, stocked_printer
from kiosk.reception import get_ready, receive
from kiosk.reconcile import RECONCILE_SECONDS, Reconciling
from kiosk.remote.command_desk import CommandDesk
from kiosk.remote.in_view import InView
from kiosk.remote.remote import Remote, listen
from kiosk.software import software
from kiosk.stage import HearsCodes, Stage
from kiosk.technician import running_time, touch_panel
from kiosk.technician.workshop import open_workshop
from mqtt import outbox
from mqtt.link import Link, Listeners
from mqtt.messages import CommandGiven, Stored
from mqtt.topics import TerminalPath

DESTROY_SECONDS = 3600.0  # between looks for what was kept long enough
LIGHTS_SECONDS = 60.0  # until guide lights that failed by a program error are kept again
RELEASE_SECONDS = 1.0  # between glances at which release of the catalogue is in use
TOUCH_SECONDS = 60.0  # between looks whether X still maps the touch panel as it was calibrated
TRAY_SECONDS = 4.0  # between looks into the printer's tray while nobody is served
HOME_SECONDS = 0.5  # for the home page to be drawn, before more is loaded behind it
FAREWELL_SECONDS = 20.0  # how long a filing or a print under way may still take when the terminal stops
_log = structlog.get_logger("kiosk")


async def serve(settings: Settings, catalogue: Catalogue, stage: Stage) -> bool:
    """Runs the terminal until cancelled, or until it is to be started again: then True.

    Raises StoreError or VaultError when it cannot start.
    """
    async with contextlib.AsyncExitStack() as closing:
        closing.enter_context(log_file.kept(settings.data))
        store = await asyncio.to_thread(Store, settings.data)
        closing.push_async_callback(asyncio.to_thread, store.close)
        counters = await asyncio.to_thread(Counters, store, settings.devices)
        closing.push_async_callback(counters.close)
        backstage, health, sender = _parts(settings, catalogue, stage, store, counters)
        lights = GuideLights(stage, backstage.devices)
        voice = SpokenStage(
            lights,
            backstage.devices,
            lambda: backstage.settings.screen.language,
            lambda: backstage.settings.screen.speak,
        )
        view = InView(voice)
        backstage = replace(backstage, stage=view)
        remote = listen(backstage, health, view)
        counters.start()
        closing.callback(backstage.face.close)
        closing.push_async_callback(backstage.platform.close)
        backstage.devices.start(cameras_after=HOME_SECONDS)
        closing.push_async_callback(backstage.devices.close)
        closing.push_async_callback(voice.close)
        link = _link(settings, store, sender, health, remote, _release(catalogue))
        closing.push_async_callback(asyncio.to_thread, link.close)
        sender.attach(link)
        closing.push_async_callback(sender.close)
        await backstage.ledger.end_broken_sessions()
        health.start(link, sender.keep_health)
        closing.push_async_callback(health.close)
        remote.configuration.start(link)
        closing.push_async_callback(remote.configuration.close)
        closing.push_async_callback(backstage.doings.close, FAREWELL_SECONDS)
        closing.push_async_callback(slips.put_away, backstage)
        closing.push_async_callback(left_paper.close, backstage.tray)
        reconciling = Reconciling(backstage, health)
        closing.push_async_callback(reconciling.close)
        await reconciling.first()
        await remote.desk.start()
        closing.push_async_callback(remote.desk.close)
        control = Control(settings.data, obeying(backstage, lambda: health.serving, remote.maintain))
        closing.push_async_callback(control.close)
        await control.start()
        certificate = CertificateWatch(
            settings.data, settings.identity.enrolled, health.set_fault, link.reconnect
        )
        releases = [
            catalogue_release.keep_renewing(backstage),
            _keep_release_told(backstage, link, _release(catalogue)),
        ]
        rounds = _rounds(backstage, health, lights, reconciling, certificate)
        async with _meanwhile([*rounds, *releases]):
            shop = await open_workshop(stage, backstage, health, remote, lights, counters)
            return await _until_restart(receive(backstage, health, remote.doors, shop), remote.desk)


def _rounds(
    backstage: Backstage,
    health: Health,
    lights: GuideLights,
    reconciling: Reconciling,
    certificate: CertificateWatch,
) -> list[Coroutine[Any, Any, None]]:
    """What a terminal does beside receiving citizens, for ever."""
    return [
        _for_ever(reconciling.round, RECONCILE_SECONDS),
        _for_ever(lambda: _destroy_keys(backstage), DESTROY_SECONDS),
        _for_ever(lights.keep, LIGHTS_SECONDS),
        _for_ever(lambda: _look_into_tray(backstage, health), TRAY_SECONDS),
        _for_ever(certificate.round, WATCH_SECONDS),
        _for_ever(lambda: touch_panel.watch(backstage.settings.data), TOUCH_SECONDS),
        _for_ever(lambda: running_time.write_down(backstage.ledger), running_time.WRITE_SECONDS),
        _warm(backstage, health),
    ]


@contextlib.asynccontextmanager
async def _meanwhile(works: Sequence[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Does these until the block ends."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until_restart(receiving: Coroutine[Any, Any, None], desk: CommandDesk) -> bool:
    """Receives citizens until a command wants the terminal to be started again."""
    serving = asyncio.ensure_future(receiving)
    told = asyncio.ensure_future(desk.restart.wait())
    try:
        await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        return True
    finally:
        for task in (serving, told):
            task.cancel()
        await asyncio.gather(serving, told, return_exceptions=True)


def _parts(
    settings: Settings, catalogue: Catalogue, stage: Stage, store: Store, counters: Counters
) -> tuple[Backstage, Health, Sender]:
    vault = Vault(settings.data)
    with store.read() as read:
        vault.check(read)
    ledger = Ledger(store, vault, _path(settings))
    make = stocked_printer.maker(settings.devices, store)
    devices = Devices(settings.devices, make, counted=counters.add)
    devices.on_change(counters.on_change)
    platform = Platform(settings.platform)
    if isinstance(stage, HearsCodes):
        stage.on_code(lambda text: devices.feed(Kind.CODE_SCANNER, text))
    health = Health(settings, stage, devices, platform, ledger, lambda: _depth(store), counters)
    backstage = Backstage(
        settings=settings,
        catalogue=catalogue,
        stage=stage,
        devices=devices,
        platform=platform,
        ledger=ledger,
        payments=Payments(platform, ledger),
        face=FaceCheck(settings.face, devices),
        platform_open=lambda: health.platform_open,
        linked=lambda: health.linked,
        set_fault=health.set_fault,
        frequent=Frequent(settings.data / "frequent.json"),
    )
    sender = Sender(
        store,
        _path(settings),
        settings.link.keep_days,
        on_refused=lambda message, code: health.set_fault("link_refused", True),
        vault=vault,
        megabytes=settings.link.outbox_megabytes,
        on_full=lambda full: health.set_fault("outbox_full", full),
        on_gone=lambda number: health.set_fault("link_gone", True),
        on_turned_away=lambda away: health.set_fault("link_turned_away", away),
    )
    return backstage, health, sender


def _link(
    settings: Settings, store: Store, sender: Sender, health: Health, remote: Remote, catalogue: str
) -> Link:
    def connection(connected: bool) -> None:
        sender.on_connection(connected)
        health.connection(connected)
        remote.configuration.connection(connected)

    def reused(again: bool) -> None:
        health.set_fault("link_numbers_reused", True)
        if not again:
            soon = datetime.now(UTC) + timedelta(days=1)
            remote.desk.take(CommandGiven(uuid7(), "restart", soon.isoformat(timespec="seconds")))

    numbers = UsedNumbers(store, reused)

    def stored(told: Stored) -> None:
        sender.on_stored(told)
        numbers.on_stored(told)

    listeners = Listeners(
        ack=sender.on_ack,
        host_state=sender.on_host_state,
        connection=connection,
        puback=sender.on_puback,
        stored=stored,
        command=remote.desk.take,
        desired=remote.configuration.take,
        birth_asked=health.report_soon,
    )
    loop = asyncio.get_running_loop()
    return Link(settings.link, _path(settings), store.boot, software(), listeners, loop, catalogue)


def _release(catalogue: Catalogue) -> str:
    """The release in use, as the hall is told; nothing for the built-in catalogue."""
    return str(catalogue.release or "")


async def _keep_release_told(backstage: Backstage, link: Link, told: str) -> None:
    """Reception takes up a new catalogue between two citizens; then the hall hears of it. For ever."""
    while True:
        await asyncio.sleep(to_next(RELEASE_SECONDS))
        if (now := _release(backstage.catalogue)) != told:
            told = now
            link.tell_catalogue(told)


def _path(settings: Settings) -> TerminalPath:
    return TerminalPath(settings.identity.area, settings.identity.hall, settings.identity.kiosk)


def _depth(store: Store) -> int:
    with store.read() as read:
        return outbox.depth(read)


async def _for_ever(work: Callable[[], Awaitable[None]], pause: float) -> None:
    """Does `work` again and again. One that fails is logged and comes again: it is nobody's to lose."""
    while True:
        try:
            await work()
        except Exception as error:
            _log.error("failed", work=getattr(work, "__name__", ""), error=type(error).__name__)
        await asyncio.sleep(to_next(pause))


async def _look_into_tray(backstage: Backstage, health: Health) -> None:
    """A print may end after its session has, and a stop may have left paper there."""
    if not health.serving:
        await left_paper.look(backstage)


async def _destroy_keys(backstage: Backstage) -> None:
    """Destroys the keys of sessions past their retention, and sealed copies and drafts past theirs."""
    told = backstage.settings
    days, hours = told.session.retention_days, told.printing.reprint_hours
    await backstage.ledger.destroy_expired_keys(time.time(), days, hours)
    await asyncio.to_thread(drafts.purge, backstage.settings.data)


async def _warm(backstage: Backstage, health: Health) -> None:
    """Loads what a visit needs, then the face models, behind the home page."""
    await asyncio.sleep(HOME_SECONDS)
    await asyncio.to_thread(get_ready)
    try:
        await backstage.face.warm()
        heaps.give_back()  # what reading the models took
        health.set_fault("face_models_missing", False)
    except DeviceError as error:
        health.set_fault(error.code, True)
