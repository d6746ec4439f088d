"""What a terminal still has to say under its name before it gives it up: sent to the end, or counted."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

from config.settings import LinkSettings, Settings, TlsSettings
from kiosk.data import records
from kiosk.data.store import Store
from kiosk.data.vault import Vault
from kiosk.enrolment.identity import Identity
from kiosk.link import hall_answers
from kiosk.link.sender import Sender
from kiosk.software import software
from mqtt import outbox
from mqtt.link import Link
from mqtt.messages import Stored
from mqtt.topics import TerminalPath


def unsettled(store: Store) -> list[str]:
    """What nobody knows the end of yet, one line each: kind, state and number of the record."""
    with store.read() as read:
        return [f"{one.kind} {one.state}, record {one.id}" for one in records.open_records(read)]


def unsent(store: Store) -> int:
    """How many messages the hall has not acknowledged."""
    with store.read() as read:
        return outbox.depth(read)


def send(settings: Settings, store: Store, found: Identity, seconds: float) -> int:
    """Sends what waits, as whom the certificate says, for so long; returns how many messages are left.

    No terminal may run on the store, which stays its owner's.
    """
    return asyncio.run(_send(settings, store, found, seconds)) if unsent(store) else 0


async def _send(settings: Settings, store: Store, found: Identity, seconds: float) -> int:
    path = TerminalPath(*found.home.terminal.split("/"))
    folder = found.folder
    tls = TlsSettings(
        authority=folder / "authority.pem", certificate=folder / "certificate.pem", key=folder / "key.pem"
    )
    line = LinkSettings(
        host=found.home.broker_host, port=found.home.broker_port, protocol=settings.link.protocol, tls=tls
    )
    news, loop = asyncio.Event(), asyncio.get_running_loop()
    away, answered = False, "nothing yet"

    def turned_away(now: bool) -> None:
        nonlocal away
        away = now
        news.set()

    def stored(told: Stored) -> None:
        nonlocal answered
        answered = told.generation
        sender.on_stored(told)

    vault = Vault(settings.data)
    sender = Sender(store, path, settings.link.keep_days, vault=vault, on_turned_away=turned_away)
    store.on_commit(lambda: None if loop.is_closed() else _wake(loop, news))
    async with contextlib.AsyncExitStack() as closing:
        listeners = replace(sender.listeners, stored=stored)
        link = await asyncio.to_thread(Link, line, path, store.boot, software(), listeners, loop)
        closing.push_async_callback(asyncio.to_thread, link.close)
        sender.attach(link)
        closing.push_async_callback(sender.close)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                # A hall whose life of the store is news may be given again what it had acknowledged.
                while (unsent(store) or _known(store) != answered) and not away:
                    await news.wait()
                    news.clear()
    return unsent(store)


def _known(store: Store) -> str:
    """Which life of the hall's store has all that it acknowledged."""
    with store.read() as read:
        return hall_answers.generation(read)


def _wake(loop: asyncio.AbstractEventLoop, news: asyncio.Event) -> None:
    """On the writer's thread: what was sent may have been acknowledged."""
    loop.call_soon_threadsafe(news.set)
